"""Makes the store small and right: ``optimize``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import OpenMemory


async def optimize(
    memory: OpenMemory,
    *,
    consolidate: Annotated[
        bool, typer.Option(help="Whether memories that say the same are merged too; undo brings them back.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make the store small and right: remove what is over, merge, repair, give space back."""
    async with waiting("Optimising"):
        result = await memory.optimize_storage(consolidate=consolidate)
    if as_json:
        print_json(result)
        return
    space = (
        "The store does not tell its size."
        if result.bytes_after is None
        else (f"Freed {result.freed_space_mb:,.1f} MB; {result.bytes_after / 1e6:,.1f} MB are left.")
    )
    say(f"{space} It took {result.seconds:.1f} s.")
    counts = {
        "memories were merged": result.consolidated_count,
        "short-term memories were over": result.expired,
        "items were over": result.expired_items,
        "counters were set right": result.repaired_counters,
        "entities that nothing mentioned were removed": result.removed_entities,
        "rows of the text index were made anew": result.repaired_text_rows,
        "vectors were made anew": result.repaired_vectors,
        "vectors were added to the index": result.indexed_vectors,
        "facts were made anew": result.repaired_facts,
    }
    for text, count in counts.items():
        if count:
            say(f"  {count:,} {text}")
    if result.consolidated_count:
        say(f"To take the merging back: coda-graphmem undo {result.consolidation_run_id}")
