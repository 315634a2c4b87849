"""Finds candidates by vector and by full text, and neighbourhoods; the filter is always part of the search."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j.connection import Connection, Row
from coda_graphmem.store.neo4j.dialect import Dialect
from coda_graphmem.store.neo4j.lucene import lucene_queries, term_query
from coda_graphmem.store.neo4j.reading import live_count
from coda_graphmem.store.neo4j.rows import (
    CANDIDATE_VALUES,
    as_list,
    filter_parameters,
    is_searchable,
    read_candidate,
    read_candidates,
    unique,
)
from coda_graphmem.store.neo4j.scope import scope_of
from coda_graphmem.store.protocol import (
    EXCERPT_CHARACTERS,
    Bounds,
    Candidate,
    EntityNode,
    Neighbourhood,
    TextMatches,
    Vector,
)

#: Up to this many memories of a namespace, looking at each is as fast as the index, and exact.
EXACT_BELOW = 2_000
#: An index of a whole store is asked for at most this many before looking at each memory is faster.
MAX_FETCH = 2_000
_MIN_FETCH = 200
#: How many times what is wanted is fetched: against what an approximate index misses, and what a filter will remove.
_OVERFETCH = 2
_OVERFETCH_FILTERED = 4
#: Seconds for which the size of a namespace decides how it is searched. It never decides what is found.
_SIZE_SECONDS = 10.0
#: Full-text hits fetched beyond the limit, to see whether the last one ties with more.
_SPARE = 32
#: Up to this many mentions of an entity are looked at to see which memories of a walk are among them.
_FEW_MENTIONS = 200

NOTHING = Neighbourhood(depths={}, entities={}, mentions=(), follows=())


@dataclass(frozen=True, slots=True)
class Size:
    """How many memories there are."""

    memories: int
    """Live long-term ones of a namespace."""
    total: int
    """Of any lifetime in all namespaces."""
    read_at: float


class Searcher:
    """Searches one store; remembers how large its namespaces are.

    Args:
        connection: To the server.
        dialect: Of the server.
    """

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._sizes: dict[str, Size] = {}

    async def search_vector(
        self,
        namespace: str,
        vector: Vector,
        limit: int,
        where: MemoryFilter,
        *,
        model: str | None,
        vector_property: str,
    ) -> list[Candidate]:
        """See `MemoryStore.search_vector`.

        The index proposes and the server scores exactly. Where the index cannot be expected to propose
        enough, or did not, every memory of the namespace is looked at instead.
        """
        if not is_searchable(where) or limit < 1:
            return []
        parameters = {
            "scope": scope_of(namespace),
            "vector": as_list(vector),
            "limit": limit,
            "model": model,
            "excerpt": EXCERPT_CHARACTERS,
            **filter_parameters(where),
        }
        fetch = self._fetch(await self.size(namespace), limit, where)
        if fetch is not None:
            name = self._dialect.vector_search(vector_property)
            [row] = await self._connection.read(name, fetch=fetch, **parameters)
            if len(row["candidates"]) == limit:
                return read_candidates(row["candidates"])
        [row] = await self._connection.read("search_vector_exact", **parameters)
        return read_candidates(row["candidates"])

    def _fetch(self, size: Size, limit: int, where: MemoryFilter) -> int | None:
        """How many to ask the index for; None where an exact search is at least as good."""
        if where.conversation_id is not None or where.metadata:
            return None
        times = _OVERFETCH if where.is_default else _OVERFETCH_FILTERED
        return self.fetch(size, limit, at_least=_MIN_FETCH, times=times)

    def fetch(self, size: Size, limit: int, *, at_least: int, times: int = _OVERFETCH) -> int | None:
        """How many to ask the index for to get ``limit`` of a namespace; None where looking at all is as good."""
        if size.memories <= max(EXACT_BELOW, limit):
            return None
        fetch = max(at_least, times * limit)
        if not self._dialect.filters_in_index:
            fetch = fetch * size.total // size.memories
        return fetch if fetch <= MAX_FETCH else None

    async def size(self, namespace: str) -> Size:
        """How large a namespace and its store are, as of a few seconds ago."""
        size = self._sizes.get(namespace)
        now = time.monotonic()
        if size is None or now - size.read_at > _SIZE_SECONDS:
            rows = await self._connection.read("namespace_size", namespace=namespace)
            size = Size(rows[0]["memories"], rows[0]["total"], now) if rows else Size(0, 0, now)
            self._sizes = {key: kept for key, kept in self._sizes.items() if now - kept.read_at <= _SIZE_SECONDS}
            self._sizes[namespace] = size
        return size

    async def search_text(self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter) -> TextMatches:
        """See `MemoryStore.search_text`."""
        if not is_searchable(where) or limit < 1:
            return TextMatches([], [0] * len(terms), 0)
        parameters = {
            "scope": scope_of(namespace),
            "limit": limit,
            "excerpt": EXCERPT_CHARACTERS,
            **filter_parameters(where),
        }
        fetch = limit + _SPARE if where.is_default else _OVERFETCH_FILTERED * (limit + _SPARE)
        matches, frequencies, live = await asyncio.gather(
            self._best_matches(lucene_queries(scope_of(namespace), terms), limit, fetch, parameters),
            self._frequencies(namespace, terms),
            live_count(self._connection, namespace),
        )
        return TextMatches(matches, frequencies, live)

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

    async def _frequencies(self, namespace: str, terms: Sequence[str]) -> list[int]:
        queries = {term: query for term in terms if (query := term_query(scope_of(namespace), term))}
        if not queries:
            return [0] * len(terms)
        [row] = await self._connection.read("document_frequencies", queries=list(queries.values()))
        counted = dict(zip(queries, row["frequencies"], strict=True))
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

    async def similarities(
        self, namespace: str, memory_ids: Sequence[str], vector: Vector, *, model: str | None
    ) -> dict[str, float] | None:
        """See `MemoryStore.similarities`; None where the store's vectors are of another model."""
        found = await self._by_id("similarities", namespace, memory_ids, vector, model)
        return None if found is None else dict(found)

    async def candidates(
        self, namespace: str, memory_ids: Sequence[str], vector: Vector | None, *, model: str | None
    ) -> list[Candidate] | None:
        """See `MemoryStore.candidates`; None where the store's vectors are of another model."""
        lists = await self._by_id("candidates", namespace, memory_ids, vector, model)
        if lists is None:
            return None
        found = {candidate.memory_id: candidate for candidate in read_candidates(lists)}
        return [found[memory_id] for memory_id in memory_ids if memory_id in found]

    async def _by_id(
        self, name: str, namespace: str, memory_ids: Sequence[str], vector: Vector | None, model: str | None
    ) -> list[list[Any]] | None:
        """The lists that a statement returns of memories under its own name; None where the model is another."""
        if not memory_ids:
            return []
        rows = await self._connection.read(
            name,
            namespace=namespace,
            scope=scope_of(namespace),
            memory_ids=list(memory_ids),
            vector=as_list(vector),
            model=model,
            excerpt=EXCERPT_CHARACTERS,
        )
        return rows[0][name] if rows else None

    async def neighbourhood(
        self,
        namespace: str,
        memory_ids: Sequence[str],
        entity_keys: Sequence[str],
        *,
        bounds: Bounds,
        depth: int,
        where: MemoryFilter,
    ) -> Neighbourhood:
        """See `MemoryStore.neighbourhood`.

        Each step is one round trip, so what ranking needs (one step) is one, too.
        """
        if not is_searchable(where):
            return NOTHING
        parameters = {
            "namespace": namespace,
            "scope": scope_of(namespace),
            "entities_per_memory": bounds.entities_per_memory,
            "memories_per_entity": bounds.memories_per_entity,
            "min_mentions": bounds.min_mentions,
            "max_mentions": bounds.max_mentions,
            "conversation_steps": bounds.conversation_steps,
            "few_mentions": _FEW_MENTIONS,
            "unfiltered": where.is_default,
            **filter_parameters(where),
        }
        walk = _Walk()
        frontier, keys = unique(memory_ids), unique(entity_keys)
        for step in range(max(depth, 1)):
            [row] = await self._connection.read(
                "neighbourhood",
                memory_ids=frontier,
                entity_keys=keys,
                depth=min(depth, 1),
                met_ids=walk.memory_ids(),
                met_keys=walk.entity_keys(),
                **parameters,
            )
            frontier, keys = walk.add(row, step), []
            if not frontier:
                break
        return walk.result()


