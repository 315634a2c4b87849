"""Calls that remove memories, and bring back those that are archived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryStorageError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import CleanupResult, DeletionReceipt, MemoryType, MetadataValue, UnarchiveResult
from coda_graphmem.validation import (
    check_filter,
    check_flag,
    check_id,
    check_ids,
    check_integer,
    check_positive,
    check_unit,
)


class Forgetting(ManagerCore):
    """Removes memories, and brings archived ones back."""

    @operation(MemoryStorageError)
    async def delete_memory(self, memory_id: str) -> bool:
        """Remove a memory, its vector, text, links, and entities that nothing else mentions.

        Returns:
            False where there is no such memory.
        """
        deleted = await self._open.catalog.delete(self.namespace, check_id(memory_id, "memory_id"))
        if deleted:
            self._emit("deleted", [memory_id])
        return deleted

    @operation(MemoryStorageError)
    async def unarchive_memories(self, memory_ids: Sequence[str]) -> UnarchiveResult:
        """Bring archived memories back into search, exactly as they were.

        What was archived because of `MemoryConfig.max_memories` comes back for good only where it is not among the
        weakest any more: raise the limit, or its importance. Originals of a merge stay archived, as the merged memory
        says the same: undo its run. What was deleted is gone.

        Args:
            memory_ids: Which ones, at most 10,000.

        Returns:
            Which are live again, and why others are not.
        """
        result = await self._open.catalog.unarchive(self.namespace, check_ids(memory_ids, "memory_ids"))
        if result.restored_ids:
            self._emit("updated", result.restored_ids, unarchived=True)
        return result

    @operation(MemoryStorageError)
    async def forget(
        self,
        *,
        conversation_id: str | None = None,
        memory_types: Sequence[MemoryType] | None = None,
        max_importance: float | None = None,
        since: float | None = None,
        until: float | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        everything: bool = False,
    ) -> DeletionReceipt:
        """Remove all memories that match, short-term and archived ones included, without a trace.

        Args:
            conversation_id: Memories of this conversation.
            memory_types: Memories of these types.
            max_importance: Memories of at most this importance, in [0, 1].
            since: Memories whose timestamp is at or after this (seconds, UTC).
            until: Memories whose timestamp is before this (seconds, UTC).
            metadata: Memories whose metadata has these values.
            everything: The whole namespace; excludes the other arguments.

        Returns:
            What was removed, by kind.
        """
        where = check_filter(
            conversation_id=conversation_id,
            memory_types=memory_types,
            max_importance=max_importance,
            since=since,
            until=until,
            metadata=metadata,
        )
        if where.is_default != check_flag(everything, "everything"):
            raise ValidationError(
                "needs no other arguments." if everything else "is off and no filter was given.",
                field="everything",
                remedy="Give a filter, or everything=True alone to remove the whole namespace.",
            )
        whole = where.model_copy(update={"lifetime": "any", "archived": None})
        receipt = await self._open.catalog.forget(self.namespace, None if everything else whole)
        if receipt.memories:
            self._emit("deleted", count=receipt.memories, everything=everything)
        return receipt

    @operation(MemoryStorageError)
    async def cleanup_old_memories(
        self,
        max_age_days: float = 30.0,
        min_importance: float = 0.3,
        max_access_count: int = 1,
        *,
        dry_run: bool = False,
    ) -> CleanupResult:
        """Remove live long-term memories that are old, unimportant and hardly ever recalled, for good.

        All three conditions must hold. A call that is interrupted has removed whole batches; the next one goes on.

        Args:
            max_age_days: Memories that happened and were stored longer ago than this, above 0.
            min_importance: Memories below this importance, in [0, 1].
            max_access_count: Memories recalled at most this often, at least 0.
            dry_run: Whether to remove nothing and only say which memories would go.
        """
        return await self._open.maintenance.cleanup.clean_up(
            self.namespace,
            max_age_days=check_positive(max_age_days, "max_age_days"),
            min_importance=check_unit(min_importance, "min_importance"),
            max_access_count=check_integer(max_access_count, "max_access_count", low=0, high=2**53),
            dry_run=check_flag(dry_run, "dry_run"),
        )
