"""Reads conditions as callers write them: ``{"metadata.year": {"$gte": 2020}, "tags": "work"}``."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import PlainValidator

from coda_graphmem.conditions import COMPARABLE, escaped, value_of
from coda_graphmem.errors import ValidationError
from coda_graphmem.language.keys import entity_key
from coda_graphmem.models import MemoryType
from coda_graphmem.models.conditions import Comparison, Condition, Either, Every, Operator, Value, Without
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.refusal import refusal, shown
from coda_graphmem.validation.types import Metadata, Moment

MAX_COMPARISONS = 200
"""Comparisons of one filter."""
MAX_CONDITION_DEPTH = 20
"""Conditions in one another."""
MAX_OPERANDS = 1_000
"""Values of one ``$in``."""

_OPERATORS: Mapping[str, Operator] = {
    "$eq": "eq", "$ne": "eq", "$gt": "gt", "$gte": "gte", "$lt": "lt", "$lte": "lte",
    "$in": "in", "$nin": "in", "$contains": "contains", "$exists": "exists",
}  # fmt: skip
#: Operators that say what must not be.
_NEGATED = {"$ne", "$nin"}
_ORDERED = {"$gt", "$gte", "$lt", "$lte"}


def read_where(where: object) -> Condition:
    """The condition that a mapping means.

    Each key is a field of `COMPARABLE`, a place in the metadata (``metadata.key.inner``; a dot or a backslash in a key
    has a backslash before it), ``$and`` or ``$or`` with a list of such mappings, or ``$not`` with one. A value is
    compared for equality, or is a mapping of operators to operands, of which all must hold.

    Raises:
        PydanticCustomError: It is none, with the key in question.
    """
    reader = _Reader()
    return reader.read(where, MAX_CONDITION_DEPTH)


def all_of(*conditions: Condition | None) -> Condition | None:
    """What holds where all of the conditions do; None for no condition."""
    given = tuple(one for one in conditions if one is not None)
    return given[0] if len(given) == 1 else Every(given) if given else None


class _Reader:
    def __init__(self) -> None:
        self._comparisons = 0

    def read(self, where: object, depth: int) -> Condition:
        if not isinstance(where, Mapping):
            raise refusal(f"must be a mapping, not {type(where).__name__}.", "Pass a dictionary.")
        if not where:
            raise refusal("is empty, so it asks for nothing.", "Name a field, or leave it out.")
        if not depth:
            raise refusal(f"is nested deeper than {MAX_CONDITION_DEPTH} levels.", "Write it with fewer levels.")
        read = tuple(self._entry(key, value, depth) for key, value in where.items())
        return read[0] if len(read) == 1 else Every(read)

    def _entry(self, key: object, value: object, depth: int) -> Condition:
        if key in ("$and", "$or"):
            if not isinstance(value, Sequence) or isinstance(value, str | bytes) or not value:
                raise refusal(f"{key} needs a list of conditions.", "Pass a list of dictionaries.")
            several = tuple(self.read(one, depth - 1) for one in value)
            return Every(several) if key == "$and" else Either(several)
        if key == "$not":
            return Without(self.read(value, depth - 1))
        if not isinstance(key, str) or key.startswith("$"):
            raise refusal(f"{shown(key)} is no operator that joins conditions.", "Use $and, $or or $not.")
        field, path = _place(key)
        if not (isinstance(value, Mapping) and any(str(name).startswith("$") for name in value)):
            value = {"$eq": value}
        comparisons = tuple(self._comparison(key, field, path, name, operand) for name, operand in value.items())
        return comparisons[0] if len(comparisons) == 1 else Every(comparisons)

    def _comparison(self, key: str, field: str, path: str, name: object, operand: object) -> Condition:
        operator = _OPERATORS.get(name) if isinstance(name, str) else None
        if operator is None:
            raise refusal(f"{key}: {shown(name)} is no operator.", f"Use one of {', '.join(_OPERATORS)}.")
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise refusal(f"has more than {MAX_COMPARISONS} comparisons.", "Ask in parts.")
        comparison = Comparison(field, operator, _operands(key, field, str(name), operand), path)
        return Without(comparison) if name in _NEGATED else comparison


def _place(key: str) -> tuple[str, str]:
    """Field and path of a key."""
    if key in COMPARABLE:
        return key, ""
    field, dot, rest = key.partition(".")
    if field == "metadata" and dot:  # What follows may be empty, as a key may.
        _json_value(key, {rest: None})  # A key that there can be.
        return "metadata", _path(key, rest)
    raise refusal(
        f"{shown(key)} is no field that can be compared.",
        f"Use one of {', '.join(COMPARABLE)}, or metadata.{key if key != 'metadata' else 'key'} for a key of metadata.",
    )


def _path(key: str, text: str) -> str:
    """A path in its normal form."""
    parts, part, taken = [], "", iter(text)
    for character in taken:
        if character == ".":
            parts.append(part)
            part = ""
        elif character == "\\":
            after = next(taken, "")
            if after not in (".", "\\"):
                raise refusal(f"{shown(key)} holds a backslash that stands before nothing.", "Write \\\\ for one.")
            part += after
        else:
            part += character
    return ".".join(escaped(one) for one in (*parts, part))


def _operands(key: str, field: str, name: str, operand: object) -> tuple[Value, ...]:
    if name == "$exists":
        if not isinstance(operand, bool):
            raise refusal(f"{key}: $exists needs True or False, not {shown(operand)}.", "Pass True or False.")
        return (value_of(operand),)
    if name in ("$in", "$nin"):
        if isinstance(operand, str | bytes | Mapping) or not isinstance(operand, Sequence | set | frozenset):
            raise refusal(f"{key}: {name} needs a list, not {type(operand).__name__}.", "Pass a list of values.")
        if len(operand) > MAX_OPERANDS:
            raise refusal(f"{key}: {name} has more than {MAX_OPERANDS:,} values.", "Ask in parts.")
        return tuple(dict.fromkeys(_operand(key, field, one) for one in operand))
    value = _operand(key, field, operand)
    if name in _ORDERED and value.kind not in ("number", "text"):
        raise refusal(f"{key}: {name} compares numbers or texts, not {shown(operand)}.", "Pass a number or a text.")
    return (value,)


def _operand(key: str, field: str, operand: object) -> Value:
    """An operand as the field's values are: entities by their keys, times in seconds."""
    kind = COMPARABLE.get(field)
    if kind is None:
        return _json_value(key, operand)
    if operand is None:
        return value_of(None)
    if kind == "time":
        return Value("number", _moment(key, operand))
    if kind == "number":
        if isinstance(operand, bool) or not isinstance(operand, int | float) or math.isnan(operand):
            raise refusal(f"{key}: is compared with numbers, not {shown(operand)}.", "Pass a number.")
        return value_of(operand)
    if not isinstance(operand, str):
        raise refusal(f"{key}: is compared with texts, not {shown(operand)}.", "Pass a text.")
    operand = str(_json_value(key, operand).value)  # That a store can take.
    if field == "entities":
        return Value("text", entity_key(operand) or operand)
    if field == "memory_type" and operand not in list(MemoryType):
        known = ", ".join(one.value for one in MemoryType)
        raise refusal(f"{key}: {shown(operand)} is not a memory type.", f"Use one of {known}.")
    return Value("text", operand)


