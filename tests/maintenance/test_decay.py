"""Decay of a store: read-time values, what is kept, and that running twice or late changes nothing."""

from __future__ import annotations

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.decay import decay_factors_of
from tests.conftest import open_memory
from tests.fakes import Clock

DAY = 86_400.0


async def kept(memory: MemoryManager) -> dict[str, float | None]:
    ids = [item.memory_id for item in await memory.list_memories()]
    return {
        item.memory_id: item.decay_factor for item in await memory.services.resources.store.records.get("default", ids)
    }


async def fill(memory: MemoryManager) -> None:
    await memory.store_memory("Anna bought milk", memory_id="event")
    await memory.store_memory("Likes tea", MemoryType.PREFERENCE, memory_id="preference")
    await memory.store_memory("Talks fast", MemoryType.CONTEXTUAL, memory_id="context")
    await memory.store_memory("Tom moved to Berlin", memory_id="important", importance_score=1.0)


async def test_what_is_kept_is_what_reading_computes(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory)
    await memory.retrieve_memories("Anna milk", min_relevance=0.0, limit=1)
    clock.advance(30 * DAY)
    result = await memory.apply_decay()
    found = {item.memory_id: item for item in await memory.list_memories()}
    assert await kept(memory) == {name: pytest.approx(item.decay_factor) for name, item in found.items()}
    rate = memory.config.importance_decay_rate
    assert found["context"].decay_factor == pytest.approx(
        decay_factors_of([found["context"]], now=clock.now, rate=rate)[0]
    )
    order = sorted(found, key=lambda name: found[name].decay_factor or 0.0)
    assert order == ["context", "event", "important", "preference"]
    assert (result.memories, result.saved, result.as_of, result.dry_run) == (4, 4, clock.now, False)
    assert result.lowest == pytest.approx(found["context"].decay_factor)
    assert result.mean == pytest.approx(sum(item.decay_factor or 0.0 for item in found.values()) / 4)


async def test_running_twice_late_or_for_another_day_changes_nothing(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory)
    later = clock.now + 10 * DAY
    await memory.apply_decay(as_of=later)
    first = await kept(memory)
    await memory.apply_decay(as_of=later + 50 * DAY)
    assert await kept(memory) != first
    clock.advance(3 * DAY)
    for _ in range(2):
        await memory.apply_decay(as_of=later)
    assert await kept(memory) == first
    found = await memory.get_memory("event", as_of=later)
    assert found is not None
    assert found.decay_factor == pytest.approx(first["event"])
    [listed] = await memory.list_memories(memory_types=[MemoryType.PREFERENCE], as_of=later)
    assert listed.decay_factor == pytest.approx(first["preference"])


async def test_a_dry_run_keeps_nothing(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory)
    clock.advance(DAY)
    planned = await memory.apply_decay(dry_run=True)
    assert set((await kept(memory)).values()) == {None}
    assert (planned.dry_run, planned.memories, planned.saved) == (True, 4, 0)
    assert planned.lowest < 1


async def test_pages_and_progress(memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.maintenance.decay._PAGE", 3)
    await fill(memory)
    before = [item.updated_at for item in await memory.list_memories()]
    seen: list[tuple[int, int]] = []
    clock.advance(DAY)
    result = await memory.apply_decay(progress=lambda done, total: seen.append((done, total)))
    assert (result.saved, seen) == (4, [(3, 4), (4, 4)])
    assert [item.updated_at for item in await memory.list_memories()] == before


async def test_an_empty_memory_and_no_decay(memory: MemoryManager, config: MemoryConfig, clock: Clock) -> None:
    nothing = await memory.apply_decay()
    assert (nothing.memories, nothing.lowest, nothing.mean) == (0, 1.0, 1.0)
    async with open_memory(config.model_copy(update={"importance_decay_rate": 0.0}), clock) as still:
        await fill(still)
        clock.advance(1000 * DAY)
        assert (await still.apply_decay()).lowest == 1.0


async def test_conversations_and_recent_memories_say_how_strong_they_are(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Anna bought milk", conversation_id="c")
    clock.advance(DAY)
    for found in (await memory.get_conversation_context("c"), await memory.retrieve_recent_memories(48)):
        assert 0 < (found[0].decay_factor or 0.0) < 1
