"""Conditions as the server gets them: steps of a computation in a parameter, and what of them the text index knows.

No text of a statement is made of a condition: ``parts/condition`` works through the steps, each of which has what it
needs among its values. A step that joins others names them by their places in the list.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from coda_graphmem.conditions import COMPARABLE, NULL, escaped, value_of
from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.models.conditions import Comparison, Condition, Either, Every, Value, Without
from coda_graphmem.store.neo4j.values import (
    KEYED,
    field_path,
    in_order,
    keys_of,
    number_spans,
    place_span,
    text_prefix,
    text_span,
    value_key,
)

Step = dict[str, Any]

#: The properties of a node that hold a field, where they are called otherwise.
_PROPERTIES = {"timestamp": ("epoch",), "expires_at": ("expires_at", "ends_at")}

#: The property whose keys the full-text index holds.
_FIELD = "value_keys"
#: Lucene refuses more than 1,024 clauses in a query, and words are to be looked for as well.
_MAX_CLAUSES = 300


def condition_steps(condition: Condition | None) -> list[Step]:
    """The steps that compute a condition, the last one the condition itself; none where nothing is asked."""
    steps: list[Step] = []
    if condition is not None:
        _add(condition, steps)
    return steps


def _add(condition: Condition, steps: list[Step]) -> int:
    """Add what computes a condition; the place of its result."""
    match condition:
        case Every(conditions):
            step: Step = {"kind": "every", "parts": [_add(one, steps) for one in conditions]}
        case Either(conditions):
            step = {"kind": "either", "parts": [_add(one, steps) for one in conditions]}
        case Without(one):
            step = {"kind": "without", "part": _add(one, steps)}
        case Comparison(field=field):
            step = _values_step(condition) if field in _PLACES else _field_step(condition)
    steps.append(step)
    return len(steps) - 1


#: Fields of which a memory holds several values.
_PLACES = {"metadata", *(name for name, kind in COMPARABLE.items() if kind == "texts")}


def _path(comparison: Comparison) -> str:
    return comparison.path if comparison.field == "metadata" else field_path(comparison.field)


def _values_step(comparison: Comparison) -> Step:
    path, operator, operands = _path(comparison), comparison.operator, comparison.operands
    if operator == "exists":
        return _held(spans=[place_span(path)], wanted=bool(operands[0].value))
    if operator in {"eq", "in"}:
        return _held(keys=keys_of(path, operands))
    [operand] = operands
    if operator == "contains":
        item = value_key(path, operand, is_item=True)
        if operand.kind != "text":
            return _held(keys=[item])
        return _held(keys=[item]) | _texts([text_prefix(path, is_item=False)], operator, operand)
    if operand.kind == "number":
        return _held(spans=number_spans(path, operator, float(operand.value)))
    prefixes = [text_prefix(path, is_item=is_item) for is_item in (False, True)]
    return _held() | (_texts(prefixes, operator, operand) if operand.kind == "text" else {})


def _held(*, keys: Iterable[str] = (), spans: Sequence[tuple[str, str]] = (), wanted: bool = True) -> Step:
    """A step that looks whether there is one of some keys."""
    return {"kind": "held", "keys": list(keys), "spans": [list(one) for one in spans], "wanted": wanted, "prefixes": []}


def _texts(prefixes: Sequence[str], operator: str, operand: Value) -> Step:
    """What makes a step look at texts as well."""
    return {"prefixes": list(prefixes), "sign": operator, "value": in_order(str(operand.value))}


def _field_step(comparison: Comparison) -> Step:
    field, operator, operands = comparison.field, comparison.operator, comparison.operands
    names = _PROPERTIES.get(field, (field,))
    step = {"kind": "field", "name": names[0], "other": names[-1], "sign": operator}
    if operator == "exists":
        return step | {"wanted": bool(operands[0].value)}
    kind = "text" if COMPARABLE[field] == "text" else "number"
    values = [one for one in operands if one.kind == kind]
    if field == "memory_type" and operator not in {"eq", "in"}:
        # Only these are there.
        fits = [one.value for one in MemoryType if values and _fits(operator, one.value, str(values[0].value))]
        return step | {"sign": "in", "values": fits, "or_null": False}
    if operator in {"eq", "in"}:
        return step | {"sign": "in", "values": [one.value for one in values], "or_null": NULL in operands}
    if not values or (operator == "contains" and kind == "number"):
        return _held()
    if kind == "number":
        return step | {"value": values[0].value}
    # Who said it stands in the metadata.
    path = field if field == "speaker" else field_path(field)
    return _held() | _texts([text_prefix(path, is_item=False)], operator, values[0])


def _fits(operator: str, value: str, operand: str) -> bool:
    signs = {"gt": value > operand, "gte": value >= operand, "lt": value < operand, "lte": value <= operand}
    return signs.get(operator, operand in value)


class Restriction(NamedTuple):
    """What a full-text query can require of memories."""

    query: str = ""
    """In Lucene's syntax; empty for nothing."""
    clauses: int = 0
    """How many terms and spans it has."""
    is_exact: bool = False
    """Whether only those meet it that match; otherwise all of those and maybe more."""


