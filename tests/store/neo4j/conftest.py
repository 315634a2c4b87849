"""Fixtures for the Neo4j store."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.neo4j import Neo4jStore
from tests.servers import Server
from tests.store.embedded import test_namespaces, test_removal, test_writes
from tests.store.factory import opening
from tests.store.neo4j.consistency import check_graph
from tests.store.neo4j.tenancy import Tenancy


def opened(server: Server, *, bind: bool = True, **settings: Any) -> contextlib.AbstractAsyncContextManager[Neo4jStore]:
    """A store on a server; keywords starting with ``neo4j_`` are settings of the connection."""
    connection = {key.removeprefix("neo4j_"): settings.pop(key) for key in list(settings) if key.startswith("neo4j_")}
    store = Neo4jStore(MemoryConfig(vector_store_type="neo4j", neo4j=server.config(**connection), **settings))
    return opening(store, bind=bind)


@pytest.fixture
async def store(neo4j_server: Server) -> AsyncIterator[Tenancy]:
    """An empty store, on each server in turn."""
    async with opened(neo4j_server) as inner:
        tenancy = Tenancy(inner)
        yield tenancy
        await tenancy.clean()


@pytest.fixture
def file(store: Tenancy, neo4j_server: Server, monkeypatch: pytest.MonkeyPatch) -> Tenancy:
    """Where the embedded store's tests look into its file, look into the graph."""

    def check(tenancy: Tenancy) -> None:
        check_graph(neo4j_server, tenancy.prefix)

    for module in (test_namespaces, test_removal, test_writes):
        monkeypatch.setattr(module, "check_consistency", check)
    return store
