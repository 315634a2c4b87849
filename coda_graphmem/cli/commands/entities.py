"""Lists what memories mention: ``entities``."""

from typing import Annotated

import typer

from coda_graphmem.characters import visible
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.session import OpenMemory


async def entities(
    memory: OpenMemory,
    *,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="Size of the page.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="How many to pass over.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List the people, places and things that memories mention, the most mentioned first."""
    found = await memory.list_entities(limit, offset)
    if as_json:
        print_json(found)
        return
    names = [visible(entity.name) for entity in found]
    width = max(map(len, names), default=0)
    for name, entity in zip(names, found, strict=True):
        say(f"{name:{width}}  {entity.mention_count:>7,}  {entity.label}")
    if not found:
        say("Nothing is mentioned yet." if offset == 0 else "There are no more.")
