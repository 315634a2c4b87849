"""Reads all items of a namespace, page by page."""

from collections.abc import AsyncIterator

from coda_graphmem.store.protocol import MemoryStore, StoredItem

#: Items that are read at a time.
PAGE = 500


async def item_pages(store: MemoryStore, namespace: str, size: int = PAGE) -> AsyncIterator[list[StoredItem]]:
    """All items of a namespace in the order in which they were written last, expired ones included."""
    position = 0
    while rows := await store.items.export_items(namespace, after=position, limit=size):
        position = rows[-1].position
        yield rows
