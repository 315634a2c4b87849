"""A memory that is opened behind the scenes: what a server answers before that needs none of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from coda_graphmem.errors import GraphMemoryError

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

logger = logging.getLogger(__name__)


class LateMemory:
    """Opens a memory when it is first asked for or started, and hands it out.

    Args:
        make: Makes it, in a thread of its own, as it imports much.
    """

    def __init__(self, make: Callable[[], MemoryManager]) -> None:
        self._make = make
        self._memory: MemoryManager | None = None
        self._opening: asyncio.Task[MemoryManager] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is open already."""
        return self._memory is not None

    def start(self) -> None:
        """Open it in the background; where that fails, the next call tries again and says why."""
        task = self._task()
        task.add_done_callback(_report)

    async def open(self) -> MemoryManager:
        """The memory, open.

        Raises:
            GraphMemoryError: It cannot be opened.
        """
        if self._memory is None:
            # Whoever is not waited for any longer must not end it for others.
            self._memory = await asyncio.shield(self._task())
        return self._memory

    async def close(self) -> None:
        """Close it, whether it is open, being opened or was never asked for."""
        if self._opening is not None:
            with suppress(Exception):
                await (await self._opening).cleanup()

    def _task(self) -> asyncio.Task[MemoryManager]:
        opening = self._opening
        if opening is None or (opening.done() and (opening.cancelled() or opening.exception() is not None)):
            self._opening = opening = asyncio.create_task(self._open(), name="coda-graphmem-open")
        return opening

    async def _open(self) -> MemoryManager:
        memory = await asyncio.to_thread(self._make)
        try:
            await memory.initialize()
        except BaseException:
            await memory.cleanup()
            raise
        self._memory = memory
        return memory


def _report(task: asyncio.Task[MemoryManager]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        text = error if isinstance(error, GraphMemoryError) else type(error).__name__
        logger.warning("The memory could not be opened ahead: %s", text)
