"""Passes changes of vectors from the file on to Chroma, in order, at least once.

The file says what is true. A change of a vector is written into ``vector_outbox`` in the transaction that
changes everything else, and leaves it only after Chroma has taken it. All operations may be repeated, so a
process that dies in between loses nothing: whoever comes next passes the change on again. SQLite's write
lock is held meanwhile, so that two processes never deliver out of order.
"""

import itertools
import sqlite3
from collections.abc import Iterable, Sequence

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.chroma.collection import Collection
from coda_graphmem.store.embedded.catalog import read_model
from coda_graphmem.store.embedded.database import transaction
from coda_graphmem.store.embedded.rows import as_json
from coda_graphmem.store.embedded.vector_index import decode

#: What searches require in place of a scope where a memory is not live, so that the label is never absent.
NOT_LIVE = "none"

_LABELS = """
    SELECT m.id, coalesce(m.scope, ?), n.name, m.memory_id
    FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value
    JOIN namespaces AS n ON n.id = m.namespace_id
"""


def add(connection: sqlite3.Connection, op: str, rows: Iterable[tuple[int | None, bytes | None]]) -> None:
    """Leave changes, each a row id and, to put a vector, the vector."""
    connection.executemany(
        "INSERT INTO vector_outbox (op, memory, data) VALUES (?, ?, ?)", [(op, memory, data) for memory, data in rows]
    )


def is_pending(connection: sqlite3.Connection) -> bool:
    """Whether Chroma has yet to hear of something."""
    return connection.execute("SELECT 1 FROM vector_outbox LIMIT 1").fetchone() is not None


def waiting(connection: sqlite3.Connection, memory: int) -> bytes | None:
    """The vector of a memory that Chroma has yet to hear of, as it is kept; None where there is none."""
    row = connection.execute(
        "SELECT data FROM vector_outbox WHERE memory = ? AND op = 'put' ORDER BY seq DESC LIMIT 1", (memory,)
    ).fetchone()
    return None if row is None else row[0]


def deliver(connection: sqlite3.Connection, collection: Collection, size: int) -> None:
    """Pass everything on, ``size`` changes a transaction.

    Raises:
        VectorStoreError: Chroma did not take it; what it did not take stays.
    """
    while is_pending(connection):
        with transaction(connection, "BEGIN IMMEDIATE"):
            rows = connection.execute(
                "SELECT seq, op, memory, data FROM vector_outbox ORDER BY seq LIMIT ?", (size,)
            ).fetchall()
            for op, group in itertools.groupby(rows, key=lambda row: row[1]):
                _deliver(connection, collection, op, [(memory, data) for _, _, memory, data in group])
            if rows:
                connection.execute("DELETE FROM vector_outbox WHERE seq <= ?", (rows[-1][0],))


def _deliver(
    connection: sqlite3.Connection, collection: Collection, op: str, rows: Sequence[tuple[int, bytes]]
) -> None:
    if op == "reset":
        collection.clear()
        return
    ids = list(dict.fromkeys(memory for memory, _ in rows))
    if op == "drop":
        collection.drop(ids)
        return
    # Memories that are gone by now have a later "drop"; their labels are gone with them.
    labels = {
        row[0]: {"scope": row[1], "namespace": row[2], "memory_id": row[3]}
        for row in connection.execute(_LABELS, (NOT_LIVE, as_json(ids)))
    }
    ids = [memory for memory in ids if memory in labels]
    if op == "scope":
        collection.label(ids, [labels[memory] for memory in ids])
        return
    dimension = read_model(connection).dimension
    if dimension is None:
        raise VectorStoreError("vectors wait for Chroma, but the file records no dimension.", field=collection.field)
    last = dict(rows)
    # One that Chroma would refuse must not keep all others waiting; `ChromaIndex.unusable` finds it missing.
    usable, vectors = decode([(memory, last[memory]) for memory in ids], dimension)
    collection.put(usable.tolist(), vectors, [labels[memory] for memory in usable.tolist()])
