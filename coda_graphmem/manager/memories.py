"""Calls that keep, read, list, change and remove memories."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.memories.draft import CALLER, Changes, make_draft, read_batch
from coda_graphmem.memories.writer import AnalysedBatch
from coda_graphmem.models import (
    ArchiveResult,
    DeletionReceipt,
    Entity,
    Memory,
    MemoryLink,
    MemoryStats,
    MemoryType,
    MergeRecord,
    OnConflict,
    RetrievalStats,
    SortOrder,
    UnarchiveResult,
)
from coda_graphmem.validation.checked import end_of, length_of, seconds_of
from coda_graphmem.validation.types import (
    Content,
    Duration,
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
    Tags,
    Unit,
    Version,
)
from coda_graphmem.where import Where


class Memories(ManagerCore):
    """Keeps, reads, lists, changes and removes memories."""

    @operation(MemoryStorageError, scoped=True)
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
        user_id: Id | None = None,
        agent_id: Id | None = None,
        session_id: Id | None = None,
        tags: Tags | None = None,
        expires_at: Moment | None = None,
        ttl: Duration | None = None,
        refresh_on_read: bool = False,
        on_conflict: OnConflict = "error",
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
            timestamp: When it happened (seconds, `datetime` or ISO 8601); None for now.
            memory_id: An id of its own; None for a new one.
            user_id: Whose memory it is, inside the namespace; None for nobody's in particular. The same words of two
                users are two memories, and their facts are told apart.
            agent_id: The assistant it belongs to, in the same way, but for facts.
            session_id: The session it belongs to, as ``agent_id``.
            tags: What to file it under, up to 100, each a line of up to 200 characters.
            expires_at: When it ends (seconds, `datetime` or ISO 8601): from that moment on it is found no more, and the
                job ``cleanup`` removes it. None for never.
            ttl: The same as a length of time from now, in seconds or as a `timedelta`.
            refresh_on_read: Whether each recall lets ``ttl`` begin anew.
            on_conflict: What to do where ``memory_id`` exists with something else: ``error``, ``update`` it to what is
                given here, or ``keep`` it as it is.

        Returns:
            The id of the memory.

        Raises:
            MemoryStorageError: It could not be written.
            EmbeddingError: No vector could be made of it.
            ValidationError: An argument is not acceptable, or the id exists with other content.
        """
        draft = make_draft(
            content,
            memory_type,
            now=self._open.resources.clock(),
            within=self.scope,
            metadata=metadata,
            importance_score=importance_score,
            conversation_id=conversation_id,
            timestamp=timestamp,
            memory_id=memory_id,
            user_id=user_id,
            agent_id=agent_id,
            session_id=session_id,
            tags=tags,
            expires_at=expires_at,
            ttl=length_of(ttl),
            refresh_on_read=refresh_on_read,
        )
        [stored] = await self._open.writer.store(self.namespace, [draft], learn=True, on_conflict=on_conflict)
        return stored

    @operation(MemoryStorageError, scoped=True)
    async def store_memories_batch(
        self, memories: Sequence[Mapping[str, Any]], *, on_conflict: OnConflict = "error"
    ) -> list[str]:
        """Keep many memories, all or none.

        Args:
            memories: Mappings with the arguments of `store_memory` as keys; ``type`` means ``memory_type``.
            on_conflict: As in `store_memory`, for all of them.

        Returns:
            Their ids, in the same order.

        Raises:
            MemoryStorageError: They could not be written.
            EmbeddingError: No vectors could be made of them.
            ValidationError: An entry is not acceptable; the field names it, as in ``memories[3].content``.
        """
        analysis = None
        if isinstance(memories, AnalysedBatch):
            drafts, analysis = memories.drafts, memories.analysis
        else:
            drafts = read_batch(memories, now=self._open.resources.clock(), within=self.scope)
        return await self._open.writer.store(
            self.namespace, drafts, learn=True, on_conflict=on_conflict, analysis=analysis
        )

    @operation(MemoryStorageError, scoped=True)
    async def _analysed(self, memories: Sequence[Mapping[str, Any]]) -> AnalysedBatch:
        """Memories for `store_memories_batch` of this view, of which nothing is left to do but to write them."""
        drafts = read_batch(memories, now=self._open.resources.clock(), within=self.scope)
        return AnalysedBatch(memories, drafts, await self._open.writer.analyse(drafts))

    @operation(MemoryStorageError, scoped=True)
    async def update_memory(
        self,
        memory_id: Id,
        content: Content | None = None,
        metadata: Metadata | None = None,
        importance_score: Unit | None = None,
        *,
        memory_type: Kind | None = None,
        tags: Tags | None = None,
        expires_at: Moment | Literal["never"] | None = None,
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
            tags: New tags, in place of all of the old; an empty list for none.
            expires_at: When it ends (seconds, `datetime` or ISO 8601), or ``never``.
            expected_version: The ``version`` of the memory that the change was made of; None for any.
            actor: Who does it, for the history; None for ``caller``.

        Returns:
            False where there is no such memory.

        Raises:
            MemoryStorageError: The memory is not of the expected version any more. Nothing was changed.
        """
        given = (content, metadata, importance_score, memory_type, tags, expires_at)
        if all(value is None for value in given):
            raise ValidationError(
                "nothing to change was given.",
                remedy="Give content, metadata, importance_score, memory_type, tags or expires_at.",
            )
        if not await self._owns(memory_id):
            return False
        changes = Changes(
            content,
            None if metadata is None else dict(metadata),
            importance_score,
            memory_type,
            tags=None if tags is None else tuple(tags),
            expires_at=end_of(expires_at, self._open.resources.clock()),
            expected_version=expected_version,
            actor=actor or CALLER,
        )
        return await self._open.writer.change(self.namespace, memory_id, changes)

    @operation(MemoryStorageError, scoped=True)
    async def delete_memory(self, memory_id: Id) -> bool:
        """Remove a memory, its vector, text, links, and entities that nothing else mentions.

        A merged memory takes its originals along. Where an original goes, the merged memory is made anew from those
        that remain, or the last one comes back in its place.

        Returns:
            False where there is no such memory.
        """
        return await self._owns(memory_id) and await self._open.writer.delete(self.namespace, memory_id)

    @operation(MemoryStorageError, scoped=True)
    async def forget(
        self,
        *,
        conversation_id: Id | None = None,
        memory_types: Kinds | None = None,
        max_importance: Unit | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        metadata: MetadataFilter | None = None,
        where: Where | None = None,
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
            where: Memories of which these conditions hold, as in `retrieve_memories`.
            everything: The whole namespace, or all of the scope of a view; excludes the other arguments.

        Returns:
            What was removed, by kind, what came back, and what is still to be cleaned.
        """
        filters = self._filter(
            where=where,
            conversation_id=conversation_id,
            memory_types=memory_types,
            max_importance=max_importance,
            since=since,
            until=until,
            metadata=metadata,
        )
        if (filters == self._filter()) != everything:
            raise ValidationError(
                "needs no other arguments." if everything else "is off and no filter was given.",
                field="everything",
                remedy="Give a filter, or everything=True alone to remove the whole namespace.",
            )
        return await self._open.writer.forget(self.namespace, None if everything and not self.scope else filters)

    @operation(MemoryStorageError, scoped=True)
    async def archive_memories(self, memory_ids: Ids) -> ArchiveResult:
        """Take memories out of search and keep them, until `unarchive_memories` brings them back.

        What they say stays a source of facts, as it is true or not however well it is found: `retract_memory` ends
        that. A merged memory that is archived leaves its originals archived, too.

        Args:
            memory_ids: Which ones, at most 10,000; all or none are archived.

        Returns:
            Which were archived and when, and why others were not.
        """
        own = await self._own(memory_ids)
        result = await self._open.archive.archive(self.namespace, own)
        others = [memory_id for memory_id in memory_ids if memory_id not in own]
        return result.model_copy(update={"missing_ids": [*result.missing_ids, *others]})

    @operation(MemoryStorageError, scoped=True)
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
        own = await self._own(memory_ids)
        result = await self._open.archive.unarchive(self.namespace, own)
        others = [memory_id for memory_id in memory_ids if memory_id not in own]
        return result.model_copy(update={"missing_ids": [*result.missing_ids, *others]})

    @operation(MemoryRetrievalError, scoped=True)
    async def get_memory(
        self, memory_id: Id, *, with_embedding: bool = False, as_of: Moment | None = None
    ) -> Memory | None:
        """One memory by its id, archived or short-term ones too; None where there is none.

        Args:
            memory_id: Which one.
            with_embedding: Whether its vector is wanted.
            as_of: The time its ``decay_factor`` is computed for (seconds, `datetime` or ISO 8601); None for the clock.
        """
        found = await self._open.reader.get(
            self.namespace, memory_id, with_embedding=with_embedding, as_of=seconds_of(as_of)
        )
        return next(iter(await self._seen([] if found is None else [found])), None)

    @operation(MemoryRetrievalError, scoped=True)
    async def get_memories(self, memory_ids: Ids, *, with_embedding: bool = False) -> list[Memory]:
        """Memories by their ids, in the order asked for, each once; ids of none are passed over.

        Args:
            memory_ids: Which ones, at most 10,000.
            with_embedding: Whether their vectors are wanted.
        """
        found = await self._open.reader.get_many(self.namespace, memory_ids, with_embedding=with_embedding)
        return await self._seen(found)

    @operation(MemoryRetrievalError, scoped=True)
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
        where: Where | None = None,
        archived: bool = False,
        as_of: Moment | None = None,
    ) -> list[Memory]:
        """A page of long-term memories.

        Args:
            limit: Size of the page, 1 to 10,000.
            offset: How many to pass over.
            order: ``newest``, ``oldest``, or ``weakest`` (the least important, longest unused first).
            memory_types: Only these types; None for all. The arguments that follow narrow it further.
            where: Only memories of which these conditions hold, as in `retrieve_memories`.
            archived: Whether archived memories are listed instead of live ones.
            as_of: The time each ``decay_factor`` is computed for (seconds, `datetime` or ISO 8601); None for the clock.
        """
        filters = self._filter(
            where=where,
            memory_types=memory_types,
            min_importance=min_importance,
            max_importance=max_importance,
            since=since,
            until=until,
            conversation_id=conversation_id,
            metadata=metadata,
            archived=archived,
        )
        found = await self._open.reader.find(
            self.namespace, filters, order=order, limit=limit, offset=offset, as_of=seconds_of(as_of)
        )
        return await self._seen(found)

    @operation(MemoryRetrievalError, scoped=True)
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
        where: Where | None = None,
        archived: bool = False,
    ) -> int:
        """How many long-term memories match; arguments as in `list_memories`."""
        filters = self._filter(
            where=where,
            memory_types=memory_types,
            min_importance=min_importance,
            max_importance=max_importance,
            since=since,
            until=until,
            conversation_id=conversation_id,
            metadata=metadata,
            archived=archived,
        )
        return await self._open.reader.count(self.namespace, filters)

    @operation(MemoryRetrievalError, scoped=True)
    async def list_touched(self, since: Moment) -> list[Memory]:
        """Live long-term memories that any process stored or changed at or after a time, by arrival.

        A change is one of content, metadata or importance, a repetition, or a return from short-term memory or the
        archive.

        Args:
            since: The time (seconds, `datetime` or ISO 8601), by when they were stored or changed.
        """
        return await self._seen(await self._open.reader.touched(self.namespace, seconds_of(since)))

    @operation(MemoryRetrievalError, scoped=True)
    async def list_recalled(self, since: Moment) -> list[Memory]:
        """Live long-term memories that any process recalled at or after a time, by arrival.

        Another process counts its recalls about a second after they happened; its `get_retrieval_stats` grow then.

        Args:
            since: The time of the recall (seconds, `datetime` or ISO 8601).
        """
        return await self._seen(await self._open.reader.recalled(self.namespace, seconds_of(since)))

    @operation(MemoryRetrievalError)
    async def get_revision(self) -> int:
        """A number that differs after every change of this namespace by any process; 0 where it holds nothing.

        It is cheap, so that programs can look often whether anything is new. Counting a recall is no change.
        """
        return await self._open.resources.store.changes.revision(self.namespace)

    @operation(MemoryRetrievalError, scoped=True)
    async def list_entities(self, limit: Limit = 100, offset: Offset = 0) -> list[Entity]:
        """What memories mention, the most mentioned first."""
        own = self._filter() if self.scope else None
        return await self._open.reader.entities(self.namespace, limit=limit, offset=offset, where=own)

    @operation(MemoryRetrievalError, scoped=True)
    async def list_links(self, memory_ids: Ids, kinds: LinkKinds | None = None) -> list[MemoryLink]:
        """Links from or to any of some memories, archived ones too, by source and target.

        Args:
            memory_ids: Which memories, at most 10,000.
            kinds: Only these kinds; None for all.
        """
        found = await self._open.reader.links(self.namespace, await self._own(memory_ids), kinds)
        own = set(await self._own([name for link in found for name in (link.source_id, link.target_id)]))
        return [link for link in found if link.source_id in own and link.target_id in own]

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
