"""Finding, counting, searching."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.embedded.catalog import find_namespace
from coda_graphmem.store.embedded.matrix_index import MatrixIndex
from coda_graphmem.store.embedded.rows import everything
from coda_graphmem.store.protocol import Candidate, MemoryChanges
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.factory import DIMENSION, new, towards, unit

ALL = MemoryFilter()

CASES = {
    "types": (MemoryFilter(memory_types=(MemoryType.SEMANTIC, MemoryType.PREFERENCE)), ["m1", "m2"]),
    "no types": (MemoryFilter(memory_types=()), []),
    "min importance": (MemoryFilter(min_importance=0.3), ["m3", "m4"]),
    "max importance": (MemoryFilter(max_importance=0.1), ["m0", "m1"]),
    "since": (MemoryFilter(since=1003.0), ["m3", "m4"]),
    "until": (MemoryFilter(until=1001.0), ["m0"]),
    "conversation": (MemoryFilter(conversation_id="odd"), ["m1", "m3"]),
    "text": (MemoryFilter(metadata={"text": "b"}), ["m1"]),
    "integer": (MemoryFilter(metadata={"value": 1}), ["m1"]),
    "real": (MemoryFilter(metadata={"value": 1.0}), ["m1"]),
    "true": (MemoryFilter(metadata={"value": True}), ["m2"]),
    "false": (MemoryFilter(metadata={"value": False}), ["m3"]),
    "null": (MemoryFilter(metadata={"value": None}), ["m4"]),
    "text that looks like a number": (MemoryFilter(metadata={"value": "1"}), ["m0"]),
    "two keys": (MemoryFilter(metadata={"value": 1, "text": "b"}), ["m1"]),
    "two keys that never meet": (MemoryFilter(metadata={"value": 1, "text": "c"}), []),
    "a key nothing holds": (MemoryFilter(metadata={"nothing": None}), []),
    "a key with quotes": (MemoryFilter(metadata={"a \"b'.$[0]": "x"}), ["m4"]),
    "a value with quotes": (MemoryFilter(metadata={"quoted": "\"' OR 1=1 --"}), ["m4"]),
    "a huge number": (MemoryFilter(metadata={"huge": 10**30}), ["m4"]),
    "only archived": (MemoryFilter(archived=True), []),
    "only short-term": (MemoryFilter(lifetime="short_term"), []),
}


async def fill(store: EmbeddedStore) -> None:
    values = ["1", 1, True, False, None]
    types = [
        MemoryType.EPISODIC,
        MemoryType.SEMANTIC,
        MemoryType.PREFERENCE,
        MemoryType.EMOTIONAL,
        MemoryType.PROCEDURAL,
    ]
    extra = {"a \"b'.$[0]": "x", "quoted": "\"' OR 1=1 --", "huge": 10**30}
    rows = [
        new(
            f"m{i}",
            f"common word{i}",
            entities=["shared"],
            memory_type=types[i],
            importance_score=i / 10,
            conversation_id="odd" if i % 2 else "even",
            metadata={"value": values[i], "text": "abcde"[i], **(extra if i == 4 else {})},
        )
        for i in range(5)
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)


@pytest.mark.parametrize(("where", "expected"), CASES.values(), ids=CASES.keys())
async def test_each_condition_is_part_of_each_search(
    store: EmbeddedStore, where: MemoryFilter, expected: list[str]
) -> None:
    await fill(store)
    assert [m.memory_id for m in await store.records.find("ns", where, order="oldest", now=0.0)] == expected
    assert await store.records.count("ns", where, now=0.0) == len(expected)
    # With as many wanted as match, all of them come, however near the others are.
    by_vector = await store.search.search_vector("ns", unit(0), max(1, len(expected)), where)
    assert sorted(c.memory_id for c in by_vector) == expected
    by_text = (await store.search.search_text("ns", ["common"], max(1, len(expected)), where)).found
    assert sorted(c.memory_id for c in by_text) == expected


async def test_find_orders_and_pages(store: EmbeddedStore) -> None:
    rows = [
        new("m1", timestamp=5.0, importance_score=0.2),
        new("m2", timestamp=7.0, importance_score=0.1, created_at=2001.0),
        new("m3", timestamp=5.0, importance_score=0.1, created_at=2002.0),
        new("m4", timestamp=5.0, importance_score=0.1, created_at=2002.0),
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.record_access("ns", {"m2": 1}, 5000.0)

    async def ids(**arguments: object) -> list[str]:
        return [m.memory_id for m in await store.records.find("ns", ALL, now=0.0, **arguments)]

    assert await ids() == ["m2", "m4", "m3", "m1"]
    assert await ids(order="oldest") == ["m1", "m3", "m4", "m2"]
    assert await ids(order="weakest") == ["m3", "m4", "m2", "m1"]
    assert await ids(limit=2, offset=1) == ["m4", "m3"]
    assert await ids(offset=3) == ["m1"]
    assert await ids(limit=0) == []
    (memory,) = await store.records.find("ns", ALL, now=0.0, limit=1, with_embedding=True)
    assert memory.embedding == pytest.approx(unit(2), abs=1e-3)


async def test_lifetimes_and_archives_are_told_apart(store: EmbeddedStore) -> None:
    rows = [new("m1"), new("m2"), new("s1", expires_at=100.0), new("s2", expires_at=50.0), new("s3", expires_at=100.0)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.archive("ns", ["m2", "s3"], 10.0)

    async def ids(now: float = 50.0, **where: object) -> list[str]:
        found = await store.records.find("ns", MemoryFilter(**where), order="oldest", now=now)
        assert await store.records.count("ns", MemoryFilter(**where), now=now) == len(found)
        return sorted(m.memory_id for m in found)

    assert await ids() == ["m1"]
    assert await ids(lifetime="short_term") == ["s1"]
    assert await ids(lifetime="short_term", now=49.0) == ["s1", "s2"]
    assert await ids(lifetime="any") == ["m1", "s1"]
    assert await ids(archived=True) == ["m2"]
    assert await ids(lifetime="any", archived=True) == ["m2", "s3"]
    assert await ids(lifetime="any", archived=None) == ["m1", "m2", "s1", "s3"]
    assert await ids(archived=None) == ["m1", "m2"]
    stats = await store.records.stats("ns", now=50.0)
    assert (stats.total_memories, stats.short_term_memories, stats.archived_memories) == (1, 1, 2)


async def test_stats_of_a_namespace(store: EmbeddedStore) -> None:
    await fill(store)
    stats = await store.records.stats("ns", now=0.0)
    assert stats.total_memories == 5
    assert stats.memory_type_distribution[MemoryType.SEMANTIC] == 1
    assert stats.avg_importance_score == pytest.approx(0.2)
    assert (stats.total_entities, stats.total_conversations, stats.total_mentions) == (1, 2, 5)
    assert (stats.oldest_timestamp, stats.newest_timestamp) == (1000.0, 1004.0)
    assert stats.most_accessed_memory_id is None
    assert stats.storage_bytes is not None
    assert stats.storage_bytes > 10_000
    empty = await store.records.stats("nothing", now=0.0)
    assert (empty.total_memories, empty.avg_importance_score, empty.oldest_timestamp) == (0, 0.0, None)


async def test_vector_search_is_exact(store: EmbeddedStore) -> None:
    rows = [new(f"m{i:03}") for i in range(300)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    query = unit(9999)
    cosines = {row.memory_id: float(row.embedding @ query) for row in rows}
    contents = {row.memory_id: row.content for row in rows}
    found = await store.search.search_vector("ns", query, 20, ALL)
    assert [c.memory_id for c in found] == sorted(cosines, key=lambda i: -cosines[i])[:20]
    assert [c.similarity for c in found] == pytest.approx([cosines[c.memory_id] for c in found], abs=1e-3)
    assert [c.excerpt for c in found] == [contents[c.memory_id] for c in found]
    assert await store.search.search_vector("ns", query, 0, ALL) == []
    assert await store.search.search_vector("nothing", query, 5, ALL) == []


async def test_equal_vectors_and_texts_tie_by_id(store: EmbeddedStore) -> None:
    rows = [new(f"m{i:02}", "same words", embedding=unit(1)) for i in np.random.default_rng(0).permutation(60)]
    await store.records.insert("ns", [*rows, new("far", "other", embedding=-unit(1))], reinforcement=0.1)
    expected = [f"m{i:02}" for i in range(5)]
    assert [c.memory_id for c in await store.search.search_vector("ns", unit(1), 5, ALL)] == expected
    assert [c.memory_id for c in (await store.search.search_text("ns", ["words"], 5, ALL)).found] == expected


async def test_candidates_carry_what_ranking_needs(store: EmbeddedStore) -> None:
    row = new("m1", "Ann: shall we go?", metadata={"speaker": "Ann"}, conversation_id="c", dedup_key="k")
    await store.records.insert("ns", [row, new("m2", "Ann: shall we go?", dedup_key="k")], reinforcement=0.1)
    await store.records.record_access("ns", {"m1": 3}, 4000.0)
    (by_text,) = (await store.search.search_text("ns", ["go"], 5, ALL)).found
    assert by_text.similarity is None
    (found,) = await store.search.search_vector("ns", towards(unit(1), 0.25), 1, ALL)
    assert by_text == found._replace(similarity=None)
    assert found == Candidate(
        memory_id="m1",
        similarity=pytest.approx(0.25, abs=1e-3),
        excerpt="Ann: shall we go?",
        timestamp=1001.0,
        importance_score=pytest.approx(0.55),
        created_at=2000.0,
        uses=4,
        last_accessed=4000.0,
        memory_type=MemoryType.EPISODIC,
        conversation_id="c",
        speaker="Ann",
        word_count=3,
        is_question=True,
    )


async def test_text_search_stems_folds_and_ranks(store: EmbeddedStore) -> None:
    rows = [
        new("m1", "We were hiking in the mountains"),
        new("m2", "Hikes, hikes and a café"),
        new("m3", "nothing of the kind"),
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)

    async def ids(*terms: str) -> list[str]:
        return [c.memory_id for c in (await store.search.search_text("ns", terms, 9, ALL)).found]

    assert sorted(await ids("hike")) == ["m1", "m2"]
    assert await ids("hike", "mountain") == ["m1", "m2"]
    assert await ids("CAFE") == ["m2"]
    assert await ids("absent") == []
    assert await ids() == []
    found = (await store.search.search_text("ns", ["hike", "mountain"], 9, ALL)).found
    assert [c.similarity for c in found] == [None, None]
    assert [c.excerpt for c in found] == ["We were hiking in the mountains", "Hikes, hikes and a café"]


@pytest.mark.parametrize(
    "term",
    ['"', "*", 'content: "x"', "NEAR(a b)", "^x", "-x", "(", ")", "x OR y", "{a b}: c", "'", "\\", "?", "ns1",
     "\0", "a\0b", "scope", "🚂", "+", ":", '" OR scope : "ns2', "\ud800", "a\ud800"],
)  # fmt: skip
async def test_no_term_is_query_syntax(store: EmbeddedStore, term: str) -> None:
    await store.records.insert("ns", [new("m1", "hiking"), new("m2", "plain text")], reinforcement=0.1)
    assert (await store.search.search_text("ns", [term], 9, ALL)).found == []
    assert [c.memory_id for c in (await store.search.search_text("ns", [term, "plain"], 9, ALL)).found] == ["m2"]


async def test_letters_the_index_does_not_know_match_nothing(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1", "plain text")], reinforcement=0.1)
    # A letter of a script younger than the tokenizer's tables: Python takes it for one, FTS5 does not.
    assert (await store.search.search_text("ns", ["\U00010d00"], 9, ALL)).found == []


async def test_very_many_terms(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1", "word1999")], reinforcement=0.1)
    found = (await store.search.search_text("ns", [f"word{i}" for i in range(2000)], 9, ALL)).found
    assert [c.memory_id for c in found] == ["m1"]


async def test_changes_reach_a_matrix_that_is_loaded(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new(f"m{i}") for i in range(5)], reinforcement=0.1)

    async def nearest(vector: np.ndarray) -> tuple[str, float]:
        best = (await store.search.search_vector("ns", vector, 1, ALL))[0]
        assert best.similarity is not None
        return best.memory_id, round(best.similarity, 2)

    assert await nearest(unit(3)) == ("m3", 1.0)
    await store.records.insert("ns", [new("m77")], reinforcement=0.1)
    assert await nearest(unit(77)) == ("m77", 1.0)
    await store.records.update("ns", "m3", MemoryChanges(content="x", embedding=unit(500), updated_at=1.0))
    assert await nearest(unit(500)) == ("m3", 1.0)
    assert (await nearest(unit(3)))[1] < 0.9
    await store.records.delete("ns", ["m3", "m0"])
    assert (await nearest(unit(500)))[0] != "m3"
    await store.records.delete("ns", ["m1", "m2", "m4"])
    assert [c.memory_id for c in await store.search.search_vector("ns", unit(1), 9, ALL)] == ["m77"]
    await store.records.insert("ns", [new("m900")], reinforcement=0.1)
    assert await nearest(unit(900)) == ("m900", 1.0)


async def test_a_reader_that_missed_more_than_is_remembered_starts_over(
    opened: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.store.embedded.matrix_index.MAX_REMOVED", 3)
    async with opened() as writer, opened() as reader:
        await writer.records.insert("ns", [new(f"m{i}") for i in range(20)], reinforcement=0.1)
        assert len(await reader.search.search_vector("ns", unit(1), 50, ALL)) == 20
        for i in range(10):
            await writer.records.delete("ns", [f"m{i}"])
        found = await reader.search.search_vector("ns", unit(1), 50, ALL)
        assert {c.memory_id for c in found} == {f"m{i}" for i in range(10, 20)}


async def test_matrices_used_least_recently_are_dropped(folder: object, opened: MakeStore) -> None:
    from coda_graphmem.config import MemoryConfig

    size = 256 * DIMENSION * 4 + 256 * 8
    index = MatrixIndex(half=True, max_bytes=2 * size)
    store = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": folder}), index)
    await store.open()
    try:
        for name in ("a", "b", "c"):
            await store.records.insert(name, [new("m1")], reinforcement=0.1)
        for name in ("a", "b", "a", "c"):
            assert [c.memory_id for c in await store.search.search_vector(name, unit(1), 5, ALL)] == ["m1"]
        assert index.loaded == ["a", "c"]
        await store.records.forget("a", None)
        assert await store.search.search_vector("a", unit(1), 5, ALL) == []
        assert index.loaded == ["c"]
    finally:
        await store.close()
    assert index.loaded == []


async def test_a_vector_of_another_length_is_refused(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    with pytest.raises(EmbeddingMismatchError) as caught:
        await store.search.search_vector("ns", unit(1, 8), 5, ALL)
    assert caught.value.field == "embedding_model"
    with pytest.raises(EmbeddingMismatchError):
        await store.records.insert("ns", [new("m2", embedding=unit(2, 8))], reinforcement=0.1)
    assert await store.records.live_count("ns") == 1


async def test_of_a_conversation_no_other_memory_is_looked_at(store: EmbeddedStore, file: Path) -> None:
    rows = [new(f"m{i}", "words", conversation_id=f"c{i % 50}", timestamp=float(i)) for i in range(500)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    where = MemoryFilter(conversation_id="c3")
    found = await store.records.find("ns", where, order="newest", limit=2, now=0.0)
    assert [memory.memory_id for memory in found] == ["m453", "m403"]
    with raw(file) as db:
        owner = find_namespace(db, "ns")
        assert owner is not None
        meant = everything(owner, where, now=0.0)
        plan = db.execute(
            f"EXPLAIN QUERY PLAN SELECT m.id FROM memories AS m WHERE {meant.sql} "
            "ORDER BY m.timestamp DESC, m.id DESC LIMIT 2",
            meant.parameters,
        ).fetchall()
    assert [step[3].split(" (")[0] for step in plan] == ["SEARCH m USING INDEX memories_by_conversation"]
