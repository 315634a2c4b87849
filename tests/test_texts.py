"""Long texts are cut to one line of a length."""

from __future__ import annotations

import pytest

from coda_graphmem.texts import EXCERPT_LENGTH, excerpt, shortened


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("short", 10, "short"),
        ("exactly te", 10, "exactly te"),
        ("one two three", 9, "one two…"),
        ("two\nlines\t of  text", 60, "two lines of text"),
        ("abcdef", 3, "ab…"),
        ("", 3, ""),
    ],
)
def test_excerpt(text: str, length: int, short: str) -> None:
    assert excerpt(text, length) == short


def test_an_excerpt_is_never_longer_than_its_length() -> None:
    assert len(excerpt("word " * 100)) <= EXCERPT_LENGTH


def test_shortened_keeps_white_space() -> None:
    assert shortened("a  b", 10) == "a  b"
