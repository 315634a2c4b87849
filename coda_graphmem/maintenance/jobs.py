"""The jobs of the schedule: what each does over all namespaces of a store, how often, and what it leaves on record."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.service import ConsolidatingService
from coda_graphmem.errors import MemoryConsolidationError, StoreUnavailableError, ValidationError
from coda_graphmem.maintenance.cleanup import ClearingService
from coda_graphmem.maintenance.decay import DecayingService
from coda_graphmem.maintenance.links import LinkingService
from coda_graphmem.memories.capacity import archive_weakest
from coda_graphmem.models import JobRun, JobStatus
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Recorded, Runs, round_of, told
from coda_graphmem.store.protocol import MemoryStore

logger = logging.getLogger(__name__)

HOUR = 3600.0
RETRY_SECONDS = 900.0
"""A round that failed or was stopped is tried again after this, or after its interval where that is shorter."""
OVERLAP_SECONDS = 60.0
"""So much earlier than the last round began do windows of the next one start, as clocks of a fleet differ."""

#: Rounds among which the last one that was done is looked for.
_RECENT = 100
#: Counts what was done to a namespace; takes its name and the start of the window (seconds, UTC).
Part = Callable[[str, float], Awaitable[dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done to every namespace of a store from time to time."""

    name: str
    about: str
    interval: float | None
    """Seconds from the start of one round to the next; None where the settings switch it off."""
    work: Callable[[float, Recorded], Awaitable[None]]
    """Called with the start of the window (seconds, UTC), which is 0 for the first round, and the round's record."""


def due_at(interval: float | None, last: JobRun | None, born: float | None) -> float | None:
    """When a job is due (seconds since the Unix epoch, UTC).

    Args:
        interval: Seconds from the start of one round to the next; None for never.
        last: Its last round, in whatever state.
        born: When the oldest memory of the store was stored, from which a job that never ran counts; None for an
            empty store.

    Returns:
        A time, in the past where it is overdue; None where it is never due, or nothing is stored yet.
    """
    if interval is None:
        return None
    if last is None:
        return None if born is None else born + interval
    if last.status in ("done", "undone"):
        return last.started_at + interval
    return (last.finished_at or last.started_at) + min(interval, RETRY_SECONDS)


class JobService:
    """Runs jobs, one process at a time, and knows when they are due.

    Args:
        resources: What all services share.
        runs: Takes leases and records runs.
        jobs: In the order in which they are run where several are due.
    """

    def __init__(self, resources: Resources, runs: Runs, jobs: Iterable[Job]) -> None:
        self._store = resources.store
        self._clock = resources.clock
        self._runs = runs
        self._jobs = {job.name: job for job in jobs}

    @property
    def names(self) -> list[str]:
        """All jobs."""
        return list(self._jobs)

    def check(self, name: str, field: str = "name") -> str:
        """The name of a job.

        Raises:
            ValidationError: There is none of that name.
        """
        if name not in self._jobs:
            raise ValidationError(f"{name!r} is no job.", field=field, remedy=f"Use one of {', '.join(self._jobs)}.")
        return name

    async def status(self, names: Iterable[str] | None = None) -> list[JobStatus]:
        """What each job does, when it ran last and when it is due."""
        born = None
        found = []
        for name in self._jobs if names is None else names:
            job, last = self._jobs[name], await self._last(name)
            if last is None and born is None:
                born = await self._born()
            found.append(
                JobStatus(
                    name=name,
                    about=job.about,
                    interval_hours=None if job.interval is None else job.interval / HOUR,
                    last_run=last,
                    next_due=due_at(job.interval, last, born),
                )
            )
        return found

    async def due(self, name: str) -> float | None:
        """When a job is due; see `due_at`."""
        [status] = await self.status([name])
        return status.next_due

    async def run(self, name: str, *, only_if_due: bool = False) -> JobRun | None:
        """Do a job for all namespaces.

        Args:
            name: Which.
            only_if_due: Whether it is left alone where another process has just done it.

        Returns:
            The round; None where another process is at it, or it is not due.

        Raises:
            GraphMemoryError: It failed; the round is on record with the error.
        """
        job, round_name = self._jobs[name], round_of(name)
        async with self._runs.lease(round_name) as is_held:
            if not is_held:
                return None
            if only_if_due:
                due = await self.due(name)
                if due is None or due > self._clock():
                    return None
            rounds = await self._store.jobs.find_runs(job=round_name, limit=_RECENT)
            done = next((run.started_at for run in rounds if run.status == "done"), None)
            since = 0.0 if done is None else done - OVERLAP_SECONDS
            async with self._runs.recorded(round_name, None) as recorded:
                await recorded.keep()
                await job.work(since, recorded)
            return recorded.run

    async def run_due(self, names: Iterable[str] | None = None) -> list[JobRun]:
        """Do all jobs that are due, one after the other; the rounds this process did.

        Raises:
            GraphMemoryError: One failed; those before it are done.
        """
        done = []
        for name in self._jobs if names is None else names:
            due = await self.due(name)
            if due is not None and due <= self._clock():
                run = await self.run(name, only_if_due=True)
                done += [run] if run else []
        return done

    async def _last(self, name: str) -> JobRun | None:
        return next(iter(await self._store.jobs.find_runs(job=round_of(name), limit=1)), None)

    async def _born(self) -> float | None:
        """When the first memory that is still there was stored."""
        times = []
        for namespace in await self._store.records.namespaces():
            for row in await self._store.transfer.export_memories(namespace, after=0, limit=1):
                times.append(row.memory.created_at or row.memory.timestamp)
        return min(times, default=None)


