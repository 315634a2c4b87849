"""Keeps how strong memories still are: ``decay``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, moment
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings


async def decay(
    settings: Settings,
    *,
    at: Annotated[
        float | None,
        typer.Option(
            "--at", parser=moment, metavar="TIME", help="The time to compute for: 2026-03-02T19:00, or 7d ago."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep nothing, only say how strong memories are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep how much of each memory's strength is left. Running it twice, or late, changes nothing."""
    async with open_memory(settings) as memory:
        with bar("Computing") as progress:
            result = await memory.apply_decay(as_of=at, dry_run=dry_run, progress=progress)
    if as_json:
        print_json(result)
        return
    say(
        f"{result.memories:,} memories have {100 * result.mean:.0f} % of their strength left on average, the weakest "
        f"{100 * result.lowest:.0f} %." + ("" if dry_run else f" Kept in {result.seconds:.1f} s.")
    )
