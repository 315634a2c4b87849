"""Commands that store and change: ``add``, ``edit`` and ``import``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.cli.options import AsJson, Metadata, moment, parse_metadata, text_or_stdin
from coda_graphmem.cli.output import as_json as to_json
from coda_graphmem.cli.output import print_json, remark, say
from coda_graphmem.cli.progress import bar, waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import ImportFormat, MemoryType

if TYPE_CHECKING:
    from coda_graphmem.importing import Source


async def add(
    settings: Settings,
    content: Annotated[str, typer.Argument(help="What to remember; - reads it from standard input.")],
    *,
    memory_type: Annotated[
        MemoryType, typer.Option("--type", "-t", help="What kind of knowledge it is.")
    ] = MemoryType.EPISODIC,
    importance: Annotated[
        float | None, typer.Option("--importance", "-i", help="From 0 to 1; left out: by what it says.")
    ] = None,
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
        typer.Argument(help="A file, a folder, a ZIP archive, or - for standard input."),
    ],
    *,
    form: Annotated[
        ImportFormat, typer.Option("--format", "-f", help="What it is, where its content does not say.")
    ] = "auto",
    me: Annotated[
        str | None, typer.Option("--me", help="Your name, in place of User, You or Human in chats and transcripts.")
    ] = None,
    speakers: Annotated[
        list[str] | None, typer.Option("--speaker", "-s", help="Who speaks in a transcript; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Remember conversations or a collection, or bring exported memories back.

    Recognised by content: JSONL (an object a line: text, and where known conversation_id, speaker, timestamp, title,
    type, importance_score, metadata, memory_id); transcripts (Name: text, **Name:** text, ### Name); the exports of
    ChatGPT and Claude (conversations.json, its folder, or the archive as downloaded); a BEIR folder, of which each
    metadata.group becomes a namespace; and the JSONL of coda-graphmem export, which comes back as it was.
    Importing the same again changes nothing, so an import that was interrupted is simply run again.
    """
    from coda_graphmem.importing import Source
    from coda_graphmem.importing.chats import USER

    stdin = str(path) == "-"
    if not stdin and not path.exists():
        raise typer.BadParameter(f"there is no {path}.", param_hint="path")
    async with waiting(f"Reading {path}"):
        source = await asyncio.to_thread(
            Source, sys.stdin.buffer if stdin else path, format=form, me=me or USER, speakers=speakers or ()
        )
    with source:
        store = _bring_back if source.format == "export" else _load
        await store(settings, source, as_json=as_json)


async def _load(settings: Settings, source: Source, *, as_json: bool) -> None:
    """Store what a source holds."""
    from coda_graphmem.importing import Loader

    async with open_memory(settings) as memory:
        loader = Loader(memory)
        try:
            with bar("Importing") as progress:
                result = await loader.load(source, progress)
        except BaseException:
            if loader.total:
                remark(
                    f"{loader.done:,} of {loader.total:,} memories are stored. "
                    "Run the same command again to continue: what is stored is not stored twice."
                )
            raise
        if not result.memories:
            raise ValidationError("holds no memories.", field=source.name, remedy="Name a file with something in it.")
        if as_json:
            numbers = {"memories": result.memories, "new": result.new, "seconds": round(result.seconds, 3)}
            print_json({"format": source.format, **numbers, "namespaces": list(result.namespaces)})
            return
        known = result.memories - result.new
        say(
            f"Imported {result.memories:,} memories in {result.seconds:.1f} s ({result.rate:,.0f} a second) "
            f"into {_namespaces(result.namespaces)} of {location(memory.config)}"
            + (f"; {known:,} of them were there already." if known > 0 else ".")
        )


async def _bring_back(settings: Settings, source: Source, *, as_json: bool) -> None:
    """Restore exported memories: into the namespace in use, or where there are several into those of the file."""
    async with open_memory(settings) as memory:
        several = source.namespaces > 1
        if several and settings.namespace is not None:
            raise ValidationError(
                f"the file holds {source.namespaces} namespaces, which keep their names.",
                field="--namespace",
                remedy="Leave it out.",
            )
        with bar("Importing") as progress:
            result = await memory.import_memories(source.file, every_namespace=several, progress=progress)
        if as_json:
            print_json({"format": source.format, **result.model_dump(mode="json")})
            return
        known = result.memories - result.new
        say(
            f"Brought back {result.memories:,} memories and {result.links:,} links in {result.seconds:.1f} s "
            f"into {_namespaces(result.namespaces)} of {location(memory.config)}"
            + (f"; {known:,} of them were there already" if known else "")
            + (f"; {result.embedded:,} were embedded anew." if result.embedded else ".")
        )


def _namespaces(names: Sequence[str]) -> str:
    return f"namespace {names[0]}" if len(names) == 1 else f"{len(names)} namespaces"


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
