"""Many writers at once: nothing is lost or doubled, and each call is whole or not at all."""

from __future__ import annotations

import asyncio
import time

import pytest

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import (
    MemoryChanges,
    MemoryStore,
    NewMemory,
    Outcome,
    OutdatedChangesError,
    RetrievalTotals,
)
from tests.store.factory import new
from tests.store.parts.conftest import other, with_vectors

ALL = MemoryFilter()
SHARED = [f"e{i}" for i in range(8)]


def row(name: str, number: int) -> NewMemory:
    order = SHARED[number % 8 :] + SHARED[: number % 8]
    return new(name, entities=order, conversation_id=f"c{number % 3}", timestamp=float(number))


@with_vectors
async def test_forty_writers_share_entities(store: MemoryStore, ns: str) -> None:
    seconds: list[float] = []

    async def write(number: int) -> list[str]:
        kept = []
        for i in range(2):
            began = time.monotonic()
            [stored] = await store.records.insert(ns, [row(f"m{number}x{i}", number)], reinforcement=0.1)
            seconds.append(time.monotonic() - began)
            kept.append(stored.memory_id)
        return kept

    kept = [name for names in await asyncio.gather(*map(write, range(40))) for name in names]
    found = await store.records.find(ns, ALL, now=0.0)
    assert sorted(memory.memory_id for memory in found) == sorted(kept)
    assert await store.records.live_count(ns) == 80
    nodes = await store.graph.list_entities(ns, limit=99)
    assert [(node.key, node.mention_count) for node in nodes] == [(key, 80) for key in SHARED]
    assert len({memory.position for memory in await store.transfer.export_memories(ns, after=0, limit=99)}) == 80
    # Nobody is overtaken again and again: generous, as machines differ.
    assert max(seconds) < 10.0


async def test_a_call_that_fails_fails_none_of_those_beside_it(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("known"), new("old", dedup_key="k")], reinforcement=0.1)
    explicit = frozenset({"memory_id"})
    calls = [
        store.records.insert(ns, [new("m0", entities=["a"])], reinforcement=0.1),
        # Its first row is new and its second reinforces, and neither may stay.
        store.records.insert(
            ns, [new("half", entities=["b"]), new("x", dedup_key="k"), new("known", "other", explicit=explicit)],
            reinforcement=0.1,
        ),
        store.records.insert(ns, [new("m1", entities=["a"]), new("y", dedup_key="k")], reinforcement=0.1),
        store.records.update(ns, "known", MemoryChanges(importance_score=0.9, updated_at=9.0)),
        store.records.update(ns, "nobody", MemoryChanges(importance_score=0.9, updated_at=9.0)),
        store.records.update(ns, "known", MemoryChanges(entities=(), seen_content="something else", updated_at=9.0)),
        store.records.record_access(ns, {"known": 2}, 9.0),
        store.jobs.record_retrievals(ns, RetrievalTotals(retrievals=1)),
        store.records.insert(other(ns), [new("m2", entities=["a"])], reinforcement=0.1),
        store.records.delete(ns, ["m0"]),
    ]  # fmt: skip
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in (answers[1], answers[5])] == [ValidationError, OutdatedChangesError]
    assert [stored.outcome for stored in answers[2]] == [Outcome.CREATED, Outcome.REINFORCED]
    assert (answers[3], answers[4], answers[9].memories) == (True, False, 1)
    found = {memory.memory_id: memory for memory in await store.records.find(ns, ALL, now=0.0)}
    assert found.keys() == {"known", "old", "m1"}
    assert (found["known"].importance_score, found["known"].access_count) == (0.9, 2)
    assert found["old"].reinforcement_count == 1
    assert [node.key for node in await store.graph.list_entities(ns, limit=9)] == ["a"]
    assert (await store.jobs.retrieval_totals(ns)).retrievals == 1
    assert await store.records.live_count(ns) == 3
    assert await store.records.live_count(other(ns)) == 1


async def test_what_waits_and_is_cancelled_is_not_written(store: MemoryStore, ns: str) -> None:
    tasks = [
        asyncio.create_task(store.records.insert(ns, [new(f"m{i}", entities=["a"])], reinforcement=0.1))
        for i in range(12)
    ]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.records.insert(ns, [new("last")], reinforcement=0.1)
    found = {memory.memory_id for memory in await store.records.find(ns, ALL, now=0.0)}
    # One that had begun is kept as a whole.
    assert found >= {"last", *(f"m{i}" for i in range(1, 12, 2))}
    assert await store.records.live_count(ns) == len(found)


@pytest.mark.parametrize(
    "seen", [{"seen_content": "another"}, {"seen_metadata": {"title": "Old"}}, {"seen_metadata": {"speaker": "Tom"}}]
)
async def test_changes_of_what_a_memory_is_no_longer_are_refused(
    store: MemoryStore, ns: str, seen: dict[str, object]
) -> None:
    await store.records.insert(ns, [new("m1", metadata={"title": "New", "n": 1}, entities=["a"])], reinforcement=0.1)
    before = await store.records.get(ns, ["m1"])
    with pytest.raises(OutdatedChangesError):
        await store.records.update(ns, "m1", MemoryChanges(entities=(), updated_at=9.0, **seen))
    assert await store.records.get(ns, ["m1"]) == before
    known = {"seen_content": "content of m1", "seen_metadata": {"title": "New", "n": 2}}
    assert await store.records.update(ns, "m1", MemoryChanges(entities=(), updated_at=9.0, **known))
