"""The store on one SQLite file: opens and closes it, and is made of its parts."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from typing_extensions import override

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.embedded.catalog import read_meta, read_model, write_meta
from coda_graphmem.store.embedded.changes import EmbeddedChanges
from coda_graphmem.store.embedded.facts import EmbeddedFacts
from coda_graphmem.store.embedded.frozen import FrozenDatabase
from coda_graphmem.store.embedded.graph import EmbeddedGraph
from coda_graphmem.store.embedded.health import EmbeddedHealth
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase
from coda_graphmem.store.embedded.items import EmbeddedItems
from coda_graphmem.store.embedded.jobs import EmbeddedJobs
from coda_graphmem.store.embedded.links import EmbeddedLinks
from coda_graphmem.store.embedded.matrix_index import MatrixIndex
from coda_graphmem.store.embedded.merges import EmbeddedMerges
from coda_graphmem.store.embedded.passages import EmbeddedPassages
from coda_graphmem.store.embedded.proximity import ProximityFiles
from coda_graphmem.store.embedded.records import EmbeddedRecords
from coda_graphmem.store.embedded.schema import SCHEMA_VERSION
from coda_graphmem.store.embedded.search import EmbeddedSearch
from coda_graphmem.store.embedded.selections import Selections
from coda_graphmem.store.embedded.traces import Traces
from coda_graphmem.store.embedded.transfer import EmbeddedTransfer
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.embedded.vectors import EmbeddedVectors
from coda_graphmem.store.protocol import MemoryStore, StoreInfo


def file_of(config: MemoryConfig) -> Path:
    """The file of an embedded or Chroma store."""
    settings = config.vector_store
    return Path(settings.persist_directory) / f"{settings.collection_name}.sqlite3"


class EmbeddedStore(MemoryStore):
    """Memories in ``<persist_directory>/<collection_name>.sqlite3``.

    Several processes may use one file at once. A call that is cancelled while SQLite works runs to its end:
    it is then kept as a whole.

    Args:
        config: Says where the file is and whether vectors are kept in half precision.
        index: Where vectors are kept and searched; in the file itself by default.
    """

    def __init__(self, config: MemoryConfig, index: VectorIndex | None = None) -> None:
        self._config = config
        path = file_of(config)
        if index is None:
            files = ProximityFiles(path, config.vector_store.exact_up_to)
            index = MatrixIndex(half=config.enable_compression, files=files)
        self._assemble(IndexedDatabase(path, index))

    def _assemble(self, database: IndexedDatabase) -> None:
        self._database, half = database, self._config.enable_compression
        self._traces = Traces(database)
        self.records = EmbeddedRecords(database, self._traces, reinforcement=self._config.learning_rate)
        selections = Selections()
        self.search = EmbeddedSearch(self._database, selections)
        self.passages = EmbeddedPassages(self._database, selections, half=half)
        self.graph = EmbeddedGraph(self._database)
        self.facts = EmbeddedFacts(self._database)
        self.links = EmbeddedLinks(self._database)
        self.merges = EmbeddedMerges(self._database, self._traces)
        self.changes = EmbeddedChanges(self._database)
        self.jobs = EmbeddedJobs(self._database)
        self.items = EmbeddedItems(self._database, self._traces)
        self.transfer = EmbeddedTransfer(self._database)
        self.vectors = EmbeddedVectors(self._database, half=half)
        self.health = EmbeddedHealth(self._database, self._traces)

    @override
    async def open(self) -> None:
        await self._database.open()
        try:
            # Where it is claimed already, opening waits for nobody who writes.
            if await self._database.read(self._is_unclaimed):
                await self._database.write(self._claim_vectors)
            if not self._database.read_only:
                await self._database.outside(self._database.index.open)
            elif self._database.index.home != MatrixIndex.home:
                raise VectorStoreError(
                    f"{self._database.path} cannot be written, which Chroma has to do even to read.",
                    field="vector_store.persist_directory",
                    remedy="Work on a copy of its folder.",
                )
        except asyncio.CancelledError:
            self._database.abandon()
            raise
        except BaseException:
            await self._database.close()
            raise

    @override
    async def close(self) -> None:
        await self._traces.retry()
        await self._database.close()
        self._database.index.close()
        self._database.bound = None

    @override
    async def info(self) -> StoreInfo:
        record = await self._database.read(read_model)
        return StoreInfo(SCHEMA_VERSION, record.model, record.dimension, str(self._database.path))

    @override
    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[Self | None]:
        if self._database.index.home != MatrixIndex.home:
            yield None  # Vectors that lie elsewhere go on changing.
            return
        store = type(self)(self._config)
        store._assemble(FrozenDatabase(self._database.path, store._database.index))
        await store._database.open()
        try:
            yield store
        finally:
            await store.close()

    def _claim_vectors(self, connection: sqlite3.Connection) -> None:
        """Record where the file's vectors are, unless somebody just has."""
        if self._is_unclaimed(connection):
            write_meta(connection, vectors_in=self._database.index.home)

    def _is_unclaimed(self, connection: sqlite3.Connection) -> bool:
        """Whether it is not recorded where the file's vectors are; they have to be where this store has them."""
        home, index = read_meta(connection, "vectors_in"), self._database.index
        if home not in (None, index.home):
            raise VectorStoreError(
                f"the vectors of {self._database.path} are kept in {home}, not in {index.home}.",
                field="vector_store_type",
                remedy="Open it as it was made, or copy it to a store of the other type.",
            )
        return home is None
