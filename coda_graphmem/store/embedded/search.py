"""Finds candidates by vector and by full text; the filter is always part of the search."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded.conditions import Conditions, as_json, searchable
from coda_graphmem.store.embedded.rows import Namespace, find_namespace, load_candidates
from coda_graphmem.store.embedded.vector_index import RowIds, VectorIndex
from coda_graphmem.store.protocol import Candidate, Vector

#: The index's own score, which only chooses: of the content alone, lower being better, as every row of a namespace
#: holds the same scope.
_BM25 = "bm25(memory_text, 1.0, 0.0)"

#: Rows fetched beyond the limit to see whether the last one ties with more.
_SPARE = 16

#: SQLite takes 500.
_COUNTS_A_STATEMENT = 400


def search_vector(
    connection: sqlite3.Connection, index: VectorIndex, name: str, *, vector: Vector, limit: int, where: MemoryFilter
) -> list[Candidate]:
    """See `MemoryStore.search_vector`; runs in a read transaction."""
    view = index.view(connection, name)
    conditions = searchable(where)
    if view is None or conditions is None or limit < 1:
        return []
    matching = _matching(connection, view.namespace, conditions) if conditions.sql else None
    similarities = view.search(vector, limit, matching)
    return _best(connection, limit, similarities, by=similarities)


def search_text(
    connection: sqlite3.Connection, name: str, *, terms: Sequence[str], limit: int, where: MemoryFilter
) -> list[Candidate]:
    """See `MemoryStore.search_text`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    conditions = searchable(where)
    words = _words(terms)
    if namespace is None or conditions is None or limit < 1 or not words:
        return []
    return _best(connection, limit, {}, by=_match(connection, namespace, words, limit, conditions))


def similarities(
    connection: sqlite3.Connection, index: VectorIndex, name: str, memory_ids: Sequence[str], vector: Vector
) -> dict[str, float]:
    """See `MemoryStore.similarities`; runs in a read transaction."""
    view = index.view(connection, name)
    if view is None:
        return {}
    rows = _rows(connection, view.namespace, memory_ids)
    return {rows[row]: cosine for row, cosine in view.similarities(vector, list(rows)).items()}


def candidates(
    connection: sqlite3.Connection, index: VectorIndex, name: str, memory_ids: Sequence[str], vector: Vector | None
) -> list[Candidate]:
    """See `MemoryStore.candidates`; runs in a read transaction."""
    view = None if vector is None else index.view(connection, name)
    namespace = find_namespace(connection, name) if view is None else view.namespace
    if namespace is None:
        return []
    rows = list(_rows(connection, namespace, memory_ids))
    cosines = {} if view is None or vector is None else view.similarities(vector, rows)
    found = {candidate.memory_id: candidate for candidate in load_candidates(connection, cosines, rows).values()}
    return [found[memory_id] for memory_id in memory_ids if memory_id in found]


def count_terms(connection: sqlite3.Connection, name: str, terms: Sequence[str]) -> tuple[list[int], int]:
    """How many live long-term memories hold each term, and how many there are; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return [0] * len(terms), 0
    words = _words(terms)
    counted: dict[str, int] = {}
    for start in range(0, len(words), _COUNTS_A_STATEMENT):
        some = words[start : start + _COUNTS_A_STATEMENT]
        rows = connection.execute(
            " UNION ALL ".join(["SELECT count(*) FROM memory_text WHERE memory_text MATCH ?"] * len(some)),
            [_query(namespace, [word]) for word in some],
        )
        counted |= dict(zip(some, (row[0] for row in rows), strict=True))
    return [counted.get(_word(term), 0) for term in terms], namespace.live_count


def _rows(connection: sqlite3.Connection, namespace: Namespace, memory_ids: Sequence[str]) -> dict[int, str]:
    """Ids of those of the memories that are live, by row id."""
    rows = connection.execute(
        "SELECT m.id, m.memory_id FROM memories AS m WHERE m.namespace_id = ? "
        "AND m.memory_id IN (SELECT value FROM json_each(?)) AND +m.scope = ?",
        (namespace.id, as_json(memory_ids), namespace.scope),
    )
    return dict(rows.fetchall())


def _matching(connection: sqlite3.Connection, namespace: Namespace, conditions: Conditions) -> RowIds:
    rows = connection.execute(
        f"SELECT m.id FROM memories AS m WHERE m.scope = ?{conditions.tail}",
        (namespace.scope, *conditions.parameters),
    ).fetchall()
    return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))


def _words(terms: Sequence[str]) -> list[str]:
    """Terms that hold a letter or a digit, once each; others would be empty phrases, which match anything."""
    return list(dict.fromkeys(term for term in map(_word, terms) if any(c.isalnum() for c in term)))


def _word(term: str) -> str:
    return term.encode(errors="ignore").decode().replace("\0", " ").replace('"', " ")


def _query(namespace: Namespace, words: Sequence[str]) -> str:
    # In double quotes nothing of a term is query syntax; the namespace is a token the index intersects with.
    terms = " OR ".join(f'"{word}"' for word in words)
    return f'scope : "{namespace.scope}" AND content : ({terms})'


def _match(
    connection: sqlite3.Connection, namespace: Namespace, words: Sequence[str], limit: int, conditions: Conditions
) -> dict[int, float]:
    """BM25 of the best matches by row id, those that tie with the last one included."""
    query = _query(namespace, words)
    join = f" CROSS JOIN memories AS m ON m.id = t.rowid WHERE memory_text MATCH ?{conditions.tail}"
    source = join if conditions.sql else " WHERE memory_text MATCH ?"
    fetched = limit + _SPARE
    while True:
        rows = connection.execute(
            # Asked for by name: the hidden column "rank" gives the same and takes half as long again.
            f"SELECT t.rowid, {_BM25} AS score FROM memory_text AS t{source} ORDER BY score LIMIT ?",
            (query, *conditions.parameters, fetched),
        ).fetchall()
        if len(rows) < fetched or rows[-1][1] > rows[limit - 1][1]:
            break
        fetched *= 4
    # A rank of 0 means that no term matched: what SQLite takes for letters may be narrower than what Python does.
    return {row[0]: -row[1] for row in rows if row[1] < 0}


def _best(
    connection: sqlite3.Connection,
    limit: int,
    similarities: Mapping[int, float],
    *,
    by: Mapping[int, float],
) -> list[Candidate]:
    found = load_candidates(connection, similarities, list(by))
    order = sorted(found, key=lambda row: (-by[row], found[row].memory_id))
    return [found[row] for row in order[:limit]]
