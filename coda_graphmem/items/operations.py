"""Checks operations as callers make them."""

from collections.abc import Iterable, Mapping
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.items.filters import ItemFilter
from coda_graphmem.models.items import DeleteItem, GetItem, ItemOperation, ListItemPaths, PutItem, SearchItems
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.types import (
    Duration,
    Fields,
    Flag,
    ItemLimit,
    Key,
    Offset,
    Path,
    PathDepth,
    PathPrefix,
    Paths,
    QueryText,
    Value,
)

MAX_OPERATIONS = 10_000
"""Operations of one batch."""

_PLACE: Mapping[str, Any] = {"path": Path, "key": Key}
_PAGE: Mapping[str, Any] = {"limit": ItemLimit, "offset": Offset}

#: What the fields of each operation must be.
_TYPES: Mapping[type[ItemOperation], Mapping[str, Any]] = {
    GetItem: {**_PLACE, "refresh": Flag},
    SearchItems: {
        "prefix": PathPrefix, "query": QueryText | None, "where": ItemFilter | None, **_PAGE, "refresh": Flag,
    },
    ListItemPaths: {"prefixes": Paths, "suffixes": Paths, "max_depth": PathDepth | None, **_PAGE},
    PutItem: {**_PLACE, "value": Value, "fields": Fields, "ttl": Duration | None},
    DeleteItem: _PLACE,
}  # fmt: skip


def checked(operations: Iterable[ItemOperation]) -> list[ItemOperation]:
    """Operations with their fields as the service takes them.

    Raises:
        ValidationError: One is not acceptable; the error names it by its number.
    """
    if isinstance(operations, str | bytes | Mapping) or not isinstance(operations, Iterable):
        raise ValidationError(
            f"must be a list, not {type(operations).__name__}.", field="operations", remedy="Pass a list of operations."
        )
    found: list[ItemOperation] = []
    for number, operation in enumerate(operations):
        place = f"operations[{number}]"
        if number == MAX_OPERATIONS:
            raise ValidationError(
                f"has more than {MAX_OPERATIONS:,} operations.", field="operations", remedy="Make several batches."
            )
        types = _TYPES.get(type(operation))
        if types is None:
            raise ValidationError(
                f"{type(operation).__name__} is no operation.",
                field=place,
                remedy=f"Use one of {', '.join(kind.__name__ for kind in _TYPES)}.",
            )
        fields = {name: check(kind, getattr(operation, name), f"{place}.{name}") for name, kind in types.items()}
        found.append(operation.model_copy(update=fields))
    return found
