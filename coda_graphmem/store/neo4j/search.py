"""Finds candidates by vector, by text and by id; the filter is always part of the search."""

import asyncio
import logging
import math
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from typing_extensions import override

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j.conditions import restriction
from coda_graphmem.store.neo4j.connection import scope_of
from coda_graphmem.store.neo4j.database import Database, StorePart
from coda_graphmem.store.neo4j.faults import is_missing_index, is_wrong_argument
from coda_graphmem.store.neo4j.frequencies import CommonWords
from coda_graphmem.store.neo4j.lucene import lucene_queries, scope_query, term_query
from coda_graphmem.store.neo4j.reads import EXACT_BELOW, OVERFETCH, Size, Sizes, index_fetch, live_count
from coda_graphmem.store.neo4j.rows import (
    CANDIDATE_VALUES,
    as_list,
    filter_parameters,
    is_searchable,
    read_candidate,
    read_candidates,
    unique,
)
from coda_graphmem.store.neo4j.schema import read_meta
from coda_graphmem.store.neo4j.vectors import remove_wrong_vectors
from coda_graphmem.store.protocol import EXCERPT_CHARACTERS, NEVER, Candidate, Search, TextMatches, Vector

logger = logging.getLogger(__name__)

T = TypeVar("T")

_MIN_FETCH = 200
#: How many times what is wanted is fetched where a filter will remove some.
_OVERFETCH_FILTERED = 4
#: Up to this many memories that meet a filter, looking at each is better than the index over vectors.
_MOST_AMONG = 2_000
#: The same where that index did not find enough of them, and every memory of the namespace would be looked at.
_MOST_AT_LAST = 20_000
#: Seconds for which it is known of a filter that more memories meet it, and how the index over vectors did with it.
_BROAD_SECONDS = 10.0
#: Full-text hits fetched beyond the limit, to see whether the last one ties with more.
_SPARE = 32

#: Memories whose neighbours one statement looks up in the index.
_BLOCK = 50
#: Pairs that one statement compares.
_PAIRS = 400_000
#: Whoever is similar enough is among the very nearest, so the index need not be asked for many neighbours.
_MIN_FETCH_NEAREST = 50
#: By how much the cosine that a quantised index tells may be wrong.
_MARGIN = 0.03


