"""Changes one memory: ``edit``."""

from typing import Annotated, Literal

import typer

from coda_graphmem.cli.memories import memory_json
from coda_graphmem.cli.options import AsJson, Metadata, moment, parse_metadata, text_or_stdin
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.session import OpenMemory, unknown_memories


async def edit(
    memory: OpenMemory,
    memory_id: Annotated[str, typer.Argument(help="Id of the memory.")],
    content: Annotated[str | None, typer.Argument(help="What it shall say; - reads it from standard input.")] = None,
    *,
    importance: Annotated[
        float | None, typer.Option("--importance", "-i", min=0.0, max=1.0, help="From 0 to 1.")
    ] = None,
    metadata: Metadata = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="File it under this, in place of what it was; may be repeated.")
    ] = None,
    expires_at: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="When it ends: 2027-01-01; or never.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Key of the metadata to remove; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change what a memory says, its importance, tags, end or metadata; what is not named stays as it is."""
    item = await memory.get_memory(memory_id)
    facts = None
    if item is not None and (metadata or without):
        facts = {**item.metadata, **parse_metadata(metadata)}
        for key in without or ():
            facts.pop(key, None)
    text = None if content is None else text_or_stdin(content)
    if item is None or not await memory.update_memory(
        memory_id, text, facts, importance, tags=tags or None, expires_at=_end(expires_at)
    ):
        raise unknown_memories([memory_id], memory.namespace)
    if as_json:
        changed = await memory.get_memory(memory_id)
        print_json(None if changed is None else memory_json(changed))
    else:
        say(f"Changed {memory_id}.")


def _end(text: str | None) -> float | Literal["never"] | None:
    return "never" if text == "never" else None if text is None else moment(text)
