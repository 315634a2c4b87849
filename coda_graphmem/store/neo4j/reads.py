"""What several parts read: how many memories there are, and what follows for a search."""

import asyncio
import time
from dataclasses import dataclass

from coda_graphmem.store.neo4j.connection import Connection
from coda_graphmem.store.neo4j.dialect import Dialect

#: Up to this many memories of a namespace, looking at each is as fast as the index, and exact.
EXACT_BELOW = 2_000
#: An index of a whole store is asked for at most this many before looking at each memory is faster.
MAX_FETCH = 2_000
#: How many times what is wanted is fetched, against what an approximate index misses.
OVERFETCH = 2
#: Seconds for which the size of a namespace decides how it is searched. It never decides what is found.
_SIZE_SECONDS = 10.0


async def live_count(connection: Connection, namespace: str) -> int:
    """Live long-term memories of a namespace, from its counter."""
    rows = await connection.read("live_count", namespace=namespace)
    return int(rows[0]["memories"]) if rows else 0


class LiveCounts:
    """Counts live long-term memories for everybody who asks while the count before is read, by one more reading.

    By that many writers at once, each of whom looks whether there are too many now, cost hardly more than one. What
    is told is never older than the question.

    Args:
        connection: To the server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reading: dict[str, asyncio.Task[int]] = {}
        self._next: dict[str, asyncio.Task[int]] = {}

    async def of(self, namespace: str) -> int:
        """How many there are."""
        task = self._next.get(namespace)
        if task is None:
            reading = self._read(namespace, self._reading.get(namespace))
            task = self._next[namespace] = asyncio.create_task(reading, name="coda-graphmem-count")
        # Whoever gives up takes it from nobody else.
        return await asyncio.shield(task)

    async def _read(self, namespace: str, before: asyncio.Task[int] | None) -> int:
        if before is not None:
            await asyncio.wait({before})
        task = self._reading[namespace] = self._next.pop(namespace)
        try:
            return await live_count(self._connection, namespace)
        finally:
            if self._reading.get(namespace) is task:
                del self._reading[namespace]


@dataclass(frozen=True, slots=True)
class Size:
    """How many memories there are."""

    memories: int
    """Live long-term ones of a namespace."""
    total: int
    """Of any lifetime in all namespaces."""
    read_at: float


class Sizes:
    """Remembers how large namespaces are.

    Args:
        connection: To the server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sizes: dict[str, Size] = {}

    async def size(self, namespace: str) -> Size:
        """How large a namespace and its store are, as of a few seconds ago."""
        size = self._sizes.get(namespace)
        now = time.monotonic()
        if size is None or now - size.read_at > _SIZE_SECONDS:
            rows = await self._connection.read("namespace_size", namespace=namespace)
            size = Size(rows[0]["memories"], rows[0]["total"], now) if rows else Size(0, 0, now)
            self._sizes = {key: kept for key, kept in self._sizes.items() if now - kept.read_at <= _SIZE_SECONDS}
            self._sizes[namespace] = size
        return size


def index_fetch(dialect: Dialect, size: Size, limit: int, *, at_least: int, times: int = OVERFETCH) -> int | None:
    """How many to ask a vector index for to get ``limit`` of a namespace; None where looking at all is as good.

    That is ``times`` what is wanted, but ``at_least`` so many, of the namespace's ``size``.
    """
    if size.memories <= max(EXACT_BELOW, limit):
        return None
    fetch = max(at_least, times * limit)
    if not dialect.filters_in_index:
        fetch = fetch * size.total // size.memories
    return fetch if fetch <= MAX_FETCH else None
