"""What tells other programs that something is new."""

from __future__ import annotations

from coda_graphmem import MemoryManager
from tests.fakes import Clock


async def test_the_revision_differs_after_every_change_and_after_nothing_else(memory: MemoryManager) -> None:
    assert await memory.get_revision() == 0
    seen = {0}
    for change in (
        memory.store_memory("Rex barks", memory_id="m"),
        memory.update_memory("m", importance_score=0.9),
        memory.delete_memory("m"),
    ):
        await change
        revision = await memory.get_revision()
        assert revision not in seen
        seen.add(revision)
    await memory.for_namespace("other").store_memory("Tom sings")
    await memory.retrieve_memories("Rex")
    assert await memory.get_revision() == revision


async def test_what_was_touched_since_a_time(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Rex barks", memory_id="old")
    await memory.store_memory("Tom sings", memory_id="changed")
    clock.advance(60)
    since = clock.now
    await memory.store_memory("Anna skis", memory_id="new", timestamp=since - 1e6)
    await memory.update_memory("changed", metadata={"voice": "bass"})
    assert [item.memory_id for item in await memory.list_touched(since)] == ["changed", "new"]
    assert await memory.list_touched(since + 1) == []


async def test_what_was_recalled_since_a_time(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Rex barks", memory_id="barks")
    await memory.store_memory("Tom sings", memory_id="sings")
    clock.advance(60)
    await memory.retrieve_memories("who sings?", limit=1, min_relevance=0.0)
    assert [item.memory_id for item in await memory.list_recalled(clock.now)] == ["sings"]
    assert await memory.list_recalled(clock.now + 1) == []


async def test_looking_without_recalling(memory: MemoryManager) -> None:
    await memory.store_memory("Rex barks", memory_id="m")
    for counted in (False, True):
        [found] = await memory.retrieve_memories("Rex", min_relevance=0.0, count_recall=counted)
        assert found.memory_id == "m"
        kept = await memory.get_memory("m")
        assert kept is not None
        assert kept.access_count == int(counted)
