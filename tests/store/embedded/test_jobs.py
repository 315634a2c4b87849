"""Leases and runs as the file keeps them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from coda_graphmem.store.embedded import EmbeddedStore, jobs
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.parts.build import run


async def test_one_of_many_stores_gets_a_lease(opened: MakeStore) -> None:
    async with opened() as one, opened() as two, opened() as three:
        for round_ in range(5):
            asked = [
                store.jobs.acquire_lease(f"lease{round_}", f"{number}", 60.0)
                for number, store in enumerate((one, two, three))
            ]
            assert sum(await asyncio.gather(*asked)) == 1


async def test_leases_that_ran_out_are_not_kept(store: EmbeddedStore, file: Path) -> None:
    for number in range(5):
        assert await store.jobs.acquire_lease(f"lease{number}", "one", 0.0)
    with raw(file) as db:
        assert db.execute("SELECT count(*) FROM leases").fetchone() == (1,)


async def test_the_newest_runs_of_a_job_are_kept(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs.MAX_RUNS == 1000
    monkeypatch.setattr(jobs, "MAX_RUNS", 3)
    await store.jobs.save_run(run("x", "another", "ns", started_at=0.0))
    for number in (4, 1, 5, 2, 3):
        await store.jobs.save_run(run(f"r{number}", "job", "ns", started_at=float(number)))
    assert [one.run_id for one in await store.jobs.find_runs()] == ["r5", "r4", "r3", "x"]
