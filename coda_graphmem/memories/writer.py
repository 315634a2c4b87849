"""Stores, changes and removes memories: embeds, reads entities, keeps to the limit of a namespace, emits events."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.facts.gate import may_state
from coda_graphmem.importance import importance
from coda_graphmem.memories.draft import Changes, Draft, key_of, new_id
from coda_graphmem.memories.passages import PassageWriter
from coda_graphmem.memories.removal import announce
from coda_graphmem.memories.speakers import voice_of
from coda_graphmem.models import DeletionReceipt, EntityMention, MemoryFilter, OnConflict
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol import (
    MemoryChanges,
    MemoryStore,
    NewMemory,
    NewPassages,
    Outcome,
    OutdatedChangesError,
    Stored,
    Vector,
)
from coda_graphmem.threads import aside

logger = logging.getLogger(__name__)

#: How often a change is made of what a memory is, where others change it at the same time.
_TRIES = 20

#: Called with (done, total).
Progress = Callable[[int, int], None]


class Learn(Protocol):
    """Learns from memories that were just stored."""

    async def __call__(self, namespace: str, said: Sequence[tuple[Draft, str]]) -> None:
        """Learn from memories, given with their ids."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What models say of memories, each list in their order."""

    vectors: Sequence[Vector | None]
    mentions: Sequence[tuple[EntityMention, ...]]
    passages: Sequence[NewPassages | None]


class AnalysedBatch(list[Mapping[str, Any]]):
    """Memories that are about to be stored, and what takes longest about it done already.

    It is what `MemoryManager.store_memories_batch` takes, so that whoever watches sees an import as calls of that.
    """

    def __init__(self, memories: Iterable[Mapping[str, Any]], drafts: Sequence[Draft], analysis: Analysis) -> None:
        super().__init__(memories)
        self.drafts = drafts
        self.analysis = analysis


