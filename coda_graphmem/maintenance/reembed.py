"""Changes the embedding model of a store: every memory gets a new vector, and every item those of its fields."""

import time
from collections import Counter
from collections.abc import Callable

from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.events.bus import EventBus
from coda_graphmem.items.vectors import ItemEmbedding
from coda_graphmem.memories.passages import PassageWriter
from coda_graphmem.models import ReembedResult
from coda_graphmem.store.protocol import MemoryStore


async def reembed(
    store: MemoryStore,
    embedding: EmbeddingService,
    *,
    batch_size: int,
    events: EventBus | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReembedResult:
    """Give the memories and items of all namespaces vectors of the configured model, then switch over to them.

    The store keeps each batch as soon as it is done, so an interrupted call is continued by the
    next one. Until the last step searches go on with the old vectors. A memory that is stored or
    changed meanwhile is embedded in a later round of the same call. Passages of long memories are made anew at the end.

    Args:
        store: An open store.
        embedding: The service with the new model.
        batch_size: Memories a transaction of the store holds.
        events: Is told of each namespace once its new vectors are the ones that are searched; None tells nobody.
        progress: Called with (memories that have a new vector, all memories) at the start and after
            each batch.

    Raises:
        EmbeddingError: The model cannot be loaded or failed; what was done before is kept.
        MemoryStorageError: The store could not keep the vectors.
    """
    started = time.perf_counter()
    vectors = store.vectors
    model, dimension = embedding.model, await embedding.dimension()
    rows = await vectors.pending_reembed(model, dimension, batch_size)
    resumed, total = await vectors.reembed_progress()
    embedded: Counter[str] = Counter()
    items = 0
    if progress:
        progress(resumed, total)
    while True:
        while rows:
            new = await embedding.embed_documents([content for _, _, content in rows])
            embedded.update(
                await vectors.save_reembedded(
                    [
                        (namespace, memory_id, content, vector)
                        for (namespace, memory_id, content), vector in zip(rows, new, strict=True)
                        if vector is not None
                    ]
                )
            )
            if progress:
                progress(*await vectors.reembed_progress())
            rows = await vectors.pending_reembed(model, dimension, batch_size)
        items += await _reembed_items(store, embedding, batch_size)
        try:
            await vectors.finish_reembed()
            break
        except MemoryStorageError:
            # A store refuses to finish when a memory or an item arrived after the last round; then there is one more.
            rows = await vectors.pending_reembed(model, dimension, batch_size)
            if not rows and not await store.items.pending_items(model, 1):
                raise
    for name in await store.records.namespaces():
        await PassageWriter(store, embedding).complete(name)
    for name, count in embedded.items():
        if events is not None:
            events.emit("updated", name, count=count, details={"reembedded": model})
    return ReembedResult(
        embedded=embedded.total(),
        items=items,
        resumed=resumed,
        model=model,
        dimension=dimension,
        seconds=time.perf_counter() - started,
    )


async def _reembed_items(store: MemoryStore, embedding: EmbeddingService, batch_size: int) -> int:
    """Give items vectors of the configured model; how many got some."""
    done, model = 0, embedding.model
    while rows := await store.items.pending_items(model, batch_size):
        found = await ItemEmbedding(embedding).fields([(row.value, row.fields) for row in rows])
        new = [(row.namespace, row.position, vectors) for row, (_, vectors) in zip(rows, found, strict=True)]
        done += await store.items.save_item_vectors(model, new)
    return done
