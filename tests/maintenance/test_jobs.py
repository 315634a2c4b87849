"""Jobs: the table of them, when they are due, one process at a time, and what is left on record."""

from __future__ import annotations

import asyncio
import random
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import JobRun, MaintenanceConfig, MemoryConfig, MemoryManager, MemoryStorageError, ValidationError
from coda_graphmem.maintenance.jobs import JOBS, MOST_TOLERANCE, RETRY_SECONDS, due_at, tolerance
from coda_graphmem.models import RunStatus
from coda_graphmem.runs import DIED, Runs
from coda_graphmem.times import SECONDS_PER_DAY as DAY
from coda_graphmem.times import SECONDS_PER_HOUR as HOUR
from tests.conftest import open_memory
from tests.fakes import Clock

PAGE = Path(__file__).parents[2] / "docs" / "maintenance.md"


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


@pytest.mark.parametrize(
    ("interval", "last", "seconds"),
    [
        (HOUR, None, 360.0),
        (HOUR, run("done"), 360.0),
        (HOUR, run("undone"), 360.0),
        (DAY, run("done"), MOST_TOLERANCE),
        (DAY, run("failed"), 0.0),
        (DAY, run("running", finished=None), 0.0),
    ],
)
def test_how_early_a_job_may_be_done(interval: float, last: JobRun | None, seconds: float) -> None:
    assert tolerance(interval, last) == seconds


def interval_settings() -> list[str]:
    """All settings of intervals, with the name of their section."""
    nested = [f"maintenance.{name}" for name in MaintenanceConfig.model_fields if name.endswith("_interval_hours")]
    return nested + [name for name in MemoryConfig.model_fields if name.endswith("_interval_hours")]


def test_each_setting_of_an_interval_is_that_of_one_job() -> None:
    before = {job.name: job.hours(MemoryConfig()) for job in JOBS}
    owners = []
    for setting in interval_settings():
        section, _, name = setting.rpartition(".")
        config = MemoryConfig.model_validate({section: {name: 7}} if section else {name: 7})
        changed = {job.name: job.hours(config) for job in JOBS if job.hours(config) != before[job.name]}
        assert list(changed.values()) == [7]
        owners += changed
    assert sorted(owners) == sorted(job.name for job in JOBS)


def test_the_page_names_all_jobs_in_their_order() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("| job | every | what it does |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [job.name for job in JOBS]


async def jobs_run(memory: MemoryManager) -> list[str]:
    return [done.job.removeprefix("scheduled ") for done in await memory.run_due_jobs()]


def runs_of(memory: MemoryManager) -> Runs:
    resources = memory.services.resources
    return Runs(resources.store.jobs, resources.clock, lease_seconds=60.0)


ALL = ["expire", "facts", "passages", "decay", "index", "limit", "consolidate", "link"]


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


async def test_daily_calls_do_daily_jobs_daily_however_they_jitter(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna likes tea")
    stored, chance = clock.now, random.Random(15)
    for day in range(1, 31):
        clock.now = stored + day * DAY + chance.uniform(-30.0, 30.0)
        assert await jobs_run(memory) == ALL
        assert await jobs_run(memory) == []


@pytest.mark.parametrize(("every", "days"), [(HOUR, 30), (300.0, 3)])
async def test_frequent_calls_do_a_daily_job_no_more_than_daily(
    memory: MemoryManager, clock: Clock, every: float, days: int
) -> None:
    await memory.store_memory("Anna likes tea")
    stored, starts = clock.now, []
    while clock.now < stored + days * DAY:
        clock.advance(every)
        starts += [run.started_at for run in await memory.run_due_jobs(["decay"])]
    assert len(starts) == days
    assert all(later - earlier >= DAY - MOST_TOLERANCE for earlier, later in pairwise(starts))
    if every > MOST_TOLERANCE:
        assert {later - earlier for earlier, later in pairwise(starts)} == {DAY}


async def test_what_failed_is_not_tried_again_before_its_time(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await memory.store_memory("Anna likes tea")
    clock.advance(DAY)

    async def fail(*_arguments: Any) -> int:
        raise MemoryStorageError("no room.")

    with monkeypatch.context() as broken:
        broken.setattr(memory.services.resources.store.changes, "save_decay", fail)
        with pytest.raises(MemoryStorageError):
            await memory.run_due_jobs(["decay"])
    clock.advance(RETRY_SECONDS - 1)
    assert await memory.run_due_jobs(["decay"]) == []
    clock.advance(1)
    assert [run.status for run in await memory.run_due_jobs(["decay"])] == ["done"]


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
        ({"maintenance": {"facts_interval_hours": None}}, {"facts"}),
        ({"maintenance": {"index_interval_hours": None}}, {"index"}),
        ({"maintenance": {"passages_interval_hours": None}}, {"passages"}),
        ({"enable_semantic_search": False}, {"passages", "consolidate", "link"}),
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
        assert done == {
            "expire": 1,
            "facts": 3,
            "passages": 0,
            "decay": 3,
            "index": 0,
            "limit": 0,
            "consolidate": 0,
            "link": 1,
            "cleanup": 1,
        }
        assert await memory.get_memory("old") is None
        [new] = await memory.services.resources.store.records.get("default", ["new"])
        assert new.decay_factor == 1.0


async def test_a_namespace_that_fails_keeps_no_other_from_its_turn(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        await memory.for_namespace(name).store_memory("Anna likes tea")
    save = memory.services.resources.store.changes.save_decay

    async def fail(namespace: str, *arguments: Any) -> int:
        if namespace in broken:
            raise MemoryStorageError("no room.")
        return await save(namespace, *arguments)

    monkeypatch.setattr(memory.services.resources.store.changes, "save_decay", fail)
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


async def test_one_at_a_time(memory: MemoryManager) -> None:
    await memory.store_memory("Anna likes tea")
    async with runs_of(memory).lease("scheduled decay") as held:
        assert held
        async with runs_of(memory).lease("scheduled decay") as also:
            assert not also
        assert await memory.run_job("decay") is None
    assert await memory.run_job("decay") is not None


async def test_the_lease_of_a_dead_process_runs_out_and_its_run_is_marked(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna likes tea")
    store = memory.services.resources.store
    await store.jobs.acquire_lease("scheduled decay", "dead", 0.05)
    await store.jobs.save_run(
        JobRun(run_id="dead", job="scheduled decay", namespace=None, holder="dead", started_at=clock())
    )
    assert await memory.run_job("decay") is None
    await asyncio.sleep(0.06)
    assert await memory.run_job("decay") is not None
    [dead] = await store.jobs.find_runs(run_id="dead")
    assert (dead.status, dead.error) == ("failed", DIED)
