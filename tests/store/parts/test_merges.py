"""Merging: whole or not at all, with originals that are kept, and back again."""

from __future__ import annotations

from coda_graphmem.models import Memory, MemoryFilter, MemoryType, MergeRecord
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, UndoneMerge
from tests.store.factory import mention, new, towards, unit
from tests.store.parts.build import OUTDATED, link, merge, merge_one
from tests.store.parts.conftest import other, with_vectors

ALL = MemoryFilter()
ANY = MemoryFilter(lifetime="any", archived=None)


async def insert_three(store: MemoryStore, ns: str) -> None:
    rows = [
        new("m1", "first words", entities=["anna", "rome"], conversation_id="c", dedup_key="k1", embedding=unit(1)),
        new("m2", "second words", entities=["anna", "oslo"], conversation_id="c", embedding=towards(unit(1), 0.95)),
        new("m3", "third words", entities=["rome"], conversation_id="c", embedding=unit(3)),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)


@with_vectors
async def test_a_merged_memory_takes_the_place_of_its_originals(store: MemoryStore, ns: str) -> None:
    await insert_three(store, ns)
    await store.records.record_access(ns, {"m1": 2, "m2": 3}, 3000.0)
    await store.records.record_access(ns, {"m1": 1}, 3500.0)
    before = await store.records.get(ns, ["m1", "m2"])
    new_one = merge(
        "merged",
        ["m1", "m2"],
        kept="m2",
        dedup_key="k1",
        entities=["anna", "oslo", "rome"],
        conversation_id="c",
        metadata={"speaker": "Anna", "consolidated": {"sources": 2}},
        access_count=1,
        last_accessed=1.0,
    )
    assert await store.merges.merge(ns, [new_one], run_id=f"{ns}-run", at=4000.0) == [True]
    (merged,) = await store.records.get(ns, ["merged"])
    assert merged == Memory(
        memory_id="merged",
        content="merged text of merged",
        memory_type=MemoryType.SEMANTIC,
        timestamp=1500.0,
        importance_score=0.75,
        access_count=6,
        last_accessed=3500.0,
        metadata={"speaker": "Anna", "consolidated": {"sources": 2}},
        namespace=ns,
        conversation_id="c",
        entities=[mention("anna"), mention("oslo"), mention("rome")],
        created_at=4000.0,
        reinforcement_count=2,
    )
    for was, now in zip(before, await store.records.get(ns, ["m1", "m2"]), strict=True):
        assert now == was.model_copy(update={"archived_at": 4000.0, "consolidated_into": "merged"})
    kept, copied = await store.records.get(ns, ["m2", "merged"], with_embedding=True)
    assert kept.embedding == copied.embedding
    assert [c.memory_id for c in await store.search.search_vector(ns, unit(1), 9, ALL)] == ["merged", "m3"]
    assert [c.memory_id for c in (await store.search.search_text(ns, ["words", "merged"], 9, ALL)).found] == [
        "merged",
        "m3",
    ]
    assert {e.key: e.mention_count for e in await store.graph.list_entities(ns, limit=9)} == {
        "anna": 1,
        "oslo": 1,
        "rome": 2,
    }
    row = new("x", "first words", dedup_key="k1", conversation_id="c")
    (again,) = await store.records.insert(ns, [row], reinforcement=0.1)
    assert again.memory_id == "merged"
    assert await store.records.live_count(ns) == 2
    inventory = await store.transfer.inventory(ns)
    assert (inventory.live, inventory.archived, inventory.merged) == (2, 2, 2)


async def test_originals_that_changed_or_left_are_not_merged(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}", dedup_key=f"k{i}") for i in range(8)], reinforcement=0.1)
    await store.records.insert(other(ns), [new("m8")], reinforcement=0.1)
    await store.records.update(ns, "m1", MemoryChanges(importance_score=0.9, updated_at=3000.0))
    await store.records.archive(ns, ["m3"], 3000.0)
    merges = [
        merge("a", ["m0", "m1"]),
        merge("b", ["m2", "m3"]),
        merge("c", ["m4", "nothing"]),
        merge("d", ["m5", "m8"]),
        merge("e", ["m0", "m1"], versions={"m0": None, "m1": 3000.0}),
        merge("f", ["m1", "m6"], versions={"m1": 3000.0, "m6": None}),
        merge("g", ["m6", "m7"], versions={"m6": None}),
    ]
    done = await store.merges.merge(ns, merges, run_id=f"{ns}-run", at=4000.0)
    assert done == [False, False, False, False, True, False, False]
    assert sorted(m.memory_id for m in await store.records.find(ns, ALL, now=0.0)) == [
        "e",
        "m2",
        "m4",
        "m5",
        "m6",
        "m7",
    ]
    assert [m.consolidated_into for m in await store.records.get(ns, ["m2", "m3"])] == [None, None]
    assert await store.merges.merge(f"{ns}-nothing", [merge("x", ["m2", "m4"])], run_id=f"{ns}-run", at=4000.0) == [
        False
    ]


