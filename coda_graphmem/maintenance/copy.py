"""Copies memories from one store to another and proves that nothing was lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from coda_graphmem.models import CopyReport, NamespaceCopy
from coda_graphmem.store.protocol import MemoryStore, StoredMemory

#: Memories a transaction of the target holds.
BATCH_SIZE = 500

#: Ids that a report names at most.
_NAMED = 100

#: Cosine of a vector and its copy; half precision and back loses less than this allows.
_SAME_VECTOR = 0.999


async def copy(
    source: MemoryStore,
    target: MemoryStore,
    *,
    namespaces: Sequence[str] | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> CopyReport:
    """Copy whole namespaces with everything a store keeps of them: vectors, entities, conversations, counters, times.

    The target keeps each batch as soon as it is done. What it has already is passed over, so an interrupted
    call is continued by the next one. Nothing is removed from either store.

    Args:
        source: An open store; it should not be written to meanwhile.
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
    started = time.perf_counter()
    info = await source.info()
    if info.embedding_model is not None and info.dimension is not None:
        await target.bind_model(info.embedding_model, info.dimension)
    names = await source.namespaces() if namespaces is None else list(dict.fromkeys(namespaces))
    before = {name: await source.inventory(name) for name in names}
    done, total = 0, sum(inventory.memories for inventory in before.values())
    copies = []
    for name in names:
        if progress:
            progress(done, total)
        copied, present = 0, 0
        differing: list[str] = []
        position = 0
        while rows := await source.export_memories(name, after=position, limit=batch_size):
            keys = dict.fromkeys(entity.key for row in rows for entity in row.memory.entities)
            entities = await source.find_entities(name, list(keys))
            kept = await target.import_memories(name, rows, entities)
            copied, present = copied + kept, present + len(rows) - kept
            differing += await _differing(target, name, rows)
            position = rows[-1].position
            done += len(rows)
            if progress:
                progress(done, total)
        copies.append(
            NamespaceCopy(
                namespace=name,
                copied=copied,
                present=present,
                differing=tuple(differing[:_NAMED]),
                source=await source.inventory(name),
                target=await target.inventory(name),
            )
        )
    return CopyReport(namespaces=copies, seconds=time.perf_counter() - started)


async def _differing(target: MemoryStore, namespace: str, rows: Sequence[StoredMemory]) -> list[str]:
    """Ids of those memories that the target has not, or not as they are."""
    ids = [row.memory.memory_id for row in rows]
    found = {memory.memory_id: memory for memory in await target.get(namespace, ids, with_embedding=True)}
    differing = []
    for row in rows:
        twin = found.get(row.memory.memory_id)
        same = twin is not None and twin.model_copy(update={"embedding": None}) == row.memory
        if twin is not None and (twin.embedding is None) == (row.embedding is None):
            if twin.embedding is not None and row.embedding is not None:
                same = same and float(row.embedding @ twin.embedding) >= _SAME_VECTOR
        else:
            same = False
        if not same:
            differing.append(row.memory.memory_id)
    return differing
