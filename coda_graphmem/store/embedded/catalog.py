"""What the file records about itself: the model of its vectors, and a row for each namespace."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.store.protocol import Vector

T = TypeVar("T")


class ModelRecord(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class Namespace:
    """A tenant's row."""

    id: int
    name: str
    live_count: int
    revision: int
    """Grows with every change of the vectors that searches see."""
    floor: int
    """Readers that know less than this have to load all vectors again."""

    @property
    def scope(self) -> str:
        """What the rows of its live long-term memories hold in ``scope``."""
        return f"ns{self.id}"


def find_namespace(connection: sqlite3.Connection, name: str) -> Namespace | None:
    """The namespace of that name, None where nothing was ever kept in it."""
    row = connection.execute(
        "SELECT id, name, live_count, vector_revision, vector_floor FROM namespaces WHERE name = ?", (name,)
    ).fetchone()
    return None if row is None else Namespace(*row)


def read_changes(connection: sqlite3.Connection, namespace: Namespace) -> int:
    """How often anything was changed in a namespace, recalls left out."""
    found = connection.execute("SELECT changes FROM namespaces WHERE id = ?", (namespace.id,)).fetchone()
    return int(found[0])


def make_namespace(connection: sqlite3.Connection, name: str) -> Namespace:
    """The namespace of that name, made where it is missing."""
    connection.execute("INSERT INTO namespaces (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    found = find_namespace(connection, name)
    assert found is not None
    return found


def within(
    name: str, nothing: T, work: Callable[[sqlite3.Connection, Namespace], T]
) -> Callable[[sqlite3.Connection], T]:
    """Work in a namespace, as work for a transaction.

    Args:
        name: Of the namespace.
        nothing: The answer where nothing was ever kept in it.
        work: What to do in it otherwise.
    """

    def run(connection: sqlite3.Connection) -> T:
        namespace = find_namespace(connection, name)
        return nothing if namespace is None else work(connection, namespace)

    return run
