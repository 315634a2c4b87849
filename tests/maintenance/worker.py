"""One of several processes: runs the decay job of a store when it is due, slowly."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from coda_graphmem import MemoryConfig, MemoryManager
from tests.fakes import NameExtractor, WordEmbedder

INTERVAL = 0.4
"""Seconds from the start of one round to the next."""
WORK = 0.3
"""Seconds a round takes."""


def settings(directory: str) -> MemoryConfig:
    maintenance = {"enabled": False, "decay_interval_hours": INTERVAL / 3600, "lease_seconds": 1.0}
    return MemoryConfig(maintenance=maintenance, vector_store={"persist_directory": directory})


async def main(directory: str) -> None:
    async with MemoryManager(settings(directory), embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        store = memory.services.resources.store
        save = store.changes.save_decay

        async def slowly(*arguments: Any) -> int:
            await asyncio.sleep(WORK)
            return await save(*arguments)

        store.changes.save_decay = slowly  # type: ignore[method-assign]
        await memory.start_maintenance(jobs=["decay"])
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
