"""Shows how a memory was before: ``history``."""

from typing import Annotated

import typer

from coda_graphmem.characters import visible
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say, when
from coda_graphmem.cli.session import OpenMemory, unknown_memories


async def history(
    memory: OpenMemory, memory_id: Annotated[str, typer.Argument(help="Id of the memory.")], *, as_json: AsJson = False
) -> None:
    """Show how a memory was from one change to the next, and who changed it."""
    versions = await memory.get_history(memory_id)
    if not versions:
        raise unknown_memories([memory_id], memory.namespace)
    if as_json:
        print_json(versions)
        return
    for before, version in zip([None, *versions], versions, strict=False):
        say(f"{version.version:3}  {version.operation} {when(version.at)} by {version.actor}")
        if before is None or before.content != version.content:
            say(f"      {visible(version.content, lines=True)}")
