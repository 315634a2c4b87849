"""The commands of the memory tool. Their answers are contract: Claude was taught these texts."""

import re
from collections.abc import Callable

from anthropic.lib.tools import ToolError
from anthropic.types.beta import (
    BetaMemoryTool20250818CreateCommand,
    BetaMemoryTool20250818DeleteCommand,
    BetaMemoryTool20250818InsertCommand,
    BetaMemoryTool20250818RenameCommand,
    BetaMemoryTool20250818StrReplaceCommand,
    BetaMemoryTool20250818ViewCommand,
)

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.integrations.anthropic import files
from coda_graphmem.integrations.anthropic.paths import ROOT, is_below, parents, resolved
from coda_graphmem.integrations.anthropic.views import numbered, snippet, tree
from coda_graphmem.manager import MemoryManager
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH

_MOST_LINES = 999_999
_TRIES = 5
"""How often a text is changed anew where somebody else has changed it meanwhile."""


async def view(memory: MemoryManager, command: BetaMemoryTool20250818ViewCommand) -> str:
    """A folder with what it holds, or a file with numbered lines."""
    path = resolved(command.path)
    if (file := (await files.listed(memory, path)).get(path)) is not None:
        lines = file.text.split("\n")
        first, last = 1, len(lines)
        if command.view_range and len(command.view_range) == 2:
            first = max(1, command.view_range[0])
            last = last if command.view_range[1] == -1 else command.view_range[1]
        return f"Here's the content of {command.path} with line numbers:\n{numbered(lines[first - 1 : last], first)}"
    inside = await _inside(memory, path)
    if not inside and path != ROOT:
        raise ToolError(f"The path {command.path} does not exist. Please provide a valid path.")
    sizes = {one.path: len(one.text.encode("utf-8", "surrogatepass")) for one in inside}
    header = f"Here're the files and directories up to 2 levels deep in {command.path}, excluding hidden items:"
    return "\n".join([header, *tree(path, sizes)])


async def create(memory: MemoryManager, command: BetaMemoryTool20250818CreateCommand) -> str:
    """Make a file that is not there yet."""
    path = resolved(command.path)
    _check_size(command.path, command.file_text)
    there = await files.listed(memory)
    if path == ROOT or path in there or any(is_below(one, path) for one in there):
        raise ToolError(f"File {command.path} already exists")
    if blocking := next((parent for parent in parents(path) if parent in there), None):
        raise ToolError(f"The path {blocking} is a file, not a directory.")
    if not await files.create(memory, path, command.file_text):
        raise ToolError(f"File {command.path} already exists")
    return f"File created successfully at: {command.path}"


async def str_replace(memory: MemoryManager, command: BetaMemoryTool20250818StrReplaceCommand) -> str:
    """Replace a text that a file holds exactly once."""
    old, new = command.old_str, command.new_str or ""
    place = 0

    def replaced(text: str) -> str:
        nonlocal place
        places = [match.start() for match in re.finditer(re.escape(old), text)] if old else []
        if not places:
            raise ToolError(f"No replacement was performed, old_str `{old}` did not appear verbatim in {command.path}.")
        if len(places) > 1:
            lines = ", ".join(str(text.count("\n", 0, one) + 1) for one in places)
            raise ToolError(
                f"No replacement was performed. Multiple occurrences of old_str `{old}` in lines: {lines}. "
                "Please ensure it is unique"
            )
        place = places[0]
        return text[:place] + new + text[place + len(old) :]

    text = await _changed(memory, command.path, replaced)
    return (
        "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n"
        f"{snippet(text, place)}"
    )


async def insert(memory: MemoryManager, command: BetaMemoryTool20250818InsertCommand) -> str:
    """Put lines after a line of a file; 0 is before the first."""

    def with_lines(text: str) -> str:
        # At line feeds alone: what ends in a carriage return as well keeps it.
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        if not 0 <= command.insert_line <= len(lines):
            raise ToolError(
                f"Invalid `insert_line` parameter: {command.insert_line}. "
                f"It should be within the range [0, {len(lines)}]."
            )
        lines.insert(command.insert_line, command.insert_text.rstrip("\n"))
        joined = "\n".join(lines)
        return joined if joined.endswith("\n") else f"{joined}\n"

    await _changed(memory, command.path, with_lines)
    return f"The file {command.path} has been edited."


async def delete(memory: MemoryManager, command: BetaMemoryTool20250818DeleteCommand) -> str:
    """Remove a file, or a folder with all that it holds."""
    path = resolved(command.path)
    if path == ROOT:
        raise ToolError(f"Cannot delete the {ROOT} directory itself")
    gone = list((await files.listed(memory, path)).values()) or await _inside(memory, path)
    if not gone:
        raise ToolError(f"The path {command.path} does not exist")
    for file in gone:
        await memory.forget(metadata={"kept_by": files.KEEPER, "path": file.path})
    return f"Successfully deleted {command.path}"


async def rename(memory: MemoryManager, command: BetaMemoryTool20250818RenameCommand) -> str:
    """Move a file, or a folder with all that it holds, to a path where nothing is."""
    old, new = resolved(command.old_path), resolved(command.new_path)
    if old == ROOT:
        raise ToolError(f"Cannot rename the {ROOT} directory itself")
    there = await files.listed(memory)
    if new == ROOT or new in there or any(is_below(one, new) for one in there):
        raise ToolError(f"The destination {command.new_path} already exists")
    moved = [file for file in there.values() if file.path == old or is_below(file.path, old)]
    if not moved:
        raise ToolError(f"The path {command.old_path} does not exist")
    if is_below(new, old):
        raise ToolError(f"Cannot rename {command.old_path} into itself")
    if blocking := next((parent for parent in parents(new) if parent in there), None):
        raise ToolError(f"The path {blocking} is a file, not a directory.")
    for file in moved:
        await files.move(memory, file, new + file.path.removeprefix(old))
    return f"Successfully renamed {command.old_path} to {command.new_path}"


async def clear(memory: MemoryManager) -> str:
    """Remove all files; other memories stay."""
    await memory.forget(metadata={"kept_by": files.KEEPER})
    return "All memory cleared"


async def _inside(memory: MemoryManager, folder: str) -> list[files.File]:
    return [file for path, file in (await files.listed(memory)).items() if is_below(path, folder)]


async def _changed(memory: MemoryManager, given: str, alter: Callable[[str], str]) -> str:
    """Change the text of a file by a function, and give what it is then.

    Raises:
        ToolError: There is no such file, or the function refuses.
    """
    path = resolved(given)
    for left in reversed(range(_TRIES)):
        file = (await files.listed(memory, path)).get(path)
        if file is None:
            if path == ROOT or await _inside(memory, path):
                raise ToolError(f"The path {given} is not a file.")
            raise ToolError(f"The path {given} does not exist. Please provide a valid path.")
        text = alter(file.text)
        _check_size(given, text)
        try:
            await files.change(memory, file, text)
        except MemoryStorageError as error:
            if error.field != "expected_version" or not left:
                raise
            continue
        break
    return text


def _check_size(path: str, text: str) -> None:
    if text.count("\n") >= _MOST_LINES:
        raise ToolError(f"File {path} exceeds maximum line limit of {_MOST_LINES:,} lines.")
    if len(text) > MAX_CONTENT_LENGTH:
        raise ToolError(f"File {path} exceeds maximum size of {MAX_CONTENT_LENGTH:,} characters.")
