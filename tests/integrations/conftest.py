"""Fixtures of the adapters' tests, and what says loudly that a framework is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, SyncMemoryManager
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder


@pytest.fixture
async def plain(config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    """An open asynchronous memory on the stand-in models."""
    async with open_memory(config, clock) as manager:
        yield manager


@pytest.fixture
def waiting(config: MemoryConfig, clock: Clock) -> Iterator[SyncMemoryManager]:
    """An open synchronous memory on the stand-in models."""
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor(), clock=clock) as manager:
        yield manager
