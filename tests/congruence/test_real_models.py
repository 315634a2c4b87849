"""The sample conversation on the real models: both stores give nearly the same answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.demo.sample import QUESTIONS, read_sample
from coda_graphmem.importing import Loader
from scripts.neo4j_server import JavaServer
from tests.servers import describe

#: Of the best ten, at least so many are the same.
SHARED = {"vector": 9, "text": 8, "hybrid": 9, "graph": 9}


@pytest.fixture
async def pair(tmp_path: Path, private_neo4j: JavaServer) -> AsyncIterator[tuple[MemoryManager, MemoryManager]]:
    """The sample in a file and on a server of its own, whose one database has one model."""
    configs = (
        MemoryConfig(vector_store={"persist_directory": tmp_path}),
        MemoryConfig(vector_store_type="neo4j", neo4j=describe("", private_neo4j).config()),
    )
    async with AsyncExitStack() as stack:
        managers = [await stack.enter_async_context(MemoryManager(config)) for config in configs]
        for manager in managers:
            await Loader(manager).load(read_sample())
        yield managers[0], managers[1]


async def test_the_best_ten_of_both_stores(pair: tuple[MemoryManager, MemoryManager]) -> None:
    embedded, neo4j = pair
    assert (await embedded.get_memory_stats()).total_memories == len(read_sample())
    for mode, shared in SHARED.items():
        for question in QUESTIONS:
            ids = [
                {m.memory_id for m in await store.retrieve_memories(question.text, mode=mode, min_relevance=0.0)}
                for store in pair
            ]
            assert len(ids[0]) == len(ids[1])
            assert len(ids[0] & ids[1]) >= min(shared, len(ids[0])), (mode, question.text)
    one, other = await embedded.list_entities(limit=1000), await neo4j.list_entities(limit=1000)
    assert one == other
