"""Keys sort and part as values do, and what the full-text index is asked never leaves out who matches."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

from coda_graphmem.conditions import value_of
from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.models.conditions import Comparison, Either, Every, Value, Without
from coda_graphmem.store.neo4j.conditions import ANYTHING, condition_steps, restriction
from coda_graphmem.store.neo4j.lucene import lucene_queries, scope_query
from coda_graphmem.store.neo4j.values import (
    in_order,
    keys_of,
    number_spans,
    place_span,
    text_span,
    value_key,
    value_properties,
)
from coda_graphmem.where import read_where

NUMBERS = [-sys.float_info.max, -(2.0**64), -1.5, -1.0, -5e-324, 0.0, 5e-324, 0.1, 1.0, 2.0**53, sys.float_info.max]
TEXTS = ["", "A", "a", "a\x00", "ab", "\ud7fe", "\ud7ff", "\ud7ffa", "\ue000", "\uffff", "\U00010000", "\U0001f600"]


def utf16(text: str) -> list[int]:
    raw = text.encode("utf-16-be")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def test_keys_of_numbers_are_in_their_order() -> None:
    keys = [value_key("a", value_of(number), is_item=False) for number in NUMBERS]
    assert keys == sorted(keys)
    assert len({*keys}) == len(NUMBERS)
    assert all(len(key) == 41 and key.isdecimal() for key in keys)


@pytest.mark.parametrize("operator", ["gt", "gte", "lt", "lte"])
def test_spans_of_numbers(operator: str) -> None:
    for operand in NUMBERS:
        [(first, last), (first_item, last_item)] = number_spans("a", operator, operand)
        for number in NUMBERS:
            fits = {"gt": number > operand, "gte": number >= operand, "lt": number < operand, "lte": number <= operand}
            assert (first <= value_key("a", value_of(number), is_item=False) <= last) is fits[operator]
            assert (first_item <= value_key("a", value_of(number), is_item=True) <= last_item) is fits[operator]
        assert not first <= value_key("a", value_of("1"), is_item=False) <= last
        assert not first <= value_key("b", value_of(operand), is_item=False) <= last


def test_a_place_has_a_span_of_its_own() -> None:
    values = [None, True, 1, "x", [1], {"k": 1}]
    first, last = place_span("a.b")
    assert all(first <= key <= last for key in keys_of("a.b", map(value_of, values)))
    assert not any(first <= key <= last for key in keys_of("a\\.b", map(value_of, values)))
    first, last = text_span("a", is_item=False)
    assert [first <= key <= last for key in keys_of("a", [value_of("x")])] == [True, False]


def test_values_of_other_kinds_have_other_keys() -> None:
    keys = [key for one in (None, False, True, 0, 1, "1", "true", [1]) for key in keys_of("a", [value_of(one)])]
    assert len({*keys}) == len(keys)
    assert value_key("a", value_of(1), is_item=False) == value_key("a", value_of(1.0), is_item=False)


def test_texts_sort_by_code_points_where_units_of_utf_16_are_compared() -> None:
    assert sorted(TEXTS, key=lambda text: utf16(in_order(text))) == sorted(TEXTS)
    for one, other in pairwise(TEXTS):
        for text in (one + other, other + one, one + one + other):
            assert all((in_order(part) in in_order(text)) is (part in text) for part in TEXTS)


def test_properties_of_a_node() -> None:
    fields = {"memory_type": MemoryType.SEMANTIC, "user_id": "u", "agent_id": None}
    found = value_properties({"a": ["x", 1], "speaker": "Ida"}, ["work"], ["berlin"], fields)
    assert found["value_texts"] == ["\\entities\\-berlin", "\\tags\\-work", "\\user_id\\=u", "a\\-x", "speaker\\=Ida"]
    expected = {
        value_key("a", value_of(["x", 1]), is_item=False),
        value_key("a", value_of("x"), is_item=True),
        value_key("a", value_of(1), is_item=True),
        value_key("speaker", value_of("Ida"), is_item=False),
        value_key("\\tags", value_of("work"), is_item=True),
        value_key("\\entities", value_of("berlin"), is_item=True),
        value_key("\\memory_type", value_of("semantic"), is_item=False),
        value_key("\\user_id", value_of("u"), is_item=False),
    }
    assert found["value_keys"] == sorted(expected)
    assert value_properties({}, (), (), {"memory_type": "semantic"})["value_texts"] is None


def asked(where: object) -> tuple[str, bool]:
    found = restriction(MemoryFilter(where=read_where(where)))
    return found.query, found.is_exact


def test_what_the_index_knows() -> None:
    [whole, item] = keys_of("a", [value_of(1)])
    user = value_key("\\user_id", value_of("u"), is_item=False)
    assert asked({"metadata.a": 1}) == (f"value_keys:({whole} {item})", True)
    assert asked({"user_id": "u"}) == (f"value_keys:({user})", True)
    assert asked({"user_id": "u", "metadata.a": 1}) == (
        f"+(value_keys:({user})) +(value_keys:({whole} {item}))", True
    )  # fmt: skip
    assert asked({"$or": [{"user_id": "u"}, {"metadata.a": 1}]}) == (
        f"(value_keys:({user})) (value_keys:({whole} {item}))", True
    )  # fmt: skip
    (first, last), _ = number_spans("a", "gt", 1.0)
    assert f"[{first} TO {last}]" in asked({"metadata.a": {"$gt": 1}})[0]
    assert asked({"metadata.a": {"$contains": "x"}})[1] is False
    assert asked({"speaker": "Ida"}) == (f"value_keys:({value_key('speaker', value_of('Ida'), is_item=False)})", True)


@pytest.mark.parametrize(
    "where",
    [
        {"metadata.a": {"$ne": 1}},
        {"metadata.a": {"$exists": False}},
        {"user_id": None},
        {"user_id": {"$in": ["u", None]}},
        {"user_id": {"$in": []}},
        {"importance_score": {"$gt": 0.5}},
        {"$or": [{"user_id": "u"}, {"timestamp": 1.0}]},
        {"metadata.a": {"$in": [*range(200)]}},
    ],
)
def test_what_the_index_does_not_know(where: object) -> None:
    assert asked(where) == ("", False)


def test_what_it_does_not_know_leaves_the_rest() -> None:
    query, is_exact = asked({"user_id": "u", "metadata.a": {"$ne": 1}})
    assert (query.count("value_keys"), is_exact) == (1, False)
    many = Every(tuple(Comparison("metadata", "eq", (Value("number", float(i)),), "a") for i in range(400)))
    found = restriction(MemoryFilter(where=many))
    assert (0 < found.clauses <= 300, found.is_exact) == (True, False)
    assert restriction(MemoryFilter(where=Either(()))) == ANYTHING
    assert restriction(MemoryFilter(where=Without(many))) == ANYTHING


def test_other_conditions_of_a_filter() -> None:
    found = restriction(MemoryFilter(conversation_id="c", memory_types=(MemoryType.EPISODIC,), metadata={"a": 1}))
    assert (found.clauses, found.is_exact) == (3, True)
    assert value_key("a", value_of(1), is_item=False) in found.query
    assert value_key("a", value_of(1), is_item=True) not in found.query
    assert not restriction(MemoryFilter(conversation_id="c", since=1.0)).is_exact
    assert restriction(MemoryFilter()) == ANYTHING._replace(is_exact=True)


def test_queries_require_it_and_score_nothing_by_it() -> None:
    found = restriction(MemoryFilter(conversation_id="c"))
    assert scope_query("7", found) == f"+scope:7^0 +({found.query})^0"
    [query] = lucene_queries("7", ["tea", "rum"], found)
    assert query == f"+scope:7^0 +({found.query})^0 +search_text:(tea rum)"
    words = [f"w{i}" for i in range(500)]
    assert len(lucene_queries("7", words, ANYTHING)) == 1
    assert len(lucene_queries("7", words, found)) == 2


def test_a_condition_is_steps_that_name_what_they_join() -> None:
    steps = condition_steps(read_where({"$or": [{"user_id": "u"}, {"$not": {"tags": "t"}}]}))
    assert [step["kind"] for step in steps] == ["field", "held", "without", "either"]
    assert (steps[2]["part"], steps[3]["parts"]) == (1, [0, 2])
    assert condition_steps(None) == []
