"""Hands out what the forgetting curve is computed from, and keeps what came of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from coda_graphmem.models import MemoryType
from coda_graphmem.store.embedded.rows import find_namespace
from coda_graphmem.store.protocol import DecayRows

_TYPES = {kind.value: kind for kind in MemoryType}


def decay_rows(connection: sqlite3.Connection, name: str, *, after: int, limit: int) -> DecayRows | None:
    """See `MemoryStore.decay_rows`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return None
    rows = connection.execute(
        "SELECT memory_id, timestamp, last_accessed, access_count, reinforcement_count, importance_score, memory_type, "
        "id FROM memories INDEXED BY memories_by_arrival WHERE scope = ? AND id > ? ORDER BY id LIMIT ?",
        (namespace.scope, after, limit),
    ).fetchall()
    if not rows:
        return None
    ids, timestamp, accessed, accesses, reinforcements, importance, types, positions = zip(*rows, strict=True)
    return DecayRows(
        memory_ids=list(ids),
        timestamp=np.array(timestamp, dtype=np.float64),
        last_accessed=np.array(accessed, dtype=np.float64),
        access_count=np.array(accesses, dtype=np.int64),
        reinforcement_count=np.array(reinforcements, dtype=np.int64),
        importance=np.array(importance, dtype=np.float64),
        memory_types=[_TYPES[kind] for kind in types],
        position=positions[-1],
    )


def save_decay(connection: sqlite3.Connection, name: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
    """See `MemoryStore.save_decay`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return 0
    return connection.executemany(
        "UPDATE memories SET decay_factor = ? WHERE namespace_id = ? AND memory_id = ?",
        [(float(factor), namespace.id, memory_id) for memory_id, factor in zip(memory_ids, factors, strict=True)],
    ).rowcount
