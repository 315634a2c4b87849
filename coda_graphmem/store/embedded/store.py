"""The store protocol on one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import EmbeddingMismatchError, VectorStoreError
from coda_graphmem.models import DeletionReceipt, Inventory, Memory, MemoryFilter, MemoryStats, SortOrder
from coda_graphmem.store.embedded import graph, insert, remove, search, space, transfer
from coda_graphmem.store.embedded import records as read
from coda_graphmem.store.embedded import vectors as reembed
from coda_graphmem.store.embedded import writes as change
from coda_graphmem.store.embedded.connection import Database
from coda_graphmem.store.embedded.matrix_index import MatrixIndex
from coda_graphmem.store.embedded.rows import ModelRecord, read_meta, read_model, write_meta
from coda_graphmem.store.embedded.schema import SCHEMA_VERSION
from coda_graphmem.store.embedded.upkeep import Upkeep
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import (
    Bounds,
    Candidate,
    EntityNode,
    MemoryChanges,
    Neighbourhood,
    NewMemory,
    Stored,
    StoredMemory,
    StoreInfo,
    TextMatches,
    Vector,
)

T = TypeVar("T")


def file_of(config: MemoryConfig) -> Path:
    """The file of an embedded or Chroma store."""
    settings = config.vector_store
    return Path(settings.persist_directory) / f"{settings.collection_name}.sqlite3"


class EmbeddedStore(Upkeep):
    """Memories in ``<persist_directory>/<collection_name>.sqlite3``; see `MemoryStore` for its methods.

    Several processes may use one file at once. A call that is cancelled while SQLite works runs to its end:
    it is then kept as a whole.

    Args:
        config: Says where the file is and whether vectors are kept in half precision.
        index: Where vectors are kept and searched; in the file itself by default.
    """

    def __init__(self, config: MemoryConfig, index: VectorIndex | None = None) -> None:
        self._half = config.enable_compression
        super().__init__(Database(file_of(config)), MatrixIndex(half=self._half) if index is None else index)
        self._bound: ModelRecord | None = None

    async def open(self) -> None:
        """See `MemoryStore.open`."""
        await self._database.open()
        try:
            await self._database.write(self._claim_vectors)
            await self._database.outside(self._index.open)
        except BaseException:
            await self._database.close()
            raise

    async def close(self) -> None:
        """See `MemoryStore.close`."""
        await self._database.close()
        self._index.close()
        self._bound = None

    async def info(self) -> StoreInfo:
        """See `MemoryStore.info`."""
        record = await self._database.read(read_model)
        return StoreInfo(SCHEMA_VERSION, record.model, record.dimension, str(self._database.path))

    async def bind_model(self, model: str, dimension: int) -> None:
        """See `MemoryStore.bind_model`. A store that holds no vector any more takes any model."""
        wanted = ModelRecord(model, dimension)
        if await self._database.read(read_model) != wanted:
            await self._database.write(lambda connection: _bind(connection, wanted))
        self._bound = wanted

    # ------------------------------------------------------------------ writing

    async def insert(self, namespace: str, rows: Sequence[NewMemory], *, reinforcement: float) -> list[Stored]:
        """See `MemoryStore.insert`."""

        def work(connection: sqlite3.Connection) -> list[Stored]:
            if any(row.embedding is not None for row in rows):
                self._check_model(connection)
            return insert.insert(connection, self._index, namespace, rows, reinforcement)

        return await self._write(work)

    async def update(self, namespace: str, memory_id: str, changes: MemoryChanges) -> bool:
        """See `MemoryStore.update`."""

        def work(connection: sqlite3.Connection) -> bool:
            if changes.embedding is not None:
                self._check_model(connection)
            return change.update(connection, self._index, namespace, memory_id, changes)

        return await self._write(work)

    async def delete(self, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
        """See `MemoryStore.delete`."""
        return await self._write(lambda connection: remove.delete(connection, self._index, namespace, memory_ids))

    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """See `MemoryStore.forget`.

        Afterwards neither the file nor its log holds a byte of what was removed. For that the file is written
        anew, which takes as long as copying it a few times.
        """
        receipt = await self._write(lambda connection: remove.forget(connection, self._index, namespace, where))
        await self._database.outside(space.scrub)
        return receipt

    async def archive(self, namespace: str, memory_ids: Sequence[str], at: float) -> int:
        """See `MemoryStore.archive`."""
        return await self._write(lambda connection: change.archive(connection, self._index, namespace, memory_ids, at))

    async def promote(self, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
        """See `MemoryStore.promote`."""
        return await self._write(
            lambda connection: change.promote(connection, self._index, namespace, memory_id, dedup_key=dedup_key, at=at)
        )

    async def expire(self, namespace: str | None, now: float) -> int:
        """See `MemoryStore.expire`."""
        return await self._write(lambda connection: remove.expire(connection, self._index, namespace, now))

    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        """See `MemoryStore.record_access`."""
        if counts:
            await self._database.write(lambda connection: change.record_access(connection, namespace, counts, at))

    # ------------------------------------------------------------------ reading

    async def get(self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        """See `MemoryStore.get`."""
        run = self._read_vectors if with_embedding else self._database.read
        return await run(
            lambda connection: read.get(connection, self._index, namespace, memory_ids, with_embedding=with_embedding)
        )

    async def find(
        self,
        namespace: str,
        where: MemoryFilter,
        *,
        order: SortOrder = "newest",
        limit: int | None = None,
        offset: int = 0,
        now: float,
        with_embedding: bool = False,
    ) -> list[Memory]:
        """See `MemoryStore.find`."""
        run = self._read_vectors if with_embedding else self._database.read
        return await run(
            lambda connection: read.find(
                connection,
                self._index,
                namespace,
                where,
                order=order,
                limit=limit,
                offset=offset,
                now=now,
                with_embedding=with_embedding,
            )
        )

    async def count(self, namespace: str, where: MemoryFilter, *, now: float) -> int:
        """See `MemoryStore.count`."""
        return await self._database.read(lambda connection: read.count(connection, namespace, where, now=now))

    async def live_count(self, namespace: str) -> int:
        """See `MemoryStore.live_count`."""
        return await self._database.read(lambda connection: read.count(connection, namespace, MemoryFilter(), now=0.0))

    async def stats(self, namespace: str, *, now: float) -> MemoryStats:
        """See `MemoryStore.stats`."""
        return await self._database.read(
            lambda connection: read.stats(connection, namespace, self._database.path, now=now)
        )

    async def namespaces(self) -> list[str]:
        """See `MemoryStore.namespaces`."""
        return await self._database.read(read.namespaces)

    async def search_vector(self, namespace: str, vector: Vector, limit: int, where: MemoryFilter) -> list[Candidate]:
        """See `MemoryStore.search_vector`."""
        return await self._search(
            vector,
            lambda connection: search.search_vector(
                connection, self._index, namespace, vector=vector, limit=limit, where=where
            ),
        )

    async def search_text(self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter) -> TextMatches:
        """See `MemoryStore.search_text`."""
        return await self._database.read(
            lambda connection: TextMatches(
                search.search_text(connection, namespace, terms=terms, limit=limit, where=where),
                *search.count_terms(connection, namespace, terms),
            )
        )

    async def similarities(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, float]:
        """See `MemoryStore.similarities`."""
        return await self._search(
            vector, lambda connection: search.similarities(connection, self._index, namespace, memory_ids, vector)
        )

    async def candidates(self, namespace: str, memory_ids: Sequence[str], vector: Vector | None) -> list[Candidate]:
        """See `MemoryStore.candidates`."""
        return await self._search(
            vector, lambda connection: search.candidates(connection, self._index, namespace, memory_ids, vector)
        )

    async def find_entities(self, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
        """See `MemoryStore.find_entities`."""
        return await self._database.read(lambda connection: read.entities_by_key(connection, namespace, keys))

    async def find_speakers(self, namespace: str, names: Sequence[str]) -> list[str]:
        """See `MemoryStore.find_speakers`."""
        return await self._database.read(lambda connection: read.speakers(connection, namespace, names))

    async def list_entities(self, namespace: str, *, limit: int, offset: int = 0) -> list[EntityNode]:
        """See `MemoryStore.list_entities`."""
        return await self._database.read(lambda connection: read.list_entities(connection, namespace, limit, offset))

    async def neighbourhood(
        self,
        namespace: str,
        memory_ids: Sequence[str],
        entity_keys: Sequence[str],
        *,
        bounds: Bounds,
        depth: int,
        where: MemoryFilter,
    ) -> Neighbourhood:
        """See `MemoryStore.neighbourhood`."""
        return await self._database.read(
            lambda connection: graph.neighbourhood(
                connection, namespace, memory_ids, entity_keys, bounds=bounds, depth=depth, where=where
            )
        )

    # ------------------------------------------------------------------ copying

    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        """See `MemoryStore.export_memories`."""
        return await self._read_vectors(
            lambda connection: transfer.export_memories(connection, self._index, namespace, after=after, limit=limit)
        )

    async def import_memories(
        self, namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]
    ) -> int:
        """See `MemoryStore.import_memories`."""

        def work(connection: sqlite3.Connection) -> int:
            if any(row.embedding is not None for row in rows):
                self._check_model(connection)
            return transfer.import_memories(connection, self._index, namespace, rows, entities)

        return await self._write(work)

    async def inventory(self, namespace: str) -> Inventory:
        """See `MemoryStore.inventory`."""
        return await self._read_vectors(lambda connection: transfer.inventory(connection, self._index, namespace))

    # ------------------------------------------------------------------ re-embedding

    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        """See `MemoryStore.pending_reembed`."""
        return await self._database.write(lambda connection: reembed.pending(connection, model, dimension, limit))

    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        """See `MemoryStore.save_reembedded`."""
        return await self._database.write(lambda connection: reembed.save(connection, rows, half=self._half))

    async def reembed_progress(self) -> tuple[int, int]:
        """See `MemoryStore.reembed_progress`."""
        return await self._database.read(reembed.progress)

    async def finish_reembed(self) -> None:
        """See `MemoryStore.finish_reembed`.

        Raises:
            MemoryStorageError: Memories without a new vector came in meanwhile; another round takes them along.
        """
        record = await self._write(lambda connection: reembed.finish(connection, self._index))
        if record is not None and self._bound is not None:
            self._bound = record

    # ------------------------------------------------------------------ common

    async def _search(self, vector: Vector | None, work: Callable[[sqlite3.Connection], T]) -> T:
        if vector is None:
            return await self._database.read(work)

        def checked(connection: sqlite3.Connection) -> T:
            result = work(connection)
            self._check_model(connection)
            return result

        return await self._read_vectors(checked)

    def _claim_vectors(self, connection: sqlite3.Connection) -> None:
        """Record where the file's vectors are, or check it."""
        home = read_meta(connection, "vectors_in")
        if home is None:
            write_meta(connection, vectors_in=self._index.home)
        elif home != self._index.home:
            raise VectorStoreError(
                f"the vectors of {self._database.path} are kept in {home}, not in {self._index.home}.",
                field="vector_store_type",
                remedy="Open it as it was made, or copy it to a store of the other type.",
            )

    def _check_model(self, connection: sqlite3.Connection) -> None:
        """Refuse to mix models after another process has re-embedded the file."""
        if self._bound is not None:
            record = read_model(connection)
            if record != self._bound:
                raise _mismatch(record, self._bound)


def _bind(connection: sqlite3.Connection, wanted: ModelRecord) -> None:
    record = read_model(connection)
    if record == wanted:
        return
    fits = record.model is None and record.dimension in (None, wanted.dimension)
    if not fits and connection.execute("SELECT 1 FROM vectors LIMIT 1").fetchone():
        raise _mismatch(record, wanted)
    write_meta(connection, embedding_model=wanted.model, dimension=wanted.dimension)


def _mismatch(record: ModelRecord, wanted: ModelRecord) -> EmbeddingMismatchError:
    return EmbeddingMismatchError(
        f"the store holds vectors of {record.model!r} ({record.dimension} numbers), "
        f"not of {wanted.model!r} ({wanted.dimension}).",
        field="embedding_model",
        remedy="Use the model of the store, or change its vectors with reembed().",
    )
