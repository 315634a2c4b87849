"""Types of arguments: what each must be. `arguments` checks values by them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, Strict

from coda_graphmem.models import ContextSection, LinkKind, MemoryEvent, MemoryType, MetadataValue
from coda_graphmem.validation.json_values import comparable, metadata_of, value_of
from coda_graphmem.validation.limits import (
    LARGEST,
    MAX_DEPTH,
    MAX_FIELDS,
    MAX_ID_LENGTH,
    MAX_ITEMS,
    MAX_KEY_LENGTH,
    MAX_LABELS,
    MAX_LIMIT,
    MAX_NAMESPACE_LENGTH,
    MAX_QUERY_LENGTH,
    MAX_TAG_LENGTH,
    MAX_TAGS,
)
from coda_graphmem.validation.lists import (
    at_least_one,
    choices,
    each_once,
    listed,
    not_empty,
    path_of,
    sections_of,
    several,
)
from coda_graphmem.validation.moments import duration_of, in_the_calendar, moment_of
from coda_graphmem.validation.numbers import not_negative, number_of, plain_value, within
from coda_graphmem.validation.refusal import refusal, shown
from coda_graphmem.validation.scopes import scopes_of
from coda_graphmem.validation.text import on_one_line, readable, saying_something, short_enough


def _memory_type(value: object) -> MemoryType:
    # The enumeration itself would write out all of what it does not know, however deep it is.
    if not isinstance(value, str) or value not in list(MemoryType):
        known = ", ".join(kind.value for kind in MemoryType)
        raise refusal(f"{shown(value)} is not a memory type.", f"Use one of {known}.")
    return MemoryType(value)


Content = Annotated[str, Strict(), AfterValidator(short_enough), AfterValidator(saying_something)]
"""The text of a memory: something that every store can keep as it is."""
Answer = Annotated[str, Strict(), AfterValidator(short_enough), AfterValidator(readable)]
"""What was answered, which may be nothing."""
QueryText = Annotated[str, Strict(), Field(max_length=MAX_QUERY_LENGTH), AfterValidator(saying_something)]
"""A question or some words."""
QueryTexts = Annotated[Sequence[QueryText], BeforeValidator(listed), Field(min_length=1, max_length=MAX_LIMIT)]
Id = Annotated[str, Strict(), Field(max_length=MAX_ID_LENGTH), AfterValidator(on_one_line)]
"""An id of a memory, a conversation or a run: one line, no control characters."""
Tag = Annotated[str, Strict(), Field(max_length=MAX_TAG_LENGTH), AfterValidator(on_one_line)]
"""What a memory is filed under: one line."""
Ids = Annotated[Sequence[Id], BeforeValidator(listed), AfterValidator(each_once)]
Namespace = Annotated[str, Strict(), Field(max_length=MAX_NAMESPACE_LENGTH), AfterValidator(on_one_line)]
"""The name of a tenant."""
Namespaces = Annotated[Sequence[Namespace], BeforeValidator(listed), Field(min_length=1), AfterValidator(each_once)]
Flag = Annotated[bool, BeforeValidator(plain_value), Strict()]
"""True or False."""
Kind = Annotated[MemoryType, PlainValidator(_memory_type)]
"""A `MemoryType`, or its value as text."""
Kinds = Annotated[Sequence[MemoryType], PlainValidator(choices(MemoryType)), AfterValidator(not_empty)]
LinkKinds = Annotated[Sequence[LinkKind], PlainValidator(choices(LinkKind))]
Metadata = Annotated[Mapping[str, Any], PlainValidator(metadata_of)]
"""A mapping that JSON can hold."""
MetadataFilter = Annotated[Mapping[str, MetadataValue], PlainValidator(lambda value: comparable(metadata_of(value)))]
"""Values to compare metadata with."""
Label = Annotated[str, Strict(), Field(min_length=1), AfterValidator(readable)]
"""One step of the path of an item."""
PathPrefix = Annotated[Sequence[Label], BeforeValidator(listed), AfterValidator(path_of)]
"""The beginning of paths of items: labels from the outermost, or none. `Arguments` makes a tuple of it."""
Path = Annotated[PathPrefix, AfterValidator(at_least_one)]
"""Where an item is: at least one label."""
Paths = Annotated[Sequence[Path], BeforeValidator(listed), Field(max_length=MAX_FIELDS)]
Key = Annotated[str, Strict(), Field(max_length=MAX_KEY_LENGTH), AfterValidator(readable)]
"""What an item is kept under in its path; it may be empty."""
Value = Annotated[Mapping[str, Any], PlainValidator(value_of)]
"""What an item holds: a mapping that JSON can hold."""
FieldName = Annotated[str, Strict(), Field(min_length=1, max_length=MAX_KEY_LENGTH), AfterValidator(readable)]
Fields = Annotated[Sequence[FieldName], BeforeValidator(listed), Field(max_length=MAX_FIELDS)]
"""Fields of an item that are embedded."""
Number = Annotated[float, BeforeValidator(number_of), Strict(), Field(allow_inf_nan=False)]
Unit = Annotated[Number, within(0, 1)]
"""A number in [0, 1]."""
Fraction = Annotated[Number, Field(gt=0, le=1)]
"""A number above 0 and at most 1."""
Positive = Annotated[Number, Field(gt=0)]
"""A finite number above 0."""
Minutes = Annotated[Number, Field(gt=0, le=4_000_000_000)]
"""A length of time in minutes, above 0, that does not lead beyond the calendar."""
Duration = Annotated[float | timedelta, PlainValidator(duration_of)]
"""A length of time above 0 as an argument: seconds, or a `timedelta`. `Arguments` makes seconds of it."""
Scopes = Annotated[Sequence[Mapping[str, str]], PlainValidator(scopes_of)]
"""Several scopes, each a mapping or a `Scope` that names somebody. `Arguments` makes `Scope`s of them."""
Tags = Annotated[Sequence[Tag], BeforeValidator(listed), Field(max_length=MAX_TAGS), AfterValidator(each_once)]
"""Tags, each once."""
Seconds = Annotated[Number, AfterValidator(in_the_calendar)]
"""A time in seconds since the Unix epoch, UTC, of the years 1 to 9999."""
Moment = Annotated[float | str | date, PlainValidator(moment_of)]
"""The same as an argument: also a `datetime`, in local time where it has no zone, or ISO 8601, in UTC where it has
none. `Arguments` makes seconds of it."""
Weights = Annotated[Sequence[Number], BeforeValidator(listed), AfterValidator(not_negative)]
"""Numbers of which none is negative and one is above 0."""
Limit = Annotated[int, BeforeValidator(number_of), Strict(), within(1, MAX_LIMIT)]
"""How many memories to return at most."""
ItemLimit = Annotated[int, BeforeValidator(number_of), Strict(), within(0, MAX_ITEMS)]
"""How many items or paths to return at most."""
Offset = Annotated[int, BeforeValidator(number_of), Strict(), within(0, LARGEST)]
"""How many to pass over, or a count."""
Version = Annotated[int, BeforeValidator(number_of), Strict(), within(1, LARGEST)]
"""Which state of a memory."""
Depth = Annotated[int, BeforeValidator(number_of), Strict(), within(0, MAX_DEPTH)]
"""Steps of a walk."""
CacheSize = Annotated[int, BeforeValidator(number_of), Strict(), within(1, 10_000_000)]
"""Vectors, results and memories that are kept at most."""
PathDepth = Annotated[int, BeforeValidator(number_of), Strict(), within(1, MAX_LABELS)]
"""Labels of a path."""
LinkLimit = Annotated[int, BeforeValidator(number_of), Strict(), within(1, 100)]
"""Links from one memory at most."""
Group = Annotated[Ids, AfterValidator(several)]
"""Ids of 2 to 50 memories, each once."""
Sections = Annotated[Sequence[ContextSection], PlainValidator(sections_of), AfterValidator(not_empty)]
"""Parts of a context, each once."""
TokenBudget = Annotated[int, BeforeValidator(number_of), Strict(), within(0, LARGEST)]
"""How many tokens a text may take."""
TokenCounter = Annotated[Callable[[str], int], Field()]
"""Says how many tokens a text takes."""
Callback = Annotated[Callable[[MemoryEvent], Any], Field()]
"""A function or a method that is called with events."""
Rating = Annotated[int, BeforeValidator(number_of), Strict(), within(1, 5)]
"""1 (bad) to 5 (good)."""
GraphSize = Annotated[int, BeforeValidator(number_of), Strict(), within(1, 100_000)]
"""Memories of a graph."""
QueueSize = Annotated[int, BeforeValidator(number_of), Strict(), within(1, 1_000_000)]
