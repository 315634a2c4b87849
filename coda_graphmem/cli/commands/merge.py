"""Merges chosen memories into one, or keeps them apart: ``merge``, ``refuse-merge``, ``allow-merge``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, MergedIds, MergeThreshold
from coda_graphmem.cli.output import counted, print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import OpenMemory


async def merge(
    memory: OpenMemory,
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
    async with waiting("Merging"):
        done = await memory.merge_memories(memory_ids, similarity_threshold=threshold, despite_guards=despite_guards)
    if as_json:
        print_json(done)
        return
    say(f"{len(done.proposal.merged.source_ids):,} memories became {done.proposal.merged_id}.")
    say(f"To take it back: coda-graphmem undo {done.run_id}")


async def refuse_merge(memory: OpenMemory, memory_ids: MergedIds, *, as_json: AsJson = False) -> None:
    """Keep memories apart: no run proposes or merges any two of them again, until allow-merge or new content."""
    _print_pairs("Kept apart from now on", await memory.refuse_merge(memory_ids), as_json=as_json)


async def allow_merge(memory: OpenMemory, memory_ids: MergedIds, *, as_json: AsJson = False) -> None:
    """Take back what refuse-merge refused between any two of some memories."""
    _print_pairs("No longer kept apart", await memory.allow_merge(memory_ids), as_json=as_json)


def _print_pairs(text: str, pairs: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"pairs": pairs})
    else:
        say(f"{text}: {counted(pairs, 'pair', 'pairs')}.")