async def test_a_key_that_another_memory_has_is_left_out(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1", dedup_key="k1"), new("m2"), new("m3", dedup_key="k3")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m1", "m2"], dedup_key="k3")
    keys = {row.memory.memory_id: row.dedup_key for row in await store.transfer.export_memories(ns, after=0, limit=9)}
    assert keys == {"m1": "k1", "m2": None, "m3": "k3", "merged": None}


async def test_memories_without_vectors_are_merged_too(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1", embedding=None), new("m2")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m1", "m2"], kept="m1")
    (merged,) = await store.records.get(ns, ["merged"], with_embedding=True)
    assert merged.embedding is None
    assert await store.merges.undo_merge(ns, "merged") == UndoneMerge("merged", ["m1", "m2"])


@with_vectors
async def test_undone_is_as_it_was(store: MemoryStore, ns: str) -> None:
    await insert_three(store, ns)
    await store.links.save_links(ns, [link("m1", "m3", OUTDATED), link("m2", "m1")])
    await store.changes.save_decay(ns, ["m1"], [0.5])
    before = [await look(store, ns), await store.transfer.export_memories(ns, after=0, limit=9)]
    await merge_one(store, ns, "merged", ["m1", "m2"], kept="m2", dedup_key="k1", entities=["anna", "new"])
    await store.links.save_links(ns, [link("merged", "m3")])
    await store.records.record_access(ns, {"merged": 4}, 5000.0)
    assert await look(store, ns) != before[0]
    assert await store.merges.undo_merge(ns, "merged") == UndoneMerge("merged", ["m1", "m2"])
    after = await store.transfer.export_memories(ns, after=0, limit=9)
    for was, now in zip(before[1], after, strict=True):
        assert now.embedding is not None
        assert now.embedding.tobytes() == was.embedding.tobytes()
        assert (now.memory, now.dedup_key, now.run_id) == (was.memory, was.dedup_key, was.run_id)
    assert await look(store, ns) == before[0]
    assert await store.merges.undo_merge(ns, "merged") is None
    assert await store.merges.find_merges(ns) == []


async def look(store: MemoryStore, ns: str) -> list[object]:
    """What searches, counters and the graph say."""
    return [
        await store.search.search_vector(ns, unit(1), 9, ALL),
        (await store.search.search_text(ns, ["words", "merged"], 9, ALL)).found,
        await store.graph.list_entities(ns, limit=9),
        await store.records.find(ns, ANY, order="oldest", now=0.0, with_embedding=True),
        await store.changes.find_touched(ns, 0.0),
        await store.links.find_links(ns, ["m1", "m2", "m3"]),
        await store.transfer.inventory(ns),
    ]


async def test_a_key_that_was_taken_meanwhile_stays_with_its_holder(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1", dedup_key="k1"), new("m2", dedup_key="k2")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m1", "m2"])
    await store.records.insert(ns, [new("m3", dedup_key="k2")], reinforcement=0.1)
    assert await store.merges.undo_merge(ns, "merged") == UndoneMerge("merged", ["m1", "m2"])
    keys = {row.memory.memory_id: row.dedup_key for row in await store.transfer.export_memories(ns, after=0, limit=9)}
    assert keys == {"m1": "k1", "m2": None, "m3": "k2"}
    assert await store.records.live_count(ns) == 3


async def test_merges_of_merges_are_undone_from_the_last(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}") for i in range(6)], reinforcement=0.1)
    one, two = f"{ns}-one", f"{ns}-two"
    assert await store.merges.merge(ns, [merge("a", ["m1", "m0"])], run_id=one, at=4000.0) == [True]
    assert await store.merges.merge(ns, [merge("c", ["m4", "m5"])], run_id=one, at=4000.0) == [True]
    assert await store.merges.merge(ns, [merge("b", ["a", "m2"])], run_id=two, at=5000.0) == [True]
    newest = MergeRecord(merged_id="b", source_ids=["m2", "a"], run_id=two, merged_at=5000.0)
    other_one = MergeRecord(merged_id="c", source_ids=["m4", "m5"], run_id=one, merged_at=4000.0)
    assert await store.merges.find_merges(ns) == [newest, other_one]
    assert await store.merges.find_merges(ns, run_id=one) == [other_one]
    assert await store.merges.find_merges(ns, limit=1) == [newest]
    assert await store.merges.find_merges(other(ns)) == []
    assert await store.merges.undo_merge(ns, "a") is None
    assert await store.merges.undo_merge(other(ns), "b") is None
    assert await store.merges.undo_merge(ns, "b") == UndoneMerge("b", ["m2", "a"])
    assert [record.merged_id for record in await store.merges.find_merges(ns, run_id=one)] == ["c", "a"]
    assert await store.merges.undo_merge(ns, "a") == UndoneMerge("a", ["m0", "m1"])
    assert sorted(m.memory_id for m in await store.records.find(ns, ALL, now=0.0)) == ["c", "m0", "m1", "m2", "m3"]


