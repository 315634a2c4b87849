"""Finds the nearest memories of many memories, a few at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.records import find_namespace
from coda_graphmem.store.embedded.vector_index import VectorIndex

#: Cosines computed in one transaction, a few tens of milliseconds of work.
_COSINES = 2_500_000

#: The most memories one transaction looks at.
_MEMORIES = 256


def batch_size(connection: sqlite3.Connection, name: str) -> int:
    """How many memories to look for the neighbours of at once, so that searches never wait long."""
    namespace = find_namespace(connection, name)
    live = 0 if namespace is None else namespace.live_count
    return max(1, min(_MEMORIES, _COSINES // max(live, 1)))


def nearest(
    connection: sqlite3.Connection,
    index: VectorIndex,
    name: str,
    memory_ids: Sequence[str],
    *,
    limit: int,
    min_similarity: float,
) -> dict[str, list[tuple[str, float]]]:
    """See `MemoryStore.nearest`; runs in a read transaction."""
    view = index.view(connection, name)
    if view is None or limit < 1:
        return {}
    wanted = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?)) "
        "AND +scope IS NOT NULL ORDER BY id",
        (view.namespace.id, as_json(memory_ids)),
    ).fetchall()
    found = view.neighbours([row[0] for row in wanted], limit, min_similarity)
    names: dict[int, str] = dict(
        connection.execute(
            "SELECT id, memory_id FROM memories WHERE id IN (SELECT value FROM json_each(?))",
            (as_json(sorted({*found, *(row for cosines in found.values() for row in cosines)})),),
        ).fetchall()
    )
    result = {}
    for row, cosines in found.items():
        best = sorted(
            ((names[other], cosine) for other, cosine in cosines.items()), key=lambda pair: (-pair[1], pair[0])
        )
        result[names[row]] = best[:limit]
    return result
