"""Long-term memories that end, tags, owners, and what changes them, in every store."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, NewMemory, Outcome
from coda_graphmem.where import read_where
from tests.store.factory import new, unit


def lasting(memory_id: str, **values: Any) -> NewMemory:
    """A long-term memory."""
    return replace(new(memory_id, "words", **values), lifetime="long_term")


async def found(store: MemoryStore, ns: str, now: float, where: MemoryFilter | None = None) -> list[set[str]]:
    """What each way of looking finds."""
    where = where or MemoryFilter()
    near = await store.search.search_vector(ns, unit(1), 9, where, now=now)
    holding = await store.search.search_text(ns, ["words"], 9, where, now=now)
    listed = await store.records.find(ns, where, now=now)
    return [{one.memory_id for one in some} for some in (near, holding.found, listed)]


async def ids(store: MemoryStore, ns: str, where: dict[str, Any]) -> set[str]:
    [one, *others] = await found(store, ns, 0.0, MemoryFilter(where=read_where(where)))
    assert all(other == one for other in others), where
    return one


@pytest.mark.all_namespaces
async def test_what_has_ended_is_not_found_from_then_on(store: MemoryStore, ns: str) -> None:
    rows = [lasting("m1", expires_at=5000.0, dedup_key="k"), lasting("m2", expires_at=5001.0), lasting("m3")]
    await store.records.insert(ns, rows, reinforcement=0.1)
    assert await found(store, ns, 4999.9) == [{"m1", "m2", "m3"}] * 3
    assert await found(store, ns, 5000.0) == [{"m2", "m3"}] * 3
    assert await store.records.count(ns, MemoryFilter(), now=5000.0) == 2
    assert (await store.records.stats(ns, now=5000.0)).total_memories == 2
    assert (await store.health.diagnose(ns, now=5000.0)).expired == 1
    [ended, lasts] = await store.records.get(ns, ["m1", "m3"])
    assert (ended.expires_at, ended.lifetime, lasts.expires_at) == (5000.0, "long_term", None)
    # Said again, it is another memory.
    again = replace(lasting("m4", dedup_key="k"), created_at=5000.0)
    [stored] = await store.records.insert(ns, [again], reinforcement=0.1)
    assert stored.outcome is Outcome.CREATED
    assert await store.records.expire(ns, 5000.0) == 1
    assert await store.records.get(ns, ["m1"]) == []
    assert await store.records.live_count(ns) == 3
    assert await store.records.expire(None, 5001.0) >= 1
    assert [one.memory_id for one in await store.records.get(ns, ["m2", "m3"])] == ["m3"]


async def test_recalls_put_off_the_end_and_revive_nothing(store: MemoryStore, ns: str) -> None:
    rows = [
        lasting("m1", expires_at=5000.0, refresh_seconds=100.0),
        lasting("m2", expires_at=5000.0),
        lasting("m3", refresh_seconds=100.0),
        new("s4", expires_at=5000.0, refresh_seconds=100.0),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    counts = {row.memory_id: 1 for row in rows}

    async def ends() -> list[float | None]:
        return [one.expires_at for one in await store.records.get(ns, list(counts))]

    await store.records.record_access(ns, counts, 4000.0)
    assert await ends() == [5000.0, 5000.0, None, 5000.0]
    await store.records.record_access(ns, counts, 4950.0)
    assert await ends() == [5050.0, 5000.0, None, 5050.0]
    await store.records.record_access(ns, counts, 5050.0)
    assert await ends() == [5050.0, 5000.0, None, 5050.0]


async def test_tags_and_ends_are_changed(store: MemoryStore, ns: str) -> None:
    rows = [lasting("m1", tags=("a", "b"), user_id="u", metadata={"k": 1}, entities=["tea"]), new("s2", expires_at=9e3)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    assert await store.records.update(ns, "m1", MemoryChanges(tags=("b", "c"), expires_at=7000.0, updated_at=2100.0))
    [memory] = await store.records.get(ns, ["m1"])
    assert (memory.tags, memory.expires_at, memory.lifetime) == (["b", "c"], 7000.0, "long_term")
    assert await ids(store, ns, {"tags": "a"}) == set()
    for where in ({"tags": "c"}, {"user_id": "u"}, {"metadata.k": 1}, {"entities": "tea"}, {"expires_at": 7000.0}):
        assert await ids(store, ns, where) == {"m1"}, where
    assert await store.records.update(ns, "m1", MemoryChanges(tags=(), expires_at=math.inf, updated_at=2200.0))
    [memory] = await store.records.get(ns, ["m1"])
    assert (memory.tags, memory.expires_at) == ([], None)
    assert await ids(store, ns, {"tags": {"$exists": True}}) == set()
    assert await ids(store, ns, {"expires_at": None}) == {"m1"}
    assert await store.records.update(ns, "s2", MemoryChanges(expires_at=9500.0, updated_at=2200.0))
    [short] = await store.records.get(ns, ["s2"])
    assert (short.expires_at, short.lifetime) == (9500.0, "short_term")
    with pytest.raises(ValidationError):
        await store.records.update(ns, "s2", MemoryChanges(expires_at=math.inf, updated_at=2300.0))


async def test_what_is_filtered_by_follows_repetitions(store: MemoryStore, ns: str) -> None:
    first = lasting("m1", tags=("a",), dedup_key="k", metadata={"x": 1}, entities=["tea"], user_id="u")
    await store.records.insert(ns, [first], reinforcement=0.1)
    again = lasting("m2", tags=("b",), dedup_key="k", metadata={"y": "z"}, entities=["rum"], user_id="u")
    [stored] = await store.records.insert(ns, [again], reinforcement=0.1)
    assert stored.outcome is Outcome.REINFORCED
    [memory] = await store.records.get(ns, ["m1"])
    assert memory.tags == ["a", "b"]
    for where in ({"tags": "a"}, {"tags": "b"}, {"metadata.x": 1}, {"metadata.y": "z"}, {"entities": "tea"}):
        assert await ids(store, ns, where) == {"m1"}, where
    assert await ids(store, ns, {"entities": "rum"}) == set()


async def test_owners_and_ends_come_along_in_a_copy(store: MemoryStore, ns: str) -> None:
    row = lasting("m1", user_id="u", agent_id="a", session_id="s", tags=("t",), expires_at=7e3, refresh_seconds=9.0)
    await store.records.insert(ns, [row], reinforcement=0.1)
    [exported] = await store.transfer.export_memories(ns, after=0, limit=9)
    await store.records.forget(ns, None)
    assert await store.transfer.import_memories(ns, [exported], []) == 1
    [memory] = await store.records.get(ns, ["m1"])
    assert memory == exported.memory
    assert (memory.user_id, memory.agent_id, memory.session_id) == ("u", "a", "s")
    assert (memory.tags, memory.expires_at, memory.refresh_seconds) == (["t"], 7e3, 9.0)
    assert await ids(store, ns, {"user_id": "u", "agent_id": "a", "session_id": "s", "tags": "t"}) == {"m1"}
