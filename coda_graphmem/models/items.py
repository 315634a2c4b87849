"""Items: values kept under a key in a path of labels, and what can be asked of them.

An operation is what `MemoryManager.batch_items` takes. What its fields hold is checked there, not when it is made.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, SkipValidation

ItemPath = tuple[str, ...]
"""Where an item is, from the outermost label to the innermost: ``("users", "nora", "notes")``."""


class Item(BaseModel, frozen=True, defer_build=True):
    """A value kept under a key in a path of labels."""

    path: ItemPath
    key: str
    value: dict[str, Any]
    """What JSON can hold."""
    created_at: float
    """When the key was first written since it was last free (seconds since the Unix epoch, UTC)."""
    updated_at: float
    """When the value was written."""
    expires_at: float | None = None
    """When it ends, unless it is read before then; None for never."""
    score: float | None = None
    """Of a search by meaning: the cosine of the query and the nearest of its fields, in [-1, 1]; else None."""


class ItemOperation(BaseModel):
    """One part of a batch."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GetItem(ItemOperation):
    """Read an item. Gives the item, or None; see `MemoryManager.get_item`."""

    path: SkipValidation[Sequence[str]]
    key: SkipValidation[str]
    refresh: SkipValidation[bool] = True


class SearchItems(ItemOperation):
    """Look for items. Gives a list of them; see `MemoryManager.search_items`."""

    prefix: SkipValidation[Sequence[str]] = ()
    query: SkipValidation[str | None] = None
    where: SkipValidation[Mapping[str, Any] | None] = None
    limit: SkipValidation[int] = 10
    offset: SkipValidation[int] = 0
    refresh: SkipValidation[bool] = True


class ListItemPaths(ItemOperation):
    """List the paths in which there are items. Gives a list of tuples; see `MemoryManager.list_item_paths`."""

    prefixes: SkipValidation[Sequence[Sequence[str]]] = ()
    """Beginnings of a path, all of which it must have; the label ``*`` stands for any one label."""
    suffixes: SkipValidation[Sequence[Sequence[str]]] = ()
    """Ends of a path, likewise."""
    max_depth: SkipValidation[int | None] = None
    limit: SkipValidation[int] = 100
    offset: SkipValidation[int] = 0


class PutItem(ItemOperation):
    """Write an item. Gives None; see `MemoryManager.put_item`."""

    path: SkipValidation[Sequence[str]]
    key: SkipValidation[str]
    value: SkipValidation[Mapping[str, Any]]
    fields: SkipValidation[Sequence[str]] = ()
    ttl: SkipValidation[float | timedelta | None] = None


class DeleteItem(ItemOperation):
    """Remove an item. Gives whether it was there; see `MemoryManager.delete_item`."""

    path: SkipValidation[Sequence[str]]
    key: SkipValidation[str]
