"""Of a tree of messages the branch counts that was shown last, and what came before a message that is missing."""

from __future__ import annotations

import pytest

from coda_graphmem.importing.message_tree import branch_of

CHAIN = {"a": None, "b": "a", "c": "b", "d": "c"}


@pytest.mark.parametrize(
    ("parents", "leaf", "way", "broken"),
    [
        (CHAIN, "d", "abcd", ""),
        (CHAIN, "b", "ab", ""),
        (CHAIN, None, "abcd", ""),
        (CHAIN, "unknown", "abcd", ""),
        ({**CHAIN, "e": "b"}, None, "abe", ""),
        ({**CHAIN, "e": "b"}, "d", "abcd", ""),
        ({"a": None, "b": "a", "d": "c", "e": "d"}, "e", "abde", "d"),
        ({"a": None, "x": "a", "b": "a", "d": "c", "e": "d"}, "e", "abde", "d"),
        ({"a": "?", "b": "??", "c": "???"}, None, "abc", "abc"),
        ({"a": "00000000-0000-4000-8000-000000000000", "b": "a"}, "b", "ab", ""),
        ({"a": "b", "b": "a"}, None, "ab", ""),
        ({"a": "b", "b": "a"}, "b", "ab", ""),
        ({"a": None, "b": None}, "b", "b", ""),
        ({"a": 5, "b": ["a"]}, "b", "b", ""),
        ({}, None, "", ""),
    ],
)
def test_branches(parents: dict[str, object], leaf: object, way: str, broken: str) -> None:
    found = branch_of(parents, {}, leaf)
    assert ("".join(found.keys), "".join(found.broken)) == (way, broken)


def test_time_says_what_was_said_last_and_what_before() -> None:
    parents = {"a": None, "late": "a", "early": "a", "d": "missing"}
    times = {"a": 1.0, "late": 9.0, "early": 2.0, "d": 5.0}
    assert branch_of(parents, times, None).keys == ["a", "late"]
    assert branch_of(parents, times, "d").keys == ["a", "early", "d"]
    assert branch_of(parents, times, "d", joined=False).keys == ["d"]


def test_large_trees_take_no_longer_than_they_are_large() -> None:
    chain = {str(i): str(i - 1) for i in range(50_000)}
    orphans = {f"o{i}": f"missing{i}" for i in range(50_000)}
    combs = {f"c{i}": str(i) for i in range(50_000)}
    assert len(branch_of(chain | combs | orphans, {}, "o1").keys) > 50_000