#: What requires nothing.
ANYTHING = Restriction()


def restriction(where: MemoryFilter) -> Restriction:
    """What of a filter the full-text index knows."""
    parts = [_equal(escaped(key), [value_of(value)]) for key, value in where.metadata.items()]
    if where.conversation_id is not None:
        parts.append(_equal(field_path("conversation_id"), [Value("text", where.conversation_id)]))
    if where.memory_types is not None:
        parts.append(_equal(field_path("memory_type"), [Value("text", kind.value) for kind in where.memory_types]))
    if where.where is not None:
        parts.append(_known(where.where))
    others = (where.min_importance, where.max_importance, where.since, where.until)
    known = _all_of(parts)
    return known._replace(is_exact=known.is_exact and all(one is None for one in others))


def _known(condition: Condition) -> Restriction:
    """What the index knows of a condition. It holds for nobody who does not meet that."""
    match condition:
        case Every(conditions):
            return _all_of([_known(one) for one in conditions])
        case Either(conditions):
            return _any_of([_known(one) for one in conditions])
        case Without():
            return ANYTHING
        case Comparison(field=field) if field in _PLACES:
            return _held_somewhere(condition)
        case Comparison(field=field, operator=operator, operands=operands):
            path = field_path(field) if field in KEYED else "speaker" if field == "speaker" else None
            if path is None or operator not in {"eq", "in"} or NULL in operands:
                return ANYTHING
            return _equal(path, [one for one in operands if one.kind == "text"])


def _held_somewhere(comparison: Comparison) -> Restriction:
    path, operator, operands = _path(comparison), comparison.operator, comparison.operands
    if operator == "exists":
        return _clauses(spans=[place_span(path)]) if operands[0].value else ANYTHING
    if operator in {"eq", "in"}:
        return _clauses(list(keys_of(path, operands)))
    [operand] = operands
    item = value_key(path, operand, is_item=True)
    if operator == "contains":
        if operand.kind != "text":
            return _clauses([item])
        return _clauses([item], [text_span(path, is_item=False)], is_exact=False)
    if operand.kind == "number":
        return _clauses(spans=number_spans(path, operator, float(operand.value)))
    return _clauses(spans=[text_span(path, is_item=is_item) for is_item in (False, True)], is_exact=False)


def _equal(path: str, values: Sequence[Value]) -> Restriction:
    """That one of some values is in a place, not in a list there."""
    return _clauses([value_key(path, value, is_item=False) for value in values])


def _clauses(keys: Sequence[str] = (), spans: Sequence[tuple[str, str]] = (), *, is_exact: bool = True) -> Restriction:
    parts = [*keys, *(f"[{first} TO {last}]" for first, last in spans)]
    if not 0 < len(parts) <= _MAX_CLAUSES:
        return ANYTHING
    return Restriction(f"{_FIELD}:({' '.join(parts)})", len(parts), is_exact)


def _all_of(parts: Sequence[Restriction]) -> Restriction:
    kept: list[Restriction] = []
    # What has the fewest clauses first, as some may be too many.
    for part in sorted(parts, key=lambda one: one.clauses):
        if part.query and sum(one.clauses for one in kept) + part.clauses <= _MAX_CLAUSES:
            kept.append(part)
    if len(kept) == len(parts) == 1:
        return kept[0]
    query = " ".join(f"+({one.query})" for one in kept)
    is_exact = len(kept) == len(parts) and all(one.is_exact for one in kept)
    return Restriction(query, sum(one.clauses for one in kept), is_exact)


def _any_of(parts: Sequence[Restriction]) -> Restriction:
    clauses = sum(one.clauses for one in parts)
    if not parts or clauses > _MAX_CLAUSES or not all(one.query for one in parts):
        return ANYTHING
    query = " ".join(f"({one.query})" for one in parts)
    return Restriction(query, clauses, all(one.is_exact for one in parts))
