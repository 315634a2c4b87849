"""What conditions mean: which values a memory holds where, and whether a condition holds. Pure functions.

Stores keep `metadata_values` beside a memory, so that their indexes answer the same.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from coda_graphmem.models import Memory
from coda_graphmem.models.conditions import Comparison, Condition, Either, Every, Value, Without

FieldKind = Literal["text", "number", "time", "texts"]

COMPARABLE: Mapping[str, FieldKind] = {
    "memory_type": "text",
    "importance_score": "number",
    "timestamp": "time",
    "created_at": "time",
    "updated_at": "time",
    "last_said_at": "time",
    "expires_at": "time",
    "speaker": "text",
    "conversation_id": "text",
    "user_id": "text",
    "agent_id": "text",
    "session_id": "text",
    "entities": "texts",
    "tags": "texts",
}
"""Fields of a memory that conditions may name. Entities are compared by their keys."""

#: Beyond this many characters the normal form of a list or an object is its hash, as it is only compared for equality.
_LONGEST_FORM = 200

NULL = Value("null", 0.0)


class Held(NamedTuple):
    """A value that metadata holds."""

    path: str
    """Where, as `Comparison.path` has it."""
    value: Value
    is_item: bool
    """Whether it is an item of a list there."""


def value_of(item: object) -> Value:
    """A value of JSON with its kind."""
    if item is None:
        return NULL
    if isinstance(item, bool):
        return Value("boolean", float(item))
    if isinstance(item, int | float):
        return Value("number", _as_float(item))
    if isinstance(item, str):
        # A type of memories is a text that tells otherwise what it is.
        return Value("text", str.__str__(item))
    return Value("json", normal_form(item))


def normal_form(item: object) -> str:
    """The text that equal lists or objects share, whatever the order of keys; 1 and 1.0 are equal, 1 and True not."""
    text = json.dumps(_normal(item), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if len(text) <= _LONGEST_FORM:
        return text
    return f"#{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def metadata_values(metadata: Mapping[str, Any]) -> set[Held]:
    """All values of metadata, each once."""
    return {found for key, item in metadata.items() for found in _values(escaped(key), item)}


def escaped(key: str) -> str:
    """A key as it stands in a path."""
    return key.replace("\\", "\\\\").replace(".", "\\.")


def holds(condition: Condition, memory: Memory) -> bool:
    """Whether a condition holds for a memory."""
    match condition:
        case Every(conditions):
            return all(holds(one, memory) for one in conditions)
        case Either(conditions):
            return any(holds(one, memory) for one in conditions)
        case Without(one):
            return not holds(one, memory)
        case Comparison():
            return _compares(condition, list(_held(condition, memory)))


def _held(comparison: Comparison, memory: Memory) -> Iterator[Held]:
    """The values that a comparison looks at."""
    name = comparison.field
    if name == "metadata":
        yield from (held for held in metadata_values(memory.metadata) if held.path == comparison.path)
    elif name == "entities":
        yield from (Held("", Value("text", mention.key), is_item=True) for mention in memory.entities)
    elif COMPARABLE[name] == "texts":
        yield from (Held("", Value("text", item), is_item=True) for item in getattr(memory, name))
    elif getattr(memory, name) is not None:
        yield Held("", value_of(getattr(memory, name)), is_item=False)


def _compares(comparison: Comparison, held: Sequence[Held]) -> bool:
    operator, operands = comparison.operator, comparison.operands
    if operator == "exists":
        return bool(held) == bool(operands[0].value)
    if operator in {"eq", "in"}:
        single = comparison.field != "metadata" and COMPARABLE[comparison.field] != "texts"
        # A field that is None is compared as null is.
        return any(one.value in operands for one in held) or (single and not held and NULL in operands)
    [operand] = operands
    if operator == "contains":
        return any(one.value == operand if one.is_item else _is_part(operand, one.value) for one in held)
    return any(one.value.kind == operand.kind and _ordered(operator, one.value.value, operand.value) for one in held)


def _is_part(operand: Value, value: Value) -> bool:
    return operand.kind == value.kind == "text" and str(operand.value) in str(value.value)


def _ordered(operator: str, one: Any, other: Any) -> bool:
    match operator:
        case "gt":
            return bool(one > other)
        case "gte":
            return bool(one >= other)
        case "lt":
            return bool(one < other)
        case _:
            return bool(one <= other)


def _values(path: str, item: object, *, is_item: bool = False) -> Iterator[Held]:
    yield Held(path, value_of(item), is_item)
    if isinstance(item, Mapping):
        for key, inner in item.items():
            yield from _values(f"{path}.{escaped(key)}", inner)
    elif isinstance(item, list | tuple) and not is_item:
        for one in item:
            yield from _values(path, one, is_item=True)


def _as_float(number: float) -> float:
    """A number as all stores compare it; beyond what a float holds, the largest one."""
    try:
        return float(number) + 0.0  # -0.0 is 0.0
    except OverflowError:
        return sys.float_info.max if number > 0 else -sys.float_info.max


def _normal(item: object) -> object:
    """A value of JSON in which equal numbers are written alike."""
    if isinstance(item, Mapping):
        return {key: _normal(inner) for key, inner in item.items()}
    if isinstance(item, list | tuple):
        return [_normal(inner) for inner in item]
    if isinstance(item, bool) or not isinstance(item, int | float):
        return item
    return _as_float(item)
