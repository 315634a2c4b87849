"""Counts which memories are recalled, off the caller's path."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.store.protocol import MemoryStore

logger = logging.getLogger(__name__)

FLUSH_INTERVAL = 1.0
"""Seconds for which recalls are gathered before they are written."""


class AccessRecorder:
    """Gathers recalls and writes them together, so that a search waits for no write.

    What was gathered and not yet written is lost with a killed process, as a recall is never
    acknowledged. Reads through the façade and `close` write first.

    Args:
        store: Where recalls are counted.
        clock: Seconds since the Unix epoch, UTC.
        counted: Told of what was written: namespace, recalls by memory, time of the last one.
    """

    def __init__(
        self,
        store: MemoryStore,
        clock: Callable[[], float],
        counted: Callable[[str, Mapping[str, int], float], None] = lambda *_: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._counted = counted
        self._pending: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._last = 0.0
        self._writing = asyncio.Lock()
        self._timer: asyncio.Task[None] | None = None

    def note(self, namespace: str, memory_ids: Iterable[str]) -> None:
        """Count one recall of each memory."""
        ids = list(memory_ids)
        if not ids:
            return
        self._pending[namespace].update(ids)
        self._last = self._clock()
        if self._timer is None or self._timer.done():
            self._timer = asyncio.create_task(self._later(), name="coda-graphmem-access")

    async def flush(self) -> None:
        """Write what was gathered.

        Raises:
            MemoryStorageError: It could not be written; it is kept for the next time.
        """
        async with self._writing:
            while self._pending:
                namespace, counts = self._pending.popitem()
                try:
                    await self._store.record_access(namespace, counts, self._last)
                    self._counted(namespace, counts, self._last)
                except BaseException:
                    self._pending[namespace].update(counts)
                    raise

    async def close(self) -> None:
        """Write what is left and stop."""
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)
            self._timer = None
        try:
            await self.flush()
        except GraphMemoryError as error:
            logger.warning("The last recalls could not be counted: %s", error)

    async def _later(self) -> None:
        while self._pending:
            await asyncio.sleep(FLUSH_INTERVAL)
            try:
                await self.flush()
            except GraphMemoryError as error:
                # They stay gathered; a store that cannot be written tells so on the caller's next write.
                logger.warning("Recalls could not be counted yet: %s", error)
