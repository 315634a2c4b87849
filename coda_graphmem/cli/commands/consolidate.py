"""Merges memories that say the same: ``consolidate``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, MergeThreshold
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.session import OpenMemory
from coda_graphmem.texts import excerpt

#: Groups that are shown in full.
_SHOWN = 20


async def consolidate(
    memory: OpenMemory,
    *,
    hours: Annotated[
        float, typer.Option("--hours", min=0.0, help="How far back memories were stored or changed that are looked at.")
    ] = 24.0,
    threshold: MergeThreshold = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, only show what would be merged.")] = False,
    as_json: AsJson = False,
) -> None:
    """Merge memories that say the same, and link those that may be outdated.

    Originals are kept aside: undo RUN_ID brings them back exactly as they were.
    """
    with bar("Comparing") as progress:
        result = await memory.consolidate_memories(
            hours, similarity_threshold=threshold, dry_run=dry_run, progress=progress
        )
    if as_json:
        counts = {"consolidated_count": result.consolidated_count, "refused_by_guard": result.refused_by_guard}
        print_json(result.model_dump(mode="json") | counts)
        return
    for number, proposal in enumerate(result.proposals[:_SHOWN], start=1):
        merged = proposal.merged
        say(f"{number}. “{excerpt(merged.content)}”", style="bold")
        say(f"      of {len(merged.source_ids)}: {' '.join(merged.source_ids)}", style="dim")
    if len(result.proposals) > _SHOWN:
        say(f"… and {len(result.proposals) - _SHOWN:,} more", style="dim")
    verb = "would become" if result.dry_run else "became"
    say(
        f"{result.memories_considered:,} memories looked at, {result.pairs_compared:,} pairs compared: "
        f"{result.consolidated_count:,} {verb} {result.merged_count:,}, in {result.seconds:.1f} s."
    )
    if result.refused:
        why = ", ".join(f"{guard} {count:,}" for guard, count in result.refused_by_guard.items())
        say(f"Kept apart: {len(result.refused):,} pairs ({why}).")
    if result.dry_run and result.proposals:
        some = " ".join(result.proposals[0].merged.source_ids)
        say(f"To merge one alone: coda-graphmem merge {some}")
        say(f"To keep one apart for good: coda-graphmem refuse-merge {some}")
    if not result.dry_run and result.proposals:
        say(f"To take it back: coda-graphmem undo {result.run_id}")
