"""What a filter selects is remembered, and never longer than it is true."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import selections
from coda_graphmem.store.embedded.selections import Selections
from coda_graphmem.store.embedded.store import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges
from coda_graphmem.where import read_where
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.factory import new, unit


def asking(where: dict[str, Any], **values: Any) -> MemoryFilter:
    return MemoryFilter(where=read_where(where), **values)


A = asking({"metadata.k": "a"})


async def searched(store: EmbeddedStore, where: MemoryFilter, *, limit: int = 99, now: float = 0.0) -> list[str]:
    near = await store.search.search_vector("ns", unit(1), limit, where, now=now)
    holding = await store.search.search_text("ns", ["words"], limit, where, now=now)
    ids = sorted(candidate.memory_id for candidate in near)
    assert sorted(candidate.memory_id for candidate in holding.found) == ids
    return ids


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the file anew."""
    found: list[str] = []
    select = selections._select

    def selecting(connection: sqlite3.Connection, *arguments: Any) -> Any:
        found.append(repr(arguments[1]))
        return select(connection, *arguments)

    monkeypatch.setattr(selections, "_select", selecting)
    return found


async def test_it_is_asked_once_until_something_changes(store: EmbeddedStore, asked: list[str]) -> None:
    rows = [new(f"m{i}", f"words {i}", metadata={"k": "ab"[i % 2]}) for i in range(6)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.insert("other", [new("x", "words", metadata={"k": "a"})], reinforcement=0.1)
    for _ in range(3):
        assert await searched(store, A) == ["m0", "m2", "m4"]
    assert len(asked) == 1
    assert await searched(store, asking({"metadata.k": "b"})) == ["m1", "m3", "m5"]
    await store.records.record_access("ns", {"m0": 1}, 5.0)
    assert await searched(store, A) == ["m0", "m2", "m4"]
    assert len(asked) == 2


async def test_every_change_is_seen(store: EmbeddedStore, opened: MakeStore) -> None:
    rows = [new(f"m{i}", f"words {i}", metadata={"k": "ab"[i % 2]}, entities=["anna"]) for i in range(6)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    by_user, by_tag, by_name = asking({"user_id": "u"}), asking({"tags": "t"}), asking({"entities": "Tom"})
    assert [await searched(store, one) for one in (A, by_user, by_tag, by_name)] == [["m0", "m2", "m4"], [], [], []]
    await store.records.insert("ns", [new("m6", "words", metadata={"k": "a"}, user_id="u")], reinforcement=0.1)
    assert await searched(store, A) == ["m0", "m2", "m4", "m6"]
    assert await searched(store, by_user) == ["m6"]
    await store.records.update("ns", "m0", MemoryChanges(updated_at=1.0, metadata={"k": "b"}, tags=("t",)))
    assert (await searched(store, A), await searched(store, by_tag)) == (["m2", "m4", "m6"], ["m0"])
    await store.records.archive("ns", ["m2"], 2.0)
    assert await searched(store, A) == ["m4", "m6"]
    async with opened() as another:
        # Of another process.
        await another.records.delete("ns", ["m4"])
        await another.records.insert("ns", [new("m7", "words", entities=["tom"])], reinforcement=0.1)
    assert (await searched(store, A), await searched(store, by_name)) == (["m6"], ["m7"])
    await store.records.unarchive("ns", ["m2"], 3.0)
    assert await searched(store, A) == ["m2", "m6"]
    await store.records.forget("ns", None)
    await store.records.insert("ns", [new("n1", "words", metadata={"k": "a"})], reinforcement=0.1)
    assert await searched(store, A) == ["n1"]


async def test_after_a_change_only_what_it_was_of_is_looked_at(
    store: EmbeddedStore, opened: MakeStore, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = [
        A,
        asking({"$not": {"metadata.k": "a"}}),
        asking({"$or": [{"tags": "t"}, {"importance_score": {"$gt": 0.7}}]}),
        MemoryFilter(metadata={"k": "b"}, min_importance=0.3),
        MemoryFilter(where=read_where({"metadata.n": {"$gte": 3}}), since=2.0, conversation_id="c"),
    ]
    rows = [
        new(f"m{i}", f"words {i}", metadata={"k": "ab"[i % 2], "n": i}, timestamp=float(i), conversation_id="c")
        for i in range(12)
    ]
    await store.records.insert("ns", rows[:8], reinforcement=0.1)
    for where in filters:
        await searched(store, where)
    first = len(asked)
    assert first >= len(filters) - 1  # What plain columns ask for is asked of what is found, in searches by text.

    async def anew(where: MemoryFilter) -> list[str]:
        async with opened() as another:
            return await searched(another, where)

    steps: list[Callable[[EmbeddedStore], Awaitable[object]]] = [
        lambda one: one.records.insert("ns", rows[8:], reinforcement=0.1),
        lambda one: one.records.update("ns", "m1", MemoryChanges(updated_at=1.0, metadata={"k": "a"}, tags=("t",))),
        lambda one: one.records.update("ns", "m4", MemoryChanges(updated_at=1.0, importance_score=0.9)),
        lambda one: one.records.archive("ns", ["m3", "m8"], 2.0),
        lambda one: one.records.unarchive("ns", ["m3"], 2.0),
        lambda one: one.records.delete("ns", ["m0", "m9"]),
        lambda one: one.records.insert("other", [new("x", "words", metadata={"k": "a"})], reinforcement=0.1),
    ]
    for step in steps:
        await step(store)
        before = len(asked)
        found = [await searched(store, where) for where in filters]
        assert len(asked) == before
        assert found == [await anew(where) for where in filters]
    # What the file does not know any more is asked anew, as is what others know of a memory.
    monkeypatch.setattr(selections, "MAX_CHANGES", 1)
    await store.records.insert("ns", [new("n1", "words"), new("n2", "words", metadata={"k": "a"})], reinforcement=0.1)
    before = len(asked)
    assert await searched(store, A) == await anew(A)
    assert len(asked) > before


async def test_of_the_last_changes_alone_the_memories_are_known(store: EmbeddedStore, file: Path) -> None:
    for start in range(0, 1500, 500):
        rows = [new(f"m{i}", "w", embedding=None) for i in range(start, start + 500)]
        await store.records.insert("ns", rows, reinforcement=0.1)
    with raw(file) as db:
        [changes] = db.execute("SELECT changes FROM namespaces WHERE name = 'ns'").fetchone()
        found = db.execute("SELECT count(*), min(change), max(change) FROM changed_memories").fetchone()
        assert found == (selections.MAX_CHANGES, changes - selections.MAX_CHANGES + 1, changes)
    await store.records.forget("ns", None)
    with raw(file) as db:
        assert db.execute("SELECT count(*) FROM changed_memories").fetchone() == (0,)


async def test_ends_that_recalls_put_off_are_no_change_and_are_seen(store: EmbeddedStore) -> None:
    row = new("m1", "words", expires_at=10.0, lifetime="long_term", refresh_seconds=10.0, metadata={"k": "a"})
    await store.records.insert("ns", [row, new("m2", "words", metadata={"k": "a"})], reinforcement=0.1)
    soon = asking({"expires_at": {"$lte": 15}})
    assert (await searched(store, soon), await searched(store, A)) == (["m1"], ["m1", "m2"])
    await store.records.record_access("ns", {"m1": 1}, 9.0)
    assert await searched(store, soon) == []
    assert await searched(store, A, now=18.0) == ["m1", "m2"]
    assert await searched(store, A, now=19.0) == ["m2"]


@pytest.mark.parametrize("part", [2, 3, 40])
async def test_however_many_are_selected_the_best_of_them_are_found(store: EmbeddedStore, part: int) -> None:
    rows = [
        new(
            f"m{i}", " ".join(["words"] * (1 + i * 7 % 5) + ["other"] * (i * 11 % 13)),
            metadata={"part": i % part}, embedding=unit(i),
        )
        for i in range(400)
    ]  # fmt: skip
    await store.records.insert("ns", rows, reinforcement=0.1)
    where = asking({"metadata.part": 1})
    chosen = {row.memory_id for row in rows if row.metadata["part"] == 1}
    near = await store.search.search_vector("ns", unit(5), 400, MemoryFilter())
    holding = (await store.search.search_text("ns", ["words"], 400, MemoryFilter())).found
    for limit in (1, 5, 100):
        found = await store.search.search_vector("ns", unit(5), limit, where)
        assert found == [candidate for candidate in near if candidate.memory_id in chosen][:limit]
        found = (await store.search.search_text("ns", ["words"], limit, where)).found
        assert found == [candidate for candidate in holding if candidate.memory_id in chosen][:limit]


async def test_the_best_are_found_where_few_matches_are_selected(store: EmbeddedStore) -> None:
    """Of many that are selected hardly any hold the word, and those match least."""
    rows = [
        new(f"m{i}", "words words words" if i % 2 else "nothing here", metadata={"half": i % 2}) for i in range(300)
    ]
    rows += [new(f"n{i}", "words " + "and so on " * 20, metadata={"half": 0}) for i in range(3)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    found = await store.search.search_text("ns", ["words"], 2, asking({"metadata.half": 0}))
    assert len(found.found) == 2
    assert {candidate.memory_id for candidate in found.found} <= {"n0", "n1", "n2"}


async def test_what_is_remembered_is_bounded(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.records.insert("ns", [new(f"m{i}", "words") for i in range(10)], reinforcement=0.1)
    monkeypatch.setattr(selections, "MAX_BYTES", 300)
    for importance in range(9):
        await searched(store, asking({"importance_score": {"$gte": importance / 100}}))
    kept: Selections = store.search._selections
    assert kept._bytes == sum(ids.nbytes for _, ids in kept._kept.values()) <= 300
    assert len(kept._kept) == 3
