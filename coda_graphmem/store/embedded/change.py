"""Changes memories that are there: contents, lifetimes, counters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from coda_graphmem.language.words import describe
from coda_graphmem.store.embedded import linking, mentions
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.records import (
    Namespace,
    check_dimension,
    dump_metadata,
    find_namespace,
    read_model,
    write_meta,
)
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import MemoryChanges


def update(
    connection: sqlite3.Connection, index: VectorIndex, name: str, memory_id: str, changes: MemoryChanges
) -> bool:
    """See `MemoryStore.update`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return False
    found = connection.execute(
        "SELECT id, content, metadata, importance_score, timestamp, scope IS NOT NULL, dedup_key "
        "FROM memories WHERE namespace_id = ? AND memory_id = ?",
        (namespace.id, memory_id),
    ).fetchone()
    if found is None:
        return False
    memory, content, kept, importance, timestamp, live, dedup_key = found
    if changes.content is not None and changes.content != content:
        linking.remove(connection, [memory])
    metadata = json.loads(kept) if changes.metadata is None else dict(changes.metadata)
    if changes.content is not None:
        content = changes.content
        dedup_key = changes.dedup_key
        if dedup_key is not None and live and _held_by_another(connection, namespace, dedup_key, memory):
            dedup_key = None
    speaker = metadata.get("speaker")
    speaker = speaker if isinstance(speaker, str) else None
    traits = describe(content, speaker)
    connection.execute(
        "UPDATE memories SET metadata = ?, importance_score = ?, updated_at = ?, dedup_key = ?, speaker = ?, "
        "word_count = ?, is_question = ? WHERE id = ?",
        (
            dump_metadata(metadata),
            importance if changes.importance_score is None else changes.importance_score,
            changes.updated_at,
            dedup_key,
            speaker,
            traits.word_count,
            traits.is_question,
            memory,
        ),
    )
    if changes.content is not None:
        connection.execute("UPDATE memories SET content = ? WHERE id = ?", (content, memory))
        connection.execute("DELETE FROM staged_vectors WHERE memory = ?", (memory,))
    if changes.embedding is not None:
        dimension = read_model(connection).dimension
        check_dimension(dimension, changes.embedding)
        if dimension is None:
            write_meta(connection, dimension=len(changes.embedding))
        index.put(connection, namespace, {memory: changes.embedding}, [memory] if live else [])
    elif changes.content is not None:
        index.remove(connection, namespace, [memory])
    if changes.entities is not None:
        gone = mentions.remove(connection, [memory])
        mentions.add(connection, namespace, [mentions.Addition(memory, timestamp, bool(live), changes.entities)])
        mentions.drop_orphans(connection, gone)
    return True


def archive(connection: sqlite3.Connection, index: VectorIndex, name: str, ids: Sequence[str], at: float) -> int:
    """See `MemoryStore.archive`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return 0
    changed = connection.execute(
        "SELECT id, scope IS NOT NULL FROM memories WHERE namespace_id = ? "
        "AND memory_id IN (SELECT value FROM json_each(?)) AND archived_at IS NULL",
        (namespace.id, as_json(ids)),
    ).fetchall()
    rows = [row[0] for row in changed]
    left = [row[0] for row in changed if row[1]]
    connection.execute(
        "UPDATE memories SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))", (at, as_json(rows))
    )
    set_live(connection, index, namespace, left, live=False)
    return len(rows)


def unarchive(
    connection: sqlite3.Connection, index: VectorIndex, name: str, ids: Sequence[str], at: float
) -> list[str]:
    """See `MemoryStore.unarchive`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    rows = connection.execute(
        "SELECT id, memory_id FROM memories WHERE namespace_id = ? "
        "AND memory_id IN (SELECT value FROM json_each(?)) AND archived_at IS NOT NULL AND consolidated_into IS NULL "
        "ORDER BY id",
        (namespace.id, as_json(ids)),
    ).fetchall()
    revive(connection, index, namespace, [row[0] for row in rows])
    connection.executemany("UPDATE memories SET updated_at = ? WHERE id = ?", [(at, row[0]) for row in rows])
    return [row[1] for row in rows]


def revive(connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, rows: Sequence[int]) -> None:
    """Bring archived memories back, by row id; one whose ``dedup_key`` a live memory has comes without it."""
    left = connection.execute(
        "SELECT id, dedup_key, expires_at IS NULL FROM memories "
        "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (as_json(rows),),
    ).fetchall()
    for memory, dedup_key, long_term in left:
        held = long_term and dedup_key is not None and _held_by_another(connection, namespace, dedup_key, memory)
        connection.execute(
            "UPDATE memories SET archived_at = NULL, dedup_key = ? WHERE id = ?", (None if held else dedup_key, memory)
        )
    set_live(connection, index, namespace, [row[0] for row in left if row[2]], live=True)


def promote(
    connection: sqlite3.Connection, index: VectorIndex, name: str, memory_id: str, *, dedup_key: str | None, at: float
) -> bool:
    """See `MemoryStore.promote`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return False
    found = connection.execute(
        "SELECT id, expires_at, archived_at FROM memories WHERE namespace_id = ? AND memory_id = ?",
        (namespace.id, memory_id),
    ).fetchone()
    if found is None:
        return False
    memory, expires_at, archived_at = found
    if expires_at is None:
        return True
    if dedup_key is not None and archived_at is None and _held_by_another(connection, namespace, dedup_key, memory):
        dedup_key = None
    connection.execute(
        "UPDATE memories SET expires_at = NULL, dedup_key = ?, promoted_at = ? WHERE id = ?",
        (dedup_key, at, memory),
    )
    if archived_at is None:
        set_live(connection, index, namespace, [memory], live=True)
    return True


def record_access(connection: sqlite3.Connection, name: str, counts: Mapping[str, int], at: float) -> None:
    """See `MemoryStore.record_access`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is not None:
        connection.executemany(
            "UPDATE memories SET access_count = access_count + ?, last_accessed = ? "
            "WHERE namespace_id = ? AND memory_id = ?",
            [(count, at, namespace.id, memory_id) for memory_id, count in counts.items()],
        )


def set_live(
    connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, ids: Sequence[int], *, live: bool
) -> None:
    """Let everything that counts or finds live long-term memories know of ones that are, or no longer are."""
    if not ids:
        return
    mentions.set_live(connection, ids, live)
    index.set_live(connection, namespace, ids, live)
    connection.execute(
        "UPDATE namespaces SET live_count = live_count + ? WHERE id = ?",
        (len(ids) if live else -len(ids), namespace.id),
    )


def _held_by_another(connection: sqlite3.Connection, namespace: Namespace, dedup_key: str, memory: int) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM memories WHERE scope = ? AND dedup_key = ? AND id <> ?",
            (namespace.scope, dedup_key, memory),
        ).fetchone()
        is not None
    )
