"""Answers queries: searches, ranks, and says how relevant each result is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import takewhile

import numpy as np

from coda_graphmem.decay import decay_factors_of
from coda_graphmem.language.stems import stems
from coda_graphmem.models import AggregationMethod, Memory, MemoryFilter, RetrievalMode
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.constants import RANKING, RankingConstants
from coda_graphmem.retrieval.contextual import rank_context
from coda_graphmem.retrieval.diversity import spread
from coda_graphmem.retrieval.multi_query import aggregate
from coda_graphmem.retrieval.ranker import Question, rank
from coda_graphmem.retrieval.relevance import plain_relevance, relevance_parts
from coda_graphmem.retrieval.results import Ranked, Result, explain
from coda_graphmem.retrieval.strength import Strength
from coda_graphmem.retrieval.terms import coverage, unknown_share

#: Best candidates that are looked at at least; their relevance is calibrated together, so that it does not depend on a
#: small limit.
_LOOK_AT_LEAST = 20


class RetrievalService:
    """Finds memories for queries and conversations.

    Args:
        resources: Settings, store, models and clock.
        constants: The constants of the ranking.
    """

    def __init__(self, resources: Resources, constants: RankingConstants = RANKING) -> None:
        self._resources = resources
        self._constants = constants

    async def retrieve(
        self,
        namespace: str,
        query: str,
        *,
        where: MemoryFilter,
        limit: int,
        min_relevance: float,
        mode: RetrievalMode = "graph",
        max_depth: int = 1,
        as_of: float | None = None,
        explain: bool = False,
        diverse: bool = True,
    ) -> list[Memory]:
        """Memories relevant to a query, best first.

        Args:
            namespace: Where to look.
            query: A question or some words.
            where: What results must match; part of every search and of the walk.
            limit: How many at most.
            min_relevance: Least relevance, in [0, 1].
            mode: ``vector`` or ``text`` alone, ``hybrid`` for both, ``graph`` for these, the walk and what
                else speaks for a memory (see `coda_graphmem.retrieval.score`).
            max_depth: Steps of the walk; with 0 ``graph`` is ``hybrid``.
            as_of: The time that counts as now, in seconds; None for the clock.
            explain: Whether results carry an explanation.
            diverse: Whether near-duplicates give way to others.

        Raises:
            ValidationError: The mode needs vectors and semantic search is switched off.
            EmbeddingError: No vector could be made of the query.
        """
        now = self._now(as_of)
        question = Question(namespace, query, where, limit, mode, max_depth, now)
        results = await self._answer(question, diverse=diverse)
        return self._handed_out(results, limit, min_relevance, now, explained=explain)

    async def retrieve_multi(
        self,
        namespace: str,
        queries: Sequence[str],
        *,
        aggregation_method: AggregationMethod,
        weights: Sequence[float] | None,
        where: MemoryFilter,
        limit: int,
        min_relevance: float,
        mode: RetrievalMode = "graph",
        max_depth: int = 1,
        as_of: float | None = None,
        explain: bool = False,
        diverse: bool = True,
    ) -> list[Memory]:
        """Memories relevant to several queries together, best first.

        Args:
            namespace: Where to look.
            queries: At least one.
            aggregation_method: See `coda_graphmem.retrieval.multi_query.aggregate`.
            weights: One a query, not negative and not all 0; None for equal ones.
            where: As in `retrieve`, as are the arguments that follow.
        """
        now = self._now(as_of)
        deep = max(2 * limit, self._constants.candidates // 2)
        rankings = await asyncio.gather(
            *(
                self._answer(Question(namespace, query, where, deep, mode, max_depth, now), diverse=False)
                for query in queries
            )
        )
        results = aggregate(rankings, aggregation_method, weights, self._constants)
        if diverse:
            contents = [result.memory.content for result in results]
            kept = spread(contents, [stems(content) for content in contents], self._constants)
            results = [results[i] for i in kept]
        return self._handed_out(results, limit, min_relevance, now, explained=explain)

    async def retrieve_contextual(
        self,
        namespace: str,
        conversation_id: str,
        *,
        include_related: bool,
        max_depth: int,
        where: MemoryFilter,
        limit: int,
        min_relevance: float = 0.0,
        as_of: float | None = None,
        explain: bool = False,
    ) -> list[Memory]:
        """A conversation's latest memories and what the graph links to them, best first.

        Args:
            namespace: Where to look.
            conversation_id: Which conversation.
            include_related: Whether other memories than the conversation's own are part of it.
            max_depth: Steps of the walk over shared entities and neighbouring turns.
            where: What results must match.
            limit: How many at most.
            min_relevance: Least relevance, in [0, 1].
            as_of: The time that counts as now, in seconds; None for the clock.
            explain: Whether results carry an explanation.
        """
        now = self._now(as_of)
        ranked = await rank_context(
            namespace,
            conversation_id,
            include_related=include_related,
            max_depth=max_depth,
            where=where,
            now=now,
            resources=self._resources,
            constants=self._constants,
        )
        results = await self._read(namespace, ranked, limit, diverse=False)
        return self._handed_out(results, limit, min_relevance, now, explained=explain)

    async def _answer(self, question: Question, *, diverse: bool) -> list[Result]:
        ranked = await rank(question, self._resources, self._constants)
        return await self._read(
            question.namespace, ranked, question.limit, diverse=diverse, plain=question.mode == "vector"
        )

    async def _read(
        self, namespace: str, ranked: Ranked, limit: int, *, diverse: bool, plain: bool = False
    ) -> list[Result]:
        """The best candidates as memories, with the parts of their relevance.

        Args:
            namespace: Where they are.
            ranked: The candidates.
            limit: How many are wanted.
            diverse: Whether near-duplicates give way.
            plain: Whether the similarity alone is the relevance.
        """
        pool = ranked.pool
        texts: list[str] = []
        words: list[frozenset[str]] = []
        kept: list[int] = []
        step = max(_LOOK_AT_LEAST, limit + limit // 4)
        for start in range(0, len(ranked.order), step):
            texts += [pool.candidates[i].excerpt for i in ranked.order[start : start + step]]
            words += map(stems, texts[len(words) :])
            kept = spread(texts, words, self._constants) if diverse else list(range(len(texts)))
            if len(kept) >= limit:
                break
        if not kept:
            return []
        places = [ranked.order[i] for i in kept]
        similarity = pool.similarity[places]
        if plain:
            parts = {"vector": plain_relevance(similarity)}
        else:
            parts = relevance_parts(
                similarity,
                np.array([coverage(ranked.terms, words[i]) for i in kept]),
                None if ranked.walked is None else ranked.walked[places],
                None
                if ranked.strength is None
                else Strength(ranked.strength.importance[places], ranked.strength.recency[places]),
                self._constants,
                unknown=await self._unknown(namespace, ranked, words),
            )
        ids = [pool.candidates[place].memory_id for place in places[:limit]]
        memories = {memory.memory_id: memory for memory in await self._resources.store.records.get(namespace, ids)}
        return [
            Result(memories[memory_id], {name: float(values[i]) for name, values in parts.items()}, ranked, places[i])
            for i, memory_id in enumerate(ids)
            if memory_id in memories
        ]

    async def _unknown(self, namespace: str, ranked: Ranked, words: Sequence[frozenset[str]]) -> float:
        """The share of names that none of the best holds, neither in its words nor among what it mentions.

        Args:
            namespace: Theirs.
            ranked: The candidates.
            words: `stems` of the texts of the best.
        """
        if unknown_share(ranked.names, words) == 0.0:
            return 0.0
        # A title is among what a memory mentions.
        ids = [ranked.pool.candidates[i].memory_id for i in ranked.order[: len(words)]]
        mentioned = {
            memory.memory_id: stems(" ".join(mention.name for mention in memory.entities))
            for memory in await self._resources.store.records.get(namespace, ids)
        }
        return unknown_share(
            ranked.names, [own | mentioned.get(name, frozenset()) for name, own in zip(ids, words, strict=True)]
        )

    def _handed_out(
        self, results: Sequence[Result], limit: int, min_relevance: float, now: float, *, explained: bool
    ) -> list[Memory]:
        rate = self._resources.config.importance_decay_rate
        relevant = list(takewhile(lambda result: result.relevance >= min_relevance, results[:limit]))
        out = [result.memory for result in relevant]
        for result, factor in zip(relevant, decay_factors_of(out, now=now, rate=rate).tolist(), strict=True):
            result.memory.relevance_score = result.relevance
            result.memory.decay_factor = factor
            result.memory.explanation = explain(result, limit) if explained else None
        return out

    def _now(self, as_of: float | None) -> float:
        return self._resources.clock() if as_of is None else as_of
