"""The store protocol on Neo4j."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.models import DeletionReceipt, Inventory, Memory, MemoryFilter, MemoryStats, SortOrder
from coda_graphmem.store.neo4j import changing, health, inserting, reading, reembedding, removing, schema, transfer
from coda_graphmem.store.neo4j.dialect import detect
from coda_graphmem.store.neo4j.graph_writes import mismatch
from coda_graphmem.store.neo4j.neighbours import Neighbours
from coda_graphmem.store.neo4j.searching import Searcher
from coda_graphmem.store.neo4j.upkeep import Neo4jUpkeep, Open
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


@dataclass(frozen=True, slots=True)
class _Bound:
    """Where vectors come from."""

    model: str | None
    dimension: int


class Neo4jStore(Neo4jUpkeep):
    """Memories as a graph in Neo4j 5.26 or later; see `MemoryStore` for its methods.

    Several processes may use one database at once. Writes of one namespace happen one after the other.
    A call that gets no answer is tried again for ``neo4j.max_transaction_retry_time`` seconds.

    Args:
        config: Says how to reach the server, and whether vector indexes are quantised.
    """

    def __init__(self, config: MemoryConfig) -> None:
        super().__init__(config)
        self._config = config.neo4j
        self._bound: _Bound | None = None
        self._vector_property = "embedding"

    # ------------------------------------------------------------------ life

    async def open(self) -> None:
        """See `MemoryStore.open`."""
        await self._connection.open()
        try:
            dialect = await detect(self._connection)
            meta = await schema.prepare(self._connection)
            await schema.renew_vector_indexes(self._connection, dialect, meta, quantised=self._quantised)
        except BaseException:
            await self._connection.close()
            raise
        self._vector_property = meta.vector_property
        searcher = Searcher(self._connection, dialect)
        self._state = Open(dialect, searcher, Neighbours(self._connection, dialect, searcher))

    async def close(self) -> None:
        """See `MemoryStore.close`."""
        self._state = None
        self._bound = None
        await self._connection.close()

    async def info(self) -> StoreInfo:
        """See `MemoryStore.info`."""
        meta = await schema.read_meta(self._connection)
        if meta is None:
            raise NotInitializedError("The store is not open.", remedy="Call initialize() first.")
        location = f"{self._config.uri}/{self._connection.database or ''}"
        return StoreInfo(meta.schema_version, meta.embedding_model, meta.dimension, location)

    async def bind_model(self, model: str, dimension: int) -> None:
        """See `MemoryStore.bind_model`. A store that holds no vector any more takes any model."""
        await self._bind(model, dimension)

    async def _bind(self, model: str | None, dimension: int) -> None:
        wanted = _Bound(model, dimension)
        if self._bound == wanted:
            return
        meta = await schema.bind_model(
            self._connection, self._open.dialect, model, dimension, quantised=self._quantised
        )
        self._vector_property = meta.vector_property
        self._bound = wanted

    @property
    def _model(self) -> str | None:
        return None if self._bound is None else self._bound.model

    async def _bind_vectors(self, vectors: Sequence[Vector | None]) -> None:
        """Make the index for vectors of which nobody has said where they come from."""
        if self._bound is None:
            for vector in vectors:
                if vector is not None:
                    await self._bind(None, len(vector))
                    return

    # ------------------------------------------------------------------ writing

    async def insert(self, namespace: str, rows: Sequence[NewMemory], *, reinforcement: float) -> list[Stored]:
        """See `MemoryStore.insert`."""
        await self._bind_vectors([row.embedding for row in rows])
        return await inserting.insert(self._connection, namespace, rows, reinforcement=reinforcement, model=self._model)

    async def update(self, namespace: str, memory_id: str, changes: MemoryChanges) -> bool:
        """See `MemoryStore.update`."""
        await self._bind_vectors([changes.embedding])
        return await changing.update(self._connection, namespace, memory_id, changes, model=self._model)

    async def delete(self, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
        """See `MemoryStore.delete`."""
        return await removing.delete(self._connection, namespace, memory_ids)

    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """See `MemoryStore.forget`."""
        return await removing.forget(self._connection, namespace, where)

    async def archive(self, namespace: str, memory_ids: Sequence[str], at: float) -> int:
        """See `MemoryStore.archive`."""
        return await changing.archive(self._connection, namespace, memory_ids, at)

    async def promote(self, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
        """See `MemoryStore.promote`."""
        return await changing.promote(self._connection, namespace, memory_id, dedup_key=dedup_key, at=at)

    async def expire(self, namespace: str | None, now: float) -> int:
        """See `MemoryStore.expire`. Each namespace is cleaned in a transaction of its own."""
        return await removing.expire(self._connection, namespace, now)

    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        """See `MemoryStore.record_access`."""
        await changing.record_access(self._connection, namespace, counts, at)

    # ------------------------------------------------------------------ reading

    async def get(self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        """See `MemoryStore.get`."""
        return await reading.get(self._connection, namespace, memory_ids, with_embedding=with_embedding)

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
        return await reading.find(
            self._connection,
            namespace,
            where,
            order=order,
            limit=limit,
            offset=offset,
            now=now,
            with_embedding=with_embedding,
        )

    async def count(self, namespace: str, where: MemoryFilter, *, now: float) -> int:
        """See `MemoryStore.count`."""
        return await reading.count(self._connection, namespace, where, now=now)

    async def live_count(self, namespace: str) -> int:
        """See `MemoryStore.live_count`."""
        return await reading.live_count(self._connection, namespace)

    async def stats(self, namespace: str, *, now: float) -> MemoryStats:
        """See `MemoryStore.stats`."""
        return await reading.stats(self._connection, namespace, now=now)

    async def namespaces(self) -> list[str]:
        """See `MemoryStore.namespaces`."""
        return await reading.namespaces(self._connection)

    async def search_vector(self, namespace: str, vector: Vector, limit: int, where: MemoryFilter) -> list[Candidate]:
        """See `MemoryStore.search_vector`."""
        self._check_length(vector)
        found = await health.comparing(
            self._connection,
            namespace,
            lambda: self._open.searcher.search_vector(
                namespace, vector, limit, where, model=self._model, vector_property=self._vector_property
            ),
        )
        if not found:
            await self._check_model()
        return found

    async def search_text(self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter) -> TextMatches:
        """See `MemoryStore.search_text`."""
        return await self._open.searcher.search_text(namespace, terms, limit, where)

    async def similarities(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, float]:
        """See `MemoryStore.similarities`."""
        found = await self._compared(
            namespace,
            vector,
            lambda: self._open.searcher.similarities(namespace, memory_ids, vector, model=self._model),
        )
        return found or {}

    async def candidates(self, namespace: str, memory_ids: Sequence[str], vector: Vector | None) -> list[Candidate]:
        """See `MemoryStore.candidates`."""
        found = await self._compared(
            namespace,
            vector,
            lambda: self._open.searcher.candidates(namespace, memory_ids, vector, model=self._model),
        )
        return found or []

    async def find_entities(self, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
        """See `MemoryStore.find_entities`."""
        return await reading.find_entities(self._connection, namespace, keys)

    async def find_speakers(self, namespace: str, names: Sequence[str]) -> list[str]:
        """See `MemoryStore.find_speakers`."""
        return await reading.find_speakers(self._connection, namespace, names)

    async def list_entities(self, namespace: str, *, limit: int, offset: int = 0) -> list[EntityNode]:
        """See `MemoryStore.list_entities`."""
        return await reading.list_entities(self._connection, namespace, limit, offset)

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
        return await self._open.searcher.neighbourhood(
            namespace, memory_ids, entity_keys, bounds=bounds, depth=depth, where=where
        )

    async def _compared(
        self, namespace: str, vector: Vector | None, search: Callable[[], Awaitable[T | None]]
    ) -> T | None:
        """What a search finds that compares vectors, and tells by None that those of the store are of another model."""
        self._check_length(vector)
        found = await health.comparing(self._connection, namespace, search)
        if found is None:
            await self._check_model()
        return found

    def _check_length(self, vector: Vector | None) -> None:
        """Refuse a vector that cannot be compared with those of the store."""
        if vector is not None and self._bound is not None and len(vector) != self._bound.dimension:
            raise mismatch(self._bound.model, self._bound.dimension, self._bound.model, len(vector))

    async def _check_model(self) -> None:
        """Refuse to mix models after another process has re-embedded the store."""
        meta = await schema.read_meta(self._connection)
        if meta is None:
            return
        self._vector_property = meta.vector_property
        if self._bound is not None and self._bound.model not in (None, meta.embedding_model):
            raise mismatch(meta.embedding_model, meta.dimension, self._bound.model, self._bound.dimension)

    # ------------------------------------------------------------------ copying

    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        """See `MemoryStore.export_memories`."""
        return await transfer.export_memories(self._connection, namespace, after=after, limit=limit)

    async def import_memories(
        self, namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]
    ) -> int:
        """See `MemoryStore.import_memories`."""
        await self._bind_vectors([row.embedding for row in rows])
        return await transfer.import_memories(self._connection, namespace, rows, entities, model=self._model)

    async def inventory(self, namespace: str) -> Inventory:
        """See `MemoryStore.inventory`."""
        return await transfer.inventory(self._connection, namespace)

    # ------------------------------------------------------------------ re-embedding

    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        """See `MemoryStore.pending_reembed`."""
        return await reembedding.pending(
            self._connection, self._open.dialect, model, dimension, limit, quantised=self._quantised
        )

    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        """See `MemoryStore.save_reembedded`. Each namespace is written in a transaction of its own."""
        return await reembedding.save(self._connection, rows)

    async def reembed_progress(self) -> tuple[int, int]:
        """See `MemoryStore.reembed_progress`."""
        return await reembedding.progress(self._connection)

    async def finish_reembed(self) -> None:
        """See `MemoryStore.finish_reembed`.

        Raises:
            MemoryStorageError: Memories without a new vector came in meanwhile; another round takes them along.
        """
        meta = await reembedding.finish(self._connection)
        if meta is not None:
            self._vector_property = meta.vector_property
            if self._bound is not None and meta.dimension is not None:
                self._bound = _Bound(meta.embedding_model, meta.dimension)