def make_jobs(
    resources: Resources,
    *,
    decaying: DecayingService,
    consolidating: ConsolidatingService,
    linking: LinkingService,
    clearing: ClearingService,
) -> list[Job]:
    """The jobs, with the intervals of the settings, in the order in which they are run."""
    config, store, clock = resources.config, resources.store, resources.clock

    async def expire(_since: float, run: Recorded) -> None:
        run.changed = await store.records.expire(None, clock())

    async def decay(namespace: str, _since: float) -> dict[str, int]:
        return {"changed": (await decaying.apply(namespace)).saved}

    async def limit(namespace: str, _since: float) -> dict[str, int]:
        return {"changed": await archive_weakest(store, namespace, config.max_memories, clock())}

    async def consolidate(namespace: str, since: float) -> dict[str, int]:
        result = await consolidating.consolidate(namespace, since=since, keep_empty=False)
        return {
            "changed": result.consolidated_count,
            "considered": result.memories_considered,
            "merged": result.merged_count,
            "refused": len(result.refused),
            "links": result.links,
        }

    async def link(namespace: str, since: float) -> dict[str, int]:
        settings = config.maintenance
        result = await linking.link(
            namespace,
            since=since,
            min_similarity=settings.link_similarity,
            limit=settings.link_limit,
            keep_empty=False,
        )
        return {"changed": result.links, "considered": result.considered}

    async def cleanup(namespace: str, _since: float) -> dict[str, int]:
        settings = config.maintenance
        result = await clearing.clear(
            namespace,
            max_age_days=settings.cleanup_max_age_days,
            min_importance=settings.cleanup_min_importance,
            max_access_count=settings.cleanup_max_access_count,
            dry_run=False,
        )
        return {"changed": result.removed.memories}

    intervals = _intervals(config)
    everywhere = partial(_everywhere, store)
    jobs = {
        "expire": ("Removes short-term memories whose time is over.", expire),
        "decay": ("Keeps how much of each memory's strength is left.", everywhere(decay)),
        "limit": ("Archives the weakest memories beyond max_memories.", everywhere(limit)),
        "consolidate": ("Merges new memories with those that say the same.", everywhere(consolidate)),
        "link": ("Links new memories to those that are alike.", everywhere(link)),
        "cleanup": ("Removes memories that are old, unimportant and hardly ever recalled.", everywhere(cleanup)),
    }
    return [Job(name, about, intervals[name], work) for name, (about, work) in jobs.items()]


def _everywhere(store: MemoryStore, part: Part) -> Callable[[float, Recorded], Awaitable[None]]:
    """Do something to every namespace; one that fails keeps no other from its turn."""

    async def work(since: float, run: Recorded) -> None:
        names = await store.records.namespaces()
        failures = []
        for name in names:
            try:
                counts = await part(name, since)
            except StoreUnavailableError:
                raise
            except MemoryConsolidationError:
                logger.info("A namespace was left out by %s: somebody does the same by hand", run.run.job)
                counts = {"left_out": 1}
            except Exception as error:
                logger.warning("A namespace was left out by %s: %s", run.run.job, told(error))
                failures.append(error)
                counts = {"failed": 1}
            run.changed += counts.pop("changed", 0)
            counts["namespaces"] = 1
            for key, count in counts.items():
                run.summary[key] = run.summary.get(key, 0) + count
        if failures and len(failures) == len(names):
            raise failures[0]
        run.error = told(failures[0]) if failures else None

    return work


def _intervals(config: MemoryConfig) -> dict[str, float | None]:
    settings = config.maintenance
    merging = config.enable_auto_consolidation and config.enable_semantic_search
    hours = {
        "expire": settings.expiry_interval_hours,
        "decay": settings.decay_interval_hours if config.importance_decay_rate else None,
        "limit": settings.limit_interval_hours,
        "consolidate": config.consolidation_interval_hours if merging else None,
        "link": settings.link_interval_hours if merging else None,
        "cleanup": settings.cleanup_interval_hours,
    }
    return {name: None if interval is None else HOUR * interval for name, interval in hours.items()}
