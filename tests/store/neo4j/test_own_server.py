"""What only a server of one's own can show: its end and its return, its schema, and another embedding model."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from types import FunctionType
from typing import Any, TypeVar

import numpy as np
import pytest

from coda_graphmem.errors import (
    EmbeddingMismatchError,
    MemoryStorageError,
    NotInitializedError,
    StoreUnavailableError,
    VectorStoreError,
)
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j import Neo4jStore, reads, schema, search
from coda_graphmem.store.neo4j.statements import names
from coda_graphmem.store.protocol import MemoryChanges, Repaired, TextMatches
from coda_graphmem.where import read_where
from scripts.neo4j_server import JavaServer
from tests.servers import Server, clear, describe, driver_of, show, show_schema
from tests.store.embedded import test_reembed
from tests.store.factory import DIMENSION, MODEL, new, towards, unit
from tests.store.neo4j.conftest import opened as open_store
from tests.store.neo4j.consistency import check_graph
from tests.store.parts.build import run

ALL = MemoryFilter()
#: More than the driver has connections.
_TASKS = 60
T = TypeVar("T")


@pytest.fixture(scope="module")
def whole(private_neo4j: JavaServer) -> list[list[Any]]:
    """The indexes and constraints of a store that has no vectors yet, as the server shows them."""
    found = describe("", private_neo4j)

    async def make() -> None:
        async with open_store(found, bind=False):
            pass

    asyncio.run(make())
    with driver_of(found) as driver:
        return show_schema(driver)


@pytest.fixture
def server(private_neo4j: JavaServer, whole: list[list[Any]]) -> Server:
    """The server, with no data and no vectors, but with the schema of a store.

    To make all of it anew takes a server longer than most tests do, so only what another test has changed goes; the
    store makes what is missing. What is about making the whole takes ``bare`` too.
    """
    found = describe("", private_neo4j)
    with driver_of(found) as driver:
        clear(driver, kept=whole)
    return found


@pytest.fixture
def bare(server: Server) -> None:
    """The server, with nothing in it at all."""
    with driver_of(server) as driver:
        clear(driver, kept=[])


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


#: Each test changes the schema, after which all is planned anew: what does not differ between the generations is tried
#: on one.
on_one = pytest.mark.parametrize("private_neo4j", ["2026"], indirect=True)

# What the embedded store's tests demand of re-embedding, demanded of Neo4j; marks are those of the copies.
for _name, _value in vars(test_reembed).items():
    if _name.startswith("test_") and inspect.iscoroutinefunction(_value):
        _copy = FunctionType(_value.__code__, vars(test_reembed), _name, _value.__defaults__)
        _copy.__dict__.update(_value.__dict__)
        globals()[_name] = on_one(_copy)


async def test_a_change_of_the_model_leaves_nothing_of_the_old(opened: Any, server: Server) -> None:
    async with opened() as store:
        await test_reembed.fill(store)
        await test_reembed.round_(store)
        await store.vectors.finish_reembed()
    with driver_of(server) as driver:
        assert show(driver, "MATCH (m:Memory) WHERE m.embedding IS NOT NULL RETURN m.memory_id") == []
        indexes = show(driver, "SHOW VECTOR INDEXES YIELD name, options RETURN name, options")
    assert [name for name, _ in indexes] == ["memory_embedding_alternate"]
    assert indexes[0][1]["indexConfig"]["vector.dimensions"] == test_reembed.SIZE


async def test_an_index_is_searched_after_the_model_has_changed(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "EXACT_BELOW", 10)
    async with opened() as store:
        await store.records.insert("a", [new(f"m{i}") for i in range(60)], reinforcement=0.1)
        assert (await store.search.search_vector("a", unit(7), 5, ALL))[0].memory_id == "m7"
        while await test_reembed.round_(store, size=DIMENSION):
            pass
        await store.vectors.finish_reembed()
        query = unit(test_reembed.hash_of("content of m7"))
        assert (await store.search.search_vector("a", query, 5, ALL))[0].memory_id == "m7"


async def test_an_index_of_an_older_server_is_made_anew(
    opened: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade of the server from a version whose index cannot filter."""
    from coda_graphmem.store.neo4j import dialect

    monkeypatch.setattr(reads, "EXACT_BELOW", 10)
    with monkeypatch.context() as older:
        older.setattr(dialect, "_FILTERED_SEARCH", (9999, 1))
        async with opened() as store:
            await store.records.insert("a", [new(f"m{i}") for i in range(60)], reinforcement=0.1)
            assert not store._database.dialect.filters_in_index
    async with opened(bind=False) as store:
        assert (await store.search.search_vector("a", unit(7), 5, ALL))[0].memory_id == "m7"
        filters = store._database.dialect.filters_in_index
    with driver_of(server) as driver:
        [[properties]] = show(driver, "SHOW VECTOR INDEXES YIELD properties RETURN properties")
    assert properties == (["embedding", "scope", "epoch"] if filters else ["embedding"])