class MemoryWriter:
    """Writes memories.

    Args:
        resources: Settings, store, models, clock and events.
        learn: Learns from what callers store; None where nothing does.
        before_forgetting: Ends what would come back afterwards, given the conversation that goes as a whole, if one
            does.
        to_read: Told of the namespace in which a memory was stored or changed that may say facts.
    """

    def __init__(
        self,
        resources: Resources,
        learn: Learn | None = None,
        before_forgetting: Callable[[str, str | None], Awaitable[None]] | None = None,
        *,
        to_read: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._resources = resources
        self._learn = learn
        self._before_forgetting = before_forgetting
        self._to_read = to_read
        self._passages = PassageWriter(resources.store, resources.embedding)

    async def store(
        self,
        namespace: str,
        drafts: Sequence[Draft],
        *,
        learn: bool = False,
        on_conflict: OnConflict = "error",
        analysis: Analysis | None = None,
    ) -> list[str]:
        """Keep memories, all or none, and emit an event of those that are new or stronger.

        Args:
            namespace: The tenant.
            drafts: Checked memories, in the order in which they arrived.
            learn: Whether they are learned from where their conversation is; a mere retry teaches nothing.
            on_conflict: What becomes of a memory whose id exists with something else.
            analysis: What `analyse` gave for them, where that was done ahead.

        Returns:
            The id of each, in the same order.
        """
        stored = await self.record(namespace, drafts, on_conflict=on_conflict, analysis=analysis)
        changed = [item for item in stored if item.outcome is not Outcome.UNCHANGED]
        kept = [item for item in changed if item.outcome is not Outcome.UPDATED]
        if kept:
            outcomes = Counter(item.outcome.value for item in kept)
            ids = list(dict.fromkeys(item.memory_id for item in kept))
            self._resources.events.emit("stored", namespace, ids, details=outcomes)
        if len(kept) < len(changed):
            updated = [item.memory_id for item in changed if item.outcome is Outcome.UPDATED]
            self._resources.events.emit("updated", namespace, updated)
        if learn and self._learn is not None:
            said = [(draft, item.memory_id) for draft, item in zip(drafts, stored, strict=True) if item in changed]
            await self._learn(namespace, said)
        return [item.memory_id for item in stored]

    async def record(
        self,
        namespace: str,
        drafts: Sequence[Draft],
        *,
        reinforcement: float | None = None,
        on_conflict: OnConflict = "error",
        analysis: Analysis | None = None,
    ) -> list[Stored]:
        """Keep memories, all or none; what was done is for the caller to tell.

        Args:
            namespace: The tenant.
            drafts: Checked memories, in the order in which they arrived.
            reinforcement: How far a repetition moves the importance towards 1; None for
                `MemoryConfig.learning_rate`.
            on_conflict: As in `store`, as is ``analysis``.

        Returns:
            Id and outcome of each, in the same order.
        """
        if not drafts:
            return []
        known = await self.analyse(drafts) if analysis is None else analysis
        now = self._resources.clock()

        def make_rows() -> list[NewMemory]:
            return [self._row(*parts, now) for parts in zip(drafts, known.vectors, known.mentions, strict=True)]

        rows = await aside(max(len(draft.content) for draft in drafts), make_rows)
        stored = await self._resources.store.records.insert(
            namespace,
            rows,
            reinforcement=self._resources.config.learning_rate if reinforcement is None else reinforcement,
            model=self._model,
            on_conflict=on_conflict,
        )
        await self._keep_passages(
            namespace,
            [
                (item.memory_id, cut)
                for item, cut in zip(stored, known.passages, strict=True)
                if cut is not None and item.outcome in (Outcome.CREATED, Outcome.UPDATED)
            ],
        )
        if any(row.to_read for row in rows):
            self._to_read(namespace)
        await archive_weakest(self._resources.store, namespace, self._resources.config.max_memories, now)
        return stored

    async def analyse(self, drafts: Sequence[Draft]) -> Analysis:
        """Vectors, entities and passages of memories that are about to be stored; nothing is written.

        Whoever stores many, batch after batch, has the next analysed while one is written.

        Raises:
            EmbeddingError: No vectors could be made of them.
            ExtractionError: No entities could be read of them.
        """
        vectors, mentions = await self._analyse(drafts)
        passages = await self._passages.cut([(draft.content, draft.speaker) for draft in drafts])
        return Analysis(vectors, mentions, passages)

    async def change(self, namespace: str, memory_id: str, changes: Changes) -> bool:
        """Change a memory; its vector and entities follow its content.

        Args:
            namespace: The tenant.
            memory_id: Which memory.
            changes: What shall be different.

        Returns:
            False where there is no such memory.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._change(namespace, memory_id, changes)
            except OutdatedChangesError:
                # Somebody else has changed it since it was read: read again.
                continue
        return await self._change(namespace, memory_id, changes)

    async def _change(self, namespace: str, memory_id: str, changes: Changes) -> bool:
        now = self._resources.clock()
        found = await self._resources.store.records.get(namespace, [memory_id])
        if not found or found[0].has_ended(now):
            return False
        [memory] = found
        before, after = Changes().applied_to(memory), changes.applied_to(memory)
        vector: Vector | None = None
        entities: tuple[EntityMention, ...] | None = None
        if changes.content is not None or (before.title, before.speaker) != (after.title, after.speaker):
            [vector], [entities] = await self._analyse([after], embed=changes.content is not None)
        [cut] = [None] if changes.content is None else await self._passages.cut([(after.content, after.speaker)])
        key = await aside(len(after.content), key_of, after) if self._resources.config.deduplicate else None
        changed = await self._resources.store.records.update(
            namespace,
            memory_id,
            MemoryChanges(
                content=changes.content,
                metadata=changes.metadata,
                importance_score=changes.importance_score,
                memory_type=changes.memory_type,
                tags=changes.tags,
                expires_at=changes.expires_at,
                embedding=vector,
                entities=entities,
                dedup_key=key,
                updated_at=now,
                actor=changes.actor,
                expected_version=changes.expected_version,
                seen_content=memory.content if entities is not None and changes.content is None else None,
                seen_metadata=memory.metadata if entities is not None and changes.metadata is None else None,
            ),
            model=self._model,
        )
        if changed:
            if cut is not None:
                await self._keep_passages(namespace, [(memory_id, cut)])
            if changes.content is not None:
                self._to_read(namespace)
            self._resources.events.emit("updated", namespace, [memory_id])
        return changed

    async def _keep_passages(self, namespace: str, rows: Sequence[tuple[str, NewPassages]]) -> None:
        """Keep the passages of memories that are stored already, and stay so where that fails."""
        try:
            await self._passages.save(namespace, [replace(row, memory_id=memory_id) for memory_id, row in rows])
        except GraphMemoryError as error:
            logger.warning(
                "Passages of %d long memories of namespace %r were not kept (%s). The job passages makes them.",
                len(rows),
                namespace,
                type(error).__name__,
            )

    async def delete(self, namespace: str, memory_id: str) -> bool:
        """Remove one memory with everything that hangs on it. False where there was none."""
        receipt = await self._resources.store.records.delete(namespace, [memory_id])
        announce(self._resources, namespace, receipt, [memory_id])
        return receipt.memories > 0

    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """Remove what matches, of any lifetime and archived or not, or everything with None.

        What waits to be learned or counted is, before it could bring something back. With a conversation as a whole
        goes what is set for it.
        """
        whole = None if where is None else where.model_copy(update={"lifetime": "any", "archived": None})
        if self._before_forgetting is not None:
            alone = where is not None and where == MemoryFilter(conversation_id=where.conversation_id)
            await self._before_forgetting(namespace, where.conversation_id if where is not None and alone else None)
        receipt = await self._resources.store.records.forget(namespace, whole)
        announce(self._resources, namespace, receipt, None, everything=where is None)
        return receipt

    async def _analyse(
        self, drafts: Sequence[Draft], *, embed: bool = True
    ) -> tuple[Sequence[Vector | None], Sequence[tuple[EntityMention, ...]]]:
        """Vectors and entities, found at the same time on different cores."""
        texts = [draft.content for draft in drafts]
        entities = self._resources.extraction.extract(
            [draft.content if draft.read_entities else None for draft in drafts],
            [draft.title for draft in drafts],
            [draft.speaker for draft in drafts],
        )
        embedding = self._resources.embedding
        if not (embed and embedding.enabled):
            return [None] * len(texts), await entities
        return await asyncio.gather(embedding.embed_documents(texts), entities)

    @property
    def _model(self) -> str | None:
        """Where vectors come from."""
        return self._resources.embedding.model if self._resources.embedding.enabled else None

    def _row(self, draft: Draft, vector: Vector | None, entities: tuple[EntityMention, ...], now: float) -> NewMemory:
        return NewMemory(
            memory_id=draft.memory_id or new_id(),
            content=draft.content,
            memory_type=draft.memory_type,
            timestamp=now if draft.timestamp is None else draft.timestamp,
            importance_score=importance(draft.content, draft.memory_type, entities)
            if draft.importance_score is None
            else draft.importance_score,
            created_at=now,
            metadata=draft.metadata,
            embedding=vector,
            conversation_id=draft.conversation_id,
            entities=entities,
            expires_at=draft.expires_at,
            lifetime=draft.lifetime,
            refresh_seconds=draft.refresh_seconds,
            user_id=draft.owner.user_id,
            agent_id=draft.owner.agent_id,
            session_id=draft.owner.session_id,
            tags=draft.tags or (),
            dedup_key=key_of(draft) if self._resources.config.deduplicate else None,
            to_read=may_state(draft.content, voice_of(draft.metadata) or ""),
            explicit=draft.explicit,
        )


async def archive_weakest(store: MemoryStore, namespace: str, max_memories: int, now: float) -> int:
    """Archive what is beyond `MemoryConfig.max_memories`, the least important and longest unused first.

    Args:
        store: Where the memories are.
        namespace: The tenant whose live long-term memories are counted.
        max_memories: How many may stay.
        now: The time to record (seconds, UTC).

    Returns:
        How many were archived. They are kept, counted as archived, and a warning is logged.
    """
    # Few hold so many; that it has ended is looked at in each of those that have, which may be long.
    if await store.records.live_count(namespace) <= max_memories:
        return 0
    surplus = await store.records.count(namespace, MemoryFilter(), now=now) - max_memories
    if surplus <= 0:
        return 0
    weakest = await store.records.find(namespace, MemoryFilter(), order="weakest", limit=surplus, now=now)
    archived = await store.records.archive(namespace, [memory.memory_id for memory in weakest], now)
    logger.warning(
        "max_memories: namespace %r holds more than %d memories; %d of the weakest were archived. "
        "Raise max_memories to keep more searchable.",
        namespace,
        max_memories,
        archived,
    )
    return archived
