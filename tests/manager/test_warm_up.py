"""What a memory loads when it opens, and what it leaves for later."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.fakes import NameExtractor, WordEmbedder

LOADED: list[str] = []


class Embedder(WordEmbedder):
    def load(self) -> None:
        LOADED.append("embedder")


class Extractor(NameExtractor):
    def load(self) -> None:
        LOADED.append("extractor")


@pytest.fixture
def memory(tmp_path: Path) -> MemoryManager:
    LOADED.clear()
    config = MemoryConfig(maintenance={"enabled": False}, vector_store={"persist_directory": tmp_path})
    return MemoryManager(config, embedder=Embedder(), extractor=Extractor())


async def settled(memory: MemoryManager) -> list[str]:
    """What was loaded once the background is done."""
    task = memory.lifecycle._warm_up
    if task is not None:
        await asyncio.wait_for(asyncio.shield(task), 10.0)
    return list(LOADED)


async def test_opening_loads_what_answers_need_and_warming_up_all(memory: MemoryManager) -> None:
    await memory.initialize()
    assert await settled(memory) == ["embedder"]
    await memory.retrieve_memories("who")
    assert LOADED == ["embedder"]
    await memory.warm_up()
    assert "extractor" in LOADED
    await memory.cleanup()


async def test_opening_may_leave_all_to_later(memory: MemoryManager) -> None:
    await memory.initialize(warm_up=False)
    assert await settled(memory) == []
    await memory.cleanup()
