"""The bounds of the cache, and that copies share nothing."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from coda_graphmem.cache import ENTRY_BYTES, Cache, copy_of, size_of
from coda_graphmem.models import EntityMention, Explanation, Memory, MemoryType
from tests.fakes import Clock


def memory(number: int = 0, content: str = "tea") -> Memory:
    mentions = [EntityMention(key=f"e{i}-{number}", name=f"E{i}-{number}", label="NAME") for i in range(4)]
    return Memory(
        memory_id=f"m{number}",
        content=f"{content} {number}",
        memory_type=MemoryType.EPISODIC,
        timestamp=float(number),
        importance_score=0.5,
        metadata={"list": [{"a": 1}], "number": number},
        entities=mentions,
        possibly_outdated_by=["x"],
        embedding=[0.5],
        explanation=Explanation(sources=["text"]),
    )


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(2)
    for key in ("a", "b"):
        cache.put("queries", key, key)
    assert cache.get("queries", "a") == "a"
    cache.put("queries", "c", "c")
    assert [cache.peek("queries", key) for key in "abc"] == ["a", None, "c"]
    cache.put("queries", "a", "new")
    assert [cache.peek("queries", key) for key in "abc"] == ["new", None, "c"]


def test_parts_are_apart_and_share_the_room() -> None:
    cache = Cache(3)
    cache.put("queries", "k", 1)
    cache.put("results", "k", 2)
    cache.put("memories", "k", 3)
    assert [cache.get(part, "k") for part in ("queries", "results", "memories")] == [1, 2, 3]
    cache.clear(["results"])
    assert [cache.get(part, "k") for part in ("queries", "results", "memories")] == [1, None, 3]
    cache.clear()
    assert cache.statistics("").entries == cache.statistics("").bytes == 0


def test_bytes_are_a_bound_of_their_own() -> None:
    cache = Cache(4)
    piece = (3 * ENTRY_BYTES // 2) * "x"
    for i in range(4):
        cache.put("results", i, piece)
    statistics = cache.statistics("")
    assert statistics.max_bytes == 4 * ENTRY_BYTES
    assert statistics.entries == 2
    assert 2 * len(piece) <= statistics.bytes <= statistics.max_bytes
    cache.put("results", "too large", 5 * ENTRY_BYTES * "x")
    assert cache.peek("results", "too large") is None
    assert cache.statistics("").entries == 2
    cache.put("results", 3, "small now")
    assert cache.statistics("").bytes < 2 * len(piece)


def test_nothing_is_kept_where_there_is_no_room() -> None:
    cache = Cache(0)
    cache.put("queries", "a", 1)
    assert cache.get("queries", "a") is None


def test_resizing_shrinks_at_once() -> None:
    cache = Cache(10)
    for i in range(10):
        cache.put("queries", i, i)
    cache.resize(3, None)
    assert [i for i in range(10) if cache.peek("queries", i) is not None] == [7, 8, 9]


def test_values_end_after_their_time() -> None:
    clock = Clock()
    cache = Cache(10, clock)
    cache.put("queries", "a", 1)
    clock.advance(10**6)
    assert cache.get("queries", "a") == 1
    cache.resize(10, 60.0)
    cache.put("queries", "b", 2)
    clock.advance(59.0)
    assert (cache.get("queries", "a"), cache.get("queries", "b")) == (None, 2)
    clock.advance(1.0)
    assert cache.get("queries", "b") is None
    cache.put("queries", "c", 3)
    clock.advance(-3600.0)
    assert cache.get("queries", "c") is None


def test_hits_and_misses_are_counted_by_part_and_namespace() -> None:
    clock = Clock()
    cache = Cache(10, clock)
    cache.resize(10, 60.0)
    cache.get("results", "a", "alice")
    cache.put("results", "a", 1)
    for namespace in ("alice", "alice", "bob"):
        cache.get("results", "a", namespace)
    cache.get("queries", "q")
    cache.missed("results", "bob")
    alice, bob = cache.statistics("alice"), cache.statistics("bob")
    assert (alice.results.hits, alice.results.misses) == (2, 1)
    assert alice.results.hit_rate == pytest.approx(2 / 3)
    assert (bob.results.hits, bob.results.misses, bob.memories.hit_rate) == (0, 1, 0.0)
    assert (alice.queries.misses, alice.results.entries, alice.max_entries, alice.ttl_minutes) == (1, 1, 10, 1.0)


@pytest.mark.parametrize("make", [memory, lambda i: [memory(10 * i + j) for j in range(5)]])
def test_sizes_are_about_what_values_take(make: Any) -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        values = [make(i) for i in range(200)]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert size_of(values) == pytest.approx(taken, rel=0.4)
    assert size_of(np.zeros((100, 100), dtype=np.float32)) >= 40_000


def test_copies_share_nothing_that_changes() -> None:
    original = memory()
    copy = copy_of(original)
    assert copy == original
    copy.content = "changed"
    copy.metadata["list"][0]["a"] = 2
    copy.metadata["new"] = 1
    copy.entities.clear()
    copy.possibly_outdated_by.clear()
    assert copy.embedding is not None
    assert copy.explanation is not None
    copy.embedding.clear()
    copy.explanation.sources.clear()
    assert original == memory()
