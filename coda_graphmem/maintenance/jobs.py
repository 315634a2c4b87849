"""The jobs of the schedule: what each does over all namespaces of a store, how often, and what it leaves on record.

`JOBS` is the table of them: a job is a function and its row. Leases, and what ran, are `coda_graphmem.runs`.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.service import ConsolidationService
from coda_graphmem.errors import MemoryConsolidationError, StoreUnavailableError, ValidationError
from coda_graphmem.maintenance.cleanup import CleanupService
from coda_graphmem.maintenance.decay import DecayService
from coda_graphmem.maintenance.links import LinkService
from coda_graphmem.memories.passages import PassageWriter
from coda_graphmem.memories.statements import StatementReading
from coda_graphmem.memories.writer import archive_weakest
from coda_graphmem.models import JobRun, JobStatus
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Recorded, Runs, error_text, round_of
from coda_graphmem.times import SECONDS_PER_HOUR

logger = logging.getLogger(__name__)

RETRY_SECONDS = 900.0
"""A round that failed or was stopped is tried again after this, or after its interval where that is shorter."""
TOLERANCE, MOST_TOLERANCE = 0.1, 600.0
"""`JobService.run_due` does a job this share of its interval early, at most so many seconds; see `tolerance`."""
OVERLAP_SECONDS = 60.0
"""So much earlier than the last round began do windows of the next one start, as clocks of several machines differ."""

#: Rounds among which the last one that was done is looked for.
_RECENT = 100


@dataclass(frozen=True, slots=True)
class Tools:
    """What jobs do their work with."""

    resources: Resources
    decay: DecayService
    consolidation: ConsolidationService
    links: LinkService
    cleanup: CleanupService
    reading: StatementReading


#: Does a job once. Takes the start of the window (seconds, UTC; 0 for the first round) and the record of the round.
Work = Callable[[Tools, float, Recorded], Awaitable[None]]
#: Does a job to one namespace. Takes its name and the start of the window, and gives counts for the record;
#: ``changed`` is how many memories or links were changed.
NamespaceWork = Callable[[Tools, str, float], Awaitable[dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done to every namespace of a store from time to time."""

    name: str
    about: str
    """What it does, in a sentence."""
    hours: Callable[[MemoryConfig], float | None]
    """Hours from the start of one round to the next, by the settings; None where they switch it off."""
    work: Work


# ---------------------------------------------------------------------- what each job does


async def expire(tools: Tools, _since: float, run: Recorded) -> None:
    """Remove short-term memories and items whose time is over, of all namespaces at once."""
    store, now = tools.resources.store, tools.resources.clock()
    items = await store.items.expire(None, now)
    run.changed = items + await store.records.expire(None, now)
    run.summary["items"] = items


async def facts(tools: Tools, namespace: str, _since: float) -> dict[str, int]:
    """Read what is unread."""
    return {"changed": await tools.reading.read_all(namespace)}


async def passages(tools: Tools, namespace: str, _since: float) -> dict[str, int]:
    """Make passages that are missing."""
    return {"changed": await PassageWriter(tools.resources.store, tools.resources.embedding).complete(namespace)}


async def decay(tools: Tools, namespace: str, _since: float) -> dict[str, int]:
    """Persist decay factors."""
    return {"changed": (await tools.decay.apply(namespace)).saved}


async def index(tools: Tools, namespace: str, _since: float) -> dict[str, int]:
    """Add vectors to the index of a large namespace."""
    return {"changed": await tools.resources.store.health.index_vectors(namespace)}


async def limit(tools: Tools, namespace: str, _since: float) -> dict[str, int]:
    """Archive the weakest beyond the limit."""
    resources = tools.resources
    archived = await archive_weakest(resources.store, namespace, resources.config.max_memories, resources.clock())
    return {"changed": archived}


async def consolidate(tools: Tools, namespace: str, since: float) -> dict[str, int]:
    """Merge what was touched in the window."""
    result = await tools.consolidation.consolidate(namespace, since=since, keep_empty=False)
    return {
        "changed": result.consolidated_count,
        "considered": result.memories_considered,
        "merged": result.merged_count,
        "refused": len(result.refused),
        "links": result.links,
    }


async def link(tools: Tools, namespace: str, since: float) -> dict[str, int]:
    """Link what was touched in the window."""
    settings = tools.resources.config.maintenance
    result = await tools.links.link(
        namespace, since=since, min_similarity=settings.link_similarity, limit=settings.link_limit, keep_empty=False
    )
    return {"changed": result.links, "considered": result.considered}


