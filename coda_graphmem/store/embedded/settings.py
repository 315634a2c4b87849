"""Keeps what a namespace is set to, and sums over its retrievals."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from coda_graphmem.store.embedded.rows import find_namespace, make_namespace
from coda_graphmem.store.protocol import RetrievalTotals

_ADD = """
    INSERT INTO retrieval_totals (namespace_id, retrievals, empty, results, relevance, scored, seconds, last_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (namespace_id) DO UPDATE SET
        retrievals = retrievals + excluded.retrievals, empty = empty + excluded.empty,
        results = results + excluded.results, relevance = relevance + excluded.relevance,
        scored = scored + excluded.scored, seconds = seconds + excluded.seconds,
        last_at = max(coalesce(last_at, excluded.last_at), coalesce(excluded.last_at, last_at))
"""


def save_setting(connection: sqlite3.Connection, name: str, key: str, value: Mapping[str, Any] | None) -> None:
    """See `MemoryStore.save_setting`; runs in a write transaction."""
    if value is not None:
        connection.execute(
            "INSERT INTO settings (namespace_id, key, value) VALUES (?, ?, ?) "
            "ON CONFLICT (namespace_id, key) DO UPDATE SET value = excluded.value",
            (make_namespace(connection, name).id, key, json.dumps(dict(value), ensure_ascii=False)),
        )
        return
    namespace = find_namespace(connection, name)
    if namespace is not None:
        connection.execute("DELETE FROM settings WHERE namespace_id = ? AND key = ?", (namespace.id, key))


def settings(connection: sqlite3.Connection, name: str, prefix: str) -> dict[str, dict[str, Any]]:
    """See `MemoryStore.settings`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return {}
    rows = connection.execute(
        "SELECT key, value FROM settings WHERE namespace_id = ? AND key >= ? AND substr(key, 1, ?) = ? ORDER BY key",
        (namespace.id, prefix, len(prefix), prefix),
    )
    return {key: json.loads(value) for key, value in rows}


def record_retrievals(connection: sqlite3.Connection, name: str, totals: RetrievalTotals) -> None:
    """See `MemoryStore.record_retrievals`; runs in a write transaction."""
    connection.execute(
        _ADD,
        (
            make_namespace(connection, name).id,
            totals.retrievals,
            totals.empty,
            totals.results,
            totals.relevance,
            totals.scored,
            totals.seconds,
            totals.last_at,
        ),
    )


def retrieval_totals(connection: sqlite3.Connection, name: str) -> RetrievalTotals:
    """See `MemoryStore.retrieval_totals`; runs in a read transaction."""
    row = connection.execute(
        "SELECT t.retrievals, t.empty, t.results, t.relevance, t.scored, t.seconds, t.last_at "
        "FROM retrieval_totals AS t JOIN namespaces AS n ON n.id = t.namespace_id WHERE n.name = ?",
        (name,),
    ).fetchone()
    return RetrievalTotals() if row is None else RetrievalTotals(*row)
