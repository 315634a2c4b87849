"""Stores and changes memories: embeds, reads entities, and keeps to the limit of a namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from coda_graphmem.maintenance.limits import archive_weakest
from coda_graphmem.models import EntityMention, Memory
from coda_graphmem.recording.draft import DEFAULT_IMPORTANCE, Draft, dedup_key, new_id
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol import MemoryChanges, NewMemory, Stored, Vector

#: Called with (done, total).
Progress = Callable[[int, int], None]


class RecordingService:
    """Writes memories."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def record(self, namespace: str, drafts: Sequence[Draft]) -> list[Stored]:
        """Keep memories, all or none.

        Args:
            namespace: The tenant.
            drafts: Checked memories, in the order in which they arrived.

        Returns:
            Id and outcome of each, in the same order.
        """
        if not drafts:
            return []
        vectors, mentions = await self._analyse(drafts)
        now = self._resources.clock()
        rows = [
            self._row(draft, vector, entities, now)
            for draft, vector, entities in zip(drafts, vectors, mentions, strict=True)
        ]
        stored = await self._resources.store.insert(namespace, rows, reinforcement=self._resources.config.learning_rate)
        await archive_weakest(self._resources.store, namespace, self._resources.config.max_memories, now)
        return stored

    async def change(
        self,
        namespace: str,
        memory: Memory,
        draft: Draft,
        *,
        content_changed: bool,
        metadata_changed: bool,
    ) -> bool:
        """Change a memory to what the draft says.

        Args:
            namespace: The tenant.
            memory: The memory as it is.
            draft: The memory as it shall be; an importance of None leaves it as it is.
            content_changed: Whether the content is to be replaced, with its vector and entities.
            metadata_changed: Whether the metadata is to be replaced.

        Returns:
            False where the memory has gone meanwhile.
        """
        vector: Vector | None = None
        entities: tuple[EntityMention, ...] | None = None
        same_title = draft.title == _title(memory)
        if content_changed or (metadata_changed and not (same_title and draft.speaker == memory.speaker)):
            [vector], [entities] = await self._analyse([draft], embed=content_changed)
        changes = MemoryChanges(
            content=draft.content if content_changed else None,
            metadata=draft.metadata if metadata_changed else None,
            importance_score=draft.importance_score,
            embedding=vector,
            entities=entities,
            dedup_key=dedup_key(draft) if self._resources.config.deduplicate else None,
            updated_at=self._resources.clock(),
        )
        return await self._resources.store.update(namespace, memory.memory_id, changes)

    async def _analyse(
        self, drafts: Sequence[Draft], *, embed: bool = True
    ) -> tuple[Sequence[Vector | None], Sequence[tuple[EntityMention, ...]]]:
        """Vectors and entities, found at the same time on different cores."""
        texts = [draft.content for draft in drafts]
        entities = self._resources.extraction.extract(
            texts, [draft.title for draft in drafts], [draft.speaker for draft in drafts]
        )
        embedding = self._resources.embedding
        if not (embed and embedding.enabled):
            return [None] * len(texts), await entities
        vectors, mentions = await asyncio.gather(embedding.embed_documents(texts), entities)
        await self._resources.store.bind_model(embedding.model, await embedding.dimension())
        return vectors, mentions

    def _row(self, draft: Draft, vector: Vector | None, entities: tuple[EntityMention, ...], now: float) -> NewMemory:
        return NewMemory(
            memory_id=draft.memory_id or new_id(),
            content=draft.content,
            memory_type=draft.memory_type,
            timestamp=now if draft.timestamp is None else draft.timestamp,
            importance_score=DEFAULT_IMPORTANCE if draft.importance_score is None else draft.importance_score,
            created_at=now,
            metadata=draft.metadata,
            embedding=vector,
            conversation_id=draft.conversation_id,
            entities=entities,
            expires_at=draft.expires_at,
            dedup_key=dedup_key(draft) if self._resources.config.deduplicate else None,
            explicit=draft.explicit,
        )


def _title(memory: Memory) -> str | None:
    value = memory.metadata.get("title")
    return value.strip() if isinstance(value, str) and value.strip() else None
