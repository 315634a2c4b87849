"""The commands that move whole stores: ``copy``, ``backup`` and ``restore``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, remark, say
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.config import MemoryConfig, StoreType
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import CopyReport, Inventory, NamespaceCopy

#: What a backup is called until it is whole.
_PART = ".part"

#: Namespaces that differ, and memories of each, that are named.
_NAMED = 10


async def copy(
    settings: Settings,
    *,
    source: Annotated[StoreType, typer.Option("--from", help="Store to copy from.")],
    target: Annotated[StoreType, typer.Option("--to", help="Store to copy into.")],
    to_dir: Annotated[
        Path | None,
        typer.Option("--to-dir", file_okay=False, help="Folder of the store to copy into, where --dir is the other's."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy memories with all that belongs to them into another store, and prove that nothing was lost.

    All namespaces are copied, or the one that --namespace names. What the other store has already is passed over, so
    a copy that was interrupted is simply run again. Neo4j is taken from NEO4J_URI and the other usual variables.
    """
    here, there = _configurations(settings, source, target, to_dir)
    names = None if settings.namespace is None else [settings.namespace]
    report = await _copied(here, there, names)
    if as_json:
        print_json(_as_json(report))
    else:
        _print(report, here, there)
    if not report.complete:
        raise typer.Exit(code=1)


