"""The words of texts."""

from __future__ import annotations

import pytest

from coda_graphmem.language.words import (
    describe,
    letter_words,
    long_words,
    plain_letters,
    without_speaker,
    words,
    words_beginning,
)


def test_words_are_told_apart_by_their_use() -> None:
    text = "Don't buy 12 Äpfel!"
    assert words(text) == ["don", "t", "buy", "12", "apfel"]
    assert letter_words(text) == ["don", "t", "buy", "pfel"]
    assert long_words(text) == ["don", "buy", "12", "äpfel"]


def test_words_that_begin_with_something() -> None:
    assert words_beginning("hik", "hike, bhik hiking _hik hik") == [(0, "hike"), (11, "hiking"), (23, "hik")]
    assert words_beginning("", "hike") == []


@pytest.mark.parametrize(
    ("text", "plain"), [("plain", "plain"), ("café – naïve", "cafe – naive"), ("straße", "strasse"), ("日本", None)]
)
def test_letters_without_accents(text: str, plain: str | None) -> None:
    assert plain_letters(text) == plain


def test_a_speaker_before_a_text_is_no_part_of_it() -> None:
    assert without_speaker("Anna: Hello", "Anna") == " Hello"
    assert without_speaker("Anna: Hello", "Ann") == "Anna: Hello"
    assert without_speaker("Anna: Hello", None) == "Anna: Hello"


@pytest.mark.parametrize(
    ("content", "count", "asks"),
    [
        ("Anna: Where is it?", 3, True),
        ("Anna: I have lost my well-known key. Where is it?", 9, False),
        ("Anna: Oh. Where is it?", 4, True),
        ("Anna: It's there.", 2, False),
        ("", 0, False),
    ],
)
def test_what_is_known_of_a_text_when_it_is_stored(content: str, count: int, asks: bool) -> None:
    traits = describe(content, "Anna")
    assert (traits.word_count, traits.is_question) == (count, asks)
