"""Finds candidates by vector and by full text; the filter is always part of the search."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from coda_graphmem.language.normal_form import index_text
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded.catalog import Namespace, find_namespace, within
from coda_graphmem.store.embedded.conditions import Parameter
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.postings import LARGE, Found, Postings, others
from coda_graphmem.store.embedded.rows import Conditions, as_json, is_searchable, load_candidates, searchable
from coda_graphmem.store.embedded.selections import Selections, among, ended
from coda_graphmem.store.embedded.vector_index import Part, RowIds, Snapshot
from coda_graphmem.store.protocol import NEVER, Candidate, Search, TextMatches, Vector, beginning_of, begins

T = TypeVar("T")

#: The index's own score, which only chooses: of the content alone, lower being better, as every row of a namespace
#: holds the same scope.
_BM25 = "bm25(memory_text, 1.0, 0.0)"

#: Rows fetched beyond the limit to see whether the last one ties with more.
_SPARE = 16

#: Where a filter leaves one memory of so many at most, the index is told which.
_FEW = 20

#: So many times more matches are looked at than should do.
_GENEROUS = 1.3

#: So many memories of the file that are not searched are left out one by one; where there are more, the index goes
#: through the list of the namespace for each word, which takes twice as long or longer.
_FEW_OTHERS = 100

_ANY = Conditions("", ())

#: SQLite takes 500.
_COUNTS_A_STATEMENT = 400

#: Cosines computed at once when looking for neighbours, a few tens of milliseconds of work, so that searches never
#: wait long.
_COSINES = 2_500_000

#: The most memories whose neighbours are looked for at once.
_MEMORIES = 256


class EmbeddedSearch(StorePart, Search):
    """Vectors are found by the index, texts by FTS5; both tell the best, and rows say the rest.

    Args:
        database: The store's file.
        selections: What filters select.
    """

    def __init__(self, database: IndexedDatabase, selections: Selections) -> None:
        super().__init__(database)
        self._selections = selections

    @override
    async def search_vector(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> list[Candidate]:
        def work(connection: sqlite3.Connection) -> list[Candidate]:
            view = self._index.view(connection, namespace)
            if view is None or not is_searchable(where) or limit < 1:
                return []
            over = ended(connection, view.namespace, now)
            matching = self._selections.of(connection, view.namespace, where)
            similarities = view.search(vector, limit + len(over), matching)
            for row in over.tolist():
                similarities.pop(row, None)
            return _best(connection, limit, similarities, by=similarities)

        return await self._compare(work)

    @override
    async def search_text(
        self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> TextMatches:
        words = _words(terms)

        def work(connection: sqlite3.Connection, owner: Namespace) -> TextMatches:
            found: list[Candidate] = []
            if words and owner.live_count >= LARGE:
                most = limit if is_searchable(where) else 0
                listed = self._listed(connection, owner, words, most, where=where, now=now)
                best = dict(zip(listed.rows.tolist(), listed.scores.tolist(), strict=True))
                frequencies = [listed.frequencies.get(_word(term), 0) for term in terms]
                return TextMatches(_best(connection, limit, {}, by=best), frequencies, owner.live_count)
            extent = _Extent.of(connection, owner)
            if is_searchable(where) and limit > 0 and words:
                matches = self._match(connection, owner, extent, words, limit, where=where, now=now)
                found = _best(connection, limit, {}, by=matches)
            counted = _frequencies(connection, extent, words)
            return TextMatches(found, [counted.get(_word(term), 0) for term in terms], owner.live_count)

        return await self._database.read(within(namespace, TextMatches([], [0] * len(terms), 0), work))

    def _match(
        self,
        connection: sqlite3.Connection,
        namespace: Namespace,
        extent: "_Extent",
        words: Sequence[str],
        limit: int,
        *,
        where: MemoryFilter,
        now: float,
    ) -> dict[int, float]:
        """BM25 of the best matches by row id, those that tie with the last one included."""
        query = _query(extent.scope, words)
        if where.where is None:
            # Of plain columns only what matches need be looked at, unless somebody did already.
            chosen = self._selections.known(connection, namespace, where)
            if chosen is None:
                conditions = searchable(connection, namespace, where, now=now)
                return _match(connection, query, limit, extent.rows, conditions)
        else:
            chosen = self._selections.of(connection, namespace, where)
            assert chosen is not None
        over = ended(connection, namespace, now)
        chosen = chosen[~among(chosen, over) & ~among(chosen, extent.left_out)]
        if len(chosen) * _FEW <= namespace.live_count:
            few = Conditions("+t.rowid IN (SELECT value FROM json_each(?))", (as_json(chosen.tolist()),))
            return _match(connection, query, limit, few)
        return _match_many(connection, query, limit, chosen, share=min(1.0, len(chosen) / max(1, namespace.live_count)))

    def _listed(
        self,
        connection: sqlite3.Connection,
        namespace: Namespace,
        words: Sequence[str],
        limit: int,
        *,
        where: MemoryFilter,
        now: float,
    ) -> Found:
        """What the index's lists say of a large namespace."""
        chosen = self._selections.of(connection, namespace, where) if limit > 0 else None
        over = ended(connection, namespace, now)

        def allowed(rows: RowIds) -> NDArray[np.bool_]:
            kept = ~among(rows, over)
            return kept if chosen is None else kept & among(rows, chosen)

        postings = Postings(connection, namespace, _query)
        is_all = chosen is None and not len(over)
        return postings.search(words, max(0, limit), None if is_all else allowed, chosen)

    @override
    async def similarities(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, float]:
        def work(connection: sqlite3.Connection) -> dict[str, float]:
            view = self._index.view(connection, namespace)
            if view is None:
                return {}
            rows = _rows(connection, view.namespace, memory_ids)
            return {rows[row]: cosine for row, cosine in view.similarities(vector, list(rows)).items()}

        return await self._compare(work)

    @override
    async def candidates(self, namespace: str, memory_ids: Sequence[str], vector: Vector | None) -> list[Candidate]:
        def work(connection: sqlite3.Connection) -> list[Candidate]:
            view = None if vector is None else self._index.view(connection, namespace)
            owner = find_namespace(connection, namespace) if view is None else view.namespace
            if owner is None:
                return []
            rows = list(_rows(connection, owner, memory_ids))
            cosines = {} if view is None or vector is None else view.similarities(vector, rows)
            loaded = load_candidates(connection, cosines, rows)
            found = {candidate.memory_id: candidate for candidate in loaded.values()}
            return [found[memory_id] for memory_id in memory_ids if memory_id in found]

        return await (self._database.read(work) if vector is None else self._compare(work))

    async def _compare(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work that compares with a caller's vector, whose model must be the file's."""

        def checked(connection: sqlite3.Connection) -> T:
            result = work(connection)
            self._database.check_model(connection)
            return result

        return await self._database.read_vectors(checked)

    @override
    async def nearest(
        self, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        vectors = await self._gather(namespace) if limit > 0 else None
        if vectors is None:
            return {}

        def find_rows(connection: sqlite3.Connection, owner: Namespace) -> list[int]:
            return sorted(_rows(connection, owner, memory_ids))

        rows: list[int] = await self._database.read(within(namespace, [], find_rows))
        size = max(1, min(_MEMORIES, _COSINES // len(vectors.ids)))
        found: dict[int, dict[int, float]] = {}
        pause = 0.0
        for start in range(0, len(rows), size):
            # Between two blocks searches have the processor to themselves for as long as a block took.
            await asyncio.sleep(pause)
            began = time.perf_counter()
            part = np.array(rows[start : start + size], dtype=np.int64)
            found |= await asyncio.to_thread(vectors.neighbours, part, limit, min_similarity)
            pause = time.perf_counter() - began
        result = await self._database.read(lambda connection: _named(connection, found, limit))
        return {memory_id: result[memory_id] for memory_id in dict.fromkeys(memory_ids) if memory_id in result}

    async def _gather(self, namespace: str) -> Snapshot | None:
        """The vectors of all live memories, gathered in parts where they are not in memory."""
        parts: list[Part] = []
        after = 0
        while part := await self._database.read_vectors(partial(self._index.gather, name=namespace, after=after)):
            parts.append(part)
            after = part.position
        return await asyncio.to_thread(_joined, parts)


def _joined(parts: Sequence[Part]) -> Snapshot | None:
    """All vectors that were gathered; None where there are none."""
    parts = [part for part in parts if len(part.ids)]
    if len(parts) <= 1:
        return Snapshot(parts[0].rows, parts[0].ids, None) if parts else None
    return Snapshot(np.concatenate([part.rows for part in parts]), np.concatenate([part.ids for part in parts]), None)


def _named(
    connection: sqlite3.Connection, found: Mapping[int, Mapping[int, float]], limit: int
) -> dict[str, list[tuple[str, float]]]:
    """Neighbours by id, with their cosines, without memories that are gone by now."""
    wanted = {*found, *(row for cosines in found.values() for row in cosines)}
    names: dict[int, str] = dict(
        connection.execute(
            "SELECT id, memory_id FROM memories WHERE id IN (SELECT value FROM json_each(?)) AND +scope IS NOT NULL",
            (as_json(sorted(wanted)),),
        ).fetchall()
    )
    result = {}
    for row, cosines in found.items():
        if row in names:
            pairs = ((names[other], cosine) for other, cosine in cosines.items() if other in names)
            result[names[row]] = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit]
    return result


class _Extent(NamedTuple):
    """What of the index a search of a namespace means."""

    scope: str
    """The namespace whose list the index goes through for each word; empty for the whole index."""
    left_out: RowIds
    """Memories that are in its lists and not meant, in order."""

    @staticmethod
    def of(connection: sqlite3.Connection, namespace: Namespace) -> "_Extent":
        """That of live long-term memories."""
        left_out = others(connection, namespace, _FEW_OTHERS)
        return _Extent(namespace.scope, np.empty(0, dtype=np.int64)) if left_out is None else _Extent("", left_out)

    @property
    def rows(self) -> Conditions:
        """What leaves them out, on the row of the index, ``t``."""
        if not len(self.left_out):
            return _ANY
        return Conditions("+t.rowid NOT IN (SELECT value FROM json_each(?))", (as_json(self.left_out.tolist()),))


def _frequencies(connection: sqlite3.Connection, extent: _Extent, words: Sequence[str]) -> dict[str, int]:
    """How many live long-term memories hold each word."""
    counted: dict[str, int] = {}
    count = f"SELECT count(*) FROM memory_text AS t WHERE memory_text MATCH ?{extent.rows.tail}"
    for start in range(0, len(words), _COUNTS_A_STATEMENT):
        some = words[start : start + _COUNTS_A_STATEMENT]
        rows = connection.execute(
            " UNION ALL ".join([count] * len(some)),
            [value for word in some for value in (_query(extent.scope, [word]), *extent.rows.parameters)],
        )
        counted |= dict(zip(some, (row[0] for row in rows), strict=True))
    return counted


def _rows(connection: sqlite3.Connection, namespace: Namespace, memory_ids: Sequence[str]) -> dict[int, str]:
    """Ids of those of the memories that are live, by row id."""
    rows = connection.execute(
        "SELECT m.id, m.memory_id FROM memories AS m WHERE m.namespace_id = ? "
        "AND m.memory_id IN (SELECT value FROM json_each(?)) AND +m.scope = ?",
        (namespace.id, as_json(memory_ids), namespace.scope),
    )
    return dict(rows.fetchall())


def _words(terms: Sequence[str]) -> list[str]:
    """Terms that hold a letter or a digit, once each; others would be empty phrases, which match anything."""
    return list(dict.fromkeys(term for term in map(_word, terms) if any(c.isalnum() for c in term)))


def _word(term: str) -> str:
    """A term as the index holds it; where that is several characters, its phrase, and a beginning stays one."""
    if (start := begins(term)) is not None:
        return beginning_of(_word(start))
    return index_text(term.encode(errors="ignore").decode()).replace("\0", " ").replace('"', " ").strip()


def _query(scope: str, words: Sequence[str], also: Sequence[str] = ()) -> str:
    """A query for texts of a scope, or of all, that hold one of some words, and one of others where there are any."""
    # In double quotes nothing of a term is query syntax; the namespace is a token the index intersects with.
    held = [f"content : ({_any_of(some)})" for some in (words, also) if some]
    return " AND ".join([f'scope : "{scope}"', *held] if scope else held)


def _any_of(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' if (start := begins(word)) is None else f'"{start}"*' for word in words)


def _match(
    connection: sqlite3.Connection, query: str, limit: int, rows_only: Conditions, conditions: Conditions = _ANY
) -> dict[int, float]:
    """BM25 of the best matches by row id, those that tie with the last one included.

    Args:
        connection: In a transaction.
        query: For the index.
        limit: At least this many, where there are so many.
        rows_only: On the row of the index, ``t``.
        conditions: On ``memories AS m``, which are looked at for these alone.
    """
    join = " CROSS JOIN memories AS m ON m.id = t.rowid" if conditions.sql else ""
    source = f"{join} WHERE memory_text MATCH ?{rows_only.tail}{conditions.tail}"
    values = (*rows_only.parameters, *conditions.parameters)
    fetched = limit + _SPARE
    while True:
        rows = _ranked(connection, source, query, values, fetched)
        if len(rows) < fetched or rows[-1][1] > rows[limit - 1][1]:
            break
        fetched *= 4
    # A rank of 0 means that no term matched: what SQLite takes for letters may be narrower than what Python does.
    return {row[0]: -row[1] for row in rows if row[1] < 0}


def _match_many(
    connection: sqlite3.Connection, query: str, limit: int, chosen: RowIds, *, share: float
) -> dict[int, float]:
    """The same among many memories: of all matches so many of the best are looked at that enough are among them.

    Args:
        connection: In a transaction.
        query: For the index.
        limit: At least this many, where there are so many.
        chosen: Row ids, in order.
        share: Of all memories those that are chosen, above 0.
    """
    fetched = int(_GENEROUS * (limit + _SPARE) / share)
    while True:
        rows = _ranked(connection, " WHERE memory_text MATCH ?", query, (), fetched)
        kept = among(np.array([row[0] for row in rows], dtype=np.int64), chosen)
        found = [rows[i] for i in np.flatnonzero(kept).tolist()]
        if len(rows) < fetched or (len(found) >= limit and rows[-1][1] > found[limit - 1][1]):
            break
        fetched *= 4
    return {row: -score for row, score in found if score < 0}


def _ranked(
    connection: sqlite3.Connection, source: str, query: str, values: Sequence[Parameter], limit: int
) -> list[tuple[int, float]]:
    return connection.execute(
        # Asked for by name: the hidden column "rank" gives the same and takes half as long again.
        f"SELECT t.rowid, {_BM25} AS score FROM memory_text AS t{source} ORDER BY score LIMIT ?",
        (query, *values, limit),
    ).fetchall()


def _best(
    connection: sqlite3.Connection, limit: int, similarities: Mapping[int, float], *, by: Mapping[int, float]
) -> list[Candidate]:
    found = load_candidates(connection, similarities, list(by))
    order = sorted(found, key=lambda row: (-by[row], found[row].memory_id))
    return [found[row] for row in order[:limit]]
