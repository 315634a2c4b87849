"""Calls that keep, read, list, change and remove memories."""

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.memories.draft import CALLER, Changes, Draft, read_batch
from coda_graphmem.models import (
    ArchiveResult,
    DeletionReceipt,
    Entity,
    Memory,
    MemoryLink,
    MemoryStats,
    MemoryType,
    MergeRecord,
    RetrievalStats,
    SortOrder,
    UnarchiveResult,
)
from coda_graphmem.validation import (
    Content,
    Id,
    Ids,
    Kind,
    Kinds,
    Limit,
    LinkKinds,
    Metadata,
    MetadataFilter,
    Moment,
    Offset,
    Unit,
    Version,
    make_filter,
    seconds_of,
)


class Memories(ManagerCore):
    """Keeps, reads, lists, changes and removes memories."""

    @operation(MemoryStorageError)
    async def store_memory(
        self,
        content: Content,
        memory_type: Kind = MemoryType.EPISODIC,
        metadata: Metadata | None = None,
        importance_score: Unit | None = None,
        *,
        conversation_id: Id | None = None,
        timestamp: Moment | None = None,
        memory_id: Id | None = None,
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
            timestamp: When it happened, (seconds, `datetime` or ISO 8601), as a `datetime` or as ISO 8601; None for
                now.
            memory_id: An id of its own; None for a new one.

        Returns:
            The id of the memory.

        Raises:
            MemoryStorageError: It could not be written.
            EmbeddingError: No vector could be made of it.
            ValidationError: An argument is not acceptable, or the id exists with other content.
        """
        draft = Draft(
            content=content,
            memory_type=memory_type,
            metadata=dict(metadata or {}),
            importance_score=importance_score,
            conversation_id=conversation_id,
            timestamp=seconds_of(timestamp),
            memory_id=memory_id,
        )
        [stored] = await self._open.writer.store(self.namespace, [draft], learn=True)
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
        return await self._open.writer.store(self.namespace, read_batch(memories), learn=True)

    @operation(MemoryStorageError)
    async def update_memory(
        self,
        memory_id: Id,
        content: Content | None = None,
        metadata: Metadata | None = None,
        importance_score: Unit | None = None,
        *,
        memory_type: Kind | None = None,
        expected_version: Version | None = None,
        actor: Id | None = None,
    ) -> bool:
        """Change a memory. What is None stays as it is, and how it was before is kept; see `get_history`.

        Args:
            memory_id: Which one.
            content: New content; vector and entities follow it.
            metadata: New metadata, in place of all of the old.
            importance_score: New importance, in [0, 1].
            memory_type: What kind of knowledge it is after all.
            expected_version: The ``version`` of the memory that the change was made of; None for any.
            actor: Who does it, for the history; None for ``caller``.

        Returns:
            False where there is no such memory.

        Raises:
            MemoryStorageError: The memory is not of the expected version any more. Nothing was changed.
        """
        if content is None and metadata is None and importance_score is None and memory_type is None:
            raise ValidationError(
                "nothing to change was given.", remedy="Give content, metadata, importance_score or memory_type."
            )
        changes = Changes(
            content,
            None if metadata is None else dict(metadata),
            importance_score,
            memory_type,
            expected_version=expected_version,
            actor=actor or CALLER,
        )
        return await self._open.writer.change(self.namespace, memory_id, changes)

    @operation(MemoryStorageError)
    async def delete_memory(self, memory_id: Id) -> bool:
        """Remove a memory, its vector, text, links, and entities that nothing else mentions.

        A merged memory takes its originals along. Where an original goes, the merged memory is made anew from those
        that remain, or the last one comes back in its place.

        Returns:
            False where there is no such memory.
        """
        return await self._open.writer.delete(self.namespace, memory_id)

    @operation(MemoryStorageError)
    async def forget(
        self,
        *,
        conversation_id: Id | None = None,
        memory_types: Kinds | None = None,
        max_importance: Unit | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        metadata: MetadataFilter | None = None,
        everything: bool = False,
    ) -> DeletionReceipt:
        """Remove all memories that match, short-term and archived ones included, without a trace.

        Where an original of a merge goes, the merged memory is made anew from those that remain, or the last one comes
        back in its place: what others said stays. With a conversation as a whole goes `enable_auto_learning` of it.

        Args:
            conversation_id: Memories of this conversation.
            memory_types: Memories of these types.
            max_importance: Memories of at most this importance, in [0, 1].
            since: Memories whose timestamp is at or after this (seconds, `datetime` or ISO 8601).
            until: Memories whose timestamp is before this (seconds, `datetime` or ISO 8601).
            metadata: Memories whose metadata has these values.
            everything: The whole namespace; excludes the other arguments.

        Returns:
            What was removed, by kind, what came back, and what is still to be cleaned.
        """
        where = make_filter(
            conversation_id=conversation_id,
            memory_types=memory_types,
            max_importance=max_importance,
            since=since,
            until=until,
            metadata=metadata,
        )
        if where.is_default != everything:
            raise ValidationError(
                "needs no other arguments." if everything else "is off and no filter was given.",
                field="everything",
                remedy="Give a filter, or everything=True alone to remove the whole namespace.",
            )
        return await self._open.writer.forget(self.namespace, None if everything else where)

    @operation(MemoryStorageError)
    async def archive_memories(self, memory_ids: Ids) -> ArchiveResult:
        """Take memories out of search and keep them, until `unarchive_memories` brings them back.

        What they say stays a source of facts, as it is true or not however well it is found: `retract_memory` ends
        that. A merged memory that is archived leaves its originals archived, too.

        Args:
            memory_ids: Which ones, at most 10,000; all or none are archived.

        Returns:
            Which were archived and when, and why others were not.
        """
        return await self._open.archive.archive(self.namespace, memory_ids)

    @operation(MemoryStorageError)
    async def unarchive_memories(self, memory_ids: Ids) -> UnarchiveResult:
        """Bring archived memories back into search, exactly as they were.

        What was archived because of `MemoryConfig.max_memories` comes back for good only where it is not among the
        weakest any more: raise the limit, or its importance. Originals of a merge stay archived, as the merged memory
        says the same: undo its run. What was deleted is gone.

        Args:
            memory_ids: Which ones, at most 10,000.

        Returns:
            Which are live again, and why others are not.
        """
        return await self._open.archive.unarchive(self.namespace, memory_ids)

    @operation(MemoryRetrievalError)
    async def get_memory(
        self, memory_id: Id, *, with_embedding: bool = False, as_of: Moment | None = None
    ) -> Memory | None:
        """One memory by its id, archived or short-term ones too; None where there is none.

        Args:
            memory_id: Which one.
            with_embedding: Whether its vector is wanted.
            as_of: The time its ``decay_factor`` is computed for (seconds, `datetime` or ISO 8601); None for the clock.
        """
        return await self._open.reader.get(
            self.namespace, memory_id, with_embedding=with_embedding, as_of=seconds_of(as_of)
        )

    @operation(MemoryRetrievalError)
    async def get_memories(self, memory_ids: Ids, *, with_embedding: bool = False) -> list[Memory]:
        """Memories by their ids, in the order asked for, each once; ids of none are passed over.

        Args:
            memory_ids: Which ones, at most 10,000.
            with_embedding: Whether their vectors are wanted.
        """
        return await self._open.reader.get_many(self.namespace, memory_ids, with_embedding=with_embedding)

    @operation(MemoryRetrievalError)
    async def list_memories(
        self,
        limit: Limit = 100,
        offset: Offset = 0,
        order: SortOrder = "newest",
        *,
        memory_types: Kinds | None = None,
        min_importance: Unit | None = None,
        max_importance: Unit | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        conversation_id: Id | None = None,
        metadata: MetadataFilter | None = None,
        archived: bool = False,
        as_of: Moment | None = None,
    ) -> list[Memory]:
        """A page of long-term memories.

        Args:
            limit: Size of the page, 1 to 10,000.
            offset: How many to pass over.
            order: ``newest``, ``oldest``, or ``weakest`` (the least important, longest unused first).
            memory_types: Only these types; None for all. The arguments that follow narrow it further.
            archived: Whether archived memories are listed instead of live ones.
            as_of: The time each ``decay_factor`` is computed for (seconds, `datetime` or ISO 8601); None for the clock.
        """
        where = make_filter(
            memory_types=memory_types,
            min_importance=min_importance,
            max_importance=max_importance,
            since=since,
            until=until,
            conversation_id=conversation_id,
            metadata=metadata,
            archived=archived,
        )
        return await self._open.reader.find(
            self.namespace, where, order=order, limit=limit, offset=offset, as_of=seconds_of(as_of)
        )

    @operation(MemoryRetrievalError)
    async def count(
        self,
        *,
        memory_types: Kinds | None = None,
        min_importance: Unit | None = None,
        max_importance: Unit | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        conversation_id: Id | None = None,
        metadata: MetadataFilter | None = None,
        archived: bool = False,
    ) -> int:
        """How many long-term memories match; arguments as in `list_memories`."""
        where = make_filter(
            memory_types=memory_types,
            min_importance=min_importance,
            max_importance=max_importance,
            since=since,
            until=until,
            conversation_id=conversation_id,
            metadata=metadata,
            archived=archived,
        )
        return await self._open.reader.count(self.namespace, where)

    @operation(MemoryRetrievalError)
    async def list_touched(self, since: Moment) -> list[Memory]:
        """Live long-term memories that any process stored or changed at or after a time, by arrival.

        A change is one of content, metadata or importance, a repetition, or a return from short-term memory or the
        archive.

        Args:
            since: The time, (seconds, `datetime` or ISO 8601), by when they were stored or changed.
        """
        return await self._open.reader.touched(self.namespace, seconds_of(since))

    @operation(MemoryRetrievalError)
    async def list_recalled(self, since: Moment) -> list[Memory]:
        """Live long-term memories that any process recalled at or after a time, by arrival.

        Another process counts its recalls about a second after they happened; its `get_retrieval_stats` grow then.

        Args:
            since: The time of the recall, (seconds, `datetime` or ISO 8601).
        """
        return await self._open.reader.recalled(self.namespace, seconds_of(since))

    @operation(MemoryRetrievalError)
    async def get_revision(self) -> int:
        """A number that differs after every change of this namespace by any process; 0 where it holds nothing.

        It is cheap, so that programs can look often whether anything is new. Counting a recall is no change.
        """
        return await self._open.resources.store.changes.revision(self.namespace)

    @operation(MemoryRetrievalError)
    async def list_entities(self, limit: Limit = 100, offset: Offset = 0) -> list[Entity]:
        """What memories mention, the most mentioned first."""
        return await self._open.reader.entities(self.namespace, limit=limit, offset=offset)

    @operation(MemoryRetrievalError)
    async def list_links(self, memory_ids: Ids, kinds: LinkKinds | None = None) -> list[MemoryLink]:
        """Links from or to any of some memories, archived ones too, by source and target.

        Args:
            memory_ids: Which memories, at most 10,000.
            kinds: Only these kinds; None for all.
        """
        return await self._open.reader.links(self.namespace, memory_ids, kinds)

    @operation(MemoryRetrievalError)
    async def list_merges(self, memory_ids: Ids) -> list[MergeRecord]:
        """Merges that some memories came out of, or that put another in their place, in order of time.

        Args:
            memory_ids: Merged memories or originals, at most 10,000.
        """
        return await self._open.reader.merges(self.namespace, memory_ids)

    @operation(MemoryRetrievalError)
    async def get_memory_stats(self) -> MemoryStats:
        """Counts of this namespace."""
        return await self._open.reader.stats(self.namespace)

    @operation(MemoryRetrievalError)
    async def get_retrieval_stats(self) -> RetrievalStats:
        """How this namespace was searched so far, by all processes together."""
        return await self._open.reader.retrieval_stats(self.namespace)

    @operation(MemoryRetrievalError)
    async def list_namespaces(self) -> list[str]:
        """Names of all namespaces of the store; for administration, not for tenants."""
        return await self._open.resources.store.records.namespaces()
