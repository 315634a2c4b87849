"""Long-term memories that end: from that moment on no way of reading finds them, and nothing brings them back."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.protocol import Bounds, MemoryChanges, MemoryStore, NewMemory, Outcome
from tests.store.factory import new, unit
from tests.store.parts.build import merge_one
from tests.store.parts.conftest import with_vectors

ALL = MemoryFilter()
ANY = MemoryFilter(lifetime="any", archived=None)
ENDS = 5000.0
LAST = 4999.5
"""Just before."""


async def fill(store: MemoryStore, ns: str) -> None:
    rows = [
        new("m1", "words one", entities=["anna"], conversation_id="c"),
        new("m2", "words two", entities=["anna"], conversation_id="c", expires_at=ENDS, lifetime="long_term"),
        new("m3", "words three", entities=["anna"], conversation_id="d", expires_at=ENDS + 1, lifetime="long_term"),
        new("s4", "words four", conversation_id="c", expires_at=ENDS),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)


async def found(store: MemoryStore, ns: str, now: float, where: MemoryFilter = ALL) -> set[str]:
    """What all ways of finding find alike."""
    ids = {memory.memory_id for memory in await store.records.find(ns, where, now=now)}
    assert await store.records.count(ns, where, now=now) == len(ids)
    near = await store.search.search_vector(ns, unit(2), 2, where, now=now)
    assert {one.memory_id for one in near} <= ids
    assert len(near) == min(2, len(ids))
    assert {one.memory_id for one in await store.search.search_vector(ns, unit(2), 9, where, now=now)} == ids
    assert {one.memory_id for one in (await store.search.search_text(ns, ["words"], 9, where, now=now)).found} == ids
    some = await store.search.search_text(ns, ["words"], 1, where, now=now)
    assert {one.memory_id for one in some.found} <= ids
    around = await store.graph.neighbourhood(
        ns, ["m1", "m2", "m3"], ["anna"], bounds=Bounds(), depth=2, where=where, now=now
    )
    assert set(around.depths) == ids
    return ids


@with_vectors
async def test_a_memory_is_found_until_the_moment_it_ends(store: MemoryStore, ns: str) -> None:
    await fill(store, ns)
    narrow = MemoryFilter(memory_types=(MemoryType.EPISODIC,), since=0.0)
    for where in (ALL, narrow):
        assert await found(store, ns, LAST, where) == {"m1", "m2", "m3"}
        assert await found(store, ns, ENDS, where) == {"m1", "m3"}
        assert await found(store, ns, ENDS + 1, where) == {"m1"}
    assert await store.records.count(ns, ANY, now=LAST) == 4
    assert await store.records.count(ns, ANY, now=ENDS) == 2
    assert await store.records.expire(ns, ENDS) == 2
    assert await found(store, ns, LAST) == {"m1", "m3"}
    assert [memory.memory_id for memory in await store.records.get(ns, ["m1", "m2", "m3", "s4"])] == ["m1", "m3"]
    assert await store.records.live_count(ns) == 2
    [anna] = await store.graph.find_entities(ns, ["anna"])
    assert anna.mention_count == 2


async def test_statistics_and_health_know_what_has_ended(store: MemoryStore, ns: str) -> None:
    await fill(store, ns)
    await store.records.insert(
        ns, [new("m5", conversation_id="e", timestamp=9000.0, expires_at=ENDS, lifetime="long_term")], reinforcement=0.1
    )
    await store.records.record_access(ns, {"m2": 3, "m1": 1}, 10.0)
    before = await store.records.stats(ns, now=LAST)
    assert (before.total_memories, before.short_term_memories, before.total_conversations) == (4, 1, 3)
    assert (before.most_accessed_memory_id, before.newest_timestamp) == ("m2", 9000.0)
    assert (await store.health.diagnose(ns, now=LAST)).expired == 0
    after = await store.records.stats(ns, now=ENDS)
    assert (after.total_memories, after.short_term_memories, after.total_conversations) == (2, 0, 2)
    assert (after.most_accessed_memory_id, after.newest_timestamp) == ("m1", 1003.0)
    assert after.memory_type_distribution == {MemoryType.EPISODIC: 2}
    assert (await store.health.diagnose(ns, now=ENDS)).expired == 3


async def test_recalls_put_off_the_end_of_what_asks_for_it(store: MemoryStore, ns: str) -> None:
    rows = [
        new("m1", expires_at=ENDS, lifetime="long_term", refresh_seconds=100.0),
        new("m2", expires_at=ENDS, lifetime="long_term"),
        new("m3", refresh_seconds=100.0),
        new("s4", expires_at=ENDS, refresh_seconds=100.0),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    ids = [row.memory_id for row in rows]

    async def ends() -> list[float | None]:
        return [memory.expires_at for memory in await store.records.get(ns, ids)]

    await store.records.record_access(ns, dict.fromkeys(ids, 1), 100.0)  # Too early to put anything off.
    assert await ends() == [ENDS, ENDS, None, ENDS]
    await store.records.record_access(ns, dict.fromkeys(ids, 1), LAST)
    assert await ends() == [LAST + 100.0, ENDS, None, LAST + 100.0]
    await store.records.record_access(ns, dict.fromkeys(ids, 1), LAST + 100.0)  # They end at this moment.
    assert await ends() == [LAST + 100.0, ENDS, None, LAST + 100.0]
    assert [memory.lifetime for memory in await store.records.get(ns, ids)] == [*["long_term"] * 3, "short_term"]
    assert await store.records.expire(ns, LAST + 100.0) == 3


async def test_what_is_said_again_lasts_as_long_as_somebody_says_it(store: MemoryStore, ns: str) -> None:
    def row(memory_id: str, key: str, expires_at: float | None, **values: Any) -> NewMemory:
        return new(memory_id, key, dedup_key=key, lifetime="long_term", expires_at=expires_at, **values)

    first = [
        row("m1", "a", ENDS, tags=("x",)),
        row("m2", "b", ENDS, refresh_seconds=5.0),
        row("m3", "c", None),
        row("m4", "d", ENDS),
    ]
    again = [
        row("n1", "a", ENDS + 9, tags=("y", "x"), refresh_seconds=7.0),
        row("n2", "b", None),
        row("n3", "c", ENDS),
        row("n4", "d", 3000.0),
    ]
    await store.records.insert(ns, first, reinforcement=0.1)
    answers = await store.records.insert(ns, again, reinforcement=0.1)
    assert [one.outcome for one in answers] == [Outcome.REINFORCED] * 4
    kept = await store.records.get(ns, ["m1", "m2", "m3", "m4"])
    assert [(one.expires_at, one.refresh_seconds) for one in kept] == [
        (ENDS + 9, 7.0),
        (None, None),
        (None, None),
        (ENDS, None),
    ]
    assert kept[0].tags == ["x", "y"]


async def test_what_has_ended_is_said_anew(store: MemoryStore, ns: str) -> None:
    old = new("m1", "words", dedup_key="k", lifetime="long_term", expires_at=ENDS)
    await store.records.insert(ns, [old], reinforcement=0.1)
    [again] = await store.records.insert(ns, [new("m2", "words", dedup_key="k", created_at=ENDS)], reinforcement=0.1)
    assert again.outcome is Outcome.CREATED
    assert [memory.memory_id for memory in await store.records.find(ns, ALL, now=ENDS)] == ["m2"]
    [repeated] = await store.records.insert(ns, [new("m3", "words", dedup_key="k", created_at=ENDS)], reinforcement=0.1)
    assert repeated.memory_id == "m2"
    # Its id is free as well.
    named = new("m1", "other words", created_at=ENDS, explicit=frozenset({"memory_id"}))
    [made] = await store.records.insert(ns, [named], reinforcement=0.1)
    assert made.outcome is Outcome.CREATED
    assert {memory.content for memory in await store.records.find(ns, ALL, now=ENDS)} == {"words", "other words"}


async def test_an_end_is_changed_and_taken_away(store: MemoryStore, ns: str) -> None:
    await fill(store, ns)
    revision = await store.changes.revision(ns)
    assert await store.records.update(ns, "m2", MemoryChanges(updated_at=9.0, expires_at=float("inf"), tags=("a",)))
    assert await store.records.update(ns, "m1", MemoryChanges(updated_at=9.0, expires_at=ENDS))
    assert await store.changes.revision(ns) > revision
    one, two = await store.records.get(ns, ["m1", "m2"])
    assert (one.expires_at, one.lifetime, two.expires_at, two.tags) == (ENDS, "long_term", None, ["a"])
    assert await found(store, ns, ENDS) == {"m2", "m3"}


async def test_an_original_that_ends_takes_what_it_said_out_of_the_merged_memory(store: MemoryStore, ns: str) -> None:
    rows = [new("m1", "words one", expires_at=ENDS, lifetime="long_term"), new("m2", "words two"), new("m3", "three")]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await merge_one(store, ns, "x", ["m1", "m2"], kept="m1", content="words one", tags=["t"])
    [made] = await store.records.get(ns, ["x"])
    assert (made.expires_at, made.lifetime, made.tags) == (None, "long_term", ["t"])
    assert await store.records.expire(ns, ENDS) == 1
    assert {memory.memory_id for memory in await store.records.find(ns, ANY, now=0.0)} == {"m2", "m3"}
    assert {memory.memory_id for memory in await store.records.find(ns, ALL, now=0.0)} == {"m2", "m3"}


@pytest.mark.parametrize("seconds", [None, 60.0])
async def test_all_of_it_is_handed_over_as_it_is(store: MemoryStore, ns: str, seconds: float | None) -> None:
    row = new(
        "m1", user_id="u", agent_id="a", session_id="s", tags=("x", "é"), expires_at=ENDS, lifetime="long_term",
        refresh_seconds=seconds,
    )  # fmt: skip
    await store.records.insert(ns, [row, new("s2", expires_at=ENDS)], reinforcement=0.1)
    handed = await store.transfer.export_memories(ns, after=0, limit=9)
    before = await store.records.get(ns, ["m1", "s2"])
    assert [(one.memory.lifetime, one.memory.expires_at) for one in handed] == [
        ("long_term", ENDS),
        ("short_term", ENDS),
    ]
    await store.records.forget(ns, None)
    assert await store.transfer.import_memories(ns, handed, []) == 2
    assert await store.records.get(ns, ["m1", "s2"]) == before
    assert (before[0].user_id, before[0].agent_id, before[0].session_id, before[0].tags) == ("u", "a", "s", ["x", "é"])
    assert before[0].refresh_seconds == seconds