async def backup(
    settings: Settings,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Folder to make; it may not exist yet.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Back a whole store up into a folder, whichever store it is, and prove that nothing is missing.

    The folder holds one file that is an embedded store itself: --dir FOLDER looks into it, and restore brings it back.
    Until it is whole it is called FOLDER.part. A backup that was interrupted is simply run again: it goes on, or begins
    anew where the store was changed since.
    """
    from coda_graphmem.store.embedded.store import file_of

    if folder.name.endswith(_PART):
        raise ValidationError(
            f"ends in {_PART}, as unfinished backups do.", field=str(folder), remedy="Choose another name."
        )
    if folder.exists():
        raise ValidationError("exists already.", field=str(folder), remedy="Name a folder that does not exist.")
    part = folder.with_name(folder.name + _PART)
    here = settings.config()
    there = _side(settings, "embedded", part)
    begun = file_of(there).exists()
    report = await _copied(here, there, None)
    if begun and not report.complete:
        for path in part.glob(f"{file_of(there).name}*"):
            path.unlink()
        report = await _copied(here, there, None)
    if as_json:
        print_json(_as_json(report))
    else:
        _print(report, here, there)
    if not report.complete:
        raise ValidationError(
            "is not the same as the store, which may have been changed meanwhile.",
            field=str(part),
            remedy="Remove it and run the same command again.",
        )
    part.rename(folder)
    if not as_json:
        say(f"The backup is {folder}.")


async def restore(
    settings: Settings,
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Folder that backup made.", show_default=False)
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into a store, whichever store it is, and prove that nothing is missing.

    All namespaces come back, or the one that --namespace names. What the store holds already stays as it is; a restore
    that was interrupted is simply run again.
    """
    from coda_graphmem.store.embedded.store import file_of

    if folder.name.endswith(_PART):
        raise ValidationError(
            "is a backup that was not finished.", field=str(folder), remedy="Run the same backup again: it goes on."
        )
    here, there = _side(settings, "embedded", folder), settings.config()
    if not file_of(here).is_file():
        raise ValidationError("holds no backup.", field=str(folder), remedy="Name a folder that backup made.")
    report = await _copied(here, there, None if settings.namespace is None else [settings.namespace])
    if as_json:
        print_json(_as_json(report))
    else:
        _print(report, here, there)
    if not report.complete:
        raise typer.Exit(code=1)


async def _copied(here: MemoryConfig, there: MemoryConfig, names: list[str] | None) -> CopyReport:
    """Copy with progress; say how to go on where it is stopped."""
    from coda_graphmem.manager import MemoryManager

    memory = MemoryManager(here)
    done = total = 0
    try:
        with bar(f"Copying to {location(there)}") as progress:

            def note(looked_at: int, of: int) -> None:
                nonlocal done, total
                done, total = looked_at, of
                progress(done, total)

            return await memory.copy_to(there, namespaces=names, progress=note)
    except BaseException:
        if total:
            remark(
                f"{done:,} of {total:,} memories are copied. "
                "Run the same command again to continue: what is copied is passed over."
            )
        raise
    finally:
        await memory.cleanup()


def _configurations(
    settings: Settings, source: StoreType, target: StoreType, to_dir: Path | None
) -> tuple[MemoryConfig, MemoryConfig]:
    """Where to copy from, and where to. ``--dir`` is the folder of the only one that has a folder, or of the source."""
    if settings.store is not None:
        raise ValidationError("means nothing to copy.", field="--store", remedy="Use --from and --to.")
    if to_dir is not None and target == "neo4j":
        raise ValidationError("means nothing to the neo4j store.", field="--to-dir", remedy="Leave it out.")
    from_dir = settings.directory
    if source == "neo4j" and target != "neo4j" and to_dir is None:
        from_dir, to_dir = None, settings.directory
    return _side(settings, source, from_dir), _side(settings, target, to_dir)


def _side(settings: Settings, store: StoreType, directory: Path | None) -> MemoryConfig:
    # Environment variables that are meant for Chroma must not make the other side a contradiction.
    plain = None if store == "chroma" else {"chroma_host": None, "chroma_port": None, "distance_metric": "cosine"}
    return replace(settings, store=store, directory=directory).config(vector_store=plain)


def _as_json(report: CopyReport) -> dict[str, Any]:
    namespaces = [{**part.model_dump(mode="json"), "complete": part.complete} for part in report.namespaces]
    return {"complete": report.complete, "seconds": round(report.seconds, 3), "namespaces": namespaces}


def _print(report: CopyReport, here: MemoryConfig, there: MemoryConfig) -> None:
    """The count by kind over all namespaces, then what was done, then what differs."""
    parts = report.namespaces
    say(f"{'':21}{'from':>12} {'to':>12}", style="dim")
    for name in Inventory.model_fields:
        counts = [sum(getattr(side, name) for side in sides) for sides in _sides(parts)]
        same = all(getattr(part.source, name) == getattr(part.target, name) for part in parts)
        say(f"{name.replace('_', ' '):21}{counts[0]:>12,} {counts[1]:>12,}", style=None if same else "bold red")
    present = sum(part.present for part in parts)
    say(
        f"Copied {sum(part.copied for part in parts):,} memories of {_namespaces(parts)} from {location(here)} "
        f"to {location(there)} in {report.seconds:.1f} s" + (f"; {present:,} were there already." if present else ".")
    )
    if report.complete:
        say("Both stores hold the same, by kind and memory by memory.")
        return
    differing = [part for part in parts if not part.complete]
    for part in differing[:_NAMED]:
        say(f"Namespace {part.namespace} differs: {_difference(part)}.", style="bold red")
    if len(differing) > _NAMED:
        say(f"So do {len(differing) - _NAMED:,} more.", style="bold red")


def _sides(parts: list[NamespaceCopy]) -> tuple[list[Inventory], list[Inventory]]:
    return [part.source for part in parts], [part.target for part in parts]


def _namespaces(parts: list[NamespaceCopy]) -> str:
    return f"namespace {parts[0].namespace}" if len(parts) == 1 else f"{len(parts):,} namespaces"


def _difference(part: NamespaceCopy) -> str:
    if part.differing:
        more = len(part.differing) - _NAMED
        return f"memories {', '.join(part.differing[:_NAMED])}" + (f" and {more:,} more" if more > 0 else "")
    more = part.target.memories - part.source.memories
    if more > 0:
        return f"every memory was copied, and the target holds {more:,} more, which were there before"
    return "every memory was copied, but one of the stores holds more than the other"


COMMANDS = {"copy": copy, "backup": backup, "restore": restore}
