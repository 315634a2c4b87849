"""Calls of a memory from code that awaits and from code that does not, whichever of the two managers it has."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from coda_graphmem.errors import ValidationError
from coda_graphmem.manager import MemoryManager
from coda_graphmem.sync import SyncMemoryManager

T = TypeVar("T")

AnyMemory = MemoryManager | SyncMemoryManager
"""What adapters take: either manager, opened by whoever passes it, or a view of a namespace of it."""


class Calls:
    """Does something with a memory, and waits for it in either way.

    Args:
        memory: A memory that is open; adapters neither open nor close it.

    Raises:
        ValidationError: It is no memory.
    """

    def __init__(self, memory: AnyMemory) -> None:
        if not isinstance(memory, MemoryManager | SyncMemoryManager):
            raise ValidationError(
                f"{type(memory).__name__} will not do.",
                field="memory",
                remedy="Pass a MemoryManager or a SyncMemoryManager.",
            )
        self.memory = memory

    async def awaited(self, work: Callable[[MemoryManager], Coroutine[Any, Any, T]]) -> T:
        """What some work with the memory gives, without blocking the running loop.

        Args:
            work: Takes the asynchronous manager.
        """
        if isinstance(self.memory, SyncMemoryManager):
            return await asyncio.to_thread(self.memory.run, work)
        return await work(self.memory)

    def waited_for(self, work: Callable[[MemoryManager], Coroutine[Any, Any, T]]) -> T:
        """The same for a thread that does not await.

        Args:
            work: Takes the asynchronous manager.

        Raises:
            ValidationError: The memory is an asynchronous one and this thread runs a loop, which would wait for itself.
        """
        if isinstance(self.memory, SyncMemoryManager):
            done: T = self.memory.run(work)
            return done
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(work(self.memory))
        raise ValidationError(
            "a MemoryManager was called without await from a running event loop, which would wait for itself.",
            field="memory",
            remedy="Await the asynchronous method, or pass a SyncMemoryManager.",
        )
