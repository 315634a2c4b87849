"""Prints results for people, or as JSON for programs.

All that a command prints goes through here, so that no terminal obeys what a memory says and no encoding stops it.
"""

from __future__ import annotations

import codecs
import json
import logging
import sys
import traceback
from datetime import datetime
from functools import cache
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pydantic_core import to_jsonable_python

from coda_graphmem.characters import visible, visible_json
from coda_graphmem.models import DeletionReceipt, JobRun

if TYPE_CHECKING:
    from rich.console import Console

#: Name under which Python knows how characters are shown that an encoding lacks.
_SHOWN = "coda-graphmem-shown"

#: Signs of ASCII that are read as others that commands print themselves.
_LIKE = str.maketrans("“”\u2018\u2019–—·✓✗", "\"\"''--|+x") | {ord("…"): "...", ord("→"): "->"}


@cache
def stdout() -> Console:
    """Where results go; colours and wrapping only on a terminal."""
    from coda_graphmem.cli.screen import Screen

    return Screen(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


@cache
def stderr() -> Console:
    """Where progress and remarks go."""
    from coda_graphmem.cli.screen import Screen

    return Screen(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=not sys.stderr.isatty())


def binary_stdout() -> BinaryIO:
    """Where the bytes of a file go; a terminal gets them as a text that is shown."""
    return cast("BinaryIO", _ShownBytes()) if sys.stdout.isatty() else sys.stdout.buffer


class _ShownBytes:
    """Bytes that are shown on standard output."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def write(self, data: bytes) -> int:
        """Show some bytes, of which the last may be the beginning of a character."""
        sys.stdout.write(visible(self._decoder.decode(data), lines=True))
        return len(data)

    def flush(self) -> None:
        """Show what was written so far."""
        sys.stdout.flush()


def accept_all_characters() -> None:
    """Let standard output and error show what their encoding lacks by a sign like it or an escape, not fail."""
    codecs.register_error(_SHOWN, _shown)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors=_SHOWN)


def _shown(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(_LIKE)
    return lacking.encode("ascii", "backslashreplace").decode("ascii"), error.end


def say(text: str = "", style: str | None = None) -> None:
    """Print a line of the result."""
    stdout().print(visible(text), style=style)


def print_text(text: str) -> None:
    """Print a text of several lines as it is, for programs too: nothing is wrapped."""
    sys.stdout.write(visible(text, lines=True) + "\n")


def remark(text: str) -> None:
    """Print a line that is not part of the result."""
    stderr().print(visible(text), style="dim")


def complain(text: str) -> None:
    """Print what went wrong, on one line however long it is."""
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()


def print_traceback() -> None:
    """Print where the error that is being handled comes from."""
    sys.stderr.write(visible(traceback.format_exc(), lines=True))


class VisibleFormatter(logging.Formatter):
    """Formats records of a log for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines of a record, in which nothing is obeyed by the terminal."""
        return visible(super().format(record), lines=True)


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """Print one JSON value, which may hold models, and nothing else."""
    text = visible_json(json.dumps(value, ensure_ascii=False, indent=indent, default=to_jsonable_python))
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent, default=to_jsonable_python)
    sys.stdout.write(text + "\n")


def when(timestamp: float) -> str:
    """A time in the zone of this machine."""
    try:
        moment = datetime.fromtimestamp(timestamp).astimezone()
    except (ValueError, OverflowError, OSError):  # years the platform's clock does not know
        return f"{timestamp:.0f} s"
    return f"{moment.day} {moment:%b %Y %H:%M}"


def counted(count: int, one: str, many: str) -> str:
    """A number with the word for one or for many."""
    return f"{count:,} {one if count == 1 else many}"


def print_receipt(receipt: DeletionReceipt) -> None:
    """Print what was removed, by kind."""
    back = len({*receipt.restored_ids, *receipt.rebuilt_ids})
    if not receipt.memories and not receipt.items and not back:
        say("There was nothing to remove.")
        return
    parts = [
        counted(receipt.memories, "memory", "memories"),
        counted(receipt.vectors, "vector", "vectors"),
        counted(receipt.text_rows, "row of the text index", "rows of the text index"),
        counted(receipt.mentions, "mention", "mentions"),
        counted(receipt.links, "link", "links"),
        counted(receipt.entities, "entity", "entities"),
        *([counted(receipt.items, "item", "items")] if receipt.items else []),
    ]
    say(f"Removed {', '.join(parts)}.")
    if back:
        say(f"{counted(back, 'shared memory says', 'shared memories say')} only what others said.")
    if receipt.pending:
        say(f"Traces are left ({', '.join(receipt.pending)}); coda-graphmem optimize removes them.", style="yellow")


def print_run(run: JobRun) -> None:
    """Print a run: when, which job, how it ended, how long it took, and what it changed."""
    took = "" if run.seconds is None else f" in {run.seconds:.1f} s"
    where = "" if run.namespace is None else f" of {run.namespace}"
    counts: dict[str, Any] = {key: value for key, value in run.summary.items() if isinstance(value, int) and value}
    details = ", ".join(f"{key.replace('_', ' ')} {value:,}" for key, value in counts.items())
    say(
        f"  {when(run.started_at):17}  {run.job}{where}: {run.status}{took}, changed {run.changed:,}"
        + (f" ({details})" if details else "")
    )
    say(f"      {run.run_id}", style="dim")
    if run.error:
        say(f"      {run.error}", style="red")
