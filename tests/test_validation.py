"""Arguments are checked by the types of a signature, and what pydantic finds becomes one error of ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coda_graphmem.errors import ValidationError
from coda_graphmem.events.names import EventNames
from coda_graphmem.models import AggregationMethod, MemoryType, RetrievalMode
from coda_graphmem.validation.arguments import Arguments, check
from coda_graphmem.validation.types import Content, Id, Ids, Kind, Kinds, Limit, LinkKinds, Unit


class Shop:
    async def search(
        self,
        query: Content,
        kinds: Kinds | None = None,
        *,
        limit: Limit = 10,
        mode: RetrievalMode = "graph",
        exact: bool = False,
        anything: object = None,
    ) -> Nothing:  # noqa: F821 - what a call returns may be known to type checkers alone
        """Annotations are read only when it is called."""


ARGUMENTS = Arguments(Shop.search)
SHOP = Shop()


def test_arguments_come_back_clean_and_by_the_way_they_were_given() -> None:
    placed, named = ARGUMENTS.checked((SHOP, "shoes", ["semantic"]), {"limit": 3, "anything": "at all"})
    assert placed == [SHOP, "shoes", (MemoryType.SEMANTIC,)]
    assert named == {"limit": 3, "anything": "at all"}


def test_defaults_and_none_are_left_alone() -> None:
    assert ARGUMENTS.checked((SHOP, "shoes", None), {}) == ([SHOP, "shoes", None], {})


@pytest.mark.parametrize(
    ("placed", "named", "field"),
    [
        (("",), {}, "query"),
        (("x", ["semantic", "shoe"]), {}, "kinds"),
        (("x", []), {}, "kinds"),
        (("x",), {"limit": True}, "limit"),
        (("x",), {"mode": "magic"}, "mode"),
        (("x",), {"exact": 1}, "exact"),
    ],
)
def test_an_error_names_the_argument(placed: tuple[object, ...], named: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ARGUMENTS.checked((SHOP, *placed), named)
    assert caught.value.field == field
    assert caught.value.remedy


def test_wrong_numbers_of_arguments_are_left_to_the_call() -> None:
    assert ARGUMENTS.checked((SHOP, "a", None, "b"), {"unknown": 1}) == ([SHOP, "a", None, "b"], {"unknown": 1})


def test_choices_are_named_as_they_are_written() -> None:
    with pytest.raises(ValidationError, match="Use one of graph, hybrid, vector, text"):
        ARGUMENTS.checked((SHOP, "x"), {"mode": "magic"})


def test_ids_are_counted_once_each() -> None:
    assert check(Ids, ["a"] * 10_001, "ids") == ["a"]
    with pytest.raises(ValidationError, match="10,001 ids"):
        check(Ids, [str(number) for number in range(10_001)], "ids")


def test_no_kind_of_link_is_a_choice_too() -> None:
    assert check(LinkKinds, [], "kinds") == ()


@pytest.mark.parametrize("value", ["", " ", "a\nb", "a\x7f", "\u00e9\ud800", "i" * 513, 3, None, b"a"])
def test_ids_that_are_none(value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        check(Id, value, "memory_id")
    assert caught.value.field == "memory_id"


@pytest.mark.parametrize("value", ["a", "a b", "\u00e9", "\u8a18\u61b6", "~"])
def test_ids(value: str) -> None:
    assert check(Id, value, "memory_id") == value


def test_bool_is_no_number_and_text_is_no_list() -> None:
    for kind, value in ((Unit, True), (Limit, True), (Ids, "abc"), (Kinds, "semantic")):
        with pytest.raises(ValidationError):
            check(kind, value, "value")


def test_types_may_be_given_by_their_values() -> None:
    assert check(Kind, "semantic", "memory_type") is MemoryType.SEMANTIC


def _deep() -> dict[str, object]:
    deepest: dict[str, object] = {}
    for _ in range(5000):
        deepest = {"deeper": deepest}
    return deepest


@pytest.mark.parametrize(
    "make", [_deep, lambda: 10**5000, lambda: ["x" * 100_000], object], ids=["deep", "digits", "long", "odd"]
)
def test_what_is_refused_is_shown_in_short(make: Callable[[], object]) -> None:
    for kind, value in ((Kind, make()), (Kinds, [make()]), (EventNames, [make()]), (AggregationMethod, make())):
        with pytest.raises(ValidationError) as caught:
            check(kind, value, "it")
        assert len(str(caught.value)) < 600
