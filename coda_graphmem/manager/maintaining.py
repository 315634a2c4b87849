"""Calls that look after a namespace and its store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import EmbeddingError, MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.maintenance.reembed import reembed
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import CopyReport, DecayResult, MemoryHealth, OptimizationResult, ReembedResult
from coda_graphmem.store.factory import is_same_place
from coda_graphmem.transfer.copy import copy_into
from coda_graphmem.validation import check_flag, check_namespaces, check_optional_time


class Maintaining(ManagerCore):
    """Looks after a namespace and its store."""

    @operation(EmbeddingError)
    async def reembed(self, *, progress: Callable[[int, int], None] | None = None) -> ReembedResult:
        """Give all memories of the store, of every namespace, vectors of the configured model.

        It may be called before `initialize`, which refuses a store of another model. It works in
        batches; an interrupted call is continued by the next one. Until it ends, others search with
        the old vectors.

        Args:
            progress: Called with (done, total) after each batch.

        Raises:
            ValidationError: Semantic search is switched off.
        """
        if not self.config.enable_semantic_search:
            raise ValidationError(
                "is off, so there is no model to embed with.",
                field="enable_semantic_search",
                remedy="Set it to True.",
            )
        await self._services.open(check_model=False)
        return await reembed(
            self._services.resources.store,
            self._services.resources.embedding,
            batch_size=self.config.vector_store.max_batch_size,
            events=self._services.resources.events,
            progress=progress,
        )

    @operation(MemoryStorageError)
    async def apply_decay(
        self,
        *,
        as_of: float | None = None,
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> DecayResult:
        """Keep how much of each live long-term memory's strength is left (see `coda_graphmem.decay`).

        Factors come from absolute times, so that calling it twice, or late, gives the same. Reading a memory computes
        its factor anew in any case; what is kept here is for those who look into the store.

        Args:
            as_of: The time to compute for (seconds, UTC); None for the clock.
            dry_run: Whether to keep nothing and only say how strong memories are.
            progress: Called with (done, total).
        """
        return await self._open.maintenance.decaying.apply(
            self.namespace,
            as_of=check_optional_time(as_of, "as_of"),
            dry_run=check_flag(dry_run, "dry_run"),
            progress=progress,
        )

    @operation(MemoryRetrievalError)
    async def check_memory_health(self) -> MemoryHealth:
        """Compare all that this namespace holds with indexes and counters, and look at the schedule.

        Returns:
            A score in [0, 1] and what is not as it should be, each with a remedy.
        """
        return await self._open.maintenance.health.check(self.namespace)

    @operation(MemoryStorageError)
    async def optimize_storage(self, *, consolidate: bool = True) -> OptimizationResult:
        """Make the store small and right: remove what is over, repair, merge, give space back.

        No long-term memory is lost. Vectors that nothing can be compared with, of another length than the model's or
        not finite, are made anew. The file of the embedded store is written anew, which takes as long as copying it.

        Args:
            consolidate: Whether memories that were stored or changed since the last consolidation are merged too.
        """
        return await self._open.maintenance.optimizing.optimize(
            self.namespace, consolidate=check_flag(consolidate, "consolidate")
        )

    @operation(MemoryStorageError)
    async def copy_to(
        self,
        target: MemoryConfig,
        *,
        namespaces: Sequence[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> CopyReport:
        """Copy memories, with all that the store keeps of them, into another store, and compare both.

        It works in batches and passes over what the target has already, so an interrupted call is continued by the
        next one. Nothing is embedded anew, and nothing is removed from either store. It may be called before
        `initialize`, which refuses a store of another model than the configured one.

        Args:
            target: Configuration of the other store. Only what names the store and how it keeps vectors matters.
            namespaces: Which to copy; None for all of them, whatever the namespace of this manager.
            progress: Called with (memories looked at, all memories) at the start and after each batch.

        Returns:
            What both stores hold now. ``complete`` tells whether that is the same, by kind and memory by memory;
            it cannot be where one of them is written to meanwhile.

        Raises:
            EmbeddingMismatchError: The target holds vectors of another model.
            MemoryStorageError: The target could not keep a batch; those before it are kept.
        """
        if not isinstance(target, MemoryConfig):
            raise ValidationError(
                f"must be a MemoryConfig, not {type(target).__name__}.",
                field="target",
                remedy="Pass the configuration of the other store.",
            )
        if is_same_place(self.config, target):
            raise ValidationError(
                "is the store that is copied from.",
                field="target",
                remedy="Name another server, or another vector_store.persist_directory.",
            )
        names = check_namespaces(namespaces)
        await self._services.open(check_model=False)
        await self._services.access.flush()
        return await copy_into(self._services.resources.store, target, namespaces=names, progress=progress)
