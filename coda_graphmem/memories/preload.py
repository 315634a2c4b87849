"""Memories by id that were loaded ahead, as long as nothing has changed since."""

from collections.abc import Mapping

import numpy as np

from coda_graphmem.cache import copy_of, count_recalls
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.resources import Resources


class PreloadedMemories:
    """Reads memories by id; those that were loaded ahead come from the cache.

    Args:
        resources: Store, models and cache.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def get(self, namespace: str, memory_id: str, *, with_embedding: bool) -> list[Memory]:
        """See `MemoryStore.get`. A memory that was loaded ahead costs the look-up of a revision.

        It is loaded again where the namespace has changed since.
        """
        cache, store, key = self._resources.cache, self._resources.store, (namespace, memory_id)
        if with_embedding or cache.peek("memories", key) is None:
            return await store.records.get(namespace, [memory_id], with_embedding=with_embedding)
        revision = await store.changes.revision(namespace)
        kept: tuple[int, Memory] | None = cache.get("memories", key, namespace)
        # Recalls of other processes may have put off an end.
        if kept is not None and kept[0] == revision and not kept[1].has_ended(self._resources.clock()):
            return [copy_of(kept[1])]
        if kept is not None:
            cache.missed("memories", namespace)
        found = await store.records.get(namespace, [memory_id])
        self._keep(namespace, revision, found)
        return found

    async def load_ahead(self, namespace: str, min_importance: float, max_count: int) -> int:
        """Load what the first search needs, and the most important memories.

        Args:
            min_importance: Least importance, in [0, 1].
            max_count: How many memories at most.

        Returns:
            How many memories are loaded.
        """
        store, now = self._resources.store, self._resources.clock()
        await self._load_vectors(namespace, now)
        revision = await store.changes.revision(namespace)
        where = MemoryFilter(min_importance=min_importance)
        # The last ones in the order of weakness are the strongest.
        beyond = max(await store.records.count(namespace, where, now=now) - max_count, 0)
        found = await store.records.find(namespace, where, order="weakest", limit=max_count, offset=beyond, now=now)
        self._keep(namespace, revision, found)
        cache = self._resources.cache
        return sum(cache.peek("memories", (namespace, memory.memory_id)) is not None for memory in found)

    def count_recalls(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        """Follow recalls that were counted in the store, which are no change of the namespace."""
        cache = self._resources.cache
        for memory_id, count in counts.items():
            kept: tuple[int, Memory] | None = cache.peek("memories", (namespace, memory_id))
            if kept is not None:
                count_recalls(kept[1], count, at)

    async def _load_vectors(self, namespace: str, now: float) -> None:
        """Load the model, and let a search bring the store's vectors of the namespace into memory."""
        await self._resources.embedding.warm_up()
        newest = await self._resources.store.records.find(
            namespace, MemoryFilter(), order="newest", limit=1, now=now, with_embedding=True
        )
        for memory in newest:
            if memory.embedding is not None:
                vector = np.asarray(memory.embedding, dtype=np.float32)
                await self._resources.store.search.search_vector(
                    namespace, vector, 1, MemoryFilter(), now=self._resources.clock()
                )

    def _keep(self, namespace: str, revision: int, memories: list[Memory]) -> None:
        for memory in memories:
            self._resources.cache.put("memories", (namespace, memory.memory_id), (revision, copy_of(memory)))
