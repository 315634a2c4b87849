"""Conditions as SQL over a memory's row; every part is true or false, never NULL, so that it can be negated."""

import json
import struct
from collections.abc import Mapping
from typing import NamedTuple

from coda_graphmem.conditions import COMPARABLE, NULL, escaped, metadata_values, value_of
from coda_graphmem.models import Scope
from coda_graphmem.models.conditions import Comparison, Condition, Either, Every, Value, ValueKind, Without

Parameter = str | int | float | bytes | None
Part = tuple[str, tuple[Parameter, ...]]

#: How kinds of values are kept.
_KINDS: Mapping[ValueKind, int] = {"null": 0, "boolean": 1, "number": 2, "text": 3, "json": 4}
#: Where tags are kept among the values; no path in metadata begins so.
TAGS_PATH = "\\tags"

#: The sign of a number of 64 bits, and all of them.
_SIGN, _ALL_BITS = 1 << 63, (1 << 64) - 1

_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_COLUMNS = {name: f"m.{name}" for name in COMPARABLE} | {"expires_at": "coalesce(m.expires_at, m.ends_at)"}
_ENTITY = (
    "EXISTS (SELECT 1 FROM mentions AS x JOIN entities AS e ON e.id = x.entity WHERE x.memory = m.id{})"  # of any kind
)


def memory_values_of(metadata: str, tags: str | None) -> str:
    """Rows of ``memory_values`` of a memory: a JSON list of path, kind, value and whether it is an item."""
    try:
        values, filed = json.loads(metadata), json.loads(tags) if tags else []
    except ValueError:  # Damage, which reading the memory tells of; nothing is found by it.
        return "[]"
    held = [(one.path, one.value, one.is_item) for one in metadata_values(values)]
    held += [(TAGS_PATH, value_of(tag), True) for tag in filed]
    return json.dumps([(path, *_typed(value), int(is_item)) for path, value, is_item in held])


class Lookup(NamedTuple):
    """How values are looked up."""

    namespace_id: int
    row_by_row: bool = False
    """Whether it is asked of few memories that are known already: then each is looked up, else all that are meant are
    gathered first."""
    listed: bool = False
    """Whether the parts are no conditions but queries for row ids, each perhaps more than once."""

    def part(self, path: str, tail: str, *values: Parameter) -> Part:
        """That a memory holds a value in a place of which ``tail`` holds."""
        where = f"WHERE v.namespace_id = ? AND v.path = ? {tail}"
        if self.listed:
            sql = f"SELECT v.memory FROM memory_values AS v {where}"
        elif self.row_by_row:
            sql = (
                "EXISTS (SELECT 1 FROM memory_values AS v INDEXED BY memory_values_by_memory "
                f"{where} AND v.memory = m.id)"
            )
        else:
            sql = f"m.id IN (SELECT v.memory FROM memory_values AS v {where})"
        return sql, (self.namespace_id, path, *values)


def condition_sql(condition: Condition, lookup: Lookup) -> Part:  # noqa: PLR0911 - one for each kind
    """A condition over ``memories AS m``."""
    match condition:
        case Every(conditions):
            return _joined(" AND ", conditions, lookup, none="1")
        case Either(conditions):
            return _joined(" OR ", conditions, lookup, none="0")
        case Without(one):
            sql, values = condition_sql(one, lookup)
            return f"NOT {sql}", values
        case Comparison(field="metadata", path=path):
            return _held(condition, path, lookup)
        case Comparison(field="tags"):
            return _held(condition, TAGS_PATH, lookup)
        case Comparison(field="entities"):
            return _mentioned(condition)
        case _:
            return _column(condition)


def listing_sql(comparison: Comparison, namespace_id: int) -> Part:
    """A query for the row ids of what has such a value in its metadata or tags, whether it is live or not.

    Args:
        comparison: Of the field ``metadata`` or ``tags``; not that there is no value.
        namespace_id: The namespace that is searched.
    """
    path = comparison.path if comparison.field == "metadata" else TAGS_PATH
    return _held(comparison, path, Lookup(namespace_id, listed=True))


def metadata_sql(key: str, value: Value, lookup: Lookup) -> Part:
    """That metadata hold a value under a key of their own, and not as an item of a list there."""
    return lookup.part(escaped(key), "AND v.kind = ? AND v.value = ? AND NOT v.is_item", *_typed(value))


