"""Checksums of what memories say: a file that was damaged on its disk hands out nothing that was changed."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.embedded.faults import FIELD

#: The columns of a memory that a checksum is of: what only its owner changes.
COLUMNS = ("memory_id", "content", "memory_type", "timestamp", "metadata", "conversation_id")

_BYTES = 8
_SELECTED = ", ".join(COLUMNS)


def checksum(values: Sequence[Any]) -> bytes:
    """The checksum of a memory's values, in the order of `COLUMNS`, as a file keeps them."""
    memory_id, content, kind, timestamp, metadata, conversation_id = values
    text = f"{memory_id}\0{content}\0{kind}\0{float(timestamp)!r}\0{metadata}\0{conversation_id or ''}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()


def checksum_of(values: Mapping[str, Any]) -> bytes:
    """The checksum of a memory's values by the names of their columns."""
    return checksum([values[name] for name in COLUMNS])


def check(values: Sequence[Any], recorded: bytes | None) -> None:
    """Compare a memory's values, in the order of `COLUMNS`, with its checksum, where that is known.

    Raises:
        VectorStoreError: They are others than were kept; it names the memory.
    """
    if recorded is not None and recorded != checksum(values):
        raise damaged(values[0])


def check_kept(connection: sqlite3.Connection, namespace_id: int, memory_id: str) -> None:
    """Compare a memory of the file with its checksum; nothing where there is no such memory.

    Raises:
        VectorStoreError: It is another than was kept.
    """
    row = connection.execute(
        f"SELECT {_SELECTED}, checksum FROM memories WHERE namespace_id = ? AND memory_id = ?",
        (namespace_id, memory_id),
    ).fetchone()
    if row is not None:
        check(row[:-1], row[-1])


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
