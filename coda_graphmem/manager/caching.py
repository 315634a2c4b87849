"""Calls that trade memory for time."""

from __future__ import annotations

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.validation import MAX_LIMIT, check_integer, check_positive, check_unit

MAX_CACHE_SIZE = 10_000_000


class Caching(ManagerCore):
    """Keeps what was computed, for the views of all namespaces of this process."""

    @operation(MemoryRetrievalError)
    async def enable_caching(self, cache_size: int | None = None, ttl_minutes: float = 60) -> None:
        """Keep vectors of queries and results of the ``retrieve_memories…`` and contextual calls.

        The same call is then answered without a search, until anything is written to the namespace, by any process:
        results are as new as without a cache. They count as recalls and cause events all the same. Calling it again
        sets new bounds.

        Args:
            cache_size: Vectors, results and preloaded memories that are kept at most, the least recently used going
                first, and not more than 32 KiB for each on average; None for `MemoryConfig.cache_size`.
            ttl_minutes: Minutes after which a result is computed anew in any case, above 0.
        """
        size = self.config.cache_size if cache_size is None else cache_size
        if cache_size is None and not size:
            raise ValidationError(
                "is 0 in the settings, so nothing could be kept.", field="cache_size", remedy="Give a size of its own."
            )
        self._open.retrieval.enable(
            check_integer(size, "cache_size", low=1, high=MAX_CACHE_SIZE),
            60 * check_positive(ttl_minutes, "ttl_minutes"),
        )

    @operation(MemoryRetrievalError)
    async def disable_caching(self) -> None:
        """Drop results and preloaded memories, and keep vectors of queries alone, as `MemoryConfig.cache_size` says."""
        self._open.retrieval.disable()

    @operation(MemoryRetrievalError)
    async def preload_important_memories(self, min_importance: float = 0.8, max_count: int = 100) -> int:
        """Load ahead what would make the first calls slow.

        The embedding model and the vectors of this namespace are brought into memory, so that the first search is as
        fast as those after it, and the most important memories into the cache, so that `get_memory` reads none of
        them from the store; it only asks whether anything was changed.

        Args:
            min_importance: Memories of at least this importance, in [0, 1].
            max_count: How many at most, the most important ones, 1 to 10,000.

        Returns:
            How many memories are in the cache now; fewer than there are where the cache is smaller.
        """
        return await self._open.records.load_ahead(
            self.namespace,
            check_unit(min_importance, "min_importance"),
            check_integer(max_count, "max_count", low=1, high=MAX_LIMIT),
        )
