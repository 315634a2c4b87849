"""Does what is due, once or for as long as it runs: ``maintain``."""

import asyncio
import contextlib
import signal
import sys
from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, print_run, remark, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import OpenMemory, open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.models import JobRun


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
            print_json(done)
        else:
            for run in done:
                print_run(run)
            if not done and not left_out:
                say("Nothing is due.")
        for name in left_out:
            remark(f"Another process is doing {name}.")


async def _watch(memory: OpenMemory, jobs: list[str] | None, *, as_json: bool) -> None:
    """Run the schedule until Ctrl-C, or until the process is asked to end."""

    def print_done(run: JobRun) -> None:
        if as_json:
            # A line each, for programs that read along.
            print_json(run, indent=None)
            sys.stdout.flush()
        else:
            print_run(run)

    ended = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await memory.start_maintenance(jobs=jobs, on_run=print_done)
    remark(f"Looking after {location(memory.config)}. Ctrl-C ends it.")
    await ended.wait()
