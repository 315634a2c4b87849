"""Removes memories by their ids: ``delete``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import counted, print_json, say
from coda_graphmem.cli.session import OpenMemory, unknown_memories


async def delete(
    memory: OpenMemory,
    memory_ids: Annotated[list[str], typer.Argument(help="Ids of memories.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Remove memories by their ids, with everything that hangs on them; nothing brings them back."""
    gone = [memory_id for memory_id in memory_ids if await memory.delete_memory(memory_id)]
    missing = [memory_id for memory_id in memory_ids if memory_id not in gone]
    if as_json:
        print_json({"deleted": gone, "missing": missing})
    elif gone:
        say(f"Removed {counted(len(gone), 'memory', 'memories')}.")
    if missing:
        raise unknown_memories(missing, memory.namespace)