def _moment(key: str, operand: object) -> float:
    if isinstance(operand, bool):
        raise refusal(f"{key}: is compared with times, not {operand}.", "Pass seconds, a datetime or ISO 8601.")
    try:
        return float(check(Moment, operand, key))
    except ValidationError as error:
        raise refusal(f"{key}: {error.message}", error.remedy or "") from None


def _json_value(key: str, operand: object) -> Value:
    try:
        return value_of(check(Metadata, {"value": operand}, key)["value"])
    except ValidationError as error:
        raise refusal(f"{key}: {error.message}", error.remedy or "") from None


Where = Annotated[Mapping[str, Any], PlainValidator(read_where)]
"""Conditions as a caller writes them; `Arguments` makes a `Condition` of them."""


# ---------------------------------------------------------------------- conditions as text


def conditions_of(text: str) -> Mapping[str, Any]:
    """Conditions that are written in JSON, as an address has them.

    Raises:
        ValidationError: They are no JSON, or no conditions.
    """
    given = object_of(text, "where")
    check(Where, given, "where")
    return given


def object_of(text: str, field: str) -> Mapping[str, Any]:
    """An object that is written in JSON, in which no key is named twice.

    Args:
        text: What was written.
        field: What an error calls it.

    Raises:
        ValidationError: It is none.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            # All but the last one would be passed over.
            raise ValidationError(
                "names a key twice.",
                field=field,
                remedy='Join them, as in {"$and": [{"tags": "work"}, {"tags": "budget"}]}.',
            )
        return found

    remedy = 'Write an object, such as {"tags": "work"}.'
    try:
        given = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise ValidationError(
            f"is no JSON ({error.msg} at character {error.pos + 1}).", field=field, remedy=remedy
        ) from None
    except ValidationError:
        raise
    except (ValueError, RecursionError):
        raise ValidationError(
            "has a number of thousands of digits, or too many levels.", field=field, remedy=remedy
        ) from None
    if not isinstance(given, dict):
        raise ValidationError(f"must be a mapping, not {type(given).__name__}.", field=field, remedy=remedy)
    return given
