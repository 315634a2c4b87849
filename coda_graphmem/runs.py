"""Runs of jobs: one process at a time does a thing, and what it did is remembered."""

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from coda_graphmem.boundary import to_its_end
from coda_graphmem.errors import GraphMemoryError, MemoryConsolidationError, StoreUnavailableError
from coda_graphmem.models import JobRun
from coda_graphmem.store.protocol import Jobs

logger = logging.getLogger(__name__)

STOPPED = "stopped before it was done"
"""Error of a run whose program ended it."""
DIED = "its process ended before it was done"
"""Error of a run that nobody finished."""

#: A lease is renewed so many times before it would run out.
_RENEWALS = 3
#: Seconds that the end of a lease waits for a renewal that is under way.
_PATIENCE = 5.0
#: Runs among which those of dead processes are looked for.
_RECENT = 20


def round_of(job: str) -> str:
    """The name under which rounds of a job over all namespaces are recorded."""
    return f"scheduled {job}"


def error_text(error: BaseException | None) -> str:
    """What is recorded of an error; of a foreign one only the kind, as its text may hold content or secrets."""
    text = str(error) if isinstance(error, GraphMemoryError) else "failed unexpectedly"
    return f"{type(error).__name__}: {text}"


@dataclass(slots=True)
class Recorded:
    """A run while it goes on. What is in ``changed`` and ``summary`` at its end is kept, whatever ends it."""

    run: JobRun
    _jobs: Jobs
    changed: int = 0
    summary: dict[str, Any] = field(default_factory=dict)
    """Counts by kind; never content of memories."""
    error: str | None = None
    """What went wrong in a part of a run that is done all the same."""
    is_kept: bool = False

    @property
    def run_id(self) -> str:
        """Its id."""
        return self.run.run_id

    async def keep(self, *, again: bool = False) -> None:
        """Make sure that the store knows of it, before the first change that it makes.

        Args:
            again: Whether what ``summary`` holds by now is kept too.
        """
        if again or not self.is_kept:
            self.run = self.run.model_copy(update={"summary": dict(self.summary)})
            await self._jobs.save_run(self.run)
            self.is_kept = True

    async def end(self, at: float, error: str | None) -> None:
        """Keep how it ended; a run that was never kept and did not fail leaves no trace."""
        if not self.is_kept and error is None:
            return
        self.run = self.run.model_copy(
            update={
                "finished_at": at,
                "status": "done" if error is None else "failed",
                "changed": self.changed,
                "summary": self.summary,
                "error": self.error if error is None else error,
            }
        )
        await self._jobs.save_run(self.run)


class Runs:
    """Takes leases and records runs for one process.

    Args:
        jobs: Keeps both.
        clock: Seconds since the Unix epoch, UTC; times of runs. Leases go by the store's own clock.
        lease_seconds: How long a lease outlives a process that dies.
    """

    def __init__(self, jobs: Jobs, clock: Callable[[], float], *, lease_seconds: float) -> None:
        self._jobs = jobs
        self._clock = clock
        self._lease_seconds = lease_seconds

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[bool]:
        """Hold a lease while the block runs. The value is False where another has it, in this process or elsewhere.

        Raises:
            StoreUnavailableError: It was lost meanwhile, as the store did not answer for too long; the block was
                cancelled before another could take its place.
        """
        holder = f"{_process()} {uuid.uuid4().hex[:12]}"
        # A call that is cancelled while the store answers may have got the lease all the same.
        is_held, stopped = await to_its_end(self._jobs.acquire_lease(name, holder, self._lease_seconds))
        if stopped is not None:
            # Also where it is cancelled once more meanwhile.
            await to_its_end(self._give_back(name, holder))
            raise stopped
        if not is_held:
            yield False
            return
        block = asyncio.current_task()
        assert block is not None
        lost = asyncio.Event()
        renewal = asyncio.create_task(self._renew(name, holder, block, lost), name="coda-graphmem-lease")
        try:
            yield True
        except asyncio.CancelledError:
            if lost.is_set() and block.uncancel() == 0:
                raise StoreUnavailableError(
                    f"the lease of {name!r} was lost while it ran.", remedy="It is run again when it is due."
                ) from None
            raise
        finally:
            renewal.cancel()
            # Here as well: the next call shall not have to wait for the lease's end.
            _, stopped = await to_its_end(self._end_lease(name, holder, renewal))
            if stopped is not None:
                raise stopped

    async def _end_lease(self, name: str, holder: str, renewal: asyncio.Task[None]) -> None:
        # A renewal that is under way must not come after it.
        await asyncio.wait({renewal}, timeout=_PATIENCE)
        await self._give_back(name, holder)

    async def _give_back(self, name: str, holder: str) -> None:
        try:
            await self._jobs.release_lease(name, holder)
        except GraphMemoryError as error:
            logger.warning("The lease of %r could not be given back and runs out by itself: %s", name, error)

    @asynccontextmanager
    async def alone(self, job: str, namespace: str) -> AsyncIterator[None]:
        """Hold the lease of a job on one namespace while the block runs.

        Raises:
            MemoryConsolidationError: Somebody else has it.
        """
        async with self.lease(f"{job} {namespace}") as is_held:
            if not is_held:
                raise MemoryConsolidationError(
                    f"another run of {job!r} is going on in namespace {namespace!r}.",
                    remedy="Wait until it is done; coda-graphmem jobs shows it.",
                )
            yield

    @asynccontextmanager
    async def recorded(self, job: str, namespace: str | None) -> AsyncIterator[Recorded]:
        """Record what the block does as a run of a job; its lease should be held.

        Runs of the same job and namespace that are still ``running`` belong to processes that are gone: they
        are marked as failed.
        """
        for run in await self._jobs.find_runs(job=job, namespace=namespace, limit=_RECENT):
            if run.status == "running" and run.namespace == namespace:
                await self._jobs.save_run(
                    run.model_copy(update={"status": "failed", "finished_at": self._clock(), "error": DIED})
                )
        started = JobRun(
            run_id=uuid.uuid4().hex, job=job, namespace=namespace, holder=_process(), started_at=self._clock()
        )
        recorded = Recorded(started, self._jobs)
        try:
            yield recorded
        except asyncio.CancelledError:
            await self._end(recorded, STOPPED)
            raise
        except Exception as error:
            await self._end(recorded, error_text(error))
            raise
        await recorded.end(self._clock(), None)

    async def _end(self, recorded: Recorded, error: str) -> None:
        """Keep the end of a run that failed; the error that ended it is the one that counts."""
        try:
            await recorded.end(self._clock(), error)
        except GraphMemoryError as another:
            logger.warning("The end of run %s could not be recorded: %s", recorded.run_id, another)

    async def _renew(self, name: str, holder: str, block: asyncio.Task[Any], lost: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._lease_seconds
        while True:
            await asyncio.sleep(self._lease_seconds / _RENEWALS)
            asked = loop.time()
            try:
                held, stopped = await to_its_end(self._jobs.acquire_lease(name, holder, self._lease_seconds))
                if stopped is not None:
                    raise stopped
            except GraphMemoryError as error:
                logger.warning("The lease of %r could not be renewed: %s", name, error)
                held = loop.time() < until
            else:
                until = asked + self._lease_seconds if held else until
            if not held:
                lost.set()
                block.cancel()
                return


def _process() -> str:
    """Host and process, for people."""
    return f"{socket.gethostname()} {os.getpid()}"
