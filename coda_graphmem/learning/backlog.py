"""Learns off the caller's path: one turn after the other, with a bound on how many wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Turns that wait at most; further ones are stored, but not learned from."""
CLOSING = 10.0
"""Seconds that `Background.close` gives what still waits."""


class Background:
    """A queue of work with one worker, which runs only while there is any."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue(MOST_WAITING)
        self._worker: asyncio.Task[None] | None = None
        self.dropped = 0
        """How often the queue was full."""

    def add(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do it soon. Never waits; an error is logged, and work beyond `MOST_WAITING` is dropped and counted."""
        try:
            self._waiting.put_nowait(work)
        except asyncio.QueueFull:
            self.dropped += 1
            logger.warning("Turns come faster than they can be learned from; %d were passed over.", self.dropped)
            return
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run(), name="coda-graphmem-learning")

    async def settle(self) -> None:
        """Wait until nothing waits."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    async def close(self) -> None:
        """Do what waits, as far as `CLOSING` seconds allow, and end."""
        worker = self._worker
        if worker is None or worker.done():
            return
        await asyncio.wait([worker], timeout=CLOSING)
        if not worker.done():
            logger.warning("%d turns were not learned from, as the memory was closed.", self._waiting.qsize())
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def _run(self) -> None:
        while not self._waiting.empty():
            work = self._waiting.get_nowait()
            try:
                await work()
            except Exception as error:
                # The turn itself is kept. Only the kind of the error: its text may hold content.
                logger.warning("A turn could not be learned from (%s).", type(error).__name__)
