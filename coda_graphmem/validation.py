"""Types of arguments: what each must be, and the one place that turns what does not fit into our own error.

The façade declares its arguments by these types, and `Arguments` checks them before a call. `check` does the same for
one value that comes from elsewhere, such as a line of a file.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache, cached_property
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pydantic
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, Strict, TypeAdapter
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

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
LARGEST = 2**53
"""Whole numbers up to this are the same in JSON, in SQLite and in Neo4j."""

# Year 1 to year 9999, what a date can be written as everywhere.
_MIN_TIME, _MAX_TIME = -62_135_596_800.0, 253_402_300_799.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SURROGATES = ("holds a lone surrogate, which is no text.", "Decode the source with errors='replace'.")


def refusal(message: str, remedy: str) -> PydanticCustomError:
    """What a type raises for a value that does not fit: what is wrong with it, and what to do about it."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


# ---------------------------------------------------------------------- rules that pydantic has no name for


def _readable(value: str) -> str:
    """What every store can keep as it is."""
    if "\x00" in value:
        raise refusal("holds a NUL character.", "Remove it.")
    if _SURROGATE.search(value):
        raise refusal(*_SURROGATES)
    return value


def _saying_something(value: str) -> str:
    if not value.strip():
        raise refusal("is empty.", "Pass a text that says something.")
    return _readable(value)


def _on_one_line(value: str) -> str:
    if not value.strip():
        raise refusal("is empty.", f"Pass 1 to {MAX_ID_LENGTH} characters.")
    if _CONTROL.search(value):
        raise refusal("holds a control character.", "Use printable characters.")
    return _readable(value)


