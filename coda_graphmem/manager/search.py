"""Calls that find what is relevant."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import AggregationMethod, Memory, MemoryType, MetadataValue, RetrievalMode
from coda_graphmem.validation import (
    MAX_DEPTH,
    MAX_QUERY_LENGTH,
    check_choice,
    check_filter,
    check_flag,
    check_id,
    check_integer,
    check_limit,
    check_optional_time,
    check_positive,
    check_text,
    check_texts,
    check_weights,
)


class Recalling(ManagerCore):
    """Finds what is relevant."""

    @operation(MemoryRetrievalError)
    async def retrieve_memories(
        self,
        query: str,
        memory_types: Sequence[MemoryType] | None = None,
        limit: int | None = None,
        min_relevance: float | None = None,
        *,
        min_importance: float | None = None,
        since: float | None = None,
        until: float | None = None,
        conversation_id: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        mode: RetrievalMode = "graph",
        max_depth: int = 1,
        as_of: float | None = None,
        explain: bool = False,
        diverse: bool = True,
        count_recall: bool = True,
    ) -> list[Memory]:
        """Find what is relevant to a query, the most relevant first.

        Args:
            query: A question or some words.
            memory_types: Only these types; None for all.
            limit: How many at most; None for `MemoryConfig.default_retrieval_limit`.
            min_relevance: Only memories of at least this relevance, in [0, 1]; None for
                `MemoryConfig.min_relevance_threshold`. ``(1 + cosine) / 2`` is the scale.
            min_importance: Only memories of at least this importance, in [0, 1].
            since: Only memories whose timestamp is at or after this (seconds, UTC).
            until: Only memories whose timestamp is before this (seconds, UTC).
            conversation_id: Only memories of this conversation.
            metadata: Only memories whose metadata has these values.
            mode: ``graph`` (vectors, text and the graph), ``hybrid`` (without the graph), ``vector`` or ``text``.
            max_depth: Steps of the walk through the graph, 0 to 4; 0 for none.
            as_of: The time that counts as now (seconds, UTC); None for the clock.
            explain: Whether each result carries an `Explanation`.
            diverse: Whether near-duplicates make room for other memories.
            count_recall: Whether this counts as a recall, which makes what is found stronger; False to look only.

        Returns:
            Memories with ``relevance_score`` in [0, 1], never rising down the list.

        Raises:
            MemoryRetrievalError: The search failed.
            EmbeddingError: No vector could be made of the query.
        """
        started = time.perf_counter()
        counts = check_flag(count_recall, "count_recall")
        found = await self._open.retrieval.retrieve(
            self.namespace,
            check_text(query, "query", limit=MAX_QUERY_LENGTH),
            where=check_filter(
                memory_types=memory_types,
                min_importance=min_importance,
                since=since,
                until=until,
                conversation_id=conversation_id,
                metadata=metadata,
            ),
            limit=self._limit(limit),
            min_relevance=self._threshold(min_relevance),
            mode=check_choice(mode, "mode", RetrievalMode),
            max_depth=check_integer(max_depth, "max_depth", low=0, high=MAX_DEPTH),
            as_of=check_optional_time(as_of, "as_of"),
            explain=check_flag(explain, "explain"),
            diverse=check_flag(diverse, "diverse"),
        )
        return self._recalled(found, started, conversation_id) if counts else found

    @operation(MemoryRetrievalError)
    async def retrieve_memories_multi_query(
        self,
        queries: Sequence[str],
        aggregation_method: AggregationMethod = "weighted_average",
        weights: Sequence[float] | None = None,
        *,
        memory_types: Sequence[MemoryType] | None = None,
        limit: int | None = None,
        min_relevance: float | None = None,
        min_importance: float | None = None,
        mode: RetrievalMode = "graph",
        max_depth: int = 1,
        as_of: float | None = None,
        explain: bool = False,
        diverse: bool = True,
    ) -> list[Memory]:
        """Find what is relevant to several queries together.

        Args:
            queries: One query or more.
            aggregation_method: ``weighted_average`` or ``max`` of the relevance to each query, or
                ``reciprocal_rank`` for the order by reciprocal rank fusion.
            weights: One weight a query, not negative; None for equal weights.
            memory_types: As in `retrieve_memories`, as are the arguments that follow.

        Returns:
            Memories with the joint ``relevance_score``, never rising down the list.
        """
        started = time.perf_counter()
        texts = check_texts(queries, "queries")
        found = await self._open.retrieval.retrieve_multi(
            self.namespace,
            texts,
            aggregation_method=check_choice(aggregation_method, "aggregation_method", AggregationMethod),
            weights=check_weights(weights, len(texts)),
            where=check_filter(memory_types=memory_types, min_importance=min_importance),
            limit=self._limit(limit),
            min_relevance=self._threshold(min_relevance),
            mode=check_choice(mode, "mode", RetrievalMode),
            max_depth=check_integer(max_depth, "max_depth", low=0, high=MAX_DEPTH),
            as_of=check_optional_time(as_of, "as_of"),
            explain=check_flag(explain, "explain"),
            diverse=check_flag(diverse, "diverse"),
        )
        return self._recalled(found, started)

    @operation(MemoryRetrievalError)
    async def retrieve_contextual_memories(
        self,
        conversation_id: str,
        include_related: bool = True,
        max_depth: int = 2,
        limit: int | None = None,
        *,
        memory_types: Sequence[MemoryType] | None = None,
        as_of: float | None = None,
        explain: bool = False,
    ) -> list[Memory]:
        """Find what belongs to a conversation: its own memories and what the graph links to them.

        Args:
            conversation_id: Where the walk starts: at the conversation's latest memories.
            include_related: Whether memories of other conversations, and of none, are part of it.
            max_depth: Steps over shared entities and neighbouring turns, 0 to 4; 0 for the start alone.
            limit: How many at most; None for `MemoryConfig.default_retrieval_limit`.
            memory_types: Only these types; None for all.
            as_of: The time that counts as now (seconds, UTC); None for the clock.
            explain: Whether each result carries the path that brought it.
        """
        started = time.perf_counter()
        found = await self._open.retrieval.retrieve_contextual(
            self.namespace,
            check_id(conversation_id, "conversation_id"),
            include_related=check_flag(include_related, "include_related"),
            max_depth=check_integer(max_depth, "max_depth", low=0, high=MAX_DEPTH),
            where=check_filter(memory_types=memory_types),
            limit=self._limit(limit),
            as_of=check_optional_time(as_of, "as_of"),
            explain=check_flag(explain, "explain"),
        )
        return self._recalled(found, started, conversation_id)

    @operation(MemoryRetrievalError)
    async def retrieve_recent_memories(
        self,
        hours: float = 24,
        memory_types: Sequence[MemoryType] | None = None,
        limit: int | None = None,
    ) -> list[Memory]:
        """The memories of the last hours, the newest first.

        Args:
            hours: How far back, in hours, above 0; by the memories' timestamps.
            memory_types: Only these types; None for all.
            limit: How many at most; None for `MemoryConfig.default_retrieval_limit`.
        """
        started = time.perf_counter()
        now = self._services.resources.clock()
        where = check_filter(memory_types=memory_types).model_copy(
            update={"since": now - 3600 * check_positive(hours, "hours")}
        )
        found = await self._open.catalog.find(self.namespace, where, order="newest", limit=self._limit(limit))
        return self._recalled(found, started)

    @operation(MemoryRetrievalError)
    async def get_conversation_context(self, conversation_id: str, max_memories: int = 10) -> list[Memory]:
        """The newest memories of a conversation, short-term and long-term, in the order they were said.

        Args:
            conversation_id: Which conversation.
            max_memories: How many at most.
        """
        return await self._open.conversation.context(
            self.namespace, check_id(conversation_id, "conversation_id"), check_limit(max_memories, "max_memories")
        )

    def _recalled(self, found: list[Memory], started: float, conversation_id: str | None = None) -> list[Memory]:
        self._services.access.note_retrieval(self.namespace, found, time.perf_counter() - started)
        self._services.recalls.note(self.namespace, (memory.memory_id for memory in found), conversation_id)
        if found:
            self._services.resources.events.emit("retrieved", self.namespace, memories=found)
        return found
