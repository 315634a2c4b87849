"""The same upkeep in every store: each test takes an open store and a namespace that nobody else has."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.factory import make_store
from coda_graphmem.store.protocol import MemoryStore
from tests.servers import Server
from tests.store.factory import DIMENSION, MODEL

#: Stores that do upkeep in a way of their own.
KINDS = ["embedded", "neo4j_5", "neo4j_2026"]

#: For tests in which vectors matter: Chroma shares all the rest with the embedded store.
with_vectors = pytest.mark.parametrize("store", [*KINDS, "chroma"], indirect=True)


def make(kind: str, request: pytest.FixtureRequest, folder: Path) -> MemoryStore:
    if kind.startswith("neo4j"):
        server: Server = request.getfixturevalue(kind)
        return make_store(MemoryConfig(vector_store_type="neo4j", neo4j=server.config()))
    return make_store(MemoryConfig(vector_store_type=kind, vector_store={"persist_directory": folder}))


@pytest.fixture
def ns() -> str:
    return f"upkeep-{uuid.uuid4().hex}"


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path, ns: str) -> AsyncIterator[MemoryStore]:
    one = make(request.param, request, tmp_path / "memory")
    await one.open()
    await one.vectors.bind_model(MODEL, DIMENSION)
    yield one
    if request.param.startswith("neo4j"):
        for name in (ns, other(ns)):
            await one.records.forget(name, None)
    await one.close()


def other(ns: str) -> str:
    """Another tenant's namespace."""
    return f"{ns}-other"
