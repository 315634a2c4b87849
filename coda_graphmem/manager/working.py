"""Calls of the schedule: which jobs there are, what they did, and running them. They work on the whole store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryStorageError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import JobRun, JobStatus
from coda_graphmem.validation import check_id, check_limit


class Working(ManagerCore):
    """Looks at jobs and runs them; for administration, not for tenants."""

    @operation(MemoryStorageError)
    async def list_jobs(self) -> list[JobStatus]:
        """The jobs of the schedule: what each does, how often, when it ran last and when it is due."""
        return await self._open.maintenance.jobs.status()

    @operation(MemoryStorageError)
    async def list_runs(self, job: str | None = None, limit: int = 100) -> list[JobRun]:
        """What ran, in any process, the newest first.

        Args:
            job: Only runs recorded under this name, such as ``consolidate`` for those of one namespace or
                ``scheduled decay`` for rounds of the schedule; None for all.
            limit: How many at most.
        """
        wanted = None if job is None else check_id(job, "job")
        return await self._open.resources.store.jobs.find_runs(job=wanted, limit=check_limit(limit))

    @operation(MemoryStorageError)
    async def run_job(self, name: str) -> JobRun | None:
        """Do a job of the schedule now, for all namespaces, whether it is due or not.

        Args:
            name: As in `list_jobs`; a job that the settings switch off may be run too.

        Returns:
            The round; None where another process is at it.
        """
        jobs = self._open.maintenance.jobs
        return await jobs.run(jobs.check(name))

    @operation(MemoryStorageError)
    async def run_due_jobs(self, jobs: Sequence[str] | None = None) -> list[JobRun]:
        """Do all jobs that are due, for all namespaces, one after the other.

        Args:
            jobs: Only these; None for all.

        Returns:
            The rounds this process did.
        """
        return await self._open.maintenance.jobs.run_due(self._checked(jobs))

    @operation(MemoryStorageError)
    async def start_maintenance(
        self, *, jobs: Sequence[str] | None = None, on_run: Callable[[JobRun], None] | None = None
    ) -> None:
        """Run jobs in the background when they are due, from now until `stop_maintenance` or `cleanup`.

        `initialize` does this by itself, a few seconds later, where ``maintenance.enabled`` is set. Does nothing
        where the schedule is started.

        Args:
            jobs: Only these; None for all.
            on_run: Called with each round that this process ends.
        """
        self._open.maintenance.scheduler.start(after=0.0, names=self._checked(jobs), on_run=on_run)

    @operation(MemoryStorageError)
    async def stop_maintenance(self) -> None:
        """End the schedule and what it is at, between two batches, within two seconds."""
        await self._open.maintenance.scheduler.stop()

    def _checked(self, jobs: Sequence[str] | None) -> list[str] | None:
        if jobs is None:
            return None
        if isinstance(jobs, str) or not isinstance(jobs, Sequence) or not jobs:
            raise ValidationError(
                "must be a list of names of jobs.", field="jobs", remedy="Pass a list, or None for all."
            )
        return [self._open.maintenance.jobs.check(name, "jobs") for name in jobs]
