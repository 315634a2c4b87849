"""Answers a query that was answered before, as long as nothing has changed since."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from coda_graphmem.cache import copy_of
from coda_graphmem.decay import decay_factors_of
from coda_graphmem.models import Memory
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.service import RetrievalService

P = ParamSpec("P")
Retrieve = Callable[Concatenate[str, P], Awaitable[list[Memory]]]

_SECONDS_PER_DAY = 86_400.0


class CachedRetrieval:
    """`RetrievalService` with its results kept, where that is switched on.

    A result is used again for equal arguments, in the same namespace, while `MemoryStore.revision` is what it was
    before the result was computed: the next search after a write of any process computes anew. What is no write may
    be as old as the result: recalls that were counted since, and the age of memories, but for ``decay_factor``. "Last
    week" and the like mean the day of the question, so a result is not used on another day (UTC).

    Args:
        inner: Computes results.
        resources: Store, cache and clock.
    """

    def __init__(self, inner: RetrievalService, resources: Resources) -> None:
        self._resources = resources
        self._enabled = False
        self.retrieve = self._kept(inner.retrieve)
        self.retrieve_multi = self._kept(inner.retrieve_multi)
        self.retrieve_contextual = self._kept(inner.retrieve_contextual)

    def enable(self, entries: int, ttl: float) -> None:
        """Keep results from now on.

        Args:
            entries: Values the cache may hold, of all kinds.
            ttl: Seconds after which they are not used any more.
        """
        self._resources.cache.resize(entries, ttl)
        self._enabled = True

    def disable(self) -> None:
        """Drop results and preloaded memories, and give the cache the size it was configured with."""
        self._enabled = False
        self._resources.cache.clear(("results", "memories"))
        self._resources.cache.resize(self._resources.config.cache_size, None)

    def _kept(self, retrieve: Retrieve[P]) -> Retrieve[P]:
        @wraps(retrieve)
        async def call(namespace: str, /, *args: P.args, **kwargs: P.kwargs) -> list[Memory]:
            if not self._enabled:
                return await retrieve(namespace, *args, **kwargs)
            cache, now = self._resources.cache, self._resources.clock()
            # Before the search: what is written meanwhile gives another revision, and the result is not used again.
            revision = await self._resources.store.changes.revision(namespace)
            written = repr((args, sorted(kwargs.items())))
            key = (retrieve.__name__, namespace, revision, int(now // _SECONDS_PER_DAY), written)
            kept: list[Memory] | None = cache.get("results", key, namespace)
            if kept is None:
                found = await retrieve(namespace, *args, **kwargs)
                # Copies on both ways: what a caller does to its result is its own.
                cache.put("results", key, [copy_of(memory) for memory in found])
                return found
            as_of = kwargs.get("as_of")
            return self._aged([copy_of(memory) for memory in kept], as_of if isinstance(as_of, float) else now)

        return call

    def _aged(self, memories: list[Memory], now: float) -> list[Memory]:
        rate = self._resources.config.importance_decay_rate
        factors = decay_factors_of(memories, now=now, rate=rate) if memories else ()
        for memory, factor in zip(memories, factors, strict=True):
            memory.decay_factor = float(factor)
        return memories
