"""Changes the embedding model of a file without ever being without vectors.

New vectors gather in ``staged_vectors`` while searches go on with the old ones, and take their place in one
transaction once every memory has one. Whoever writes meanwhile does so with the old model:

* a memory that arrives has an old vector and no staged one, so it is pending like all others;
* one whose content changes loses its staged vector and is pending again;
* one that is deleted loses both.

`finish` refuses while anything is pending, so nothing is lost between the last round and the swap. Stores
of other processes that are bound to the old model find out at their next call: it raises `EmbeddingMismatchError`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.store.embedded.rows import ModelRecord, check_dimension, read_meta, read_model, write_meta
from coda_graphmem.store.embedded.vector_index import VectorIndex, encode
from coda_graphmem.store.protocol import Vector

# Filling gaps for the model that is recorded already, what has a vector of its length is done.
_DONE = """
    (EXISTS (SELECT 1 FROM staged_vectors AS s WHERE s.memory = m.id)
     OR (:same AND EXISTS (SELECT 1 FROM vectors AS v WHERE v.memory = m.id
        AND (v.data IS NULL OR length(v.data) IN (2 * :dimension, 4 * :dimension)))))
"""


def pending(connection: sqlite3.Connection, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
    """See `MemoryStore.pending_reembed`; runs in a write transaction."""
    target = ModelRecord(model, dimension)
    if _target(connection) != target:
        connection.execute("DELETE FROM staged_vectors")
        write_meta(connection, reembed_model=model, reembed_dimension=dimension)
    return connection.execute(
        "SELECT n.name, m.memory_id, m.content FROM memories AS m JOIN namespaces AS n ON n.id = m.namespace_id "
        f"WHERE NOT {_DONE} ORDER BY m.id LIMIT :limit",
        {"same": target == read_model(connection), "dimension": dimension, "limit": limit},
    ).fetchall()


def save(connection: sqlite3.Connection, rows: Sequence[tuple[str, str, str, Vector]], *, half: bool) -> dict[str, int]:
    """See `MemoryStore.save_reembedded`; runs in a write transaction."""
    target = _target(connection)
    if target is None:
        raise MemoryStorageError("No re-embedding is under way.", remedy="Start one with reembed().")
    kept: Counter[str] = Counter()
    for namespace, memory_id, content, vector in rows:
        check_dimension(target.dimension, vector)
        kept[namespace] += connection.execute(
            "INSERT OR REPLACE INTO staged_vectors (memory, data) SELECT m.id, ? FROM memories AS m "
            "JOIN namespaces AS n ON n.id = m.namespace_id WHERE n.name = ? AND m.memory_id = ? AND m.content = ?",
            (encode(vector, half=half), namespace, memory_id, content),
        ).rowcount
    return dict(+kept)


def progress(connection: sqlite3.Connection) -> tuple[int, int]:
    """See `MemoryStore.reembed_progress`; runs in a read transaction."""
    target = _target(connection)
    record = read_model(connection)
    done, total = connection.execute(
        f"SELECT coalesce(sum({_DONE}), 0), count(*) FROM memories AS m",
        {"same": target is None or target == record, "dimension": record.dimension},
    ).fetchone()
    return done, total


def finish(connection: sqlite3.Connection, index: VectorIndex) -> ModelRecord | None:
    """See `MemoryStore.finish_reembed`; runs in a write transaction.

    Returns:
        The model now recorded, None where no change was under way.
    """
    target = _target(connection)
    if target is None:
        return None
    done, total = progress(connection)
    if done < total:
        raise MemoryStorageError(
            f"{total - done} memories have no vector of the new model yet.",
            remedy="Run reembed() again: it goes on where it was.",
        )
    index.replace_all(connection)
    connection.execute("UPDATE namespaces SET changes = changes + 1")
    connection.execute("DELETE FROM staged_vectors")
    write_meta(
        connection,
        embedding_model=target.model,
        dimension=target.dimension,
        reembed_model=None,
        reembed_dimension=None,
    )
    return target


def _target(connection: sqlite3.Connection) -> ModelRecord | None:
    model = read_meta(connection, "reembed_model")
    return None if model is None else ModelRecord(model, read_meta(connection, "reembed_dimension"))
