"""Copies memories into another store: ``copy``."""

from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.copies import print_report, run_copy, store_config
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.settings import Settings
from coda_graphmem.config import MemoryConfig, StoreType
from coda_graphmem.errors import ValidationError


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
    here, there = _sides(settings, source, target, to_dir)
    names = None if settings.namespace is None else [settings.namespace]
    report = await run_copy(here, there, names)
    print_report(report, here, there, as_json=as_json)
    if not report.complete:
        raise typer.Exit(code=1)


def _sides(
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
    return store_config(settings, source, from_dir), store_config(settings, target, to_dir)
