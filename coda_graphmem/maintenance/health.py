"""Tells how well a namespace is, and what to do about what is not."""

import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from coda_graphmem.models import HealthIssue, JobStatus, LinkKind, MemoryHealth, Severity, Trace
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol import Diagnosis
from coda_graphmem.times import SECONDS_PER_HOUR

WEIGHTS: dict[Severity, float] = {"critical": 0.9, "warning": 0.5, "info": 0.1}
"""What an issue that concerns everything takes from the score."""
LEAST_SHARE = 0.05
"""An issue counts as if it concerned at least this share, so that a single one is seen."""
NEAR_LIMIT = 0.9
"""Share of `MemoryConfig.max_memories` from which a namespace is said to be nearly full."""
STALE = 2.0
"""Intervals after which a job that is due has not run in time."""

#: Memories touched since the last consolidation whose neighbours are looked at.
_LOOKED_AT = 1_000
_OPTIMIZE = "Run optimize_storage(), or coda-graphmem optimize."
_REEMBED = "Run reembed(), or coda-graphmem reembed."
_REOPEN = "Open the store again, which makes missing indexes, and wait until they are online."
_CLEAN = "Make room or end programs that keep old states open, then run optimize_storage() or coda-graphmem optimize."
_SAY = "Look at get_fact_history(), and say what does not hold: supersede_memory() or retract_memory()."
_RESTORE = "Copy what can be read into a new store, or restore a copy of the file."


def overall_score(issues: Iterable[HealthIssue]) -> float:
    """The product of ``1 - w * max(share, LEAST_SHARE)`` over all issues, w from `WEIGHTS`; in [0, 1]."""
    return math.prod(1.0 - WEIGHTS[issue.severity] * max(issue.share, LEAST_SHARE) for issue in issues)


_PLACES: dict[Trace, str] = {
    "file": "in free space of the file",
    "log": "in its log, which another program reads",
    "vectors": "among the vectors outside of it",
}


def _places(traces: Sequence[Trace]) -> str:
    return "; ".join(_PLACES[trace] for trace in traces)


def issues_of(found: Diagnosis, *, has_vectors: bool, entities: int, short_term: int) -> list[HealthIssue]:
    """What a diagnosis says.

    Args:
        found: What the store found.
        has_vectors: Whether live memories should have vectors.
        entities: How many there are.
        short_term: Short-term memories that are not over.
    """
    live = found.live
    apart = abs(live - found.recorded_live)
    damage, offline = "; ".join(found.damage[:3]), ", ".join(found.offline_indexes)
    lines: list[tuple[str, Severity, int, int, str, str]] = [
        ("damage", "critical", len(found.damage), 1, f"The store's own check found damage: {damage}.", _RESTORE),
        ("index_offline", "critical", len(found.offline_indexes), 1,
         f"Indexes are missing or not online: {offline}.", _REOPEN),
        ("wrong_vectors", "critical", found.wrong_vectors, live,
         f"{found.wrong_vectors:,} vectors are of another length than the model's, or not finite.", _OPTIMIZE),
        ("missing_vectors", "warning", found.without_vector if has_vectors else 0, live,
         f"{found.without_vector:,} memories have no vector and are not found by meaning.", _REEMBED),
        ("missing_text", "warning", found.without_text, live,
         f"{found.without_text:,} memories are missing in the full-text index.", _OPTIMIZE),
        ("wrong_counters", "warning", apart, live,
         f"The counter says {found.recorded_live:,} live memories, and there are {live:,}.", _OPTIMIZE),
        ("wrong_mention_counts", "warning", found.wrong_mention_counts, entities,
         f"{found.wrong_mention_counts:,} entities count their mentions wrongly.", _OPTIMIZE),
        ("vectors_not_indexed", "info", found.vectors_to_index, live,
         f"{found.vectors_to_index:,} vectors are compared by every search, as no index has them yet.", _OPTIMIZE),
        ("orphan_entities", "info", found.orphan_entities, entities,
         f"Nothing mentions {found.orphan_entities:,} entities.", _OPTIMIZE),
        ("expired_memories", "info", found.expired, found.expired + short_term,
         f"{found.expired:,} short-term memories are over and still kept.", _OPTIMIZE),
        ("wrong_item_vectors", "critical", found.wrong_item_vectors, found.wrong_item_vectors,
         f"{found.wrong_item_vectors:,} items have vectors of another length than the model's, or not finite.",
         _OPTIMIZE),
        ("missing_item_vectors", "warning", found.items_without_vectors if has_vectors else 0, live,
         f"{found.items_without_vectors:,} items lack vectors of their fields and are not found by meaning.", _REEMBED),
        ("expired_items", "info", found.expired_items, live,
         f"{found.expired_items:,} items are over and still kept.", _OPTIMIZE),
        ("traces_left", "warning", len(found.traces), len(_PLACES),
         f"Traces of removed memories are left ({_places(found.traces)}).", _CLEAN),
        ("wrong_facts", "warning", found.wrong_facts, live,
         f"{found.wrong_facts:,} facts are not those that memories say.", _OPTIMIZE),
        ("facts_without_sources", "warning", found.facts_without_sources, live,
         f"No memory says {found.facts_without_sources:,} facts.", _OPTIMIZE),
        ("overlapping_facts", "info", found.overlapping_facts, live,
         f"{found.overlapping_facts:,} facts hold together with another value of what has one at a time.", _SAY),
        ("isolated_memories", "info", found.isolated, live,
         f"{found.isolated:,} memories have no entity, conversation or link: only vectors and words find them.",
         "Nothing has to be done; link_similar() ties them to others that are alike."),
    ]  # fmt: skip
    return [
        HealthIssue(
            kind=kind,
            severity=severity,
            count=count,
            share=min(1.0, count / max(of, 1)),
            message=message,
            remedy=remedy,
        )
        for kind, severity, count, of, message, remedy in lines
        if count > 0
    ]


