"""Takes a consolidation back: ``undo``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import OpenMemory


async def undo(
    memory: OpenMemory,
    run_id: Annotated[str, typer.Argument(help="Id of a consolidation, as consolidate and jobs show it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Take a consolidation back."""
    async with waiting("Undoing"):
        result = await memory.undo_consolidation(run_id)
    if as_json:
        print_json(result)
        return
    say(f"{len(result.restored_ids):,} memories are back, {len(result.removed_ids):,} merged ones are gone.")
    if result.removed_links:
        say(f"{result.removed_links:,} links of the run were removed.")
    if result.changed_ids:
        say(f"Changed after the run, and gone with the change: {', '.join(result.changed_ids)}.")
    if result.missing:
        say(f"{result.missing:,} originals had been removed for good in the meantime.")
