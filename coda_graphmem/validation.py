"""Checks of what callers pass in: each returns the clean value or raises an error that says what to do."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, get_args

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import LinkKind, MemoryFilter, MemoryType, MetadataValue

MAX_CONTENT_LENGTH = 1_000_000
"""Characters of one memory."""
MAX_QUERY_LENGTH = 10_000
"""Characters of one query."""
MAX_ID_LENGTH = 512
"""Characters of an id of a memory or a conversation."""
MAX_NAMESPACE_LENGTH = 200
MAX_METADATA_LENGTH = 100_000
"""Characters of metadata written as JSON."""
MAX_LIMIT = 10_000
"""Memories one call returns at most; pages reach the rest."""
MAX_DEPTH = 4
"""Steps a walk goes at most."""

# Year 1 to year 9999, what a date can be written as everywhere.
MIN_TIME, MAX_TIME = -62_135_596_800.0, 253_402_300_799.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def check_text(value: object, field: str, *, limit: int = MAX_CONTENT_LENGTH) -> str:
    """A text with something in it that every store can keep as it is."""
    if not isinstance(value, str):
        raise ValidationError(f"must be a string, not {type(value).__name__}.", field=field, remedy="Pass text.")
    if not value.strip():
        raise ValidationError("is empty.", field=field, remedy="Pass a text that says something.")
    if len(value) > limit:
        raise ValidationError(
            f"has {len(value):,} characters, more than the {limit:,} allowed.",
            field=field,
            remedy="Split it into several memories." if field.endswith("content") else "Shorten it.",
        )
    _check_characters(value, field)
    return value


def check_id(value: object, field: str) -> str:
    """An id: one line, no control characters."""
    if not isinstance(value, str):
        raise ValidationError(f"must be a string, not {type(value).__name__}.", field=field, remedy="Pass a text id.")
    if not value.strip() or len(value) > MAX_ID_LENGTH:
        raise ValidationError(
            "is empty." if not value.strip() else f"has more than {MAX_ID_LENGTH} characters.",
            field=field,
            remedy=f"Pass 1 to {MAX_ID_LENGTH} characters.",
        )
    if _CONTROL.search(value):
        raise ValidationError("holds a control character.", field=field, remedy="Use printable characters.")
    _check_characters(value, field)
    return value


def check_optional_id(value: object, field: str) -> str | None:
    """An id, or None."""
    return None if value is None else check_id(value, field)


def check_ids(values: object, field: str) -> list[str]:
    """A list of ids, each once, at most `MAX_LIMIT`."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValidationError("must be a list of ids.", field=field, remedy="Pass a list.")
    ids = list(dict.fromkeys(check_id(value, f"{field}[{i}]") for i, value in enumerate(values)))
    if len(ids) > MAX_LIMIT:
        raise ValidationError(
            f"has {len(ids):,} ids, more than the {MAX_LIMIT:,} allowed.", field=field, remedy="Ask in parts."
        )
    return ids


def check_namespace(value: object, field: str = "namespace") -> str:
    """The name of a tenant."""
    name = check_id(value, field)
    if len(name) > MAX_NAMESPACE_LENGTH:
        raise ValidationError(f"has more than {MAX_NAMESPACE_LENGTH} characters.", field=field, remedy="Shorten it.")
    return name


def check_namespaces(value: object, field: str = "namespaces") -> tuple[str, ...] | None:
    """Names of tenants, each once, or None for all."""
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ValidationError(
            "must be a list of one name or more.", field=field, remedy="Pass a list, or None for all namespaces."
        )
    return tuple(dict.fromkeys(check_namespace(name, f"{field}[{i}]") for i, name in enumerate(value)))


def check_memory_type(value: object, field: str = "memory_type") -> MemoryType:
    """A `MemoryType`, or its value as text."""
    try:
        return MemoryType(value)
    except ValueError:
        known = ", ".join(t.value for t in MemoryType)
        raise ValidationError(f"{value!r} is not a memory type.", field=field, remedy=f"Use one of {known}.") from None


