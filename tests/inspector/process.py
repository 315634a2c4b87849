"""Serves the inspector on the stand-in models: python -m tests.inspector.process; settings come by the environment."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.inspector.server import ServerOptions, serve
from tests.fakes import NameExtractor, WordEmbedder

ROOT = Path(__file__).parents[2]

Settings = Mapping[str, Any]
"""Arguments of `MemoryConfig` that JSON can hold."""

#: Where the settings stand, which no other process sees, as an argument would be.
_VARIABLE = "INSPECTED"


def memory_of(settings: Settings) -> MemoryManager:
    """A memory on the stand-in models, with the time of this machine."""
    return MemoryManager(MemoryConfig(**settings), embedder=WordEmbedder(), extractor=NameExtractor(), clock=time.time)


def embedded_in(folder: Path) -> Settings:
    """An embedded memory."""
    return {"vector_store": {"persist_directory": str(folder)}}


def change(settings: Settings, work: Callable[[MemoryManager], Awaitable[object]]) -> None:
    """Do something with the memory in this process, which is not the one that serves the page."""

    async def run() -> None:
        async with memory_of(settings) as memory:
            await work(memory)

    with ThreadPoolExecutor(1) as thread:  # this one's loop belongs to Playwright
        thread.submit(lambda: asyncio.run(run())).result()


@contextmanager
def served(settings: Settings, *arguments: str, read_only: bool = False) -> Iterator[Iterator[str]]:
    """Addresses at which another process serves the inspector, each of which opens one page.

    The process may be known by arguments that mean nothing.
    """
    command = [sys.executable, "-m", "tests.inspector.process", *arguments]
    environment = {**os.environ, _VARIABLE: json.dumps({"settings": settings, "read_only": read_only})}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        try:
            yield map(str.strip, iter(server.stdout.readline, ""))
        finally:
            server.terminate()


async def main() -> None:
    given = json.loads(os.environ[_VARIABLE])
    memory = memory_of(given["settings"])
    await memory.initialize(warm_up=False, maintain=False)
    options = ServerOptions("127.0.0.1", 0, read_only=given["read_only"])
    await serve(memory, options, lambda door: print(door.address, flush=True))
    await memory.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
