"""Brings archived memories back into search: ``unarchive``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import counted, print_json, say
from coda_graphmem.cli.session import OpenMemory, unknown_memories
from coda_graphmem.errors import ValidationError


async def unarchive(
    memory: OpenMemory,
    memory_ids: Annotated[list[str], typer.Argument(help="Ids of archived memories (list --archived).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring archived memories back into search; originals of a merge come back by undo."""
    result = await memory.unarchive_memories(memory_ids)
    if as_json:
        print_json(result)
    elif result.restored_ids:
        say(f"Brought back {counted(len(result.restored_ids), 'memory', 'memories')}.")
    if result.live_ids and not as_json:
        say(f"Not archived: {', '.join(result.live_ids)}.")
    if result.merged:
        memory_id, run_id = next(iter(result.merged.items()))
        raise ValidationError(
            f"merged into another memory: {', '.join(result.merged)}.",
            remedy=f"Undo the run that merged {memory_id}: coda-graphmem undo {run_id}"
            if run_id is not None
            else "Run the import that brought it again: it was stopped before the merged memory.",
        )
    if result.missing_ids:
        raise unknown_memories(result.missing_ids, memory.namespace, place="list --archived")
