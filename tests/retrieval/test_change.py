"""A turn that says that something changed comes before what it changes, where a question asks for what holds."""

from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem.language.question_time import QuestionTime
from coda_graphmem.retrieval.candidates import Floats, make_pool
from coda_graphmem.retrieval.change import change_factor
from coda_graphmem.retrieval.constants import RANKING
from tests.retrieval.build import candidate

CURRENT, PAST, EVENT = QuestionTime("current"), QuestionTime("past"), QuestionTime("event")


def factor(*rows: tuple[str, float, float], asked: QuestionTime = CURRENT, **values: object) -> Floats:
    """Of candidates given as (text, when, score)."""
    found = [
        candidate(f"m{i}", excerpt=text, timestamp=at, word_count=len(text.split()), **values)
        for i, (text, at, _) in enumerate(rows)
    ]
    return change_factor(make_pool([found]), np.array([score for *_, score in rows]), asked, RANKING)


OLD, NEW, OTHER = ("I live in Rouen", 1.0, 1.0), ("we moved! Nantes now", 2.0, 0.7), ("we ate in Nantes", 3.0, 0.9)


def test_the_word_of_a_change_takes_the_first_place() -> None:
    found = factor(OLD, OTHER, NEW)
    assert found[2] * NEW[2] > OLD[2]
    assert found[:2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "rows",
    [
        (OLD, OTHER),  # nothing changed
        (OLD, ("we moved! Nantes now", 2.0, 0.4)),  # of something else
        (OLD, ("we moved! Nantes now", 0.5, 0.7)),  # said before
        (OLD, ("we moved! " + "and more " * 30, 2.0, 0.7)),  # a long text
    ],
)
def test_nothing_else_does(rows: tuple[tuple[str, float, float], ...]) -> None:
    assert (factor(*rows) == 1.0).all()


def test_questions_and_assistants_tell_no_change() -> None:
    assert (factor(OLD, NEW, is_question=True) == 1.0).all()
    assert (factor(OLD, NEW, speaker="assistant") == 1.0).all()


def test_a_question_for_the_past_turns_it_round() -> None:
    found = factor(("we moved! Nantes now", 2.0, 1.0), ("I live in Rouen", 1.0, 0.6), asked=PAST)
    assert found[1] * 0.6 > 1.0
    assert (factor(("we live in Nantes", 2.0, 1.0), ("I live in Rouen", 1.0, 0.6), asked=PAST) == 1.0).all()


def test_questions_for_what_happened_are_left_alone() -> None:
    assert (factor(OLD, NEW, asked=EVENT) == 1.0).all()
