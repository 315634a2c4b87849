"""Cached results: as new as without a cache, whatever is written by whom, and much faster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import Memory, MemoryConfig, MemoryManager, MemoryType, ValidationError
from coda_graphmem.models import CacheStatistics
from tests.caching import processes
from tests.conftest import open_memory
from tests.fakes import Clock


async def statistics(memory: MemoryManager) -> CacheStatistics:
    return (await memory.get_retrieval_stats()).cache


class Searches:
    """Counts the searches that reach the store."""

    def __init__(self, memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        store = memory.services.resources.store
        for part, name in (
            (store.search, "search_text"),
            (store.search, "search_vector"),
            (store.graph, "neighbourhood"),
            (store.records, "get"),
        ):
            monkeypatch.setattr(part, name, self._counting(getattr(part, name)))

    def _counting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            return await method(*arguments, **named)

        return call

    async def of(self, call: Any) -> bool:
        """Whether a call searches."""
        before = self.count
        await call
        return self.count > before


@pytest.fixture
async def cached(memory: MemoryManager) -> MemoryManager:
    await memory.store_memory("Maria drinks tea in Lisbon", MemoryType.SEMANTIC, {"k": 1}, memory_id="tea")
    await memory.store_memory("Tom drinks coffee", MemoryType.PREFERENCE, memory_id="coffee", conversation_id="c")
    await memory.enable_caching(cache_size=100, ttl_minutes=60)
    return memory


async def found(memory: MemoryManager, query: str = "who drinks what", **options: Any) -> list[str]:
    return [m.memory_id for m in await memory.retrieve_memories(query, min_relevance=0.0, **options)]


def uncounted(memories: list[Memory]) -> list[Memory]:
    """The same but for how often they were recalled, which each call makes more."""
    return [memory.model_copy(update={"access_count": 0, "last_accessed": None}) for memory in memories]


async def test_cached_results_say_how_often_they_were_recalled(cached: MemoryManager) -> None:
    for count in range(1, 6):
        [memory] = await cached.retrieve_memories("coffee", limit=1, min_relevance=0.0)
        assert memory.access_count == count
        if count in (2, 4):
            await cached.get_memory("coffee")  # which writes the counts


async def test_equal_calls_are_answered_without_a_search(
    cached: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: cached.retrieve_memories("who drinks", min_relevance=0.0, explain=True),
        lambda: cached.retrieve_memories_multi_query(["tea", "coffee"], min_relevance=0.0),
        lambda: cached.retrieve_contextual_memories("c", explain=True),
    ]
    first = [await call() for call in calls]
    searches = Searches(cached, monkeypatch)
    again = [await call() for call in calls]
    assert searches.count == 0
    assert [[m.memory_id for m in result] for result in again] == [[m.memory_id for m in result] for result in first]
    assert [uncounted(result) for result in again] == [uncounted(result) for result in first]
    assert (await statistics(cached)).results.hits == 3
    assert (await statistics(cached)).results.misses == 3


@pytest.mark.parametrize(
    "options",
    [
        {"memory_types": ["semantic"]}, {"limit": 1}, {"min_relevance": 0.6}, {"min_importance": 0.4},
        {"since": 1.0}, {"until": 2e9}, {"conversation_id": "c"}, {"metadata": {"k": 1}}, {"metadata": {"k": True}},
        {"mode": "text"}, {"max_depth": 0}, {"as_of": 1.8e9}, {"explain": True}, {"diverse": False},
    ],
)  # fmt: skip
async def test_every_argument_makes_another_result(
    cached: MemoryManager, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    arguments = {"query": "who drinks", "min_relevance": 0.0}
    await cached.retrieve_memories(**arguments)
    searches = Searches(cached, monkeypatch)
    assert await searches.of(cached.retrieve_memories(**{**arguments, **options}))
    assert not await searches.of(cached.retrieve_memories(**{**arguments, **options}))
    assert not await searches.of(cached.retrieve_memories(**arguments))


async def test_filters_that_only_python_calls_equal_have_results_of_their_own(cached: MemoryManager) -> None:
    await cached.store_memory("Rex drinks beer", MemoryType.SEMANTIC, {"k": True}, memory_id="beer")
    for _ in range(2):
        assert await found(cached, metadata={"k": 1}) == ["tea"]
        assert await found(cached, metadata={"k": True}) == ["beer"]
    assert (await statistics(cached)).results.hits == 2


async def test_every_write_is_seen_at_once(cached: MemoryManager, clock: Clock) -> None:
    assert set(await found(cached)) == {"tea", "coffee"}
    await cached.store_memory("Anna drinks water", memory_id="water")
    assert set(await found(cached)) == {"tea", "coffee", "water"}
    await cached.delete_memory("coffee")
    assert set(await found(cached)) == {"tea", "water"}
    await cached.update_memory("water", content="Anna drinks nothing now")
    [water] = await cached.retrieve_memories("Anna drinks", min_relevance=0.0, limit=1)
    assert water.content == "Anna drinks nothing now"
    short = await cached.store_short_term_memory("Rex drinks beer", "c")
    assert set(await found(cached)) == {"tea", "water"}
    await cached.promote_memory(short)
    assert set(await found(cached)) == {"tea", "water", short}
    await cached.forget(everything=True)
    assert await found(cached) == []
    await cached.store_memory("Tom drinks coffee again", memory_id="again")
    assert await found(cached) == ["again"]


async def test_tenants_have_results_of_their_own(cached: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = cached.for_namespace("alice")
    await alice.store_memory("Alice drinks milk", memory_id="milk")
    assert "milk" not in await found(cached)
    assert await found(alice) == ["milk"]
    searches = Searches(cached, monkeypatch)
    await alice.store_memory("Alice drinks juice", memory_id="juice")
    assert not await searches.of(found(cached))
    assert set(await found(alice)) == {"milk", "juice"}
    assert (await statistics(alice)).results.misses == 2


async def test_a_cached_result_counts_as_recall_and_is_told(cached: MemoryManager) -> None:
    seen: list[list[str]] = []

    async def listen(event: Any) -> None:
        seen.append(event.memory_ids)

    async with cached.subscribe(listen, ["retrieved"]):
        for _ in range(3):
            await found(cached, "coffee", limit=1)
    assert seen == [["coffee"]] * 3
    memory = await cached.get_memory("coffee")
    assert memory is not None
    assert memory.access_count == 3


async def test_results_are_the_callers_own(cached: MemoryManager) -> None:
    def spoil(memories: list[Memory]) -> None:
        for memory in memories:
            memory.content = "spoilt"
            memory.metadata["spoilt"] = True
            memory.entities.clear()
        memories.clear()

    whole = await cached.retrieve_memories("who drinks tea", min_relevance=0.0, explain=True)
    expected = uncounted([memory.model_copy(deep=True) for memory in whole])
    spoil(whole)
    for _ in range(2):
        again = await cached.retrieve_memories("who drinks tea", min_relevance=0.0, explain=True)
        assert uncounted(again) == expected
        spoil(again)


async def test_results_end_after_their_time_and_on_another_day(
    cached: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = 1_750_032_000.0  # midnight
    await found(cached)
    searches = Searches(cached, monkeypatch)
    clock.advance(3599)
    assert not await searches.of(found(cached))
    clock.advance(1)
    assert await searches.of(found(cached))
    clock.now = 1_750_032_000.0 + 86_399
    await found(cached, "yesterday")
    clock.advance(1)
    assert await searches.of(found(cached, "yesterday"))


async def test_a_cached_result_ages_all_the_same(cached: MemoryManager, clock: Clock) -> None:
    [before] = await cached.retrieve_memories("coffee", min_relevance=0.0, limit=1)
    clock.advance(3000)
    [after] = await cached.retrieve_memories("coffee", min_relevance=0.0, limit=1)
    assert (await statistics(cached)).results.hits == 1
    assert before.decay_factor is not None
    assert after.decay_factor is not None
    assert after.decay_factor < before.decay_factor


async def test_what_is_written_during_a_search_is_not_missed(
    cached: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, begun, go_on = cached.services.resources.store, asyncio.Event(), asyncio.Event()
    search = store.search.search_text

    async def slow(*arguments: Any, **named: Any) -> Any:
        result = await search(*arguments, **named)
        begun.set()
        await go_on.wait()
        return result

    monkeypatch.setattr(store.search, "search_text", slow)
    searching = asyncio.create_task(found(cached, mode="text"))
    await begun.wait()
    await cached.store_memory("Anna drinks water", memory_id="water")
    go_on.set()
    assert "water" not in await searching
    assert "water" in await found(cached, mode="text")


async def test_disabling_drops_all_but_vectors(cached: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    await found(cached)
    await cached.preload_important_memories(0.0)
    await cached.disable_caching()
    full = await statistics(cached)
    assert (full.results.entries, full.memories.entries, full.queries.entries) == (0, 0, 1)
    assert (full.max_entries, full.ttl_minutes) == (cached.config.cache_size, None)
    searches = Searches(cached, monkeypatch)
    for _ in range(2):
        assert await searches.of(found(cached))
    assert (await statistics(cached)).results.entries == 0


async def test_size_bounds_everything_together(cached: MemoryManager) -> None:
    await cached.enable_caching(cache_size=4)
    for i in range(20):
        await found(cached, f"query {i}")
    assert (await statistics(cached)).entries == 4
    await cached.enable_caching()
    assert (await statistics(cached)).max_entries == cached.config.cache_size
    assert (await statistics(cached)).ttl_minutes == 60


async def test_query_vectors_are_kept_by_default_and_results_are_not(config: MemoryConfig) -> None:
    async with open_memory(config) as memory:
        await memory.store_memory("tea")
        for _ in range(2):
            await found(memory)
        assert (await statistics(memory)).queries.hits == 1
        assert (await statistics(memory)).results.entries == 0
    async with open_memory(config.model_copy(update={"cache_size": 0})) as memory:
        for _ in range(2):
            await found(memory)
        assert ((await statistics(memory)).queries.hits, (await statistics(memory)).queries.misses) == (0, 2)
        with pytest.raises(ValidationError) as caught:
            await memory.enable_caching()
        assert caught.value.field == "cache_size"
        await memory.enable_caching(10)
        for _ in range(2):
            await found(memory)
        assert (await statistics(memory)).results.hits == 1


async def test_a_cached_search_is_ten_times_as_fast(memory: MemoryManager) -> None:
    names = ["Maria", "Anna", "Tom", "Berlin", "Lisbon", "Rex"]
    await memory.store_memories_batch(
        [
            {"content": f"{names[i % 6]} tells story {i} of the choir and {names[(i * 5 + 1) % 6]}'s tent"}
            for i in range(500)
        ]
    )

    async def seconds() -> float:
        begin = time.process_time()
        for _ in range(10):
            await memory.retrieve_memories("who tells of Maria, the choir and the tent?", min_relevance=0.0)
        return time.process_time() - begin

    await seconds()
    uncached = await seconds()
    await memory.enable_caching()
    await seconds()
    assert 10 * await seconds() < uncached


async def test_a_write_of_another_process_is_seen_at_the_next_search(config: MemoryConfig, tmp_path: Path) -> None:
    async with open_memory(config) as memory:
        await memory.store_memory("Tom drinks coffee", memory_id="coffee")
        await memory.enable_caching()
        await memory.preload_important_memories(0.0)
        assert await found(memory) == ["coffee"]
        with processes.Other(Path(config.vector_store.persist_directory)) as other:
            for i in range(5):
                await other.store(f"water{i}", f"Anna drinks water {i}")
                assert f"water{i}" in await found(memory)
                before = (await statistics(memory)).results.hits
                assert f"water{i}" in await found(memory)
                assert (await statistics(memory)).results.hits == before + 1
            await other.delete("coffee")
            assert "coffee" not in await found(memory)
            assert await memory.get_memory("coffee") is None
            # And the other way round: that process keeps results as well.
            assert "milk" not in await other.found()
            await memory.store_memory("Rex drinks milk", memory_id="milk")
            assert "milk" in await other.found()
