"""Types of arguments: what each must be, and the one place that turns what does not fit into our own error.

The façade declares its arguments by these types, and `Arguments` checks them before a call. `check` does the same for
one value that comes from elsewhere, such as a line of a file.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from datetime import UTC, datetime, tzinfo
from functools import cache, cached_property
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pydantic
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, Strict, TypeAdapter
from pydantic_core import ErrorDetails, PydanticCustomError

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import LinkKind, MemoryEvent, MemoryFilter, MemoryType, MetadataValue

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
MAX_GROUP = 50
"""Memories that are merged or kept apart in one call: every two of them are compared."""
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
    if not value.isascii() and _SURROGATE.search(value):
        raise refusal(*_SURROGATES)
    return value


def _saying_something(value: str) -> str:
    if not value.strip():
        raise refusal("is empty.", "Pass a text that says something.")
    return _readable(value)


def _short_enough(value: str) -> str:
    if len(value) > MAX_CONTENT_LENGTH:
        raise refusal(
            f"has {len(value):,} characters, more than the {MAX_CONTENT_LENGTH:,} allowed.",
            "Split it into several memories.",
        )
    return value


def _on_one_line(value: str) -> str:
    if value.isascii() and value.isprintable() and value.strip():
        return value  # as nearly all are
    if not value.strip():
        raise refusal("is empty.", f"Pass 1 to {MAX_ID_LENGTH} characters.")
    if _CONTROL.search(value):
        raise refusal("holds a control character.", "Use printable characters.")
    return _readable(value)


def _listed(value: object) -> object:
    """What holds several in an order, as a list: text would be taken for its characters."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise refusal(f"must be a list, not {type(value).__name__}.", "Pass a list.")
    return list(value)


def _each_once(values: Sequence[str]) -> list[str]:
    once = list(dict.fromkeys(values))
    if len(once) > MAX_LIMIT:
        raise refusal(f"has {len(once):,} ids, more than the {MAX_LIMIT:,} allowed.", "Ask in parts.")
    return once


def _several(ids: list[str]) -> list[str]:
    if not 2 <= len(ids) <= MAX_GROUP:
        raise refusal(f"names {len(ids):,} memories, not 2 to {MAX_GROUP}.", "Name the memories of one group.")
    return ids


def _not_negative(weights: list[float]) -> list[float]:
    if min(weights, default=1) < 0 or not any(weights):
        raise refusal("must not be negative nor all zero.", "Pass positive numbers.")
    return weights


def _not_empty(values: Sequence[Any]) -> Sequence[Any]:
    if not values:
        raise refusal("is empty, so nothing could match.", "Name at least one, or None for all.")
    return values


def _memory_type(value: object) -> MemoryType:
    try:
        return MemoryType(value)
    except ValueError:
        known = ", ".join(kind.value for kind in MemoryType)
        raise refusal(f"{value!r} is not a memory type.", f"Use one of {known}.") from None


def _within(low: float, high: float) -> AfterValidator:
    """Numbers of a range, both ends included."""

    def inside(value: float) -> float:
        if not low <= value <= high:
            raise refusal(f"{value} is outside {low} to {high}.", f"Pass {low} to {high}.")
        return value

    return AfterValidator(inside)


def _in_the_calendar(value: float) -> float:
    if not _MIN_TIME <= value <= _MAX_TIME:
        raise refusal(
            f"{value} is not a time between the years 1 and 9999.",
            "Pass seconds since 1970-01-01 UTC, such as time.time() gives.",
        )
    return value


def _choices(kind: type[MemoryType] | type[LinkKind]) -> Callable[[object], tuple[Any, ...]]:
    """Values of an enumeration, or their texts, each once. An error names the argument and not its item."""

    def chosen(values: object) -> tuple[Any, ...]:
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise refusal(f"must be a list, not {type(values).__name__}.", "Pass a list.")
        try:
            return tuple(dict.fromkeys(kind(item) for item in values))
        except ValueError as error:
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