async def test_originals_go_with_what_they_were_merged_into(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}", entities=[f"e{i}"]) for i in range(4)], reinforcement=0.1)
    await store.records.insert(other(ns), [new("m0")], reinforcement=0.1)
    await merge_one(store, ns, "a", ["m0", "m1"], entities=["e0", "e1"])
    await merge_one(store, ns, "b", ["a", "m2"])
    receipt = await store.records.delete(ns, ["b"])
    assert (receipt.memories, receipt.vectors, receipt.entities) == (5, 5, 3)
    assert [m.memory_id for m in await store.records.find(ns, ANY, now=0.0)] == ["m3"]
    assert len(await store.records.get(other(ns), ["m0"])) == 1


async def test_a_filter_that_meets_a_merged_memory_takes_its_originals(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m0"), new("m1"), new("m2")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m0", "m1"], metadata={"k": 1})
    assert (await store.records.forget(ns, MemoryFilter(metadata={"k": 1}))).memories == 3
    assert [m.memory_id for m in await store.records.find(ns, ANY, now=0.0)] == ["m2"]


async def test_an_original_alone_can_be_deleted(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m0"), new("m1"), new("m2")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m0", "m1", "m2"])
    assert (await store.records.delete(ns, ["m1"])).memories == 1
    assert [record.source_ids for record in await store.merges.find_merges(ns)] == [["m0", "m2"]]
    assert await store.merges.undo_merge(ns, "merged") == UndoneMerge("merged", ["m0", "m2"])
    await merge_one(store, ns, "merged", ["m0", "m2"])
    assert (await store.records.delete(ns, ["m0", "m2"])).unmerged_ids == []
    assert await store.merges.find_merges(ns) == []
    assert await store.merges.undo_merge(ns, "merged") is None
    assert await store.records.live_count(ns) == 0


async def test_merges_and_decay_are_copied_in_any_order(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m0"), new("m1"), new("m2")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m0", "m1"])
    await store.changes.save_decay(ns, ["merged", "m0"], [0.5, 0.25])
    rows = await store.transfer.export_memories(ns, after=0, limit=9)
    assert [row.run_id for row in rows] == [f"{ns}-run", f"{ns}-run", None, None]
    for part in (rows[:2], rows[2:]):
        assert await store.transfer.import_memories(other(ns), part, []) == 2
    copied = await store.transfer.export_memories(other(ns), after=0, limit=9)
    assert [row.memory.model_copy(update={"namespace": ns}) for row in copied] == [row.memory for row in rows]
    assert [row.run_id for row in copied] == [row.run_id for row in rows]
    assert await store.merges.find_merges(other(ns)) == await store.merges.find_merges(ns)
    assert await store.merges.undo_merge(other(ns), "merged") == UndoneMerge("merged", ["m0", "m1"])


async def test_merges_are_found_by_any_memory_of_theirs(store: MemoryStore, ns: str) -> None:
    for name in (ns, other(ns)):
        await store.records.insert(name, [new(f"m{i}") for i in range(5)], reinforcement=0.1)
    await store.merges.merge(ns, [merge("first", ["m1", "m0"])], run_id=f"{ns}-1", at=4000.0)
    await store.merges.merge(ns, [merge("second", ["first", "m2"])], run_id=f"{ns}-2", at=5000.0)
    one = MergeRecord(merged_id="first", source_ids=["m0", "m1"], run_id=f"{ns}-1", merged_at=4000.0)
    two = MergeRecord(merged_id="second", source_ids=["m2", "first"], run_id=f"{ns}-2", merged_at=5000.0)
    assert await store.merges.find_merges_with(ns, ["m1"]) == [one]
    assert await store.merges.find_merges_with(ns, ["first"]) == [one, two]
    assert await store.merges.find_merges_with(ns, ["second", "m0", "m4", "nothing"]) == [one, two]
    assert await store.merges.find_merges_with(ns, ["m4"]) == []
    assert await store.merges.find_merges_with(other(ns), ["m1", "second"]) == []