def _listed(value: object) -> object:
    """What holds several, as a list: text would be taken for its characters."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise refusal(f"must be a list, not {type(value).__name__}.", "Pass a list.")
    return list(value)


def _each_once(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _not_empty(values: Sequence[Any]) -> Sequence[Any]:
    if not values:
        raise refusal("is empty, so nothing could match.", "Name at least one, or None for all.")
    return values


def _choices(kind: type[MemoryType] | type[LinkKind]) -> Callable[[object], tuple[Any, ...]]:
    """Values of an enumeration, or their texts, each once. An error names the argument and not its item."""

    def chosen(values: object) -> tuple[Any, ...]:
        try:
            return tuple(dict.fromkeys(kind(item) for item in _not_empty(_listed(values))))  # type: ignore[arg-type]
        except ValueError as error:
            if isinstance(error, PydanticCustomError):
                raise
            known = ", ".join(item.value for item in kind)
            raise refusal(f"{error}.", f"Use some of {known}.") from None

    return chosen


def _json(value: object) -> dict[str, Any]:
    """A mapping that JSON can hold; the copy returned shares nothing with what was passed in."""
    if not isinstance(value, Mapping):
        raise refusal(f"must be a mapping, not {type(value).__name__}.", "Pass a dictionary.")
    try:
        for key, item in _members(value):
            if not isinstance(key, str):
                # JSON would turn it into text without a word.
                raise refusal(f"has the key {key!r}, which is no text.", "Use text keys.")
            _readable(key)
            if isinstance(item, str):
                _readable(item)
        written = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except PydanticCustomError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal(
            f"cannot be written as JSON ({error}).", "Use text, finite numbers, booleans, None, lists and dictionaries."
        ) from None
    if len(written) > MAX_METADATA_LENGTH:
        raise refusal(
            f"takes {len(written):,} characters as JSON, more than the {MAX_METADATA_LENGTH:,} allowed.",
            "Keep large data elsewhere and store a reference.",
        )
    copied: dict[str, Any] = json.loads(written)
    return copied


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


def _comparable(value: dict[str, Any]) -> dict[str, Any]:
    nested = next((key for key, item in value.items() if not isinstance(item, MetadataValue)), None)
    if nested is not None:
        raise refusal(
            f"the value of {nested!r} is a list or a dictionary, which cannot be compared.",
            "Filter by text, numbers, booleans or None.",
        )
    return value


# ---------------------------------------------------------------------- types

Flag = Annotated[bool, Strict()]
"""True or False, nothing that is merely truthy."""
Content = Annotated[str, Strict(), Field(max_length=MAX_CONTENT_LENGTH), AfterValidator(_saying_something)]
"""The text of a memory: something that every store can keep as it is."""
QueryText = Annotated[str, Strict(), Field(max_length=MAX_QUERY_LENGTH), AfterValidator(_saying_something)]
"""A question or some words."""
QueryTexts = Annotated[Sequence[QueryText], BeforeValidator(_listed), Field(min_length=1)]
Id = Annotated[str, Strict(), Field(max_length=MAX_ID_LENGTH), AfterValidator(_on_one_line)]
"""An id of a memory, a conversation or a run: one line, no control characters."""
Ids = Annotated[
    Sequence[Id], BeforeValidator(_listed), Field(max_length=MAX_LIMIT), AfterValidator(_each_once)
]
Namespace = Annotated[str, Strict(), Field(max_length=MAX_NAMESPACE_LENGTH), AfterValidator(_on_one_line)]
"""The name of a tenant."""
Namespaces = Annotated[
    Sequence[Namespace], BeforeValidator(_listed), Field(min_length=1), AfterValidator(_each_once)
]
Kind = Annotated[MemoryType, Field()]
"""A `MemoryType`, or its value as text."""
Kinds = Annotated[Sequence[MemoryType], PlainValidator(_choices(MemoryType))]
LinkKinds = Annotated[Sequence[LinkKind], PlainValidator(_choices(LinkKind))]
Metadata = Annotated[Mapping[str, Any], PlainValidator(_json)]
"""A mapping that JSON can hold."""
MetadataFilter = Annotated[Mapping[str, MetadataValue], PlainValidator(lambda value: _comparable(_json(value)))]
"""Values to compare metadata with."""
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Unit = Annotated[Number, Field(ge=0, le=1)]
"""A number in [0, 1]."""
Fraction = Annotated[Number, Field(gt=0, le=1)]
"""A number above 0 and at most 1."""
Positive = Annotated[Number, Field(gt=0)]
"""A finite number above 0."""
Seconds = Annotated[Number, Field(ge=_MIN_TIME, le=_MAX_TIME)]
"""A time in seconds since the Unix epoch, UTC, of the years 1 to 9999."""
Weights = Annotated[Sequence[Annotated[Number, Field(ge=0)]], BeforeValidator(_listed)]
Limit = Annotated[int, Strict(), Field(ge=1, le=MAX_LIMIT)]
"""How many memories to return at most."""
Offset = Annotated[int, Strict(), Field(ge=0, le=LARGEST)]
"""How many to pass over, or a count."""
Depth = Annotated[int, Strict(), Field(ge=0, le=MAX_DEPTH)]
"""Steps of a walk."""
QueueSize = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]


# ---------------------------------------------------------------------- checking


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """What checks values of a type; made when it is first needed, and once."""
    return TypeAdapter(kind)


def check(kind: Any, value: object, field: str) -> Any:
    """A value that fits a type of this module.

    Args:
        kind: Such as `Id`.
        value: What came from outside.
        field: What an error calls it.

    Raises:
        ValidationError: It does not fit.
    """
    try:
        return adapter(kind).validate_python(value)
    except pydantic.ValidationError as error:
        raise translate(error, field) from None


class Arguments:
    """The arguments of a method, checked by the types of this module that its signature declares.

    Arguments of other types are passed on as they are, and so are defaults.

    Args:
        method: A method; its annotations are read when it is first called.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self._signature = inspect.signature(method)

    @cached_property
    def _types(self) -> dict[str, Any]:
        own = {name: kind for name, kind in self._method.__annotations__.items() if name != "return"}
        holder = type("Holder", (), {"__annotations__": own})
        hints = get_type_hints(holder, globalns=self._method.__globals__, include_extras=True)
        return {name: kind for name, kind in hints.items() if _is_declared(kind)}

    @cached_property
    def _adapter(self) -> TypeAdapter[dict[str, Any]]:
        checked = TypedDict("checked", self._types, total=False)  # type: ignore[operator]
        return TypeAdapter(checked, config=ConfigDict(arbitrary_types_allowed=True))

    def checked(self, *args: Any, **kwargs: Any) -> inspect.BoundArguments:
        """The arguments as the method shall get them.

        Raises:
            TypeError: One is missing or unknown, as without a check.
            ValidationError: One does not fit; the error names it.
        """
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self._method.__name__}() {error}") from None
        given = {name: value for name, value in bound.arguments.items() if name in self._types}
        if given:
            try:
                bound.arguments.update(self._adapter.validate_python(given))
            except pydantic.ValidationError as error:
                raise translate(error) from None
        return bound


