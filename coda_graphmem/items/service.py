"""Does batches of operations on items."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from coda_graphmem.embedding.embedder import Embedder
from coda_graphmem.errors import ValidationError
from coda_graphmem.items.filters import Filter, fits
from coda_graphmem.items.paths import known_beginning, page_of
from coda_graphmem.items.ranking import best_first
from coda_graphmem.items.vectors import ItemEmbedding
from coda_graphmem.models.items import (
    DeleteItem,
    GetItem,
    Item,
    ItemOperation,
    ItemPath,
    ListItemPaths,
    PutItem,
    SearchItems,
)
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol.items import (
    ItemLookup,
    ItemRead,
    ItemRemoval,
    ItemSearch,
    ItemWrite,
    NewItem,
    PathSearch,
    StoredItem,
)

_Place = tuple[ItemPath, str]


class ItemService:
    """Reads and writes items, and finds them by path, by what they hold, and by meaning."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def batch(
        self, namespace: str, operations: Sequence[ItemOperation], embedder: Embedder | None = None
    ) -> list[Any]:
        """Do operations, all or none; what reads give is the state before the first write.

        Args:
            namespace: Whose items.
            operations: Checked ones. Of several writes of one item the last counts.
            embedder: Embeds queries and fields instead of the memory's model.

        Returns:
            What each operation gives, in order.

        Raises:
            EmbeddingError: The model cannot be loaded or failed; nothing was done.
            EmbeddingMismatchError: The store holds vectors of another model.
            MemoryStorageError: It could not be written; nothing was.
        """
        embedding = ItemEmbedding(self._resources.embedding, embedder)
        writes = await self._writes(operations, embedding)
        reads = [await self._read(one, embedding) for one in operations if not isinstance(one, PutItem | DeleteItem)]
        done = await self._resources.store.items.batch(
            namespace, reads, list(writes.values()), now=self._resources.clock(), model=embedding.model
        )
        answers = iter(done.answers)
        existed = dict(zip(writes, done.existed, strict=True))
        return [_given(one, answers, existed) for one in operations]

    async def expire(self, namespace: str | None) -> int:
        """Remove items whose time is over, of all namespaces with None; how many."""
        return await self._resources.store.items.expire(namespace, self._resources.clock())

    async def _writes(
        self, operations: Sequence[ItemOperation], embedding: ItemEmbedding
    ) -> Mapping[_Place, ItemWrite]:
        """The last write of each item, in the order of these."""
        last: dict[_Place, PutItem | DeleteItem] = {}
        for one in operations:
            if isinstance(one, PutItem | DeleteItem):
                place = (cast("ItemPath", one.path), one.key)
                last.pop(place, None)
                last[place] = one
        puts = [one for one in last.values() if isinstance(one, PutItem)]
        embedded = iter(await embedding.fields([(one.value, one.fields) for one in puts]))
        return {
            place: _new(one, embedding.name, *next(embedded)) if isinstance(one, PutItem) else ItemRemoval(*place)
            for place, one in last.items()
        }

    async def _read(self, operation: ItemOperation, embedding: ItemEmbedding) -> ItemRead:
        if isinstance(operation, GetItem):
            return ItemLookup(cast("ItemPath", operation.path), operation.key, operation.refresh)
        if isinstance(operation, ListItemPaths):
            return PathSearch(known_beginning(cast("Sequence[ItemPath]", operation.prefixes)))
        assert isinstance(operation, SearchItems)
        conditions = cast("Filter | None", operation.where)
        plain = partial(
            ItemSearch,
            prefix=cast("ItemPath", operation.prefix),
            limit=operation.limit,
            offset=operation.offset,
            fits=partial(fits, conditions) if conditions else None,
            refresh=operation.refresh,
        )
        if operation.query is None:
            return plain()
        vector = await embedding.query(operation.query)
        if vector is None:
            raise ValidationError(
                "cannot be searched by, as semantic search is switched off.",
                field="query",
                remedy="Set enable_semantic_search=True, or search with where alone.",
            )
        rank = partial(best_first, limit=operation.limit, offset=operation.offset)
        return plain(vector=vector, model=embedding.name, rank=rank)


def _new(put: PutItem, embedder: str | None, texts: int, vectors: Sequence[Any]) -> NewItem:
    return NewItem(
        path=cast("ItemPath", put.path),
        key=put.key,
        value=put.value,
        ttl=cast("float | None", put.ttl),
        fields=tuple(put.fields),
        texts=texts,
        embedder=embedder if put.fields else None,
        vectors=tuple(vectors),
    )


def _given(operation: ItemOperation, answers: Any, existed: Mapping[_Place, bool]) -> Any:
    """What an operation gives its caller."""
    if isinstance(operation, PutItem):
        return None
    if isinstance(operation, DeleteItem):
        return existed[cast("ItemPath", operation.path), operation.key]
    answer = next(answers)
    if isinstance(operation, GetItem):
        return None if answer is None else _item(answer)
    if isinstance(operation, ListItemPaths):
        return page_of(
            answer,
            prefixes=cast("Sequence[ItemPath]", operation.prefixes),
            suffixes=cast("Sequence[ItemPath]", operation.suffixes),
            max_depth=operation.max_depth,
            limit=operation.limit,
            offset=operation.offset,
        )
    return [_item(found.item, found.score) for found in answer]


def _item(stored: StoredItem, score: float | None = None) -> Item:
    return Item(
        path=stored.path,
        key=stored.key,
        value=dict(stored.value),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        expires_at=stored.expires_at,
        score=score,
    )
