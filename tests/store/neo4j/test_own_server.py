"""What only a server of one's own can show: its end and its return, its schema, and another embedding model."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase

from coda_graphmem.errors import EmbeddingMismatchError, StoreUnavailableError, VectorStoreError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j import Neo4jStore
from coda_graphmem.store.neo4j.statements import names
from scripts.neo4j_server import JavaServer
from tests.servers import Server, describe
from tests.store.embedded import test_reembed
from tests.store.factory import DIMENSION, MODEL, new, unit
from tests.store.neo4j.conftest import opened as open_store
from tests.store.neo4j.consistency import check_graph

ALL = MemoryFilter()


@pytest.fixture
def server(private_neo4j: JavaServer) -> Server:
    """The server, with nothing in it."""
    found = describe("", private_neo4j)
    with driver_of(found) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
        for name, kind in show(driver, "SHOW CONSTRAINTS YIELD name, type RETURN name, type"):
            driver.execute_query(f"DROP CONSTRAINT `{name}`" if kind else "")
        for name, kind in show(driver, "SHOW INDEXES YIELD name, type RETURN name, type"):
            if kind != "LOOKUP":
                driver.execute_query(f"DROP INDEX `{name}`")
    return found


@contextlib.contextmanager
def driver_of(server: Server) -> Iterator[Driver]:
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        yield driver


def show(driver: Driver, query: str, **parameters: Any) -> list[list[Any]]:
    return [record.values() for record in driver.execute_query(query, parameters).records]


@pytest.fixture
def opened(server: Server) -> Callable[..., contextlib.AbstractAsyncContextManager[Neo4jStore]]:
    """Opens another store on the same server."""
    return partial(open_store, server)


@pytest.fixture
async def store(server: Server) -> AsyncIterator[Neo4jStore]:
    async with open_store(server) as one:
        yield one


@pytest.fixture
def file(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the embedded store's tests look into its file, look into the graph."""
    monkeypatch.setattr(test_reembed, "check_consistency", lambda _: check_graph(server, ""))


# What the embedded store's tests demand of re-embedding, demanded of Neo4j.
for _name, _value in vars(test_reembed).items():
    if _name.startswith("test_") and inspect.iscoroutinefunction(_value):
        globals()[_name] = _value


async def test_a_change_of_the_model_leaves_nothing_of_the_old(opened: Any, server: Server) -> None:
    async with opened() as store:
        await test_reembed.fill(store)
        await test_reembed.round_(store)
        await store.finish_reembed()
    with driver_of(server) as driver:
        assert show(driver, "MATCH (m:Memory) WHERE m.embedding IS NOT NULL RETURN m.memory_id") == []
        indexes = show(driver, "SHOW VECTOR INDEXES YIELD name, options RETURN name, options")
    assert [name for name, _ in indexes] == ["memory_embedding_alternate"]
    assert indexes[0][1]["indexConfig"]["vector.dimensions"] == test_reembed.SIZE


