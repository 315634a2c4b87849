"""Loading ahead: vectors for the first search, important memories for reading by id."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.caching.test_results import Searches, statistics
from tests.conftest import open_memory
from tests.fakes import Clock


@pytest.fixture
async def filled(memory: MemoryManager) -> MemoryManager:
    for i in range(10):
        await memory.store_memory(f"note {i}", memory_id=f"m{i}", importance_score=i / 10, metadata={"i": i})
    return memory


async def test_the_most_important_are_read_without_the_store(
    filled: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [await filled.get_memory(f"m{i}") for i in range(10)]
    assert await filled.preload_important_memories(min_importance=0.8, max_count=100) == 2
    searches = Searches(filled, monkeypatch)
    assert [i for i in range(10) if not await searches.of(filled.get_memory(f"m{i}"))] == [8, 9]
    assert [await filled.get_memory(f"m{i}") for i in range(10)] == expected
    assert ((await statistics(filled)).memories.hits, (await statistics(filled)).memories.misses) == (4, 0)


async def test_how_many_and_how_important(filled: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await filled.preload_important_memories(min_importance=0.5, max_count=3) == 3
    searches = Searches(filled, monkeypatch)
    assert [i for i in range(10) if not await searches.of(filled.get_memory(f"m{i}"))] == [7, 8, 9]
    assert await filled.preload_important_memories(min_importance=1.0) == 0
    await filled.enable_caching(cache_size=4)
    assert await filled.preload_important_memories(min_importance=0.0) == 4
    assert await filled.for_namespace("empty").preload_important_memories(0.0) == 0


async def test_a_write_is_seen_at_once_and_the_memory_loaded_again(
    filled: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled.preload_important_memories()
    await filled.update_memory("m9", content="changed")
    searches = Searches(filled, monkeypatch)
    for expected in (True, False):
        before = searches.count
        memory = await filled.get_memory("m9")
        assert memory is not None
        assert memory.content == "changed"
        assert (searches.count > before) is expected
    assert (await statistics(filled)).memories.misses == 1
    await filled.delete_memory("m9")
    assert await filled.get_memory("m9") is None


async def test_recalls_are_counted_in_what_was_loaded(filled: MemoryManager, clock: Clock) -> None:
    await filled.preload_important_memories()
    clock.advance(60)
    await filled.retrieve_memories("note 9", min_relevance=0.0, limit=1)
    memory = await filled.get_memory("m9")
    assert memory is not None
    assert (memory.access_count, memory.last_accessed) == (1, clock.now)
    assert (await statistics(filled)).memories.hits == 1
    stored = (await filled.services.resources.store.records.get("default", ["m9"]))[0]
    assert (stored.access_count, stored.last_accessed) == (1, clock.now)


async def test_what_was_loaded_is_the_callers_own(filled: MemoryManager) -> None:
    await filled.preload_important_memories()
    for _ in range(2):
        memory = await filled.get_memory("m9")
        assert memory is not None
        assert memory.metadata == {"i": 9}
        memory.metadata.clear()


async def test_a_vector_is_read_where_it_is_asked_for(filled: MemoryManager) -> None:
    await filled.preload_important_memories()
    memory = await filled.get_memory("m9", with_embedding=True)
    assert memory is not None
    assert memory.embedding is not None


async def test_vectors_are_in_memory_before_the_first_search(config: MemoryConfig) -> None:
    async with open_memory(config) as memory:
        await memory.store_memory("note", importance_score=0.1)
        await memory.for_namespace("other").store_memory("note")
    async with open_memory(config) as memory:
        store: Any = memory.services.resources.store
        index = store._database.index
        assert index.loaded == []
        assert await memory.preload_important_memories() == 0
        assert index.loaded == ["default"]


async def test_without_vectors_there_are_memories_to_load(config: MemoryConfig) -> None:
    async with open_memory(config.model_copy(update={"enable_semantic_search": False})) as memory:
        await memory.store_memory("note", importance_score=0.9)
        assert await memory.preload_important_memories() == 1
