"""Claude's memory tool for code that awaits and for code that does not."""

from functools import partial

from anthropic.lib.tools import BetaAbstractMemoryTool, BetaAsyncAbstractMemoryTool
from anthropic.types.beta import (
    BetaCacheControlEphemeralParam,
    BetaMemoryTool20250818CreateCommand,
    BetaMemoryTool20250818DeleteCommand,
    BetaMemoryTool20250818InsertCommand,
    BetaMemoryTool20250818RenameCommand,
    BetaMemoryTool20250818StrReplaceCommand,
    BetaMemoryTool20250818ViewCommand,
)

from coda_graphmem.integrations.anthropic import commands
from coda_graphmem.integrations.calls import AnyMemory, Calls


class GraphMemoryTool(BetaAbstractMemoryTool):
    """Files that Claude writes for itself, kept as memories: searches find them, and their history is kept.

    There are no files on the disk, and no path leads to one. What the tool cannot do is a ``ToolError`` with the text
    that Claude knows.

    Args:
        memory: An open memory; one user's files want a namespace of their own.
        cache_control: Passed on with the declaration of the tool.

    Raises:
        ValidationError: It is no memory.
    """

    def __init__(self, memory: AnyMemory, *, cache_control: BetaCacheControlEphemeralParam | None = None) -> None:
        super().__init__(cache_control=cache_control)
        self._calls = Calls(memory)

    def view(self, command: BetaMemoryTool20250818ViewCommand) -> str:
        """A folder with what it holds, or a file with numbered lines."""
        return self._calls.waited_for(partial(commands.view, command=command))

    def create(self, command: BetaMemoryTool20250818CreateCommand) -> str:
        """Make a file that is not there yet, of 999,999 lines and 1,000,000 characters at most."""
        return self._calls.waited_for(partial(commands.create, command=command))

    def str_replace(self, command: BetaMemoryTool20250818StrReplaceCommand) -> str:
        """Replace a text that a file holds exactly once."""
        return self._calls.waited_for(partial(commands.str_replace, command=command))

    def insert(self, command: BetaMemoryTool20250818InsertCommand) -> str:
        """Put lines after a line of a file; 0 is before the first."""
        return self._calls.waited_for(partial(commands.insert, command=command))

    def delete(self, command: BetaMemoryTool20250818DeleteCommand) -> str:
        """Remove a file, or a folder with all that it holds."""
        return self._calls.waited_for(partial(commands.delete, command=command))

    def rename(self, command: BetaMemoryTool20250818RenameCommand) -> str:
        """Move a file, or a folder with all that it holds, to a path where nothing is."""
        return self._calls.waited_for(partial(commands.rename, command=command))

    def clear_all_memory(self) -> str:
        """Remove all files; other memories stay."""
        return self._calls.waited_for(commands.clear)


class AsyncGraphMemoryTool(BetaAsyncAbstractMemoryTool):
    """`GraphMemoryTool` for an asynchronous client.

    Args:
        memory: An open memory; one user's files want a namespace of their own.
        cache_control: Passed on with the declaration of the tool.

    Raises:
        ValidationError: It is no memory.
    """

    def __init__(self, memory: AnyMemory, *, cache_control: BetaCacheControlEphemeralParam | None = None) -> None:
        super().__init__(cache_control=cache_control)
        self._calls = Calls(memory)

    async def view(self, command: BetaMemoryTool20250818ViewCommand) -> str:
        """See `GraphMemoryTool.view`, as for the others."""
        return await self._calls.awaited(partial(commands.view, command=command))

    async def create(self, command: BetaMemoryTool20250818CreateCommand) -> str:
        """Make a file."""
        return await self._calls.awaited(partial(commands.create, command=command))

    async def str_replace(self, command: BetaMemoryTool20250818StrReplaceCommand) -> str:
        """Replace a text."""
        return await self._calls.awaited(partial(commands.str_replace, command=command))

    async def insert(self, command: BetaMemoryTool20250818InsertCommand) -> str:
        """Put lines in."""
        return await self._calls.awaited(partial(commands.insert, command=command))

    async def delete(self, command: BetaMemoryTool20250818DeleteCommand) -> str:
        """Remove a file or a folder."""
        return await self._calls.awaited(partial(commands.delete, command=command))

    async def rename(self, command: BetaMemoryTool20250818RenameCommand) -> str:
        """Move a file or a folder."""
        return await self._calls.awaited(partial(commands.rename, command=command))

    async def clear_all_memory(self) -> str:
        """Remove all files."""
        return await self._calls.awaited(commands.clear)
