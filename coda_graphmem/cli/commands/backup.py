"""Backs a whole store up into a folder: ``backup``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.copies import UNFINISHED, print_report, run_copy, store_config
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import say
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError

#: How often a store is copied that cannot be read as of one moment and is changed meanwhile.
_ATTEMPTS = 5


async def backup(
    settings: Settings,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Folder to make; it may not exist yet.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Back a whole store up into a folder, whichever store it is, and prove that nothing is missing.

    The folder holds one file that is an embedded store itself: --dir FOLDER looks into it, and restore brings it back.
    It is the store as it stood at one moment, which is named, whatever is written meanwhile. Until it is whole its name
    ends in .part; a backup that was interrupted is simply run again, begins anew, and removes what was left.
    """
    from coda_graphmem.transfer.files import written_folder

    if folder.name.endswith(UNFINISHED):
        raise ValidationError(
            f"ends in {UNFINISHED}, as unfinished backups do.", field=str(folder), remedy="Choose another name."
        )
    if folder.is_symlink() or folder.exists():
        raise ValidationError("exists already.", field=str(folder), remedy="Name a folder that does not exist.")
    here = settings.config()
    with _faults(folder), written_folder(folder) as part:
        there = store_config(settings, "embedded", part)
        for attempt in range(_ATTEMPTS):
            if attempt:
                for path in part.iterdir():
                    path.unlink()
            report = await run_copy(here, there, None, anew=True)
            if report.complete:
                break
        shown = store_config(settings, "embedded", folder)
        print_report(report, here, shown, as_json=as_json)
        if not report.complete:
            raise ValidationError(
                "is not the same as the store was at one moment, and was not kept.",
                field=str(folder),
                remedy="Run the same command again, when less is written.",
            )
    if not as_json:
        say(f"The backup is {folder}.")


@contextmanager
def _faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ValidationError(
            f"cannot be made ({error.strerror}).", field=str(folder), remedy="Check the folder above it and its space."
        ) from error
