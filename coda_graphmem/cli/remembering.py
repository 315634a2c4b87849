"""Commands that store and change: ``add``, ``edit`` and ``import``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.opening import open_memory
from coda_graphmem.cli.options import AsJson, Metadata, moment, parse_metadata, text_or_stdin
from coda_graphmem.cli.output import as_json as to_json
from coda_graphmem.cli.output import print_json, remark, say
from coda_graphmem.cli.progress import bar, waiting
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryType


async def add(
    settings: Settings,
    content: Annotated[str, typer.Argument(help="What to remember; - reads it from standard input.")],
    *,
    memory_type: Annotated[
        MemoryType, typer.Option("--type", "-t", help="What kind of knowledge it is.")
    ] = MemoryType.EPISODIC,
    importance: Annotated[float | None, typer.Option("--importance", "-i", help="From 0 to 1 (0.5).")] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", "-c", help="Where it was said.")] = None,
    speaker: Annotated[str | None, typer.Option("--speaker", "-s", help="Who said it.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="When it happened: 2026-03-02T19:00, or 2h ago.")] = None,
    metadata: Metadata = None,
    memory_id: Annotated[str | None, typer.Option("--id", help="Its id; adding it again is harmless.")] = None,
    as_json: AsJson = False,
) -> None:
    """Remember one thing."""
    facts = parse_metadata(metadata or ())
    if speaker is not None:
        facts["speaker"] = speaker
    text = text_or_stdin(content)
    timestamp = moment(at, "--at")
    async with open_memory(settings) as memory:
        async with waiting("Reading and storing"):
            stored = await memory.store_memory(
                text,
                memory_type,
                facts,
                importance,
                conversation_id=conversation,
                timestamp=timestamp,
                memory_id=memory_id,
            )
        if as_json:
            print_json({"memory_id": stored, "namespace": memory.namespace})
        else:
            say(f"Stored as {stored}.")


async def import_(
    settings: Settings,
    path: Annotated[
        Path,
        typer.Argument(help="A JSONL file, a BEIR folder, or - for JSONL from standard input."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Remember a conversation or a collection.

    A JSONL file holds an object a line: text, and where known conversation_id, speaker, timestamp, title,
    type, importance_score, metadata, memory_id. Of a BEIR folder each metadata.group becomes a namespace.
    Importing the same again changes nothing, so an import that was interrupted is simply run again.
    """
    from coda_graphmem.importing import Loader, Record, read_beir, read_jsonl

    stdin = str(path) == "-"
    if not stdin and not path.exists():
        raise typer.BadParameter(f"there is no {path}.", param_hint="path")

    def read() -> list[Record]:
        if path.is_dir():
            return list(read_beir(path))
        if stdin:
            return list(read_jsonl(sys.stdin, "standard input"))
        with path.open(encoding="utf-8") as lines:
            return list(read_jsonl(lines, path.name))

    async with waiting(f"Reading {path}"):
        try:
            records = await asyncio.to_thread(read)
        except OSError as error:
            raise ValidationError(f"cannot be read ({error.strerror}).", field=str(path), remedy="Check it.") from None
    if not records:
        raise ValidationError("holds no memories.", field=str(path), remedy="Write one JSON object a line.")
    async with open_memory(settings) as memory:
        loader = Loader(memory)
        try:
            with bar("Importing") as progress:
                result = await loader.load(records, progress)
        except BaseException:
            remark(
                f"{loader.done:,} of {len(records):,} memories are stored. "
                "Run the same command again to continue: what is stored is not stored twice."
            )
            raise
        if as_json:
            numbers = {"memories": result.memories, "new": result.new, "seconds": round(result.seconds, 3)}
            print_json({**numbers, "namespaces": list(result.namespaces)})
            return
        known = result.memories - result.new
        where = (
            f"namespace {result.namespaces[0]}"
            if len(result.namespaces) == 1
            else f"{len(result.namespaces)} namespaces"
        )
        say(
            f"Imported {result.memories:,} memories in {result.seconds:.1f} s ({result.rate:,.0f} a second) "
            f"into {where} of {location(memory.config)}"
            + (f"; {known:,} of them were there already." if known > 0 else ".")
        )


async def edit(
    settings: Settings,
    memory_id: Annotated[str, typer.Argument(help="Id of the memory.")],
    content: Annotated[str | None, typer.Argument(help="What it shall say; - reads it from standard input.")] = None,
    *,
    importance: Annotated[float | None, typer.Option("--importance", "-i", help="From 0 to 1.")] = None,
    metadata: Metadata = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Key of the metadata to remove; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change what a memory says, its importance or its metadata; what is not named stays as it is."""
    async with open_memory(settings) as memory:
        item = await memory.get_memory(memory_id)
        facts = None
        if item is not None and (metadata or without):
            facts = {**item.metadata, **parse_metadata(metadata or ())}
            for key in without or ():
                facts.pop(key, None)
        text = None if content is None else text_or_stdin(content)
        if item is None or not await memory.update_memory(memory_id, text, facts, importance):
            raise ValidationError(
                f"there is no memory {memory_id} in namespace {memory.namespace}.",
                remedy="Look for its id with search or list.",
            )
        if as_json:
            changed = await memory.get_memory(memory_id)
            print_json(None if changed is None else to_json(changed))
        else:
            say(f"Changed {memory_id}.")


COMMANDS = {"add": add, "edit": edit, "import": import_}
