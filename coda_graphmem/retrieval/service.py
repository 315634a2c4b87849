"""Answers queries: searches, ranks, says how relevant each result is, and counts what was recalled."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from coda_graphmem.decay import with_decay
from coda_graphmem.language.words import stems
from coda_graphmem.memories.access import AccessRecorder, RecentRecalls
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.bequests import lift
from coda_graphmem.retrieval.cache import ResultCache
from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.chance import chance_level, evidence
from coda_graphmem.retrieval.constants import RANKING, RankingConstants
from coda_graphmem.retrieval.duplicates import Sayings
from coda_graphmem.retrieval.multi_query import aggregate
from coda_graphmem.retrieval.passages import best_passages
from coda_graphmem.retrieval.query import AnyQuery, ContextQuery, MultiQuery, Query, Request
from coda_graphmem.retrieval.relevance import (
    Ranked,
    Result,
    explain,
    plain_relevance,
    relevance_parts,
    spread,
    with_order,
)
from coda_graphmem.retrieval.terms import coverage, telling_share, unknown_share
from coda_graphmem.threads import aside

if TYPE_CHECKING:
    from coda_graphmem.retrieval.ranker import Ranker

#: Best candidates that are looked at at least; their relevance is calibrated together, so that it does not depend on a
#: small limit.
_LOOK_AT_LEAST = 20


class RetrievalService:
    """Finds memories for queries and conversations.

    Args:
        access: Counts retrievals and recalls.
        recalls: Remembers what was recalled for the present turn.
        settled: Waits until what is stored in a namespace is read for facts.
    """

    def __init__(
        self,
        resources: Resources,
        access: AccessRecorder,
        recalls: RecentRecalls,
        constants: RankingConstants = RANKING,
        *,
        settled: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.cache = ResultCache(resources)
        self._resources = resources
        self._access = access
        self._recalls = recalls
        self._constants = constants
        self._settled = settled

    @cached_property
    def _ranker(self) -> "Ranker":
        # Imported with the first question, while a thread of a program that starts loads the model of its answer.
        from coda_graphmem.retrieval.ranker import Ranker

        return Ranker(self._resources, self._constants)

    async def retrieve(self, query: AnyQuery, *, count_recall: bool = True) -> list[Memory]:
        """The results of a query, best first, from the cache where it has them.

        Args:
            count_recall: Whether results count as recalled, and those who listen hear of them.

        Raises:
            ValidationError: The mode needs vectors and semantic search is switched off.
            EmbeddingError: No vector could be made of the query.
        """
        started = time.perf_counter()
        if self._settled is not None:
            await self._settled(query.namespace)
        key = await self.cache.key(query) if self.cache.enabled else None
        found = None if key is None else self.cache.get(key)
        if found is None:
            found = await self.answer(query)
            if key is not None:
                self.cache.put(key, found)
        if count_recall:
            asked_in = query.conversation_id if isinstance(query, ContextQuery) else query.where.conversation_id
            self.recalled(query.namespace, found, time.perf_counter() - started, asked_in)
        self._count(query.namespace, found)
        return found

    async def retrieve_across(
        self, query: Query, namespaces: Sequence[str], *, count_recall: bool = True
    ) -> list[Memory]:
        """The results of a query in several namespaces, the most relevant first; each namespace is searched by itself.

        Args:
            query: What is asked; its namespace does not count.
            namespaces: Where to look, each once.
            count_recall: As in `retrieve`; only what is given counts.
        """
        started = time.perf_counter()
        found = await asyncio.gather(
            *(self.retrieve(replace(query, namespace=name), count_recall=False) for name in namespaces)
        )
        places = {name: place for place, name in enumerate(namespaces)}
        best = sorted(
            (memory for some in found for memory in some),
            key=lambda memory: (-(memory.relevance_score or 0.0), places[memory.namespace]),
        )[: query.limit]
        if count_recall:
            seconds = time.perf_counter() - started
            for name in namespaces:
                own = [memory for memory in best if memory.namespace == name]
                self.recalled(name, own, seconds, query.where.conversation_id)
        return best

    async def recent(self, namespace: str, hours: float, where: MemoryFilter, limit: int) -> list[Memory]:
        """The memories of the last hours, the newest first.

        Args:
            hours: How far back, by the memories' timestamps.
            where: What else they must match.
        """
        started = time.perf_counter()
        await self._access.flush()
        now = self._resources.clock()
        lately = where.model_copy(update={"since": now - 3600 * hours})
        newest = await self._resources.store.records.find(namespace, lately, order="newest", limit=limit, now=now)
        found = with_decay(newest, now=now, rate=self._resources.config.importance_decay_rate)
        self.recalled(namespace, found, time.perf_counter() - started, None)
        self._count(namespace, found)
        return found

    async def answer(self, query: AnyQuery) -> list[Memory]:
        """The results of a query, best first; neither kept nor counted."""
        now = self._resources.clock() if query.as_of is None else query.as_of
        match query:
            case Query():
                results = await self._rank(query, now)
            case MultiQuery():
                results = await self._rank_together(query, now)
            case ContextQuery():
                results = await self._read(query, await self._ranker.rank_context(query, now), diverse=False)
        relevant = list(takewhile(lambda result: result.relevance >= query.min_relevance, results[: query.limit]))
        for result in relevant:
            result.memory.relevance_score = result.relevance
            result.memory.passages = best_passages(
                result.memory.content, result.ranked.passages.get(result.memory.memory_id, ())
            )
            result.memory.explanation = explain(result, query.limit) if query.explain else None
            _tell_succession(result, query.as_of)
        rate = self._resources.config.importance_decay_rate
        return with_decay([result.memory for result in relevant], now=now, rate=rate)

    async def _rank(self, query: Query, now: float) -> list[Result]:
        ranked = await self._ranker.rank(query, now)
        return await self._read(query, ranked, diverse=query.diverse, plain=query.mode == "vector")

    async def _rank_together(self, query: MultiQuery, now: float) -> list[Result]:
        deep = max(2 * query.limit, self._constants.candidates // 2)
        rankings = await asyncio.gather(*(self._rank(single, now) for single in query.queries(deep)))
        results = aggregate(rankings, query.aggregation_method, query.weights, self._constants)
        if not query.diverse:
            return results
        contents = [result.memory.content for result in results]
        over = [r.ranked.prefers_current and r.memory.memory_id in r.ranked.succession.over for r in results]
        kept = spread(contents, [stems(content) for content in contents], self._constants, over)
        return [results[i] for i in kept]

    async def _read(self, query: Request, ranked: Ranked, *, diverse: bool, plain: bool = False) -> list[Result]:
        """The best candidates as memories, with the parts of their relevance.

        Args:
            query: Where they are, and how many are wanted.
            diverse: Whether near-duplicates give way.
            plain: Whether the similarity alone is the relevance.
        """
        size = sum(len(ranked.pool.candidates[i].excerpt) for i in ranked.order[:_LOOK_AT_LEAST])
        kept, words = await aside(size // 10, self._best, ranked, query.limit, diverse=diverse)
        if not kept:
            return []
        pool = ranked.pool
        places = [ranked.order[i] for i in kept]
        similarity = pool.similarity[places]
        lifted = partial(lift, bequests=ranked.bequests, places=places) if ranked.bequests else None
        if plain:
            parts = {"vector": plain_relevance(np.nan_to_num(similarity, nan=-1.0))}
            if "validity" in ranked.factors:
                if lifted is not None:
                    parts["validity"] = lifted(parts["vector"])
                parts = with_order(parts)
        else:
            covered = np.array([coverage(ranked.terms, words[i]) for i in kept])
            linked = np.array([pool.candidates[place].memory_id in ranked.linked for place in places])
            unknown = await self._unknown(query.namespace, ranked, words)
            parts = relevance_parts(
                similarity,
                covered,
                None if ranked.walked is None else ranked.walked[places],
                None if ranked.strength is None else ranked.strength.at(places),
                self._constants,
                known=ranked.known,
                unknown=unknown,
                unasked=(covered == 0.0) & ~linked if ranked.terms else None,
                unanswered=self._by_chance(ranked, similarity, [words[i] for i in kept], unknown),
                lifted=lifted,
            )
        ids = [pool.candidates[place].memory_id for place in places[: query.limit]]
        found = await self._resources.store.records.get(query.namespace, ids)
        memories = {memory.memory_id: memory for memory in found}
        return [
            Result(memories[memory_id], {name: float(values[i]) for name, values in parts.items()}, ranked, places[i])
            for i, memory_id in enumerate(ids)
            if memory_id in memories
        ]

    def _best(self, ranked: Ranked, limit: int, *, diverse: bool) -> tuple[list[int], list[frozenset[str]]]:
        """Ranks of the best candidates, at least ``limit`` where there are so many, and the stems of all looked at."""
        texts: list[str] = []
        words: list[frozenset[str]] = []
        kept: list[int] = []
        step = max(_LOOK_AT_LEAST, limit + limit // 4)
        over = None
        if ranked.succession and ranked.prefers_current:
            ids = (ranked.pool.candidates[i].memory_id for i in ranked.order)
            over = [memory_id in ranked.succession.over for memory_id in ids]
        sayings = Sayings(self._constants.duplicate_overlap)
        for start in range(0, len(ranked.order), step):
            texts += [ranked.pool.candidates[i].excerpt for i in ranked.order[start : start + step]]
            words += map(stems, texts[len(words) :])
            if not diverse:
                kept = list(range(len(texts)))
            elif over is not None and any(over[: len(texts)]):
                kept = spread(texts, words, self._constants, over[: len(texts)])
            else:
                # Those that were looked at before stay what they are.
                kept += [place for place in range(start, len(texts)) if sayings.add_new(texts[place], words[place])]
            if len(kept) >= limit:
                break
        return kept, words

    def _by_chance(self, ranked: Ranked, similarity: Floats, words: Sequence[frozenset[str]], unknown: float) -> bool:
        """Whether even the best of the first results has no more in common with a query than comes by chance.

        Without words or vectors nobody can tell, nor where the model hardly knows the language.

        Args:
            similarity: Of the results to the query.
            words: `stems` of their texts.
            unknown: Share of the names in the query that none of them holds.
        """
        near = ranked.known * similarity[:_LOOK_AT_LEAST]
        if not ranked.terms or ranked.wording is None or np.isnan(near).all():
            return False
        if ranked.known < self._constants.chance_known:
            return False
        telling = np.array([telling_share(ranked.wording, held) for held in words[:_LOOK_AT_LEAST]])
        level = chance_level(ranked.among, self._constants, about_them=ranked.about_them)
        return evidence(near, telling, unknown, self._constants) < level

    async def _unknown(self, namespace: str, ranked: Ranked, words: Sequence[frozenset[str]]) -> float:
        """The share of names that none of the best holds, neither in its words nor among what it mentions.

        Args:
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

    def recalled(self, namespace: str, found: list[Memory], seconds: float, conversation_id: str | None) -> None:
        """Count a retrieval and what of it was recalled, and tell those who listen.

        Args:
            namespace: Where it searched.
            found: What was recalled, which says then when that was.
            seconds: How long it took.
            conversation_id: For which conversation it was asked.
        """
        self._access.note_retrieval(namespace, found, seconds)
        now = self._resources.clock()
        for memory in found:
            memory.last_accessed = now
        self._recalls.note(namespace, (memory.memory_id for memory in found), conversation_id)
        if found:
            self._resources.events.emit("retrieved", namespace, memories=found)

    def _count(self, namespace: str, found: list[Memory]) -> None:
        """Let results say what reading them now would say: with recalls that are still to be counted, this one too."""
        for memory in found:
            memory.access_count += self._access.pending(namespace, memory.memory_id)


def _tell_succession(result: Result, as_of: float | None) -> None:
    """Let a result say what of it is over, by what, and what it supersedes."""
    memory, succession = result.memory, result.ranked.succession
    entry = succession.over.get(memory.memory_id)
    if entry is not None or as_of is not None:
        memory.valid_until = entry.since if entry is not None and entry.share >= 1.0 else None
        memory.superseded_by = None if entry is None else entry.superseded_by
    memory.supersedes = succession.behind(memory.memory_id) if succession else 0