def issues_of_jobs(jobs: Sequence[JobStatus], now: float) -> list[HealthIssue]:
    """Jobs of the schedule that failed, or that nobody ran when they were due."""
    issues = []
    for job in jobs:
        if job.interval_hours is None:
            continue
        if job.last_run is not None and job.last_run.error is not None:
            issues.append(
                HealthIssue(
                    kind="job_failed", severity="warning", count=1, share=1 / len(jobs),
                    message=f"The last run of {job.name} failed: {job.last_run.error}.",
                    remedy=f"Run coda-graphmem maintain --job {job.name} and see what it says.",
                )
            )  # fmt: skip
        elif job.next_due is not None and now - job.next_due > (STALE - 1) * SECONDS_PER_HOUR * job.interval_hours:
            issues.append(
                HealthIssue(
                    kind="job_stale", severity="warning", count=1, share=1 / len(jobs),
                    message=f"{job.name} has been due for {(now - job.next_due) / SECONDS_PER_HOUR:,.0f} hours.",
                    remedy="Keep a program with the memory open, or run coda-graphmem maintain --watch.",
                )
            )  # fmt: skip
    return issues


class HealthService:
    """Looks at everything a namespace holds.

    Args:
        jobs: The state of the schedule.
        last_consolidation: When the last consolidation of a namespace began; None where there was none.
    """

    def __init__(
        self,
        resources: Resources,
        jobs: Callable[[], Awaitable[list[JobStatus]]],
        last_consolidation: Callable[[str], Awaitable[float | None]],
    ) -> None:
        self._resources = resources
        self._jobs = jobs
        self._last_consolidation = last_consolidation

    async def check(self, namespace: str) -> MemoryHealth:
        """Compare all that a namespace holds with indexes and counters, and look at the schedule.

        Returns:
            A score in [0, 1], and what is not as it should be, the gravest first, each with a remedy.
        """
        started = time.perf_counter()
        store, now = self._resources.store, self._resources.clock()
        found = await store.health.diagnose(namespace, now=now)
        stats = await store.records.stats(namespace, now=now)
        issues = issues_of(
            found,
            has_vectors=self._resources.embedding.enabled,
            entities=stats.total_entities,
            short_term=stats.short_term_memories,
        )
        issues += self._limit(found.live)
        issues += await self._duplicates(namespace, found.live)
        issues += issues_of_jobs(await self._jobs(), now)
        issues.sort(key=lambda issue: (-WEIGHTS[issue.severity], -issue.share, issue.kind))
        return MemoryHealth(
            overall_score=overall_score(issues), issues=issues, checked_at=now, seconds=time.perf_counter() - started
        )

    def _limit(self, live: int) -> list[HealthIssue]:
        limit = self._resources.config.max_memories
        if live < NEAR_LIMIT * limit:
            return []
        return [
            HealthIssue(
                kind="near_limit", severity="info", count=live, share=min(1.0, live / limit),
                message=f"{live:,} of {limit:,} memories are used; beyond that the weakest are archived.",
                remedy="Raise max_memories, or remove what nobody needs: cleanup_old_memories(dry_run=True).",
            )
        ]  # fmt: skip

    async def _duplicates(self, namespace: str, live: int) -> list[HealthIssue]:
        """Memories touched since the last consolidation that are similar enough to another to be merged with it."""
        store, config = self._resources.store, self._resources.config
        since = await self._last_consolidation(namespace)
        touched = (await store.changes.find_touched(namespace, 0.0 if since is None else since))[-_LOOKED_AT:]
        neighbours = await store.search.nearest(namespace, touched, limit=1, min_similarity=config.similarity_threshold)
        pairs = {(memory_id, found[0][0]) for memory_id, found in neighbours.items() if found}
        read = await store.records.get(namespace, sorted({one for pair in pairs for one in pair}))
        owners = {memory.memory_id: memory.scope for memory in read}
        # What another owner says is no duplicate.
        waiting = {one for one, other in pairs if owners.get(one) == owners.get(other)}
        for link in await store.links.find_links(namespace, sorted(waiting), list(LinkKind)):
            # What was compared and refused is no duplicate.
            waiting -= {link.source_id, link.target_id}
        if not waiting:
            return []
        return [
            HealthIssue(
                kind="duplicates_waiting", severity="info", count=len(waiting), share=min(1.0, len(waiting) / live),
                message=f"{len(waiting):,} memories may say what others say already.",
                remedy="Run consolidate_memories(), or coda-graphmem consolidate; --dry-run shows what it would do.",
            )
        ]  # fmt: skip
