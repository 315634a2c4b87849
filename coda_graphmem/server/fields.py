"""Types of parameters and of fields of bodies: those of the façade, with what a client of another language is told.

What a value has to be is checked by `coda_graphmem.validation`; what stands here says the same as a JSON schema.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryType
from coda_graphmem.validation import limits, types
from coda_graphmem.validation.refusal import refusal
from coda_graphmem.where import conditions_of, object_of

#: Something that is no white space, and no character that cannot be kept.
_SAYS_SOMETHING = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"
_ON_ONE_LINE = r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f\u0085][^\u0000-\u001f\u007f]*$"

_TIME = {
    "anyOf": [
        {"type": "number", "minimum": -62_135_596_800, "maximum": 253_402_300_799},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "date"},
    ]
}
_SCALARS: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
_TYPE = {"type": "string", "enum": [kind.value for kind in MemoryType]}


def _line(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": _ON_ONE_LINE}


_ID = _line(limits.MAX_ID_LENGTH)

Content = Annotated[
    types.Content,
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": limits.MAX_CONTENT_LENGTH, "pattern": _SAYS_SOMETHING}
    ),
]
Said = Annotated[
    types.Answer,
    WithJsonSchema({"type": "string", "maxLength": limits.MAX_CONTENT_LENGTH, "pattern": r"^[^\u0000]*$"}),
]
QueryText = Annotated[
    types.QueryText,
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": limits.MAX_QUERY_LENGTH, "pattern": _SAYS_SOMETHING}
    ),
]
Id = Annotated[types.Id, WithJsonSchema(_ID)]
Ids = Annotated[types.Ids, WithJsonSchema({"type": "array", "items": _ID, "maxItems": limits.MAX_LIMIT})]
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
Metadata = Annotated[types.Metadata, WithJsonSchema({"type": "object"})]
MetadataFilter = Annotated[types.MetadataFilter, WithJsonSchema({"type": "object", "additionalProperties": _SCALARS})]
Moment = Annotated[types.Moment, WithJsonSchema(_TIME)]
Unit = Annotated[types.Unit, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Fraction = Annotated[types.Fraction, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1})]
Positive = Annotated[types.Positive, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1e9})]
Limit = Annotated[types.Limit, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": limits.MAX_LIMIT})]
Depth = Annotated[types.Depth, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": limits.MAX_DEPTH})]
Version = Annotated[types.Version, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": limits.LARGEST})]
Tokens = Annotated[types.TokenBudget, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": limits.LARGEST})]
Minutes = Annotated[types.Minutes, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 4_000_000_000})]
Seconds = Annotated[types.Duration, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 2.4e11})]
Flag = Annotated[types.Flag, WithJsonSchema({"type": "boolean"})]


# ---------------------------------------------------------------------- parameters of addresses, which are texts


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not value.isascii() or not value.isdecimal() or len(value) > 15:
            raise refusal("is no whole number.", "Write digits.")
        return int(value)
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


QueryLimit = Annotated[Limit, BeforeValidator(_whole)]
QueryOffset = Annotated[
    types.Offset,
    BeforeValidator(_whole),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}),
]
QueryDepth = Annotated[Depth, BeforeValidator(_whole)]
QueryUnit = Annotated[Unit, BeforeValidator(_number)]
QueryPositive = Annotated[Positive, BeforeValidator(_number)]
QueryFlag = Annotated[Flag, BeforeValidator(_flag)]
QueryWhere = Annotated[
    Any,
    _object(conditions_of),
    WithJsonSchema({"type": "string", "contentMediaType": "application/json"}),
    Query(description='Only memories of which these conditions hold, as JSON: `{"tags": "work"}`.'),
]
QueryMetadata = Annotated[
    Any,
    _object(partial(object_of, field="metadata")),
    WithJsonSchema({"type": "string", "contentMediaType": "application/json"}),
    Query(description='Only memories whose metadata have these values, as JSON: `{"project": "atlas"}`.'),
]
