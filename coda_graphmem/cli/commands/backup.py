"""Backs a whole store up into a folder: ``backup``."""

from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.copies import UNFINISHED, print_report, run_copy, store_config
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import say
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError


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

    if folder.name.endswith(UNFINISHED):
        raise ValidationError(
            f"ends in {UNFINISHED}, as unfinished backups do.", field=str(folder), remedy="Choose another name."
        )
    if folder.exists():
        raise ValidationError("exists already.", field=str(folder), remedy="Name a folder that does not exist.")
    part = folder.with_name(folder.name + UNFINISHED)
    here = settings.config()
    there = store_config(settings, "embedded", part)
    begun = file_of(there).exists()
    report = await run_copy(here, there, None)
    if begun and not report.complete:
        for path in part.glob(f"{file_of(there).name}*"):
            path.unlink()
        report = await run_copy(here, there, None)
    print_report(report, here, there, as_json=as_json)
    if not report.complete:
        raise ValidationError(
            "is not the same as the store, which may have been changed meanwhile.",
            field=str(part),
            remedy="Remove it and run the same command again.",
        )
    part.rename(folder)
    if not as_json:
        say(f"The backup is {folder}.")
