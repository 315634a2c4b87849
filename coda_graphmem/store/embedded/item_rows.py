"""Rows of items and of their vectors: how they are read, written, looked through and removed."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.store.embedded.catalog import ModelRecord, Namespace, read_model
from coda_graphmem.store.embedded.rows import as_json, encode
from coda_graphmem.store.item_codec import dump_value, load_value, path_of, path_text
from coda_graphmem.store.protocol import NewItem, StoredItem, Vector, mismatch

COLUMNS = "i.id, i.path, i.key, i.value, i.created_at, i.updated_at, i.expires_at, i.ttl, i.fields, i.texts, i.embedder"

_INSERT = """
    INSERT INTO items
        (namespace_id, path, key, value, created_at, updated_at, expires_at, ttl, fields, texts, embedder)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""

#: Items i whose vectors are the file's own and are not all there of a model.
LACKING_VECTORS = """
    i.texts > 0 AND i.embedder IS NULL
    AND (SELECT count(*) FROM item_vectors AS v WHERE v.item = i.id AND v.model = :model) < i.texts
"""


def read_item(row: Sequence[Any]) -> StoredItem:
    """An item from a row of `COLUMNS`, without its vectors."""
    position, path, key, value, created_at, updated_at, expires_at, ttl, fields, texts, embedder = row
    return StoredItem(
        path=path_of(path),
        key=key,
        value=load_value(value),
        ttl=ttl,
        fields=read_fields(fields),
        texts=texts,
        embedder=embedder,
        created_at=created_at,
        updated_at=updated_at,
        expires_at=expires_at,
        position=position,
    )


def read_fields(written: str | None) -> tuple[str, ...]:
    """The embedded fields of an item."""
    return () if written is None else tuple(json.loads(written))


def insert_item(
    connection: sqlite3.Connection,
    owner: Namespace,
    item: NewItem,
    *,
    created_at: float,
    updated_at: float,
    expires_at: float | None,
    model: str | None,
) -> None:
    """Write an item that is not there, with its vectors.

    Args:
        model: Where vectors come from that are the file's own.
    """
    fields = as_json(list(item.fields)) if item.fields else None
    values = (path_text(item.path), item.key, dump_value(item.value), created_at, updated_at, expires_at, item.ttl)
    [(row,)] = connection.execute(_INSERT, (owner.id, *values, fields, item.texts, item.embedder)).fetchall()
    source = model if item.embedder is None else item.embedder
    if item.vectors and source is not None:
        add_vectors(connection, row, source, item.vectors)


def add_vectors(connection: sqlite3.Connection, row: int, model: str, vectors: Sequence[Vector]) -> None:
    """Keep the vectors of an item that come from one model."""
    connection.executemany(
        "INSERT OR REPLACE INTO item_vectors (item, model, number, data) VALUES (?, ?, ?, ?)",
        [(row, model, number, encode(vector, half=False)) for number, vector in enumerate(vectors)],
    )


def with_vectors(connection: sqlite3.Connection, item: StoredItem, own: str | None) -> StoredItem:
    """The item with its vectors, of the file's own model where it has no other."""
    rows = connection.execute(
        "SELECT data FROM item_vectors WHERE item = ? AND model = ? ORDER BY number",
        (item.position, own if item.embedder is None else item.embedder),
    )
    return replace(item, vectors=tuple(np.frombuffer(data, "<f4").astype(np.float32) for (data,) in rows))


def matrix_of(data: Sequence[bytes], dimension: int, model: str | None) -> NDArray[np.float32]:
    """Vectors as rows.

    Raises:
        EmbeddingMismatchError: One is of another length.
    """
    other = next((len(one) for one in data if len(one) != 4 * dimension), None)
    if other is not None:
        raise mismatch(model, other // 4, model, dimension)
    return np.frombuffer(b"".join(data), dtype="<f4").reshape(len(data), dimension)


def remove_all(connection: sqlite3.Connection, owner: Namespace) -> int:
    """Remove all items of a namespace; how many."""
    return connection.execute("DELETE FROM items WHERE namespace_id = ?", (owner.id,)).rowcount


def settle_vectors(connection: sqlite3.Connection, target: ModelRecord) -> int:
    """Leave own vectors of one model alone, if all items have them; how many items lack them."""
    lacking = int(
        connection.execute(f"SELECT count(*) FROM items AS i WHERE {LACKING_VECTORS}", {"model": target.model})
        .fetchone()[0]
    )  # fmt: skip
    if not lacking:
        connection.execute(
            "DELETE FROM item_vectors WHERE model <> ? AND item IN (SELECT id FROM items WHERE embedder IS NULL)",
            (target.model,),
        )
    return lacking


def wrong_vectors(connection: sqlite3.Connection, owner: Namespace) -> list[int]:
    """Ids of items with own vectors of another length than the model's, or that are not finite."""
    record = read_model(connection)
    rows = connection.execute(
        "SELECT v.item, v.data FROM items AS i JOIN item_vectors AS v ON v.item = i.id AND v.model = ? "
        "WHERE i.namespace_id = ? AND i.embedder IS NULL",
        (record.model, owner.id),
    )
    length = 4 * (record.dimension or 0)
    return sorted(
        {item for item, data in rows if len(data) != length or not np.isfinite(np.frombuffer(data, "<f4")).all()}
    )


def remove_wrong_vectors(connection: sqlite3.Connection, owner: Namespace) -> int:
    """Remove those, so that they are made anew; of how many items."""
    wrong = wrong_vectors(connection, owner)
    connection.execute("DELETE FROM item_vectors WHERE item IN (SELECT value FROM json_each(?))", (as_json(wrong),))
    return len(wrong)
