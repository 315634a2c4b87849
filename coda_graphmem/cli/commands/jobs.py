"""Shows the jobs, what ran and what comes next: ``jobs``."""

import time
from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, print_run, say
from coda_graphmem.cli.session import OpenMemory
from coda_graphmem.models import JobStatus
from coda_graphmem.times import SECONDS_PER_DAY, SECONDS_PER_HOUR


async def jobs(
    memory: OpenMemory,
    *,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="How many past runs are shown.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show what jobs there are, what ran, when, how long, what it changed, and what comes next."""
    statuses, runs = await memory.list_jobs(), await memory.list_runs(limit=limit)
    if as_json:
        print_json({"jobs": statuses, "runs": runs})
        return
    say("Jobs", style="bold")
    now = time.time()
    for status in statuses:
        say(f"  {status.name:12} {_plan(status, now):44} {status.about}")
    say()
    say("Runs, the newest first", style="bold")
    for run in runs:
        print_run(run)
    if not runs:
        say("  Nothing ran so far.")


def _plan(status: JobStatus, now: float) -> str:
    if status.interval_hours is None:
        return "off"
    text = f"every {_span(SECONDS_PER_HOUR * status.interval_hours)}, "
    if status.next_due is None:
        return text + "once something is stored"
    return text + ("due now" if status.next_due <= now else f"next in {_span(status.next_due - now)}")


def _span(seconds: float) -> str:
    for size, unit in ((SECONDS_PER_DAY, "d"), (SECONDS_PER_HOUR, "h"), (60.0, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
