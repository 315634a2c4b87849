"""Merges chosen memories into one: ``merge``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, MergedIds, MergeThreshold
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings


async def merge(
    settings: Settings,
    memory_ids: MergedIds,
    *,
    threshold: MergeThreshold = None,
    despite_guards: Annotated[
        bool, typer.Option("--despite-guards", help="Merge them though a guard or somebody keeps two of them apart.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Merge some memories into one, such as a proposal of consolidate --dry-run.

    Originals are kept aside: undo RUN_ID brings them back exactly as they were.
    """
    async with open_memory(settings) as memory, waiting("Merging"):
        done = await memory.merge_memories(memory_ids, similarity_threshold=threshold, despite_guards=despite_guards)
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    say(f"{len(done.proposal.merged.source_ids):,} memories became {done.proposal.merged_id}.")
    say(f"To take it back: coda-graphmem undo {done.run_id}")
