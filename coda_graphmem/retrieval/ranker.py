"""Searches the store for a query and puts what it finds in order, in each of the modes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.dates import time_spans
from coda_graphmem.language.keys import longest_matches, query_keys
from coda_graphmem.models import MemoryFilter, RetrievalMode
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.bm25 import Wording, query_stems, term_counts, text_scores, wording
from coda_graphmem.retrieval.candidates import Floats, Pool, make_pool, speaker_key
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.fusion import fuse
from coda_graphmem.retrieval.graph import BRIDGE_MENTIONS, bridges, build_graph, hub_bound
from coda_graphmem.retrieval.paths import PathFinder, named_weights
from coda_graphmem.retrieval.priors import (
    asking_speakers,
    informativeness,
    named_speakers,
    speaker_prior,
    spellings,
    time_prior,
)
from coda_graphmem.retrieval.results import Ranked
from coda_graphmem.retrieval.score import graph_factors, product, ranking, walk_scores
from coda_graphmem.retrieval.seeds import choose_seeds
from coda_graphmem.retrieval.strength import strength
from coda_graphmem.retrieval.terms import names, query_terms, without_names
from coda_graphmem.retrieval.walk import most_probable, personalised_pagerank, start_distribution
from coda_graphmem.store.protocol import Bounds, Candidate, TextMatches, Vector


@dataclass(frozen=True, slots=True)
class Question:
    """A query and how it is to be answered."""

    namespace: str
    text: str
    where: MemoryFilter
    limit: int
    mode: RetrievalMode
    max_depth: int
    now: float
    """Seconds."""


async def rank(question: Question, resources: Resources, constants: RankingConstants) -> Ranked:
    """The candidates of a query in the order of its mode.

    Raises:
        ValidationError: The mode needs vectors and semantic search is switched off.
        EmbeddingError: No vector could be made of the query.
    """
    if question.mode == "vector":
        return await _by_vector(question, resources, constants)
    if question.mode == "text":
        return await _by_text(question, resources, constants)
    if question.mode == "hybrid" or question.max_depth == 0:
        return await _hybrid(question, resources, constants)
    return await _graph(question, resources, constants)


def bounds(depth: int, max_mentions: int, constants: RankingConstants) -> Bounds:
    """How far a walk of so many steps may spread: the deeper, the fewer branches at each step."""
    steps = max(1, depth)
    return Bounds(
        entities_per_memory=max(3, constants.entities_per_memory // steps),
        memories_per_entity=max(5, constants.memories_per_entity // steps**2),
        min_mentions=BRIDGE_MENTIONS,
        max_mentions=max_mentions,
        conversation_steps=constants.conversation_steps,
    )


async def _by_vector(question: Question, resources: Resources, constants: RankingConstants) -> Ranked:
    vector = await resources.embedding.embed_query(question.text)
    if vector is None:
        raise ValidationError(
            "'vector' needs vectors, and semantic search is switched off.",
            field="mode",
            remedy="Use mode='text' or 'graph', or set enable_semantic_search=True.",
        )
    size = _at_least(constants.candidates, question)
    found = await resources.store.search.search_vector(question.namespace, vector, size, question.where)
    pool = make_pool([found])
    return Ranked(pool, ranking(pool, pool.similarity))


async def _by_text(question: Question, resources: Resources, constants: RankingConstants) -> Ranked:
    asked = await _ask(question, question.text, resources, constants, only_text=True)
    pool = make_pool(asked.found, text=asked.text)
    return Ranked(pool, ranking(pool, pool.text), terms=asked.terms, names=_names(question, pool))


async def _hybrid(question: Question, resources: Resources, constants: RankingConstants) -> Ranked:
    asked = await _ask(question, question.text, resources, constants)
    pool = make_pool(asked.found, text=asked.text)
    fused = fuse(pool, asked.live, constants)
    return Ranked(pool, ranking(pool, fused), terms=asked.terms, names=_names(question, pool), factors={"match": fused})


async def _graph(question: Question, resources: Resources, constants: RankingConstants) -> Ranked:
    store = resources.store
    asked, nodes = await asyncio.gather(
        _ask_without_speakers(question, resources, constants),
        store.graph.find_entities(question.namespace, query_keys(question.text)),
    )
    searched = make_pool(asked.found, text=asked.text)
    speakers = searched.speaker_keys
    max_mentions = hub_bound(asked.live, constants)
    known = bridges({node.key: node for node in nodes}, speakers, max_mentions)
    named = longest_matches(question.text, known)
    seeds = choose_seeds(searched, fuse(searched, asked.live, constants), constants)
    around = await store.graph.neighbourhood(
        question.namespace,
        seeds.memory_ids,
        named,
        bounds=bounds(question.max_depth, max_mentions, constants),
        depth=question.max_depth,
        where=question.where,
    )
    graph = build_graph(around, speakers, max_mentions, constants)
    weights = named_weights(named, known, constants)
    start = start_distribution(graph, seeds, weights, constants)
    probability = personalised_pagerank(graph, start, constants)
    reached = dict(zip(graph.memory_ids, probability.tolist(), strict=False))
    further = most_probable(reached, searched.position, _at_least(constants.walked, question))
    walked = await store.search.candidates(question.namespace, further, asked.vector)
    counts = term_counts(asked.wording.stems, walked)
    text = {**asked.text, **text_scores(walked, counts, asked.wording, (), constants)}
    return _in_order(
        question,
        make_pool(asked.found, walked, text=text),
        reached,
        live=asked.live,
        terms=asked.terms,
        paths=PathFinder(around, seeds, named=named, speakers=speakers, max_mentions=max_mentions, constants=constants),
        decay_rate=resources.config.importance_decay_rate,
        constants=constants,
    )


def _in_order(
    question: Question,
    pool: Pool,
    reached: Mapping[str, float],
    *,
    live: int,
    terms: Sequence[str],
    paths: PathFinder,
    decay_rate: float,
    constants: RankingConstants,
) -> Ranked:
    walked = walk_scores(pool, reached)
    speakers = pool.speaker_keys
    meant = named_speakers(question.text, speakers) | asking_speakers(question.text, speakers)
    force = strength(pool, question.now, decay_rate, constants)
    factors = graph_factors(
        fuse(pool, live, constants),
        walked,
        speaker=speaker_prior(pool, meant, constants),
        informativeness=informativeness(pool, constants),
        time=time_prior(pool.timestamp, time_spans(question.text, question.now), constants),
        strength=force,
        constants=constants,
    )
    return Ranked(
        pool,
        ranking(pool, product(factors)),
        terms=terms,
        names=_names(question, pool),
        factors=factors,
        walked=walked,
        strength=force,
        paths_of=paths.paths,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the searches for one wording of a query found."""

    terms: Sequence[str]
    vector: Vector | None
    found: Sequence[Sequence[Candidate]]
    wording: Wording
    text: Mapping[str, float]
    """BM25 of what was found."""
    live: int
    """Live memories of the namespace."""


