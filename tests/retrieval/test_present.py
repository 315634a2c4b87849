"""The figure that holds now comes before those it replaced."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest

from coda_graphmem.retrieval.candidates import ranking
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.figure_question import asked_figure
from coda_graphmem.retrieval.figure_reader import Stated
from coda_graphmem.retrieval.present import figure_factor, present_values, runs
from coda_graphmem.retrieval.terms import Wording, query_stems, query_terms
from tests.retrieval.build import NOW, candidate, pool

DAY = 86_400.0


def order(question: str, *said: str, over: Collection[str] = (), speakers: Collection[str] = ()) -> list[str]:
    """Texts in their order, said one a day, and the first the best answer so far."""
    names = [*speakers, *["user"] * len(said)][: len(said)]
    found = pool(
        *(
            candidate(str(i), excerpt=text, timestamp=NOW + i * DAY, speaker=name)
            for i, (text, name) in enumerate(zip(said, names, strict=True))
        )
    )
    base = np.array([0.8**i for i in range(len(said))])
    stems = query_stems(query_terms(question))
    asked = asked_figure(question)
    assert asked is not None
    factor = figure_factor(found, base, asked, Wording(stems, np.ones(len(stems)), 10.0), RANKING, over=over)
    return [said[i] for i in ranking(found, base * factor)]


OLD = "The rate limit of our API is 100 requests a minute."
NEW = "I raised the rate limit of the API to 150 requests a minute."
ASKED = "What is the rate limit of the API?"


@pytest.mark.parametrize(
    ("question", "old", "new"),
    [
        (ASKED, OLD, NEW),
        (
            "How many stamps are in my album?",
            "My album has 40 stamps.",
            "With grandpa's stamps my album has 65 stamps.",
        ),
        ("When is my eye test?", "My eye test is on May 3 at 9 am.", "My eye test was moved to May 5 at 10 am."),
        ("How much do I pay for parking?", "I pay $50 a month for parking.", "They raised the parking fee to $65."),
        (
            "What is my weekly reading goal?",
            "My weekly reading goal is 100 pages.",
            "My reading goal is now 140 pages.",
        ),
    ],
)
def test_the_latest_figure_is_first(question: str, old: str, new: str) -> None:
    assert order(question, old, "I had soup for lunch.", new)[0] == new


def test_what_was_said_before_it_stays() -> None:
    assert order(ASKED, NEW, OLD.replace("100", "150"))[0] == NEW


@pytest.mark.parametrize(
    "other",
    [
        "The rate limit of the upload service is 20 requests a minute.",
        "Tom thinks that 900 requests are many.",
        "The API was down for 20 minutes.",
    ],
)
def test_a_later_figure_of_something_else_replaces_nothing(other: str) -> None:
    assert order(ASKED, OLD, other)[0] == OLD


def test_the_story_told_again_does_not_bring_the_old_figure_back() -> None:
    again = "As I said, the rate limit of the API is 100 requests a minute."

    assert order(ASKED, OLD, NEW, again)[0] == NEW


def test_assistants_state_nothing() -> None:
    assert order(ASKED, OLD, NEW, speakers=("user", "assistant"))[0] == OLD


def test_what_is_over_states_nothing() -> None:
    assert order(ASKED, OLD, NEW, over={"1"})[0] == OLD


def test_where_nobody_states_it_nothing_changes() -> None:
    assert order(ASKED, "The API was down.", "I like the API.") == ["The API was down.", "I like the API."]


@pytest.mark.parametrize(
    ("statements", "values"),
    [
        ([("1", ""), ("2", "")], "2"),
        ([("1", ""), ("2", ""), ("1", "")], "2"),
        ([("1", ""), ("2", ""), ("1", "change")], "1"),
        ([("1", ""), ("3", "2")], "1"),
        ([("1", ""), ("2", "1"), ("3", "2")], "3"),
    ],
)
def test_values_go_on_from_what_was_said(statements: list[tuple[str, str]], values: str) -> None:
    said = [
        Stated(
            closeness=0.5,
            values=frozenset(value),
            was=frozenset(was if was.isdigit() else ""),
            is_change=was == "change",
        )
        for value, was in statements
    ]

    assert present_values(said, close=0.9) == {values}


def test_each_change_tells_another_figure() -> None:
    def stated(*values: str, was: str = "", changed: bool = False, closeness: float = 0.5) -> Stated:
        return Stated(closeness, frozenset(values), frozenset({was} - {""}), is_change=changed)

    assert runs([stated("100"), stated("100"), stated("150"), stated("150", "9am")], 0.9) == [0, 0, 1, 1]
    # The story of how it came about, and a figure that was another one than any told.
    assert runs([stated("100"), stated("150"), stated("100")], 0.9) == [0, 1, None]
    assert runs([stated("100"), stated("150"), stated("100", changed=True)], 0.9) == [0, 1, 2]
    assert runs([stated("100"), stated("7", was="5")], 0.9) == [0, None]
    assert runs([stated("100"), stated("7", was="5", closeness=0.95)], 0.9) == [0, 1]
    assert runs([], 0.9) == []
