"""Types of arguments: what each must be, and the one place that turns what does not fit into our own error.

The façade declares its arguments by these types, and `Arguments` checks them before a call. `check` does the same for
one value that comes from elsewhere, such as a line of a file.
"""

import fractions
import json
import math
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from itertools import islice
from pathlib import PurePath
from typing import Annotated, Any, Literal, cast, get_args, get_origin, get_type_hints, overload
from uuid import UUID

import pydantic
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, Strict, TypeAdapter
from pydantic_core import ErrorDetails, PydanticCustomError

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import (
    ContextSection,
    LinkKind,
    MemoryEvent,
    MemoryFilter,
    MemoryType,
    MetadataValue,
    Scope,
)
from coda_graphmem.models.conditions import Condition, Either

MAX_CONTENT_LENGTH = 1_000_000
"""Characters of one memory."""
MAX_QUERY_LENGTH = 10_000
"""Characters of one query."""
MAX_ID_LENGTH = 512
"""Characters of an id of a memory or a conversation."""
MAX_TAG_LENGTH = 200
"""Characters of a tag."""
MAX_TAGS = 100
"""Tags of one memory."""
MAX_NAMESPACE_LENGTH = 200
MAX_METADATA_LENGTH = 100_000
"""Characters of metadata written as JSON."""
MAX_VALUE_LENGTH = 10_000_000
"""Characters of the value of an item written as JSON."""
MAX_LABELS = 50
"""Labels of the path of an item."""
MAX_PATH_LENGTH = 1_000
"""Characters of all labels of a path."""
MAX_KEY_LENGTH = 1_000
"""Characters of the key of an item."""
MAX_FIELDS = 100
"""Fields of an item that are embedded."""
MAX_ITEMS = 1_000_000
"""Items one call returns at most."""
MAX_NESTING = 100
"""Dictionaries and lists in one another in metadata: what writes JSON ends at some 250."""
MAX_LIMIT = 10_000
"""Memories one call returns at most; pages reach the rest."""
MAX_GROUP = 50
"""Memories that are merged or kept apart in one call: every two of them are compared."""
MAX_DEPTH = 4
"""Steps a walk goes at most."""
LARGEST = 2**53
"""Whole numbers up to this are the same in JSON, in SQLite and in Neo4j."""

_INT64 = 2**63
#: Beyond it a whole number is no float.
_TOO_LARGE = 2**1023
_MOST_LISTED = 1_000_000

