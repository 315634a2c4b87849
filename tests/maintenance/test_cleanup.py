"""Removing what is old, unimportant and hardly ever recalled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.conftest import open_memory
from tests.fakes import Clock

DAY = 86_400.0


async def fill(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna bought milk", memory_id="old", importance_score=0.1)
    await memory.store_memory("Tom moved to Berlin", memory_id="important", importance_score=0.3)
    await memory.store_memory("Rex barked", memory_id="recalled", importance_score=0.1)
    await memory.services.resources.store.records.record_access("default", {"recalled": 2}, clock.now)
    clock.now += 40 * DAY
    await memory.store_memory("Maria found a coin", memory_id="new", importance_score=0.1)
    await memory.store_memory("A diary", memory_id="imported", importance_score=0.1, timestamp=5.0)


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        ({}, ["old"]),
        ({"max_age_days": 41}, []),
        ({"min_importance": 0.31}, ["old", "important"]),
        ({"max_access_count": 2}, ["old", "recalled"]),
        ({"min_importance": 0.0}, []),
    ],
)
async def test_each_condition(
    memory: MemoryManager, clock: Clock, arguments: dict[str, float], gone: list[str]
) -> None:
    await fill(memory, clock)
    planned = await memory.cleanup_old_memories(**arguments, dry_run=True)
    assert planned.dry_run
    assert planned.memory_ids == gone
    assert planned.removed.memories == 0
    assert await memory.count() == 5
    done = await memory.cleanup_old_memories(**arguments)
    assert done.memory_ids == gone
    assert done.removed.memories == done.removed.vectors == len(gone)
    assert await memory.count() == 5 - len(gone)
    assert (await memory.cleanup_old_memories(**arguments)).memory_ids == []


async def test_entities_go_with_the_memories_and_tenants_keep_theirs(memory: MemoryManager, clock: Clock) -> None:
    other = memory.for_namespace("other")
    await other.store_memory("Anna bought milk", memory_id="old", importance_score=0.1)
    await fill(memory, clock)
    assert (await memory.cleanup_old_memories()).removed.entities == 1
    assert "Anna" not in {entity.name for entity in await memory.list_entities()}
    assert await other.count() == 1


async def test_archived_and_short_term_memories_stay(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Set aside", memory_id="a", importance_score=0.1)
    await memory.services.resources.store.records.archive("default", ["a"], clock.now)
    await memory.store_short_term_memory("For now", conversation_id="c", ttl_minutes=60 * 24 * 90)
    clock.now += 40 * DAY
    assert (await memory.cleanup_old_memories(min_importance=1.0)).memory_ids == []
    stats = await memory.get_memory_stats()
    assert (stats.archived_memories, stats.short_term_memories) == (1, 1)


async def test_batches_add_up(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.maintenance.cleanup._PAGE", 3)
    config = MemoryConfig(vector_store={"persist_directory": tmp_path, "batch_size": 2, "max_batch_size": 2})
    async with open_memory(config, clock) as memory:
        for i in range(7):
            await memory.store_memory(f"Note {i}", memory_id=f"n{i}", importance_score=0.1)
        clock.now += 31 * DAY
        done = await memory.cleanup_old_memories()
        assert done.memory_ids == [f"n{i}" for i in range(7)]
        assert done.removed.memories == 7
        assert await memory.count() == 0


async def test_pages_go_on_where_the_one_before_ended(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.maintenance.cleanup._PAGE", 3)
    times = [1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8]
    for i, moment in enumerate(times):
        importance = 0.9 if i % 4 == 1 else 0.1
        await memory.store_memory(f"Note {i}", memory_id=f"n{i}", importance_score=importance, timestamp=moment)
    clock.now += 40 * DAY
    records = memory.services.resources.store.records
    find, offsets = records.find, []

    async def noting(*arguments: Any, **named: Any) -> Any:
        offsets.append(named["offset"])
        return await find(*arguments, **named)

    monkeypatch.setattr(records, "find", noting)
    found = await memory.cleanup_old_memories(dry_run=True)
    assert found.memory_ids == [f"n{i}" for i in range(len(times)) if i % 4 != 1]
    # Nothing but what happened at the very same time is counted off again.
    assert max(offsets) <= 7


async def test_recalls_not_yet_written_count(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna bought milk", memory_id="old", importance_score=0.1)
    for _ in range(2):
        memory.services.access.note("default", ["old"])
    clock.now += 40 * DAY
    assert (await memory.cleanup_old_memories()).memory_ids == []
