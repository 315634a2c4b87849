"""Calls that look after a namespace and its store, and run the jobs that do so."""

from collections.abc import Callable, Iterable, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.errors import EmbeddingError, MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.maintenance.reembed import reembed
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import (
    CleanupResult,
    DecayResult,
    JobRun,
    JobStatus,
    MemoryHealth,
    OptimizationResult,
    ReembedResult,
)
from coda_graphmem.validation.checked import seconds_of
from coda_graphmem.validation.types import Id, Limit, Moment, Offset, Positive, Unit


class Maintenance(ManagerCore):
    """Looks after a namespace and its store; calls about jobs work on the whole store."""

    @operation(MemoryStorageError)
    async def apply_decay(
        self, *, as_of: Moment | None = None, dry_run: bool = False, progress: Callable[[int, int], None] | None = None
    ) -> DecayResult:
        """Keep how much of each live long-term memory's strength is left (see `coda_graphmem.decay`).

        Factors come from absolute times, so that calling it twice, or late, gives the same. Reading a memory computes
        its factor anew in any case; what is kept here is for those who look into the store.

        Args:
            as_of: The time to compute for (seconds, `datetime` or ISO 8601); None for the clock.
            dry_run: Whether to keep nothing and only say how strong memories are.
            progress: Called with (done, total).
        """
        return await self._open.maintenance.decay.apply(
            self.namespace, as_of=seconds_of(as_of), dry_run=dry_run, progress=progress
        )

    @operation(MemoryStorageError)
    async def cleanup_old_memories(
        self,
        max_age_days: Positive = 30.0,
        min_importance: Unit = 0.3,
        max_access_count: Offset = 1,
        *,
        dry_run: bool = False,
    ) -> CleanupResult:
        """Remove live long-term memories that are old, unimportant and hardly ever recalled, for good.

        All three conditions must hold. A call that is interrupted has removed whole batches; the next one goes on.

        Args:
            max_age_days: Memories that happened and were stored longer ago than this, above 0.
            min_importance: Memories below this importance, in [0, 1].
            max_access_count: Memories recalled at most this often, at least 0.
            dry_run: Whether to remove nothing and only say which memories would go.
        """
        return await self._open.maintenance.cleanup.clean_up(
            self.namespace,
            max_age_days=max_age_days,
            min_importance=min_importance,
            max_access_count=max_access_count,
            dry_run=dry_run,
        )

    @operation(MemoryRetrievalError)
    async def check_memory_health(self) -> MemoryHealth:
        """Compare all that this namespace holds with indexes and counters, and look at the schedule.

        Returns:
            A score in [0, 1] and what is not as it should be, each with a remedy.
        """
        return await self._open.maintenance.health.check(self.namespace)

    @operation(MemoryStorageError)
    async def optimize_storage(self, *, consolidate: bool = True) -> OptimizationResult:
        """Make the store small and right: remove what is over, repair, merge, give space back.

        No long-term memory is lost. Vectors that nothing can be compared with, of another length than the model's or
        not finite, are made anew. The file of the embedded store is written anew, which takes as long as copying it.

        Args:
            consolidate: Whether memories that were stored or changed since the last consolidation are merged too.
        """
        return await self._open.maintenance.optimization.optimize(self.namespace, consolidate=consolidate)

    @operation(EmbeddingError, opens=True)
    async def reembed(self, *, progress: Callable[[int, int], None] | None = None) -> ReembedResult:
        """Give all memories and items of the store, of every namespace, vectors of the configured model.

        It may be called before `initialize`, which refuses a store of another model. It works in
        batches; an interrupted call is continued by the next one. Until it ends, others search with
        the old vectors.

        Args:
            progress: Called with (done, total) after each batch.

        Raises:
            ValidationError: Semantic search is switched off.
        """
        if not self.config.enable_semantic_search:
            raise ValidationError(
                "is off, so there is no model to embed with.", field="enable_semantic_search", remedy="Set it to True."
            )
        await self.lifecycle.open(check_model=False)
        return await reembed(
            self.services.resources.store,
            self.services.resources.embedding,
            batch_size=self.config.vector_store.max_batch_size,
            events=self.services.resources.events,
            progress=progress,
        )

    @operation(MemoryStorageError)
    async def list_jobs(self) -> list[JobStatus]:
        """The jobs of the schedule: what each does, how often, when it ran last and when it is due."""
        return await self._open.maintenance.jobs.status()

    @operation(MemoryStorageError)
    async def list_runs(self, job: Id | None = None, limit: Limit = 100) -> list[JobRun]:
        """What ran, in any process, the newest first.

        Args:
            job: Only runs recorded under this name, such as ``consolidate`` for those of one namespace or
                ``scheduled decay`` for rounds of the schedule; None for all.
            limit: How many at most.
        """
        return await self._open.resources.store.jobs.find_runs(job=job, limit=limit)

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

        A job is done up to a tenth of its interval early, at most ten minutes, so that daily calls do daily jobs daily.

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
        names = [] if isinstance(jobs, str | bytes) or not isinstance(jobs, Iterable) else list(jobs)
        if not names:
            raise ValidationError(
                "must be a list of names of jobs.", field="jobs", remedy="Pass a list, or None for all."
            )
        return [self._open.maintenance.jobs.check(name, "jobs") for name in names]
