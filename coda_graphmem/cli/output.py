"""Prints results for people, or as JSON for programs."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

from coda_graphmem.models import DeletionReceipt, JobRun

if TYPE_CHECKING:
    from rich.console import Console


@cache
def stdout() -> Console:
    """Where results go; colours and wrapping only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


@cache
def stderr() -> Console:
    """Where progress and remarks go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def say(text: str = "", style: str | None = None) -> None:
    """Print a line of the result."""
    stdout().print(text, style=style)


def remark(text: str) -> None:
    """Print a line that is not part of the result."""
    stderr().print(text, style="dim")


def print_json(value: Any) -> None:
    """Print one JSON value, which may hold models, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=to_jsonable_python) + "\n")


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
    if not receipt.memories:
        say("There was nothing to remove.")
        return
    parts = [
        counted(receipt.memories, "memory", "memories"),
        counted(receipt.vectors, "vector", "vectors"),
        counted(receipt.text_rows, "row of the text index", "rows of the text index"),
        counted(receipt.mentions, "mention", "mentions"),
        counted(receipt.links, "link", "links"),
        counted(receipt.entities, "entity", "entities"),
    ]
    say(f"Removed {', '.join(parts)}.")
    back = len({*receipt.restored_ids, *receipt.rebuilt_ids})
    if back:
        say(f"{counted(back, 'merged memory says', 'merged memories say')} only what others said.")
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
