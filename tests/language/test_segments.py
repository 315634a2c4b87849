"""What stands with what."""

from __future__ import annotations

from coda_graphmem.language.segments import MAIN, apart, changed_company

LISTED = [{"sister", "bari"}, {"brother", "linz"}]


def test_what_changed_places_is_named() -> None:
    assert changed_company(LISTED, [{"sister", "linz"}, {"brother", "bari"}]) == ("sister", "linz")


def test_an_order_of_parts_changes_nothing() -> None:
    assert changed_company(LISTED, LISTED[::-1]) is None
    assert changed_company(LISTED, [{"sister", "bari", "linz"}, {"brother"}]) is None


def test_words_that_stand_twice_or_once_only_say_nothing() -> None:
    assert changed_company([{"a", "x"}, {"b", "x"}], [{"b", "x"}, {"a", "x"}]) is None
    assert changed_company([{"a", "c"}, {"b", "d"}], [{"a", "e"}, {"b", "c"}]) is None


def test_what_opens_a_text_counts_beside_what_opens_a_phrase_only() -> None:
    assert changed_company([{"walk", MAIN}, {"than", "drive"}], [{"drive", MAIN}, {"than", "walk"}])
    assert changed_company([{"he", MAIN}, {"said", "she"}], [{"she", MAIN}, {"said", "he"}]) is None


def test_words_in_clauses_of_their_own_are_apart() -> None:
    assert apart("sister", "linz", LISTED)
    assert not apart("sister", "bari", LISTED)
    assert not apart("sister", "aunt", LISTED)
