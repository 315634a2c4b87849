"""What filters mean."""

from __future__ import annotations

import math
from typing import Any

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.items.filters import ItemFilter, fits
from coda_graphmem.validation.arguments import check

NAN = math.nan


@pytest.mark.parametrize(
    ("where", "value", "holds"),
    [
        ({}, {"a": 1}, True),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": True}, {"a": True}, True),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": None}, {}, True),
        ({"a": None}, {"a": 0}, False),
        ({"a": [1, 2]}, {"a": [1, 2]}, True),
        ({"a": (1, 2)}, {"a": [1, 2]}, True),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1}, {"a": [1]}, False),
        ({"a": {"b": 1, "c": [2]}}, {"a": {"c": [2], "b": 1}}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, False),
        ({"a": {}}, {"a": {}}, True),
        ({"a.b": 1}, {"a": {"b": 1}}, True),
        ({"a.b": 1}, {"a.b": 1, "a": {"b": 2}}, True),
        ({"a.b": 1}, {"a": [1]}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
        ({"a": {"$eq": 10**100}}, {"a": 10**100}, True),
        ({"a": {"$lt": 10**100}}, {"a": 3}, True),
        ({"a": {"$gt": 10**400}}, {"a": 1.5}, False),
        ({"a": {"$gt": 9}}, {"a": 10}, True),
        ({"a": {"$gt": "9"}}, {"a": "10"}, False),
        ({"a": {"$gt": 9}}, {"a": "10"}, False),
        ({"a": {"$gte": 1}}, {"a": True}, False),
        ({"a": {"$gt": 1}}, {}, False),
        ({"a": {"$lte": 1}}, {"a": None}, False),
        ({"a": {"$gt": 1, "$lt": 3}}, {"a": 2}, True),
        ({"a": {"$gt": 1, "$lt": 3}}, {"a": 3}, False),
        ({"a": {"$ne": 1}}, {"a": 2}, True),
        ({"a": {"$ne": 1}}, {}, True),
        ({"a": {"$ne": 1}}, {"a": True}, True),
        ({"a": {"$lt": math.inf}}, {"a": 10**300}, True),
        ({"a": {"$eq": NAN}}, {"a": 1}, False),
        ({"a": {"$gt": NAN}}, {"a": 1}, False),
    ],
)
def test_a_filter_holds_or_not(where: Any, value: Any, holds: bool) -> None:
    assert fits(check(ItemFilter, where, "where"), value) is holds


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"a": {"$like": 1}}, "where: a: '$like' is no operator. Use one of $eq, $ne, $gt, $gte, $lt, $lte."),
        ({"a": {"$gt": 1, "b": 2}}, "where: a: 'b' is no operator. Use one of $eq, $ne, $gt, $gte, $lt, $lte."),
        ({"a": {"$gt": [1]}}, "where: a: $gt compares numbers or texts, not [1]. Pass a number or a text."),
        ({"a": {"$gt": True}}, "where: a: $gt compares numbers or texts, not True. Pass a number or a text."),
        ({"$or": []}, "where: '$or' is no key of a value. Name a key, and put operators into its value."),
        ({1: 2}, "where: 1 is no key of a value. Name a key, and put operators into its value."),
        ([("a", 1)], "where: must be a mapping, not list. Pass a dictionary."),
    ],
)
def test_what_is_no_filter_is_refused(where: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        check(ItemFilter, where, "where")
    assert str(caught.value) == said
