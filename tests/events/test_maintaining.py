"""What scheduled jobs do is told like what calls do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryEvent, MemoryManager, MemoryType
from tests.conftest import open_memory
from tests.fakes import Clock


@pytest.fixture
async def memory(tmp_path: Path, clock: Clock) -> AsyncIterator[MemoryManager]:
    config = MemoryConfig(similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "memory"})
    async with open_memory(config, clock) as manager:
        await manager.store_memory("I like ripe plums.", MemoryType.PREFERENCE, memory_id="like")
        await manager.store_memory("I love ripe plums.", MemoryType.PREFERENCE, memory_id="love")
        await manager.store_memory("Tom walks.", memory_id="old", importance_score=0.1)
        yield manager


async def test_scheduled_jobs_tell_as_well(memory: MemoryManager, clock: Clock) -> None:
    seen: list[tuple[str, int]] = []

    async def listen(event: MemoryEvent) -> None:
        seen.append((event.name, event.count))

    async with memory.subscribe(listen):
        for job in ("decay", "consolidate"):
            await memory.run_job(job)
        clock.advance(400 * 86_400)
        await memory.run_job("cleanup")
    assert seen == [("decayed", 3), ("consolidated", 1), ("deleted", 1)]
