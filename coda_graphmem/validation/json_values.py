"""Rules of what JSON can hold."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pydantic_core import PydanticCustomError

from coda_graphmem.models import MetadataValue
from coda_graphmem.validation.limits import MAX_METADATA_LENGTH, MAX_NESTING, MAX_VALUE_LENGTH
from coda_graphmem.validation.numbers import plain_value
from coda_graphmem.validation.refusal import refusal
from coda_graphmem.validation.text import readable

_INT64 = 2**63


def metadata_of(value: object) -> dict[str, Any]:
    """A mapping that JSON can hold; the copy returned shares nothing with what was passed in."""
    return _copied(value, readable, MAX_METADATA_LENGTH)


def value_of(value: object) -> dict[str, Any]:
    """The same of an item, whose texts may hold anything: JSON escapes what no store takes."""
    return _copied(value, str, MAX_VALUE_LENGTH)


def _copied(value: object, check_text: Callable[[str], str], longest: int) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refusal(f"must be a mapping, not {type(value).__name__}.", "Pass a dictionary.")
    try:
        for key, item in _members(value, MAX_NESTING):
            if not isinstance(key, str):
                # JSON would turn it into text without a word.
                raise refusal(f"has the key {key!r}, which is no text.", "Use text keys.")
            check_text(key)
            if isinstance(item, str):
                check_text(item)
        written = json.dumps(value, allow_nan=False, ensure_ascii=False, default=_as_json)
    except PydanticCustomError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal(
            f"cannot be written as JSON ({error}).", "Use text, finite numbers, booleans, None, lists and dictionaries."
        ) from None
    if len(written) > longest:
        raise refusal(
            f"takes {len(written):,} characters as JSON, more than the {longest:,} allowed.",
            "Keep large data elsewhere and store a reference.",
        )
    copied: dict[str, Any] = json.loads(written)
    return copied


def _as_json(value: object) -> object:
    """What JSON has for a value that it does not know itself."""
    plain = plain_value(value)
    if plain is value and type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        plain = value.tolist()
    if isinstance(value, Enum):
        plain = value.value
    elif isinstance(value, Mapping):
        plain = dict(value)
    elif isinstance(value, date | datetime):
        plain = value.isoformat()
    elif isinstance(value, PurePath | UUID):
        plain = str(value)
    if plain is value:
        raise TypeError(f"{type(value).__name__} has no form in JSON")
    return plain


def _members(value: object, deep: int) -> Iterator[tuple[object, object]]:
    """All keys of nested mappings with their values, and all items of lists under an empty key.

    Raises:
        PydanticCustomError: There is more in one another than is allowed.
    """
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = (("", item) for item in value)
    for key, item in pairs:
        if not deep:
            raise refusal(
                f"is nested deeper than the {MAX_NESTING} levels allowed.", "Store it as text, or flatten it."
            )
        yield key, item
        yield from _members(item, deep - 1)


def comparable(value: dict[str, Any]) -> dict[str, Any]:
    """Values that stores can compare: no lists, no mappings, no number beyond 64 bits."""
    nested = next((key for key, item in value.items() if not isinstance(item, MetadataValue)), None)
    if nested is not None:
        raise refusal(
            f"the value of {nested!r} is a list or a dictionary, which cannot be compared.",
            "Filter by text, numbers, booleans or None.",
        )
    large = next((key for key, item in value.items() if isinstance(item, int) and not -_INT64 <= item < _INT64), None)
    if large is not None:
        raise refusal(
            f"the value of {large!r} is larger than any number of 64 bits, which cannot be compared.", "Compare texts."
        )
    return value
