"""Inserting, changing, archiving, promoting, expiring and counting accesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges, NewMemory, Outcome
from tests.store.embedded.conftest import check_consistency
from tests.store.factory import mention, new, unit

ANY = MemoryFilter(lifetime="any", archived=None)
ID = frozenset({"memory_id"})


async def put(store: EmbeddedStore, *rows: NewMemory, namespace: str = "ns") -> list[tuple[str, Outcome]]:
    stored = await store.records.insert(namespace, rows, reinforcement=0.2)
    return [(one.memory_id, one.outcome) for one in stored]


async def test_a_memory_comes_back_as_it_was_given(store: EmbeddedStore, file: Path) -> None:
    row = new(
        "m1",
        "Ann: Züge fahren 🚂",
        entities=["zoe", "anton"],
        memory_type=MemoryType.PREFERENCE,
        importance_score=0.7,
        metadata={"speaker": "Ann", "n": 1, "deep": {"x": [1, 2.5, None, True]}, "ü\"'": "y"},
        conversation_id="c",
    )
    assert await put(store, row) == [("m1", Outcome.CREATED)]
    (memory,) = await store.records.get("ns", ["m1"], with_embedding=True)
    assert memory.content == row.content
    assert memory.memory_type is MemoryType.PREFERENCE
    assert (memory.timestamp, memory.importance_score, memory.created_at) == (1001.0, 0.7, 2000.0)
    assert (memory.access_count, memory.last_accessed, memory.updated_at) == (0, None, None)
    assert (memory.expires_at, memory.archived_at, memory.reinforcement_count) == (None, None, 0)
    assert (memory.namespace, memory.conversation_id, memory.metadata) == ("ns", "c", row.metadata)
    assert memory.entities == [mention("anton"), mention("zoe")]
    assert memory.embedding == pytest.approx(row.embedding, abs=1e-3)
    check_consistency(file)


async def test_get_keeps_the_order_asked_for_and_leaves_out_what_is_not_there(store: EmbeddedStore) -> None:
    await put(store, *(new(f"m{i}") for i in range(4)))
    found = await store.records.get("ns", ["m2", "nothing", "m0"])
    assert [memory.memory_id for memory in found] == ["m2", "m0"]
    assert [memory.embedding for memory in found] == [None, None]
    assert await store.records.get("other", ["m2"]) == []


async def test_inserting_nothing_leaves_no_namespace(store: EmbeddedStore) -> None:
    assert await store.records.insert("ns", [], reinforcement=0.1) == []
    assert await store.records.namespaces() == []


async def test_a_retry_is_harmless(store: EmbeddedStore, file: Path) -> None:
    row = new("m1", explicit=ID, entities=["a"], metadata={"a": 1, "b": 2}, conversation_id="c")
    await put(store, row)
    again = new("m1", explicit=ID, metadata={"b": 2, "a": 1}, conversation_id="c", timestamp=5.0, importance_score=0.1)
    assert await put(store, again) == [("m1", Outcome.UNCHANGED)]
    assert await put(store, row, row) == [("m1", Outcome.UNCHANGED)] * 2
    (memory,) = await store.records.get("ns", ["m1"])
    assert (memory.timestamp, memory.importance_score) == (1001.0, 0.5)
    check_consistency(file)


@pytest.mark.parametrize(
    "other",
    [
        {"content": "else"},
        {"memory_type": MemoryType.SEMANTIC},
        {"metadata": {"a": True}},
        {"metadata": {}},
        {"conversation_id": "d"},
        {"timestamp": 7.0, "explicit": ID | {"timestamp"}},
        {"importance_score": 0.6, "explicit": ID | {"importance_score"}},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_an_id_with_other_content_is_refused_and_nothing_is_kept(store: EmbeddedStore, other: dict) -> None:
    base = {"explicit": ID, "metadata": {"a": 1}, "conversation_id": "c"}
    await put(store, new("m1", **base))
    with pytest.raises(ValidationError) as caught:
        await put(store, new("m2", entities=["x"]), new("m1", **{**base, **other}))
    assert caught.value.field == "memory_id"
    assert await store.records.get("ns", ["m2"]) == []
    assert await store.graph.list_entities("ns", limit=5) == []
    with pytest.raises(ValidationError):
        await put(store, new("n1", "one", explicit=ID), new("n1", "two", explicit=ID))
    assert await store.records.live_count("ns") == 1


async def test_the_same_fact_reinforces_the_first(store: EmbeddedStore, file: Path) -> None:
    await put(store, new("m1", "fact", dedup_key="k", importance_score=0.4, metadata={"a": 1}, entities=["e"]))
    stored = await put(
        store,
        new("m2", "fact", dedup_key="k", importance_score=0.6, metadata={"a": 2, "speaker": "Ann"}, created_at=2500.0),
        new("m3", "other", dedup_key="k3", importance_score=0.5),
        new("m4", "other", dedup_key="k3", importance_score=0.5, metadata={"b": 1}, created_at=2600.0),
        new("m5", "fact", dedup_key="k", importance_score=0.0, created_at=2700.0),
    )
    assert stored == [
        ("m1", Outcome.REINFORCED),
        ("m3", Outcome.CREATED),
        ("m3", Outcome.REINFORCED),
        ("m1", Outcome.REINFORCED),
    ]
    first, second = await store.records.get("ns", ["m1", "m3"])
    assert first.importance_score == pytest.approx(0.68 + 0.2 * 0.32)
    assert first.metadata == {"a": 1, "speaker": "Ann"}
    assert (first.reinforcement_count, first.updated_at, first.created_at) == (2, 2700.0, 2000.0)
    assert second.importance_score == pytest.approx(0.6)
    assert (second.reinforcement_count, second.metadata, second.updated_at) == (1, {"b": 1}, 2600.0)
    assert await store.records.live_count("ns") == 2
    check_consistency(file)


async def test_an_id_of_its_own_makes_a_memory_of_its_own(store: EmbeddedStore) -> None:
    await put(store, new("m1", "fact", dedup_key="k"))
    assert await put(store, new("mine1", "fact", dedup_key="k", explicit=ID)) == [("mine1", Outcome.CREATED)]
    assert await put(store, new("m2", "fact", dedup_key="k")) == [("m1", Outcome.REINFORCED)]
    # The key is free once its holder is gone; the memory that came second never held it.
    await store.records.delete("ns", ["m1"])
    assert await put(store, new("m3", "fact", dedup_key="k")) == [("m3", Outcome.CREATED)]
    await store.records.archive("ns", ["m3"], 3000.0)
    assert await put(store, new("m4", "fact", dedup_key="k", explicit=ID)) == [("m4", Outcome.CREATED)]
    assert await put(store, new("m5", "fact", dedup_key="k")) == [("m4", Outcome.REINFORCED)]


async def test_the_retry_of_a_fact_is_no_reinforcement(store: EmbeddedStore) -> None:
    row = new("m1", "fact", dedup_key="k")
    await put(store, row)
    assert await put(store, row) == [("m1", Outcome.UNCHANGED)]


async def test_short_term_memories_neither_hold_nor_follow_keys(store: EmbeddedStore, file: Path) -> None:
    await put(store, new("s1", "fact", expires_at=9000.0))
    assert await put(store, new("m1", "fact", dedup_key="k")) == [("m1", Outcome.CREATED)]
    assert await put(store, new("s2", "fact", dedup_key="k", expires_at=9000.0)) == [("s2", Outcome.CREATED)]
    assert await store.records.promote("ns", "s1", dedup_key="k", at=3000.0)
    assert await put(store, new("m2", "fact", dedup_key="k")) == [("m1", Outcome.REINFORCED)]
    await store.records.delete("ns", ["m1"])
    assert await store.records.promote("ns", "s2", dedup_key="k", at=3000.0)
    assert await put(store, new("m3", "fact", dedup_key="k")) == [("s2", Outcome.REINFORCED)]
    check_consistency(file)


async def test_update_replaces_what_is_given(store: EmbeddedStore, file: Path) -> None:
    await put(
        store,
        new("m1", "old words", entities=["a", "b"], metadata={"x": 1}, dedup_key="old"),
        new("m2", "third", entities=["b"], dedup_key="taken"),
    )
    changes = MemoryChanges(
        content="new phrase",
        metadata={"speaker": "Bo"},
        importance_score=0.9,
        embedding=unit(77),
        entities=(mention("b"), mention("c")),
        dedup_key="fresh",
        updated_at=3000.0,
    )
    assert await store.records.update("ns", "m1", changes)
    (memory,) = await store.records.get("ns", ["m1"], with_embedding=True)
    assert (memory.content, memory.metadata, memory.importance_score) == ("new phrase", {"speaker": "Bo"}, 0.9)
    assert (memory.updated_at, memory.timestamp) == (3000.0, 1001.0)
    assert memory.entities == [mention("b"), mention("c")]
    assert memory.embedding == pytest.approx(unit(77), abs=1e-3)
    assert {e.key: e.mention_count for e in await store.graph.list_entities("ns", limit=9)} == {"b": 2, "c": 1}
    assert (await store.search.search_text("ns", ["old"], 5, MemoryFilter())).found == []
    (found,) = (await store.search.search_text("ns", ["phrases"], 5, MemoryFilter())).found
    assert (found.memory_id, found.speaker, found.word_count) == ("m1", "Bo", 2)
    assert await store.search.similarities("ns", ["m1"], unit(77)) == {"m1": pytest.approx(1.0, abs=1e-3)}
    assert (await store.search.search_vector("ns", unit(77), 1, MemoryFilter()))[0].memory_id == "m1"
    assert await put(store, new("m3", "new phrase", dedup_key="fresh")) == [("m1", Outcome.REINFORCED)]
    assert await put(store, new("m4", "old words", dedup_key="old")) == [("m4", Outcome.CREATED)]
    assert await store.records.update("ns", "m1", MemoryChanges(content="third", dedup_key="taken", updated_at=1.0))
    assert await put(store, new("m5", "third", dedup_key="taken")) == [("m2", Outcome.REINFORCED)]
    check_consistency(file)


async def test_update_leaves_the_rest_alone(store: EmbeddedStore) -> None:
    await put(store, new("m1", "text", entities=["a"], metadata={"x": 1}, dedup_key="k"))
    assert await store.records.update("ns", "m1", MemoryChanges(importance_score=0.1, updated_at=3.0))
    (memory,) = await store.records.get("ns", ["m1"], with_embedding=True)
    assert (memory.content, memory.metadata, memory.importance_score) == ("text", {"x": 1}, 0.1)
    assert memory.entities == [mention("a")]
    assert memory.embedding is not None
    assert await put(store, new("m2", "text", dedup_key="k")) == [("m1", Outcome.REINFORCED)]
    assert not await store.records.update("ns", "nothing", MemoryChanges(importance_score=0.1))
    assert not await store.records.update("other", "m1", MemoryChanges(importance_score=0.1))


async def test_new_content_without_a_vector_drops_the_old_one(store: EmbeddedStore) -> None:
    await put(store, new("m1"))
    await store.records.update("ns", "m1", MemoryChanges(content="else", updated_at=3.0))
    assert await store.search.search_vector("ns", unit(1), 5, MemoryFilter()) == []
    assert (await store.records.get("ns", ["m1"], with_embedding=True))[0].embedding is None


async def test_archiving_takes_out_of_search_and_keeps(store: EmbeddedStore, file: Path) -> None:
    await put(store, *(new(f"m{i}", f"word{i} shared", entities=["e"], conversation_id="c") for i in range(3)))
    assert await store.records.archive("ns", ["m1", "m1", "nothing"], 4000.0) == 1
    assert await store.records.archive("ns", ["m1"], 5000.0) == 0
    (memory,) = await store.records.get("ns", ["m1"], with_embedding=True)
    assert memory.archived_at == 4000.0
    assert memory.embedding is not None
    assert {c.memory_id for c in await store.search.search_vector("ns", unit(1), 9, MemoryFilter())} == {"m0", "m2"}
    assert {c.memory_id for c in (await store.search.search_text("ns", ["shared"], 9, MemoryFilter())).found} == {
        "m0",
        "m2",
    }
    assert [e.mention_count for e in await store.graph.find_entities("ns", ["e"])] == [2]
    assert await store.records.live_count("ns") == 2
    stats = await store.records.stats("ns", now=0.0)
    assert (stats.total_memories, stats.archived_memories, stats.total_mentions) == (2, 1, 2)
    await store.records.archive("ns", ["m0", "m2"], 4000.0)
    assert [e.mention_count for e in await store.graph.find_entities("ns", ["e"])] == [0]
    check_consistency(file)


async def test_promoting_makes_a_memory_searchable(store: EmbeddedStore, file: Path) -> None:
    await put(store, new("s1", "fleeting", entities=["e"], expires_at=9000.0), new("m1"))
    assert [c.memory_id for c in await store.search.search_vector("ns", unit(1), 9, MemoryFilter())] == ["m1"]
    assert [e.mention_count for e in await store.graph.find_entities("ns", ["e"])] == [0]
    assert await store.records.promote("ns", "s1", dedup_key=None, at=3000.0)
    assert {c.memory_id for c in await store.search.search_vector("ns", unit(1), 9, MemoryFilter())} == {"m1", "s1"}
    assert [c.memory_id for c in (await store.search.search_text("ns", ["fleeting"], 9, MemoryFilter())).found] == [
        "s1"
    ]
    assert [e.mention_count for e in await store.graph.find_entities("ns", ["e"])] == [1]
    assert (await store.records.get("ns", ["s1"]))[0].expires_at is None
    assert await store.records.live_count("ns") == 2
    assert await store.records.promote("ns", "m1", dedup_key="k", at=3000.0)
    assert not await store.records.promote("ns", "nothing", dedup_key=None, at=3000.0)
    assert not await store.records.promote("other", "s1", dedup_key=None, at=3000.0)
    check_consistency(file)


async def test_expiring_removes_what_is_over_and_nothing_else(store: EmbeddedStore, file: Path) -> None:
    for name in ("a", "b"):
        await put(
            store,
            new("s1", expires_at=100.0, entities=["gone"]),
            new("s2", expires_at=200.0),
            new("m1"),
            namespace=name,
        )
    assert await store.records.expire("a", 99.0) == 0
    assert await store.records.expire("a", 100.0) == 1
    assert await store.records.count("b", ANY, now=0.0) == 3
    assert await store.graph.find_entities("a", ["gone"]) == []
    assert await store.records.expire(None, 1000.0) == 3
    assert [m.memory_id for m in await store.records.find("b", ANY, now=0.0)] == ["m1"]
    check_consistency(file)


async def test_accesses_add_up_without_touching_vectors(store: EmbeddedStore) -> None:
    await put(store, new("m1"), new("m2"))
    before = (await store.records.get("ns", ["m1"]))[0]
    await store.records.record_access("ns", {"m1": 2, "nothing": 1}, 3000.0)
    await store.records.record_access("ns", {"m1": 1}, 3001.0)
    await store.records.record_access("ns", {}, 3002.0)
    await store.records.record_access("other", {"m1": 1}, 3003.0)
    (after,) = await store.records.get("ns", ["m1"])
    assert (after.access_count, after.last_accessed, after.updated_at) == (3, 3001.0, before.updated_at)
    assert (await store.records.stats("ns", now=0.0)).most_accessed_memory_id == "m1"
