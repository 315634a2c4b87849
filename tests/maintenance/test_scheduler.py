"""The schedule in the background: when jobs are looked at, what happens to those that fail, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from coda_graphmem import JobRun, MaintenanceConfig, MemoryConfig, MemoryManager, MemoryStorageError
from coda_graphmem.errors import StoreUnavailableError
from coda_graphmem.maintenance.jobs import RETRY_SECONDS, JobService
from coda_graphmem.maintenance.scheduler import Scheduler
from coda_graphmem.runs import STOPPED
from coda_graphmem.times import SECONDS_PER_DAY as DAY
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder

FAST, NAMES = WordEmbedder(), NameExtractor()
ALL = ["expire", "facts", "passages", "decay", "index", "limit", "consolidate", "link"]


def settings(tmp_path: Path, **maintenance: Any) -> MemoryConfig:
    return MemoryConfig(
        maintenance={"enabled": True, "start_after_seconds": 0.0, **maintenance},
        vector_store={"persist_directory": tmp_path / "memory"},
    )


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


class FakeJobs:
    """Jobs that are due when a test says so, and how often they were looked at and done."""

    def __init__(self, interval: float | None, clock: Callable[[], float], **due: float | None) -> None:
        self.names = list(due)
        self._interval = interval
        self._clock = clock
        self.due_times = due
        self.looks: list[str] = []
        self.done: list[str] = []
        self.work: Callable[[], Awaitable[None]] | None = None
        self.is_elsewhere = False

    def interval(self, _name: str) -> float | None:
        return self._interval

    async def due(self, name: str) -> float | None:
        return self.due_times[name]

    async def run_if_due(self, name: str) -> JobRun | None:
        self.looks.append(name)
        due, now = self.due_times[name], self._clock()
        if due is None or due > now or self.is_elsewhere:
            return None
        if self.work is not None:
            await self.work()
        self.done.append(name)
        self.due_times[name] = now + (self._interval or 0.0)
        return JobRun(run_id="r", job=name, namespace=None, holder="h", started_at=now, finished_at=now, status="done")


@pytest.fixture
async def start() -> AsyncIterator[Callable[[FakeJobs], Scheduler]]:
    """Starts a schedule of jobs, which ends with the test."""
    schedulers = []

    def started(jobs: FakeJobs) -> Scheduler:
        scheduler = Scheduler(cast("JobService", jobs), time.time, recheck=0.3)
        schedulers.append(scheduler)
        scheduler.start(after=0.0)
        return scheduler

    yield started
    for scheduler in schedulers:
        await scheduler.stop()


Start = Callable[[FakeJobs], Scheduler]


async def test_a_trigger_fires_once_an_interval_and_the_store_says_what_is_due(start: Start) -> None:
    jobs = FakeJobs(0.1, time.time, never=time.time() + DAY, empty=None)
    start(jobs)
    await until(lambda: min(jobs.looks.count("never"), jobs.looks.count("empty")) >= 3)
    assert jobs.looks[:2] == ["never", "empty"]
    assert jobs.done == []


async def test_what_is_due_before_its_trigger_fires_is_done_then(start: Start) -> None:
    jobs = FakeJobs(DAY, time.time, soon=time.time() + 0.4)
    start(jobs)
    await until(lambda: jobs.done == ["soon"])
    assert jobs.looks == ["soon", "soon"]


async def test_what_another_process_is_at_is_looked_at_again_after_a_while(start: Start) -> None:
    jobs = FakeJobs(DAY, time.time, busy=0.0)
    jobs.is_elsewhere = True
    start(jobs)
    await until(lambda: len(jobs.looks) == 2)
    jobs.is_elsewhere = False
    await until(lambda: jobs.done == ["busy"])
    assert len(jobs.looks) == 3


async def test_jobs_are_done_one_at_a_time_in_their_order(start: Start) -> None:
    jobs = FakeJobs(DAY, time.time, z=0.0, a=0.0, m=0.0)
    at_it = most = 0

    async def work() -> None:
        nonlocal at_it, most
        at_it += 1
        most = max(most, at_it)
        await asyncio.sleep(0.05)
        at_it -= 1

    jobs.work = work
    start(jobs)
    await until(lambda: len(jobs.done) == 3)
    assert (jobs.done, most) == (["z", "a", "m"], 1)


async def test_a_job_that_lasts_longer_than_its_interval_is_done_once_at_a_time(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = FakeJobs(0.1, time.time, slow=0.0)
    at_it = most = 0

    async def work() -> None:
        nonlocal at_it, most
        at_it += 1
        most = max(most, at_it)
        await asyncio.sleep(0.35)
        at_it -= 1

    jobs.work = work
    start(jobs)
    await until(lambda: len(jobs.done) == 2)
    assert most == 1
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_jobs_that_are_switched_off_are_not_looked_at(start: Start) -> None:
    jobs = FakeJobs(None, time.time, off=None)
    start(jobs)
    await asyncio.sleep(0.3)
    assert jobs.looks == []


async def test_nothing_is_left_when_it_has_ended(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    jobs = FakeJobs(0.05, time.time, first=0.0, second=0.0)
    at_it = asyncio.Event()

    async def work() -> None:
        at_it.set()
        await asyncio.sleep(60)

    jobs.work = work
    scheduler = start(jobs)
    await asyncio.wait_for(at_it.wait(), 10)
    await scheduler.stop()
    assert not scheduler.is_started
    assert asyncio.all_tasks() == before
    looks = len(jobs.looks)
    await asyncio.sleep(0.2)
    assert len(jobs.looks) == looks
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    # It may be started again.
    jobs.work = None
    scheduler.start(after=0.0)
    await until(lambda: set(jobs.done) == {"first", "second"})


async def test_a_store_that_does_not_answer_is_asked_again(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[JobRun] = []
    async with open_memory(settings(tmp_path, enabled=False, lease_seconds=1.0), clock) as memory:
        await memory.store_memory("Anna likes tea")
        clock.advance(DAY)
        jobs = memory.services.resources.store.jobs
        find, asked = jobs.find_runs, 0

        async def fail(**arguments: Any) -> list[JobRun]:
            nonlocal asked
            asked += 1
            if asked < 4:
                raise StoreUnavailableError("no answer.")
            return await find(**arguments)

        monkeypatch.setattr(jobs, "find_runs", fail)
        await memory.start_maintenance(jobs=["decay"], on_run=ended.append)
        await until(lambda: len(ended) == 1)
    assert asked >= 4
    assert [r.status for r in ended] == ["done"]


async def test_what_was_due_while_nothing_ran_is_caught_up_at_the_start(tmp_path: Path, clock: Clock) -> None:
    async with open_memory(settings(tmp_path, enabled=False), clock) as memory:
        await memory.store_memory("Anna likes tea")
    clock.advance(30 * DAY)
    async with open_memory(settings(tmp_path), clock) as memory:
        store = memory.services.resources.store
        give_up = time.monotonic() + 20
        while len([r for r in await store.jobs.find_runs() if r.status == "done"]) < len(ALL):
            assert time.monotonic() < give_up
            await asyncio.sleep(0.05)
        assert sorted(r.job for r in await store.jobs.find_runs()) == sorted(f"scheduled {name}" for name in ALL)


async def test_a_job_is_run_when_its_time_comes(tmp_path: Path) -> None:
    config = settings(tmp_path, enabled=False, decay_interval_hours=0.3 / 3600)
    ended: list[JobRun] = []

    def note(run: JobRun) -> None:
        ended.append(run)
        if len(ended) == 1:
            raise RuntimeError

    async with MemoryManager(config, embedder=FAST, extractor=NAMES) as memory:
        await memory.store_memory("Anna likes tea")
        await memory.start_maintenance(jobs=["decay"], on_run=note)
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
        save = memory.services.resources.store.changes.save_decay

        async def fail(*arguments: Any) -> int:
            if not ended:
                raise MemoryStorageError("no room.")
            return await save(*arguments)

        monkeypatch.setattr(memory.services.resources.store.changes, "save_decay", fail)
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
    resources = memory.services.resources

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
    assert memory.services.maintenance.scheduler.is_started == (enabled and maintain)
    await memory.cleanup()
    assert not memory.services.maintenance.scheduler.is_started


def test_a_program_is_left_alone_at_first() -> None:
    assert MaintenanceConfig().start_after_seconds == 10.0