def check_memory_types(value: object, field: str = "memory_types") -> tuple[MemoryType, ...] | None:
    """Types to search in, or None for all."""
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValidationError("must be a list of memory types.", field=field, remedy="Pass a list, or None for all.")
    types = tuple(dict.fromkeys(check_memory_type(item, field) for item in value))
    if not types:
        raise ValidationError("is empty, so nothing could match.", field=field, remedy="Pass None for all types.")
    return types


def check_link_kinds(value: object, field: str = "kinds") -> tuple[LinkKind, ...] | None:
    """Kinds of links, or their values as text; None for all."""
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValidationError("must be a list of kinds of links.", field=field, remedy="Pass a list, or None for all.")
    try:
        return tuple(LinkKind(item) for item in value)
    except ValueError as error:
        known = ", ".join(kind.value for kind in LinkKind)
        raise ValidationError(
            f"is not a kind of link ({error}).", field=field, remedy=f"Use some of {known}."
        ) from None


def check_unit(value: object, field: str) -> float:
    """A number in [0, 1]."""
    number = _number(value, field)
    if not 0.0 <= number <= 1.0:
        raise ValidationError(f"{number} is outside 0 to 1.", field=field, remedy="Pass a number from 0 to 1.")
    return number


def check_optional_unit(value: object, field: str) -> float | None:
    """A number in [0, 1], or None."""
    return None if value is None else check_unit(value, field)


def check_fraction(value: object, field: str) -> float:
    """A number above 0 and at most 1."""
    number = _number(value, field)
    if not 0.0 < number <= 1.0:
        raise ValidationError(f"{number} is not above 0 and at most 1.", field=field, remedy="Pass such a number.")
    return number


def check_time(value: object, field: str) -> float:
    """A time in seconds since the Unix epoch."""
    number = _number(value, field)
    if not MIN_TIME <= number <= MAX_TIME:
        raise ValidationError(
            f"{number} is not a time between the years 1 and 9999.",
            field=field,
            remedy="Pass seconds since 1970-01-01 UTC, such as time.time() gives.",
        )
    return number


def check_optional_time(value: object, field: str) -> float | None:
    """A time in seconds since the Unix epoch, or None."""
    return None if value is None else check_time(value, field)


def parse_time(value: str | float, *, zone: tzinfo | None = UTC) -> float:
    """Seconds since the Unix epoch from such seconds or an ISO 8601 date or time.

    Args:
        value: Seconds, or text such as ``2026-03-02T19:12:00+01:00`` or ``2026-03-02``.
        zone: What a time without a zone is in; None for the zone of this machine.

    Raises:
        ValidationError: It is neither.
    """
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValidationError(
            f"{value!r} is not a time.",
            field="timestamp",
            remedy="Use ISO 8601 such as 2026-03-02T19:12:00+01:00, or seconds since 1970.",
        ) from None


def check_positive(value: object, field: str) -> float:
    """A finite number above 0."""
    number = _number(value, field)
    if number <= 0:
        raise ValidationError(f"{number} is not above 0.", field=field, remedy="Pass a positive number.")
    return number


def check_integer(value: object, field: str, *, low: int, high: int) -> int:
    """A whole number in a range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(
            f"must be a whole number, not {type(value).__name__}.", field=field, remedy=f"Pass {low} to {high}."
        )
    if not low <= value <= high:
        raise ValidationError(f"{value} is outside {low} to {high}.", field=field, remedy=f"Pass {low} to {high}.")
    return value


def check_limit(value: object, field: str = "limit") -> int:
    """How many memories to return at most."""
    return check_integer(value, field, low=1, high=MAX_LIMIT)


def check_choice(value: object, field: str, choices: Any) -> Any:
    """One of the values of a ``Literal`` type."""
    known = get_args(choices)
    if value not in known:
        raise ValidationError(
            f"{value!r} is not one of the choices.", field=field, remedy=f"Use one of {', '.join(known)}."
        )
    return value


def check_flag(value: object, field: str) -> bool:
    """True or False, nothing that is merely truthy."""
    if not isinstance(value, bool):
        raise ValidationError(
            f"must be True or False, not {type(value).__name__}.", field=field, remedy="Pass a boolean."
        )
    return value


def check_callable(value: object, field: str) -> Callable[..., Any]:
    """Something that can be called."""
    if not callable(value):
        raise ValidationError(
            f"must be a function, not {type(value).__name__}.", field=field, remedy="Pass a function or a method."
        )
    return value


def check_metadata(value: object, field: str = "metadata") -> dict[str, Any]:
    """A mapping that JSON can hold; the copy returned shares nothing with what was passed in."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValidationError(
            f"must be a mapping, not {type(value).__name__}.", field=field, remedy="Pass a dictionary."
        )
    try:
        for key, item in _members(value):
            if not isinstance(key, str):
                # JSON would turn it into text without a word.
                raise ValidationError(f"has the key {key!r}, which is no text.", field=field, remedy="Use text keys.")
            _check_characters(key, field)
            if isinstance(item, str):
                _check_characters(item, field)
        written = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValidationError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError(
            f"cannot be written as JSON ({error}).",
            field=field,
            remedy="Use text, finite numbers, booleans, None, lists and dictionaries.",
        ) from None
    if len(written) > MAX_METADATA_LENGTH:
        raise ValidationError(
            f"takes {len(written):,} characters as JSON, more than the {MAX_METADATA_LENGTH:,} allowed.",
            field=field,
            remedy="Keep large data elsewhere and store a reference.",
        )
    result: dict[str, Any] = json.loads(written)
    return result


