"""Commands of the schedule: ``maintain``, the worker, and ``jobs``, what it did."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, remark, say, when
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.models import JobRun, JobStatus

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager


async def maintain(
    settings: Settings,
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what is due, or the jobs named, and end (default).")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay and do each job when it is due.")] = False,
    jobs: Annotated[
        list[str] | None, typer.Option("--job", "-j", help="Only this job; may be repeated. See jobs for names.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look after the store, for all namespaces: decay, expiry, merging, linking, limits, cleanup.

    Only one process at a time does a job, so that any number of workers and programs may run beside one another.
    """
    if once and watch:
        raise typer.BadParameter("Give either --once or --watch.")
    async with open_memory(settings) as memory:
        if watch:
            await _watch(memory, jobs, as_json=as_json)
            return
        done: list[JobRun] = []
        left_out: list[str] = []
        if jobs is None:
            async with waiting("Doing what is due"):
                done = await memory.run_due_jobs()
        else:
            for name in jobs:
                async with waiting(f"Doing {name}"):
                    run = await memory.run_job(name)
                if run is None:
                    left_out.append(name)
                else:
                    done.append(run)
        if as_json:
            print_json([run.model_dump(mode="json") for run in done])
        else:
            for run in done:
                _print_run(run)
            if not done and not left_out:
                say("Nothing is due.")
        for name in left_out:
            remark(f"Another process is doing {name}.")


async def jobs(
    settings: Settings,
    *,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="How many past runs are shown.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show what jobs there are, what ran, when, how long, what it changed, and what comes next."""
    async with open_memory(settings) as memory:
        statuses, runs = await memory.list_jobs(), await memory.list_runs(limit=limit)
        if as_json:
            print_json(
                {
                    "jobs": [status.model_dump(mode="json") for status in statuses],
                    "runs": [run.model_dump(mode="json") for run in runs],
                }
            )
            return
        say("Jobs", style="bold")
        now = time.time()
        for status in statuses:
            say(f"  {status.name:12} {_plan(status, now):44} {status.about}")
        say("\nRuns, the newest first", style="bold")
        for run in runs:
            _print_run(run)
        if not runs:
            say("  Nothing ran so far.")


async def _watch(memory: MemoryManager, jobs: list[str] | None, *, as_json: bool) -> None:
    """Run the schedule until Ctrl-C, or until the process is asked to end."""

    def told(run: JobRun) -> None:
        if as_json:
            # A line each, for programs that read along.
            say(run.model_dump_json())
        else:
            _print_run(run)

    ended = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await memory.start_maintenance(jobs=jobs, on_run=told)
    remark(f"Looking after {location(memory.config)}. Ctrl-C ends it.")
    await ended.wait()


def _plan(status: JobStatus, now: float) -> str:
    if status.interval_hours is None:
        return "off"
    text = f"every {_span(3600 * status.interval_hours)}, "
    if status.next_due is None:
        return text + "once something is stored"
    return text + ("due now" if status.next_due <= now else f"next in {_span(status.next_due - now)}")


def _span(seconds: float) -> str:
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _print_run(run: JobRun) -> None:
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


COMMANDS = {"maintain": maintain, "jobs": jobs}
