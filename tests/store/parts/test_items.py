"""What stores keep of items besides answering batches, which `tests/congruence/test_items.py` is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryStore, NewItem, StoredItem, Vector
from coda_graphmem.store.protocol.items import ItemLookup, ItemRemoval, PathSearch
from tests.store.factory import MODEL, unit
from tests.store.parts.conftest import other


def item(key: str, *vectors: Vector, path: tuple[str, ...] = ("a",), **values: Any) -> NewItem:
    fields = ("text",) if vectors else ()
    return NewItem(
        **{
            "path": path, "key": key, "value": {"text": key}, "fields": fields, "texts": len(vectors),
            "vectors": vectors, **values,
        }
    )  # fmt: skip


async def put(store: MemoryStore, ns: str, *items: NewItem, now: float = 100.0) -> None:
    await store.items.batch(ns, [], items, now=now, model=MODEL)


async def exported(store: MemoryStore, ns: str) -> list[StoredItem]:
    return await store.items.export_items(ns, after=0, limit=100)


def same(one: StoredItem, two: StoredItem) -> bool:
    plain = [replace(row, vectors=(), position=0) for row in (one, two)]
    return plain[0] == plain[1] and all(map(np.array_equal, one.vectors, two.vectors))


async def test_items_are_handed_over_as_they_are(store: MemoryStore, ns: str) -> None:
    foreign = item("foreign", unit(3, 7), embedder="another")
    await put(store, ns, item("late", unit(1), unit(2)), item("plain", ttl=5.0), foreign)
    await put(store, ns, item("late", unit(4)), now=200.0)
    rows = await exported(store, ns)
    assert [(row.key, row.created_at, row.updated_at, row.expires_at) for row in rows] == [
        ("plain", 100.0, 100.0, 105.0),
        ("foreign", 100.0, 100.0, None),
        ("late", 100.0, 200.0, None),
    ]
    assert [len(row.vectors) for row in rows] == [0, 1, 1]
    assert [row.key for row in await store.items.export_items(ns, after=rows[0].position, limit=1)] == ["foreign"]
    await put(store, other(ns), item("late", ttl=1.0))
    assert await store.items.import_items(other(ns), rows) == 2
    assert await store.items.import_items(other(ns), rows) == 0
    there = {row.key: row for row in await exported(store, other(ns))}
    assert all(same(row, there[row.key]) for row in rows if row.key != "late")
    assert there["late"].ttl == 1.0
    found = await store.transfer.inventory(ns)
    assert (found.items, found.item_vectors, found.memories) == (3, 2, 0)


async def test_a_write_is_counted_and_reading_is_not(store: MemoryStore, ns: str) -> None:
    assert await store.items.revision(ns) == 0
    await put(store, ns, item("a", ttl=50.0))
    first = await store.items.revision(ns)
    await store.items.batch(ns, [ItemLookup(("a",), "a"), PathSearch(())], [], now=110.0)
    assert await store.items.revision(ns) == first > 0
    await store.items.batch(ns, [], [ItemRemoval(("a",), "a")], now=120.0)
    assert await store.items.revision(ns) > first


@pytest.mark.all_namespaces
async def test_what_is_over_is_removed_in_all_namespaces_or_one(store: MemoryStore, ns: str) -> None:
    for name in (ns, other(ns)):
        await put(store, name, item("over", ttl=10.0), item("lasting", ttl=1000.0), item("ever", path=("b",)))
    assert await store.items.expire(ns, 109.0) == 0
    assert await store.items.expire(ns, 110.0) == 1
    assert [row.key for row in await exported(store, ns)] == ["lasting", "ever"]
    assert (await store.transfer.inventory(other(ns))).items == 3
    assert await store.items.expire(None, 110.0) >= 1
    assert [row.key for row in await exported(store, other(ns))] == ["lasting", "ever"]


async def test_a_diagnosis_tells_of_items_and_a_repair_removes_wrong_vectors(store: MemoryStore, ns: str) -> None:
    async def told() -> tuple[int, int, int]:
        found = await store.health.diagnose(ns, now=150.0)
        return found.expired_items, found.items_without_vectors, found.wrong_item_vectors

    await put(store, ns, item("good", unit(1)), item("over", ttl=10.0), item("foreign", unit(1, 7), embedder="another"))
    assert await told() == (1, 0, 0)
    await put(store, ns, item("lacking", texts=2, fields=("text",)))
    # Neo4j takes no vector that is not finite.
    is_embedded = isinstance(store, EmbeddedStore)
    bad = unit(5).copy()
    bad[0] = np.nan
    await put(store, ns, item("bad", bad) if is_embedded else item("bad", texts=1, fields=("text",)))
    assert await told() == ((1, 1, 1) if is_embedded else (1, 2, 0))
    assert (await store.health.repair(ns)).vectors == int(is_embedded)
    assert await told() == (1, 2, 0)
    pending = {row.position: row for row in await store.items.pending_items(MODEL, 100) if row.namespace == ns}
    assert sorted(row.value["text"] for row in pending.values()) == ["bad", "lacking"]
    saved = [(ns, position, [unit(9)]) for position in pending]
    assert await store.items.save_item_vectors(MODEL, [*saved, (ns, 10**9, [unit(9)])]) == 2
    assert await told() == (1, 0, 0)
    assert [row for row in await store.items.pending_items(MODEL, 100) if row.namespace == ns] == []


async def test_vectors_of_another_length_are_refused(store: MemoryStore, ns: str) -> None:
    await put(store, ns, item("good", unit(1)))
    wrong = item("wrong", unit(1, 7))
    for model in (MODEL, None):
        with pytest.raises(EmbeddingMismatchError):
            await store.items.batch(ns, [], [wrong], now=1.0, model=model)
    [good] = await exported(store, ns)
    with pytest.raises(EmbeddingMismatchError):
        await store.items.import_items(other(ns), [replace(good, vectors=(unit(1, 7),))])
    assert await exported(store, other(ns)) == []
    assert [row.key for row in await exported(store, ns)] == ["good"]
