"""Commands that look after a namespace and its store: ``decay``, ``health``, ``optimize`` and ``reembed``."""

from __future__ import annotations

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, moment
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import bar, waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings


async def reembed(
    settings: Settings,
    *,
    model: Annotated[
        str | None, typer.Option("--model", help="Embedding model to change to; the configured one if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Give all memories of the store, of every namespace, vectors of another embedding model.

    An interrupted run is continued by the next one. Afterwards set CODA_GRAPHMEM_EMBEDDING_MODEL to the same model.
    """
    from coda_graphmem.manager import MemoryManager

    memory = MemoryManager(settings.config(embedding_model=model))
    try:
        with bar("Embedding") as progress:
            result = await memory.reembed(progress=progress)
    finally:
        await memory.cleanup()
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    say(
        f"{result.embedded:,} memories have vectors of {result.model} ({result.dimension} dimensions) now, "
        f"after {result.seconds:.1f} s." + (f" {result.resumed:,} had been done before." if result.resumed else "")
    )


async def decay(
    settings: Settings,
    *,
    at: Annotated[
        str | None, typer.Option("--at", help="The time to compute for: 2026-03-02T19:00, or 7d ago.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep nothing, only say how strong memories are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep how much of each memory's strength is left. Running it twice, or late, changes nothing."""
    as_of = moment(at, "--at")
    async with open_memory(settings) as memory:
        with bar("Computing") as progress:
            result = await memory.apply_decay(as_of=as_of, dry_run=dry_run, progress=progress)
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    say(
        f"{result.memories:,} memories have {100 * result.mean:.0f} % of their strength left on average, the weakest "
        f"{100 * result.lowest:.0f} %." + ("" if dry_run else f" Kept in {result.seconds:.1f} s.")
    )


async def health(settings: Settings, *, as_json: AsJson = False) -> None:
    """Look for what is not as it should be, and say what to do about it."""
    async with open_memory(settings) as memory:
        async with waiting("Looking at everything"):
            result = await memory.check_memory_health()
        if as_json:
            print_json(result.model_dump(mode="json"))
            return
        say(f"Health of namespace {memory.namespace}: {result.overall_score:.2f}", style="bold")
        for issue in result.issues:
            say(f"  {issue.severity:8} {issue.message}", style=_STYLES[issue.severity])
            say(f"           {issue.remedy}", style="dim")
        if not result.issues:
            say("  All is well.")


async def optimize(
    settings: Settings,
    *,
    consolidate: Annotated[
        bool, typer.Option(help="Whether memories that say the same are merged too; undo brings them back.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make the store small and right: remove what is over, merge, repair, give space back."""
    async with open_memory(settings) as memory, waiting("Optimising"):
        result = await memory.optimize_storage(consolidate=consolidate)
    if as_json:
        print_json(result.model_dump(mode="json"))
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
        "counters were set right": result.repaired_counters,
        "entities that nothing mentioned were removed": result.removed_entities,
        "rows of the text index were made anew": result.repaired_text_rows,
        "vectors were made anew": result.repaired_vectors,
    }
    for text, count in counts.items():
        if count:
            say(f"  {count:,} {text}")
    if result.consolidated_count:
        say(f"To take the merging back: coda-graphmem undo {result.consolidation_run_id}")


_STYLES = {"critical": "bold red", "warning": "yellow", "info": None}

COMMANDS = {"decay": decay, "health": health, "optimize": optimize, "reembed": reembed}
