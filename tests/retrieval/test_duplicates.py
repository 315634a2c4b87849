"""Which texts say what others say."""

from __future__ import annotations

from coda_graphmem.language.words import stems
from coda_graphmem.retrieval.duplicates import Sayings


def alike(text: str, *said: str, overlap: float = 0.8) -> list[int]:
    sayings = Sayings(overlap)
    for one in said:
        sayings.add(one, stems(one))
    return sayings.alike(text, stems(text))


def test_all_that_say_the_same_are_found_in_their_order() -> None:
    said = (
        "The red boat leaks at the bow",
        "Nora rows",
        "the red boat leaks, at the bow!",
        "A RED BOAT LEAKS AT ITS BOW",
    )
    assert alike("The red boat leaks at the bow.", *said) == [0, 2, 3]
    assert alike("Something else", *said) == []


def test_numbers_and_denials_tell_texts_apart() -> None:
    assert alike("The rent is 900 euros", "The rent is 950 euros") == []
    assert alike("I like the red boat", "I do not like the red boat") == []


def test_the_overlap_decides() -> None:
    assert alike("red boat bow", "red boat stern", overlap=0.5) == [0]
    assert alike("red boat bow", "red boat stern", overlap=0.6) == []


def test_texts_without_words_are_alike_where_they_are_equal() -> None:
    assert alike("!!!", "???", "!!!") == [1]
