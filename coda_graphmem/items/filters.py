"""What a value has to hold: reads filters as callers write them, and says whether they fit. Pure functions.

A filter is a mapping of keys to values or to operators, of which all must hold:
``{"kind": "note", "size": {"$gt": 3}}``.
A key of the value is meant where there is one of that name; otherwise dots lead inwards: ``user.name``. A value that is
not there is like null: equal to None, to nothing else, and neither above nor below anything.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import PlainValidator

from coda_graphmem.validation.refusal import refusal, shown

Condition = tuple[str, Callable[[Any], bool]]
"""A key, and what has to hold of the value there."""

Filter = tuple[Condition, ...]


def read_filter(where: object) -> Filter:
    """The filter that a mapping means.

    Raises:
        PydanticCustomError: It is none, with the key in question.
    """
    if not isinstance(where, Mapping):
        raise refusal(f"must be a mapping, not {type(where).__name__}.", "Pass a dictionary.")
    return tuple(condition for key, wanted in where.items() for condition in _conditions(key, wanted))


def fits(conditions: Filter, value: Mapping[str, Any]) -> bool:
    """Whether all conditions hold of a value."""
    return all(holds(_at(value, key)) for key, holds in conditions)


def is_equal(one: Any, other: Any) -> bool:
    """Whether two values of JSON are the same. Numbers are compared as such; True is not 1, and NaN is nothing."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_equal(item, other[key]) for key, item in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return bool(one == other)


def _conditions(key: object, wanted: Any) -> list[Condition]:
    if not isinstance(key, str) or not key or key.startswith("$"):
        raise refusal(f"{shown(key)} is no key of a value.", "Name a key, and put operators into its value.")
    if not (isinstance(wanted, Mapping) and any(str(name).startswith("$") for name in wanted)):
        return [(key, partial(is_equal, wanted))]
    return [(key, _condition(key, name, operand)) for name, operand in wanted.items()]


def _condition(key: str, name: object, operand: Any) -> Callable[[Any], bool]:
    if name == "$eq":
        return partial(is_equal, operand)
    if name == "$ne":
        return lambda value: not is_equal(operand, value)
    ordered = _ORDERED.get(name) if isinstance(name, str) else None
    if ordered is None:
        known = ", ".join(("$eq", "$ne", *_ORDERED))
        raise refusal(f"{key}: {shown(name)} is no operator.", f"Use one of {known}.")
    if not (_is_number(operand) or isinstance(operand, str)):
        raise refusal(f"{key}: {name} compares numbers or texts, not {shown(operand)}.", "Pass a number or a text.")
    return lambda value: _is_comparable(value, operand) and ordered(value, operand)


_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda one, other: bool(one > other),
    "$gte": lambda one, other: bool(one >= other),
    "$lt": lambda one, other: bool(one < other),
    "$lte": lambda one, other: bool(one <= other),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_comparable(one: Any, other: Any) -> bool:
    return (_is_number(one) and _is_number(other)) or (isinstance(one, str) and isinstance(other, str))


def _at(value: Mapping[str, Any], key: str) -> Any:
    if key in value:
        return value[key]
    found: Any = value
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


ItemFilter = Annotated[Mapping[str, Any], PlainValidator(read_filter)]
"""A filter as a caller writes it; `Arguments` makes a `Filter` of it."""