async def _ask(
    question: Question, text: str, resources: Resources, constants: RankingConstants, *, only_text: bool = False
) -> _Asked:
    """Search by text and, unless the text alone counts, by vector."""
    store, namespace, terms = resources.store, question.namespace, query_terms(text)
    size = _at_least(constants.candidates, question)
    embedding = asyncio.ensure_future(resources.embedding.embed_query(text))

    async def nearest() -> list[Candidate]:
        vector = await embedding
        return (
            []
            if vector is None or only_text
            else await store.search.search_vector(namespace, vector, size, question.where)
        )

    async def holding() -> tuple[TextMatches, Floats, Mapping[str, float]]:
        # Texts are looked for, and through, while the model works.
        matches = await store.search.search_text(namespace, terms, size, question.where)
        counts = term_counts(query_stems(terms), matches.found)
        vector = await embedding
        ids = [candidate.memory_id for candidate in matches.found]
        return matches, counts, {} if vector is None else await store.search.similarities(namespace, ids, vector)

    near, (matches, counts, similarity) = await asyncio.gather(nearest(), holding())
    asked = wording(terms, matches, near)
    matched = {
        candidate.memory_id: candidate._replace(similarity=similarity.get(candidate.memory_id))
        for candidate in matches.found
    }
    further = [candidate for candidate in near if candidate.memory_id not in matched]
    counts = np.concatenate([counts, term_counts(asked.stems, further)])
    scores = text_scores([*matched.values(), *further], counts, asked, matched, constants)
    return _Asked(terms, await embedding, [near, list(matched.values())], asked, scores, matches.live)


async def _ask_without_speakers(question: Question, resources: Resources, constants: RankingConstants) -> _Asked:
    """Search without the names of speakers, where the query has any.

    Who said something is known without searching, and is a factor of its own in the ranking. Left in
    the query, the name would find every turn of that speaker and every turn that addresses them.
    """
    found = await resources.store.graph.find_speakers(question.namespace, spellings(question.text))
    named = named_speakers(question.text, {speaker_key(speaker) for speaker in found})
    text = without_names(question.text, named)
    return await _ask(question, text, resources, constants)


def _names(question: Question, pool: Pool) -> list[tuple[str, ...]]:
    """What the question names besides those who speak."""
    speaking = {part for speaker in pool.speaker_keys for part in speaker.split()}
    named = (tuple(word for word in name if speaker_key(word) not in speaking) for name in names(question.text))
    return [name for name in named if name]


def _at_least(candidates: int, question: Question) -> int:
    return max(candidates, 3 * question.limit)
