"""Meanings of words."""

from __future__ import annotations

import pytest

from coda_graphmem.language.lexicon import ATTRIBUTES, kinds_of, sides_of, unify
from coda_graphmem.language.tables import table


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Colour", "color"), ("organise", "organize"), ("USA", "american"), ("Dr.", "dr"), ("theatre", "theater"),
        ("'Mum", "mom"), ("grandmother’s-", "grandmother's"),
    ],
)  # fmt: skip
def test_spellings_of_a_word_are_one(one: str, other: str) -> None:
    assert unify(one) == unify(other)


@pytest.mark.parametrize("word", ["hour", "advise", "flour", "rise"])
def test_what_only_looks_british_stays(word: str) -> None:
    assert unify(word) == word


def test_members_of_a_kind_are_told_apart() -> None:
    red, crimson, blue = (kinds_of(word)["color"] for word in ("red", "crimson", "blue"))
    assert red == crimson
    assert not red & blue
    # A teenager may be a boy or a girl.
    assert kinds_of("teenager")["person"] & kinds_of("boy")["person"]
    assert kinds_of("teenager")["person"] & kinds_of("girl")["person"]
    assert kinds_of("xyzzy") == {}


def test_opposites_stand_on_two_sides() -> None:
    assert any((line, not side) in sides_of("far") for line, side in sides_of("near"))
    assert not any((line, not side) in sides_of("close") for line, side in sides_of("nearby"))
    assert not sides_of("xyzzy")


def test_every_line_of_opposites_has_two_sides() -> None:
    for line in table("opposites")["pairs"].strip().splitlines():
        assert len([side for side in line.split("|") if side.split()]) == 2, line


def test_what_one_has_one_of() -> None:
    assert ATTRIBUTES["home"].without_object
    assert {name for name, attribute in ATTRIBUTES.items() if attribute.shared} == {"car", "tool"}
