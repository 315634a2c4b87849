"""What counts as a change, what was touched since when, and the way back from the archive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, RetrievalTotals
from tests.store.factory import new, unit
from tests.store.parts.build import link, merge_one, run
from tests.store.parts.conftest import other, with_vectors

ALL = MemoryFilter()


@with_vectors
async def test_every_change_gives_another_revision(store: MemoryStore, ns: str) -> None:
    seen = [await store.changes.revision(ns)]
    assert seen == [0]

    async def changes(call: Awaitable[object]) -> None:
        await call
        seen.append(await store.changes.revision(ns))
        assert len(set(seen)) == len(seen)

    await changes(store.records.insert(ns, [new(f"m{i}", dedup_key=f"k{i}") for i in range(6)], reinforcement=0.1))
    await changes(store.records.insert(ns, [new("x1", dedup_key="k1")], reinforcement=0.1))
    await changes(
        store.records.insert(ns, [new("s1", expires_at=5000.0), new("s2", expires_at=50.0)], reinforcement=0.1)
    )
    await changes(store.records.update(ns, "m0", MemoryChanges(importance_score=0.9, updated_at=2500.0)))
    await changes(store.records.update(ns, "m0", MemoryChanges(metadata={"k": 1}, updated_at=2500.0)))
    await changes(store.records.promote(ns, "s1", dedup_key=None, at=2450.0))
    await changes(store.records.expire(ns, 100.0))
    await changes(store.records.archive(ns, ["m1"], 2600.0))
    await changes(store.records.unarchive(ns, ["m1"], 2700.0))
    await changes(store.links.save_links(ns, [link("m0", "m1", run_id=f"{ns}-linking")]))
    await changes(store.links.delete_links(ns, f"{ns}-linking"))
    await changes(merge_one(store, ns, "merged", ["m2", "m3"]))
    await changes(store.merges.undo_merge(ns, "merged"))
    await changes(store.jobs.save_setting(ns, "key", {"a": 1}))
    await changes(store.jobs.save_setting(ns, "key", {"a": 2}))
    await changes(store.jobs.save_setting(ns, "key", None))
    await changes(store.records.delete(ns, ["m5"]))
    await changes(store.records.forget(ns, ALL))
    await store.records.forget(ns, None)
    assert await store.changes.revision(ns) == 0
    await changes(store.records.insert(ns, [new("m1")], reinforcement=0.1))


async def test_what_is_no_change_leaves_the_revision(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1"), new("m2")], reinforcement=0.1)
    before = await store.changes.revision(ns)
    await store.records.record_access(ns, {"m1": 2}, 3000.0)
    await store.jobs.record_retrievals(ns, RetrievalTotals(retrievals=1))
    await store.changes.save_decay(ns, ["m1"], [0.5])
    await store.jobs.save_run(run(f"{ns}-run", f"{ns}-job", ns))
    await store.jobs.acquire_lease(f"{ns}-lease", "me", 60.0)
    await store.jobs.release_lease(f"{ns}-lease", "me")
    await store.records.insert(ns, [new("m1")], reinforcement=0.1)
    await store.records.delete(ns, ["nothing"])
    await store.records.insert(other(ns), [new("m1")], reinforcement=0.1)
    assert await store.changes.revision(ns) == before


async def test_retrievals_in_an_empty_namespace_are_no_change(store: MemoryStore, ns: str) -> None:
    await store.jobs.record_retrievals(ns, RetrievalTotals(retrievals=1, empty=1))
    assert await store.changes.revision(ns) == 0
    assert ns not in await store.records.namespaces()


Act = Callable[[MemoryStore, str], Awaitable[object]]


@pytest.mark.parametrize(
    "act",
    [
        lambda store, ns: store.records.update(ns, "m1", MemoryChanges(importance_score=0.7, updated_at=3000.0)),
        lambda store, ns: store.records.insert(ns, [new("x", dedup_key="k", created_at=3000.0)], reinforcement=0.1),
        lambda store, ns: store.records.promote(ns, "m0", dedup_key=None, at=3000.0),
        lambda store, ns: store.records.unarchive(ns, ["m2"], 3000.0),
        lambda store, ns: store.records.insert(ns, [new("m9", created_at=3000.0)], reinforcement=0.1),
        lambda store, ns: merge_one(store, ns, "merged", ["m1", "m3"]),
    ],
    ids=["update", "reinforce", "promote", "unarchive", "insert", "merge"],
)
async def test_what_was_touched_since(store: MemoryStore, ns: str, act: Act) -> None:
    rows = [new("m0", expires_at=9000.0), new("m1", dedup_key="k"), new("m2"), new("m3", created_at=2500.0)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.insert(other(ns), [new("m1", created_at=3000.0)], reinforcement=0.1)
    await store.records.archive(ns, ["m2"], 2900.0)
    assert await store.changes.find_touched(ns, 2000.0) == ["m1", "m3"]
    assert await store.changes.find_touched(ns, 2500.0) == ["m3"]
    assert await store.changes.find_touched(ns, 2500.5) == []
    before = await store.records.live_count(ns)
    await act(store, ns)
    (touched,) = await store.changes.find_touched(ns, 3000.0)
    everybody = ["m0", "m1", "m2", "m3", "m9", "merged"]
    expected = [
        m.memory_id for m in await store.records.get(ns, everybody) if m.expires_at is None and m.archived_at is None
    ]
    assert await store.changes.find_touched(ns, 0.0) == expected
    assert touched in expected
    assert before - 1 <= await store.records.live_count(ns) == len(expected)


async def test_a_promotion_is_of_its_time_and_gives_a_key_nobody_has(store: MemoryStore, ns: str) -> None:
    rows = [new("m1", dedup_key="held"), new("s1", expires_at=9000.0), new("s2", expires_at=9000.0)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    assert await store.records.promote(ns, "s1", dedup_key="held", at=2500.0)
    assert await store.records.promote(ns, "s2", dedup_key="free", at=2600.0)
    assert await store.changes.find_touched(ns, 2500.0) == ["s1", "s2"]
    assert await store.changes.find_touched(ns, 2600.0) == ["s2"]
    assert await store.changes.find_touched(ns, 2600.5) == []
    repeats = [new("x1", dedup_key="held"), new("x2", dedup_key="free")]
    assert [stored.memory_id for stored in await store.records.insert(ns, repeats, reinforcement=0.1)] == ["m1", "s2"]


async def test_recalls_and_decay_touch_nothing(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1"), new("m2")], reinforcement=0.1)
    await store.records.record_access(ns, {"m1": 1}, 3000.0)
    await store.changes.save_decay(ns, ["m1"], [0.5])
    await store.links.save_links(ns, [link("m1", "m2")])
    assert await store.changes.find_touched(ns, 2500.0) == []
    assert await store.changes.find_touched(other(ns), 0.0) == []


async def test_what_was_recalled_since_a_time(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}", created_at=2000.0) for i in range(4)], reinforcement=0.1)
    await store.records.insert(other(ns), [new("m1")], reinforcement=0.1)
    await store.records.record_access(ns, {"m1": 1, "m3": 2}, 3000.0)
    await store.records.record_access(ns, {"m2": 1, "m1": 1}, 3500.0)
    assert await store.changes.find_recalled(ns, 0.0) == ["m1", "m2", "m3"]
    assert await store.changes.find_recalled(ns, 3500.0) == ["m1", "m2"]
    assert await store.changes.find_recalled(ns, 3500.5) == []
    await store.records.archive(ns, ["m1"], 3600.0)
    assert await store.changes.find_recalled(ns, 3000.5) == ["m2"]
    assert await store.changes.find_recalled(other(ns), 0.0) == []


@with_vectors
async def test_back_from_the_archive(store: MemoryStore, ns: str) -> None:
    rows = [new("m1", "first words", entities=["e"], dedup_key="k"), new("m2", entities=["e"]), new("m3")]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.archive(ns, ["m1", "m2"], 3000.0)
    assert await store.records.unarchive(ns, ["nothing", "m1", "m3"], 3500.0) == ["m1"]
    (memory,) = await store.records.get(ns, ["m1"])
    assert (memory.archived_at, memory.updated_at) == (None, 3500.0)
    assert (await store.search.search_vector(ns, unit(1), 1, ALL))[0].memory_id == "m1"
    assert [c.memory_id for c in (await store.search.search_text(ns, ["first"], 9, ALL)).found] == ["m1"]
    assert [e.mention_count for e in await store.graph.find_entities(ns, ["e"])] == [1]
    assert await store.records.live_count(ns) == 2
    assert await store.records.unarchive(other(ns), ["m2"], 3500.0) == []


@with_vectors
async def test_back_from_the_archive_without_a_key_that_is_taken(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1", dedup_key="k"), new("s1", expires_at=9000.0)], reinforcement=0.1)
    await store.records.archive(ns, ["m1", "s1"], 3000.0)
    await store.records.insert(ns, [new("m2", dedup_key="k")], reinforcement=0.1)
    assert sorted(await store.records.unarchive(ns, ["m1", "s1"], 3500.0)) == ["m1", "s1"]
    keys = {row.memory.memory_id: row.dedup_key for row in await store.transfer.export_memories(ns, after=0, limit=9)}
    assert keys == {"m1": None, "m2": "k", "s1": None}
    assert await store.records.live_count(ns) == 2


async def test_a_merged_original_comes_back_by_undoing_only(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1"), new("m2")], reinforcement=0.1)
    await merge_one(store, ns, "merged", ["m1", "m2"])
    assert await store.records.unarchive(ns, ["m1", "m2"], 5000.0) == []
    assert await store.records.live_count(ns) == 1
