"""Calls that merge and link memories that are alike, and take it back."""

from collections.abc import Callable

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryConsolidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import ConsolidationResult, JobRun, LinkResult, MergeResult, UndoResult
from coda_graphmem.validation.types import Fraction, Group, Id, Limit, LinkLimit, Positive


class Consolidation(ManagerCore):
    """Merges and links what is alike."""

    @operation(MemoryConsolidationError)
    async def consolidate_memories(
        self,
        time_window_hours: Positive = 24,
        *,
        similarity_threshold: Fraction | None = None,
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ConsolidationResult:
        """Merge memories that say the same, and link those that are alike or of which one may outdate the other.

        What was stored or changed in the window is compared with its neighbours among all memories of the
        namespace. Merged originals are archived and can be brought back by `undo_consolidation`.

        Args:
            time_window_hours: How far back, in hours, above 0, by when memories were stored or changed.
            similarity_threshold: Cosine from which two memories may be merged, above 0 and at most 1; None for
                `MemoryConfig.similarity_threshold`.
            dry_run: Whether to change nothing and only say what would be merged.
            progress: Called with (memories looked at, all memories of the window).

        Returns:
            What was compared, merged and refused, and why.

        Raises:
            MemoryConsolidationError: It failed, or another consolidation of this namespace is going on. What was
                merged before is whole and on record.
        """
        return await self._open.maintenance.consolidation.consolidate(
            self.namespace,
            since=self.services.resources.clock() - 3600 * time_window_hours,
            hours=time_window_hours,
            threshold=similarity_threshold,
            dry_run=dry_run,
            progress=progress,
        )

    @operation(MemoryConsolidationError)
    async def merge_memories(
        self, memory_ids: Group, *, similarity_threshold: Fraction | None = None, despite_guards: bool = False
    ) -> MergeResult:
        """Merge some memories into one now, such as those of one proposal of ``consolidate_memories(dry_run=True)``.

        It is a run of its own, which `undo_consolidation` takes back.

        Args:
            memory_ids: 2 to 50 live memories of one type, of at most 5,000 characters each
                (``proposal.merged.source_ids``).
            similarity_threshold: As in `consolidate_memories`.
            despite_guards: Whether to merge them even if they are less alike, a guard keeps two of them apart, or
                somebody refused to merge them.

        Raises:
            MemoryConsolidationError: Two of them are kept apart, one was changed meanwhile, or another consolidation
                of this namespace is going on. Nothing was changed.
            ValidationError: One of them is not live, or they cannot be compared.
        """
        return await self._open.maintenance.review.merge(
            self.namespace, memory_ids, threshold=similarity_threshold, despite_guards=despite_guards
        )

    @operation(MemoryConsolidationError)
    async def refuse_merge(self, memory_ids: Group) -> int:
        """Keep memories apart: no two of them are proposed or merged by any run from now on.

        Each pair is kept as a ``SIMILAR_TO`` link with the guard ``refused``. A memory that one of them is merged
        into with others takes the refusal over; new content ends it, as it spoke of the old.

        Args:
            memory_ids: 2 to 50 live memories, of at most 5,000 characters each.

        Returns:
            How many pairs were not refused before.

        Raises:
            MemoryConsolidationError: A consolidation of this namespace is going on. Nothing was changed.
            ValidationError: One of them is not live.
        """
        return await self._open.maintenance.review.refuse(self.namespace, memory_ids)

    @operation(MemoryConsolidationError)
    async def allow_merge(self, memory_ids: Group) -> int:
        """Take back what `refuse_merge` refused between any two of some memories; they stay linked as similar.

        Args:
            memory_ids: 2 to 50 memories.

        Returns:
            How many pairs are refused no more.

        Raises:
            MemoryConsolidationError: A consolidation of this namespace is going on. Nothing was changed.
            ValidationError: One of them does not exist.
        """
        return await self._open.maintenance.review.allow(self.namespace, memory_ids)

    @operation(MemoryConsolidationError)
    async def undo_consolidation(self, run_id: Id) -> UndoResult:
        """Take a consolidation back: originals are live again exactly as they were, merged memories and links are gone.

        Args:
            run_id: `ConsolidationResult.run_id`, or `JobRun.run_id` from `list_consolidations`.

        Returns:
            What came back, and what was changed or removed after the run.

        Raises:
            MemoryConsolidationError: There is no such run, or a later one merged what it had merged; the error
                names the run to undo first. Nothing was changed.
        """
        return await self._open.maintenance.consolidation.undo(self.namespace, run_id)

    @operation(MemoryConsolidationError)
    async def list_consolidations(self, limit: Limit = 100) -> list[JobRun]:
        """Consolidations of this namespace, the newest first.

        Args:
            limit: How many at most; the last thousand are kept.
        """
        return await self._open.maintenance.consolidation.history(self.namespace, limit)

    @operation(MemoryConsolidationError)
    async def link_similar(
        self,
        time_window_hours: Positive = 24,
        *,
        min_similarity: Fraction | None = None,
        limit: LinkLimit | None = None,
    ) -> LinkResult:
        """Link memories that were stored or changed in the window to those most like them (``SIMILAR_TO``).

        Args:
            time_window_hours: How far back, in hours, above 0.
            min_similarity: Cosine from which two memories are linked, above 0 and at most 1; None for
                ``maintenance.link_similarity`` of the settings.
            limit: Links from one memory at most, 1 to 100; None for ``maintenance.link_limit``.
        """
        settings = self.config.maintenance
        return await self._open.maintenance.links.link(
            self.namespace,
            since=self.services.resources.clock() - 3600 * time_window_hours,
            min_similarity=settings.link_similarity if min_similarity is None else min_similarity,
            limit=settings.link_limit if limit is None else limit,
        )
