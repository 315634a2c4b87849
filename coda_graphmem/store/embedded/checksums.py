"""Checksums of what memories say: a file that was damaged on its disk hands out nothing that was changed."""

import json
import sqlite3
from collections.abc import Iterator, Sequence

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.codec import SEALED, checksum
from coda_graphmem.store.embedded.faults import FIELD

_SELECTED = ", ".join(SEALED)


def check_kept(connection: sqlite3.Connection, namespace_id: int, memory_id: str) -> None:
    """Compare a memory of the file with its checksum; nothing where there is no such memory.

    Raises:
        VectorStoreError: It is another than was kept.
    """
    row = connection.execute(
        f"SELECT {_SELECTED}, checksum FROM memories WHERE namespace_id = ? AND memory_id = ?",
        (namespace_id, memory_id),
    ).fetchone()
    if row is not None and row[-1] not in (None, checksum(row[:-1])):
        raise damaged(memory_id)


def damaged(memory_id: str) -> VectorStoreError:
    """The error for a memory that is another than was kept."""
    return VectorStoreError(
        f"memory {memory_id} is damaged: the file holds something else than was stored.",
        field=FIELD,
        remedy="Restore the file from a backup, or delete the memory and store it again.",
    )


def seal(connection: sqlite3.Connection, namespace_id: int, memory_ids: Sequence[str] | None = None) -> None:
    """Give memories a checksum that have none, in a write transaction.

    Args:
        connection: In the transaction.
        namespace_id: Theirs.
        memory_ids: Which; None for all of the namespace.
    """
    which = "" if memory_ids is None else "AND memory_id IN (SELECT value FROM json_each(:ids))"
    rows = connection.execute(
        f"SELECT id, {_SELECTED} FROM memories WHERE namespace_id = :namespace AND checksum IS NULL {which}",
        {"namespace": namespace_id, "ids": json.dumps(memory_ids)},
    ).fetchall()
    connection.executemany(
        "UPDATE memories SET checksum = ? WHERE id = ?", [(checksum(row[1:]), row[0]) for row in rows]
    )


def find_damaged(connection: sqlite3.Connection, namespace_id: int) -> Iterator[str]:
    """Ids of the memories of a namespace that are others than were kept."""
    kept = connection.text_factory
    # Damaged text need not be text any more.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        for *values, recorded in connection.execute(
            f"SELECT {_SELECTED}, checksum FROM memories WHERE namespace_id = ? AND checksum IS NOT NULL",
            (namespace_id,),
        ):
            try:
                same = recorded == checksum(values)
            except (TypeError, ValueError):  # A number that is none any more.
                same = False
            if not same:
                yield values[0]
    finally:
        connection.text_factory = kept