async def test_the_schema_is_made_once_by_whoever_comes_first(opened: Any, server: Server, bare: None) -> None:
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
        await store.records.insert("a", [new("m1", embedding=None)], reinforcement=0.1)
        assert await store.search.search_vector("a", unit(1), 5, ALL) == []
        assert (await store.info()).embedding_model is None
    with driver_of(server) as driver:
        assert show(driver, "SHOW VECTOR INDEXES YIELD name RETURN name") == []


async def test_the_model_is_recorded_with_the_first_vectors(opened: Any) -> None:
    async with opened(bind=False) as store:
        await store.vectors.bind_model("one", DIMENSION)
        await store.vectors.bind_model("two", 8)
        assert ((await store.info()).embedding_model, (await store.info()).dimension) == ("two", 8)
        await store.records.insert("a", [new("m1", embedding=unit(1, 8))], reinforcement=0.1)
        for model, dimension in (("one", 8), ("two", 9)):
            with pytest.raises(EmbeddingMismatchError) as caught:
                await store.vectors.bind_model(model, dimension)
            assert caught.value.field == "embedding_model"
            assert "reembed" in str(caught.value)
        assert (await store.search.search_vector("a", unit(1, 8), 1, ALL))[0].memory_id == "m1"


async def test_a_newer_schema_is_refused(opened: Any, server: Server) -> None:
    async with opened():
        pass
    with driver_of(server) as driver:
        driver.execute_query("MATCH (meta:GraphMemoryMeta) SET meta.schema_version = 99")
    with pytest.raises(VectorStoreError, match="schema version 99") as caught:
        async with opened():
            pass
    assert caught.value.remedy is not None


#: What turns a database into one that version 1 of the schema left behind.
_VERSION_1 = (
    "MATCH (meta:GraphMemoryMeta) SET meta.schema_version = 1",
    "MATCH (m:Memory) REMOVE m.changed_at",
    "MATCH (n:Namespace) REMOVE n.revision",
    "MATCH (m:Memory) REMOVE m.last_said_at",
    "MATCH (m:Memory) REMOVE m.version, m.version_operation, m.version_at, m.version_actor",
    "MATCH (v:MemoryVersion) DETACH DELETE v",
    "MATCH (m:Memory {memory_id: 'm4'}) "
    "SET m.content = '花生过敏吗\uff1f', m.search_text = '花生过敏吗', m.word_count = 1",
    "MATCH (lock:WriteLock) DELETE lock",
)
_SINCE_VERSION_2 = {
    "memory_end",
    *("memory_changes", "similar_run", "setting_key", "write_lock"),
    *("fact_id", "fact_slot", "subject_key", "statement_slot", "memory_over", "memory_replaced", "memory_unread"),
}


