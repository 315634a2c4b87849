"""Stores one memory: ``add``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, Metadata, Tags, length_of_time, moment, parse_metadata, text_or_stdin
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.models import MemoryType, OnConflict


async def add(
    settings: Settings,
    content: Annotated[str, typer.Argument(help="What to remember; - reads it from standard input.")],
    *,
    memory_type: Annotated[
        MemoryType, typer.Option("--type", "-t", help="What kind of knowledge it is.")
    ] = MemoryType.EPISODIC,
    importance: Annotated[
        float | None,
        typer.Option("--importance", "-i", min=0.0, max=1.0, help="From 0 to 1; left out: by what it says."),
    ] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", "-c", help="Where it was said.")] = None,
    speaker: Annotated[str | None, typer.Option("--speaker", "-s", help="Who said it.")] = None,
    at: Annotated[
        float | None,
        typer.Option(
            "--at", parser=moment, metavar="TIME", help="When it happened: 2026-03-02T19:00, 2h ago, or yesterday."
        ),
    ] = None,
    metadata: Metadata = None,
    memory_id: Annotated[str | None, typer.Option("--id", help="Its id; adding it again is harmless.")] = None,
    tags: Tags = None,
    expires_at: Annotated[
        float | None, typer.Option("--expires", parser=moment, metavar="TIME", help="When it ends: 2027-01-01.")
    ] = None,
    ttl: Annotated[
        float | None,
        typer.Option("--ttl", parser=length_of_time, metavar="LENGTH", help="How long it has: 90s, 12h, 7d."),
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Let --ttl begin anew with each recall.")] = False,
    on_conflict: Annotated[
        OnConflict, typer.Option("--on-conflict", help="What to do where --id exists with something else.")
    ] = "error",
    as_json: AsJson = False,
) -> None:
    """Remember one thing."""
    facts = parse_metadata(metadata)
    if speaker is not None:
        facts["speaker"] = speaker
    text = text_or_stdin(content)
    async with open_memory(settings) as memory:
        async with waiting("Reading and storing"):
            stored = await memory.store_memory(
                text,
                memory_type,
                facts,
                importance,
                conversation_id=conversation,
                timestamp=at,
                memory_id=memory_id,
                tags=tags or None,
                expires_at=expires_at,
                ttl=ttl,
                refresh_on_read=refresh,
                on_conflict=on_conflict,
            )
        if as_json:
            print_json({"memory_id": stored, "namespace": memory.namespace})
        else:
            say(f"Stored as {stored}.")
