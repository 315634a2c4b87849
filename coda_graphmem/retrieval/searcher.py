"""Searches the store for a wording of a query: by vector, by text, and by the passages of long memories."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.candidates import Floats, Pool, speaker_key
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.factors import named_speakers, spellings
from coda_graphmem.retrieval.passages import Matches, by_passages
from coda_graphmem.retrieval.query import Query
from coda_graphmem.retrieval.terms import (
    Wording,
    query_stems,
    query_terms,
    term_counts,
    text_scores,
    without_names,
    wording,
)
from coda_graphmem.store.protocol import Candidate, TextMatches, Vector
from coda_graphmem.threads import aside


@dataclass(frozen=True, slots=True)
class Searched:
    """What the searches for one wording of a query found."""

    terms: Sequence[str]
    vector: Vector | None
    found: Sequence[Sequence[Candidate]]
    wording: Wording
    text: Mapping[str, float]
    """BM25 of what was found."""
    live: int
    """Live memories of the namespace."""
    known: float
    """How far the model knows the language of the query, in [0, 1]."""
    passages: Matches
    """Passages of what was found, where any memory there has some."""
    among: int
    """Those of them that were searched; all where a filter leaves so many that not all were found."""


class Searcher:
    """Asks a store for candidates, and says how well they match by text."""

    def __init__(self, resources: Resources, constants: RankingConstants) -> None:
        self._store = resources.store
        self._clock = resources.clock
        self._embedding = resources.embedding
        self._constants = constants

    async def search_without_speakers(self, query: Query) -> Searched:
        """Search without the names of speakers, where the query has any.

        Who said something is known without searching, and is a factor of its own in the ranking. Left in
        the query, the name would find every turn of that speaker and every turn that addresses them.
        """
        found = await self._store.graph.find_speakers(query.namespace, spellings(query.text))
        named = named_speakers(query.text, {speaker_key(speaker) for speaker in found})
        return await self.search(query, await aside(len(query.text), without_names, query.text, named))

    async def search(self, query: Query, text: str, *, only_text: bool = False) -> Searched:
        """Search by text and, unless the text alone counts, by vector.

        Args:
            query: Where to look, for what, and how much.
            text: The wording of the query that is searched for.
            only_text: Whether vectors find nothing, and only measure similarity.
        """
        search, namespace, terms = self._store.search, query.namespace, query_terms(text)
        size = query.at_least(self._constants.candidates)
        embedding = asyncio.ensure_future(self._embedding.embed_query(text))

        async def nearest() -> tuple[list[Candidate], Matches]:
            vector = await embedding
            return ([], {}) if vector is None or only_text else await self.nearest(query, vector, size)

        async def holding() -> tuple[TextMatches, Floats, Mapping[str, float]]:
            # Texts are looked for, and through, while the model works.
            matches = await search.search_text(namespace, terms, size, query.known, now=self._clock())
            counts = await aside(len(text), term_counts, query_stems(terms), matches.found)
            vector = await embedding
            ids = [candidate.memory_id for candidate in matches.found]
            return matches, counts, {} if vector is None else await search.similarities(namespace, ids, vector)

        (near, passages), (matches, counts, similarity) = await asyncio.gather(nearest(), holding())
        asked = wording(terms, matches, near, self._constants)
        matched = {
            candidate.memory_id: candidate._replace(similarity=similarity.get(candidate.memory_id))
            for candidate in matches.found
        }
        vector = await embedding
        if vector is not None and (passages or only_text):
            held = [memory_id for memory_id in matched if memory_id not in passages]
            passages = {**passages, **await self._store.passages.matches(namespace, held, vector)}
            matched = {one.memory_id: one for one in by_passages([*matched.values()], passages, self._constants)}
        further = [candidate for candidate in near if candidate.memory_id not in matched]
        counts = np.concatenate([counts, await aside(len(text), term_counts, asked.stems, further)])
        scores = text_scores([*matched.values(), *further], counts, asked, matched, self._constants)
        among = matches.live if only_text or len(near) >= size else len(near)
        known = 1.0 if vector is None else self._embedding.known_share(text)
        found = [near, list(matched.values())]
        return Searched(terms, vector, found, asked, scores, matches.live, known, passages, among)

    async def nearest(self, query: Query, vector: Vector, size: int) -> tuple[list[Candidate], Matches]:
        """What is found by vector, long memories by their passages as well, and the passages of what was found."""
        store, namespace, now = self._store, query.namespace, self._clock()
        near, long = await asyncio.gather(
            store.search.search_vector(namespace, vector, size, query.known, now=now),
            store.passages.nearest(namespace, vector, size, query.known, now=now),
        )
        if not long:
            return near, {}
        there = {candidate.memory_id for candidate in near}
        missing = [memory_id for memory_id, _ in long if memory_id not in there]
        further, matches = await asyncio.gather(
            store.search.candidates(namespace, missing, vector),
            store.passages.matches(namespace, [*there, *missing], vector),
        )
        found = by_passages([*near, *further], matches, self._constants)
        found.sort(key=lambda one: (-(-1.0 if one.similarity is None else one.similarity), one.memory_id))
        return found[:size], matches

    async def with_passages(
        self, query: Query, searched: Searched, further: list[Candidate]
    ) -> tuple[Searched, list[Candidate]]:
        """What came in another way than by the searches, by its passages as well where memories have some."""
        if not (searched.passages and further and searched.vector is not None):
            return searched, further
        missing = [one.memory_id for one in further if one.memory_id not in searched.passages]
        found = await self._store.passages.matches(query.namespace, missing, searched.vector)
        passages = {**searched.passages, **found}
        return replace(searched, passages=passages), by_passages(further, passages, self._constants)

    async def with_further(self, query: Query, searched: Searched, pool: Pool, further: Sequence[Candidate]) -> Pool:
        """What the searches found and what came to it in another way.

        Args:
            pool: What the searches found.
        """
        counts = await aside(len(query.text), term_counts, searched.wording.stems, further)
        return pool.with_further(further, text_scores(further, counts, searched.wording, (), self._constants))
