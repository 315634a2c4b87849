"""The store protocol on a SQLite file and a Chroma collection."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.chroma import outbox
from coda_graphmem.store.chroma.index import ChromaIndex
from coda_graphmem.store.embedded import EmbeddedStore

T = TypeVar("T")


class ChromaStore(EmbeddedStore):
    """Vectors in Chroma, everything else in ``<persist_directory>/<collection_name>.sqlite3``.

    A local collection (``<persist_directory>/chroma``) is open in one process at a time, as Chroma's files
    stand no more; with a Chroma server several processes may use the store at once.

    Args:
        config: ``vector_store`` names directory or host and port, collection and distance metric.
    """

    def __init__(self, config: MemoryConfig) -> None:
        self._chroma = ChromaIndex(config)
        super().__init__(config, self._chroma)

    async def _read_vectors(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if await self._database.read(outbox.is_pending):
            await self._database.outside(self._chroma.deliver)
        return await super()._read_vectors(work)