def mentions(condition: Condition, field: str) -> bool:
    """Whether a condition is about a field."""
    match condition:
        case Every(conditions) | Either(conditions):
            return any(mentions(one, field) for one in conditions)
        case Without(one):
            return mentions(one, field)
        case Comparison():
            return condition.field == field


def _joined(sign: str, conditions: tuple[Condition, ...], lookup: Lookup, *, none: str) -> Part:
    parts = [condition_sql(one, lookup) for one in conditions]
    if not parts:
        return none, ()
    return f"({sign.join(sql for sql, _ in parts)})", tuple(value for _, values in parts for value in values)


def _held(comparison: Comparison, path: str, lookup: Lookup) -> Part:
    """A condition on what metadata or tags hold in one place."""
    operator, operands = comparison.operator, comparison.operands
    if operator == "exists":
        sql, values = lookup.part(path, "")
        return ("" if operands[0].value else "NOT ") + sql, values
    if operator in {"eq", "in"}:
        if len(operands) == 1:
            return lookup.part(path, "AND v.kind = ? AND v.value = ?", *_typed(operands[0]))
        wanted = json.dumps([_typed(one) for one in operands])
        pairs = "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)"
        return lookup.part(path, f"AND (v.kind, v.value) IN ({pairs})", wanted)
    kind, value = _typed(operands[0])
    if operator == "contains":
        own = "AND v.kind = ? AND CASE WHEN v.is_item THEN v.value = ? ELSE v.kind = 3 AND instr(v.value, ?) END"
        return lookup.part(path, own, kind, value, value)
    return lookup.part(path, f"AND v.kind = ? AND v.value {_SIGNS[operator]} ?", kind, value)


def _mentioned(comparison: Comparison) -> Part:
    """A condition on the keys of the entities that a memory mentions."""
    operator, operands = comparison.operator, comparison.operands
    if operator == "exists":
        return ("" if operands[0].value else "NOT ") + _ENTITY.format(""), ()
    keys = [one.value for one in operands if one.kind == "text"]
    if operator in {"eq", "in", "contains"}:
        return _ENTITY.format(" AND e.key IN (SELECT value FROM json_each(?))"), (json.dumps(keys),)
    return (_ENTITY.format(f" AND e.key {_SIGNS[operator]} ?"), (keys[0],)) if keys else ("0", ())


def _column(comparison: Comparison) -> Part:
    """A condition on a column."""
    operator, column = comparison.operator, _COLUMNS[comparison.field]
    kind = "text" if COMPARABLE[comparison.field] == "text" else "number"
    if operator == "exists":
        return f"({column} IS {'NOT ' if comparison.operands[0].value else ''}NULL)", ()
    values = [one.value for one in comparison.operands if one.kind == kind]
    if operator in {"eq", "in"}:
        parts, parameters = [f"{column} IS NULL"] * (NULL in comparison.operands), []
        if len(values) == 1:
            # ``IS`` keeps a column out of its index, as what it is compared with may be null.
            of_owner = comparison.field in Scope.model_fields
            same = f"({column} IS NOT NULL AND {column} = ?)" if of_owner else f"{column} IS ?"
            parts, parameters = [*parts, same], values
        elif values:
            own = "float_of(value)" if kind == "number" else "value"
            parts.append(f"({column} IS NOT NULL AND {column} IN (SELECT {own} FROM json_each(?)))")
            parameters = [json.dumps([one.hex() if isinstance(one, float) else one for one in values])]
        return f"({' OR '.join(parts) or '0'})", tuple(parameters)
    if not values or (operator == "contains" and kind == "number"):
        return "0", ()
    if operator == "contains":
        return f"({column} IS NOT NULL AND instr({column}, ?) > 0)", (values[0],)
    return f"({column} IS NOT NULL AND {column} {_SIGNS[operator]} ?)", (values[0],)


def _typed(value: Value) -> tuple[int, float | str]:
    """A value with its kind as ``memory_values`` has them."""
    return _KINDS[value.kind], sortable(value.value) if value.kind == "number" else value.value


def sortable(number: float | str) -> str:
    """A number as a text: equal and ordered as the number is, bit by bit, whatever SQLite makes of decimals."""
    [bits] = struct.unpack(">Q", struct.pack(">d", number))
    return f"{bits ^ (_ALL_BITS if bits & _SIGN else _SIGN):016x}"