Content = Annotated[str, Strict(), AfterValidator(_short_enough), AfterValidator(_saying_something)]
"""The text of a memory: something that every store can keep as it is."""
QueryText = Annotated[str, Strict(), Field(max_length=MAX_QUERY_LENGTH), AfterValidator(_saying_something)]
"""A question or some words."""
QueryTexts = Annotated[Sequence[QueryText], BeforeValidator(_listed), Field(min_length=1)]
Id = Annotated[str, Strict(), Field(max_length=MAX_ID_LENGTH), AfterValidator(_on_one_line)]
"""An id of a memory, a conversation or a run: one line, no control characters."""
Ids = Annotated[Sequence[Id], BeforeValidator(_listed), AfterValidator(_each_once)]
Namespace = Annotated[str, Strict(), Field(max_length=MAX_NAMESPACE_LENGTH), AfterValidator(_on_one_line)]
"""The name of a tenant."""
Namespaces = Annotated[Sequence[Namespace], BeforeValidator(_listed), Field(min_length=1), AfterValidator(_each_once)]
Kind = Annotated[MemoryType, PlainValidator(_memory_type)]
"""A `MemoryType`, or its value as text."""
Kinds = Annotated[Sequence[MemoryType], PlainValidator(_choices(MemoryType)), AfterValidator(_not_empty)]
LinkKinds = Annotated[Sequence[LinkKind], PlainValidator(_choices(LinkKind))]
Metadata = Annotated[Mapping[str, Any], PlainValidator(_json)]
"""A mapping that JSON can hold."""
MetadataFilter = Annotated[Mapping[str, MetadataValue], PlainValidator(lambda value: _comparable(_json(value)))]
"""Values to compare metadata with."""
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Unit = Annotated[Number, _within(0, 1)]
"""A number in [0, 1]."""
Fraction = Annotated[Number, Field(gt=0, le=1)]
"""A number above 0 and at most 1."""
Positive = Annotated[Number, Field(gt=0)]
"""A finite number above 0."""
Seconds = Annotated[Number, AfterValidator(_in_the_calendar)]
"""A time in seconds since the Unix epoch, UTC, of the years 1 to 9999."""
Weights = Annotated[Sequence[Number], BeforeValidator(_listed), AfterValidator(_not_negative)]
"""Numbers of which none is negative and one is above 0."""
Limit = Annotated[int, Strict(), _within(1, MAX_LIMIT)]
"""How many memories to return at most."""
Offset = Annotated[int, Strict(), _within(0, LARGEST)]
"""How many to pass over, or a count."""
Depth = Annotated[int, Strict(), _within(0, MAX_DEPTH)]
"""Steps of a walk."""
CacheSize = Annotated[int, Strict(), _within(1, 10_000_000)]
"""Vectors, results and memories that are kept at most."""
LinkLimit = Annotated[int, Strict(), _within(1, 100)]
"""Links from one memory at most."""
Group = Annotated[Ids, AfterValidator(_several)]
"""Ids of 2 to 50 memories, each once."""
Callback = Annotated[Callable[[MemoryEvent], Any], Field()]
"""A function or a method that is called with events."""
GraphSize = Annotated[int, Strict(), _within(1, 100_000)]
"""Memories of a graph."""
QueueSize = Annotated[int, Strict(), _within(1, 1_000_000)]


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
    """The arguments of a method, checked by the types that its signature declares.

    These are the types of this module, ``bool`` and ``Literal``. Arguments of other types are passed on as they are,
    and so are defaults.

    Args:
        method: A method; its annotations are read when it is first called.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self._names = method.__code__.co_varnames[: method.__code__.co_argcount]
        """Of what may be given by place."""

    @cached_property
    def _checks(self) -> dict[str, Callable[[Any], Any]]:
        own = {name: kind for name, kind in self._method.__annotations__.items() if name != "return"}
        holder = type("Holder", (), {"__annotations__": own})
        hints = get_type_hints(holder, globalns=self._method.__globals__, include_extras=True)
        strict = ConfigDict(strict=True)
        return {
            name: TypeAdapter(kind, config=strict).validator.validate_python
            for name, kind in hints.items()
            if _is_declared(kind)
        }

    def checked(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments as the method shall get them, by place and by name.

        Whether there are too many or too few of them is left to the call itself.

        Raises:
            ValidationError: One does not fit; the error names it.
        """
        checks, placed, name = self._checks, list(args), ""
        try:
            for place, name in enumerate(self._names[: len(args)]):
                if name in checks:
                    placed[place] = checks[name](args[place])
            given = dict(named)
            for name in named:
                if name in checks:
                    given[name] = checks[name](named[name])
        except pydantic.ValidationError as error:
            raise translate(error, name) from None
        return placed, given


