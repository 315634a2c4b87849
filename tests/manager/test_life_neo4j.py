"""Connections of Neo4j's driver belong to an event loop and to a process: the memory takes care of both."""

from __future__ import annotations

import asyncio
import gc
import os
import uuid
from collections.abc import Iterator

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.conftest import open_memory
from tests.manager.test_forks import forked
from tests.manager.test_life import in_threads
from tests.servers import Server

#: A loop that ends takes its connections with it, before anybody could close them.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def memory(neo4j_2026: Server) -> Iterator[MemoryManager]:
    config = MemoryConfig(vector_store_type="neo4j", neo4j=neo4j_2026.config(), namespace=f"life-{uuid.uuid4().hex}")
    memory = open_memory(config)
    yield memory
    asyncio.run(memory.cleanup())

    async def empty() -> None:
        async with memory:
            await memory.forget(everything=True)

    asyncio.run(empty())
    # What a loop left behind is freed here, where nobody minds how.
    gc.collect()


def test_three_loops_use_one_memory_at_once(memory: MemoryManager) -> None:
    async def use(name: str) -> None:
        await memory.initialize()
        for i in range(2):
            await memory.store_memory(f"{name} likes tea {i}")
        await memory.retrieve_memories("tea")

    # A server that has just started takes long to make its indexes.
    asyncio.run(memory.initialize())
    assert in_threads(*(lambda name=name: asyncio.run(use(name)) for name in ("Anna", "Tom", "Maria"))) == []
    assert asyncio.run(memory.count()) == 6


def test_a_loop_for_each_call(memory: MemoryManager) -> None:
    asyncio.run(memory.initialize())
    asyncio.run(memory.store_memory("Anna likes tea"))
    assert len(asyncio.run(memory.retrieve_memories("tea"))) == 1
    asyncio.run(memory.cleanup())
    asyncio.run(memory.initialize())
    asyncio.run(memory.cleanup())
    assert not memory.lifecycle.is_open


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own(memory: MemoryManager) -> None:
    async def parent() -> None:
        await memory.initialize()
        await memory.store_memory("Anna likes tea")

        async def child() -> None:
            await memory.store_memory("Tom likes tea")
            assert await memory.count() == 2
            await memory.cleanup()

        assert forked(lambda: asyncio.run(child())) == 0
        assert await memory.count() == 2

    asyncio.run(parent())
