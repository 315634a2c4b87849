"""Conditions on what a memory holds: comparisons, and what joins them.

A field of a memory, or a place in its metadata, holds values: the value itself, and each item of a list, so that a
comparison asks whether any of them fits. Objects in lists are looked into as well. This is the one meaning that all
stores keep to; `coda_graphmem.conditions` says it in Python.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Operator = Literal["eq", "gt", "gte", "lt", "lte", "in", "contains", "exists"]
"""How a value is compared. What is negated is a `Without`."""

ValueKind = Literal["null", "boolean", "number", "text", "json"]
"""What a value is; ``json`` for a list or an object as a whole. Values of different kinds never compare."""


class Value(NamedTuple):
    """A value with its kind: to Python alone True equals 1."""

    kind: ValueKind
    value: float | str
    """A number as a float, True and False as 1 and 0, null as 0, a text as it is, and what is ``json`` as its normal
    form (`coda_graphmem.conditions.normal_form`)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one of the values in a place has to be.

    - ``eq``: equal to the operand; ``in``: to one of them.
    - ``gt``, ``gte``, ``lt``, ``lte``: numbers by size, texts by code points.
    - ``contains``: an item of a list that equals the operand; or a text, but not one in a list, that it is a part of,
      letter case included.
    - ``exists``: whether there is a value at all. A field of a memory that is None has none; null in metadata is one.
    """

    field: str
    """A field of `Memory` that can be compared, or ``metadata``."""
    operator: Operator
    operands: tuple[Value, ...]
    """One, but for ``in``; of ``exists`` a boolean."""
    path: str = ""
    """Where in the metadata: the keys, joined by dots; a dot or a backslash in a key has a backslash before it."""


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold; with none, always."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of them holds; with none, never."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """It does not hold: also where there is no value to compare."""

    condition: "Condition"


Condition = Comparison | Every | Either | Without
