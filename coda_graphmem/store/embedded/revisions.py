"""Which vectors changed since when: lets readers in any process follow without loading everything again.

Each change of a namespace's searchable vectors gets the namespace's next revision. A vector that came,
changed or was set aside carries it in its row; one that was removed leaves its id in ``removed_vectors``.
Those rows are bounded: the oldest are dropped, and the namespace's floor tells readers that are older
than them to start over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.namespaces import Namespace

#: Removed vectors a namespace remembers; readers that missed more load all vectors again.
MAX_REMOVED = 10_000


def advance(connection: sqlite3.Connection, namespace_id: int) -> int:
    """Begin the next revision of a namespace; its number."""
    row = connection.execute(
        "UPDATE namespaces SET vector_revision = vector_revision + 1 WHERE id = ? RETURNING vector_revision",
        (namespace_id,),
    ).fetchone()
    return int(row[0])


def since(
    connection: sqlite3.Connection, namespace: Namespace, revision: int
) -> tuple[list[tuple[int, int, bytes]], list[int]]:
    """What came after a revision: rows (memory, live, vector) and the ids of removed ones."""
    changed = connection.execute(
        "SELECT memory, live, data FROM vectors WHERE namespace_id = ? AND revision > ? ORDER BY memory",
        (namespace.id, revision),
    ).fetchall()
    removed = connection.execute(
        "SELECT memory FROM removed_vectors WHERE namespace_id = ? AND revision > ?", (namespace.id, revision)
    ).fetchall()
    return changed, [row[0] for row in removed]


def set_live(connection: sqlite3.Connection, namespace_id: int, ids: Sequence[int], live: bool) -> None:
    """Let searches find vectors, or no longer."""
    connection.execute(
        "UPDATE vectors SET live = ?, revision = ? WHERE memory IN (SELECT value FROM json_each(?))",
        (live, advance(connection, namespace_id), as_json(ids)),
    )


def remove(connection: sqlite3.Connection, namespace_id: int, ids: Sequence[int]) -> int:
    """Remove vectors and remember which; how many there were."""
    wanted = as_json(ids)
    connection.execute(
        "INSERT INTO removed_vectors (namespace_id, revision, memory) "
        "SELECT ?, ?, memory FROM vectors WHERE memory IN (SELECT value FROM json_each(?)) AND live",
        (namespace_id, advance(connection, namespace_id), wanted),
    )
    count = connection.execute(
        "DELETE FROM vectors WHERE memory IN (SELECT value FROM json_each(?))", (wanted,)
    ).rowcount
    _prune(connection, namespace_id)
    return count


def start_over(connection: sqlite3.Connection) -> None:
    """Make every reader of every namespace load all vectors again."""
    connection.execute(
        "UPDATE namespaces SET vector_revision = vector_revision + 1, vector_floor = vector_revision + 1"
    )
    connection.execute("DELETE FROM removed_vectors")


def _prune(connection: sqlite3.Connection, namespace_id: int) -> None:
    beyond = connection.execute(
        "SELECT revision FROM removed_vectors WHERE namespace_id = ? ORDER BY revision DESC LIMIT 1 OFFSET ?",
        (namespace_id, MAX_REMOVED),
    ).fetchone()
    if beyond is not None:
        connection.execute(
            "DELETE FROM removed_vectors WHERE namespace_id = ? AND revision <= ?", (namespace_id, beyond[0])
        )
        connection.execute("UPDATE namespaces SET vector_floor = ? WHERE id = ?", (beyond[0], namespace_id))
