"""Keeps items: values under a key in a path of labels, with vectors of their fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.models.items import ItemPath
from coda_graphmem.store.protocol.vectors import Vector

#: Says whether a value is meant.
Fits = Callable[[Mapping[str, Any]], bool]

#: Takes the positions of items, one a vector, and the cosines of these with a query; gives positions and scores of the
#: items that are asked for, in their order.
Rank = Callable[[NDArray[np.int64], NDArray[np.float64]], Sequence[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that is to be written."""

    path: ItemPath
    key: str
    value: Mapping[str, Any]
    ttl: float | None = None
    """Seconds it is kept without being read; None for ever."""
    fields: tuple[str, ...] = ()
    """Of which fields it has vectors."""
    texts: int = 0
    """How many vectors these make, whether they are there yet or not."""
    embedder: str | None = None
    """The model they come from, where that is not the store's."""
    vectors: tuple[Vector, ...] = ()
    """All of them, or none where there is no model."""


@dataclass(frozen=True, slots=True)
class StoredItem(NewItem):
    """An item with all that a store keeps of it."""

    created_at: float = 0.0
    updated_at: float = 0.0
    expires_at: float | None = None
    position: int = 0
    """Its place in the order in which items were written last. Each write gives an item a new one."""


class Found(NamedTuple):
    """An item of a search."""

    item: StoredItem
    score: float | None


@dataclass(frozen=True, slots=True)
class ItemLookup:
    """Asks for an item by path and key: a `StoredItem`, or None."""

    path: ItemPath
    key: str
    refresh: bool = True
    """Whether its end is put off, where it has one."""


@dataclass(frozen=True, slots=True)
class ItemSearch:
    """Asks for items whose path begins with a prefix: a list of `Found`.

    Those last written come first, unless they are ranked by a vector; then only items that have one are found.
    """

    prefix: ItemPath
    limit: int
    offset: int = 0
    fits: Fits | None = None
    """None for all. What does not fit counts neither for the limit nor for the offset."""
    refresh: bool = True
    vector: Vector | None = None
    model: str | None = None
    """Where the vector comes from, and with whose vectors it is compared; None for the store's own model."""
    rank: Rank | None = None
    """Goes with a vector, and does what limit and offset say."""


@dataclass(frozen=True, slots=True)
class PathSearch:
    """Asks for the paths that begin with a prefix and hold an item: a list of paths, in any order."""

    prefix: ItemPath


@dataclass(frozen=True, slots=True)
class ItemRemoval:
    """Removes an item; whether it was there."""

    path: ItemPath
    key: str


ItemRead = ItemLookup | ItemSearch | PathSearch
ItemWrite = NewItem | ItemRemoval


class Batch(NamedTuple):
    """What a batch did."""

    answers: list[Any]
    """One a read, as it says."""
    existed: list[bool]
    """One a write: whether the item was there before."""


@dataclass(frozen=True, slots=True)
class PendingItem:
    """An item without vectors of a model, though it is to have some."""

    namespace: str
    position: int
    value: Mapping[str, Any]
    fields: tuple[str, ...]


class Items(Protocol):
    """Keeps items. One whose time is over is not there any more, whether it was removed yet or not."""

    async def batch(
        self,
        namespace: str,
        reads: Sequence[ItemRead],
        writes: Sequence[ItemWrite],
        *,
        now: float,
        model: str | None = None,
    ) -> Batch:
        """Read and write items, all or nothing: what is read is the state before the first write.

        Args:
            namespace: Theirs.
            reads: In any number; ends that are put off are so before the first write.
            writes: At most one of each item.
            now: The time of all of it.
            model: Where vectors come from that are the store's own; bound with the first of them.

        Raises:
            EmbeddingMismatchError: The store holds vectors of another model.
            MemoryStorageError: It could not be written; nothing was.
        """

    async def expire(self, namespace: str | None, now: float) -> int:
        """Remove items whose time is over, of all namespaces with None; how many."""

    async def revision(self, namespace: str) -> int:
        """Grows with every write of an item, and with no reading; 0 where there never was one."""

    async def export_items(self, namespace: str, *, after: int, limit: int) -> list[StoredItem]:
        """Up to ``limit`` items whose position is above ``after``, in that order, expired ones included."""

    async def import_items(self, namespace: str, rows: Sequence[StoredItem]) -> int:
        """Keep items exactly as they are, but for their positions, all or none; how many were kept.

        One whose path and key exist is passed over. Vectors that are the store's own have to be of its model.
        """

    async def pending_items(self, model: str, limit: int) -> list[PendingItem]:
        """Up to ``limit`` items of any namespace that lack vectors of this model and have the store's own ones."""

    async def save_item_vectors(self, model: str, rows: Sequence[tuple[str, int, Sequence[Vector]]]) -> int:
        """Keep all vectors of items: (namespace, position, vectors); how many items were still there.

        Vectors of other models stay beside them until `Vectors.finish_reembed`.
        """