async def test_an_index_is_searched_after_the_model_has_changed(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from coda_graphmem.store.neo4j import searching

    monkeypatch.setattr(searching, "EXACT_BELOW", 10)
    async with opened() as store:
        await store.insert("a", [new(f"m{i}") for i in range(60)], reinforcement=0.1)
        assert (await store.search_vector("a", unit(7), 5, ALL))[0].memory_id == "m7"
        while await test_reembed.round_(store, size=DIMENSION):
            pass
        await store.finish_reembed()
        query = unit(test_reembed.hash_of("content of m7"))
        assert (await store.search_vector("a", query, 5, ALL))[0].memory_id == "m7"


async def test_an_index_of_an_older_server_is_made_anew(
    opened: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade of the server from a version whose index cannot filter."""
    from coda_graphmem.store.neo4j import dialect, searching

    monkeypatch.setattr(searching, "EXACT_BELOW", 10)
    with monkeypatch.context() as older:
        older.setattr(dialect, "_FILTERED_SEARCH", (9999, 1))
        async with opened() as store:
            await store.insert("a", [new(f"m{i}") for i in range(60)], reinforcement=0.1)
            assert not store._open.dialect.filters_in_index
    async with opened(bind=False) as store:
        assert (await store.search_vector("a", unit(7), 5, ALL))[0].memory_id == "m7"
        filters = store._open.dialect.filters_in_index
    with driver_of(server) as driver:
        [[properties]] = show(driver, "SHOW VECTOR INDEXES YIELD properties RETURN properties")
    assert properties == (["embedding", "scope", "epoch"] if filters else ["embedding"])


async def test_the_schema_is_made_once_by_whoever_comes_first(opened: Any, server: Server) -> None:
    async with opened(), opened(), contextlib.AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(opened()) for _ in range(4)))
    with driver_of(server) as driver:
        made = {name for [name] in show(driver, "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name")}
        states = show(driver, "SHOW INDEXES YIELD state RETURN DISTINCT state")
    assert len(made) == len([name for name in names("schema") if "/constraint" in name or "/index" in name]) + 2
    assert states == [["ONLINE"]]


@pytest.mark.parametrize("compression", [True, False])
async def test_compression_quantises_the_index(opened: Any, server: Server, compression: bool) -> None:
    async with opened(enable_compression=compression):
        pass
    with driver_of(server) as driver:
        [[options]] = show(driver, "SHOW VECTOR INDEXES YIELD options RETURN options")
    settings = options["indexConfig"]
    # The name of the setting differs between the generations; either takes the older one.
    quantised = settings.get("vector.quantization.enabled", settings.get("vector.quantization.type") != "NONE")
    assert quantised is compression


async def test_no_vector_index_without_vectors(opened: Any, server: Server) -> None:
    async with opened(bind=False, enable_semantic_search=False) as store:
        await store.insert("a", [new("m1", embedding=None)], reinforcement=0.1)
        assert await store.search_vector("a", unit(1), 5, ALL) == []
        assert (await store.info()).embedding_model is None
    with driver_of(server) as driver:
        assert show(driver, "SHOW VECTOR INDEXES YIELD name RETURN name") == []


async def test_the_model_is_recorded_with_the_first_vectors(opened: Any) -> None:
    async with opened(bind=False) as store:
        await store.bind_model("one", DIMENSION)
        await store.bind_model("two", 8)
        assert ((await store.info()).embedding_model, (await store.info()).dimension) == ("two", 8)
        await store.insert("a", [new("m1", embedding=unit(1, 8))], reinforcement=0.1)
        for model, dimension in (("one", 8), ("two", 9)):
            with pytest.raises(EmbeddingMismatchError) as caught:
                await store.bind_model(model, dimension)
            assert caught.value.field == "embedding_model"
            assert "reembed" in str(caught.value)
        assert (await store.search_vector("a", unit(1, 8), 1, ALL))[0].memory_id == "m1"


async def test_a_newer_schema_is_refused(opened: Any, server: Server) -> None:
    async with opened():
        pass
    with driver_of(server) as driver:
        driver.execute_query("MATCH (meta:GraphMemoryMeta) SET meta.schema_version = 99")
    with pytest.raises(VectorStoreError, match="schema version 99") as caught:
        async with opened():
            pass
    assert caught.value.remedy is not None


async def test_a_server_that_goes_and_comes_back(private_neo4j: JavaServer, server: Server) -> None:
    """Ten tasks write and search while the server is killed and started again: nothing is lost or doubled."""
    acknowledged: list[str] = []
    enough = asyncio.Event()
    wanted = 10_000

    async def work(store: Neo4jStore, number: int) -> None:
        i = 0
        while not enough.is_set():
            i += 1
            row = new(f"t{number}n{i}", entities=["a", f"b{i % 3}"], conversation_id=f"c{number}", timestamp=float(i))
            [stored] = await store.insert("ns", [row], reinforcement=0.1)
            acknowledged.append(stored.memory_id)
            if len(acknowledged) >= wanted:
                enough.set()
            await store.search_vector("ns", unit(i), 3, ALL)
            await store.search_text("ns", ["content"], 3, ALL, None)

    patient = open_store(server, neo4j_max_transaction_retry_time=120.0)
    hasty = open_store(server, neo4j_max_transaction_retry_time=1.0, neo4j_query_timeout=2.0)
    async with patient as store, hasty as other:
        tasks = [asyncio.create_task(work(store, number)) for number in range(10)]
        while len(acknowledged) < 20:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.to_thread(private_neo4j.stop, force=True)
        for call in (other.insert("x", [new("m2")], reinforcement=0.1), other.search_vector("ns", unit(1), 3, ALL)):
            started = time.monotonic()
            with pytest.raises(StoreUnavailableError) as caught:
                await call
            assert time.monotonic() - started < 5.0
            assert caught.value.remedy is not None
        await asyncio.to_thread(private_neo4j.start)
        wanted = len(acknowledged) + 10
        async with asyncio.timeout(120):
            await asyncio.gather(*tasks)
        # The hasty one goes on, too, once the server is back; another that opens now finds all there is.
        kept = [memory.memory_id for memory in await other.find("ns", ALL, now=0.0)]
        assert await other.namespaces() == ["ns"]
    async with open_store(server) as later:
        assert (await later.info()).embedding_model == MODEL
        best = (await later.search_vector("ns", unit(11), 1, ALL))[0]
        assert best.similarity == pytest.approx(1.0, abs=1e-3)
    assert len(kept) == len(set(kept))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= set(kept)
    check_graph(server, "")
