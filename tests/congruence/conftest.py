"""The same empty memory in every store that is at hand."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.congruence.stores import Stores
from tests.fakes import Clock, NameExtractor, WordEmbedder
from tests.servers import Server


def settings(directory: Path, servers: Sequence[Server]) -> dict[str, MemoryConfig]:
    """One configuration a store, all in a namespace of their own."""
    common = {"namespace": f"congruence-{uuid.uuid4().hex}"}
    return {
        "embedded": MemoryConfig(vector_store={"persist_directory": directory / "embedded"}, **common),
        "chroma": MemoryConfig(
            vector_store_type="chroma", vector_store={"persist_directory": directory / "chroma"}, **common
        ),
        **{
            f"neo4j {server.generation}": MemoryConfig(vector_store_type="neo4j", neo4j=server.config(), **common)
            for server in servers
        },
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
async def stores(tmp_path: Path, neo4j_servers: list[Server]) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        opened = await open_all(stack, settings(tmp_path, neo4j_servers))
        yield opened
        for manager in opened.managers.values():
            for namespace in await manager.list_namespaces():
                if namespace.startswith(manager.namespace):
                    await manager.for_namespace(namespace).forget(everything=True)
