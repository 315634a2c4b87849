"""Words by which turns tell of changes and of ends, and whom they speak of."""

from __future__ import annotations

import pytest

from coda_graphmem.retrieval.changes import (
    asks_for_own,
    capital_names,
    held_share,
    names_of,
    only_ends,
    points_back,
    speaks_of_somebody,
    tells_change,
)


@pytest.mark.parametrize(
    ("text", "changes", "ends"),
    [
        ("I live in Rouen", False, False),
        ("so we moved! Nantes now", True, False),
        ("started pottery on Fridays", True, False),
        ("I quit my job at the mill", True, True),
        ("Marcus and I broke up", True, True),
        ("sold the Polo, got myself a Kona", True, False),
        ("she left Maersk, she's with DHL now", True, False),
        ("the club finished Middlemarch, next is Piranesi", True, False),
    ],
)
def test_words_tell_of_changes_and_of_ends(text: str, changes: bool, ends: bool) -> None:
    assert tells_change(text) is changes
    assert only_ends(text) is ends


def test_it_stands_for_what_was_told_before() -> None:
    assert points_back("dyed it red!")
    assert points_back("and again, it's 1040 from this month")
    assert not points_back("finished my book, it was great")
    assert not points_back("we moved")


def test_he_or_she_is_somebody_else_where_nobody_says_i() -> None:
    assert speaks_of_somebody("Anna dyed her hair")
    assert not speaks_of_somebody("I dyed her hair")
    assert not speaks_of_somebody("dyed the hair red")


def test_a_question_for_ones_people_is_none_for_oneself() -> None:
    assert asks_for_own("Where do I live?")
    assert asks_for_own("What is my rent?")
    assert not asks_for_own("Where does my sister live?")
    assert not asks_for_own("Where does Anna live?")


def test_words_are_held_in_another_form() -> None:
    assert held_share("our kitchen budgets", {"budget", "kitchen"}) == 1.0
    assert held_share("for the kitchen", {"budget", "kitchen"}) == 0.5
    assert held_share("for the kitchen", frozenset()) == 0.0


def test_names_stand_in_capitals_somewhere() -> None:
    texts = [
        "we're hosted on Heroku",
        "migrated from Heroku to Fly",
        "Fly had outages, boring outages",
        "Monday is gym",
    ]
    found = names_of(texts, capital_names(texts), {"host"}, [])
    assert found[0] == {"heroku"}
    assert found[1] == {"heroku", "fly"}
    assert found[2] == {"fly"}
    assert not found[3]


def test_other_words_name_where_few_texts_hold_them() -> None:
    texts = ["I drink tea", "coffee for me, tea is out", *["coffee time"] * 4]
    found = names_of(texts, capital_names(texts), {"drink"}, texts[:1])
    assert found[0] == found[1] == {"tea"}
    assert not names_of([*texts, *["tea"] * 3], capital_names(texts), {"drink"}, texts[:1])[0]


def test_a_capital_that_only_begins_a_sentence_is_no_name() -> None:
    assert capital_names(["Sharing a flat with Ole", "Oskar is captain", "The end", "See you on Monday"]) == {
        "ole",
        "oskar",
    }
