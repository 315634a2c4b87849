"""Makes graphs of what a namespace holds."""

from collections.abc import Awaitable, Callable

from coda_graphmem.graphs.memory_graph import MemoryGraph
from coda_graphmem.graphs.selection import Selection
from coda_graphmem.graphs.subgraph import graph_around, known_entities, live_memories, whole_graph
from coda_graphmem.models import MemoryFilter
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.query import Query
from coda_graphmem.retrieval.service import RetrievalService

#: Memories a query begins at.
SEEDS = 10


class GraphService:
    """Makes graphs of a part of a namespace, or of all of it.

    Args:
        resources: Settings, store, models and clock.
        retrieval: Answers queries.
        flush: Writes recalls that were counted and not yet kept.
    """

    def __init__(self, resources: Resources, retrieval: RetrievalService, flush: Callable[[], Awaitable[None]]) -> None:
        self._resources = resources
        self._store = resources.store
        self._retrieval = retrieval
        self._flush = flush

    async def make_graph(self, namespace: str, selection: Selection, limit: int) -> MemoryGraph:
        """A part of a namespace as a graph.

        Args:
            namespace: Where to look.
            selection: Which part.
            limit: How many memories at most where the selection does not say.

        Raises:
            ValidationError: One of the memories or entities does not exist.
            EmbeddingError: No vector could be made of the query.
        """
        await self._flush()
        most = limit if selection.max_memories is None else selection.max_memories
        if not selection.starts:
            return await whole_graph(
                self._store,
                namespace,
                max_memories=most,
                skip=selection.skip,
                include_archived=selection.include_archived,
                now=self._resources.clock(),
                where=selection.where,
            )
        now, ids = self._resources.clock(), selection.memory_ids
        start = await live_memories(self._store, namespace, ids, now=now) if ids else []
        if selection.query is not None:
            given = {memory.memory_id for memory in start}
            found = await self._retrieval.answer(
                Query(
                    namespace=namespace,
                    text=selection.query,
                    limit=SEEDS,
                    where=MemoryFilter(where=selection.where),
                )
            )
            start += [memory for memory in found if memory.memory_id not in given]
        return await graph_around(
            self._store,
            namespace,
            start,
            await known_entities(self._store, namespace, selection.entity_keys),
            max_depth=selection.max_depth,
            max_memories=most,
            where=selection.where,
            now=now,
        )