async def cleanup(tools: Tools, namespace: str, _since: float) -> dict[str, int]:
    """Remove what nobody needs."""
    settings = tools.resources.config.maintenance
    result = await tools.cleanup.clean_up(
        namespace,
        max_age_days=settings.cleanup_max_age_days,
        min_importance=settings.cleanup_min_importance,
        max_access_count=settings.cleanup_max_access_count,
        dry_run=False,
    )
    return {"changed": result.removed.memories}


def everywhere(part: NamespaceWork) -> Work:
    """Do something to every namespace; one that fails keeps no other from its turn."""

    async def work(tools: Tools, since: float, run: Recorded) -> None:
        names = await tools.resources.store.records.namespaces()
        failures = []
        for name in names:
            try:
                counts = await part(tools, name, since)
            except StoreUnavailableError:
                raise
            except MemoryConsolidationError:
                logger.info("A namespace was left out by %s: somebody does the same by hand", run.run.job)
                counts = {"left_out": 1}
            except Exception as error:
                logger.warning("A namespace was left out by %s: %s", run.run.job, error_text(error))
                failures.append(error)
                counts = {"failed": 1}
            run.changed += counts.pop("changed", 0)
            counts["namespaces"] = 1
            for key, count in counts.items():
                run.summary[key] = run.summary.get(key, 0) + count
        if failures and len(failures) == len(names):
            raise failures[0]
        run.error = error_text(failures[0]) if failures else None

    return work


def _if_merging(hours: Callable[[MemoryConfig], float | None]) -> Callable[[MemoryConfig], float | None]:
    """An interval that holds where memories are compared by themselves at all."""
    return lambda config: hours(config) if config.enable_auto_consolidation and config.enable_semantic_search else None


JOBS = (
    Job(
        "expire",
        "Removes memories and items whose time is over.",
        lambda config: config.maintenance.expiry_interval_hours,
        expire,
    ),
    Job(
        "facts",
        "Reads what memories say that no search has asked for yet.",
        lambda config: config.maintenance.facts_interval_hours,
        everywhere(facts),
    ),
    Job(
        "passages",
        "Makes passages of long memories that have none.",
        lambda config: config.maintenance.passages_interval_hours if config.enable_semantic_search else None,
        everywhere(passages),
    ),
    Job(
        "decay",
        "Keeps how much of each memory's strength is left.",
        lambda config: config.maintenance.decay_interval_hours if config.importance_decay_rate else None,
        everywhere(decay),
    ),
    Job(
        "index",
        "Adds new vectors to the index of a large namespace of an embedded store.",
        lambda config: config.maintenance.index_interval_hours,
        everywhere(index),
    ),
    Job(
        "limit",
        "Archives the weakest memories beyond max_memories.",
        lambda config: config.maintenance.limit_interval_hours,
        everywhere(limit),
    ),
    Job(
        "consolidate",
        "Merges new memories with those that say the same.",
        _if_merging(lambda config: config.consolidation_interval_hours),
        everywhere(consolidate),
    ),
    Job(
        "link",
        "Links new memories to those that are alike.",
        _if_merging(lambda config: config.maintenance.link_interval_hours),
        everywhere(link),
    ),
    Job(
        "cleanup",
        "Removes memories that are old, unimportant and hardly ever recalled.",
        lambda config: config.maintenance.cleanup_interval_hours,
        everywhere(cleanup),
    ),
)
"""All jobs, in the order in which they are run where several are due."""


# ---------------------------------------------------------------------- when they are due


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
    if _is_over(last):
        return last.started_at + interval
    return (last.finished_at or last.started_at) + min(interval, RETRY_SECONDS)


def tolerance(interval: float, last: JobRun | None) -> float:
    """How much before it is due a job may be done by somebody who comes now and then, in seconds.

    A timer never calls at quite the same second, and a job that waits for others starts minutes later on one day than
    on the next. Who calls a second early would otherwise leave a daily job to the call of the next day. Ten minutes
    bridge that, and are short enough that hourly calls do a daily job once in 24 hours. What failed has no such
    tolerance: it is not to be tried again too soon.

    Args:
        interval: Seconds from the start of one round to the next.
        last: The last round, in whatever state.
    """
    return min(TOLERANCE * interval, MOST_TOLERANCE) if last is None or _is_over(last) else 0.0


def _is_over(run: JobRun) -> bool:
    """Whether a round was done, even if somebody took it back."""
    return run.status in ("done", "undone")


