"""The store's file together with the index of its vectors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from coda_graphmem.store.embedded.connection import Database
from coda_graphmem.store.embedded.meta import ModelRecord, mismatch, read_model
from coda_graphmem.store.embedded.vector_index import VectorIndex

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

    async def write_vectors(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work``, which may change vectors, in a write transaction."""
        return await self.write(work, after=self.index.committed)

    def check_model(self, connection: sqlite3.Connection) -> None:
        """Refuse to mix models after another process has re-embedded the file.

        Raises:
            EmbeddingMismatchError: The file's model is not the one that is bound.
        """
        if self.bound is not None:
            record = read_model(connection)
            if record != self.bound:
                raise mismatch(record, self.bound)
