"""Brings a backup back: ``restore``."""

from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.copies import UNFINISHED, print_report, run_copy, store_config
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError


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

    if folder.name.endswith(UNFINISHED):
        raise ValidationError(
            "is a backup that was not finished.", field=str(folder), remedy="Run the same backup again: it goes on."
        )
    here, there = store_config(settings, "embedded", folder), settings.config()
    if not file_of(here).is_file():
        raise ValidationError("holds no backup.", field=str(folder), remedy="Name a folder that backup made.")
    report = await run_copy(here, there, None if settings.namespace is None else [settings.namespace])
    print_report(report, here, there, as_json=as_json)
    if not report.complete:
        raise typer.Exit(code=1)
