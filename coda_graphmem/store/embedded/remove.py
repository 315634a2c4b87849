"""Removes memories with everything that hangs on them, and says what that was."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from coda_graphmem.models import DeletionReceipt, MemoryFilter
from coda_graphmem.store.embedded import jobs, mentions, sequence
from coda_graphmem.store.embedded import links as linking
from coda_graphmem.store.embedded.conditions import as_json, everything
from coda_graphmem.store.embedded.rows import Namespace, find_namespace
from coda_graphmem.store.embedded.vector_index import VectorIndex

_WITH_ORIGINALS = """
    WITH RECURSIVE gone (id, memory_id) AS (
        SELECT id, memory_id FROM memories WHERE id IN (SELECT value FROM json_each(:rows))
        UNION
        SELECT m.id, m.memory_id FROM gone
        JOIN memories AS m ON m.namespace_id = :namespace AND m.consolidated_into = gone.memory_id
    )
    SELECT id FROM gone
"""


def delete(connection: sqlite3.Connection, index: VectorIndex, name: str, ids: Sequence[str]) -> DeletionReceipt:
    """See `MemoryStore.delete`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return DeletionReceipt()
    rows = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))",
        (namespace.id, as_json(ids)),
    ).fetchall()
    return remove_rows(connection, index, namespace, [row[0] for row in rows])


def forget(
    connection: sqlite3.Connection, index: VectorIndex, name: str, where: MemoryFilter | None
) -> DeletionReceipt:
    """See `MemoryStore.forget`; runs in a write transaction. Short-term memories match also when expired."""
    if where is None:
        jobs.forget(connection, name)
    namespace = find_namespace(connection, name)
    if namespace is None:
        return DeletionReceipt()
    if where is None:
        rows = connection.execute("SELECT id FROM memories WHERE namespace_id = ?", (namespace.id,)).fetchall()
    else:
        matching = everything(namespace.id, where, now=float("-inf"))
        rows = connection.execute(
            f"SELECT m.id FROM memories AS m WHERE {matching.sql}", matching.parameters
        ).fetchall()
    receipt = remove_rows(connection, index, namespace, [row[0] for row in rows])
    if where is None:
        for table in ("removed_vectors", "settings", "retrieval_totals"):
            connection.execute(f"DELETE FROM {table} WHERE namespace_id = ?", (namespace.id,))
        connection.execute("DELETE FROM namespaces WHERE id = ?", (namespace.id,))
    connection.execute("INSERT INTO memory_text (memory_text) VALUES ('optimize')")
    return receipt


def expire(connection: sqlite3.Connection, index: VectorIndex, name: str | None, now: float) -> int:
    """See `MemoryStore.expire`; runs in a write transaction."""
    by_namespace: dict[str, list[int]] = {}
    for owner, memory in connection.execute(
        "SELECT n.name, m.id FROM memories AS m JOIN namespaces AS n ON n.id = m.namespace_id "
        "WHERE m.expires_at IS NOT NULL AND m.expires_at <= ? AND (? IS NULL OR n.name = ?)",
        (now, name, name),
    ):
        by_namespace.setdefault(owner, []).append(memory)
    for owner, ids in by_namespace.items():
        namespace = find_namespace(connection, owner)
        assert namespace is not None
        remove_rows(connection, index, namespace, ids)
    return sum(len(ids) for ids in by_namespace.values())


def remove_rows(
    connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, ids: Sequence[int]
) -> DeletionReceipt:
    """Remove memories by row id, and the originals of those that were merged; runs in a write transaction."""
    if not ids:
        return DeletionReceipt()
    ids = [row[0] for row in connection.execute(_WITH_ORIGINALS, {"rows": as_json(ids), "namespace": namespace.id})]
    wanted = as_json(ids)
    steps = _steps(connection, wanted)
    linked = linking.remove(connection, ids)
    touched = connection.execute(
        "SELECT DISTINCT conversation_id FROM memories "
        "WHERE id IN (SELECT value FROM json_each(?)) AND conversation_id IS NOT NULL",
        (wanted,),
    ).fetchall()
    live = connection.execute(
        "SELECT count(*) FROM memories WHERE id IN (SELECT value FROM json_each(?)) AND scope IS NOT NULL", (wanted,)
    ).fetchone()[0]
    gone = mentions.remove(connection, ids)
    entities = mentions.drop_orphans(connection, gone)
    vectors = index.remove(connection, namespace, ids)
    connection.execute("DELETE FROM staged_vectors WHERE memory IN (SELECT value FROM json_each(?))", (wanted,))
    # The triggers of `memories` take each row out of the full-text index.
    memories = connection.execute(
        "DELETE FROM memories WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
    ).rowcount
    connection.execute("UPDATE namespaces SET live_count = live_count - ? WHERE id = ?", (live, namespace.id))
    conversations = sum(
        not connection.execute(
            "SELECT 1 FROM memories WHERE namespace_id = ? AND conversation_id = ? LIMIT 1", (namespace.id, row[0])
        ).fetchone()
        for row in touched
    )
    return DeletionReceipt(
        memories=memories,
        vectors=vectors,
        text_rows=memories,
        mentions=len(gone),
        links=steps + linked,
        entities=entities,
        conversations=conversations,
    )


def _steps(connection: sqlite3.Connection, wanted: str) -> int:
    """Pairs of memories that follow one another and of which at least one is about to go."""
    pairs = connection.execute(
        f"SELECT m.id, ({sequence.BEFORE}), ({sequence.AFTER}) FROM memories AS m "
        "WHERE m.id IN (SELECT value FROM json_each(:rows)) AND +m.scope IS NOT NULL AND m.conversation_id IS NOT NULL",
        {"rows": wanted, "steps": 1},
    )
    found: set[tuple[int, int]] = set()
    for memory, before, after in pairs:
        if before is not None:
            found.add((before, memory))
        if after is not None:
            found.add((memory, after))
    return len(found)