class JobService:
    """Runs jobs, one process at a time, and knows when they are due.

    Args:
        tools: What jobs do their work with.
        jobs: In the order in which they are run where several are due.
    """

    def __init__(self, tools: Tools, runs: Runs, jobs: Iterable[Job] = JOBS) -> None:
        self._tools = tools
        self._store = tools.resources.store
        self._clock = tools.resources.clock
        self._runs = runs
        self._jobs = {job.name: job for job in jobs}

    @property
    def names(self) -> list[str]:
        """All jobs."""
        return list(self._jobs)

    def interval(self, name: str) -> float | None:
        """Seconds from the start of one round of a job to the next; None where the settings switch it off."""
        hours = self._jobs[name].hours(self._tools.resources.config)
        return None if hours is None else SECONDS_PER_HOUR * hours

    def check(self, name: str, field: str = "name") -> str:
        """The name of a job.

        Raises:
            ValidationError: There is none of that name.
        """
        if not isinstance(name, str) or name not in self._jobs:
            raise ValidationError(f"{name!r} is no job.", field=field, remedy=f"Use one of {', '.join(self._jobs)}.")
        return name

    async def status(self, names: Iterable[str] | None = None) -> list[JobStatus]:
        """What each job does, when it ran last and when it is due."""
        born = None
        found = []
        for name in self._jobs if names is None else names:
            interval, last = self.interval(name), await self._last(name)
            if last is None and interval is not None and born is None:
                born = await self._born()
            found.append(
                JobStatus(
                    name=name,
                    about=self._jobs[name].about,
                    interval_hours=None if interval is None else interval / SECONDS_PER_HOUR,
                    last_run=last,
                    next_due=due_at(interval, last, born),
                )
            )
        return found

    async def due(self, name: str, *, early: bool = False) -> float | None:
        """When a job is due (seconds since the Unix epoch, UTC); None where it never is, or nothing is stored yet.

        Args:
            early: Whether to give the time from which on it may be done within its `tolerance`.
        """
        [status] = await self.status([name])
        interval = self.interval(name)
        if status.next_due is None or interval is None or not early:
            return status.next_due
        return status.next_due - tolerance(interval, status.last_run)

    async def run(self, name: str) -> JobRun | None:
        """Do a job for all namespaces, whether it is due or not.

        Returns:
            The round; None where another process is at it.

        Raises:
            GraphMemoryError: It failed; the round is on record with the error.
        """
        async with self._runs.lease(round_of(name)) as is_held:
            return await self._round(name) if is_held else None

    async def run_if_due(self, name: str, *, early: bool = False) -> JobRun | None:
        """Do a job for all namespaces if it is due, and still is once its lease is held.

        Args:
            early: Whether it may be done within its `tolerance`.

        Returns:
            The round; None where it is not due, or another process is at it or has just done it.

        Raises:
            GraphMemoryError: It failed; the round is on record with the error.
        """
        if not await self._is_due(name, early=early):
            return None
        async with self._runs.lease(round_of(name)) as is_held:
            return await self._round(name) if is_held and await self._is_due(name, early=early) else None

    async def run_due(self, names: Iterable[str] | None = None) -> list[JobRun]:
        """Do all jobs that are due, or will be within their `tolerance`, one after the other.

        Returns:
            The rounds this process did.

        Raises:
            GraphMemoryError: One failed; those before it are done.
        """
        runs = [await self.run_if_due(name, early=True) for name in (self._jobs if names is None else names)]
        return [run for run in runs if run is not None]

    async def _round(self, name: str) -> JobRun:
        """Do a job whose lease is held."""
        rounds = await self._store.jobs.find_runs(job=round_of(name), limit=_RECENT)
        done = next((run.started_at for run in rounds if run.status == "done"), None)
        since = 0.0 if done is None else done - OVERLAP_SECONDS
        async with self._runs.recorded(round_of(name), None) as recorded:
            await recorded.keep()
            await self._jobs[name].work(self._tools, since, recorded)
        return recorded.run

    async def _is_due(self, name: str, *, early: bool) -> bool:
        due = await self.due(name, early=early)
        return due is not None and due <= self._clock()

    async def _last(self, name: str) -> JobRun | None:
        return next(iter(await self._store.jobs.find_runs(job=round_of(name), limit=1)), None)

    async def _born(self) -> float | None:
        """When the first memory or item that is still there was stored."""
        times = []
        for namespace in await self._store.records.namespaces():
            for row in await self._store.transfer.export_memories(namespace, after=0, limit=1):
                times.append(row.memory.created_at or row.memory.timestamp)
            times += [item.created_at for item in await self._store.items.export_items(namespace, after=0, limit=1)]
        return min(times, default=None)
