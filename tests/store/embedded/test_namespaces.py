"""Nothing of one tenant is seen, counted or changed from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem.models import DeletionReceipt, MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import Bounds, MemoryChanges, Neighbourhood
from tests.store.embedded.conftest import check_consistency
from tests.store.factory import new, unit

ALL = MemoryFilter()


@pytest.fixture
async def two(store: EmbeddedStore) -> EmbeddedStore:
    """The same ids and contents in two namespaces, one more in the second."""
    for name, number in (("a", 3), ("b", 4)):
        rows = [
            new(f"m{i}", f"shared words {i}", entities=["maria", f"e{i}"], conversation_id="c", dedup_key=f"k{i}")
            for i in range(number)
        ]
        await store.records.insert(name, rows, reinforcement=0.1)
    return store


async def everything(store: EmbeddedStore, name: str) -> object:
    where = MemoryFilter(lifetime="any", archived=None)
    walk = await store.graph.neighbourhood(name, ["m0"], ["e2", "e3"], bounds=Bounds(), depth=2, where=ALL)
    stats = await store.records.stats(name, now=0.0)
    return (
        await store.records.find(name, where, order="oldest", now=0.0, with_embedding=True),
        await store.records.get(name, ["m0", "m3"]),
        await store.records.count(name, where, now=0.0),
        await store.records.live_count(name),
        stats.model_copy(update={"storage_bytes": None}),
        await store.search.search_vector(name, unit(1), 99, ALL),
        (await store.search.search_text(name, ["shared"], 99, ALL)).found,
        await store.search.similarities(name, ["m0", "m3"], unit(1)),
        await store.search.candidates(name, ["m0", "m3"], unit(1)),
        await store.graph.list_entities(name, limit=99),
        sorted(e.key for e in await store.graph.find_entities(name, ["maria", "e3"])),
        walk,
    )


async def test_each_sees_its_own(two: EmbeddedStore) -> None:
    assert len(await two.search.search_vector("a", unit(1), 99, ALL)) == 3
    assert len((await two.search.search_text("b", ["shared"], 99, ALL)).found) == 4
    assert [e.mention_count for e in await two.graph.find_entities("a", ["maria", "e3"])] == [3]
    assert [e.mention_count for e in await two.graph.find_entities("b", ["maria"])] == [4]
    assert await two.records.get("a", ["m3"]) == []
    assert await two.records.namespaces() == ["a", "b"]


async def test_no_write_reaches_the_other(two: EmbeddedStore, file: Path) -> None:
    before = await everything(two, "b")
    await two.records.insert(
        "a", [new("m9", "shared words", dedup_key="k3"), new("s1", expires_at=5.0)], reinforcement=0.9
    )
    await two.records.insert("a", [new("m10", "shared words 1", dedup_key="k1")], reinforcement=0.9)
    await two.records.update("a", "m1", MemoryChanges(content="x", embedding=unit(9), entities=(), updated_at=1.0))
    await two.records.archive("a", ["m2"], 1.0)
    await two.records.record_access("a", {"m0": 5}, 1.0)
    await two.records.promote("a", "s1", dedup_key=None, at=3000.0)
    await two.records.delete("a", ["m0", "m3"])
    await two.records.expire("a", 1e12)
    await two.records.forget("a", MemoryFilter(conversation_id="c"))
    assert await everything(two, "b") == before
    await two.records.forget("a", None)
    assert await everything(two, "b") == before
    assert await two.records.namespaces() == ["b"]
    assert await two.records.forget("a", None) == DeletionReceipt()
    check_consistency(file)


async def test_a_small_tenant_beside_a_large_one_never_comes_back_short(store: EmbeddedStore) -> None:
    query = unit(5)
    await store.records.insert(
        "large", [new(f"m{i}", "the words asked for", embedding=query) for i in range(2000)], reinforcement=0.1
    )
    await store.records.insert(
        "small", [new(f"m{i}", "some words here and there") for i in range(50)], reinforcement=0.1
    )
    for where in (ALL, MemoryFilter(since=1000.0)):
        assert len(await store.search.search_vector("small", query, 50, where)) == 50
        assert len((await store.search.search_text("small", ["words", "asked"], 50, where)).found) == 50


async def test_names_that_resemble_one_another(store: EmbeddedStore) -> None:
    names = ["ns1", "ns10", "NS1", "ns 1", "nś1", '"', "%", "ns1' OR 1=1"]
    for name in names:
        await store.records.insert(name, [new("m1", f"only here {name}")], reinforcement=0.1)
    assert await store.records.namespaces() == sorted(names)
    for name in names:
        (found,) = (await store.search.search_text(name, ["only"], 9, ALL)).found
        assert (await store.records.get(name, [found.memory_id]))[0].content == f"only here {name}"


async def test_what_is_not_there_is_empty(store: EmbeddedStore) -> None:
    assert await everything(store, "nothing") == (
        [], [], 0, 0, (await store.records.stats("nothing", now=0.0)).model_copy(update={"storage_bytes": None}),
        [], [], {}, [], [], [], Neighbourhood({}, {}, (), ()),
    )  # fmt: skip
    assert await store.records.archive("nothing", ["m1"], 1.0) == 0
    assert await store.records.delete("nothing", ["m1"]) == DeletionReceipt()
    assert await store.records.expire("nothing", 1e12) == 0
    assert await store.records.namespaces() == []