def _is_declared(kind: Any) -> bool:
    return get_origin(kind) is Annotated or any(_is_declared(part) for part in get_args(kind))


def translate(error: pydantic.ValidationError, field: str = "") -> ValidationError:
    """The first thing that pydantic found, as our error.

    Args:
        error: What pydantic raised.
        field: What stands before the place of the fault in what was checked.
    """
    [first, *_] = error.errors(include_url=False)
    place = field
    for part in first["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    message, remedy = _explained(first, place)
    return ValidationError(message, field=place or None, remedy=remedy)


_EXPECTED = {
    "string_type": ("a string", "Pass text."),
    "bool_type": ("True or False", "Pass a boolean."),
    "int_type": ("a whole number", "Pass a whole number."),
    "float_type": ("a number", "Pass a number."),
    "callable_type": ("a function", "Pass a function or a method."),
    "dict_type": ("a mapping", "Pass a dictionary."),
    "model_type": ("a mapping", "Pass a dictionary."),
}
_BOUNDS = {
    "greater_than": ("gt", "not above"),
    "greater_than_equal": ("ge", "below"),
    "less_than_equal": ("le", "above"),
}


def _explained(fault: ErrorDetails, field: str) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    kind, given, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "refused":
        return context["message"], context["remedy"]
    if kind in _EXPECTED:
        expected, remedy = _EXPECTED[kind]
        return f"must be {expected}, not {type(given).__name__}.", remedy
    if kind in _BOUNDS:
        key, relation = _BOUNDS[kind]
        bound = f"{context[key]:.15g}"
        side = {"gt": "a number above", "ge": "at least", "le": "at most"}[key]
        return f"{given} is {relation} {bound}.", f"Pass {side} {bound}."
    if kind in ("enum", "literal_error"):
        return f"{given!r} is not one of the choices.", f"Use one of {context['expected']}."
    if kind == "string_unicode":
        return _SURROGATES
    if kind == "finite_number":
        return f"{given} is not a finite number.", "Pass a finite number."
    if kind == "string_too_long":
        remedy = "Split it into several memories." if field.endswith("content") else "Shorten it."
        return f"has {len(given):,} characters, more than the {context['max_length']:,} allowed.", remedy
    if kind == "too_long":
        return f"has {len(given):,} items, more than the {context['max_length']:,} allowed.", "Ask in parts."
    if kind == "too_short":
        return "is empty.", "Pass at least one."
    if kind == "missing":
        return "is missing.", "Give it."
    return f"{fault['msg']}.", "See the documentation of the call."


# ---------------------------------------------------------------------- what arguments make together


def make_filter(*, since: float | None = None, until: float | None = None, **conditions: Any) -> MemoryFilter:
    """The filter of a call's checked arguments; ``conditions`` are other fields of `MemoryFilter`.

    Raises:
        ValidationError: The time range is empty.
    """
    if since is not None and until is not None and since >= until:
        raise ValidationError("is not before until.", field="since", remedy="Pass a time range that is not empty.")
    metadata = conditions.pop("metadata", None) or {}
    return MemoryFilter(since=since, until=until, metadata=metadata, **conditions)


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
