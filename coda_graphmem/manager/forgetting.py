"""Calls that remove memories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryStorageError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import DeletionReceipt, MemoryType, MetadataValue
from coda_graphmem.validation import check_filter, check_flag, check_id


class Forgetting(ManagerCore):
    """Removes memories."""

    @operation(MemoryStorageError)
    async def delete_memory(self, memory_id: str) -> bool:
        """Remove a memory, its vector, text, links, and entities that nothing else mentions.

        Returns:
            False where there is no such memory.
        """
        return await self._open.catalog.delete(self.namespace, check_id(memory_id, "memory_id"))

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
        return await self._open.catalog.forget(self.namespace, None if everything else whole)
