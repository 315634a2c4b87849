"""Calls that read, list and count without ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import (
    Entity,
    LinkKind,
    Memory,
    MemoryLink,
    MemoryStats,
    MemoryType,
    MergeRecord,
    MetadataValue,
    RetrievalStats,
    SortOrder,
)
from coda_graphmem.validation import (
    check_choice,
    check_filter,
    check_flag,
    check_id,
    check_ids,
    check_integer,
    check_limit,
    check_link_kinds,
    check_optional_time,
    check_time,
)


class Looking(ManagerCore):
    """Reads, lists and counts."""

    @operation(MemoryRetrievalError)
    async def get_memory(
        self, memory_id: str, *, with_embedding: bool = False, as_of: float | None = None
    ) -> Memory | None:
        """One memory by its id, archived or short-term ones too; None where there is none.

        Args:
            memory_id: Which one.
            with_embedding: Whether its vector is wanted.
            as_of: The time its ``decay_factor`` is computed for (seconds, UTC); None for the clock.
        """
        return await self._open.catalog.get(
            self.namespace,
            check_id(memory_id, "memory_id"),
            with_embedding=check_flag(with_embedding, "with_embedding"),
            as_of=check_optional_time(as_of, "as_of"),
        )

    @operation(MemoryRetrievalError)
    async def get_memories(self, memory_ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        """Memories by their ids, in the order asked for, each once; ids of none are passed over.

        Args:
            memory_ids: Which ones, at most 10,000.
            with_embedding: Whether their vectors are wanted.
        """
        return await self._open.catalog.get_many(
            self.namespace,
            check_ids(memory_ids, "memory_ids"),
            with_embedding=check_flag(with_embedding, "with_embedding"),
        )

    @operation(MemoryRetrievalError)
    async def list_memories(
        self,
        limit: int = 100,
        offset: int = 0,
        order: SortOrder = "newest",
        *,
        memory_types: Sequence[MemoryType] | None = None,
        min_importance: float | None = None,
        max_importance: float | None = None,
        since: float | None = None,
        until: float | None = None,
        conversation_id: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        archived: bool = False,
        as_of: float | None = None,
    ) -> list[Memory]:
        """A page of long-term memories.

        Args:
            limit: Size of the page, 1 to 10,000.
            offset: How many to pass over.
            order: ``newest``, ``oldest``, or ``weakest`` (the least important, longest unused first).
            memory_types: Only these types; None for all. The arguments that follow narrow it further.
            archived: Whether archived memories are listed instead of live ones.
            as_of: The time each ``decay_factor`` is computed for (seconds, UTC); None for the clock.
        """
        where = check_filter(
            memory_types=memory_types,
            min_importance=min_importance,
            max_importance=max_importance,
            since=since,
            until=until,
            conversation_id=conversation_id,
            metadata=metadata,
            archived=check_flag(archived, "archived"),
        )
        return await self._open.catalog.find(
            self.namespace,
            where,
            order=check_choice(order, "order", SortOrder),
            limit=check_limit(limit),
            offset=check_integer(offset, "offset", low=0, high=2**53),
            as_of=check_optional_time(as_of, "as_of"),
        )

    @operation(MemoryRetrievalError)
    async def count(
        self,
        *,
        memory_types: Sequence[MemoryType] | None = None,
        min_importance: float | None = None,
        max_importance: float | None = None,
        since: float | None = None,
        until: float | None = None,
        conversation_id: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        archived: bool = False,
    ) -> int:
        """How many long-term memories match; arguments as in `list_memories`."""
        where = check_filter(
            memory_types=memory_types,
            min_importance=min_importance,
            max_importance=max_importance,
            since=since,
            until=until,
            conversation_id=conversation_id,
            metadata=metadata,
            archived=check_flag(archived, "archived"),
        )
        return await self._open.catalog.count(self.namespace, where)

    @operation(MemoryRetrievalError)
    async def list_touched(self, since: float) -> list[Memory]:
        """Live long-term memories that any process stored or changed at or after a time, by arrival.

        A change is one of content, metadata or importance, a repetition, or a return from short-term memory or the
        archive.

        Args:
            since: The time, in seconds since the Unix epoch (UTC), by when they were stored or changed.
        """
        return await self._open.catalog.touched(self.namespace, check_time(since, "since"))

    @operation(MemoryRetrievalError)
    async def list_recalled(self, since: float) -> list[Memory]:
        """Live long-term memories that any process recalled at or after a time, by arrival.

        Another process counts its recalls about a second after they happened; its `get_retrieval_stats` grow then.

        Args:
            since: The time of the recall, in seconds since the Unix epoch (UTC).
        """
        return await self._open.catalog.recalled(self.namespace, check_time(since, "since"))

    @operation(MemoryRetrievalError)
    async def get_revision(self) -> int:
        """A number that differs after every change of this namespace by any process; 0 where it holds nothing.

        It is cheap, so that programs can look often whether anything is new. Counting a recall is no change.
        """
        return await self._open.resources.store.changes.revision(self.namespace)

    @operation(MemoryRetrievalError)
    async def list_entities(self, limit: int = 100, offset: int = 0) -> list[Entity]:
        """What memories mention, the most mentioned first."""
        return await self._open.catalog.entities(
            self.namespace, limit=check_limit(limit), offset=check_integer(offset, "offset", low=0, high=2**53)
        )

    @operation(MemoryRetrievalError)
    async def list_links(self, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None) -> list[MemoryLink]:
        """Links from or to any of some memories, archived ones too, by source and target.

        Args:
            memory_ids: Which memories, at most 10,000.
            kinds: Only these kinds; None for all.
        """
        return await self._open.catalog.links(
            self.namespace, check_ids(memory_ids, "memory_ids"), check_link_kinds(kinds)
        )

    @operation(MemoryRetrievalError)
    async def list_merges(self, memory_ids: Sequence[str]) -> list[MergeRecord]:
        """Merges that some memories came out of, or that put another in their place, in order of time.

        Args:
            memory_ids: Merged memories or originals, at most 10,000.
        """
        return await self._open.catalog.merges(self.namespace, check_ids(memory_ids, "memory_ids"))

    @operation(MemoryRetrievalError)
    async def get_memory_stats(self) -> MemoryStats:
        """Counts of this namespace."""
        return await self._open.catalog.stats(self.namespace)

    @operation(MemoryRetrievalError)
    async def get_retrieval_stats(self) -> RetrievalStats:
        """How this namespace was searched so far, by all processes together."""
        return await self._open.catalog.retrieval_stats(self.namespace)

    @operation(MemoryRetrievalError)
    async def list_namespaces(self) -> list[str]:
        """Names of all namespaces of the store; for administration, not for tenants."""
        return await self._open.resources.store.records.namespaces()
