"""The same empty memory in every store that is at hand."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.congruence.stores import Stores
from tests.fakes import Clock, NameExtractor, WordEmbedder


def settings(directory: Path) -> dict[str, MemoryConfig]:
    """One configuration a store, all in a namespace of their own."""
    common = {"namespace": f"congruence-{uuid.uuid4().hex}"}
    return {
        "embedded": MemoryConfig(vector_store={"persist_directory": directory / "embedded"}, **common),
        "chroma": MemoryConfig(
            vector_store_type="chroma", vector_store={"persist_directory": directory / "chroma"}, **common
        ),
    }


async def open_all(stack: AsyncExitStack, configs: dict[str, MemoryConfig]) -> Stores:
    """Open a manager a configuration, on stand-in models and one clock."""
    clock = Clock()
    managers = {}
    for name, config in configs.items():
        manager = MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor(), clock=clock)
        managers[name] = await stack.enter_async_context(manager)
    return Stores(managers, clock)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        yield await open_all(stack, settings(tmp_path))
