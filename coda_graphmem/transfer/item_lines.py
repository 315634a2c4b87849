"""Items as lines of JSON, and back; see `coda_graphmem.transfer.lines`."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ConfigDict, Field

from coda_graphmem.store.protocol import StoredItem, Vector
from coda_graphmem.texts import escape_surrogates
from coda_graphmem.transfer.line_values import Values
from coda_graphmem.validation.types import Fields, Id, Key, Offset, Path, Positive, Seconds, Value

#: Fields of an item that are left out where they say nothing.
_SPARE = ("expires_at", "ttl", "fields", "texts", "embedder")


class ItemValues(Values):
    """What stands on the line of an item."""

    model_config = ConfigDict(extra="forbid")

    item: Key
    path: Path
    value: Value
    created_at: Seconds
    updated_at: Seconds
    expires_at: Seconds | None = None
    ttl: Positive | None = None
    fields_: Fields = Field(default=(), alias="fields")
    texts: Offset = 0
    embedder: Id | None = None
    vectors: Sequence[str] = ()


def item_line(item: StoredItem, write: Callable[[dict[str, Any]], str], vector: Callable[[Vector], str]) -> str:
    """The line of an item.

    Args:
        item: The item. Vectors that are not to be written are left out of it.
        write: Makes a line of values.
        vector: Writes a vector.
    """
    values: dict[str, Any] = {
        "item": item.key,
        "path": item.path,
        "value": item.value,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }
    values |= {name: value for name in _SPARE if (value := getattr(item, name))}
    if item.vectors:
        values["vectors"] = [vector(one) for one in item.vectors]
    return escape_surrogates(write(values))


def item_of(values: dict[str, Any], vector: Callable[[str, bool], Vector]) -> StoredItem:
    """The item that a line says.

    Args:
        values: What stands on it.
        vector: Reads a vector, given whether it is of the model that the header names.

    Raises:
        pydantic.ValidationError: A value is not acceptable.
    """
    line = ItemValues.model_validate(values)
    return StoredItem(
        path=tuple(line.path),
        key=line.item,
        value=line.value,
        ttl=line.ttl,
        fields=tuple(line.fields_),
        texts=line.texts,
        embedder=line.embedder,
        vectors=tuple(vector(one, line.embedder is None) for one in line.vectors),
        created_at=line.created_at,
        updated_at=line.updated_at,
        expires_at=line.expires_at,
    )
