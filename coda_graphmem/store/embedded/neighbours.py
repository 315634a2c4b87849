"""Finds the nearest memories of many memories, a few at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from coda_graphmem.store.embedded.catalog import find_namespace
from coda_graphmem.store.embedded.rows import as_json
from coda_graphmem.store.embedded.vector_index import Part, Snapshot

#: Cosines computed at once, a few tens of milliseconds of work.
_COSINES = 2_500_000

#: The most memories looked at at once.
_MEMORIES = 256

Cosines = Mapping[int, Mapping[int, float]]
"""By row id of a memory and of its neighbour."""


def join(parts: Sequence[Part]) -> Snapshot | None:
    """All vectors that were gathered; None where there are none."""
    parts = [part for part in parts if len(part.ids)]
    if len(parts) <= 1:
        return Snapshot(parts[0].rows, parts[0].ids, None) if parts else None
    return Snapshot(np.concatenate([part.rows for part in parts]), np.concatenate([part.ids for part in parts]), None)


def batch_size(vectors: Snapshot) -> int:
    """How many memories to look for the neighbours of at once, so that searches never wait long."""
    return max(1, min(_MEMORIES, _COSINES // len(vectors.ids)))


def find_rows(connection: sqlite3.Connection, name: str, memory_ids: Sequence[str]) -> list[int]:
    """Row ids of those of the memories that are live; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    rows = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?)) "
        "AND +scope IS NOT NULL ORDER BY id",
        (namespace.id, as_json(memory_ids)),
    )
    return [row[0] for row in rows]


def named(connection: sqlite3.Connection, found: Cosines, limit: int) -> dict[str, list[tuple[str, float]]]:
    """What `Search.nearest` gives back, without memories that are gone by now; runs in a read transaction."""
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
