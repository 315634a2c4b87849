"""Serves the inspector of a folder on the stand-in models: python -m tests.inspector.serve FOLDER."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.inspector.serving import Place, serve
from tests.fakes import NameExtractor, WordEmbedder


def memory_in(folder: Path) -> MemoryManager:
    """A memory on the stand-in models, with the time of this machine."""
    config = MemoryConfig(vector_store={"persist_directory": folder})
    return MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor(), clock=time.time)


async def main() -> None:
    memory = memory_in(Path(sys.argv[1]))
    await memory.initialize(warm_up=False, maintain=False)
    await serve(memory, Place("127.0.0.1", 0, read_only=False), lambda address: print(address, flush=True))
    await memory.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
