"""Which paths are listed, and how they are written."""

from __future__ import annotations

import pytest

from coda_graphmem.items.paths import known_beginning, page_of
from coda_graphmem.store.item_codec import behind, path_of, path_text

FOUND = [("a", "b", "c"), ("a", "x", "c"), ("b",), ("a", "b"), ("A", "b"), ("a", "b", "c")]


def test_each_is_listed_once_and_in_order() -> None:
    assert page_of(FOUND, limit=9) == [("A", "b"), ("a", "b"), ("a", "b", "c"), ("a", "x", "c"), ("b",)]
    assert page_of(FOUND, limit=2, offset=1) == [("a", "b"), ("a", "b", "c")]
    assert page_of(FOUND, limit=0) == []


def test_beginnings_and_ends_are_whole_labels() -> None:
    assert page_of(FOUND, prefixes=[("a", "*", "c")], limit=9) == [("a", "b", "c"), ("a", "x", "c")]
    assert page_of(FOUND, suffixes=[("*", "c")], limit=9) == [("a", "b", "c"), ("a", "x", "c")]
    assert page_of(FOUND, prefixes=[("a",), ("*", "b")], suffixes=[("c",)], limit=9) == [("a", "b", "c")]
    assert page_of([("alice",), ("malice",), ("b", "alice")], suffixes=[("alice",)], limit=9) == [
        ("alice",),
        ("b", "alice"),
    ]


def test_what_is_the_same_up_to_a_depth_is_listed_once_before_the_limit() -> None:
    assert page_of(FOUND, max_depth=1, limit=2) == [("A",), ("a",)]
    assert page_of(FOUND, max_depth=1, limit=2, offset=2) == [("b",)]


def test_a_store_looks_up_the_longest_beginning_without_a_wildcard() -> None:
    assert known_beginning([]) == ()
    assert known_beginning([("a", "*", "c"), ("a", "b")]) == ("a", "b")
    assert known_beginning([("*",)]) == ()


@pytest.mark.parametrize(
    ("path", "other"),
    [(("a",), ("ab",)), (("a",), ("a,",)), (("a",), ('a"',)), (("a", "b"), ("a", "bc")), (("a",), ("A",)),
     (("a",), ("a\n",)), (("a%",), ("ax",)), (("*",), ("x",)), (("a.b",), ("a", "b"))],
)  # fmt: skip
def test_no_label_is_taken_for_the_beginning_of_another(path: tuple[str, ...], other: tuple[str, ...]) -> None:
    text, end = path_text(path), behind(path_text(path))
    assert end is not None
    assert path_of(text) == path
    assert not path_text(other).startswith(text)
    assert not text <= path_text(other) < end
    assert text <= path_text((*path, "\U0010ffff")) < end
