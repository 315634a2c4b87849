"""What becomes of merged memories when originals go, in every store."""

from __future__ import annotations

import pytest

from coda_graphmem.models import EntityMention, Memory, MemoryFilter
from coda_graphmem.store.protocol import MemoryStore, UndoneMerge
from tests.store.factory import mention, new, unit
from tests.store.parts.build import link, merge_one
from tests.store.parts.conftest import with_vectors

ALL = MemoryFilter()


def of(conversation_id: str) -> MemoryFilter:
    return MemoryFilter(lifetime="any", archived=None, conversation_id=conversation_id)


async def insert_four(store: MemoryStore, ns: str) -> list[Memory]:
    rows = [
        new(
            f"m{i}",
            f"word{i} alike",
            conversation_id=f"c{i}",
            entities=[f"e{i}", "shared"],
            metadata={"said": f"value{i}"},
            dedup_key=f"k{i}",
            timestamp=1000.0 + i,
            embedding=unit(i),
        )
        for i in range(4)
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    return await store.records.get(ns, ["m0", "m1", "m2", "m3"])


async def merge_two(store: MemoryStore, ns: str, first: str, second: str, name: str, kept: str) -> None:
    [chosen] = await store.records.get(ns, [kept])
    entities = sorted({e.key for m in await store.records.get(ns, [first, second]) for e in m.entities})
    await merge_one(
        store, ns, name, [first, second],
        kept=kept, content=chosen.content, memory_type=chosen.memory_type, conversation_id=chosen.conversation_id,
        entities=entities,
        metadata={**chosen.metadata, "consolidated": {"count": 2}},
    )  # fmt: skip


@with_vectors
async def test_the_last_original_comes_back_as_it_was(store: MemoryStore, ns: str) -> None:
    before = await insert_four(store, ns)
    await merge_two(store, ns, "m0", "m1", "merged", "m1")
    await store.links.save_links(ns, [link("merged", "m3", reason="word1 against word3"), link("m0", "m2")])
    receipt = await store.records.forget(ns, of("c1"))
    assert (receipt.memories, receipt.vectors, receipt.entities, receipt.conversations) == (2, 2, 1, 1)
    assert (receipt.restored_ids, receipt.rebuilt_ids, receipt.unmerged_ids) == (["m0"], [], ["merged"])
    assert await store.records.get(ns, ["m0", "m1", "merged"]) == before[:1]
    assert await store.records.live_count(ns) == 3
    assert {e.key: e.mention_count for e in await store.graph.list_entities(ns, limit=9)} == {
        "e0": 1, "e2": 1, "e3": 1, "shared": 3,
    }  # fmt: skip
    assert [c.memory_id for c in await store.search.search_vector(ns, unit(0), 1, ALL)] == ["m0"]
    assert [c.memory_id for c in (await store.search.search_text(ns, ["word1"], 9, ALL)).found] == []
    assert [c.memory_id for c in (await store.search.search_text(ns, ["word0"], 9, ALL)).found] == ["m0"]
    assert [(one.source_id, one.target_id) for one in await store.links.find_links(ns, ["m0", "m3"])] == [("m0", "m2")]
    [stored] = await store.records.insert(ns, [new("again", "word0 alike", dedup_key="k0")], reinforcement=0.1)
    assert stored.memory_id == "m0"
    assert await store.merges.find_merges(ns) == []


@with_vectors
async def test_a_merged_memory_is_made_anew_over_generations(store: MemoryStore, ns: str) -> None:
    before = await insert_four(store, ns)
    await store.records.record_access(ns, {"m0": 1, "m1": 2, "m2": 4}, 3000.0)
    await merge_two(store, ns, "m0", "m1", "inner", "m1")
    await merge_two(store, ns, "inner", "m2", "outer", "inner")
    await store.records.record_access(ns, {"outer": 8}, 5000.0)
    await store.links.save_links(ns, [link("outer", "m3", reason="word1 against word3")])
    [outer] = await store.records.get(ns, ["outer"])
    assert outer.access_count == 15
    receipt = await store.records.delete(ns, ["m1"])
    assert (receipt.memories, receipt.restored_ids, receipt.rebuilt_ids, receipt.unmerged_ids) == (
        2, [], ["outer"], ["inner"],
    )  # fmt: skip
    [now, kept] = await store.records.get(ns, ["outer", "m2"], with_embedding=True)
    assert now.model_dump() | {"updated_at": None} == outer.model_dump() | {
        "content": "word2 alike",
        "conversation_id": "c2",
        "timestamp": 1002.0,
        "importance_score": 0.55,
        "access_count": 13,
        "last_accessed": 5000.0,
        "reinforcement_count": 1,
        "metadata": {
            "said": "value2",
            "consolidated": {
                "count": 2,
                "first_timestamp": 1000.0,
                "last_timestamp": 1002.0,
                "other_values": {"said": ["value0"]},
            },
        },
        "entities": [mention(key).model_dump() for key in ("e0", "e2", "shared")],
        "embedding": pytest.approx(kept.embedding, abs=1e-6),
    }
    # What a run had read of it before is no longer what it is.
    assert now.updated_at is not None
    assert await store.links.find_links(ns, ["outer"]) == []
    assert [c.memory_id for c in await store.search.search_vector(ns, unit(2), 1, ALL)] == ["outer"]
    assert [c.memory_id for c in (await store.search.search_text(ns, ["word1", "word0"], 9, ALL)).found] == []
    assert [record.source_ids for record in await store.merges.find_merges(ns)] == [["m0", "m2"]]
    assert await store.merges.undo_merge(ns, "outer") == UndoneMerge("outer", ["m0", "m2"])
    restored = await store.records.get(ns, ["m0", "m2"])
    counted = [before[0], before[2]]
    for one, count in zip(counted, (1, 4), strict=True):
        one.access_count, one.last_accessed = count, 3000.0
    assert restored == counted


async def test_links_stay_where_the_words_do(store: MemoryStore, ns: str) -> None:
    await insert_four(store, ns)
    await merge_one(store, ns, "merged", ["m0", "m1", "m2"], content="word2 alike", kept="m2")
    await store.links.save_links(
        ns, [link("merged", "m3", guard="refused", reason="as word0 is not"), link("m1", "m3")]
    )
    assert (await store.records.delete(ns, ["m0"])).rebuilt_ids == ["merged"]
    [kept] = await store.links.find_links(ns, ["merged"])
    assert (kept.target_id, kept.guard, kept.reason) == ("m3", "refused", None)
    assert (await store.records.delete(ns, ["m1"])).restored_ids == ["m2"]
    [kept] = await store.links.find_links(ns, ["m2"])
    assert (kept.target_id, kept.guard) == ("m3", "refused")


async def test_somebody_elses_original_comes_back(store: MemoryStore, ns: str) -> None:
    await insert_four(store, ns)
    # It has the conversation of its latest original.
    await merge_one(store, ns, "two", ["m0", "m1"], conversation_id="c1", timestamp=1001.0)
    await merge_one(store, ns, "three", ["two", "m2", "m3"], conversation_id="c3", timestamp=1003.0)
    assert (await store.records.forget(ns, of("c3"))).rebuilt_ids == ["three"]
    assert (await store.records.forget(ns, MemoryFilter(archived=None, since=1002.0))).unmerged_ids == ["three"]
    assert [m.memory_id for m in await store.records.find(ns, ALL, now=0.0)] == ["two"]
    receipt = await store.records.forget(ns, of("c1"))
    assert (receipt.restored_ids, receipt.memories) == (["m0"], 2)
    assert [m.memory_id for m in await store.records.find(ns, ALL, now=0.0)] == ["m0"]


async def test_an_archived_merged_memory_gives_way_in_the_archive(store: MemoryStore, ns: str) -> None:
    await insert_four(store, ns)
    await merge_one(store, ns, "merged", ["m0", "m1"])
    await store.records.archive(ns, ["merged"], 5000.0)
    receipt = await store.records.delete(ns, ["m1"])
    assert (receipt.restored_ids, receipt.unmerged_ids) == ([], ["merged"])
    [left] = await store.records.get(ns, ["m0"])
    assert (left.archived_at, left.consolidated_into) == (5000.0, None)
    assert await store.records.unarchive(ns, ["m0"], 6000.0) == ["m0"]
    assert await store.records.live_count(ns) == 3


async def test_an_entity_has_no_name_that_only_removed_memories_used(store: MemoryStore, ns: str) -> None:
    def named(name: str) -> tuple[EntityMention, ...]:
        return (EntityMention(key="acme", name=name, label="ORG" if name.isupper() else "PERSON"),)

    rows = [new(f"m{i}", content=f"text {i}") for i in range(3)]
    object.__setattr__(rows[0], "entities", named("ACME"))
    object.__setattr__(rows[1], "entities", named("Acme"))
    object.__setattr__(rows[2], "entities", named("acme"))
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.delete(ns, ["m2"])
    assert [(e.name, e.label) for e in await store.graph.find_entities(ns, ["acme"])] == [("ACME", "ORG")]
    await store.records.delete(ns, ["m0"])
    assert [(e.name, e.label) for e in await store.graph.find_entities(ns, ["acme"])] == [("Acme", "PERSON")]
