"""Cached results: every store tells of every write, so that none answers with what was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from coda_graphmem import MemoryManager, MemoryType
from tests.congruence.stores import Stores


async def test_every_write_is_seen_and_nothing_else_is_searched_again(stores: Stores) -> None:
    await stores.each(lambda m: m.enable_caching(100, 60))

    async def twice(m: MemoryManager) -> list[Any]:
        """Results, and how many of two equal searches were computed."""
        before = (await m.get_retrieval_stats()).cache.results
        first = await m.retrieve_memories("what does Maria drink", min_relevance=0.0)
        again = await m.retrieve_memories("what does Maria drink", min_relevance=0.0)
        assert [x.memory_id for x in first] == [x.memory_id for x in again]
        after = (await m.get_retrieval_stats()).cache.results
        return [[x.content for x in first], after.misses - before.misses, after.hits - before.hits]

    async def promoted(m: MemoryManager) -> None:
        [passing] = [x for x in await m.get_conversation_context("c") if x.expires_at is not None]
        assert await m.promote_memory(passing.memory_id)

    # None states a fact: to read one, in the background, would be another write.
    writes: list[Callable[[MemoryManager], Awaitable[Any]]] = [
        lambda m: m.store_memory("Tea for Maria to drink", MemoryType.SEMANTIC, memory_id="tea", timestamp=1.0),
        lambda m: m.store_memory("TEA for maria to drink", MemoryType.SEMANTIC),
        lambda m: m.update_memory("tea", importance_score=0.9),
        lambda m: m.update_memory("tea", content="Green tea for Maria to drink"),
        lambda m: m.store_short_term_memory("Water for Maria to drink", "c", 10),
        promoted,
        lambda m: m.delete_memory("tea"),
        lambda m: m.forget(everything=True),
        lambda m: m.store_memory("Milk for Maria to drink", memory_id="milk", timestamp=2.0),
    ]
    for write in writes:
        await stores.each(write)
        _, computed, kept = await stores.same(twice)
        assert (computed, kept) == (1, 1)
    await stores.each(lambda m: m.apply_decay())
    contents, computed, kept = await stores.same(twice)
    assert (contents, computed, kept) == (["Milk for Maria to drink"], 0, 2)


async def test_loading_ahead(stores: Stores) -> None:
    for i in range(6):
        await stores.same(lambda m, i=i: m.store_memory(f"Note {i}", memory_id=f"n{i}", importance_score=i / 10))
    assert await stores.same(lambda m: m.preload_important_memories(0.3, 2)) == 2
    for i in range(6):
        await stores.same(lambda m, i=i: m.get_memory(f"n{i}"))
    stats = await stores.same(lambda m: m.get_retrieval_stats())
    assert stats.cache.memories.hits == 2