class _Walk:
    """Joins the steps of a walk. Memories and entities have numbers within their namespace."""

    def __init__(self) -> None:
        self._memory_ids: dict[int, str] = {}
        self._depths: dict[int, int] = {}
        self._entities: dict[int, EntityNode] = {}
        self._mentions: defaultdict[int, set[int]] = defaultdict(set)
        self._follows: dict[int, int] = {}

    def add(self, row: Row, step: int) -> list[str]:
        """Take in what one more step reached; the ids of the memories that are new, where the next one starts."""
        new = []
        for values in row["memories"]:
            if None in values:
                continue
            number, memory_id, depth = values
            if number not in self._memory_ids:
                self._memory_ids[number] = memory_id
                self._depths[number] = step + depth
                if depth:
                    new.append(memory_id)
        for values in row["entities"]:
            if None not in values:
                number, *node = values
                self._entities.setdefault(number, EntityNode(*node))
        for number, entities in row["mentions"]:
            self._mentions[number].update(entities)
        self._follows.update(row["follows"])
        return new

    def memory_ids(self) -> list[str]:
        """Ids of all memories reached so far."""
        return list(self._memory_ids.values())

    def entity_keys(self) -> list[str]:
        """Keys of all entities followed so far."""
        return [entity.key for entity in self._entities.values()]

    def result(self) -> Neighbourhood:
        """All that was reached, with the edges between it."""
        if not self._memory_ids and not self._entities:
            return NOTHING
        names = dict(sorted(self._memory_ids.items()))
        keys = {number: entity.key for number, entity in self._entities.items()}
        return Neighbourhood(
            depths={name: self._depths[number] for number, name in names.items()},
            entities={entity.key: entity for entity in self._entities.values()},
            mentions=[
                (name, keys[entity])
                for number, name in names.items()
                for entity in self._mentions.get(number, ())
                if entity in keys
            ],
            follows=[
                (name, names[after])
                for number, name in names.items()
                if (after := self._follows.get(number)) is not None and after in names
            ],
        )
