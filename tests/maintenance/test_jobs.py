"""Jobs: when they are due, one process at a time, what is left on record, and the schedule in the background."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import JobRun, MaintenanceConfig, MemoryConfig, MemoryManager, MemoryStorageError, ValidationError
from coda_graphmem.errors import StoreUnavailableError
from coda_graphmem.maintenance.jobs import HOUR, RETRY_SECONDS, due_at
from coda_graphmem.models import RunStatus
from coda_graphmem.runs import DIED, STOPPED, Runs
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder

DAY = 86_400.0
FAST, NAMES = WordEmbedder(), NameExtractor()


def run(status: RunStatus, started: float = 100.0, finished: float | None = 200.0) -> JobRun:
    return JobRun(
        run_id="r", job="j", namespace=None, holder="h", started_at=started, finished_at=finished, status=status
    )


@pytest.mark.parametrize(
    ("interval", "last", "born", "due"),
    [
        (None, None, 5.0, None),
        (HOUR, None, None, None),
        (HOUR, None, 5.0, 5.0 + HOUR),
        (HOUR, run("done"), 5.0, 100.0 + HOUR),
        (HOUR, run("failed"), 5.0, 200.0 + RETRY_SECONDS),
        (60.0, run("failed"), 5.0, 260.0),
        (HOUR, run("running", finished=None), 5.0, 100.0 + RETRY_SECONDS),
    ],
)
def test_when_a_job_is_due(interval: float | None, last: JobRun | None, born: float | None, due: float | None) -> None:
    assert due_at(interval, last, born) == due


def settings(tmp_path: Path, **maintenance: Any) -> MemoryConfig:
    return MemoryConfig(
        maintenance={"enabled": True, "start_after_seconds": 0.0, **maintenance},
        vector_store={"persist_directory": tmp_path / "memory"},
    )


@pytest.fixture
async def memory(tmp_path: Path, clock: Clock) -> AsyncIterator[MemoryManager]:
    """A memory whose jobs run only when they are called."""
    async with open_memory(settings(tmp_path, enabled=False), clock) as manager:
        yield manager


async def jobs_run(memory: MemoryManager) -> list[str]:
    return [done.job.removeprefix("scheduled ") for done in await memory.run_due_jobs()]


ALL = ["expire", "decay", "limit", "consolidate", "link"]


async def test_due_jobs_run_once_an_interval(memory: MemoryManager, clock: Clock) -> None:
    assert await jobs_run(memory) == []
    await memory.store_memory("Anna likes tea")
    assert await jobs_run(memory) == []
    clock.advance(HOUR)
    assert await jobs_run(memory) == ["expire"]
    clock.advance(23 * HOUR)
    assert await jobs_run(memory) == ALL
    assert await jobs_run(memory) == []
    # However late, each is caught up once.
    clock.advance(30 * DAY)
    assert await jobs_run(memory) == ALL
    assert await jobs_run(memory) == []


async def test_what_is_said_of_jobs(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna likes tea")
    stored = clock.now
    clock.advance(DAY)
    before = {job.name: job for job in await memory.list_jobs()}
    assert list(before) == [*ALL, "cleanup"]
    assert (before["decay"].last_run, before["decay"].next_due) == (None, stored + DAY)
    assert (before["cleanup"].interval_hours, before["cleanup"].next_due) == (None, None)
    [decay] = await memory.run_due_jobs(["decay"])
    after = {job.name: job for job in await memory.list_jobs()}
    assert after["decay"].last_run == decay
    assert after["decay"].next_due == clock.now + DAY
    assert (decay.changed, decay.summary, decay.status, decay.namespace) == (1, {"namespaces": 1}, "done", None)
    assert await memory.list_runs("scheduled decay") == [decay]
    assert await memory.list_runs(limit=1) == [decay]


async def test_a_job_runs_for_every_namespace_when_it_is_called(memory: MemoryManager) -> None:
    for name in ("a", "b"):
        await memory.for_namespace(name).store_memory("Anna likes tea")
    done = await memory.run_job("decay")
    assert done is not None
    assert (done.changed, done.summary["namespaces"]) == (2, 2)
    with pytest.raises(ValidationError):
        await memory.run_job("nothing")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"enable_auto_consolidation": False}, {"consolidate", "link"}),
        ({"importance_decay_rate": 0.0}, {"decay"}),
        ({"maintenance": {"decay_interval_hours": None}}, {"decay"}),
        ({"maintenance": {"expiry_interval_hours": None}}, {"expire"}),
        ({"maintenance": {"limit_interval_hours": None}}, {"limit"}),
        ({"maintenance": {"link_interval_hours": None}}, {"link"}),
        ({"consolidation_interval_hours": 25}, {"consolidate"}),
        ({"maintenance": {"cleanup_interval_hours": 24}}, set()),
    ],
)
async def test_settings_decide_which_jobs_are_due(
    tmp_path: Path, clock: Clock, changes: dict[str, Any], missing: set[str]
) -> None:
    config = MemoryConfig(vector_store={"persist_directory": tmp_path}, **changes)
    async with open_memory(config, clock) as memory:
        await memory.store_memory("Anna likes tea")
        clock.advance(DAY)
        expected = {*ALL, *(["cleanup"] if not missing else [])} - missing
        assert set(await jobs_run(memory)) == expected


async def test_what_each_job_does(tmp_path: Path, clock: Clock) -> None:
    config = MemoryConfig(
        max_memories=4,
        maintenance={
            "enabled": False,
            "cleanup_interval_hours": 1,
            "cleanup_max_age_days": 2,
            "cleanup_min_importance": 0.2,
            "cleanup_max_access_count": 0,
            "link_similarity": 0.6,
            "link_limit": 1,
        },
        vector_store={"persist_directory": tmp_path},
    )
    async with open_memory(config, clock) as memory:
        await memory.store_memory("Anna bought milk", memory_id="old", importance_score=0.1)
        await memory.store_short_term_memory("For now", "c", 30)
        clock.advance(3 * DAY)
        await memory.store_memory("Anna bought some milk", memory_id="new", importance_score=0.1)
        await memory.store_memory("Tom moved to Berlin", memory_id="tom")
        done = {run.job.removeprefix("scheduled "): run.changed for run in await memory.run_due_jobs()}
        assert done == {"expire": 1, "decay": 3, "limit": 0, "consolidate": 0, "link": 1, "cleanup": 1}
        assert await memory.get_memory("old") is None
        [new] = await memory._services.resources.store.records.get("default", ["new"])
        assert new.decay_factor == 1.0


async def test_a_namespace_that_fails_keeps_no_other_from_its_turn(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        await memory.for_namespace(name).store_memory("Anna likes tea")
    save = memory._services.resources.store.changes.save_decay

    async def fail(namespace: str, *arguments: Any) -> int:
        if namespace in broken:
            raise MemoryStorageError("no room.")
        return await save(namespace, *arguments)

    monkeypatch.setattr(memory._services.resources.store.changes, "save_decay", fail)
    broken = {"b"}
    done = await memory.run_job("decay")
    assert done is not None
    assert (done.status, done.changed, done.summary) == ("done", 2, {"namespaces": 3, "failed": 1})
    assert done.error == "MemoryStorageError: no room."
    assert "job_failed" in {issue.kind for issue in (await memory.check_memory_health()).issues}
    broken = {"a", "b", "c"}
    clock.advance(1)
    with pytest.raises(MemoryStorageError):
        await memory.run_job("decay")
    [failed, _] = await memory.list_runs("scheduled decay")
    assert "Anna" not in (failed.error or "")
    assert (failed.status, failed.error) == ("failed", "MemoryStorageError: no room.")


async def test_a_namespace_that_somebody_works_in_by_hand_is_left_out(memory: MemoryManager) -> None:
    await memory.store_memory("Anna likes tea")
    async with runs_of(memory).lease("consolidate default"):
        done = await memory.run_job("consolidate")
    assert done is not None
    assert (done.status, done.summary) == ("done", {"left_out": 1, "namespaces": 1})


async def test_windows_begin_where_the_last_round_began(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna likes tea")
    clock.advance(DAY)
    seen = []
    for _ in range(3):
        done = await memory.run_job("link")
        assert done is not None
        seen.append(done.summary["considered"])
        if len(seen) == 1:
            clock.advance(HOUR)
            await memory.store_memory("Tom likes coffee")
        clock.advance(HOUR)
    assert seen == [1, 1, 0]


# ---------------------------------------------------------------------- leases


def runs_of(memory: MemoryManager, lease_seconds: float = 60.0) -> Runs:
    resources = memory._services.resources
    return Runs(resources.store, resources.clock, lease_seconds=lease_seconds)


async def test_one_at_a_time(memory: MemoryManager) -> None:
    await memory.store_memory("Anna likes tea")
    async with runs_of(memory).lease("scheduled decay") as held:
        assert held
        async with runs_of(memory).lease("scheduled decay") as also:
            assert not also
        assert await memory.run_job("decay") is None
    assert await memory.run_job("decay") is not None


async def test_the_lease_of_a_dead_process_runs_out_and_its_run_is_marked(memory: MemoryManager) -> None:
    await memory.store_memory("Anna likes tea")
    store = memory._services.resources.store
    await store.jobs.acquire_lease("scheduled decay", "dead", 0.05)
    await store.jobs.save_run(
        JobRun(run_id="dead", job="scheduled decay", namespace=None, holder="dead", started_at=memory_now(memory))
    )
    assert await memory.run_job("decay") is None
    await asyncio.sleep(0.06)
    assert await memory.run_job("decay") is not None
    [dead] = await store.jobs.find_runs(run_id="dead")
    assert (dead.status, dead.error) == ("failed", DIED)


def memory_now(memory: MemoryManager) -> float:
    return memory._services.resources.clock()


async def test_a_lease_is_renewed_while_its_holder_lives(memory: MemoryManager) -> None:
    async with runs_of(memory, 0.3).lease("x"):
        await asyncio.sleep(0.5)
        assert not await memory._services.resources.store.jobs.acquire_lease("x", "another", 1.0)
    assert await memory._services.resources.store.jobs.acquire_lease("x", "another", 1.0)


async def test_whoever_loses_the_lease_stops(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    acquire = memory._services.resources.store.jobs.acquire_lease
    asked = 0

    async def once(*arguments: Any) -> bool:
        nonlocal asked
        asked += 1
        return asked == 1 and await acquire(*arguments)

    monkeypatch.setattr(memory._services.resources.store.jobs, "acquire_lease", once)
    with pytest.raises(StoreUnavailableError):
        async with runs_of(memory, 0.1).lease("x"):
            await asyncio.sleep(5)
    await asyncio.sleep(0)


# ---------------------------------------------------------------------- schedule


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


async def test_what_was_due_while_nothing_ran_is_caught_up_at_the_start(tmp_path: Path, clock: Clock) -> None:
    async with open_memory(settings(tmp_path, enabled=False), clock) as memory:
        await memory.store_memory("Anna likes tea")
    clock.advance(30 * DAY)
    async with open_memory(settings(tmp_path), clock) as memory:
        store = memory._services.resources.store
        give_up = time.monotonic() + 20
        while len([r for r in await store.jobs.find_runs() if r.status == "done"]) < len(ALL):
            assert time.monotonic() < give_up
            await asyncio.sleep(0.05)
        assert sorted(r.job for r in await store.jobs.find_runs()) == sorted(f"scheduled {name}" for name in ALL)


async def test_a_job_is_run_when_its_time_comes(tmp_path: Path) -> None:
    config = settings(tmp_path, enabled=False, decay_interval_hours=0.3 / 3600)
    ended: list[JobRun] = []

    def told(run: JobRun) -> None:
        ended.append(run)
        if len(ended) == 1:
            raise RuntimeError

    async with MemoryManager(config, embedder=FAST, extractor=NAMES) as memory:
        await memory.store_memory("Anna likes tea")
        await memory.start_maintenance(jobs=["decay"], on_run=told)
        await until(lambda: len(ended) > 1)
        await memory.stop_maintenance()
        count = len(ended)
        await asyncio.sleep(0.5)
        assert len(ended) == count
    assert {r.job for r in ended} == {"scheduled decay"}
    assert ended[1].started_at - ended[0].started_at >= 0.3


async def test_a_failing_job_is_told_and_tried_again(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.maintenance.scheduler.LONGEST_WAIT", 0.1)
    ended: list[JobRun] = []
    async with open_memory(settings(tmp_path, enabled=False, lease_seconds=1.0), clock) as memory:
        await memory.store_memory("Anna likes tea")
        clock.advance(DAY)
        save = memory._services.resources.store.changes.save_decay

        async def fail(*arguments: Any) -> int:
            if not ended:
                raise MemoryStorageError("no room.")
            return await save(*arguments)

        monkeypatch.setattr(memory._services.resources.store.changes, "save_decay", fail)
        await memory.start_maintenance(jobs=["decay"], on_run=ended.append)
        await until(lambda: len(ended) == 1)
        clock.advance(DAY)
        await until(lambda: len(ended) == 2)
    assert [r.status for r in ended] == ["failed", "done"]


async def test_cleanup_stops_a_run_within_two_seconds(tmp_path: Path, clock: Clock) -> None:
    memory = open_memory(settings(tmp_path, enabled=False), clock)
    await memory.initialize()
    await memory.store_memory("Anna likes tea")
    clock.advance(DAY)
    started = asyncio.Event()
    resources = memory._services.resources

    async def forever(*arguments: Any, **options: Any) -> int:
        started.set()
        await asyncio.sleep(60)
        return 0

    resources.store.changes.save_decay = forever  # type: ignore[method-assign]
    await memory.start_maintenance(jobs=["decay"])
    await asyncio.wait_for(started.wait(), 10)
    began = time.monotonic()
    await memory.cleanup()
    assert time.monotonic() - began < 2
    async with open_memory(settings(tmp_path, enabled=False), clock) as again:
        [stopped] = await again.list_runs()
        assert (stopped.status, stopped.error) == ("failed", STOPPED)
        clock.advance(RETRY_SECONDS)
        # Its lease was given back, so the next one need not wait.
        assert len(await again.run_due_jobs(["decay"])) == 1


@pytest.mark.parametrize(("enabled", "maintain"), [(False, True), (True, False), (True, True)])
async def test_who_starts_the_schedule(tmp_path: Path, clock: Clock, enabled: bool, maintain: bool) -> None:
    memory = open_memory(settings(tmp_path, enabled=enabled), clock)
    await memory.initialize(maintain=maintain)
    assert memory._services.maintenance.scheduler.is_started == (enabled and maintain)
    await memory.cleanup()
    assert not memory._services.maintenance.scheduler.is_started


def test_a_program_is_left_alone_at_first() -> None:
    assert MaintenanceConfig().start_after_seconds == 10.0
