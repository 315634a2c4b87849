"""Runs due jobs in the background of a program, by APScheduler."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.maintenance.jobs import JobService
from coda_graphmem.models import JobRun
from coda_graphmem.times import SECONDS_PER_HOUR

logger = logging.getLogger(__name__)

#: APScheduler warns each time that it does not begin a job anew which is still running: here that is no news.
_apscheduler_logger = logger.getChild("apscheduler")
_apscheduler_logger.setLevel(logging.ERROR)

STOP_SECONDS = 1.5
"""How long `Scheduler.stop` waits for what was cancelled."""
LONGEST_WAIT = SECONDS_PER_HOUR
"""Seconds after which the store is asked again when a job is due, as another process may have changed that."""


class Scheduler:
    """Runs jobs when they are due, one at a time, as long as the event loop runs.

    Each is a job of APScheduler with a trigger that fires once an interval. Whether it is due then is for the store to
    say, as other processes run jobs as well: one that is due sooner or later than its trigger fires is looked at
    then. Nothing is imported or read before ``after`` seconds are over, so that a program's first calls are not slowed.

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
            self._names = list(dict.fromkeys(self._jobs.names if names is None else names))
            self._on_run = on_run
            # What runs later is no part of the call that starts it, nor of the span or request that is current in it.
            self._timer = asyncio.get_running_loop().call_later(after, self._spawn, self._begin, context=Context())

    async def stop(self) -> None:
        """End what is running, between two of its batches, and forget the schedule."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.pause()
        try:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                # A call of a store that is under way may take a moment to end.
                await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        finally:
            if scheduler is not None:
                scheduler.shutdown(wait=False)
        # APScheduler ends in the next turn of the event loop.
        await asyncio.sleep(0)

    def forget(self) -> None:
        """Be as if it had never been started, where the event loop that it ran in has ended."""
        self._timer = self._scheduler = None
        self._tasks = set()
        self._one_at_a_time = asyncio.Lock()

    def _spawn(self, work: Callable[..., Any], *arguments: Any) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work(*arguments), name="coda-graphmem-maintenance")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("The schedule failed unexpectedly", exc_info=task.exception())

    async def _begin(self) -> None:
        make_scheduler, make_trigger = await asyncio.to_thread(_load)
        # Times that were missed, as while the computer slept, are made up for once, however late.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = make_scheduler(timezone=UTC, job_defaults=defaults, logger=_apscheduler_logger)
        now = datetime.now(UTC)
        for place, name in enumerate(self._names):
            interval = self._jobs.interval(name)
            if interval is not None:
                scheduler.add_job(
                    self._look,
                    make_trigger(seconds=min(interval, LONGEST_WAIT), timezone=UTC),
                    args=(name,),
                    id=name,
                    name=name,
                    # All are looked at now, in their order.
                    next_run_time=now + timedelta(microseconds=place),
                )
        scheduler.start()
        self._scheduler = scheduler

    async def _look(self, name: str) -> None:
        """What a trigger calls. It lasts as long as the work, so that no second look at a job begins meanwhile."""
        if not self.is_started:
            # The schedule ended while this call was under way.
            return
        task = self._spawn(self._work, name)
        # APScheduler cancels what still waits here when it ends, and takes a cancellation for an error.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([task])

    async def _work(self, name: str) -> None:
        """Do a job if it is due, and find out when to look at it again."""
        run, has_failed = None, False
        async with self._one_at_a_time:
            try:
                run = await self._jobs.run_if_due(name)
            except GraphMemoryError as error:
                has_failed = True
                logger.warning("The job %s failed and is tried again: %s", name, error)
                await self._report_failure(name)
            except Exception:
                has_failed = True
                logger.exception("The job %s failed unexpectedly and is tried again", name)
            if run is not None:
                logger.info("%s changed %d in %.1f s", run.job, run.changed, run.seconds or 0.0)
                self._report(run)
        await self._plan(name, has_run=run is not None, has_failed=has_failed)

    async def _plan(self, name: str, *, has_run: bool, has_failed: bool) -> None:
        """Look at a job when the store says that it is due, where that is before its trigger fires, or as it failed."""
        try:
            due = await self._jobs.due(name)
        except GraphMemoryError as error:
            logger.warning("The store does not say when %s is due: %s", name, error)
            self._look_in(self._recheck, name)
            return
        if due is None:
            return
        wait = min(max(due - self._clock(), 0.0), LONGEST_WAIT)
        if has_failed or (wait == 0.0 and not has_run):
            # What is due and was not done is in the hands of another process.
            self._look_in(max(wait, self._recheck), name)
        else:
            self._look_in(wait, name, only_sooner=True)

    def _look_in(self, seconds: float, name: str, *, only_sooner: bool = False) -> None:
        """Let the trigger of a job fire next in so many seconds, and once an interval from then on.

        Args:
            seconds: From now.
            name: Which job.
            only_sooner: Whether to leave it alone where it fires before that.
        """
        if self._scheduler is None:
            return
        job, at = self._scheduler.get_job(name), datetime.now(UTC) + timedelta(seconds=seconds)
        if not only_sooner or at < job.next_run_time:
            job.modify(next_run_time=at)

    async def _report_failure(self, name: str) -> None:
        if self._on_run is not None:
            with contextlib.suppress(GraphMemoryError):
                [status] = await self._jobs.status([name])
                if status.last_run is not None:
                    self._report(status.last_run)

    def _report(self, run: JobRun) -> None:
        if self._on_run is not None:
            try:
                self._on_run(run)
            except Exception:
                logger.exception("What on_run was given failed; the schedule goes on")


def _load() -> tuple[Any, Any]:
    """APScheduler's scheduler and trigger, which take a while to import."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    return AsyncIOScheduler, IntervalTrigger
