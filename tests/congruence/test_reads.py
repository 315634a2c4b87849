"""Searching, listing, counting: one answer from all stores, within the stated bounds."""

from __future__ import annotations

from itertools import product

import pytest

from coda_graphmem import MemoryType
from tests.congruence.stores import Stores

NAMES = ("Maria", "Anna", "Tom", "Berlin", "Lisbon", "Rex")
VERBS = ("met", "called", "painted", "forgot", "visited", "cooked for", "wrote to")
THINGS = ("the old garden", "a quiet letter", "every winter", "that blue boat", "some bread", "the long road")

#: BM25 differs between Lucene and FTS5 (idf, length norm): of the best five at least so many are the same. The
#: sentences here are too alike for text alone to order them; it is held to its bound on real ones
#: (`test_real_models`), and here to who matches.
OVERLAP = 4


@pytest.fixture
async def filled(stores: Stores) -> Stores:
    now = stores.clock.now
    rows = [
        {
            "content": f"{NAMES[i % 6]} {VERBS[i % 7]} {NAMES[(i // 2) % 6]} and {THINGS[(i * 5) % 6]} number {i}",
            "memory_id": f"m{i:02}",
            "type": list(MemoryType)[i % 6],
            "importance_score": (i * 7 % 11) / 10,
            "timestamp": now - i * 3600,
            "conversation_id": f"c{i % 5}" if i % 4 else None,
            "metadata": {"parity": i % 2, "big": i > 30, "lang": "en" if i % 3 else None},
        }
        for i in range(60)
    ]
    await stores.same(lambda m: m.store_memories_batch(rows))
    return stores


QUERIES = ("Maria painted the old garden", "who visited Lisbon in winter", "bread number 17", "Rex and a boat")

FILTERS = (
    {},
    {"memory_types": [MemoryType.SEMANTIC, MemoryType.PREFERENCE]},
    {"min_importance": 0.5},
    {"conversation_id": "c2"},
    {"metadata": {"parity": 1}},
    {"metadata": {"big": True, "lang": None}},
    {"metadata": {"parity": 1, "big": False}, "min_importance": 0.3},
)


# What is searched is in place once, which takes longer than to search it.
async def test_vector_search(filled: Stores) -> None:
    for query, chosen in product(QUERIES, FILTERS):
        found = await filled.same(
            lambda m, q=query, c=chosen: m.retrieve_memories(
                q, mode="vector", min_relevance=0, limit=7, diverse=False, **c
            )
        )
        assert len(found) == 7, (query, chosen)


async def test_hybrid_and_graph(filled: Stores) -> None:
    for query, mode in product(QUERIES, ("hybrid", "graph")):
        answers = await filled.each(
            lambda m, q=query, how=mode: m.retrieve_memories(q, mode=how, min_relevance=0, limit=5)
        )
        (_, first), *others = answers.items()
        for name, answer in others:
            assert len({m.memory_id for m in answer} & {m.memory_id for m in first}) >= OVERLAP, (name, query, mode)


async def test_text_finds_the_same_memories(filled: Stores) -> None:
    """Who matches is the same everywhere: stems, accents, case, symbols."""
    await filled.same(lambda m: m.store_memory("Crème brûlée recipes are RUNNING late", memory_id="creme"))
    for query in ("creme brulee", "recipe", "runs", 'garden" OR (boat) -bread*', "artists/bands + C++ [x] ~ \\", "??"):

        async def matching(m: object, query: str = query) -> list[str]:
            found = await m.retrieve_memories(query, mode="text", min_relevance=0, limit=100, diverse=False)  # type: ignore[attr-defined]
            return sorted(x.memory_id for x in found)

        await filled.same(matching)


async def test_time_ranges(filled: Stores) -> None:
    now = filled.clock.now
    for since, until in ((now - 10 * 3600, None), (None, now - 50 * 3600), (now - 30 * 3600, now - 20 * 3600)):
        listed = await filled.same(lambda m, s=since, u=until: m.list_memories(since=s, until=u))
        counted = await filled.same(lambda m, s=since, u=until: m.count(since=s, until=u))
        assert len(listed) == counted > 0
        await filled.same(
            lambda m, s=since, u=until: m.retrieve_memories(
                "Maria", since=s, until=u, mode="vector", min_relevance=0, diverse=False
            )
        )


@pytest.mark.parametrize("order", ["newest", "oldest", "weakest"])
async def test_listing(filled: Stores, order: str) -> None:
    await filled.same(lambda m: m.list_memories(order=order))
    await filled.same(lambda m: m.list_memories(limit=7, offset=13, order=order))
    for chosen in FILTERS:
        await filled.same(lambda m, c=chosen: m.list_memories(order=order, **c))
        await filled.same(lambda m, c=chosen: m.count(**c))


async def test_recent_entities_stats(filled: Stores) -> None:
    await filled.same(lambda m: m.retrieve_recent_memories(hours=12, limit=50))
    await filled.same(lambda m: m.list_entities())
    await filled.same(lambda m: m.list_entities(limit=3, offset=2))
    await filled.same(lambda m: m.get_memory_stats())


@pytest.mark.parametrize("depth", [0, 1, 2])
async def test_contextual(filled: Stores, depth: int) -> None:
    await filled.same(lambda m: m.retrieve_contextual_memories("c2", max_depth=depth, limit=100))
    await filled.same(lambda m: m.retrieve_contextual_memories("c2", include_related=False, max_depth=depth))


@pytest.mark.parametrize("method", ["weighted_average", "max", "reciprocal_rank"])
async def test_several_queries(filled: Stores, method: str) -> None:
    await filled.same(
        lambda m: m.retrieve_memories_multi_query(
            list(QUERIES[:3]), method, weights=[3, 2, 1], mode="vector", min_relevance=0, diverse=False
        )
    )


async def test_recalls(filled: Stores) -> None:
    for _ in range(3):
        [best] = await filled.same(lambda m: m.retrieve_memories(QUERIES[0], mode="vector", limit=1, min_relevance=0))
    found = await filled.same(lambda m: m.get_memory(best.memory_id))
    assert found is not None
    assert found.access_count == 3
    await filled.same(lambda m: m.get_memory_stats())
