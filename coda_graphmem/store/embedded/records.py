"""Reads memories, entities and counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from coda_graphmem.models import Memory, MemoryFilter, MemoryStats, MemoryType, SortOrder
from coda_graphmem.store.embedded.conditions import as_json, everything
from coda_graphmem.store.embedded.rows import find_namespace, load_entities, load_memories
from coda_graphmem.store.embedded.space import size_on_disk
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import EntityNode

_ORDERS: dict[SortOrder, str] = {
    "newest": "m.timestamp DESC, m.id DESC",
    "oldest": "m.timestamp, m.id",
    "weakest": "m.importance_score, coalesce(m.last_accessed, m.created_at), m.id",
}


# Two seeks in the index ``memories_by_speaker`` a name; "!" is what follows the space.
_SPEAKERS = """
    SELECT
        (SELECT m.speaker FROM memories AS m WHERE m.scope = :scope AND m.speaker = wanted.value LIMIT 1),
        (SELECT m.speaker FROM memories AS m WHERE m.scope = :scope
            AND m.speaker >= wanted.value || ' ' AND m.speaker < wanted.value || '!' ORDER BY m.speaker LIMIT 1)
    FROM json_each(:names) AS wanted
"""

#: Room for the changes of a namespace below its row id in what `revision` gives.
_CHANGES_BITS = 40


def get(
    connection: sqlite3.Connection, index: VectorIndex, name: str, memory_ids: Sequence[str], *, with_embedding: bool
) -> list[Memory]:
    """See `MemoryStore.get`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    ids = as_json(memory_ids)
    vectors = {}
    if with_embedding:
        rows = connection.execute(
            "SELECT id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))",
            (namespace.id, ids),
        ).fetchall()
        vectors = index.embeddings(connection, [row[0] for row in rows])
    tail = "WHERE m.namespace_id = ? AND m.memory_id IN (SELECT value FROM json_each(?))"
    found = {m.memory_id: m for _, m in load_memories(connection, namespace, tail, (namespace.id, ids), vectors)}
    return [found[memory_id] for memory_id in dict.fromkeys(memory_ids) if memory_id in found]


def find(
    connection: sqlite3.Connection,
    index: VectorIndex,
    name: str,
    where: MemoryFilter,
    *,
    order: SortOrder,
    limit: int | None,
    offset: int,
    now: float,
    with_embedding: bool,
) -> list[Memory]:
    """See `MemoryStore.find`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    matching = everything(namespace.id, where, now=now)
    tail = f"WHERE {matching.sql} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?"
    parameters = (*matching.parameters, -1 if limit is None else limit, offset)
    vectors = {}
    if with_embedding:
        rows = connection.execute(f"SELECT m.id FROM memories AS m {tail}", parameters).fetchall()
        vectors = index.embeddings(connection, [row[0] for row in rows])
    return [memory for _, memory in load_memories(connection, namespace, tail, parameters, vectors)]


def count(connection: sqlite3.Connection, name: str, where: MemoryFilter, *, now: float) -> int:
    """See `MemoryStore.count`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return 0
    if where.is_default:
        return namespace.live_count
    matching = everything(namespace.id, where, now=now)
    row = connection.execute(f"SELECT count(*) FROM memories AS m WHERE {matching.sql}", matching.parameters)
    return int(row.fetchone()[0])


def namespaces(connection: sqlite3.Connection) -> list[str]:
    """See `MemoryStore.namespaces`; runs in a read transaction."""
    rows = connection.execute(
        "SELECT name FROM namespaces AS n WHERE EXISTS (SELECT 1 FROM memories WHERE namespace_id = n.id)"
    )
    return sorted(row[0] for row in rows)


def revision(connection: sqlite3.Connection, name: str) -> int:
    """See `MemoryStore.revision`; runs in a read transaction. A namespace that comes again counts from elsewhere."""
    row = connection.execute("SELECT id, changes FROM namespaces WHERE name = ?", (name,)).fetchone()
    return 0 if row is None or row[1] == 0 else (row[0] << _CHANGES_BITS) + row[1]


