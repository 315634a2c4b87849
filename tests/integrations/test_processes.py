"""Several programs keep items of one session at the same time, and none is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, SyncMemoryManager
from coda_graphmem.integrations.transcript import Transcript
from tests.fakes import NameExtractor, WordEmbedder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

_WRITER = """
import asyncio, sys
from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.integrations.transcript import Item, Transcript
from tests.fakes import NameExtractor, WordEmbedder

async def main():
    config = MemoryConfig(vector_store={"persist_directory": sys.argv[1]})
    async with MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        for n in range(20):
            await Transcript("c", "test").add(memory, [Item([sys.argv[2], n], f"number {n}", "user")])

asyncio.run(main())
"""


def test_parallel_writers_lose_nothing(config: MemoryConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = str(config.vector_store.persist_directory)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, folder, name]) for name in ("a", "b")]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        items = memory.run(Transcript("c", "test").read)
    assert len(items) == 40
    for name in ("a", "b"):
        assert [number for writer, number in items if writer == name] == list(range(20))
