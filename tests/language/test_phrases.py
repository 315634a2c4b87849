"""Words and phrases in texts of any case."""

from __future__ import annotations

import pytest

from coda_graphmem.language.phrases import Phrases

GONE = Phrases(r"\b(?:no\ longer|any\ ?more|gone)\b")


@pytest.mark.parametrize("text", ["It is gone.", "NO LONGER there", "Not Anymore", "Café: gone"])
def test_they_are_found_in_any_case(text: str) -> None:
    assert GONE.are_in(text)


@pytest.mark.parametrize("text", ["", "nolonger", "Bygones", "no  longer"])
def test_nothing_else_is(text: str) -> None:
    assert not GONE.are_in(text)


def test_where_the_first_ends() -> None:
    assert GONE.end_in("Gone, no longer here") == 4
    assert GONE.end_in("here") is None


def test_they_are_left_out() -> None:
    assert GONE.left_out("It is GONE, no longer Here") == "it is  ,   here"
