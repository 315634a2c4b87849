"""Health, and the counts of retrievals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coda_graphmem import HealthIssue, JobRun, JobStatus, MemoryConfig, MemoryManager
from coda_graphmem.maintenance.health import LEAST_SHARE, WEIGHTS, issues_of, issues_of_jobs, overall_score
from coda_graphmem.models import Severity
from coda_graphmem.store.protocol import Diagnosis
from coda_graphmem.times import SECONDS_PER_DAY as DAY
from coda_graphmem.times import SECONDS_PER_HOUR as HOUR
from tests.conftest import open_memory
from tests.fakes import Clock

WELL = Diagnosis(
    live=10, recorded_live=10, without_vector=0, wrong_vectors=0, without_text=0, orphan_entities=0,
    wrong_mention_counts=0, isolated=0, expired=0,
)  # fmt: skip


def issue(severity: Severity, share: float) -> HealthIssue:
    return HealthIssue(kind="x", severity=severity, count=1, share=share, message="m", remedy="r")


def test_the_score() -> None:
    assert overall_score([]) == 1.0
    assert overall_score([issue("critical", 1.0)]) == pytest.approx(1 - WEIGHTS["critical"])
    assert overall_score([issue("warning", 0.5), issue("info", 1.0)]) == pytest.approx(0.75 * 0.9)
    assert overall_score([issue("warning", 0.0)]) == pytest.approx(1 - WEIGHTS["warning"] * LEAST_SHARE)
    assert 0 <= overall_score([issue("critical", 1.0)] * 50) < 1e-9


@pytest.mark.parametrize(
    ("changes", "kind", "severity", "count", "share"),
    [
        ({"damage": ["page 7 is torn"]}, "damage", "critical", 1, 1.0),
        ({"offline_indexes": ["memory_vectors"]}, "index_offline", "critical", 1, 1.0),
        ({"wrong_vectors": 2}, "wrong_vectors", "critical", 2, 0.2),
        ({"without_vector": 5}, "missing_vectors", "warning", 5, 0.5),
        ({"without_text": 1}, "missing_text", "warning", 1, 0.1),
        ({"recorded_live": 13}, "wrong_counters", "warning", 3, 0.3),
        ({"wrong_mention_counts": 2}, "wrong_mention_counts", "warning", 2, 0.5),
        ({"orphan_entities": 1}, "orphan_entities", "info", 1, 0.25),
        ({"wrong_facts": 2}, "wrong_facts", "warning", 2, 0.2),
        ({"facts_without_sources": 1}, "facts_without_sources", "warning", 1, 0.1),
        ({"overlapping_facts": 3}, "overlapping_facts", "info", 3, 0.3),
        ({"expired": 3}, "expired_memories", "info", 3, 0.75),
        ({"overlapping_facts": 20}, "overlapping_facts", "info", 20, 1.0),
        ({"isolated": 10}, "isolated_memories", "info", 10, 1.0),
        ({"vectors_to_index": 4}, "vectors_not_indexed", "info", 4, 0.4),
    ],
)
def test_each_finding_is_an_issue_with_a_remedy(
    changes: dict[str, object], kind: str, severity: str, count: int, share: float
) -> None:
    [found] = issues_of(replace(WELL, **changes), has_vectors=True, entities=4, short_term=1)
    assert (found.kind, found.severity, found.count, found.share) == (kind, severity, count, share)
    assert found.message
    assert found.remedy


def test_what_is_no_issue() -> None:
    assert issues_of(WELL, has_vectors=True, entities=0, short_term=0) == []
    unknown = replace(WELL, without_text=-1, without_vector=10)
    assert issues_of(unknown, has_vectors=False, entities=0, short_term=0) == []


def job(due: float | None, *, error: str | None = None, interval: float | None = 24.0) -> JobStatus:
    last = JobRun(run_id="r", job="j", namespace=None, holder="h", started_at=0.0, error=error)
    return JobStatus(name="decay", about="", interval_hours=interval, last_run=last, next_due=due)


def test_jobs_that_failed_or_did_not_run() -> None:
    assert issues_of_jobs([job(1000.0), job(None, interval=None), job(None)], 1000.0 + 23 * HOUR) == []
    [stale] = issues_of_jobs([job(1000.0)], 1000.0 + 25 * HOUR)
    assert (stale.kind, stale.share) == ("job_stale", 1.0)
    [failed] = issues_of_jobs([job(1000.0, error="MemoryStorageError: no room."), job(9e9)], 1000.0)
    assert (failed.kind, failed.share) == ("job_failed", 0.5)
    assert "no room" in failed.message


async def test_a_memory_that_is_well(memory: MemoryManager) -> None:
    assert (await memory.check_memory_health()).overall_score == 1.0
    await memory.store_memory("Tom met Anna", conversation_id="c")
    health = await memory.check_memory_health()
    assert (health.overall_score, health.issues) == (1.0, [])


async def test_what_is_found_in_a_store(tmp_path: Path, clock: Clock) -> None:
    config = MemoryConfig(max_memories=5, vector_store={"persist_directory": tmp_path})
    async with open_memory(config, clock) as memory:
        await memory.store_short_term_memory("For now", "c", 10)
        for text in ("anna likes ripe plums", "anna likes ripe plums too", "nothing else", "no more", "that is all"):
            await memory.store_memory(text)
        clock.advance(3 * DAY)
        health = await memory.check_memory_health()
        found = [(item.kind, item.count) for item in health.issues]
        assert sorted(set(found)) == [
            ("duplicates_waiting", 2),
            ("expired_memories", 1),
            ("isolated_memories", 5),
            ("job_stale", 1),
            ("near_limit", 5),
        ]
        assert found.count(("job_stale", 1)) == 8
        assert health.overall_score == pytest.approx(overall_score(health.issues))
        weights = [WEIGHTS[item.severity] for item in health.issues]
        assert weights == sorted(weights, reverse=True)
        await memory.consolidate_memories(100)
        await memory.run_due_jobs()
        after = {item.kind for item in (await memory.check_memory_health()).issues}
        assert not after & {"duplicates_waiting", "job_stale", "expired_memories"}


async def test_retrievals_are_counted(memory: MemoryManager, clock: Clock) -> None:
    nothing = await memory.get_retrieval_stats()
    assert (nothing.total_retrievals, nothing.avg_relevance_score, nothing.last_retrieval) == (0, 0.0, None)
    await memory.retrieve_memories("tea")
    await memory.store_memory("Anna likes tea", conversation_id="c")
    await memory.store_memory("Tom likes coffee")
    clock.advance(5)
    first = await memory.retrieve_memories("Anna likes tea", min_relevance=0.0, limit=2)
    await memory.retrieve_memories_multi_query(["tea", "coffee"], min_relevance=0.0)
    await memory.retrieve_contextual_memories("c")
    await memory.retrieve_recent_memories()
    stats = await memory.get_retrieval_stats()
    assert (stats.total_retrievals, stats.empty_retrievals, stats.last_retrieval) == (5, 1, clock.now)
    assert stats.avg_seconds > 0
    assert 0 < stats.avg_relevance_score <= 1
    assert stats.avg_results > len(first) / 5
    assert (await memory.for_namespace("other").get_retrieval_stats()).total_retrievals == 0
