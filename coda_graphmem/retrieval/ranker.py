"""Searches the store for a query or around a conversation, and puts what it finds in order."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from coda_graphmem.conditions import holds
from coda_graphmem.errors import ValidationError
from coda_graphmem.language.keys import longest_matches, query_keys
from coda_graphmem.language.periods import time_spans
from coda_graphmem.language.question_time import asks_when
from coda_graphmem.language.words import describe
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.bequests import judge
from coda_graphmem.retrieval.candidates import Floats, Pool, make_pool, ranking, speaker_key
from coda_graphmem.retrieval.change import change_factor
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.earlier import Asking, earlier_factor
from coda_graphmem.retrieval.factors import (
    asking_speakers,
    dated_prior,
    fuse,
    graph_factors,
    informativeness,
    named_speakers,
    product,
    reranker_factor,
    speaker_prior,
    strength,
    time_prior,
    walk_scores,
)
from coda_graphmem.retrieval.figure_question import asked_figure
from coda_graphmem.retrieval.graph import (
    bounds,
    bridges,
    build_graph,
    choose_seeds,
    fading_seeds,
    hub_bound,
    largest_hub_bound,
    most_probable,
    named_weights,
    walk,
    with_titled,
)
from coda_graphmem.retrieval.nearness import nearness_of_mentions
from coda_graphmem.retrieval.paths import PathFinder
from coda_graphmem.retrieval.present import figure_factor
from coda_graphmem.retrieval.query import ContextQuery, Query
from coda_graphmem.retrieval.relevance import Ranked
from coda_graphmem.retrieval.searcher import Searched, Searcher
from coda_graphmem.retrieval.succession import Succession, SuccessionFinder, asked_time
from coda_graphmem.retrieval.terms import (
    Wording,
    names,
    query_terms,
)
from coda_graphmem.store.protocol import Candidate, EntityNode, Vector
from coda_graphmem.threads import aside


class Ranker:
    """The order of what a store finds, in each of the modes.

    What it asks of the store is here; the arithmetic is functions over arrays, in the files beside this one.
    """

    def __init__(self, resources: Resources, constants: RankingConstants) -> None:
        self._store = resources.store
        self._clock = resources.clock
        self._embedding = resources.embedding
        self._searcher = Searcher(resources, constants)
        self._reranking = resources.reranking
        self._config = resources.config
        self._constants = constants
        self._successions = SuccessionFinder(resources.store)

    async def rank(self, query: Query, now: float) -> Ranked:
        """The candidates of a query in the order of its mode.

        Args:
            now: The time that counts as now, in seconds.

        Raises:
            ValidationError: The mode needs vectors and semantic search is switched off.
            EmbeddingError: No vector could be made of the query.
        """
        if query.mode == "vector":
            return await self._by_vector(query, now)
        if query.mode == "text":
            return await self._by_text(query, now)
        if query.mode == "hybrid" or query.max_depth == 0:
            return await self._by_both(query, now)
        return await self._by_graph(query, now)

    async def rank_context(self, query: ContextQuery, now: float) -> Ranked:
        """The memories around a conversation's latest ones, by the probability of a walk from these.

        The similarity of a memory is its cosine to the centre of the conversation's latest memories.
        Memories the filter leaves out do not appear, but the walk still starts at what they mention.

        Args:
            now: The time that counts as now, in seconds.
        """
        store, constants = self._store, self._constants
        where = query.known
        own = MemoryFilter(conversation_id=query.conversation_id, until=None if query.as_of is None else where.until)
        latest = await store.records.find(
            query.namespace, own, order="newest", limit=constants.context_seeds, now=self._clock(), with_embedding=True
        )
        max_mentions = hub_bound(await store.records.live_count(query.namespace), constants)
        seeds = fading_seeds(latest, constants)
        mentioned = {mention.key for memory in latest if query.include_related for mention in memory.entities}
        around = await store.graph.neighbourhood(
            query.namespace,
            seeds.memory_ids,
            sorted(mentioned),
            bounds=bounds(query.max_depth, max_mentions, constants),
            depth=query.max_depth if query.include_related else 0,
            where=where,
            now=self._clock(),
        )
        found, succession = await asyncio.gather(
            store.search.candidates(query.namespace, list(around.depths), centre(latest)),
            self._successions.find(query.namespace, list(around.depths), now, as_of=query.as_of),
        )
        succession = await self._within(query, succession)
        pool = make_pool([found])
        followed = bridges(around.entities, pool.speaker_keys, max_mentions)
        graph = build_graph(around, followed, constants)
        weights = named_weights([key for key in followed if key in mentioned], followed, constants)
        walked = walk_scores(pool, walk(graph, seeds, weights, constants))
        finder = cache(partial(PathFinder, around, followed, seeds, named=(), constants=constants))
        ranked = Ranked(
            pool, ranking(pool, walked), factors={"graph": walked}, walked=walked, succession=succession, finder=finder
        )
        return await self._judged(query, now, ranked, walked + constants.walk_floor, "")

    async def _by_vector(self, query: Query, now: float) -> Ranked:
        vector = await self._embedding.embed_query(query.text)
        if vector is None:
            raise ValidationError(
                "'vector' needs vectors, and semantic search is switched off.",
                field="mode",
                remedy="Use mode='text' or 'graph', or set enable_semantic_search=True.",
            )
        size = query.at_least(self._constants.candidates)
        near, passages = await self._searcher.nearest(query, vector, size)
        succession = await self._over(query, now, [near])
        pool = make_pool([near], await self._concerned(query, succession, near, vector))
        ranked = Ranked(pool, ranking(pool, pool.similarity), succession=succession, passages=passages)
        # What has no vector is as far away as can be.
        scores = np.exp(self._constants.cosine_scale * np.nan_to_num(pool.similarity, nan=-1.0))
        return await self._judged(query, now, ranked, scores, query.text)

    async def _by_text(self, query: Query, now: float) -> Ranked:
        searched = await self._searcher.search(query, query.text, only_text=True)
        pool, succession = await self._pool_of(query, now, searched)
        ranked = Ranked(
            pool,
            ranking(pool, pool.text),
            terms=searched.terms,
            wording=searched.wording,
            known=searched.known,
            among=searched.among,
            passages=searched.passages,
            names=_names(query, pool),
            succession=succession,
        )
        floor = self._constants.fused_floor * float(pool.text.max(initial=0.0))
        return await self._judged(query, now, ranked, pool.text + floor, query.text)

    async def _by_both(self, query: Query, now: float) -> Ranked:
        searched = await self._searcher.search(query, query.text)
        pool, succession = await self._pool_of(query, now, searched)
        fused = fuse(pool, searched.live, self._constants, searched.known)
        ranked = Ranked(
            pool,
            ranking(pool, fused),
            terms=searched.terms,
            wording=searched.wording,
            known=searched.known,
            among=searched.among,
            passages=searched.passages,
            names=_names(query, pool),
            factors={"match": fused},
            succession=succession,
        )
        ranked, scores = await self._reranked(query, ranked, fused + self._constants.fused_floor)
        return await self._judged(query, now, ranked, scores, query.text)

    async def _by_graph(self, query: Query, now: float) -> Ranked:
        store, constants = self._store, self._constants
        keys = await aside(len(query.text), query_keys, query.text)
        searched, (entities, titled) = await asyncio.gather(
            self._searcher.search_without_speakers(query), self._entities(query, keys)
        )
        found = pool = make_pool(searched.found, text=searched.text)
        speakers = pool.speaker_keys
        max_mentions = hub_bound(searched.live, constants)
        known = bridges(entities, speakers, max_mentions)
        named = await aside(len(query.text), longest_matches, query.text, known)
        titled = [one for one in titled if entities[one[1]].mention_count <= max_mentions]
        unknown = [memory_id for memory_id in dict(titled) if memory_id not in pool.position]
        extra = await store.search.candidates(query.namespace, unknown, searched.vector) if unknown else []
        if extra:
            pool = await self._searcher.with_further(query, searched, found, extra)
        fused = fuse(pool, searched.live, constants, searched.known)
        seeds = with_titled(choose_seeds(pool, fused, constants), titled, pool, fused, constants)
        around = await store.graph.neighbourhood(
            query.namespace,
            seeds.memory_ids,
            named,
            bounds=bounds(query.max_depth, max_mentions, constants),
            depth=query.max_depth,
            where=query.known,
            now=self._clock(),
        )
        followed = bridges(around.entities, speakers, max_mentions)
        mentioned = [one for one in around.mentions if one[1] in followed and one not in around.titles]
        near = await aside(
            len(query.text), nearness_of_mentions, pool, seeds, mentioned, searched.wording, constants=constants
        )
        graph = build_graph(around, followed, constants, near)
        reached = walk(graph, seeds, named_weights(named, known, constants), constants)
        further = most_probable(reached, pool.position, query.at_least(constants.walked))
        walked, succession = await asyncio.gather(
            store.search.candidates(query.namespace, further, searched.vector),
            self._successions.find(query.namespace, [*pool.position, *further], now, as_of=query.as_of),
        )
        walked += await self._concerned(query, succession, [*pool.candidates, *walked], searched.vector)
        searched, walked = await self._searcher.with_passages(query, searched, [*extra, *walked])
        pool = await self._searcher.with_further(query, searched, found, walked)
        ranked = await aside(
            len(query.text), self._in_order, query, now, searched, pool, reached=reached, succession=succession
        )
        # What the words of a text tell of its time comes last, and is not undone by how well the text answers.
        ranked, scores = await self._reranked(query, ranked, product(ranked.factors))
        ranked, scores = await aside(len(query.text), self._with_figure, query, now, ranked, scores)
        ranked = await self._judged(query, now, ranked, scores, query.text)
        ranked = self._with_changes(query, now, ranked, searched.wording, around.follows)
        return replace(
            ranked,
            linked=frozenset(memory_id for memory_id, key in around.mentions if key in named),
            finder=cache(partial(PathFinder, around, followed, seeds, named=named, constants=constants)),
        )

    async def _entities(self, query: Query, keys: Sequence[str]) -> tuple[dict[str, EntityNode], list[tuple[str, str]]]:
        """What the query names, by its key, and memories that have one of the longest names as a title (id and key).

        It is asked for while the query is embedded, and so whatever is no hub in a namespace of any size.

        Args:
            keys: Of the words of the query.
        """
        graph = self._store.graph
        entities = {node.key: node for node in await graph.find_entities(query.namespace, keys)}
        if not entities:
            return entities, []
        longest = await aside(len(query.text), longest_matches, query.text, entities)
        most = largest_hub_bound(self._constants)
        titled = await graph.find_titled(
            query.namespace, longest, max_mentions=most, where=query.known, now=self._clock()
        )
        return entities, titled

    async def _over(self, query: Query, now: float, found: Sequence[Sequence[Candidate]]) -> Succession:
        ids = list(dict.fromkeys(candidate.memory_id for some in found for candidate in some))
        return await self._within(query, await self._successions.find(query.namespace, ids, now, as_of=query.as_of))

    async def _within(self, query: Query | ContextQuery, found: Succession) -> Succession:
        """What is over by the word of those whose view asks."""
        if not (found and query.scope):
            return found
        concerned = await self._store.records.get(query.namespace, found.concerned())
        return found.among({one.memory_id for one in concerned if holds(query.scope.condition, one)})

    async def _concerned(
        self, query: Query, succession: Succession, known: Sequence[Candidate], vector: Vector | None
    ) -> list[Candidate]:
        """What supersedes candidates, or was superseded by them, where no search found it and the query is about it."""
        if not succession:
            return []
        there = {candidate.memory_id for candidate in known}
        missing = [memory_id for memory_id in succession.concerned() if memory_id not in there]
        if not missing:
            return []
        # A walk of no steps tells which of them the filter lets through.
        around = await self._store.graph.neighbourhood(
            query.namespace,
            missing,
            [],
            bounds=bounds(0, 0, self._constants),
            depth=0,
            where=query.known,
            now=self._clock(),
        )
        allowed = [memory_id for memory_id in missing if memory_id in around.depths]
        return await self._store.search.candidates(query.namespace, allowed, vector) if allowed else []

    async def _pool_of(self, query: Query, now: float, searched: Searched) -> tuple[Pool, Succession]:
        """What was found, and what stands in its place."""
        succession = await self._over(query, now, searched.found)
        known = [candidate for some in searched.found for candidate in some]
        further = await self._concerned(query, succession, known, searched.vector)
        pool = make_pool(searched.found, text=searched.text)
        return await self._searcher.with_further(query, searched, pool, further), succession

    async def _judged(
        self, query: Query | ContextQuery, now: float, ranked: Ranked, scores: Floats, text: str
    ) -> Ranked:
        """The order in which what does not hold any more gives way, or comes first where it was asked for.

        Args:
            now: In seconds.
            scores: Of the order so far, above 0.
            text: What is asked; empty where nothing is.
        """
        succession = ranked.succession
        asked = asked_time(query.validity, text, now) if succession else None
        if asked is None:
            return ranked
        held = None
        if asked.wish == "at" and asked.span is not None:
            held = await self._successions.held(query.namespace, succession, asked.span, ranked.pool.position)
        verdict = judge(ranked.pool, scores, succession, asked, self._constants, terms=query_terms(text), held=held)
        if verdict is None:
            return ranked
        # Without other factors what they are all multiplied into is the match.
        factors = ranked.factors if len(ranked.factors) > 1 else {"match": scores}
        return replace(
            ranked,
            order=ranking(ranked.pool, scores * verdict.factor),
            factors={**factors, "validity": verdict.factor},
            bequests=verdict.bequests,
            prefers_current=asked.wish in ("current", "event"),
        )

    def _in_order(
        self,
        query: Query,
        now: float,
        searched: Searched,
        pool: Pool,
        *,
        reached: Mapping[str, float],
        succession: Succession,
    ) -> Ranked:
        """All that was found by the product of its factors.

        Args:
            now: In seconds.
            pool: That, and what the walk reached.
            reached: Probability of each memory on the walk, by id.
            succession: What is over of all that was found.
        """
        constants = self._constants
        walked = walk_scores(pool, reached)
        speakers = pool.speaker_keys
        named = named_speakers(query.text, speakers)
        meant = named | asking_speakers(query.text, speakers)
        force = strength(pool, now, self._config.importance_decay_rate, constants)
        factors = graph_factors(
            pool,
            fuse(pool, searched.live, constants, searched.known),
            walked,
            speaker=speaker_prior(pool, meant, constants),
            informativeness=informativeness(pool, constants),
            time=time_prior(pool.timestamp, time_spans(query.text, now), constants),
            strength=force,
            constants=constants,
        )
        if asks_when(query.text):
            factors["dated"] = dated_prior(pool, constants)
        return Ranked(
            pool,
            ranking(pool, product(factors)),
            terms=searched.terms,
            wording=searched.wording,
            known=searched.known,
            among=searched.among,
            passages=searched.passages,
            about_them=bool(named) or bool((factors["time"] > 1.0).any()),
            names=_names(query, pool),
            factors=factors,
            walked=walked,
            strength=force,
            succession=succession,
        )

    async def _reranked(self, query: Query, ranked: Ranked, scores: Floats) -> tuple[Ranked, Floats]:
        """The order in which the best candidates were read beside the query, where there is a reranker; and its scores.

        Args:
            scores: Of the order so far, above 0.

        Raises:
            MemoryRetrievalError: The reranker cannot be loaded, failed, or gave something else than scores.
        """
        best = ranked.order[: query.at_least(self._constants.reranked)]
        if not (self._reranking.enabled and best):
            return ranked, scores
        texts = [ranked.pool.candidates[place].excerpt[: self._constants.reranked_characters] for place in best]
        given = await self._reranking.score(query.text, texts)
        factor = reranker_factor(len(ranked.pool), best, given, self._constants)
        factors = ranked.factors if "graph" in ranked.factors else {"match": scores}
        scores = scores * factor
        order = ranking(ranked.pool, scores)
        return replace(ranked, order=order, factors={**factors, "reranker": factor}), scores

    def _with_figure(self, query: Query, now: float, ranked: Ranked, scores: Floats) -> tuple[Ranked, Floats]:
        """The order in which a question for a figure finds what states the present one first; and its scores.

        Args:
            scores: Of the order so far, above 0.
        """
        asked = asked_figure(query.text)
        when = None if asked is None else asked_time(query.validity, query.text, now)
        if asked is None or when is None or when.wish not in ("current", "event") or ranked.wording is None:
            return ranked, scores
        factor = figure_factor(ranked.pool, scores, asked, ranked.wording, self._constants, over=ranked.succession.over)
        scores = scores * factor
        return replace(ranked, order=ranking(ranked.pool, scores), factors={**ranked.factors, "figure": factor}), scores

    def _with_changes(
        self, query: Query, now: float, ranked: Ranked, asked_words: Wording, follows: Sequence[tuple[str, str]]
    ) -> Ranked:
        """The order in which a question finds what tells of a change before what it changes, or what held before.

        Of the functions `earlier_factor` and `change_factor` the first that has something to say counts.
        """
        asked = asked_time(query.validity, query.text, now) if describe(query.text, None).is_question else None
        if asked is None:
            return ranked
        scores, constants = product(ranked.factors), self._constants
        factor = earlier_factor(
            ranked.pool,
            scores,
            ranked.factors["match"],
            Asking(query.text, asked, asked_words, now),
            succession=ranked.succession,
            follows=follows,
            constants=constants,
        )
        if factor is None:
            factor = change_factor(ranked.pool, scores, asked, constants)
        if (factor == 1.0).all():
            return ranked
        factors = {**ranked.factors, "change": factor}
        return replace(ranked, order=ranking(ranked.pool, scores * factor), factors=factors)


def centre(memories: Sequence[Memory]) -> Vector | None:
    """The unit vector in the direction of the mean of memories' vectors, shape (dimension,)."""
    vectors = [memory.embedding for memory in memories if memory.embedding is not None]
    if not vectors:
        return None
    mean = np.mean(np.asarray(vectors, dtype=np.float64), axis=0)
    length = float(np.linalg.norm(mean))
    return None if length == 0.0 else (mean / length).astype(np.float32)


def _names(query: Query, pool: Pool) -> list[tuple[str, ...]]:
    """What the query names besides those who speak."""
    speaking = {part for speaker in pool.speaker_keys for part in speaker.split()}
    named = (tuple(word for word in name if speaker_key(word) not in speaking) for name in names(query.text))
    return [name for name in named if name]
