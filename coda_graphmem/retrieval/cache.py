"""Keeps results of queries, to be used again as long as nothing has changed since."""

from collections.abc import Mapping
from typing import NamedTuple

from coda_graphmem.cache import copy_of, count_recalls
from coda_graphmem.decay import with_decay
from coda_graphmem.models import Memory
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.query import Request
from coda_graphmem.times import SECONDS_PER_DAY


class ResultKey(NamedTuple):
    """What a result is kept under: it is used for the same key alone."""

    query: Request
    revision: int
    """Of the namespace, from before the search: what is written meanwhile gives another one."""
    day: int
    """Days since the Unix epoch, UTC."""


class ResultCache:
    """The results of queries, where keeping them is switched on.

    A result is used again for an equal query while `Changes.revision` is what it was before the result was computed:
    the next search after a write of any process computes anew. What is no write may be as old as the result: recalls
    that other processes counted since, and the age of memories, but for ``decay_factor``. "Last week" and the like
    mean the day of the question, so a result is not used on another day (UTC).
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self.enabled = False

    def enable(self, entries: int, ttl: float) -> None:
        """Keep results from now on.

        Args:
            entries: Values the cache may hold, of all kinds.
            ttl: Seconds after which they are not used any more.
        """
        self._resources.cache.resize(entries, ttl)
        self.enabled = True

    def disable(self) -> None:
        """Drop results and preloaded memories, and give the cache the size it was configured with."""
        self.enabled = False
        self._resources.cache.clear(("results", "memories"))
        self._resources.cache.resize(self._resources.config.cache_size, None)

    async def key(self, query: Request) -> ResultKey:
        """What the result of a query is kept under; to be asked for before it is searched."""
        day = int(self._resources.clock() // SECONDS_PER_DAY)
        return ResultKey(query, await self._resources.store.changes.revision(query.namespace), day)

    # Copies on both ways: what a caller does to its result is its own.

    def get(self, key: ResultKey) -> list[Memory] | None:
        """A result as of now, None where there is none."""
        cache, clock, namespace = self._resources.cache, self._resources.clock(), key.query.namespace
        kept: list[Memory] | None = cache.get("results", key, namespace)
        if kept is None:
            return None
        if any(memory.has_ended(clock) for memory in kept):
            # That a time is over is no change of the namespace, and others come in its place.
            cache.missed("results", namespace)
            return None
        now = clock if key.query.as_of is None else key.query.as_of
        rate = self._resources.config.importance_decay_rate
        return with_decay([copy_of(memory) for memory in kept], now=now, rate=rate)

    def put(self, key: ResultKey, found: list[Memory]) -> None:
        """Keep a result."""
        self._resources.cache.put("results", key, [copy_of(memory) for memory in found])

    def count_recalls(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        """Follow recalls that were counted in the store, which are no change of the namespace."""
        for key, memories in self._resources.cache.values("results") if self.enabled else ():
            if isinstance(key, ResultKey) and key.query.namespace == namespace:
                for memory in memories:
                    if memory.memory_id in counts:
                        count_recalls(memory, counts[memory.memory_id], at)
