"""Copies memories from one store to another and proves that nothing was lost."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from coda_graphmem.config import MemoryConfig
from coda_graphmem.items.pages import item_pages
from coda_graphmem.models import CopyReport, Inventory, ItemPath, Memory, MemoryLink, NamespaceCopy
from coda_graphmem.store.factory import make_store
from coda_graphmem.store.item_codec import dump_value
from coda_graphmem.store.protocol import MemoryStore, RetrievalTotals, StoredItem, StoredMemory

#: Memories a transaction of the target holds.
BATCH_SIZE = 500

#: Runs of a namespace that are copied at most, the newest ones: as many as a store keeps of ten jobs.
_RUNS = 10_000

#: Ids that a report names at most.
_NAMED = 100

#: Fields of a memory that follow from others.
_FOLLOWING = ("possibly_outdated_by", "valid_until", "superseded_by")

#: Cosine of a vector and its copy; half precision and back loses less than this allows.
_SAME_VECTOR = 0.999


async def copy_into(
    source: MemoryStore,
    target: MemoryConfig,
    *,
    namespaces: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CopyReport:
    """Open the store of a configuration, copy into it, and close it; see `copy`.

    Raises:
        VectorStoreError: The target cannot be opened, or a store could not be read.
    """
    store = make_store(target)
    try:
        await store.open()
        size = min(BATCH_SIZE, target.vector_store.max_batch_size)
        return await copy(source, store, namespaces=namespaces, batch_size=size, progress=progress)
    finally:
        await store.close()


async def copy(
    source: MemoryStore,
    target: MemoryStore,
    *,
    namespaces: Sequence[str] | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> CopyReport:
    """Copy whole namespaces with everything a store keeps of them.

    Those are memories with their vectors, entities, conversations, counters, times, deduplication keys, statements and
    versions, links between memories, what was merged into what, items, runs, settings, and totals of retrievals. The
    target keeps each batch as soon as it is done. What it has already is passed over, so an interrupted call is
    continued by the next one. Nothing is removed from either store.

    An embedded store is read as of one moment, whatever is written to it meanwhile. Others are read as they go, and
    the report says whether that was of one moment too, as nothing was changed.

    Args:
        source: An open store.
        target: An open store of the same embedding model, or without vectors.
        namespaces: Which; None for all of the source.
        batch_size: Memories that are read and written at a time.
        progress: Called with (memories looked at, all memories) at the start and after each batch.

    Returns:
        Counts by kind from both stores, and the memories that differ.

    Raises:
        EmbeddingMismatchError: The target holds vectors of another model.
        MemoryStorageError: The target could not keep a batch; those before it are kept.
        VectorStoreError: A store could not be read.
    """
    started, as_of = time.perf_counter(), time.time()
    async with source.frozen() as frozen:
        if frozen is not None:
            copies = await _copy_all(frozen, target, namespaces, batch_size, progress)
            return CopyReport(namespaces=copies, seconds=time.perf_counter() - started, as_of=as_of)
    before = await _revisions(source, namespaces)
    copies = await _copy_all(source, target, namespaces, batch_size, progress)
    unchanged = before == await _revisions(source, namespaces)
    return CopyReport(namespaces=copies, seconds=time.perf_counter() - started, as_of=as_of if unchanged else None)


async def _revisions(store: MemoryStore, namespaces: Sequence[str] | None) -> dict[str, tuple[int, int]]:
    """What each namespace, or each of the store, counts its changes with, of memories and of items."""
    names = await store.records.namespaces() if namespaces is None else namespaces
    return {name: (await store.changes.revision(name), await store.items.revision(name)) for name in names}


async def _copy_all(
    source: MemoryStore,
    target: MemoryStore,
    namespaces: Sequence[str] | None,
    batch_size: int,
    progress: Callable[[int, int], None] | None,
) -> list[NamespaceCopy]:
    info = await source.info()
    if info.embedding_model is not None and info.dimension is not None:
        await target.vectors.bind_model(info.embedding_model, info.dimension)
    names = await source.records.namespaces() if namespaces is None else list(dict.fromkeys(namespaces))
    before = {name: await source.transfer.inventory(name) for name in names}
    total = sum(inventory.memories for inventory in before.values())
    copier = _Copier(source, target, batch_size, total, progress)
    return [await copier.copy(name, inventory) for name, inventory in before.items()]


@dataclass(slots=True)
class _Copier:
    """Copies one namespace after another, and counts the memories it looked at."""

    source: MemoryStore
    target: MemoryStore
    batch_size: int
    total: int
    progress: Callable[[int, int], None] | None
    done: int = 0

    async def copy(self, name: str, before: Inventory) -> NamespaceCopy:
        """Copy one namespace, of which the source holds ``before``."""
        self._count(0)
        copied, position = 0, 0
        differing: set[str] = set()
        batches: list[list[str]] = []
        while rows := await self.source.transfer.export_memories(name, after=position, limit=self.batch_size):
            keys = dict.fromkeys(entity.key for row in rows for entity in row.memory.entities)
            entities = await self.source.graph.find_entities(name, list(keys))
            copied += await self.target.transfer.import_memories(name, rows, entities)
            differing |= await _differing(self.target, name, rows)
            batches.append([row.memory.memory_id for row in rows])
            position = rows[-1].position
            self._count(len(rows))
        linked = 0
        # Links come last, as they may join memories of different batches.
        for memory_ids in batches if before.memory_links else ():
            links = await _links_from(self.source, name, memory_ids)
            linked += await self.target.links.save_links(name, links)
            lacking = set(links).difference(await _links_from(self.target, name, memory_ids))
            differing |= {link.source_id for link in lacking}
        items, different_items = await self._copy_items(name)
        await self._copy_history(name)
        return NamespaceCopy(
            namespace=name,
            copied=copied,
            present=sum(map(len, batches)) - copied,
            linked=linked,
            items=items,
            differing=tuple(sorted(differing | different_items)[:_NAMED]),
            source=await self.source.transfer.inventory(name),
            target=await self.target.transfer.inventory(name),
        )

    async def _copy_items(self, name: str) -> tuple[int, set[str]]:
        """Copy items: how many were new, and which are not the same in the target."""
        copied = 0
        differing: set[str] = set()
        async for rows in item_pages(self.source, name, self.batch_size):
            copied += await self.target.items.import_items(name, rows)
        there = {_place(one): _sealed(one) async for rows in item_pages(self.target, name) for one in rows}
        async for rows in item_pages(self.source, name, self.batch_size):
            differing |= {"/".join((*one.path, one.key)) for one in rows if there.get(_place(one)) != _sealed(one)}
        return copied, differing

    async def _copy_history(self, name: str) -> None:
        """Copy what is known of the namespace as a whole: settings, totals, and finished runs, for undoing."""
        known = {run.run_id for run in await self.target.jobs.find_runs(namespace=name, limit=_RUNS)}
        for run in reversed(await self.source.jobs.find_runs(namespace=name, limit=_RUNS)):
            if run.run_id not in known and run.status != "running":
                await self.target.jobs.save_run(run)
        there = await self.target.jobs.settings(name)
        for key, value in (await self.source.jobs.settings(name)).items():
            if key not in there:
                await self.target.jobs.save_setting(name, key, value)
        totals = await self.source.jobs.retrieval_totals(name)
        if totals != RetrievalTotals() and await self.target.jobs.retrieval_totals(name) == RetrievalTotals():
            await self.target.jobs.record_retrievals(name, totals)

    def _count(self, memories: int) -> None:
        self.done += memories
        if self.progress:
            self.progress(self.done, self.total)


def _place(item: StoredItem) -> tuple[ItemPath, str]:
    return item.path, item.key


def _sealed(item: StoredItem) -> bytes:
    """What stands for all that is kept of an item, its place in the order of writes left out."""
    plain = replace(item, value=dump_value(item.value), vectors=(), position=0)  # type: ignore[arg-type]
    vectors = b"".join(vector.astype("<f4").tobytes() for vector in item.vectors)
    return hashlib.sha256(repr(plain).encode() + vectors).digest()


async def _links_from(store: MemoryStore, namespace: str, memory_ids: Sequence[str]) -> list[MemoryLink]:
    """The links that begin at any of the memories: each link of a namespace begins in one batch."""
    wanted = frozenset(memory_ids)
    return [link for link in await store.links.find_links(namespace, memory_ids) if link.source_id in wanted]


async def _differing(target: MemoryStore, namespace: str, rows: Sequence[StoredMemory]) -> set[str]:
    """Ids of those memories that the target has not, or not as they are."""
    ids = [row.memory.memory_id for row in rows]
    found = {memory.memory_id: memory for memory in await target.records.get(namespace, ids, with_embedding=True)}
    return {row.memory.memory_id for row in rows if not _same(row, found.get(row.memory.memory_id))}


def _same(row: StoredMemory, twin: Memory | None) -> bool:
    # What follows from links is compared with the links, which come later, as do memories by which something is over.
    apart = {"embedding": None} | {name: getattr(row.memory, name) for name in _FOLLOWING}
    if twin is None or twin.model_copy(update=apart) != row.memory:
        return False
    if twin.embedding is None or row.embedding is None:
        return twin.embedding is None and row.embedding is None
    return float(row.embedding @ twin.embedding) >= _SAME_VECTOR