def _is_declared(kind: Any) -> bool:
    return kind is bool or get_origin(kind) in (Annotated, Literal) or any(map(_is_declared, get_args(kind)))


def translate(error: pydantic.ValidationError, field: str = "") -> ValidationError:
    """The first thing that pydantic found, as our error.

    Args:
        error: What pydantic raised.
        field: What stands before the place of the fault in what was checked.
    """
    [first, *_] = error.errors(include_url=False)
    message, remedy = explain(first)
    return ValidationError(message, field=place_of(first["loc"], field) or None, remedy=remedy)


def place_of(location: tuple[int | str, ...], field: str = "") -> str:
    """Where something stands, such as ``entities[0].label``, from pydantic's parts and what stands before them."""
    place = field
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place


#: What to say of each kind of fault that pydantic knows, and the remedy; ``given`` is the value, ``type`` its type.
_FAULTS = {
    "refused": ("{message}", "{remedy}"),
    "string_type": ("must be a string, not {type}.", "Pass text."),
    "bool_type": ("must be True or False, not {type}.", "Pass a boolean."),
    "int_type": ("must be a whole number, not {type}.", "Pass a whole number."),
    "float_type": ("must be a number, not {type}.", "Pass a number."),
    "callable_type": ("must be a function, not {type}.", "Pass a function or a method."),
    "dict_type": ("must be a mapping, not {type}.", "Pass a dictionary."),
    "string_unicode": _SURROGATES,
    "finite_number": ("{given} is not a finite number.", "Pass a finite number."),
    "greater_than": ("{given} is not above {gt:.15g}.", "Pass more than {gt:.15g}."),
    "less_than_equal": ("{given} is above {le:.15g}.", "Pass at most {le:.15g}."),
    "enum": ("{given!r} is not one of the choices.", "Use one of {expected}."),
    "literal_error": ("{given!r} is not one of the choices.", "Use one of {expected}."),
    "string_too_long": ("has {length:,} characters, more than the {max_length:,} allowed.", "Shorten it."),
    "too_long": ("has {length:,} items, more than the {max_length:,} allowed.", "Ask in parts."),
    "too_short": ("is empty.", "Pass at least one."),
    "missing": ("is missing.", "Give it."),
    "list_type": ("must be a list, not {type}.", "Pass a list."),
    "model_type": ("must be a mapping, not {type}.", "Pass a dictionary."),
    "extra_forbidden": ("is no key of this version.", "Leave it out."),
}


def explain(fault: ErrorDetails) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    given = fault["input"]
    context = {"given": given, "type": type(given).__name__, **fault.get("ctx", {})}
    context["length"] = len(given) if isinstance(given, Sized) else 0
    if "expected" in context:
        context["expected"] = context["expected"].replace("'", "").replace(" or ", ", ")
    message, remedy = _FAULTS.get(fault["type"], (f"{fault['msg']}.", "See the documentation of the call."))
    return message.format_map(context), remedy.format_map(context)


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


def weights_of(weights: Sequence[float] | None, count: int) -> tuple[float, ...] | None:
    """One weight a query; None for equal ones.

    Raises:
        ValidationError: There are more or fewer.
    """
    if weights is None:
        return None
    if len(weights) != count:
        raise ValidationError("must be one number a query.", field="weights", remedy=f"Pass {count} numbers.")
    return tuple(weights)


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
