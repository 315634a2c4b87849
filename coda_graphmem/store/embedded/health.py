"""Compares what a namespace holds with what its counters and indexes say, and sets those right."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from coda_graphmem.store.embedded import schema
from coda_graphmem.store.embedded.faults import is_damage
from coda_graphmem.store.embedded.rows import find_namespace, read_model
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import Repaired

#: Memories whose vectors are looked at in one transaction.
_VECTORS = 2_000

#: Lines of SQLite's own check that are told.
_LINES = 20

_MENTIONED = """
    (SELECT count(*) FROM mentions AS x JOIN memories AS m ON m.id = x.memory
     WHERE x.entity = e.id AND m.scope IS NOT NULL)
"""
_UNMENTIONED = "NOT EXISTS (SELECT 1 FROM mentions AS x WHERE x.entity = e.id)"

# FTS5 keeps one row of sizes for each text it has.
_NO_TEXT = "NOT EXISTS (SELECT 1 FROM memory_text_docsize AS d WHERE d.id = m.id)"

_COUNTS = f"""
    SELECT
        (SELECT count(*) FROM memories AS m WHERE m.scope = :scope),
        (SELECT live_count FROM namespaces WHERE id = :namespace),
        (SELECT count(*) FROM memories AS m WHERE m.scope = :scope AND {_NO_TEXT}),
        (SELECT count(*) FROM entities AS e WHERE e.namespace_id = :namespace AND {_UNMENTIONED}),
        (SELECT count(*) FROM entities AS e WHERE e.namespace_id = :namespace AND e.mention_count <> {_MENTIONED}),
        (SELECT count(*) FROM memories AS m WHERE m.scope = :scope AND m.conversation_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM mentions AS x WHERE x.memory = m.id)
            AND NOT EXISTS (SELECT 1 FROM memory_links AS l WHERE l.source = m.id)
            AND NOT EXISTS (SELECT 1 FROM memory_links AS l WHERE l.target = m.id)),
        (SELECT count(*) FROM memories AS m WHERE m.namespace_id = :namespace AND m.expires_at <= :now)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a look at the tables says; the fields are those of `Diagnosis`."""

    live: int = 0
    recorded_live: int = 0
    without_text: int = 0
    orphan_entities: int = 0
    wrong_mention_counts: int = 0
    isolated: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Vectors:
    """What a look at the vectors of some memories says."""

    missing: int
    wrong: int
    position: int
    """Row id of the last memory."""


def count(connection: sqlite3.Connection, name: str, *, now: float) -> Counts:
    """Count what the tables hold; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return Counts()
    values = {"scope": namespace.scope, "namespace": namespace.id, "now": now}
    return Counts(*connection.execute(_COUNTS, values).fetchone())


def check_vectors(connection: sqlite3.Connection, index: VectorIndex, name: str, *, after: int) -> Vectors | None:
    """Look at the vectors of the next live memories after a row id; None where there are no more, or no vectors."""
    namespace = find_namespace(connection, name)
    if namespace is None or read_model(connection).dimension is None:
        return None
    ids = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM memories INDEXED BY memories_by_arrival WHERE scope = ? AND id > ? ORDER BY id LIMIT ?",
            (namespace.scope, after, _VECTORS),
        )
    ]
    if not ids:
        return None
    missing, wrong = index.check(connection, ids)
    return Vectors(missing, wrong, ids[-1])


@dataclass(frozen=True, slots=True)
class Unusable:
    """Some memories and those of them whose vectors are of no use."""

    ids: list[int]
    """Row ids of the latter."""
    position: int
    """Row id of the last memory that was looked at."""


def find_unusable(connection: sqlite3.Connection, index: VectorIndex, name: str, *, after: int) -> Unusable | None:
    """Look at the vectors of the next memories after a row id, live or not; None where there are no more."""
    namespace = find_namespace(connection, name)
    if namespace is None or read_model(connection).dimension is None:
        return None
    rows = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND id > ? ORDER BY id LIMIT ?", (namespace.id, after, _VECTORS)
    ).fetchall()
    ids = [row[0] for row in rows]
    return Unusable(index.unusable(connection, ids), ids[-1]) if ids else None


def remove_unusable(connection: sqlite3.Connection, index: VectorIndex, name: str, ids: Sequence[int]) -> int:
    """Remove those vectors of the memories that are of no use still; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return 0
    return index.remove(connection, namespace, index.unusable(connection, ids))


def check_file(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Missing tables, indexes and triggers, and what SQLite finds wrong with the file; runs in a read transaction."""
    lines = [row[0] for row in connection.execute(f"PRAGMA quick_check({_LINES})")]
    return schema.missing_parts(connection), [line for line in lines if line != "ok"]


def check_text(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the full-text index; takes the write lock, as FTS5 checks itself in the way of a write."""
    try:
        connection.execute("INSERT INTO memory_text (memory_text, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [f"the full-text index disagrees with the memories ({error})"]
    return []


def repair(connection: sqlite3.Connection, name: str) -> Repaired:
    """See `MemoryStore.repair`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return Repaired()
    values = {"namespace": namespace.id, "scope": namespace.scope}
    connection.execute(
        "UPDATE mentions SET live = m.scope IS NOT NULL, timestamp = m.timestamp FROM memories AS m "
        "WHERE m.id = mentions.memory AND m.namespace_id = :namespace "
        "AND (mentions.live <> (m.scope IS NOT NULL) OR mentions.timestamp <> m.timestamp)",
        values,
    )
    entities = connection.execute(
        f"DELETE FROM entities AS e WHERE e.namespace_id = :namespace AND {_UNMENTIONED}", values
    ).rowcount
    counters = connection.execute(
        f"UPDATE entities AS e SET mention_count = {_MENTIONED} "
        f"WHERE e.namespace_id = :namespace AND e.mention_count <> {_MENTIONED}",
        values,
    ).rowcount
    counters += connection.execute(
        "UPDATE namespaces AS n SET live_count = c.live "
        "FROM (SELECT count(*) AS live FROM memories WHERE scope = :scope) AS c "
        "WHERE n.id = :namespace AND n.live_count <> c.live",
        values,
    ).rowcount
    text_rows = connection.execute(
        "INSERT INTO memory_text (rowid, content, scope) "
        f"SELECT m.id, m.content, m.scope FROM memories AS m WHERE m.namespace_id = :namespace AND {_NO_TEXT}",
        values,
    ).rowcount
    if check_text(connection):
        connection.execute("INSERT INTO memory_text (memory_text) VALUES ('rebuild')")
        found = connection.execute("SELECT count(*) FROM memories WHERE namespace_id = :namespace", values)
        text_rows = found.fetchone()[0]
    if counters or entities or text_rows:
        connection.execute("UPDATE namespaces SET changes = changes + 1 WHERE id = :namespace", values)
    return Repaired(counters=counters, entities=entities, text_rows=text_rows)
