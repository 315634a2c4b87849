"""Commands that merge what says the same: ``consolidate``, ``merge``, ``refuse-merge``, ``allow-merge``, ``undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import excerpt, print_json, say
from coda_graphmem.cli.progress import bar, waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.models import ConsolidationResult

#: Groups that are shown in full.
_SHOWN = 20

Chosen = Annotated[list[str], typer.Argument(help="Ids of two or more memories.")]
Threshold = Annotated[
    float | None, typer.Option("--threshold", help="Cosine from which two memories may be merged (0.85).")
]


async def consolidate(
    settings: Settings,
    *,
    hours: Annotated[
        float, typer.Option("--hours", min=0.0, help="How far back memories were stored or changed that are looked at.")
    ] = 24.0,
    threshold: Threshold = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, only show what would be merged.")] = False,
    as_json: AsJson = False,
) -> None:
    """Merge memories that say the same, and link those that may be outdated.

    Originals are kept aside: undo RUN_ID brings them back exactly as they were.
    """
    async with open_memory(settings) as memory:
        with bar("Comparing") as progress:
            result = await memory.consolidate_memories(
                hours, similarity_threshold=threshold, dry_run=dry_run, progress=progress
            )
    if as_json:
        print_json(
            {
                **result.model_dump(mode="json"),
                "consolidated_count": result.consolidated_count,
                "refused_by_guard": result.refused_by_guard,
            }
        )
        return
    _print(result)


async def merge(
    settings: Settings,
    memory_ids: Chosen,
    *,
    threshold: Threshold = None,
    despite_guards: Annotated[
        bool,
        typer.Option("--despite-guards", help="Merge them though a guard or somebody keeps two of them apart."),
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


async def refuse_merge(settings: Settings, memory_ids: Chosen, *, as_json: AsJson = False) -> None:
    """Keep memories apart: no run proposes or merges any two of them again, until allow-merge or new content."""
    async with open_memory(settings) as memory:
        pairs = await memory.refuse_merge(memory_ids)
    if as_json:
        print_json({"pairs": pairs})
    else:
        say(f"Kept apart from now on: {pairs:,} {'pair' if pairs == 1 else 'pairs'}.")


async def allow_merge(settings: Settings, memory_ids: Chosen, *, as_json: AsJson = False) -> None:
    """Take back what refuse-merge refused between any two of some memories."""
    async with open_memory(settings) as memory:
        pairs = await memory.allow_merge(memory_ids)
    if as_json:
        print_json({"pairs": pairs})
    else:
        say(f"No longer kept apart: {pairs:,} {'pair' if pairs == 1 else 'pairs'}.")


async def undo(
    settings: Settings,
    run_id: Annotated[str, typer.Argument(help="Id of a consolidation, as consolidate and jobs show it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Take a consolidation back."""
    async with open_memory(settings) as memory, waiting("Undoing"):
        result = await memory.undo_consolidation(run_id)
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    say(f"{len(result.restored_ids):,} memories are back, {len(result.removed_ids):,} merged ones are gone.")
    if result.removed_links:
        say(f"{result.removed_links:,} links of the run were removed.")
    if result.changed_ids:
        say(f"Changed after the run, and gone with the change: {', '.join(result.changed_ids)}.")
    if result.missing:
        say(f"{result.missing:,} originals had been removed for good in the meantime.")


def _print(result: ConsolidationResult) -> None:
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


COMMANDS = {
    "allow-merge": allow_merge,
    "consolidate": consolidate,
    "merge": merge,
    "refuse-merge": refuse_merge,
    "undo": undo,
}
