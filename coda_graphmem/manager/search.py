"""Calls that find what is relevant, and those that keep what they found for the next time."""

from typing import cast

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import AggregationMethod, Memory, RetrievalMode, Validity
from coda_graphmem.models.conditions import Condition
from coda_graphmem.retrieval.query import ContextQuery, MultiQuery, Query
from coda_graphmem.validation.checked import any_of, seconds_of, weights_of
from coda_graphmem.validation.types import (
    CacheSize,
    Depth,
    Id,
    Kinds,
    Limit,
    MetadataFilter,
    Moment,
    Namespaces,
    Positive,
    QueryText,
    QueryTexts,
    Scopes,
    Unit,
    Weights,
)
from coda_graphmem.where import Where, all_of


class Search(ManagerCore):
    """Finds what is relevant."""

    @operation(MemoryRetrievalError, scoped=True)
    async def retrieve_memories(
        self,
        query: QueryText,
        memory_types: Kinds | None = None,
        limit: Limit | None = None,
        min_relevance: Unit | None = None,
        *,
        min_importance: Unit | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        conversation_id: Id | None = None,
        metadata: MetadataFilter | None = None,
        where: Where | None = None,
        scopes: Scopes | None = None,
        namespaces: Namespaces | None = None,
        mode: RetrievalMode = "graph",
        max_depth: Depth = 1,
        validity: Validity | None = None,
        as_of: Moment | None = None,
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
            since: Only memories whose timestamp is at or after this (seconds, `datetime` or ISO 8601).
            until: Only memories whose timestamp is before this (seconds, `datetime` or ISO 8601).
            conversation_id: Only memories of this conversation.
            metadata: Only memories whose metadata has these values.
            where: Only memories of which these conditions hold: a mapping of fields (``memory_type``,
                ``importance_score``, ``timestamp``, ``created_at``, ``updated_at``, ``last_said_at``, ``expires_at``,
                ``speaker``, ``conversation_id``, ``user_id``, ``agent_id``, ``session_id``, ``entities``, ``tags``,
                or ``metadata.key.inner``) to values, or to operators and operands: ``$eq $ne $gt $gte $lt $lte $in
                $nin $contains $exists``; and ``$and``, ``$or``, ``$not``. Of a list one of its items has to fit.
            scopes: Only memories of at least one of these: mappings with ``user_id``, ``agent_id``, ``session_id``.
            namespaces: Where to look, this namespace not included unless it is named; None for this one. Results say
                in ``namespace`` where they are from, and are ranked by their relevance.
            mode: ``graph`` (vectors, text and the graph), ``hybrid`` (without the graph), ``vector`` or ``text``.
            max_depth: Steps of the walk through the graph, 0 to 4; 0 for none.
            validity: ``current`` puts what holds before what held, ``past`` what held before what holds, ``all`` treats
                both alike; None reads from the question which of these it asks for, and of what time.
            as_of: The time that counts as now (seconds, `datetime` or ISO 8601): what was said later is not found, and
                what was outdated later holds. None for the clock.
            explain: Whether each result carries an `Explanation`.
            diverse: Whether near-duplicates make room for other memories.
            count_recall: Whether this counts as a recall, which makes what is found stronger; False to look only.

        Returns:
            Memories with ``relevance_score`` in [0, 1], never rising down the list.

        Raises:
            MemoryRetrievalError: The search failed.
            EmbeddingError: No vector could be made of the query.
        """
        asked = Query(
            namespace=self.namespace,
            text=query,
            scope=self.scope,
            where=self._filter(
                where=all_of(cast("Condition | None", where), any_of(scopes)),
                memory_types=memory_types,
                min_importance=min_importance,
                since=since,
                until=until,
                conversation_id=conversation_id,
                metadata=metadata,
            ),
            limit=self._limit(limit),
            min_relevance=self._threshold(min_relevance),
            mode=mode,
            max_depth=max_depth,
            validity=validity,
            as_of=seconds_of(as_of),
            explain=explain,
            diverse=diverse,
        )
        if namespaces is None:
            return await self._seen(await self._open.retrieval.retrieve(asked, count_recall=count_recall))
        if self.scope:
            raise ValidationError(
                "cannot be named by a view that is bound to a scope.",
                field="namespaces",
                remedy="Call it on the manager that the view was made from.",
            )
        return await self._open.retrieval.retrieve_across(asked, namespaces, count_recall=count_recall)

    @operation(MemoryRetrievalError, scoped=True)
    async def retrieve_memories_multi_query(
        self,
        queries: QueryTexts,
        aggregation_method: AggregationMethod = "weighted_average",
        weights: Weights | None = None,
        *,
        memory_types: Kinds | None = None,
        limit: Limit | None = None,
        min_relevance: Unit | None = None,
        min_importance: Unit | None = None,
        where: Where | None = None,
        mode: RetrievalMode = "graph",
        max_depth: Depth = 1,
        validity: Validity | None = None,
        as_of: Moment | None = None,
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
        asked = MultiQuery(
            namespace=self.namespace,
            texts=tuple(queries),
            aggregation_method=aggregation_method,
            weights=weights_of(weights, len(queries)),
            scope=self.scope,
            where=self._filter(where=where, memory_types=memory_types, min_importance=min_importance),
            limit=self._limit(limit),
            min_relevance=self._threshold(min_relevance),
            mode=mode,
            max_depth=max_depth,
            validity=validity,
            as_of=seconds_of(as_of),
            explain=explain,
            diverse=diverse,
        )
        return await self._seen(await self._open.retrieval.retrieve(asked))

    @operation(MemoryRetrievalError, scoped=True)
    async def retrieve_contextual_memories(
        self,
        conversation_id: Id,
        include_related: bool = True,
        max_depth: Depth = 2,
        limit: Limit | None = None,
        *,
        memory_types: Kinds | None = None,
        where: Where | None = None,
        validity: Validity | None = None,
        as_of: Moment | None = None,
        explain: bool = False,
    ) -> list[Memory]:
        """Find what belongs to a conversation: its own memories and what the graph links to them.

        Args:
            conversation_id: Where the walk starts: at the conversation's latest memories.
            include_related: Whether memories of other conversations, and of none, are part of it.
            max_depth: Steps over shared entities and neighbouring turns, 0 to 4; 0 for the start alone.
            limit: How many at most; None for `MemoryConfig.default_retrieval_limit`.
            memory_types: Only these types; None for all.
            where: As in `retrieve_memories`.
            validity: As in `retrieve_memories`; None is ``current``.
            as_of: As in `retrieve_memories`.
            explain: Whether each result carries the path that brought it.
        """
        asked = ContextQuery(
            namespace=self.namespace,
            conversation_id=conversation_id,
            include_related=include_related,
            max_depth=max_depth,
            scope=self.scope,
            where=self._filter(where=where, memory_types=memory_types),
            limit=self._limit(limit),
            validity=validity,
            as_of=seconds_of(as_of),
            explain=explain,
        )
        return await self._seen(await self._open.retrieval.retrieve(asked))

    @operation(MemoryRetrievalError, scoped=True)
    async def retrieve_recent_memories(
        self,
        hours: Positive = 24,
        memory_types: Kinds | None = None,
        limit: Limit | None = None,
        *,
        where: Where | None = None,
    ) -> list[Memory]:
        """The memories of the last hours, the newest first.

        Args:
            hours: How far back, in hours, above 0; by the memories' timestamps.
            memory_types: Only these types; None for all.
            limit: How many at most; None for `MemoryConfig.default_retrieval_limit`.
            where: As in `retrieve_memories`.
        """
        filters = self._filter(where=where, memory_types=memory_types)
        return await self._seen(await self._open.retrieval.recent(self.namespace, hours, filters, self._limit(limit)))

    @operation(MemoryRetrievalError)
    async def enable_caching(self, cache_size: CacheSize | None = None, ttl_minutes: Positive = 60) -> None:
        """Keep vectors of queries and results of the ``retrieve_memories…`` and contextual calls.

        The same call is then answered without a search, until anything is written to the namespace, by any process:
        results are as new as without a cache. They count as recalls and cause events all the same. Calling it again
        sets new bounds.

        Args:
            cache_size: Vectors, results and preloaded memories that are kept at most, the least recently used going
                first, and not more than 32 KiB for each on average; None for `MemoryConfig.cache_size`.
            ttl_minutes: Minutes after which a result is computed anew in any case, above 0.
        """
        size = self.config.cache_size if cache_size is None else cache_size
        if cache_size is None and not size:
            raise ValidationError(
                "is 0 in the settings, so nothing could be kept.", field="cache_size", remedy="Give a size of its own."
            )
        self._open.retrieval.cache.enable(size, 60 * ttl_minutes)

    @operation(MemoryRetrievalError)
    async def disable_caching(self) -> None:
        """Drop results and preloaded memories, and keep vectors of queries alone, as `MemoryConfig.cache_size` says."""
        self._open.retrieval.cache.disable()

    @operation(MemoryRetrievalError)
    async def preload_important_memories(self, min_importance: Unit = 0.8, max_count: Limit = 100) -> int:
        """Load ahead what would make the first calls slow.

        The embedding model and the vectors of this namespace are brought into memory, so that the first search is as
        fast as those after it, and the most important memories into the cache, so that `get_memory` reads none of
        them from the store; it only asks whether anything was changed.

        Args:
            min_importance: Memories of at least this importance, in [0, 1].
            max_count: How many at most, the most important ones, 1 to 10,000.

        Returns:
            How many memories are in the cache now; fewer than there are where the cache is smaller.
        """
        return await self._open.preloaded.load_ahead(self.namespace, min_importance, max_count)
