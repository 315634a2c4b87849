"""The same upkeep in every store: each test takes an open store and a namespace that nobody else has."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.chroma import ChromaStore
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryStore
from tests.store.factory import DIMENSION, MODEL

#: Stores that do upkeep in a way of their own.
KINDS = ["embedded"]

#: For tests in which vectors matter: Chroma shares all the rest with the embedded store.
with_vectors = pytest.mark.parametrize("store", [*KINDS, "chroma"], indirect=True)


def make(kind: str, folder: Path) -> MemoryStore:
    place = {"persist_directory": folder}
    if kind == "chroma":
        return ChromaStore(MemoryConfig(vector_store_type="chroma", vector_store=place))
    return EmbeddedStore(MemoryConfig(vector_store=place))


@pytest.fixture
def ns() -> str:
    return f"upkeep-{uuid.uuid4().hex}"


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryStore]:
    one = make(request.param, tmp_path / "memory")
    await one.open()
    await one.bind_model(MODEL, DIMENSION)
    yield one
    await one.close()


def other(ns: str) -> str:
    """Another tenant's namespace."""
    return f"{ns}-other"
