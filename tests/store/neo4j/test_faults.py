"""Errors of driver and server become ours, and say what to do."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable
from functools import partial

import pytest
from neo4j import exceptions as driver

from coda_graphmem.config import MemoryConfig, Neo4jConfig
from coda_graphmem.errors import (
    GraphMemoryError,
    MemoryStorageError,
    NotInitializedError,
    StoreUnavailableError,
    VectorStoreError,
)
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j import Neo4jStore
from coda_graphmem.store.neo4j.connection import Connection
from coda_graphmem.store.neo4j.faults import is_passing, translate
from scripts.neo4j_server import free_port
from tests.servers import Server
from tests.store.factory import new
from tests.store.neo4j.conftest import opened

SECRET = "correct-horse-battery"


def of_server(code: str) -> driver.Neo4jError:
    return driver.Neo4jError._hydrate_neo4j(code=code, message="Node(7) with `content` = 'private words'")


@pytest.mark.parametrize(
    ("error", "kind", "field"),
    [
        (driver.AuthError("no"), VectorStoreError, "neo4j.password"),
        (of_server("Neo.ClientError.Security.Unauthorized"), VectorStoreError, "neo4j.password"),
        (of_server("Neo.ClientError.Security.AuthenticationRateLimit"), VectorStoreError, "neo4j.password"),
        (of_server("Neo.ClientError.Database.DatabaseNotFound"), VectorStoreError, "neo4j.database"),
        (of_server("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase"), MemoryStorageError, "neo4j.username"),
        (of_server("Neo.ClientError.Security.Forbidden"), MemoryStorageError, "neo4j.username"),
        (
            of_server("Neo.TransientError.General.MemoryPoolOutOfMemoryError"),
            MemoryStorageError,
            "vector_store.max_batch_size",
        ),
        (of_server("Neo.ClientError.Schema.ConstraintValidationFailed"), MemoryStorageError, "neo4j.database"),
        (of_server("Neo.ClientError.Transaction.TransactionTimedOut"), StoreUnavailableError, "neo4j.query_timeout"),
        (of_server("Neo.TransientError.Transaction.DeadlockDetected"), StoreUnavailableError, "neo4j.uri"),
        (driver.ServiceUnavailable("gone"), StoreUnavailableError, "neo4j.uri"),
        (driver.SessionExpired("gone"), StoreUnavailableError, "neo4j.uri"),
        (TimeoutError(), StoreUnavailableError, "neo4j.uri"),
        (driver.ConfigurationError("odd"), VectorStoreError, "neo4j.uri"),
        (of_server("Neo.ClientError.Statement.SyntaxError"), MemoryStorageError, "neo4j"),
    ],
)
def test_each_error_has_its_counterpart(error: Exception, kind: type[GraphMemoryError], field: str) -> None:
    ours = translate(error, Neo4jConfig(password=SECRET), writing=True)
    assert type(ours) is kind
    assert ours.field == field
    assert ours.remedy or field == "neo4j"
    assert "private" not in str(ours)
    assert SECRET not in f"{ours} {ours!r}"


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (of_server("Neo.TransientError.Transaction.DeadlockDetected"), True),
        (of_server("Neo.TransientError.Transaction.LockClientStopped"), True),
        (of_server("Neo.ClientError.Transaction.LockClientStopped"), True),
        (of_server("Neo.TransientError.Transaction.Terminated"), True),
        (of_server("Neo.TransientError.General.DatabaseUnavailable"), True),
        (of_server("Neo.ClientError.Cluster.NotALeader"), True),
        (of_server("Neo.ClientError.Statement.EntityNotFound"), True),
        (driver.IncompleteCommit("gone"), True),
        (driver.ServiceUnavailable("gone"), True),
        (driver.ConnectionAcquisitionTimeoutError("none free"), True),
        (of_server("Neo.ClientError.Transaction.TransactionTimedOut"), False),
        (of_server("Neo.ClientError.Schema.ConstraintValidationFailed"), False),
        (of_server("Neo.ClientError.Statement.SyntaxError"), False),
        (driver.AuthError("no"), False),
        (ValueError(), False),
    ],
)
def test_what_passes_is_tried_again(error: Exception, passing: bool) -> None:
    assert is_passing(error) is passing


def test_a_query_that_fails_is_no_failed_write() -> None:
    for code in ("Neo.ClientError.Statement.SyntaxError", "Neo.TransientError.General.OutOfMemoryError"):
        assert type(translate(of_server(code), Neo4jConfig(), writing=False)) is VectorStoreError


async def test_a_wrong_password(neo4j_server: Server) -> None:
    with pytest.raises(VectorStoreError) as caught:
        async with opened(neo4j_server, neo4j_password=SECRET):
            pass
    assert caught.value.field == "neo4j.password"
    assert "NEO4J_PASSWORD" in str(caught.value)
    assert SECRET not in str(caught.value)


async def test_a_wrong_database(neo4j_server: Server) -> None:
    with pytest.raises(VectorStoreError, match="nowhere") as caught:
        async with opened(neo4j_server, neo4j_database="nowhere"):
            pass
    assert caught.value.field == "neo4j.database"


async def test_a_server_that_is_not_there() -> None:
    unreachable = Neo4jConfig(
        uri=f"neo4j://127.0.0.1:{free_port()}", password=SECRET, max_transaction_retry_time=1.0, query_timeout=2.0
    )
    started = time.monotonic()
    with pytest.raises(StoreUnavailableError) as caught:
        await Neo4jStore(MemoryConfig(vector_store_type="neo4j", neo4j=unreachable)).open()
    assert caught.value.field == "neo4j.uri"
    assert SECRET not in str(caught.value)
    assert time.monotonic() - started < 5.0


async def test_a_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Neo4jConfig(
            uri=f"bolt://127.0.0.1:{silent.getsockname()[1]}",
            password=SECRET,
            max_transaction_retry_time=0.5,
            query_timeout=1.0,
        )
        started = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            await Neo4jStore(MemoryConfig(vector_store_type="neo4j", neo4j=settings)).open()
        assert time.monotonic() - started < 4.0


async def test_nobody_waits_in_the_pool_of_the_driver() -> None:
    """It forgets those who wait while a server dies: no more than have a connection ask it, and not between tries."""
    connection = Connection(Neo4jConfig(max_connection_pool_size=2))
    asking: set[int] = set()
    most, tries = 0, 0

    async def attempt(number: int) -> int:
        nonlocal most, tries
        asking.add(number)
        most, tries = max(most, len(asking)), tries + 1
        await asyncio.sleep(0.001)
        asking.discard(number)
        if tries <= 20:
            raise driver.ServiceUnavailable("gone")
        return number

    def call(number: int) -> Awaitable[int]:
        return connection._repeat(partial(attempt, number), writing=False, seconds=10.0)

    assert await asyncio.gather(*map(call, range(20))) == list(range(20))
    assert (most, tries) == (2, 40)


async def test_a_connection_is_not_waited_for_longer_than_is_set() -> None:
    connection = Connection(
        Neo4jConfig(max_connection_pool_size=1, connection_acquisition_timeout=0.05, max_transaction_retry_time=0.1)
    )
    connection._driver = object()  # type: ignore[assignment]  # it is open
    done = asyncio.Event()
    taken = asyncio.create_task(connection._repeat(done.wait, writing=False, seconds=10.0))
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailableError):
        await connection._repeat(done.wait, writing=False, seconds=10.0)
    done.set()
    assert await taken
    assert await connection._repeat(done.wait, writing=False, seconds=10.0)


async def test_calls_before_and_after(neo4j_server: Server) -> None:
    store = Neo4jStore(MemoryConfig(vector_store_type="neo4j", neo4j=neo4j_server.config()))
    with pytest.raises(NotInitializedError):
        await store.records.get("ns", ["m1"])
    await store.open()
    await store.open()
    await store.close()
    await store.close()
    with pytest.raises(NotInitializedError):
        await store.records.insert("ns", [new("m1", embedding=None)], reinforcement=0.1)


async def test_a_slow_query_is_ended_by_the_server(neo4j_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from coda_graphmem.store.neo4j import connection

    async with opened(neo4j_server) as store:
        # Only the slow query has so little time: a server that has just started takes longer to open a store.
        held = store._database.connection
        monkeypatch.setattr(held, "config", held.config.model_copy(update={"query_timeout": 0.3}))
        slow = "UNWIND range(1, 100000000) AS i WITH i WHERE i % 7 = 0 RETURN sum(i) AS memories"
        monkeypatch.setattr(connection, "asked", lambda name, parameters: slow)
        with pytest.raises(StoreUnavailableError) as caught:
            await store.records.count("ns", MemoryFilter(min_importance=0.5), now=0.0)
    assert caught.value.field in ("neo4j.query_timeout", "neo4j.uri")


def test_no_secret_in_a_repr() -> None:
    config = MemoryConfig(vector_store_type="neo4j", neo4j={"password": SECRET})
    assert SECRET not in f"{config!r} {config.neo4j!r} {Neo4jStore(config)!r}"
