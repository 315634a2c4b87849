"""Links from one memory to another: kept, found, and gone with either end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from coda_graphmem.models import LinkKind, MemoryLink
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.rows import find_namespace

_LINK = """
    INSERT INTO memory_links (source, kind, target, score, guard, reason, created_at, run_id)
    SELECT s.id, :kind, t.id, :score, :guard, :reason, :created_at, :run_id FROM memories AS s, memories AS t
    WHERE s.namespace_id = :namespace AND s.memory_id = :source
        AND t.namespace_id = :namespace AND t.memory_id = :target AND s.id <> t.id
        AND NOT (:kind = :both_ways AND EXISTS (
            SELECT 1 FROM memory_links WHERE source = t.id AND kind = :kind AND target = s.id
        ))
    ON CONFLICT DO NOTHING
"""

_UNLINK = """
    DELETE FROM memory_links WHERE kind = :kind AND (
        (source, target) = (
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :source),
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :target)
        ) OR :kind = :both_ways AND (target, source) = (
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :source),
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :target)
        )
    )
"""

_ENDS = """
    SELECT x.source, x.kind, x.target FROM json_each(:rows) AS wanted JOIN memory_links AS x ON x.source = wanted.value
    UNION
    SELECT x.source, x.kind, x.target FROM json_each(:rows) AS wanted JOIN memory_links AS x ON x.target = wanted.value
"""

_LINKS = f"""
    SELECT s.memory_id, t.memory_id, x.kind, x.score, x.guard, x.reason, x.created_at, x.run_id
    FROM ({_ENDS}) AS ends
    JOIN memory_links AS x ON (x.source, x.kind, x.target) = (ends.source, ends.kind, ends.target)
    JOIN memories AS s ON s.id = x.source JOIN memories AS t ON t.id = x.target
    WHERE x.kind IN (SELECT value FROM json_each(:kinds))
    ORDER BY s.memory_id, t.memory_id, x.kind
"""


def link(connection: sqlite3.Connection, name: str, new: Sequence[MemoryLink], *, replace: bool) -> int:
    """See `MemoryStore.link`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return 0
    rows = [
        {
            "namespace": namespace.id,
            "source": one.source_id,
            "target": one.target_id,
            "kind": one.kind.value,
            "both_ways": LinkKind.SIMILAR_TO.value,
            "score": one.score,
            "guard": one.guard,
            "reason": one.reason,
            "created_at": one.created_at,
            "run_id": one.run_id,
        }
        for one in new
    ]
    if replace:
        connection.executemany(_UNLINK, rows)
    # One after the other, as a pair may come twice in one call.
    return sum(connection.execute(_LINK, row).rowcount for row in rows)


def unlink(connection: sqlite3.Connection, name: str, run_id: str) -> int:
    """See `MemoryStore.unlink`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return 0
    return connection.execute(
        "DELETE FROM memory_links WHERE run_id = ? "
        "AND (SELECT namespace_id FROM memories WHERE id = memory_links.source) = ?",
        (run_id, namespace.id),
    ).rowcount


def links(
    connection: sqlite3.Connection, name: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None
) -> list[MemoryLink]:
    """See `MemoryStore.links`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    rows = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))",
        (namespace.id, as_json(memory_ids)),
    ).fetchall()
    wanted = as_json([kind.value for kind in (LinkKind if kinds is None else kinds)])
    return [
        MemoryLink.model_construct(
            source_id=row[0],
            target_id=row[1],
            kind=LinkKind(row[2]),
            score=row[3],
            guard=row[4],
            reason=row[5],
            created_at=row[6],
            run_id=row[7],
        )
        for row in connection.execute(_LINKS, {"rows": as_json([row[0] for row in rows]), "kinds": wanted})
    ]


def remove(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """Remove the links from and to memories by row id; how many there were."""
    wanted = as_json(ids)
    return sum(
        connection.execute(
            f"DELETE FROM memory_links WHERE {end} IN (SELECT value FROM json_each(?))", (wanted,)
        ).rowcount
        for end in ("source", "target")
    )
