"""Brings in conversations, collections and exported memories: ``import``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.cli.options import AsJson, standard_input
from coda_graphmem.cli.output import print_json, remark, say
from coda_graphmem.cli.progress import bar, waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import ImportFormat

if TYPE_CHECKING:
    from coda_graphmem.importing import Account, ImportResult, PassedOver, Source


async def import_(
    settings: Settings,
    path: Annotated[Path, typer.Argument(help="A file, a folder, a ZIP archive, or - for standard input.")],
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
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove sections that documents hold no more since the last import.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remember conversations, a collection or the memories of another program, or bring exported memories back.

    Recognised by content: JSONL (an object a line: text, and where known conversation_id, speaker, timestamp, title,
    type, importance_score, metadata, memory_id); transcripts (Name: text, **Name:** text, ### Name); chats of WhatsApp;
    the exports of ChatGPT, Claude, Telegram (result.json) and Slack, as a file, a folder, or the archive as downloaded;
    memories of mem0, Zep, Graphiti, Letta (.af), LangGraph stores and the MCP memory server (memory.jsonl); folders of
    Markdown (Obsidian, Basic Memory), and of documents, PDF and text among them, a memory a section; a BEIR folder, of
    which each metadata.group becomes a namespace; and the JSONL or Markdown of coda-graphmem export, which comes back
    as it was. Any other text comes in with --format notes, a memory a paragraph. What is passed over is counted and
    named. Importing the same again changes nothing, so an import that was interrupted is simply run again.
    """
    from coda_graphmem.importing import Source
    from coda_graphmem.importing.chats import USER

    stdin = str(path) == "-"
    if not stdin and not path.exists():
        raise typer.BadParameter(f"there is no {path}.", param_hint="path")
    async with waiting(f"Reading {path}"):
        source = await asyncio.to_thread(
            Source, standard_input() if stdin else path, format=form, me=me or USER, speakers=speakers or ()
        )
    with source:
        if replace and source.format != "documents":
            raise ValidationError(
                f"means nothing in {source.format}.", field="--replace", remedy="Leave it out; only documents know it."
            )
        if source.format == "export":
            await _restore(settings, source, as_json=as_json)
        else:
            await _store(settings, source, replace=replace, as_json=as_json)


async def _store(settings: Settings, source: Source, *, replace: bool, as_json: bool) -> None:
    """Store what a source holds."""
    from coda_graphmem.importing import Loader

    async with open_memory(settings) as memory:
        loader = Loader(memory)
        try:
            with bar("Importing") as progress:
                result = await loader.load(source, progress, replace=replace)
        except BaseException:
            if loader.total:
                remark(
                    f"{loader.done:,} of {loader.total:,} memories are stored. "
                    "Run the same command again to continue: what is stored is not stored twice."
                )
            raise
        if not result.memories:
            raise ValidationError(
                " ".join(["holds no memories.", *_passed_over(result.account)]),
                field=source.name,
                remedy="Name a file with something in it.",
            )
        if as_json:
            numbers = {"memories": result.memories, "new": result.new, "seconds": round(result.seconds, 3)}
            if source.format == "documents":
                numbers.update(outdated=result.outdated, removed=result.removed, moved=result.moved)
            print_json(
                {
                    "format": source.format,
                    **numbers,
                    "namespaces": list(result.namespaces),
                    "read": {unit: result.account.read(unit) for unit in result.account.units},
                    "passed_over": result.account.passed_over,
                    "notes": result.account.notes,
                }
            )
            return
        known = result.memories - result.new
        say(
            f"Imported {result.memories:,} memories in {result.seconds:.1f} s ({result.rate:,.0f} a second) "
            f"into {_namespaces(result.namespaces)} of {location(memory.config)}"
            + (f"; {known:,} of them were there already." if known > 0 else ".")
        )
        for line in [*_outdated(result), *_passed_over(result.account), *result.account.notes]:
            say(line)


def _outdated(result: ImportResult) -> list[str]:
    """What documents held before and hold no more, or elsewhere."""
    lines = []
    if result.removed:
        lines.append(f"Removed {result.removed:,} sections that their documents hold no more.")
    elif result.outdated:
        lines.append(
            f"{result.outdated:,} sections are stored that their documents hold no more: --replace removes them."
        )
    if result.moved:
        lines.append(f"{result.moved:,} sections have a new place in their documents.")
    return lines


def _passed_over(account: Account) -> list[str]:
    """What was read and passed over, a sentence for each unit; blank lines are no news."""
    from coda_graphmem.importing.account import BLANK

    lines = []
    for unit in account.units:
        found = [item for item in account.passed_over if item.unit == unit and item.reason != BLANK]
        if found:
            reasons = "; ".join(f"{item.count:,} {item.reason} ({_places(item)})" for item in found)
            count = sum(item.count for item in found)
            lines.append(f"Passed over {count:,} of {account.read(unit):,} {unit}: {reasons}.")
    return lines


def _places(item: PassedOver) -> str:
    return ", ".join([*item.places, *(["…"] if item.count > len(item.places) else [])])


async def _restore(settings: Settings, source: Source, *, as_json: bool) -> None:
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
        known = result.memories - result.new + result.items - result.new_items
        say(
            f"Brought back {result.memories:,} memories and {result.links:,} links "
            + (f"and {result.items:,} items " if result.items else "")
            + f"in {result.seconds:.1f} s "
            f"into {_namespaces(result.namespaces)} of {location(memory.config)}"
            + (f"; {known:,} of them were there already" if known else "")
            + (f"; {result.embedded:,} were embedded anew." if result.embedded else ".")
        )


def _namespaces(names: Sequence[str]) -> str:
    return f"namespace {names[0]}" if len(names) == 1 else f"{len(names)} namespaces"
