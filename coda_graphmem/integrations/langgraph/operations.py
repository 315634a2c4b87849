"""LangGraph's operations as those of a memory, and what these give as LangGraph has it."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from langgraph.store.base import (
    GetOp,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    SearchItem,
    SearchOp,
    validate_op_namespace,
)

from coda_graphmem import models
from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.langgraph.index import Index
from coda_graphmem.models import DeleteItem, GetItem, ItemOperation, ListItemPaths, PutItem, SearchItems

#: What LangGraph's stores take as the key of a filter, here in any script.
_FILTER_KEY = re.compile(r"[\w.-]+")

_MINUTE = 60.0


def read_operations(ops: Iterable[Op], index: Index | None) -> list[ItemOperation]:
    """Operations as the memory does them.

    Args:
        ops: LangGraph's.
        index: How items are searched by meaning; None for not at all.

    Raises:
        InvalidNamespaceError: A label is not acceptable.
        ValidationError: Something else is not.
    """
    given = list(ops)
    for op in given:
        validate_op_namespace(op)
    return [_operation(op, index) for op in given]


def _operation(op: Op, index: Index | None) -> ItemOperation:
    if isinstance(op, GetOp):
        return GetItem(path=op.namespace, key=op.key, refresh=op.refresh_ttl)
    if isinstance(op, SearchOp):
        for key in op.filter or ():
            if not isinstance(key, str) or not _FILTER_KEY.fullmatch(key):
                raise ValidationError(
                    f"Invalid filter key: {key!r}.",
                    field="filter",
                    remedy="Keys consist of letters, digits, underscores, dots and hyphens.",
                )
        return SearchItems(
            prefix=op.namespace_prefix,
            # As in LangGraph's own stores, a query is passed over where nothing is searched by meaning.
            query=op.query if index is not None and op.query and op.query.strip() else None,
            where=op.filter or None,
            limit=op.limit,
            offset=op.offset,
            refresh=op.refresh_ttl,
        )
    if isinstance(op, ListNamespacesOp):
        paths: dict[str, list[Sequence[str]]] = {"prefix": [], "suffix": []}
        for condition in op.match_conditions or ():
            if condition.match_type not in paths:
                raise ValidationError(
                    f"{condition.match_type!r} is no way to match.", field="match_type", remedy="Use prefix or suffix."
                )
            paths[condition.match_type].append(condition.path)
        return ListItemPaths(
            prefixes=[path for path in paths["prefix"] if path],
            suffixes=[path for path in paths["suffix"] if path],
            max_depth=op.max_depth,
            limit=op.limit,
            offset=op.offset,
        )
    if not isinstance(op, PutOp):
        raise ValidationError(f"{type(op).__name__} is no operation.", field="ops", remedy="Pass LangGraph's.")
    if op.value is None:
        return DeleteItem(path=op.namespace, key=op.key)
    return PutItem(
        path=op.namespace,
        key=op.key,
        value=op.value,
        fields=_fields(op, index),
        ttl=None if op.ttl is None else _MINUTE * op.ttl,
    )


def _fields(op: PutOp, index: Index | None) -> Sequence[str]:
    if index is None or op.index is False:
        return ()
    return index.fields if op.index is None else op.index


def write_result(result: Any) -> Any:
    """What the memory gives for an operation as LangGraph has it."""
    if isinstance(result, bool):
        return None  # Of a removal.
    if isinstance(result, list):
        return [_found(one) if isinstance(one, models.Item) else one for one in result]
    return Item(**_plain(result)) if isinstance(result, models.Item) else result


def _found(item: models.Item) -> SearchItem:
    return SearchItem(**_plain(item), score=item.score)


def _plain(item: models.Item) -> dict[str, Any]:
    return {
        "namespace": item.path,
        "key": item.key,
        "value": item.value,
        "created_at": datetime.fromtimestamp(item.created_at, UTC),
        "updated_at": datetime.fromtimestamp(item.updated_at, UTC),
    }