async def test_a_database_of_version_1(opened: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_MIGRATED_AT_ONCE", 2)
    monkeypatch.setattr(schema, "_FOLDED_AT_ONCE", 2)
    rows = [new(f"m{i}", entities=["e"], conversation_id="c", dedup_key=f"k{i}") for i in range(5)]
    again = new("again", "content of m1", conversation_id="d", timestamp=7000.0, dedup_key="k1")
    async with opened() as store:
        for name in ("a", "b"):
            await store.records.insert(name, [*rows, new("s9", expires_at=9000.0)], reinforcement=0.1)
            await store.records.insert(name, [again], reinforcement=0.1)
            await store.records.update(name, "m3", MemoryChanges(importance_score=0.9, updated_at=2500.0))
    with driver_of(server) as driver:
        for query in _VERSION_1:
            driver.execute_query(query)
        constraints = {name for [name] in show(driver, "SHOW CONSTRAINTS YIELD name RETURN name")}
        for name in _SINCE_VERSION_2:
            driver.execute_query(f"DROP CONSTRAINT {name}" if name in constraints else f"DROP INDEX {name}")
    async with opened() as store, opened() as other:
        assert (await store.info()).schema_version == schema.SCHEMA_VERSION
        assert await store.changes.find_touched("a", 0.0) == [f"m{i}" for i in range(5)]
        assert await other.changes.find_touched("b", 2500.0) == ["m3"]
        assert (await store.health.diagnose("a", now=0.0)).offline_indexes == []
        found = await store.search.search_text("b", ["花生"], 9, ALL)
        assert [(c.memory_id, c.word_count, c.is_question) for c in found.found] == [("m4", 3, True)]
        assert (await store.records.get("b", ["m1"]))[0].last_said_at == 7000.0
        unread = await store.facts.unread("a", limit=9)
        assert [memory.memory_id for memory in unread] == [*(f"m{i}" for i in range(5)), "s9"]
        assert len(await store.facts.unread(None, limit=99)) == 12
        assert [one.operation for one in await store.facts.versions("a", "m3")] == ["created"]
        revision = await store.changes.revision("a")
        assert revision > 0
        await store.records.record_access("a", {"m1": 1}, 2600.0)
        assert await store.changes.revision("a") == revision
        await store.records.archive("a", ["m1"], 2600.0)
        assert await store.changes.revision("a") > revision
        await store.records.promote("b", "s9", dedup_key=None, at=3000.0)
        assert (await store.changes.find_touched("b", 3000.0)) == ["s9"]
    with driver_of(server) as driver:
        made = {name for [name] in show(driver, "SHOW INDEXES YIELD name RETURN name")}
    assert made >= _SINCE_VERSION_2
    check_graph(server, "")


#: What turns a database into one that version 4 of the schema left behind.
_VERSION_4 = (
    "MATCH (meta:GraphMemoryMeta) SET meta.schema_version = 4",
    "MATCH (m:Memory) REMOVE m.value_keys, m.value_texts",
    "DROP INDEX memory_end",
    "DROP INDEX memory_text",
    "CREATE FULLTEXT INDEX memory_text FOR (m:Memory) ON EACH [m.search_text, m.scope] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}",
)


async def test_a_database_of_version_4(opened: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_FOLDED_AT_ONCE", 2)
    rows = [
        new(f"m{i}", "words", entities=["tea"] if i == 3 else [], metadata={"n": i, "in": {"k": ["x", i]}})
        for i in range(5)
    ]
    asked = MemoryFilter(
        where=read_where({"$or": [{"metadata.n": {"$gte": 4}}, {"metadata.in.k": 1}, {"entities": "tea"}]})
    )
    async with opened() as store:
        for name in ("a", "b"):
            await store.records.insert(name, [*rows, new("s9", expires_at=9000.0)], reinforcement=0.1)
    with driver_of(server) as driver:
        for query in _VERSION_4:
            driver.execute_query(query)
        # As if it had been stopped in between.
        driver.execute_query("MATCH (m:Memory {namespace: 'a', memory_id: 'm0'}) SET m.value_keys = ['kept']")
    async with opened() as store:
        assert (await store.info()).schema_version == schema.SCHEMA_VERSION
        assert (await store.health.diagnose("a", now=0.0)).offline_indexes == []
        for name in ("a", "b"):
            expected = {"m1", "m3", "m4"}
            assert {one.memory_id for one in await store.records.find(name, asked, now=0.0)} == expected
            found = await store.search.search_text(name, ["words"], 9, asked)
            assert {one.memory_id for one in found.found} == expected
    with driver_of(server) as driver:
        [[kept]] = show(driver, "MATCH (m:Memory {namespace: 'a', memory_id: 'm0'}) RETURN m.value_keys")
        assert kept == ["kept"]
        [[over]] = show(driver, "SHOW INDEXES YIELD name, properties WHERE name = 'memory_text' RETURN properties")
        assert over == ["search_text", "scope", "value_keys"]
        driver.execute_query("MATCH (m:Memory {namespace: 'a', memory_id: 'm0'}) DETACH DELETE m")
        driver.execute_query("MATCH (n:Namespace {name: 'a'}) SET n.memory_count = n.memory_count - 1")
    check_graph(server, "")


async def test_missing_indexes_and_vectors_of_a_wrong_length_are_made_anew(opened: Any, server: Server) -> None:
    async with opened() as store:
        await store.records.insert("a", [new(f"m{i}") for i in range(4)], reinforcement=0.1)
        await store.records.insert("b", [new("m9")], reinforcement=0.1)
        with driver_of(server) as driver:
            driver.execute_query("DROP INDEX memory_embedding")
            driver.execute_query("DROP INDEX memory_text")
            driver.execute_query("MATCH (m:Memory {memory_id: 'm1'}) SET m.embedding = [1.0, 0.0]")
        found = await store.health.diagnose("a", now=0.0)
        assert (found.offline_indexes, found.without_text) == (["memory_embedding", "memory_text"], 4)
        assert found.wrong_vectors == 1
        assert await store.health.repair("a") == Repaired(text_rows=4, vectors=1)
        found = await store.health.diagnose("a", now=0.0)
        assert (found.offline_indexes, found.without_text, found.wrong_vectors) == ([], 0, 0)
        assert [c.memory_id for c in (await store.search.search_text("a", ["m2"], 9, ALL)).found] == ["m2"]
        with driver_of(server) as driver:
            driver.execute_query("DROP INDEX memory_arrival")
        found = await store.health.diagnose("a", now=0.0)
        assert (found.offline_indexes, found.live, found.recorded_live) == (["memory_arrival"], 4, 4)
        assert await store.health.repair("a") == Repaired()
        assert (await store.health.diagnose("a", now=0.0)).offline_indexes == []
        pending = await store.vectors.pending_reembed(MODEL, DIMENSION, 9)
        assert [memory_id for _, memory_id, _ in pending] == ["m1"]
        assert await store.vectors.reembed_progress() == (4, 5)
        with pytest.raises(MemoryStorageError):
            await store.vectors.finish_reembed()
        await store.vectors.save_reembedded([(*row, unit(1)) for row in pending])
        await store.vectors.finish_reembed()
        assert {c.memory_id for c in await store.search.search_vector("a", unit(1), 9, ALL)} == {
            f"m{i}" for i in range(4)
        }
        assert (await store.health.diagnose("a", now=0.0)).wrong_vectors == 0


async def test_what_somebody_removes_is_gone_without_until_the_store_is_opened_again(
    opened: Any, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reads, "EXACT_BELOW", 2)
    async with opened() as store:
        await store.records.insert("a", [new(f"m{i}", "words") for i in range(4)], reinforcement=0.1)
        with driver_of(server) as driver:
            for name in ("memory_text", "memory_embedding", "memory_arrival"):
                driver.execute_query(f"DROP INDEX {name}")
            driver.execute_query("MATCH (lock:WriteLock) DELETE lock")
            driver.execute_query("DROP CONSTRAINT write_lock")
        for _ in range(2):
            assert await store.search.search_text("a", ["words"], 9, ALL) == TextMatches([], [0], 4)
            assert (await store.search.search_vector("a", unit(2), 1, ALL))[0].memory_id == "m2"
            assert len((await store.search.nearest("a", ["m1"], limit=2, min_similarity=-1.0))["m1"]) == 2
        assert ["is missing" in record.message for record in caplog.records] == [True]
        with pytest.raises(MemoryStorageError) as caught:
            await store.records.insert("a", [new("m9")], reinforcement=0.1)
        assert "Open the store again" in str(caught.value.remedy)
        with pytest.raises(MemoryStorageError, match="lock"):
            await store.jobs.acquire_lease("job", "holder", 1.0)
        with pytest.raises(MemoryStorageError, match="lock"):
            await store.jobs.save_run(run("r1", "job", None))
    async with opened() as store:
        assert (await store.health.diagnose("a", now=0.0)).offline_indexes == []
        assert len((await store.search.search_text("a", ["words"], 9, ALL)).found) == 4
        await store.records.insert("a", [new("m9")], reinforcement=0.1)
        assert len(await store.search.search_vector("a", unit(2), 9, ALL)) == 5
    check_graph(server, "")


async def test_neighbours_come_from_the_index(
    opened: Any, private_neo4j: JavaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A memory that another tenant crowds out of an index without filter is compared with all of its own."""
    monkeypatch.setattr(reads, "EXACT_BELOW", 10)
    monkeypatch.setattr(search, "_MIN_FETCH_NEAREST", 8)
    monkeypatch.setattr(search, "_BLOCK", 25)
    vectors = np.array([towards(unit(1000 + i % 15), 0.9, seed=i) for i in range(60)])
    async with opened() as store:
        crowd = [new(f"x{i}", embedding=towards(vectors[0], 0.99, seed=100 + i)) for i in range(200)]
        await store.records.insert("b", crowd, reinforcement=0.1)
        await store.records.insert("a", [new(f"m{i}", embedding=vectors[i]) for i in range(60)], reinforcement=0.1)
        asked: list[tuple[str, list[str]]] = []
        connection = store._database.connection
        read = connection.read

        async def spy(name: str, **parameters: Any) -> Any:
            asked.append((name.partition("_")[0] + "_" + name.rpartition("_")[2], parameters.get("memory_ids", [])))
            return await read(name, **parameters)

        monkeypatch.setattr(connection, "read", spy)
        ids = [f"m{i}" for i in range(60)]
        found = await store.search.nearest("a", ids, limit=3, min_similarity=0.7)
    cosines = vectors @ vectors.T
    for i, key in enumerate(ids):
        expected = sorted((j for j in range(60) if j != i and cosines[i, j] >= 0.7), key=lambda j: -cosines[i, j])[:3]
        assert [other for other, _ in found[key]] == [f"m{j}" for j in expected]
        assert [cosine for _, cosine in found[key]] == pytest.approx([cosines[i, j] for j in expected], abs=1e-3)
    by_index = [memory_ids for name, memory_ids in asked if name in ("nearest_index", "nearest_filtered")]
    assert [len(memory_ids) for memory_ids in by_index] == [25, 25, 10]
    exact = {key for name, memory_ids in asked if name == "nearest_exact" for key in memory_ids}
    if private_neo4j.distribution.version.startswith("5."):
        assert "m0" in exact
        assert len(exact) < 30
    else:
        assert not exact


async def once_warm(call: Callable[[], Awaitable[T]]) -> T:
    """What a call answers as soon as a server that has just started is quick enough for its patience."""
    async with asyncio.timeout(120):
        while True:
            try:
                return await call()
            except StoreUnavailableError:
                await asyncio.sleep(0.5)


@on_one
async def test_a_server_that_goes_and_comes_back(private_neo4j: JavaServer, server: Server) -> None:
    """Tasks write and search while the server is killed and started again: nothing is lost or doubled."""
    acknowledged: list[str] = []
    enough = asyncio.Event()
    wanted = 10_000

    async def work(store: Neo4jStore, number: int) -> None:
        i = 0
        while not enough.is_set():
            i += 1
            row = new(f"t{number}n{i}", entities=["a", f"b{i % 3}"], conversation_id=f"c{number}", timestamp=float(i))
            [stored] = await store.records.insert("ns", [row], reinforcement=0.1)
            acknowledged.append(stored.memory_id)
            if len(acknowledged) >= wanted:
                enough.set()
            await store.search.search_vector("ns", unit(i), 3, ALL)
            await store.search.search_text("ns", ["content"], 3, ALL)

    patient = open_store(server, neo4j_max_transaction_retry_time=120.0)
    hasty = open_store(server, neo4j_max_transaction_retry_time=1.0, neo4j_query_timeout=2.0)
    closing = open_store(server, neo4j_max_transaction_retry_time=120.0)
    async with patient as store, hasty as other, closing as store_that_closes:
        tasks = [asyncio.create_task(work(store, number)) for number in range(_TASKS)]
        while len(acknowledged) < 20:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.to_thread(private_neo4j.stop, force=True)
        for call in (
            other.records.insert("x", [new("m2")], reinforcement=0.1),
            other.search.search_vector("ns", unit(1), 3, ALL),
        ):
            started = time.monotonic()
            with pytest.raises(StoreUnavailableError) as caught:
                await call
            assert time.monotonic() - started < 5.0
            assert caught.value.remedy is not None
        started = time.monotonic()
        waiting = asyncio.create_task(store_that_closes.records.insert("x", [new("m3")], reinforcement=0.1))
        await asyncio.sleep(0.1)
        await store_that_closes.close()
        with pytest.raises(NotInitializedError):
            await waiting
        assert time.monotonic() - started < 8.0
        await asyncio.to_thread(private_neo4j.start)
        wanted = len(acknowledged) + 10
        async with asyncio.timeout(120):
            await asyncio.gather(*tasks)
        # The hasty one goes on, too, once the server is back and warm; another that opens now finds all there is.
        kept = [memory.memory_id for memory in await once_warm(lambda: other.records.find("ns", ALL, now=0.0))]
        assert await once_warm(other.records.namespaces) == ["ns"]
    async with open_store(server) as later:
        assert (await later.info()).embedding_model == MODEL
        best = (await later.search.search_vector("ns", unit(11), 1, ALL))[0]
        assert best.similarity == pytest.approx(1.0, abs=1e-3)
    assert len(kept) == len(set(kept))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= set(kept)
    check_graph(server, "")
