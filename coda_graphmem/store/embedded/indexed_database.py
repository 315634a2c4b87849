"""The store's file and the index of its vectors, kept in step, and what works in both."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from coda_graphmem.store.embedded.catalog import ModelRecord, read_model, write_meta
from coda_graphmem.store.embedded.database import Database
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import Vector, mismatch

T = TypeVar("T")


class IndexedDatabase(Database):
    """Transactions that keep the file and its vector index in step.

    Args:
        path: The store's file.
        index: Where its vectors are kept and searched.
    """

    def __init__(self, path: Path, index: VectorIndex) -> None:
        super().__init__(path)
        self.index = index
        self.bound: ModelRecord | None = None
        """The model this process has its vectors from, once it is known."""

    async def read_vectors(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a read transaction, with an index that is up to date."""
        await self.index.catch_up(self)
        return await self.read(work)

    async def write_vectors(
        self, work: Callable[[sqlite3.Connection], T], brought: Iterable[Vector | None] = (), model: str | None = None
    ) -> T:
        """Run ``work``, which may change vectors, in a write transaction.

        Args:
            work: What to do.
            brought: The vectors it brings, if any.
            model: What made them, bound first of all; where nobody says, the bound model has to be the file's still.

        Raises:
            EmbeddingMismatchError: The file holds vectors of another model or dimension.
        """
        length = next((len(vector) for vector in brought if vector is not None), None)
        wanted = None if length is None or model is None else ModelRecord(model, length)

        def checked(connection: sqlite3.Connection) -> T:
            if wanted is not None:
                _bind(connection, wanted)
            elif length is not None:
                self.check_model(connection)
            return work(connection)

        result = await self.write(checked, after=self.index.committed)
        self.bound = wanted or self.bound
        return result

    async def bind(self, wanted: ModelRecord) -> None:
        """Record a model, or compare it with the record."""
        await self.write(lambda connection: _bind(connection, wanted))
        self.bound = wanted

    def check_model(self, connection: sqlite3.Connection) -> None:
        """Refuse to mix models after another process has re-embedded the file.

        Raises:
            EmbeddingMismatchError: The file's model is not the one that is bound.
        """
        if self.bound is not None and (record := read_model(connection)) != self.bound:
            raise mismatch(*record, *self.bound)


def _bind(connection: sqlite3.Connection, wanted: ModelRecord) -> None:
    record = read_model(connection)
    if record == wanted:
        return
    # A file that holds no vector any more takes any model.
    fits = record.model is None and record.dimension in (None, wanted.dimension)
    held = "SELECT EXISTS (SELECT 1 FROM vectors) OR EXISTS (SELECT 1 FROM item_vectors WHERE model = ?)"
    if not fits and connection.execute(held, (record.model,)).fetchone()[0]:
        raise mismatch(*record, *wanted)
    write_meta(connection, embedding_model=wanted.model, dimension=wanted.dimension)


class StorePart:
    """Works in the store's file, and with the index of its vectors."""

    def __init__(self, database: IndexedDatabase) -> None:
        self._database = database
        self._index = database.index
