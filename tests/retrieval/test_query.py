"""What a retrieval asks for, as the key its results are kept by."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from coda_graphmem.cache import size_of
from coda_graphmem.models import MemoryFilter, MemoryType, Scope
from coda_graphmem.retrieval.query import ContextQuery, MultiQuery, Query

CHANGED: dict[str, Any] = {
    "namespace": "other",
    "where": MemoryFilter(metadata={"k": 1}),
    "scope": Scope(user_id="u"),
    "limit": 6,
    "min_relevance": 0.5,
    "max_depth": 3,
    "as_of": 7.0,
    "validity": "past",
    "explain": True,
    "text": "coffee",
    "mode": "text",
    "diverse": False,
    "texts": ("coffee",),
    "aggregation_method": "max",
    "weights": (1.0,),
    "conversation_id": "d",
    "include_related": False,
}
QUERIES = [
    Query(namespace="n", text="tea", limit=5),
    MultiQuery(namespace="n", texts=("tea",), limit=5),
    ContextQuery(namespace="n", conversation_id="c", limit=5),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
def test_every_field_is_part_of_the_key(query: Any) -> None:
    keys = {query, replace(query)}
    assert len(keys) == 1
    keys |= {replace(query, **{item.name: CHANGED[item.name]}) for item in fields(query)}
    assert len(keys) == 1 + len(fields(query))


def test_kinds_of_queries_are_never_equal() -> None:
    assert len({*QUERIES}) == 3


def test_a_query_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        QUERIES[0].limit = 7  # type: ignore[misc]


def test_filters_are_equal_where_they_select_the_same() -> None:
    metadata: list[dict[str, Any]] = [{}, {"k": 1}, {"k": True}, {"k": "1"}, {"k": None}, {"k": 1, "j": 2}]
    assert len({MemoryFilter(metadata=item) for item in metadata}) == len(metadata)
    same = [MemoryFilter(metadata=item) for item in ({"k": 1, "j": 2}, {"j": 2.0, "k": 1.0})]
    assert same[0] == same[1]
    assert hash(same[0]) == hash(same[1])
    assert MemoryFilter(memory_types=(MemoryType.SEMANTIC,)) == MemoryFilter(memory_types=(MemoryType.SEMANTIC,))
    assert MemoryFilter() != MemoryFilter(archived=None)
    assert MemoryFilter() != "a filter"


def test_each_query_of_several_by_itself() -> None:
    where = MemoryFilter(min_importance=0.5)
    several = MultiQuery(
        namespace="n", texts=("tea", "coffee"), where=where, limit=3, min_relevance=0.6, mode="hybrid", max_depth=2,
        as_of=7.0, explain=True,
    )  # fmt: skip
    expected = Query(
        namespace="n", text="tea", where=where, limit=50, mode="hybrid", max_depth=2, as_of=7.0, diverse=False
    )
    assert several.queries(50) == [expected, replace(expected, text="coffee")]


def test_a_key_takes_as_much_room_as_its_text() -> None:
    short, long = (size_of(replace(QUERIES[0], text=text)) for text in ("tea", "tea" * 1000))
    assert long - short >= 2900
