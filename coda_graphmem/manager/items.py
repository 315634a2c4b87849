"""Calls about items: values under keys in paths of labels."""

from collections.abc import Iterable
from typing import Any, cast

from coda_graphmem.boundary import operation
from coda_graphmem.embedding.embedder import Embedder
from coda_graphmem.errors import MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.items.filters import ItemFilter
from coda_graphmem.items.operations import checked
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import (
    DeleteItem,
    GetItem,
    Item,
    ItemOperation,
    ItemPath,
    ListItemPaths,
    PutItem,
    SearchItems,
)
from coda_graphmem.validation.checked import length_of
from coda_graphmem.validation.types import (
    Duration,
    Fields,
    ItemLimit,
    Key,
    Offset,
    Path,
    PathDepth,
    PathPrefix,
    QueryText,
    Value,
)


class Items(ManagerCore):
    """Keeps values under keys. They are no memories: nothing reads them, ranks them with memories or lets them fade."""

    @operation(MemoryStorageError)
    async def put_item(
        self, path: Path, key: Key, value: Value, *, fields: Fields = (), ttl: Duration | None = None
    ) -> None:
        """Keep a value under a key; one that is there is replaced, with its fields and its end.

        Args:
            path: Labels from the outermost to the innermost, such as ``("users", "nora")``: 1 to 50 of 1,000 characters
                together.
            key: Up to 1,000 characters.
            value: A mapping that JSON can hold, up to 10,000,000 characters as such.
            fields: Which of its fields are embedded, so that `search_items` finds it by meaning: ``$`` for all of it as
                JSON, or keys joined by dots, such as ``note.text``; ``[0]``, ``[*]`` and ``*`` stand for items and
                values, ``{a,b}`` for several keys. Fields that are not there are passed over.
            ttl: How long it is kept without being read (seconds or a `timedelta`); None for ever.
        """
        one = PutItem(path=path, key=key, value=value, fields=fields, ttl=length_of(ttl))
        await self._open.items.batch(self.namespace, [one])

    @operation(MemoryRetrievalError)
    async def get_item(self, path: Path, key: Key, *, refresh: bool = True) -> Item | None:
        """The item under a key; None where there is none, or its time is over.

        Args:
            path: Its path.
            key: Its key.
            refresh: Whether this lets its ``ttl`` begin anew.
        """
        [found] = await self._open.items.batch(self.namespace, [GetItem(path=path, key=key, refresh=refresh)])
        return cast("Item | None", found)

    @operation(MemoryStorageError)
    async def delete_item(self, path: Path, key: Key) -> bool:
        """Remove an item.

        Returns:
            False where there was none, or its time was over.
        """
        [existed] = await self._open.items.batch(self.namespace, [DeleteItem(path=path, key=key)])
        return bool(existed)

    @operation(MemoryRetrievalError)
    async def search_items(
        self,
        prefix: PathPrefix = (),
        query: QueryText | None = None,
        *,
        where: ItemFilter | None = None,
        limit: ItemLimit = 10,
        offset: Offset = 0,
        refresh: bool = True,
    ) -> list[Item]:
        """Items below a path: the nearest to a query, or without one those that were written last.

        Args:
            prefix: What their path begins with, label by label; empty for all.
            query: A question or some words. Only items with embedded fields are found then, each by the nearest of
                them, with the cosine as ``score``. All are compared, so that none is missed.
            where: What they hold: keys of the value (inner ones joined by dots) with values that must be equal, or with
                operators: ``{"kind": "note", "size": {"$gte": 3}}``. There are ``$eq``, ``$ne``, ``$gt``, ``$gte``,
                ``$lt`` and ``$lte``. Numbers compare with numbers and texts with texts, True is not 1, and what is not
                there equals None alone.
            limit: How many at most, 0 to 1,000,000.
            offset: How many are passed over.
            refresh: Whether this lets the ``ttl`` of those that are given begin anew.
        """
        one = SearchItems(prefix=prefix, query=query, where=where, limit=limit, offset=offset, refresh=refresh)
        [found] = await self._open.items.batch(self.namespace, [one])
        return cast("list[Item]", found)

    @operation(MemoryRetrievalError)
    async def list_item_paths(
        self,
        prefix: PathPrefix = (),
        *,
        suffix: PathPrefix = (),
        max_depth: PathDepth | None = None,
        limit: ItemLimit = 100,
        offset: Offset = 0,
    ) -> list[ItemPath]:
        """The paths in which there are items, in order.

        Args:
            prefix: What they begin with, label by label; the label ``*`` stands for any one.
            suffix: What they end with, likewise.
            max_depth: How many labels of each are given, 1 to 50; paths that are the same then are given once.
            limit: How many at most, 0 to 1,000,000.
            offset: How many are passed over.
        """
        given = {name: [one] if one else [] for name, one in (("prefixes", prefix), ("suffixes", suffix))}
        one = ListItemPaths(**given, max_depth=max_depth, limit=limit, offset=offset)
        [found] = await self._open.items.batch(self.namespace, [one])
        return cast("list[ItemPath]", found)

    @operation(MemoryStorageError)
    async def expire_items(self) -> int:
        """Remove the items whose time is over, which nothing finds any more. The job ``expire`` does so too.

        Returns:
            How many there were.
        """
        return await self._open.items.expire(self.namespace)

    @operation(MemoryStorageError)
    async def batch_items(self, operations: Iterable[ItemOperation], *, embedder: Embedder | None = None) -> list[Any]:
        """Do several operations at once, all or none.

        Whatever their order, all that read (`GetItem`, `SearchItems`, `ListItemPaths`) see what was there before the
        writes of the batch (`PutItem`, `DeleteItem`); of several writes of one item the last counts.

        Args:
            operations: Up to 10,000.
            embedder: Embeds fields and queries instead of the memory's model. Its vectors are kept under its name, and
                only compared with one another; `reembed` leaves them alone.

        Returns:
            What each operation gives, in order: an item or None, a list of items, a list of paths, None for what was
            put, and whether what is removed was there.

        Raises:
            ValidationError: One is not acceptable, and is named by its number. Nothing was done.
        """
        if embedder is not None and not callable(getattr(embedder, "embed", None)):
            raise ValidationError(
                f"{type(embedder).__name__} will not do.", field="embedder", remedy="Pass an Embedder."
            )
        return await self._open.items.batch(self.namespace, checked(operations), embedder)
