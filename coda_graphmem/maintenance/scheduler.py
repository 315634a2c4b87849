"""Runs due jobs in the background of a program, by APScheduler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.maintenance.jobs import JobService
from coda_graphmem.models import JobRun

logger = logging.getLogger(__name__)

STOP_SECONDS = 1.5
"""How long `Scheduler.stop` waits for what was cancelled."""
LONGEST_WAIT = 3600.0
"""Seconds after which the store is asked again when a job is due, as another process may have changed that."""


class Scheduler:
    """Looks when jobs are due and runs them, one at a time, as long as the event loop runs.

    Nothing is imported or read before ``after`` seconds are over, so that a program's first calls are not slowed.

    Args:
        jobs: The jobs.
        clock: Seconds since the Unix epoch, UTC, by which they are due.
        recheck: Seconds after which a job that another process is at, or a store that did not answer, is asked again.
    """

    def __init__(self, jobs: JobService, clock: Callable[[], float], *, recheck: float) -> None:
        self._jobs = jobs
        self._clock = clock
        self._recheck = recheck
        self._names: list[str] = []
        self._on_run: Callable[[JobRun], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._scheduler: Any = None

    @property
    def is_started(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._timer is not None

    def start(
        self, *, after: float, names: Iterable[str] | None = None, on_run: Callable[[JobRun], None] | None = None
    ) -> None:
        """Begin after some seconds; does nothing where it was started before.

        Args:
            after: Seconds from now.
            names: Only these jobs; None for all.
            on_run: Called with each round that this process ends, failed ones included.
        """
        if self._timer is None:
            self._names = list(self._jobs.names if names is None else names)
            self._on_run = on_run
            self._timer = asyncio.get_running_loop().call_later(after, self._spawn, self._begin)

    async def stop(self) -> None:
        """End what is running, between two of its batches, and forget the schedule."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            # A call of a store that is under way may take a moment to end.
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)

    async def _wake(self, name: str) -> None:
        """What APScheduler calls; a call that was under way when the schedule ended does nothing."""
        if self.is_started:
            self._spawn(self._fire, name)

    def _spawn(self, work: Callable[..., Any], *arguments: Any) -> None:
        task = asyncio.get_running_loop().create_task(work(*arguments), name="coda-graphmem-maintenance")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("The schedule failed unexpectedly", exc_info=task.exception())

    async def _begin(self) -> None:
        make = await asyncio.to_thread(_load)
        scheduler = make(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
        scheduler.start()
        self._scheduler = scheduler
        for name in self._names:
            self._plan(name, await self._wait(name))

    def _plan(self, name: str, wait: float) -> None:
        if self._scheduler is not None:
            self._scheduler.add_job(
                self._wake,
                "date",
                run_date=datetime.now(UTC) + timedelta(seconds=wait),
                args=(name,),
                name=name,
            )

    async def _wait(self, name: str) -> float:
        """Seconds until a job should be looked at again."""
        try:
            due = await self._jobs.due(name)
        except GraphMemoryError as error:
            logger.warning("The store does not say when %s is due: %s", name, error)
            return self._recheck
        return LONGEST_WAIT if due is None else min(max(due - self._clock(), 0.0), LONGEST_WAIT)

    async def _fire(self, name: str) -> None:
        async with self._one_at_a_time:
            failed = False
            try:
                due = await self._jobs.due(name)
                run = None
                if due is not None and due <= self._clock():
                    run = await self._jobs.run(name, only_if_due=True)
                    failed = run is None
                if run is not None:
                    logger.info("%s changed %d in %.1f s", run.job, run.changed, run.seconds or 0.0)
                    self._tell(run)
            except GraphMemoryError as error:
                failed = True
                logger.warning("The job %s failed and is tried again: %s", name, error)
                await self._tell_failure(name)
            except Exception:
                failed = True
                logger.exception("The job %s failed unexpectedly and is tried again", name)
        wait = await self._wait(name)
        self._plan(name, max(wait, self._recheck) if failed else wait)

    async def _tell_failure(self, name: str) -> None:
        if self._on_run is not None:
            [status] = await self._jobs.status([name])
            if status.last_run is not None:
                self._tell(status.last_run)

    def _tell(self, run: JobRun) -> None:
        if self._on_run is not None:
            try:
                self._on_run(run)
            except Exception:
                logger.exception("What on_run was given failed; the schedule goes on")


def _load() -> Any:
    """APScheduler's class, which takes a while to import."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    return AsyncIOScheduler
