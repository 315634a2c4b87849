"""Calls that keep and change memories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.memories.draft import check_batch, check_changes, check_draft
from coda_graphmem.models import MemoryType
from coda_graphmem.validation import check_id, check_positive


class Remembering(ManagerCore):
    """Keeps and changes memories."""

    @operation(MemoryStorageError)
    async def store_memory(
        self,
        content: str,
        memory_type: MemoryType = MemoryType.EPISODIC,
        metadata: Mapping[str, Any] | None = None,
        importance_score: float | None = None,
        *,
        conversation_id: str | None = None,
        timestamp: float | None = None,
        memory_id: str | None = None,
    ) -> str:
        """Keep one memory.

        The same non-episodic content (letter case and white space aside) of the same type and
        speaker is kept once: storing it again returns the id it has and makes it more important,
        unless `MemoryConfig.deduplicate` is off or an id of its own is given.

        Args:
            content: What to remember, 1 to 1,000,000 characters.
            memory_type: What kind of knowledge it is.
            metadata: Anything JSON can hold. ``title`` counts as an entity, ``speaker`` says whose words they are.
            importance_score: In [0, 1]; None for what `explain_importance` explains.
            conversation_id: The conversation it belongs to; its memories follow one another by timestamp.
            timestamp: When it happened, in seconds since the Unix epoch (UTC); None for now.
            memory_id: An id of its own; None for a new one.

        Returns:
            The id of the memory.

        Raises:
            MemoryStorageError: It could not be written.
            EmbeddingError: No vector could be made of it.
            ValidationError: An argument is not acceptable, or the id exists with other content.
        """
        draft = check_draft(
            content,
            memory_type,
            metadata,
            importance_score,
            conversation_id=conversation_id,
            timestamp=timestamp,
            memory_id=memory_id,
        )
        [stored] = await self._record([draft], learn=True)
        return stored

    @operation(MemoryStorageError)
    async def store_memories_batch(self, memories: Sequence[Mapping[str, Any]]) -> list[str]:
        """Keep many memories, all or none.

        Args:
            memories: Mappings with the arguments of `store_memory` as keys; ``type`` means ``memory_type``.

        Returns:
            Their ids, in the same order.

        Raises:
            MemoryStorageError: They could not be written.
            EmbeddingError: No vectors could be made of them.
            ValidationError: An entry is not acceptable; the field names it, as in ``memories[3].content``.
        """
        return await self._record(check_batch(memories), learn=True)

    @operation(MemoryStorageError)
    async def store_short_term_memory(
        self,
        content: str,
        conversation_id: str,
        ttl_minutes: float = 30,
        metadata: Mapping[str, Any] | None = None,
        importance_score: float | None = None,
        *,
        memory_type: MemoryType = MemoryType.CONTEXTUAL,
    ) -> str:
        """Keep a memory of a conversation for some minutes.

        It is part of `get_conversation_context` until its time is over, and never of long-term search.

        Args:
            content: What to remember, 1 to 1,000,000 characters.
            conversation_id: The conversation it belongs to.
            ttl_minutes: How long, in minutes, above 0.
            metadata: Anything JSON can hold.
            importance_score: In [0, 1]; None for what `explain_importance` explains.
            memory_type: What kind of knowledge it is.

        Returns:
            The id of the memory.
        """
        draft = check_draft(content, memory_type, metadata, importance_score)
        seconds = 60 * check_positive(ttl_minutes, "ttl_minutes")
        [stored] = await self._record([self._open.conversation.passing(draft, conversation_id, seconds)])
        return stored

    @operation(MemoryStorageError)
    async def promote_memory(self, memory_id: str) -> bool:
        """Keep a short-term memory for good: searches find it from now on.

        Args:
            memory_id: Which one; a long-term memory stays as it is.

        Returns:
            False where there is no such memory, or its time is over.
        """
        promoted = await self._open.conversation.promote(self.namespace, check_id(memory_id, "memory_id"))
        if promoted:
            self._emit("updated", [memory_id], promoted=True)
        return promoted

    @operation(MemoryStorageError)
    async def update_memory(
        self,
        memory_id: str,
        content: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        importance_score: float | None = None,
    ) -> bool:
        """Change a memory. What is None stays as it is.

        Args:
            memory_id: Which one.
            content: New content; vector and entities follow it.
            metadata: New metadata, in place of all of the old.
            importance_score: New importance, in [0, 1].

        Returns:
            False where there is no such memory.
        """
        changes = check_changes(content, metadata, importance_score)
        changed = await self._open.recording.change(self.namespace, check_id(memory_id, "memory_id"), changes)
        if changed:
            self._emit("updated", [memory_id])
        return changed