class Neo4jSearch(StorePart, Search):
    """Searches the vector index and the full-text index, of which each is for all namespaces."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._sizes = Sizes(database.connection)
        self._common = CommonWords()
        self._warned = False
        self._broad: dict[str, float] = {}
        """Full-text queries for filters that many memories meet."""
        self._unfit: dict[str, float] = {}
        """Filters of which the index over vectors did not find enough, and to look at all that meet them did not take
        long."""

    @override
    async def search_vector(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> list[Candidate]:
        self._database.check_length(vector)
        found = await self._comparing(namespace, lambda: self._search_vector(namespace, vector, limit, where, now))
        if not found:
            await self._database.check_model()
        return found

    async def _search_vector(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, now: float
    ) -> list[Candidate]:
        """Let the index propose and the server score exactly.

        Where the index cannot be expected to propose enough, or did not, every memory of the namespace is looked at
        instead.
        """
        if not is_searchable(where) or limit < 1:
            return []
        asked = restriction(where)
        parameters = {
            "scope": scope_of(namespace),
            "vector": as_list(vector),
            "limit": limit,
            "model": self._database.model,
            "excerpt": EXCERPT_CHARACTERS,
            **filter_parameters(where, now=now),
        }
        size = await self._sizes.size(namespace)
        query = scope_query(scope_of(namespace), asked) if asked.query and size.memories > EXACT_BELOW else None
        if query is not None and not _is_noted(self._broad, query):
            found = await self._among(query, _MOST_AMONG, parameters)
            if found is not None:
                return found
            self._broad = _noted(self._broad, query)
        fetch = self._fetch(size, limit, where)
        asked_there = f"{parameters['scope']} {where!r}"
        if fetch is not None and not _is_noted(self._unfit, asked_there):
            name = self._database.dialect.vector_search(self._database.vector_property)
            rows = await self._unless_missing(self._connection.read(name, fetch=fetch, **parameters))
            if rows and len(rows[0]["candidates"]) == limit:
                return read_candidates(rows[0]["candidates"])
        if query is not None:
            found = await self._among(query, _MOST_AT_LAST, parameters)
            if found is not None:
                self._unfit = _noted(self._unfit, asked_there)
                return found
        [row] = await self._connection.read("search_vector_exact", **parameters)
        return read_candidates(row["candidates"])

    async def _among(self, query: str, most: int, parameters: Mapping[str, Any]) -> list[Candidate] | None:
        """The nearest of what meets a full-text query; None where more than ``most`` do, or the index is missing."""
        reading = self._connection.read("search_vector_among", query=query, most=most, **parameters)
        rows = await self._unless_missing(reading)
        if rows is None or (rows and rows[0]["candidates"] is None):
            return None
        return read_candidates(rows[0]["candidates"]) if rows else []

    def _fetch(self, size: Size, limit: int, where: MemoryFilter) -> int | None:
        """How many to ask the index for; None where an exact search is at least as good."""
        times = OVERFETCH if where.is_default else _OVERFETCH_FILTERED
        return index_fetch(self._database.dialect, size, limit, at_least=_MIN_FETCH, times=times)

    @override
    async def search_text(
        self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> TextMatches:
        if not is_searchable(where) or limit < 1:
            return TextMatches([], [0] * len(terms), 0)
        parameters = {
            "scope": scope_of(namespace),
            "limit": limit,
            "excerpt": EXCERPT_CHARACTERS,
            **filter_parameters(where, now=now),
        }
        asked = restriction(where)
        fetch = (1 if asked.is_exact or where.is_default else _OVERFETCH_FILTERED) * (limit + _SPARE)
        matches, (frequencies, live) = await asyncio.gather(
            self._unless_missing(
                self._best_matches(lucene_queries(scope_of(namespace), terms, asked), limit, fetch, parameters)
            ),
            self._counted(namespace, terms),
        )
        # What is found by vector does not need the words.
        return TextMatches(matches or [], frequencies or [0] * len(terms), live)

    async def _unless_missing(self, search: Awaitable[T]) -> T | None:
        """What an index finds; None, and a warning, where somebody has removed it."""
        try:
            found = await search
        except VectorStoreError as error:
            if not is_missing_index(error.__cause__):
                raise
            if not self._warned:
                logger.warning(
                    "An index of %s is missing: searches go on without it, and find less or take longer. "
                    "Open the store again, or call optimize_storage(), which makes it anew.",
                    self._connection.config.uri,
                )
            self._warned = True
            return None
        return found

    async def _best_matches(
        self, queries: Iterable[str], limit: int, fetch: int, parameters: Mapping[str, Any]
    ) -> list[Candidate]:
        """The best of all queries by the index's BM25, ties by id."""
        found: dict[str, Candidate] = {}
        scores: defaultdict[str, float] = defaultdict(float)
        for query in queries:
            for values in await self._match(query, limit, fetch, parameters):
                candidate = read_candidate(values)
                if candidate is not None:
                    found[candidate.memory_id] = candidate
                    scores[candidate.memory_id] += values[CANDIDATE_VALUES]
        return [found[name] for name in sorted(found, key=lambda name: (-scores[name], name))[:limit]]

    async def _counted(self, namespace: str, terms: Sequence[str]) -> tuple[list[int] | None, int]:
        """How many memories hold each term, None where the index is missing, and how many there are."""
        live = await live_count(self._connection, namespace)
        return await self._unless_missing(self._frequencies(namespace, terms, live)), live

    async def _frequencies(self, namespace: str, terms: Sequence[str], live: int) -> list[int]:
        counted: dict[str, int] = {}
        queries: dict[str, str] = {}
        for term in terms:
            if (known := self._common.known(namespace, term, live)) is not None:
                counted[term] = known
            elif query := term_query(scope_of(namespace), term):
                queries[term] = query
        if queries:
            [row] = await self._connection.read("document_frequencies", queries=list(queries.values()))
            for term, memories in zip(queries, row["frequencies"], strict=True):
                counted[term] = memories
                self._common.note(namespace, term, memories, live)
        return [counted.get(term, 0) for term in terms]

    async def _match(self, query: str, limit: int, fetch: int, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """The best of one query, those that tie with the last one weighed by id; asks for ``fetch`` at first."""
        while True:
            [row] = await self._connection.read("search_text", query=query, fetch=fetch, **parameters)
            found = row["candidates"]
            # Whoever is not among the fetched scores at most as much as the last of them.
            complete = row["hits"] < fetch or not row["lowest"]
            if complete or (len(found) == limit and found[-1][CANDIDATE_VALUES] > row["lowest"]):
                return list(found)
            fetch *= 8

    @override
    async def similarities(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, float]:
        return dict(await self._by_id("similarities", namespace, memory_ids, vector))

    @override
    async def candidates(self, namespace: str, memory_ids: Sequence[str], vector: Vector | None) -> list[Candidate]:
        lists = await self._by_id("candidates", namespace, memory_ids, vector)
        found = {candidate.memory_id: candidate for candidate in read_candidates(lists)}
        return [found[memory_id] for memory_id in memory_ids if memory_id in found]

    async def _by_id(
        self, name: str, namespace: str, memory_ids: Sequence[str], vector: Vector | None
    ) -> list[list[Any]]:
        """The lists that a statement returns of memories under its own name.

        Raises:
            EmbeddingMismatchError: The vectors of the store are of another model by now.
        """
        self._database.check_length(vector)
        if not memory_ids:
            return []
        rows = await self._comparing(
            namespace,
            lambda: self._connection.read(
                name,
                namespace=namespace,
                scope=scope_of(namespace),
                memory_ids=list(memory_ids),
                vector=as_list(vector),
                model=self._database.model,
                excerpt=EXCERPT_CHARACTERS,
            ),
        )
        if not rows:
            await self._database.check_model()
        return list(rows[0][name]) if rows else []

    @override
    async def nearest(
        self, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        return await self._comparing(
            namespace, lambda: self._nearest(namespace, unique(memory_ids), limit, min_similarity)
        )

    async def _nearest(
        self, namespace: str, ids: Sequence[str], limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        """Let the index propose and the server score exactly.

        For a memory of which the index may have left out a neighbour, every memory of the namespace is looked at
        instead.
        """
        meta = await read_meta(self._connection)
        if limit < 1 or meta is None or meta.dimension is None:
            return {}
        parameters = {
            "namespace": namespace,
            "scope": scope_of(namespace),
            "limit": limit,
            "min_similarity": min_similarity,
        }
        size = await self._sizes.size(namespace)
        # One more, as each memory is its own nearest.
        fetch = index_fetch(self._database.dialect, size, limit + 1, at_least=_MIN_FETCH_NEAREST)
        found: dict[str, list[tuple[str, float]]] = {}
        if fetch is not None:
            statement = self._database.dialect.nearest(meta.vector_property)
            for block in _blocks(ids, _BLOCK):
                reading = self._connection.read(statement, memory_ids=block, fetch=fetch, **parameters)
                for row in await self._unless_missing(reading) or []:
                    pairs = row["nearest"]
                    if len(pairs) == limit or (row["lowest"] or 1.0) < min_similarity - _MARGIN:
                        # Of a memory that was removed meanwhile the id may be null.
                        found[row["memory_id"]] = [(key, cosine) for key, cosine in pairs if key is not None]
        rest = [key for key in ids if key not in found]
        for block in _blocks(rest, max(1, _PAIRS // max(1, size.memories))):
            rows = await self._connection.read("nearest_exact", memory_ids=block, **parameters)
            for row in rows:
                found.update({key: [] for key in row["memory_ids"]})
                found.update({key: [(other, cosine) for other, cosine in pairs] for key, pairs in row["answers"]})
        return {key: found[key] for key in ids if key in found}

    async def _comparing(self, namespace: str, search: Callable[[], Awaitable[T]]) -> T:
        """What a search finds. Vectors that cannot be compared with others do not keep it from finding the rest.

        To look at all numbers of all vectors takes much longer than a search, and nothing of this package writes such
        vectors. So they are removed once one of them has made a search fail.
        """
        try:
            return await search()
        except VectorStoreError as error:
            wrong = is_wrong_argument(error.__cause__)
            removed = await remove_wrong_vectors(self._connection, namespace) if wrong else 0
            if not removed:
                raise
            logger.warning(
                "Removed %d vectors of namespace %r that are of another length than the model's or not finite. "
                "Make them anew with reembed().",
                removed,
                namespace,
            )
        return await search()


def _noted(notes: Mapping[str, float], name: str) -> dict[str, float]:
    """What is known of filters as of now, with one more; notes never decide what is found, only where to look first."""
    at_present = time.monotonic()
    return {one: at for one, at in notes.items() if at_present - at < _BROAD_SECONDS} | {name: at_present}


def _is_noted(notes: Mapping[str, float], name: str) -> bool:
    """Whether something was noted of a filter a few seconds ago."""
    return time.monotonic() - notes.get(name, -math.inf) < _BROAD_SECONDS


def _blocks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
