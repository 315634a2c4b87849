"""Random memories, and random conditions that some of them meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from coda_graphmem.conditions import escaped
from coda_graphmem.models import MemoryType
from coda_graphmem.models.conditions import Condition
from coda_graphmem.store.protocol import NewMemory
from coda_graphmem.where import read_where
from tests.store.factory import new

Where = dict[str, Any]

NOW = 5_000.0
"""When the memories are looked for."""

#: Few, so that conditions meet memories, and as keys may be: with dots, backslashes, quotes, beyond the BMP, or empty.
KEYS = ("a", "b", "a.b", "a\\b", "\\tags", "", 'it\'s "q"', "ключ", "\U0001f600", "$in", "%_", "speaker")
#: As texts are compared: by letter case, white space, wild cards, code points beyond the BMP, and length.
TEXTS = (
    *("", "x", "X", "xy", " x", "1", "true", "null", "%", "é", "e\u0301", "\U0001f600", "\uffff", "\x01", "a'b\"c\\"),
    *("long " * 100, "long " * 100 + "x"),
)
#: Equal, nearly equal, and beyond what a float holds.
NUMBERS = (
    *(0, -0.0, 1, 1.0, -1, 0.1, 0.1 + 0.2, 0.3, 5e-324, 1e308, 2**53, 2**53 + 1, 2**63, -(2**64)),
    *(10**400, -(10**400)),
)
IDS = ("u1", "u2", "U1", "ключ")
TAGS = ("work", "Work", "travel", "\U0001f600", "a.b", 'it\'s "q"', "%")
ENTITIES = ("anna", "tom", "berlin")
TIMES = (0.0, 1_000.0, 1_000.5, 6_000.0, 1e9)

keys = st.sampled_from(KEYS)
texts = st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)
numbers = st.sampled_from(NUMBERS) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
metadata = st.dictionaries(keys.filter(lambda key: key != "speaker"), values, max_size=4).flatmap(
    # Who speaks is told by a text.
    lambda found: st.sampled_from([found, {**found, "speaker": "x"}, {**found, "speaker": "Anna"}])
)
ids = st.none() | st.sampled_from(IDS)


@st.composite
def memories(draw: st.DrawFn, *, most: int = 6) -> list[NewMemory]:
    """Long-term ones, of which some end later, one has ended, and short-term ones."""
    rows = []
    for number in range(draw(st.integers(1, most))):
        row = new(
            f"m{number}",
            f"words of number {number}",
            entities=draw(st.lists(st.sampled_from(ENTITIES), max_size=2, unique=True)),
            memory_type=draw(st.sampled_from(list(MemoryType))),
            timestamp=draw(st.sampled_from(TIMES)),
            created_at=draw(st.sampled_from(TIMES)),
            importance_score=draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
            metadata=draw(metadata),
            conversation_id=draw(ids),
            user_id=draw(ids),
            agent_id=draw(ids),
            session_id=draw(ids),
            tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3, unique=True))),
        )
        ends = draw(st.sampled_from([None, None, None, NOW, NOW + 1.0, 1e9]))
        lifetime = "short_term" if ends is not None and draw(st.booleans()) else "long_term"
        rows.append(replace(row, expires_at=ends, lifetime=lifetime))
    return rows


@st.composite
def conditions(draw: st.DrawFn, rows: Sequence[NewMemory]) -> Condition:
    """One that a caller can write, about what the memories hold or nearly hold."""
    return read_where(draw(_joined(rows, depth=3)))


@st.composite
def _joined(draw: st.DrawFn, rows: Sequence[NewMemory], *, depth: int) -> Where:
    kind = draw(st.sampled_from(["one", "one", "two", "$and", "$or", "$not"] if depth else ["one"]))
    if kind in ("$and", "$or"):
        return {kind: draw(st.lists(_joined(rows, depth=depth - 1), min_size=1, max_size=3))}
    if kind == "$not":
        return {kind: draw(_joined(rows, depth=depth - 1))}
    return draw(_compared(rows)) | (draw(_compared(rows)) if kind == "two" else {})


@st.composite
def _compared(draw: st.DrawFn, rows: Sequence[NewMemory]) -> Where:
    """A comparison or two of one field or place."""
    if draw(st.booleans()):
        key, operands, ordered = draw(_place(rows))
    else:
        key = draw(st.sampled_from(sorted(_FIELDS)))
        operands, ordered = _FIELDS[key]
    operators = {
        "$eq": operands,
        "$ne": operands,
        "$in": st.lists(operands, max_size=3),
        "$nin": st.lists(operands, max_size=3),
        "$contains": operands,
        "$exists": st.booleans(),
        **dict.fromkeys(("$gt", "$gte", "$lt", "$lte"), ordered),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(operators)), min_size=1, max_size=2, unique=True))
    return {key: {name: draw(operators[name]) for name in chosen}}


@st.composite
def _place(draw: st.DrawFn, rows: Sequence[NewMemory]) -> tuple[str, st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """A key of metadata, mostly one that is there, with what it is compared with, mostly what is there."""
    held = [found for row in rows for found in _held((), row.metadata)]
    path: tuple[str, ...]
    if held and draw(st.integers(0, 4)):
        path, value = draw(st.sampled_from(held))
    else:
        path, value = tuple(draw(st.lists(keys, min_size=1, max_size=2))), None
    here = [other for place, other in held if place == path] or [value]
    operands = st.sampled_from(here) | scalars | values
    plain = [one for one in here if isinstance(one, str | int | float) and not isinstance(one, bool)]
    ordered = numbers | texts
    return (
        ".".join(("metadata", *map(escaped, path))),
        operands,
        st.sampled_from(plain) | ordered if plain else ordered,
    )


def _held(path: tuple[str, ...], value: object) -> list[tuple[tuple[str, ...], Any]]:
    """All places of metadata with what is there."""
    found = [(path, value)] if path else []
    if isinstance(value, dict):
        found += [one for key, inner in value.items() for one in _held((*path, key), inner)]
    elif isinstance(value, list):
        found += [one for inner in value for one in _held(path, inner)]
    return found


def _field(some: Sequence[Any], *, null: bool) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """What a field is compared with, for equality and for order."""
    known = st.sampled_from(some)
    return (st.none() | known if null else known), known


_texts = (*IDS, "u", "")
_FIELDS: dict[str, tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]] = {
    "memory_type": _field([*MemoryType], null=False),
    "importance_score": _field([0, 0.1, 0.5, 1.0, 2], null=False),
    **{name: _field(TIMES, null=True) for name in ("timestamp", "created_at", "updated_at", "last_said_at")},
    "expires_at": _field([NOW, NOW + 1.0, 1e9], null=True),
    "speaker": _field(["x", "Anna", "anna", "nn"], null=True),
    **{name: _field(_texts, null=True) for name in ("conversation_id", "user_id", "agent_id", "session_id")},
    "entities": _field(["Anna", "the Tom", "berlin", "nobody"], null=False),
    "tags": _field([*TAGS, "wor", "tags"], null=True),
}