def find_touched(connection: sqlite3.Connection, name: str, since: float) -> list[str]:
    """See `MemoryStore.find_touched`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    rows = connection.execute(
        "SELECT memory_id FROM memories INDEXED BY memories_by_touch WHERE scope = ? AND touched_at >= ? ORDER BY id",
        (namespace.scope, since),
    )
    return [row[0] for row in rows]


def find_recalled(connection: sqlite3.Connection, name: str, since: float) -> list[str]:
    """See `UpkeepStore.find_recalled`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    # The index knows when a memory was recalled or, where never, made; only those few are looked up.
    rows = connection.execute(
        "SELECT memory_id FROM memories INDEXED BY memories_by_weakness"
        " WHERE scope = ? AND coalesce(last_accessed, created_at) >= ? AND last_accessed IS NOT NULL ORDER BY id",
        (namespace.scope, since),
    )
    return [row[0] for row in rows]


def entities_by_key(connection: sqlite3.Connection, name: str, keys: Sequence[str]) -> list[EntityNode]:
    """See `MemoryStore.find_entities`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    tail = "WHERE e.namespace_id = ? AND e.key IN (SELECT value FROM json_each(?))"
    return list(load_entities(connection, tail, (namespace.id, as_json(keys))).values())


def speakers(connection: sqlite3.Connection, name: str, names: Sequence[str]) -> list[str]:
    """See `MemoryStore.find_speakers`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    rows = connection.execute(_SPEAKERS, {"scope": namespace.scope, "names": as_json(list(names))})
    return list({speaker for row in rows for speaker in row if speaker is not None})


def list_entities(connection: sqlite3.Connection, name: str, limit: int, offset: int) -> list[EntityNode]:
    """See `MemoryStore.list_entities`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    tail = "WHERE e.namespace_id = ? ORDER BY e.mention_count DESC, e.key LIMIT ? OFFSET ?"
    return list(load_entities(connection, tail, (namespace.id, limit, offset)).values())


def stats(connection: sqlite3.Connection, name: str, path: Path, *, now: float) -> MemoryStats:
    """See `MemoryStore.stats`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    types: dict[MemoryType, int] = {}
    importance, oldest, newest = 0.0, None, None
    accessed = None
    other = (0, 0, 0, 0, 0)
    if namespace is not None:
        for kind, number, total, first, last in connection.execute(
            "SELECT memory_type, count(*), sum(importance_score), min(timestamp), max(timestamp) "
            "FROM memories WHERE scope = ? GROUP BY memory_type ORDER BY memory_type",
            (namespace.scope,),
        ):
            types[MemoryType(kind)] = number
            importance += total
            oldest = first if oldest is None else min(oldest, first)
            newest = last if newest is None else max(newest, last)
        most = connection.execute(
            "SELECT memory_id FROM memories WHERE scope = ? AND access_count > 0 "
            "ORDER BY access_count DESC, memory_id LIMIT 1",
            (namespace.scope,),
        ).fetchone()
        accessed = None if most is None else most[0]
        other = connection.execute(
            "SELECT "
            "(SELECT count(*) FROM memories WHERE namespace_id = :id AND expires_at > :now AND archived_at IS NULL), "
            "(SELECT count(*) FROM memories WHERE namespace_id = :id AND archived_at IS NOT NULL "
            "AND (expires_at IS NULL OR expires_at > :now)), "
            "(SELECT count(*) FROM entities WHERE namespace_id = :id), "
            "(SELECT count(DISTINCT conversation_id) FROM memories WHERE namespace_id = :id "
            "AND conversation_id IS NOT NULL AND (expires_at IS NULL OR expires_at > :now)), "
            "(SELECT coalesce(sum(mention_count), 0) FROM entities WHERE namespace_id = :id)",
            {"id": namespace.id, "now": now},
        ).fetchone()
    total_memories = sum(types.values())
    return MemoryStats(
        total_memories=total_memories,
        memory_type_distribution=types,
        avg_importance_score=importance / total_memories if total_memories else 0.0,
        short_term_memories=other[0],
        archived_memories=other[1],
        total_entities=other[2],
        total_conversations=other[3],
        total_mentions=other[4],
        oldest_timestamp=oldest,
        newest_timestamp=newest,
        most_accessed_memory_id=accessed,
        storage_bytes=size_on_disk(path),
    )