def check_filter(
    *,
    memory_types: object = None,
    min_importance: object = None,
    max_importance: object = None,
    since: object = None,
    until: object = None,
    conversation_id: object = None,
    metadata: object = None,
    **states: Any,
) -> MemoryFilter:
    """Build a filter from a call's arguments; ``states`` are `MemoryFilter.lifetime` and ``archived``."""
    equal = check_metadata(metadata)
    nested = next((key for key, item in equal.items() if not isinstance(item, MetadataValue)), None)
    if nested is not None:
        raise ValidationError(
            f"the value of {nested!r} is a list or a dictionary, which cannot be compared.",
            field="metadata",
            remedy="Filter by text, numbers, booleans or None.",
        )
    low, high = check_optional_time(since, "since"), check_optional_time(until, "until")
    if low is not None and high is not None and low >= high:
        raise ValidationError("is not before until.", field="since", remedy="Pass a time range that is not empty.")
    return MemoryFilter(
        memory_types=check_memory_types(memory_types),
        min_importance=check_optional_unit(min_importance, "min_importance"),
        max_importance=check_optional_unit(max_importance, "max_importance"),
        since=low,
        until=high,
        conversation_id=check_optional_id(conversation_id, "conversation_id"),
        metadata=equal,
        **states,
    )


def check_texts(values: object, field: str) -> list[str]:
    """A non-empty list of queries."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValidationError("must be a list of texts.", field=field, remedy="Pass a list of queries.")
    if not values:
        raise ValidationError("is empty.", field=field, remedy="Pass at least one query.")
    return [check_text(value, f"{field}[{i}]", limit=MAX_QUERY_LENGTH) for i, value in enumerate(values)]


def check_weights(values: object, count: int, field: str = "weights") -> list[float] | None:
    """One weight a query, none negative, not all zero; or None."""
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) != count:
        raise ValidationError("must be one number a query.", field=field, remedy=f"Pass {count} numbers.")
    numbers = [_number(value, f"{field}[{i}]") for i, value in enumerate(values)]
    if min(numbers) < 0 or sum(numbers) == 0:
        raise ValidationError("must not be negative nor all zero.", field=field, remedy="Pass positive numbers.")
    return numbers


def _number(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValidationError(f"must be a number, not {type(value).__name__}.", field=field, remedy="Pass a number.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValidationError(f"{number} is not a finite number.", field=field, remedy="Pass a finite number.")
    return number


def _members(value: object) -> Iterator[tuple[object, object]]:
    """All keys of nested mappings with their values, and all items of lists under an empty key."""
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = (("", item) for item in value)
    for key, item in pairs:
        yield key, item
        yield from _members(item)


def _check_characters(value: str, field: str) -> None:
    if "\x00" in value:
        raise ValidationError("holds a NUL character.", field=field, remedy="Remove it.")
    if _SURROGATE.search(value):
        raise ValidationError(
            "holds a lone surrogate, which is no text.",
            field=field,
            remedy="Decode the source with errors='replace'.",
        )
