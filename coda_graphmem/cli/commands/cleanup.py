"""Removes what was hardly ever recalled: ``cleanup``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import counted, print_json, print_receipt, say
from coda_graphmem.cli.session import OpenMemory


async def cleanup(
    memory: OpenMemory,
    *,
    days: Annotated[float, typer.Option("--days", help="Stored and happened longer ago than this.")] = 30.0,
    below: Annotated[float, typer.Option("--below", min=0.0, max=1.0, help="Less important than this, 0 to 1.")] = 0.3,
    recalls: Annotated[int, typer.Option("--recalls", help="Recalled at most this often.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; list the ids that would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old, unimportant memories that were hardly ever recalled; nothing brings them back."""
    result = await memory.cleanup_old_memories(days, below, recalls, dry_run=dry_run)
    if as_json:
        print_json(result)
        return
    if not dry_run:
        print_receipt(result.removed)
        return
    for memory_id in result.memory_ids:
        say(memory_id)
    say(f"{counted(len(result.memory_ids), 'memory', 'memories')} would go.")
