"""Words without their endings."""

from __future__ import annotations

import pytest

from coda_graphmem.language.words import beginning, related, singular, stem, stems, verb_stem, without_ending


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hike", "hiking"), ("plan", "planned"), ("city", "cities"), ("box", "boxes"), ("meeting", "meetings"),
        ("paint", "painting"), ("stop", "stopping"), ("move", "moved"), ("call", "calling"),
    ],
)  # fmt: skip
def test_inflected_words_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("bus", "bust"), ("glass", "glad"), ("king", "kin"), ("red", "reed")])
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_accents_are_no_part_of_a_stem() -> None:
    assert stem("café") == stem("cafe")
    assert stems("Zwei Cafés, two cafe") == stems("zwei cafe two")


@pytest.mark.parametrize("word", ["city", "cities", "hikes", "planned", "bus", "a"])
def test_a_word_begins_as_its_stem_says(word: str) -> None:
    assert word.startswith(beginning(stem(word)))


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("move", "moves moved moving"),
        ("marry", "marries married"),
        ("quit", "quits quitting"),
        ("sell", "sold selling"),
        ("drive", "drove driven"),
    ],
)
def test_forms_of_a_verb_share_a_stem(verb: str, forms: str) -> None:
    assert {verb_stem(form) for form in forms.split()} == {verb_stem(verb)}


def test_endings_are_cut_off_long_words_alone() -> None:
    assert without_ending("hikes") == without_ending("hiking") == "hik"
    assert [without_ending(word) for word in ("red", "bees", "12")] == ["red", "bee", "12"]


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("dogs", "dog"),
        ("red necklaces", "red necklace"),
        ("parties", "party"),
        ("movies", "movie"),
        ("dishes", "dish"),
        ("beaches", "beach"),
        ("headaches", "headache"),
        ("boxes", "box"),
        ("classes", "class"),
        ("houses", "house"),
        ("potatoes", "potato"),
        ("shoes", "shoe"),
        ("photos", "photo"),
        ("children", "child"),
        ("wives", "wife"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("tennis", "tennis"),
        ("news", "news"),
        ("gas", "gas"),
        ("sheep", "sheep"),
        ("", ""),
    ],
)
def test_singular(plural: str, expected: str) -> None:
    assert singular(plural) == expected
    assert singular(expected) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [("wood", "wooden"), ("happy", "happily"), ("swim", "swimming"), ("syria", "syrian"), ("jonh", "john")],
)
def test_forms_of_one_word_are_related(a: str, b: str) -> None:
    assert related(a, b)
    assert related(b, a)


@pytest.mark.parametrize(("a", "b"), [("paris", "parrot"), ("tom", "tim"), ("austria", "australia"), ("red", "ready")])
def test_different_words_are_not_related(a: str, b: str) -> None:
    assert not related(a, b)
    assert not related(b, a)
