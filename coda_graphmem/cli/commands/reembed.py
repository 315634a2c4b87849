"""Gives all memories vectors of another model: ``reembed``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import bar
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
        print_json(result)
        return
    say(
        f"{result.embedded:,} memories have vectors of {result.model} ({result.dimension} dimensions) now, "
        f"after {result.seconds:.1f} s."
        + (f" So have {result.items:,} items." if result.items else "")
        + (f" {result.resumed:,} had been done before." if result.resumed else "")
    )
