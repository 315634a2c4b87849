"""LangGraph's store over a memory. The tests of its own SQLite store are run by `make test-outside`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, SyncMemoryManager, ValidationError
from tests.integrations.frameworks import framework

framework("langgraph.store.base", "langgraph-checkpoint")

from langchain_core.embeddings import DeterministicFakeEmbedding
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchOp,
    get_text_at_path,
)

from coda_graphmem.integrations.langgraph import GraphMemoryStore
from coda_graphmem.integrations.langgraph.connection_string import config_of
from coda_graphmem.items.fields import texts_of


async def test_items_come_back_as_langgraph_has_them(plain: MemoryManager) -> None:
    store = GraphMemoryStore(plain)
    await store.aput(("users", "nora"), "a", {"text": "tea"})
    item = await store.aget(("users", "nora"), "a")
    assert item is not None
    assert (item.namespace, item.key, item.value) == (("users", "nora"), "a", {"text": "tea"})
    assert item.created_at == item.updated_at
    assert item.created_at.tzinfo is not None
    assert [one.score for one in await store.asearch(("users",))] == [None]
    assert await store.alist_namespaces(max_depth=1) == [("users",)]
    await store.adelete(("users", "nora"), "a")
    assert await store.aget(("users", "nora"), "a") is None


async def test_items_are_no_memories(plain: MemoryManager) -> None:
    await GraphMemoryStore(plain, index={"fields": ["text"]}).aput(("a",), "k", {"text": "Margit sings alto"})
    assert await plain.retrieve_memories("who sings alto?", min_relevance=0.0) == []
    assert await plain.count() == 0


async def test_a_batch_reads_what_was_there_before_it(plain: MemoryManager) -> None:
    store = GraphMemoryStore(plain)
    await store.aput(("a",), "k", {"n": 1})
    answers = await store.abatch(
        [
            PutOp(("a",), "k", {"n": 2}),
            GetOp(("a",), "k"),
            SearchOp(("a",), filter={"n": {"$lt": 9}}),
            ListNamespacesOp((MatchCondition("prefix", ("*",)),)),
            PutOp(("b",), "k", None),
            PutOp(("a",), "k", {"n": 3}),
        ]
    )
    assert answers[0] is None
    assert answers[1].value == {"n": 1}  # type: ignore[union-attr]
    assert [one.value for one in answers[2]] == [{"n": 1}]  # type: ignore[union-attr]
    assert answers[3:5] == [[("a",)], None]
    assert (await store.aget(("a",), "k")).value == {"n": 3}  # type: ignore[union-attr]


async def test_a_bad_label_rejects_the_whole_batch(plain: MemoryManager) -> None:
    store = GraphMemoryStore(plain)
    for label in ("foo.bar", "", 1, "a\0b"):
        with pytest.raises((InvalidNamespaceError, ValidationError)):
            await store.abatch([PutOp(("valid",), "k", {}), GetOp(("a", label), "k")])  # type: ignore[arg-type]
    assert await store.alist_namespaces() == []
    with pytest.raises(InvalidNamespaceError):
        await store.aput(("langgraph",), "k", {})
    await store.abatch([PutOp(("langgraph",), "k", {})])
    assert await store.alist_namespaces() == [("langgraph",)]


async def test_only_indexed_fields_are_scored(plain: MemoryManager) -> None:
    store = GraphMemoryStore(plain, index={"fields": ["text"]})
    await store.aput(("a",), "default", {"text": "tea", "note": "rum"})
    await store.aput(("a",), "own", {"text": "rum", "note": "tea"}, index=["note"])
    await store.aput(("a",), "none", {"text": "tea"}, index=False)
    found = await store.asearch(("a",), query="tea", limit=9)
    assert {one.key for one in found} == {"default", "own"}
    assert [one.score for one in found] == [pytest.approx(1.0)] * 2
    assert len(await store.asearch(("a",), query="")) == 3
    await store.aput(("a",), "default", {"text": "tea"}, index=False)
    assert [one.key for one in await store.asearch(("a",), query="tea")] == ["own"]
    # Where nothing is indexed, a query says nothing.
    assert len(await GraphMemoryStore(plain).asearch(("a",), query="tea")) == 3


async def test_embeddings_of_the_caller_are_used(plain: MemoryManager) -> None:
    calls: list[list[str]] = []

    async def embed(texts: list[str]) -> list[list[float]]:
        calls.append(texts)
        return [[1.0, float(len(text)), 0.5] for text in texts]

    store = GraphMemoryStore(plain, index={"embed": embed, "dims": 3, "text_fields": "text", "model": "lengths"})
    await store.aput(("a",), "k", {"text": "tea"})
    [found] = await store.asearch(("a",), query="rum")
    assert found.score == pytest.approx(1.0)
    assert calls == [["tea"], ["rum"]]
    assert store.embeddings is not None
    # Vectors of another name are others.
    other = GraphMemoryStore(plain, index={"embed": DeterministicFakeEmbedding(size=3), "dims": 3})
    assert await other.asearch(("a",), query="rum") == []
    wrong = GraphMemoryStore(plain, index={"embed": DeterministicFakeEmbedding(size=3), "dims": 4})
    with pytest.raises(Exception, match="shape"):
        await wrong.aput(("a",), "k", {"text": "tea"})


@pytest.mark.parametrize(
    ("index", "field"),
    [
        ({"embed": DeterministicFakeEmbedding(size=3), "fields": [1]}, "index['fields']"),
        ({"fields": ["$"], "dims": 3}, "index['dims']"),
        ({"fields": ["$"], "model": "x"}, "index['model']"),
        ({"field": ["$"]}, "index"),
        ({"fields": ["$"], "distance_type": "l2"}, "index['distance_type']"),
    ],
)
async def test_a_bad_index_is_refused(plain: MemoryManager, index: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GraphMemoryStore(plain, index=index)
    assert caught.value.field == field


async def test_time_to_live_is_in_minutes(plain: MemoryManager, clock: Any) -> None:
    store = GraphMemoryStore(plain, ttl={"default_ttl": 1, "refresh_on_read": False})
    await store.aput(("a",), "default", {})
    await store.aput(("a",), "longer", {}, ttl=2)
    await store.aput(("a",), "ever", {}, ttl=None)
    clock.advance(59)
    assert await store.aget(("a",), "default") is not None
    clock.advance(1)
    assert {one.key for one in await store.asearch(("a",))} == {"longer", "ever"}
    assert await store.asweep_ttl() == 1
    assert await store.aget(("a",), "longer", refresh_ttl=True) is not None
    clock.advance(100)
    assert {one.key for one in await store.asearch(("a",))} == {"longer", "ever"}
    clock.advance(100)
    assert {one.key for one in await store.asearch(("a",))} == {"ever"}


def test_a_sweeper_removes_what_is_over(waiting: SyncMemoryManager, clock: Any) -> None:
    store = GraphMemoryStore(waiting, ttl={"sweep_interval_minutes": 0.02 / 60})
    store.put(("a",), "k", {}, ttl=1)
    store.start_ttl_sweeper()
    store.start_ttl_sweeper()
    clock.advance(61)
    until = time.monotonic() + 10
    while waiting.get_memory_stats().total_items or store.sweep_ttl():
        assert time.monotonic() < until
    assert store.stop_ttl_sweeper(5.0)
    with pytest.raises(ValidationError, match="sweep_interval_minutes"):
        store.start_ttl_sweeper(-1)


async def test_waiting_in_the_loop_of_the_memory_is_refused(plain: MemoryManager) -> None:
    store = GraphMemoryStore(plain)
    with pytest.raises(asyncio.InvalidStateError, match="Await abatch"):
        store.put(("a",), "k", {})
    await asyncio.to_thread(store.put, ("a",), "k", {})
    assert await asyncio.to_thread(store.get, ("a",), "k") is not None


async def test_a_synchronous_memory_serves_both_kinds_of_calls(waiting: SyncMemoryManager) -> None:
    store = GraphMemoryStore(waiting)
    store.put(("a",), "k", {})
    assert await store.aget(("a",), "k") is not None


async def test_filter_keys_are_those_of_langgraph(plain: MemoryManager) -> None:
    store = GraphMemoryStore(plain)
    await store.aput(("a",), "k", {"access-level": 1, "größe": 2, "user": {"1st": 3}})
    for key, value in (("access-level", 1), ("größe", 2), ("user.1st", 3)):
        assert len(await store.asearch(("a",), filter={key: value})) == 1
    with pytest.raises(ValueError, match="Invalid filter key"):
        await store.asearch(("a",), filter={"a') OR 1": 1})


def test_a_store_opens_a_memory_of_its_own(tmp_path: Path) -> None:
    with GraphMemoryStore.from_conn_string(str(tmp_path / "kept"), namespace="n") as store:
        store.setup()
        store.put(("a",), "k", {"n": 1})

    async def again() -> Any:
        async with GraphMemoryStore.from_conn_string(str(tmp_path / "kept"), namespace="n") as store:
            await store.asetup()
            return await store.aget(("a",), "k")

    assert asyncio.run(again()).value == {"n": 1}


def test_addresses_are_read_and_never_repeated() -> None:
    config = config_of("neo4j+s://nora:se%40cret@host:7688/items", "n")
    assert (config.vector_store_type, config.namespace) == ("neo4j", "n")
    assert (config.neo4j.uri, config.neo4j.username, config.neo4j.database) == ("neo4j+s://host:7688", "nora", "items")
    assert config.neo4j.password is not None
    assert config.neo4j.password.get_secret_value() == "se@cret"
    assert isinstance(config_of("data", None), MemoryConfig)
    for bad in ("postgres://nora:secret@host/x", ":memory:", ""):
        with pytest.raises(ValidationError) as caught:
            config_of(bad, None)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "field",
    ["$", "text", "size", "flag", "none", "author.name", "author.tags[0]", "author.tags[-1]", "author.tags[7]",
     "author.tags[*]", "author.*", "parts[*].text", "parts.*", "{text,author.name}", "missing.deep", "text.deep"],
)  # fmt: skip
def test_fields_are_those_of_langgraph(field: str) -> None:
    value = {
        "text": "tea", "size": 3, "flag": True, "none": None,
        "author": {"name": "Nora", "tags": ["a", "b"]}, "parts": [{"text": "one"}, {"other": 1}],
    }  # fmt: skip
    assert texts_of(value, [field]) == get_text_at_path(value, field)
