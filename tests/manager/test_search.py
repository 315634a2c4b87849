"""Finding, listing and counting through the façade, and every filter and option with its effect."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from tests.conftest import open_memory
from tests.fakes import Clock


@pytest.fixture
async def filled(memory: MemoryManager, clock: Clock) -> MemoryManager:
    now = clock.now
    await memory.store_memories_batch(
        [
            {
                "content": "Python makes machine learning pleasant", "type": "procedural", "memory_id": "python",
                "importance_score": 0.9, "timestamp": now - 100 * 3600, "metadata": {"lang": "en", "stars": 5},
            },
            {
                "content": "Machine learning with Maria in Berlin", "type": "episodic", "memory_id": "berlin",
                "importance_score": 0.2, "timestamp": now - 3600, "conversation_id": "c1", "metadata": {"lang": "de"},
            },
            {
                "content": "User prefers morning meetings", "type": "preference", "memory_id": "morning",
                "importance_score": 0.6, "timestamp": now - 20 * 3600, "metadata": {"stars": None, "done": True},
            },
        ]
    )  # fmt: skip
    return memory


async def ids(memory: MemoryManager, query: str = "machine learning", **options: object) -> list[str]:
    found = await memory.retrieve_memories(query, **{"min_relevance": 0.0, **options})
    return [m.memory_id for m in found]


async def test_the_nearest_comes_first_and_relevance_never_rises(filled: MemoryManager) -> None:
    found = await filled.retrieve_memories("morning meetings", min_relevance=0)
    assert found[0].memory_id == "morning"
    scores = [m.relevance_score for m in found if m.relevance_score is not None]
    assert len(scores) == len(found)
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"python", "berlin", "morning"}),
        ({"memory_types": [MemoryType.PROCEDURAL, MemoryType.SEMANTIC]}, {"python"}),
        ({"memory_types": ["episodic"]}, {"berlin"}),
        ({"min_importance": 0.6}, {"python", "morning"}),
        ({"conversation_id": "c1"}, {"berlin"}),
        ({"conversation_id": "nowhere"}, set()),
        ({"metadata": {"lang": "en"}}, {"python"}),
        ({"metadata": {"lang": "en", "stars": 4}}, set()),
        ({"metadata": {"stars": 5.0}}, {"python"}),
        ({"metadata": {"stars": None}}, {"morning"}),
        ({"metadata": {"done": True}}, {"morning"}),
        ({"metadata": {"done": 1}}, set()),
    ],
)
@pytest.mark.parametrize("mode", ["graph", "hybrid", "vector"])
async def test_filters(filled: MemoryManager, mode: str, options: dict[str, object], expected: set[str]) -> None:
    assert set(await ids(filled, mode=mode, **options)) == expected


async def test_time_range(filled: MemoryManager, clock: Clock) -> None:
    day = 24 * 3600
    assert set(await ids(filled, since=clock.now - day)) == {"berlin", "morning"}
    assert set(await ids(filled, until=clock.now - day)) == {"python"}
    assert set(await ids(filled, since=clock.now - 3600)) == {"berlin"}
    assert set(await ids(filled, until=clock.now - 3600)) == {"python", "morning"}


async def test_limit_and_threshold(filled: MemoryManager) -> None:
    assert len(await ids(filled, limit=1)) == 1
    found = await filled.retrieve_memories("User prefers morning meetings", min_relevance=0.9)
    assert [m.memory_id for m in found] == ["morning"]


async def test_limit_and_threshold_default_to_the_settings(tmp_path: Path) -> None:
    config = MemoryConfig(
        default_retrieval_limit=2, min_relevance_threshold=0.99, vector_store={"persist_directory": tmp_path}
    )
    async with open_memory(config) as memory:
        for i in range(5):
            await memory.store_memory(f"Note {i} on gardens", memory_id=str(i))
        assert len(await memory.retrieve_memories("gardens", min_relevance=0)) == 2
        assert [m.memory_id for m in await memory.retrieve_memories("Note 3 on gardens")] == ["3"]
        assert len(await memory.retrieve_recent_memories()) == 2
        assert len(await memory.list_memories()) == 5


async def test_modes_look_at_what_they_are_named_for(filled: MemoryManager) -> None:
    await filled.store_memory("Maria moved to Lisbon", memory_id="moved")
    assert await ids(filled, "nonsense words", mode="text") == []
    assert len(await ids(filled, "nonsense words", mode="vector")) == 4
    assert set(await ids(filled, "learning", mode="text")) == {"python", "berlin"}


async def test_recalls_are_counted(filled: MemoryManager, clock: Clock) -> None:
    clock.advance(10)
    await filled.retrieve_memories("morning meetings", limit=1, min_relevance=0)
    await filled.retrieve_memories("morning meetings", limit=1, min_relevance=0)
    found = await filled.get_memory("morning")
    assert found is not None
    assert found.access_count == 2


async def test_results_say_how_often_they_were_recalled(filled: MemoryManager, clock: Clock) -> None:
    for count in (1, 2, 3):
        clock.advance(10)
        [found] = await filled.retrieve_memories("morning meetings", limit=1, min_relevance=0)
        assert (found.access_count, found.last_accessed) == (count, clock.now)
        if count == 2:
            assert await filled.get_memory("morning") is not None  # which writes the counts
    [unseen] = await filled.retrieve_memories("morning meetings", limit=1, min_relevance=0, count_recall=False)
    assert unseen.access_count == 3
    recent = {memory.memory_id: memory.access_count for memory in await filled.retrieve_recent_memories(24)}
    assert recent["morning"] == 4
    assert found.last_accessed == clock.now
    assert (await filled.get_memory_stats()).most_accessed_memory_id == "morning"


async def test_no_recall_is_lost_or_counted_twice_where_many_search_at_once(
    config: MemoryConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_memory(config) as one, open_memory(config) as other:
        await one.store_memory("Water the plants", memory_id="plants")
        begun = asyncio.Event()
        record = one.services.resources.store.records.record_access

        async def slowly(namespace: str, counts: Mapping[str, int], at: float) -> None:
            begun.set()
            await record(namespace, counts, at)
            await asyncio.sleep(0.05)

        monkeypatch.setattr(one.services.resources.store.records, "record_access", slowly)
        search = [memory.retrieve_memories("plants", min_relevance=0) for _ in range(15) for memory in (one, other)]
        await asyncio.gather(*search)
        writing = asyncio.create_task(one.get_memory("plants"))
        await begun.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await other.get_memory_stats()
        found = await one.get_memory("plants")
        assert found is not None
        assert found.access_count == 30
        assert (await one.get_retrieval_stats()).total_retrievals == 30


async def test_recalls_outlive_the_manager(config: MemoryConfig) -> None:
    async with open_memory(config) as memory:
        await memory.store_memory("Water the plants", memory_id="plants")
        await memory.retrieve_memories("plants", min_relevance=0)
    async with open_memory(config) as memory:
        found = await memory.get_memory("plants")
        assert found is not None
        assert found.access_count == 1


async def test_recent_memories(filled: MemoryManager) -> None:
    assert [m.memory_id for m in await filled.retrieve_recent_memories()] == ["berlin", "morning"]
    assert [m.memory_id for m in await filled.retrieve_recent_memories(hours=2)] == ["berlin"]
    assert [m.memory_id for m in await filled.retrieve_recent_memories(200, ["procedural"])] == ["python"]
    assert len(await filled.retrieve_recent_memories(hours=200, limit=1)) == 1


async def test_listing_pages_and_orders(filled: MemoryManager) -> None:
    async def listed(**options: object) -> list[str]:
        return [m.memory_id for m in await filled.list_memories(**options)]

    assert await listed() == ["berlin", "morning", "python"]
    assert await listed(order="oldest") == ["python", "morning", "berlin"]
    assert await listed(order="weakest") == ["berlin", "morning", "python"]
    assert await listed(limit=2) + await listed(limit=2, offset=2) == ["berlin", "morning", "python"]
    assert await listed(max_importance=0.3) == ["berlin"]
    assert await listed(min_importance=0.9) == ["python"]
    assert await listed(memory_types=["preference"]) == ["morning"]
    assert await listed(conversation_id="c1") == ["berlin"]
    assert await listed(metadata={"lang": "en"}) == ["python"]
    assert await listed(archived=True) == []


async def test_counting(filled: MemoryManager, clock: Clock) -> None:
    assert await filled.count() == 3
    assert await filled.count(memory_types=["preference", "episodic"]) == 2
    assert await filled.count(min_importance=0.5, max_importance=0.7) == 1
    assert await filled.count(since=clock.now - 7200) == 1
    assert await filled.count(until=clock.now - 7200) == 2
    assert await filled.count(conversation_id="c1") == 1
    assert await filled.count(metadata={"stars": 5}) == 1
    assert await filled.count(archived=True) == 0


async def test_stats(filled: MemoryManager, clock: Clock) -> None:
    await filled.store_short_term_memory("for a moment", "c2")
    stats = await filled.get_memory_stats()
    assert stats.total_memories == 3
    assert stats.memory_type_distribution == {
        MemoryType.PROCEDURAL: 1,
        MemoryType.EPISODIC: 1,
        MemoryType.PREFERENCE: 1,
    }
    assert stats.avg_importance_score == pytest.approx((0.9 + 0.2 + 0.6) / 3)
    assert stats.short_term_memories == 1
    assert stats.oldest_timestamp == clock.now - 100 * 3600
    assert stats.newest_timestamp == clock.now - 3600
    assert stats.total_entities == 2
    assert stats.most_accessed_memory_id is None
    assert stats.storage_bytes is not None
    assert stats.storage_bytes > 0


async def test_entities_are_listed_by_how_often_they_are_mentioned(filled: MemoryManager) -> None:
    await filled.store_memory("Coffee with Maria")
    entities = await filled.list_entities()
    assert [(e.name, e.mention_count) for e in entities] == [("Maria", 2), ("Berlin", 1)]
    assert [e.name for e in await filled.list_entities(limit=1, offset=1)] == ["Berlin"]


async def test_search_without_vectors(tmp_path: Path) -> None:
    config = MemoryConfig(enable_semantic_search=False, vector_store={"persist_directory": tmp_path})
    async with open_memory(config) as memory:
        await memory.store_memory("Maria plays the cello", memory_id="cello")
        await memory.store_memory("Maria is away in June", memory_id="away")
        stored = await memory.get_memory("cello", with_embedding=True)
        assert stored is not None
        assert stored.embedding is None
        found = await memory.retrieve_memories("cello", min_relevance=0.5)
        assert found[0].memory_id == "cello"
        assert memory.services.resources.embedding.enabled is False


async def test_several_queries(filled: MemoryManager) -> None:
    queries = ["machine learning with Python", "morning meetings"]
    for method in ("weighted_average", "max", "reciprocal_rank"):
        found = await filled.retrieve_memories_multi_query(queries, method, min_relevance=0)
        assert {m.memory_id for m in found} == {"python", "berlin", "morning"}
        scores = [m.relevance_score or 0 for m in found]
        assert scores == sorted(scores, reverse=True)
        one_sided = await filled.retrieve_memories_multi_query(queries, method, weights=[0, 1], min_relevance=0)
        assert one_sided[0].memory_id == "morning"
    few = await filled.retrieve_memories_multi_query(queries, limit=1, min_relevance=0, memory_types=["preference"])
    assert [m.memory_id for m in few] == ["morning"]
    assert await filled.retrieve_memories_multi_query(queries, min_importance=0.95) == []
    assert await filled.retrieve_memories_multi_query(queries, min_relevance=1.0) == []
