"""What the file records about itself, the model of its vectors above all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.store.protocol import Vector


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The embedding model a file's vectors come from."""

    model: str | None
    dimension: int | None


def read_meta(connection: sqlite3.Connection, key: str) -> Any:
    """One value the file records about itself, None where it does not."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def write_meta(connection: sqlite3.Connection, **values: str | int | None) -> None:
    """Record values; None removes one."""
    for key, value in values.items():
        if value is None:
            connection.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def read_model(connection: sqlite3.Connection) -> ModelRecord:
    """The recorded embedding model."""
    return ModelRecord(read_meta(connection, "embedding_model"), read_meta(connection, "dimension"))


def check_dimension(dimension: int | None, vector: Vector) -> None:
    """Refuse a vector that cannot be compared with those in the file.

    Raises:
        EmbeddingMismatchError: The lengths differ.
    """
    if dimension is not None and vector.shape != (dimension,):
        raise EmbeddingMismatchError(
            f"the store holds vectors of {dimension} numbers, this one has shape {vector.shape}.",
            field="embedding_model",
            remedy="Use the model the store was filled with, or re-embed the store.",
        )


def admit_vectors(connection: sqlite3.Connection, vectors: Sequence[Vector]) -> None:
    """Check vectors that are about to be kept, and record the dimension with the first ones of all.

    Raises:
        EmbeddingMismatchError: One is of another length.
    """
    dimension = read_model(connection).dimension
    if dimension is None:
        dimension = len(vectors[0])
        write_meta(connection, dimension=dimension)
    for vector in vectors:
        check_dimension(dimension, vector)


def mismatch(record: ModelRecord, wanted: ModelRecord) -> EmbeddingMismatchError:
    """The error that says that the file's model is another than the one that is wanted."""
    return EmbeddingMismatchError(
        f"the store holds vectors of {record.model!r} ({record.dimension} numbers), "
        f"not of {wanted.model!r} ({wanted.dimension}).",
        field="embedding_model",
        remedy="Use the model of the store, or change its vectors with reembed().",
    )