# Year 1 to year 9999, what a date can be written as everywhere.
_MIN_TIME, _MAX_TIME = -62_135_596_800.0, 253_402_300_799.0
#: Seconds that do not lead beyond the calendar.
_LONGEST = 2.4e11
_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SECONDS = re.compile(r"-?[0-9]{9,}(\.[0-9]+)?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SURROGATES = ("holds a lone surrogate, which is no text.", "Decode the source with errors='replace'.")


def shown(value: object) -> str:
    """A value that was refused as a message shows it: its beginning, however large, deep or odd it is."""
    try:
        return _SHOWN.repr(value)
    except Exception:  # whatever a stranger's type, or a number of too many digits, does
        return f"this {type(value).__name__}"


def refusal(message: str, remedy: str) -> PydanticCustomError:
    """What a type raises for a value that does not fit: what is wrong with it, and what to do about it."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


# ---------------------------------------------------------------------- rules that pydantic has no name for


def _plain(value: object) -> object:
    """The number or truth value of Python that one of NumPy's stands for; anything else as it is."""
    return cast("Any", value).item() if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 else value


def _number(value: object) -> object:
    """The same, and `decimal.Decimal` and other real numbers as a float."""
    value = _plain(value)
    if isinstance(value, Decimal | fractions.Fraction):
        return float(value)
    if isinstance(value, int) and not -_TOO_LARGE < value < _TOO_LARGE:
        raise refusal("is too large a number.", "Pass a smaller one.")
    return value


def _readable(value: str) -> str:
    """What every store can keep as it is; a subclass of text, such as NumPy's, as the text it holds."""
    value = str.__str__(value)
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
        return str.__str__(value)  # as nearly all are
    if not value.strip():
        raise refusal("is empty.", "Pass a text that says something.")
    if _CONTROL.search(value):
        raise refusal("holds a control character.", "Use printable characters.")
    return _readable(value)


def _listed(value: object) -> object:
    """What holds several, as a list: text would be taken for its characters, a mapping for its keys."""
    if isinstance(value, str | bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        raise refusal(f"must be a list, not {type(value).__name__}.", "Pass a list.")
    # One more than is ever allowed: an iterator need not end.
    return list(islice(value, _MOST_LISTED))


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
    # The enumeration itself would write out all of what it does not know, however deep it is.
    if not isinstance(value, str) or value not in list(MemoryType):
        known = ", ".join(kind.value for kind in MemoryType)
        raise refusal(f"{shown(value)} is not a memory type.", f"Use one of {known}.")
    return MemoryType(value)


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
            "Pass seconds since 1970-01-01 UTC, such as time.time() gives; milliseconds are to be divided by 1000.",
        )
    return value


def _moment(value: object) -> float:
    if type(value).__name__ == "datetime64":
        # NumPy's times have no zone and mean UTC.
        moment = cast("Any", value).astype("datetime64[us]").item()
        value = moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else moment
    value = _number(value)
    if isinstance(value, str | date):
        try:
            return parse_time(value)
        except ValidationError as error:
            raise refusal(error.message, error.remedy or "") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        kind = type(value).__name__
        raise refusal(f"must be a number or a time, not {kind}.", "Pass seconds, a datetime, or ISO 8601.")
    if not math.isfinite(value):
        raise refusal(f"{value} is not a finite number.", "Pass a finite number.")
    return _in_the_calendar(float(value))


def _scopes(value: object) -> tuple[Scope, ...]:
    given = tuple(_scope(one) for one in cast("list[object]", _listed(value)))
    return cast("tuple[Scope, ...]", _not_empty(given))


def _scope(value: object) -> Scope:
    if isinstance(value, Scope):
        value = value.ids
    if not isinstance(value, Mapping) or not value:
        raise refusal("names nobody.", "Give user_id, agent_id or session_id.")
    unknown = next((key for key in value if key not in Scope.model_fields), None)
    if unknown is not None:
        raise refusal(f"{shown(unknown)} is none of its ids.", f"Use {', '.join(Scope.model_fields)}.")
    return Scope(**{key: _owner(key, one) for key, one in value.items()})


def _owner(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise refusal(f"{key} must be a string, not {type(value).__name__}.", "Pass text.")
    if len(value) > MAX_ID_LENGTH:
        raise refusal(f"{key} has more than {MAX_ID_LENGTH} characters.", "Shorten it.")
    return _on_one_line(value)


def _duration(value: object) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal(f"must be a length of time, not {shown(value)}.", "Pass seconds, or a timedelta.")
    if not 0 < value <= _LONGEST:
        raise refusal(f"{value} is not above 0 and at most {_LONGEST:.0e} seconds.", "Pass seconds, or a timedelta.")
    return float(value)


def _choices(kind: type[MemoryType] | type[LinkKind]) -> Callable[[object], tuple[Any, ...]]:
    """Values of an enumeration, or their texts, each once. An error names the argument and not its item."""

    def members(values: object) -> tuple[Any, ...]:
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            raise refusal(f"must be a list, not {type(values).__name__}.", "Pass a list.")
        known = list(kind)
        chosen: dict[Any, None] = {}
        for value in islice(values, _MOST_LISTED):
            if not isinstance(value, str) or value not in known:
                texts = ", ".join(item.value for item in kind)
                raise refusal(f"{shown(value)} is not a valid {kind.__name__}.", f"Use some of {texts}.")
            chosen[kind(value)] = None
        return tuple(chosen)

    return members


def _sections(values: object) -> tuple[ContextSection, ...]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise refusal(f"must be a list, not {type(values).__name__}.", "Pass a list.")
    known = get_args(ContextSection)
    chosen = list(islice(values, len(known) + 1))
    for value in chosen:
        if not isinstance(value, str) or value not in known:
            raise refusal(f"{shown(value)} is not a section of a context.", f"Use some of {', '.join(known)}.")
    if len(set(chosen)) < len(chosen):
        raise refusal("names a section twice.", "Name each once.")
    return tuple(chosen)


def _at_least_one(labels: tuple[str, ...]) -> tuple[str, ...]:
    if not labels:
        raise refusal("is empty.", "Give at least one label.")
    return labels


def _path(labels: list[str]) -> tuple[str, ...]:
    """The path of an item, perhaps without any label."""
    if len(labels) > MAX_LABELS or sum(map(len, labels)) > MAX_PATH_LENGTH:
        raise refusal(
            f"has {len(labels):,} labels of {sum(map(len, labels)):,} characters, more than the {MAX_LABELS} labels of "
            f"{MAX_PATH_LENGTH:,} characters allowed.",
            "Shorten it, or keep a part of it in the key or the value.",
        )
    return tuple(labels)


def _json(value: object) -> dict[str, Any]:
    """A mapping that JSON can hold; the copy returned shares nothing with what was passed in."""
    return _copied(value, _readable, MAX_METADATA_LENGTH)


def _value(value: object) -> dict[str, Any]:
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
    plain = _plain(value)
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


def _comparable(value: dict[str, Any]) -> dict[str, Any]:
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


# ---------------------------------------------------------------------- types

Content = Annotated[str, Strict(), AfterValidator(_short_enough), AfterValidator(_saying_something)]
"""The text of a memory: something that every store can keep as it is."""
Answer = Annotated[str, Strict(), AfterValidator(_short_enough), AfterValidator(_readable)]
"""What was answered, which may be nothing."""
QueryText = Annotated[str, Strict(), Field(max_length=MAX_QUERY_LENGTH), AfterValidator(_saying_something)]
"""A question or some words."""
QueryTexts = Annotated[Sequence[QueryText], BeforeValidator(_listed), Field(min_length=1, max_length=MAX_LIMIT)]
Id = Annotated[str, Strict(), Field(max_length=MAX_ID_LENGTH), AfterValidator(_on_one_line)]
"""An id of a memory, a conversation or a run: one line, no control characters."""
Tag = Annotated[str, Strict(), Field(max_length=MAX_TAG_LENGTH), AfterValidator(_on_one_line)]
"""What a memory is filed under: one line."""
Ids = Annotated[Sequence[Id], BeforeValidator(_listed), AfterValidator(_each_once)]
Namespace = Annotated[str, Strict(), Field(max_length=MAX_NAMESPACE_LENGTH), AfterValidator(_on_one_line)]
"""The name of a tenant."""
Namespaces = Annotated[Sequence[Namespace], BeforeValidator(_listed), Field(min_length=1), AfterValidator(_each_once)]
Flag = Annotated[bool, BeforeValidator(_plain), Strict()]
"""True or False."""
Kind = Annotated[MemoryType, PlainValidator(_memory_type)]
"""A `MemoryType`, or its value as text."""
Kinds = Annotated[Sequence[MemoryType], PlainValidator(_choices(MemoryType)), AfterValidator(_not_empty)]
LinkKinds = Annotated[Sequence[LinkKind], PlainValidator(_choices(LinkKind))]
Metadata = Annotated[Mapping[str, Any], PlainValidator(_json)]
"""A mapping that JSON can hold."""
MetadataFilter = Annotated[Mapping[str, MetadataValue], PlainValidator(lambda value: _comparable(_json(value)))]
"""Values to compare metadata with."""
Label = Annotated[str, Strict(), Field(min_length=1), AfterValidator(_readable)]
"""One step of the path of an item."""
PathPrefix = Annotated[Sequence[Label], BeforeValidator(_listed), AfterValidator(_path)]
"""The beginning of paths of items: labels from the outermost, or none. `Arguments` makes a tuple of it."""
Path = Annotated[PathPrefix, AfterValidator(_at_least_one)]
"""Where an item is: at least one label."""
Paths = Annotated[Sequence[Path], BeforeValidator(_listed), Field(max_length=MAX_FIELDS)]
Key = Annotated[str, Strict(), Field(max_length=MAX_KEY_LENGTH), AfterValidator(_readable)]
"""What an item is kept under in its path; it may be empty."""
Value = Annotated[Mapping[str, Any], PlainValidator(_value)]
"""What an item holds: a mapping that JSON can hold."""
FieldName = Annotated[str, Strict(), Field(min_length=1, max_length=MAX_KEY_LENGTH), AfterValidator(_readable)]
Fields = Annotated[Sequence[FieldName], BeforeValidator(_listed), Field(max_length=MAX_FIELDS)]
"""Fields of an item that are embedded."""
Number = Annotated[float, BeforeValidator(_number), Strict(), Field(allow_inf_nan=False)]
Unit = Annotated[Number, _within(0, 1)]
"""A number in [0, 1]."""
Fraction = Annotated[Number, Field(gt=0, le=1)]
"""A number above 0 and at most 1."""
Positive = Annotated[Number, Field(gt=0)]
"""A finite number above 0."""
Minutes = Annotated[Number, Field(gt=0, le=4_000_000_000)]
"""A length of time in minutes, above 0, that does not lead beyond the calendar."""
Duration = Annotated[float | timedelta, PlainValidator(_duration)]
"""A length of time above 0 as an argument: seconds, or a `timedelta`. `Arguments` makes seconds of it."""
Scopes = Annotated[Sequence[Mapping[str, str]], PlainValidator(_scopes)]
"""Several scopes, each a mapping or a `Scope` that names somebody. `Arguments` makes `Scope`s of them."""
Tags = Annotated[Sequence[Tag], BeforeValidator(_listed), Field(max_length=MAX_TAGS), AfterValidator(_each_once)]
"""Tags, each once."""
Seconds = Annotated[Number, AfterValidator(_in_the_calendar)]
"""A time in seconds since the Unix epoch, UTC, of the years 1 to 9999."""
Moment = Annotated[float | str | date, PlainValidator(_moment)]
"""The same as an argument: also a `datetime`, in local time where it has no zone, or ISO 8601, in UTC where it has
none. `Arguments` makes seconds of it."""
Weights = Annotated[Sequence[Number], BeforeValidator(_listed), AfterValidator(_not_negative)]
"""Numbers of which none is negative and one is above 0."""
Limit = Annotated[int, BeforeValidator(_number), Strict(), _within(1, MAX_LIMIT)]
"""How many memories to return at most."""
ItemLimit = Annotated[int, BeforeValidator(_number), Strict(), _within(0, MAX_ITEMS)]
"""How many items or paths to return at most."""
Offset = Annotated[int, BeforeValidator(_number), Strict(), _within(0, LARGEST)]
"""How many to pass over, or a count."""
Version = Annotated[int, BeforeValidator(_number), Strict(), _within(1, LARGEST)]
"""Which state of a memory."""
Depth = Annotated[int, BeforeValidator(_number), Strict(), _within(0, MAX_DEPTH)]
"""Steps of a walk."""
CacheSize = Annotated[int, BeforeValidator(_number), Strict(), _within(1, 10_000_000)]
"""Vectors, results and memories that are kept at most."""
PathDepth = Annotated[int, BeforeValidator(_number), Strict(), _within(1, MAX_LABELS)]
"""Labels of a path."""
LinkLimit = Annotated[int, BeforeValidator(_number), Strict(), _within(1, 100)]
"""Links from one memory at most."""
Group = Annotated[Ids, AfterValidator(_several)]
"""Ids of 2 to 50 memories, each once."""
Sections = Annotated[Sequence[ContextSection], PlainValidator(_sections), AfterValidator(_not_empty)]
"""Parts of a context, each once."""
TokenBudget = Annotated[int, BeforeValidator(_number), Strict(), _within(0, LARGEST)]
"""How many tokens a text may take."""
TokenCounter = Annotated[Callable[[str], int], Field()]
"""Says how many tokens a text takes."""
Callback = Annotated[Callable[[MemoryEvent], Any], Field()]
"""A function or a method that is called with events."""
Rating = Annotated[int, BeforeValidator(_number), Strict(), _within(1, 5)]
"""1 (bad) to 5 (good)."""
GraphSize = Annotated[int, BeforeValidator(_number), Strict(), _within(1, 100_000)]
"""Memories of a graph."""
QueueSize = Annotated[int, BeforeValidator(_number), Strict(), _within(1, 1_000_000)]


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
            name: TypeAdapter(Flag if kind is bool else kind, config=strict).validator.validate_python
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

    def by_name(self, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments that were given by name, the object of the method among them."""
        return {**dict(zip(self._names, args, strict=False)), **named}


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
    "enum": ("{shown} is not one of the choices.", "Use one of {expected}."),
    "literal_error": ("{shown} is not one of the choices.", "Use one of {expected}."),
    "string_too_long": ("has {length:,} characters, more than the {max_length:,} allowed.", "Shorten it."),
    "too_long": ("has {length:,} items, more than the {max_length:,} allowed.", "Ask in parts."),
    "too_short": ("is empty.", "Pass at least one."),
    "string_too_short": ("is empty.", "Pass a text of at least one character."),
    "missing": ("is missing.", "Give it."),
    "list_type": ("must be a list, not {type}.", "Pass a list."),
    "model_type": ("must be a mapping, not {type}.", "Pass a dictionary."),
    "extra_forbidden": ("is no key of this version.", "Leave it out."),
}


def explain(fault: ErrorDetails) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    given = fault["input"]
    context = {"given": given, "shown": shown(given), "type": type(given).__name__, **fault.get("ctx", {})}
    context["length"] = len(given) if isinstance(given, Sized) else 0
    if "expected" in context:
        context["expected"] = context["expected"].replace("'", "").replace(" or ", ", ")
    message, remedy = _FAULTS.get(fault["type"], (f"{fault['msg']}.", "See the documentation of the call."))
    return message.format_map(context), remedy.format_map(context)


# ---------------------------------------------------------------------- what arguments make together


def make_filter(*, since: Moment | None = None, until: Moment | None = None, **conditions: Any) -> MemoryFilter:
    """The filter of a call's checked arguments; ``conditions`` are other fields of `MemoryFilter`.

    Raises:
        ValidationError: The time range is empty.
    """
    since, until = seconds_of(since), seconds_of(until)
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


def parse_time(value: str | float | date, *, zone: tzinfo | None = UTC) -> float:
    """Seconds since the Unix epoch from such seconds, a `datetime` or an ISO 8601 date or time.

    Args:
        value: Seconds, also as text; a `datetime`, in local time where it has no zone; or text such as
            ``2026-03-02T19:12:00+01:00`` or ``2026-03-02``.
        zone: What a text without a zone is in; None for the zone of this machine.

    Raises:
        ValidationError: It is none of them.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    try:
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, str) and _SECONDS.fullmatch(value.strip()):
            return float(value)
        if isinstance(value, str | date):
            moment = datetime.fromisoformat(value.strip().upper() if isinstance(value, str) else value.isoformat())
            return (moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    raise ValidationError(
        f"{shown(value)} is not a time.",
        field="timestamp",
        remedy="Use ISO 8601 such as 2026-03-02T19:12:00+01:00, or seconds since 1970.",
    )


def any_unit(seconds: float) -> float:
    """A time of another program in seconds, which gives seconds, milliseconds, microseconds or nanoseconds.

    What is beyond the year 9999 as seconds is a time after 1978 in milliseconds, and so on.
    """
    for _ in range(3):
        if seconds > _MAX_TIME:
            seconds /= 1000.0
    return seconds


def any_of(scopes: Sequence[Any] | None) -> Condition | None:
    """What holds for memories of at least one of some checked scopes; None where none is asked for."""
    return None if scopes is None else Either(tuple(scope.condition for scope in scopes))


def length_of(duration: Duration | None) -> float | None:
    """The seconds that a checked argument is, for type checkers; see `Duration`."""
    return cast("float | None", duration)


def end_of(moment: Moment | Literal["never"] | None, now: float) -> float | None:
    """The end that a checked argument gives a memory: infinity for never.

    Raises:
        ValidationError: It is over already.
    """
    if moment is None or moment == "never":
        return None if moment is None else math.inf
    end = seconds_of(moment)
    if end <= now:
        raise ValidationError(
            "is over already.", field="expires_at", remedy="Give a time that is yet to come, or delete the memory."
        )
    return end


@overload
def seconds_of(moment: Moment) -> float: ...
@overload
def seconds_of(moment: Moment | None) -> float | None: ...
def seconds_of(moment: Moment | None) -> float | None:
    """The seconds that a checked argument is, for type checkers; see `Moment`."""
    return cast("float | None", moment)
