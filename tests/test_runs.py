"""Leases: one holder at a time, as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coda_graphmem import MemoryConfig
from coda_graphmem.errors import StoreUnavailableError
from coda_graphmem.runs import Runs
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import Jobs


@pytest.fixture
async def jobs(config: MemoryConfig) -> AsyncIterator[Jobs]:
    store = EmbeddedStore(config)
    await store.open()
    yield store.jobs
    await store.close()


def runs_of(jobs: Jobs, lease_seconds: float) -> Runs:
    return Runs(jobs, lambda: 0.0, lease_seconds=lease_seconds)


async def test_a_lease_is_renewed_while_its_holder_lives(jobs: Jobs) -> None:
    async with runs_of(jobs, 0.3).lease("x"):
        await asyncio.sleep(0.5)
        assert not await jobs.acquire_lease("x", "another", 1.0)
    assert await jobs.acquire_lease("x", "another", 1.0)


async def test_whoever_loses_the_lease_stops(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    acquire = jobs.acquire_lease
    asked = 0

    async def once(*arguments: Any) -> bool:
        nonlocal asked
        asked += 1
        return asked == 1 and await acquire(*arguments)

    monkeypatch.setattr(jobs, "acquire_lease", once)
    with pytest.raises(StoreUnavailableError):
        async with runs_of(jobs, 0.1).lease("x"):
            await asyncio.sleep(5)
    await asyncio.sleep(0)


@pytest.mark.parametrize("turns", range(8))
async def test_a_call_that_is_cancelled_gives_its_lease_back(jobs: Jobs, turns: int) -> None:
    async def hold() -> None:
        async with runs_of(jobs, 60.0).lease("x") as is_held:
            assert is_held
            await asyncio.sleep(30)

    holding = asyncio.create_task(hold())
    for _ in range(turns):
        await asyncio.sleep(0)
    if turns == 7:
        await asyncio.sleep(0.1)
    # Twice: some cancel again while the first cancellation is still being heeded.
    holding.cancel()
    await asyncio.sleep(0)
    holding.cancel()
    await asyncio.wait({holding})
    assert holding.cancelled()
    assert await jobs.acquire_lease("x", "another", 1.0)


async def test_a_lease_that_came_after_the_cancellation_is_given_back(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire, asked = jobs.acquire_lease, asyncio.Event()

    async def slow(*arguments: Any) -> bool:
        asked.set()
        await asyncio.sleep(0.1)
        return await acquire(*arguments)

    async def hold() -> None:
        async with runs_of(jobs, 60.0).lease("x"):
            pass

    monkeypatch.setattr(jobs, "acquire_lease", slow)
    holding = asyncio.create_task(hold())
    await asked.wait()
    holding.cancel()
    await asyncio.wait({holding})
    assert await acquire("x", "another", 1.0)
