"""Makes a store small and right again: expiry, repair, consolidation, and space given back."""

import time
from collections.abc import Awaitable, Callable

from coda_graphmem.consolidation.service import ConsolidationService
from coda_graphmem.maintenance.reembed import reembed
from coda_graphmem.memories.passages import PassageWriter
from coda_graphmem.models import ConsolidationResult, OptimizationResult
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Runs

JOB = "optimize"
_MEGABYTE = 1_000_000


class OptimizationService:
    """Does everything that makes a store smaller without losing a memory.

    Args:
        consolidation: Merges what says the same.
    """

    def __init__(
        self,
        resources: Resources,
        runs: Runs,
        consolidation: ConsolidationService,
        flush_recalls: Callable[[], Awaitable[None]],
    ) -> None:
        self._resources = resources
        self._runs = runs
        self._consolidation = consolidation
        self._flush_recalls = flush_recalls

    async def optimize(self, namespace: str, *, consolidate: bool) -> OptimizationResult:
        """Remove what is over, repair counters and vectors, merge, and give space back. No long-term memory is lost.

        Args:
            namespace: What is repaired and merged; space is given back for the whole store.
            consolidate: Whether memories touched since the last consolidation are merged too.

        Returns:
            What was done, with the sizes of the store before and after where it tells them.

        Raises:
            MemoryConsolidationError: Another run is working in the namespace.
        """
        started = time.perf_counter()
        store = self._resources.store
        await self._flush_recalls()
        async with self._runs.alone(JOB, namespace), self._runs.recorded(JOB, namespace) as run:
            await run.keep()
            now = self._resources.clock()
            expired = await store.records.expire(namespace, now)
            expired_items = await store.items.expire(namespace, now)
            repaired = await store.health.repair(namespace)
            embedding = self._resources.embedding
            if repaired.vectors and embedding.enabled:
                size = self._resources.config.vector_store.max_batch_size
                await reembed(store, embedding, batch_size=size, events=self._resources.events)
            passages = await PassageWriter(store, embedding).complete(namespace)
            merged: ConsolidationResult | None = None
            if consolidate:
                since = await self._consolidation.last(namespace)
                merged = await self._consolidation.consolidate(namespace, since=0.0 if since is None else since)
            indexed = await store.health.index_vectors(namespace)
            sizes = await store.health.compact()
            before, after = sizes if sizes is not None else (None, None)
            consolidated = merged.consolidated_count if merged else 0
            run.changed = expired + expired_items + consolidated + passages
            run.summary = {
                "expired": expired,
                "expired_items": expired_items,
                "consolidated": consolidated,
                "passages": passages,
                "counters": repaired.counters,
                "entities": repaired.entities,
                "text_rows": repaired.text_rows,
                "vectors": repaired.vectors,
                "facts": repaired.facts,
                "indexed": indexed,
                "bytes_before": before,
                "bytes_after": after,
            }
        return OptimizationResult(
            freed_space_mb=0.0 if sizes is None else max(0, sizes[0] - sizes[1]) / _MEGABYTE,
            bytes_before=before,
            bytes_after=after,
            consolidated_count=consolidated,
            consolidation_run_id=merged.run_id if merged else None,
            expired=expired,
            expired_items=expired_items,
            repaired_counters=repaired.counters,
            removed_entities=repaired.entities,
            repaired_text_rows=repaired.text_rows,
            repaired_vectors=repaired.vectors,
            repaired_facts=repaired.facts,
            indexed_vectors=indexed,
            seconds=time.perf_counter() - started,
        )
