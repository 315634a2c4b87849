"""The store's file as it is at one moment, to be read while others go on writing."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from typing_extensions import override

from coda_graphmem.store.embedded.indexed_database import IndexedDatabase

T = TypeVar("T")


class FrozenDatabase(IndexedDatabase):
    """Runs all work in one read transaction, which begins with `open` and ends with `close`; nothing can be written.

    Meanwhile the write-ahead log of the file grows with what others write.
    """

    @override
    async def open(self) -> None:
        if self._readers is not None:
            return
        self._begin_session()
        self._readers = self._pool(1, "graphmem-frozen")
        try:
            await self._submit(self._readers, self._begin)
        except BaseException:
            await self.close()
            raise

    def _begin(self) -> None:
        with self._faults(writing=False):
            connection = self.connection()
            connection.execute("BEGIN")
            # What is read first fixes what the transaction sees.
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()

    @override
    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._faults(writing=False):
            return work(self.connection())
