"""Another process that works on the same memory and keeps results too."""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coda_graphmem import MemoryConfig
from tests.conftest import open_memory


def work(pipe: Connection, folder: Path) -> None:
    """Do as told until told None."""
    asyncio.run(_work(pipe, folder))


async def _work(pipe: Connection, folder: Path) -> None:
    async with open_memory(MemoryConfig(vector_store={"persist_directory": folder})) as memory:
        await memory.enable_caching()
        while (told := pipe.recv()) is not None:
            match told:
                case ("store", memory_id, content):
                    await memory.store_memory(content, memory_id=memory_id)
                    pipe.send(None)
                case ("delete", memory_id):
                    await memory.delete_memory(memory_id)
                    pipe.send(None)
                case ("found",):
                    found = await memory.retrieve_memories("who drinks what", min_relevance=0.0)
                    pipe.send([m.memory_id for m in found])


class Other:
    """The process, from here."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.caching.processes"])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, folder), daemon=True)
        self._process.start()
        theirs.close()

    async def store(self, memory_id: str, content: str) -> None:
        await self._ask("store", memory_id, content)

    async def delete(self, memory_id: str) -> None:
        await self._ask("delete", memory_id)

    async def found(self) -> list[str]:
        answer: list[str] = await self._ask("found")
        return answer

    async def _ask(self, *told: str) -> Any:
        self._pipe.send(told)
        return await asyncio.to_thread(self._pipe.recv)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pipe.send(None)
        self._process.join(30)
        self._pipe.close()
