"""Types of parameters and of fields of bodies: those of the façade, with what a client of another language is told.

What a value has to be is checked by `coda_graphmem.validation`; what stands here says the same as a JSON schema.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, get_args

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import InformationType, MemoryType
from coda_graphmem.server import conditions
from coda_graphmem.validation import limits, types
from coda_graphmem.validation.refusal import refusal
from coda_graphmem.where import conditions_of, object_of

#: Something that is no white space, and no character that cannot be kept.
_SAYS_SOMETHING = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"
_ON_ONE_LINE = r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f\u0085][^\u0000-\u001f\u007f]*$"

_DATES: list[dict[str, Any]] = [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
TIME = {"anyOf": [{"type": "number", "minimum": _FIRST, "maximum": _LAST}, *_DATES]}
#: In a text a number of few digits is a year to some, and seconds to others.
_TIME_AS_TEXT = {
    "anyOf": [
        {"type": "number", "minimum": 100_000_000, "maximum": _LAST},
        {"type": "number", "minimum": _FIRST, "maximum": -100_000_000},
        *_DATES,
    ]
}
_READABLE = r"^[^\u0000]*$"
_SCALARS: dict[str, Any] = {"type": ["string", "number", "boolean", "null"], "pattern": _READABLE}
_COMPARED = {"type": "object", "propertyNames": {"pattern": _READABLE}, "additionalProperties": _SCALARS}
_TYPE = {"type": "string", "enum": [kind.value for kind in MemoryType]}


def _line(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": _ON_ONE_LINE}


def _integer(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _whole(value: object) -> object:
    """A whole number, which JSON may write with a point: 2.0 is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _comparable(value: object) -> object:
    """A filter by metadata whose numbers can be compared: those beyond 64 bits with a point, as JSON knows one kind."""
    if not isinstance(value, Mapping):
        return value
    return {key: float(item) if type(item) is int and _INT64 <= abs(item) < _LARGEST else item
            for key, item in value.items()}  # fmt: skip


_INT64, _LARGEST = 2**63, 10**300
_WHOLE = BeforeValidator(_whole)
ID = _line(limits.MAX_ID_LENGTH)

Content = Annotated[
    types.Content,
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": limits.MAX_CONTENT_LENGTH, "pattern": _SAYS_SOMETHING}
    ),
]
Said = Annotated[
    types.Answer,
    WithJsonSchema({"type": "string", "maxLength": limits.MAX_CONTENT_LENGTH, "pattern": _READABLE}),
]
QueryText = Annotated[
    types.QueryText,
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": limits.MAX_QUERY_LENGTH, "pattern": _SAYS_SOMETHING}
    ),
]
Id = Annotated[types.Id, WithJsonSchema(ID)]
Ids = Annotated[types.Ids, WithJsonSchema({"type": "array", "items": ID, "maxItems": limits.MAX_LIMIT})]
Namespace = Annotated[types.Namespace, WithJsonSchema(_line(limits.MAX_NAMESPACE_LENGTH))]
Namespaces = Annotated[
    types.Namespaces,
    WithJsonSchema({"type": "array", "items": _line(limits.MAX_NAMESPACE_LENGTH), "minItems": 1, "maxItems": 1000}),
]
Kind = Annotated[types.Kind, WithJsonSchema(_TYPE)]
Kinds = Annotated[types.Kinds, WithJsonSchema({"type": "array", "items": _TYPE, "minItems": 1})]
Tags = Annotated[
    types.Tags,
    WithJsonSchema({"type": "array", "items": _line(limits.MAX_TAG_LENGTH), "maxItems": limits.MAX_TAGS}),
]
Metadata = Annotated[types.Metadata, WithJsonSchema(conditions.JSON_OBJECT)]
MetadataFilter = Annotated[types.MetadataFilter, BeforeValidator(_comparable), WithJsonSchema(_COMPARED)]
Where = Annotated[dict[str, Any], WithJsonSchema(conditions.WHERE)]
Moment = Annotated[types.Moment, WithJsonSchema(TIME)]
Unit = Annotated[types.Unit, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Fraction = Annotated[types.Fraction, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1})]
Positive = Annotated[types.Positive, WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Limit = Annotated[types.Limit, _WHOLE, WithJsonSchema(_integer(1, limits.MAX_LIMIT))]
Depth = Annotated[types.Depth, _WHOLE, WithJsonSchema(_integer(0, limits.MAX_DEPTH))]
Version = Annotated[types.Version, _WHOLE, WithJsonSchema(_integer(1, limits.LARGEST))]
Tokens = Annotated[types.TokenBudget, _WHOLE, WithJsonSchema(_integer(0, limits.LARGEST))]
Rating = Annotated[types.Rating, _WHOLE, WithJsonSchema(_integer(1, 5))]
Minutes = Annotated[types.Minutes, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 4_000_000_000})]
Seconds = Annotated[types.Duration, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 2.4e11})]
Weights = Annotated[
    list[float],
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "contains": {"type": "number", "exclusiveMinimum": 0},
        }
    ),
]
InfoTypes = Annotated[
    list[str],
    WithJsonSchema({"type": "array", "items": {"type": "string", "enum": [*get_args(InformationType)]}, "minItems": 1}),
]
Flag = Annotated[types.Flag, WithJsonSchema({"type": "boolean"})]


# ---------------------------------------------------------------------- parameters of addresses, which are texts


def _written(value: object) -> object:
    if isinstance(value, str):
        digits = re.fullmatch(r"(\d{1,15})(\.0+)?", value, re.ASCII)
        if digits is None:
            raise refusal("is no whole number.", "Write digits.")
        return int(digits[1])
    return value


def _number(value: object) -> object:
    if isinstance(value, str):
        try:
            # Python reads more than JSON writes: underscores, white space, infinity.
            if not value.isascii() or value.strip("0123456789.eE+-"):
                raise ValueError
            return float(value)
        except ValueError:
            raise refusal("is no number.", "Write it as in JSON.") from None
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise refusal("is neither true nor false.", "Write true or false.")
        return value == "true"
    return value


def _object(read: Callable[[str], object]) -> BeforeValidator:
    """Reads an object of JSON, which an address has as a text."""

    def reading(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return read(value)
        except ValidationError as error:
            raise refusal(error.message, error.remedy or "") from None

    return BeforeValidator(reading)


def _as_json(schema: dict[str, Any]) -> dict[str, Any]:
    """What is written in JSON; the document says so in its own way (`coda_graphmem.server.document`)."""
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}


QueryLimit = Annotated[Limit, BeforeValidator(_written)]
QueryOffset = Annotated[
    types.Offset,
    BeforeValidator(_written),
    WithJsonSchema(_integer(0, 999_999_999_999_999)),
]
QueryDepth = Annotated[Depth, BeforeValidator(_written)]
QueryUnit = Annotated[Unit, BeforeValidator(_number)]
QueryPositive = Annotated[Positive, BeforeValidator(_number)]
QueryFlag = Annotated[Flag, BeforeValidator(_flag)]
QueryMoment = Annotated[types.Moment, WithJsonSchema(_TIME_AS_TEXT)]
QueryWhere = Annotated[
    Any,
    _object(conditions_of),
    WithJsonSchema(_as_json(conditions.WHERE)),
    Query(description='Only memories of which these conditions hold, as JSON: `{"tags": "work"}`.'),
]
QueryMetadata = Annotated[
    Any,
    BeforeValidator(_comparable),
    _object(partial(object_of, field="metadata")),
    WithJsonSchema(_as_json(_COMPARED)),
    Query(description='Only memories whose metadata have these values, as JSON: `{"project": "atlas"}`.'),
]
