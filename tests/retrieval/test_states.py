"""The states of one thing, and which of them a question for the past asks for."""

from __future__ import annotations

import pytest

from coda_graphmem.language.periods import Span
from coda_graphmem.language.question_time import QuestionTime
from coda_graphmem.retrieval.states import State, Telling, asked_state, states

NOW = 100.0


def told(*rows: tuple[str, float]) -> list[State]:
    """Of turns given as (what it does, share of a name it holds), said at 0, 10, 20 and so on."""
    return states(
        [
            Telling(place, 10.0 * place, opens=way == "opens", ends=way == "ends", named=named)
            for place, (way, named) in enumerate(rows)
        ]
    )


def chosen(found: list[State], asked: QuestionTime) -> list[int] | None:
    state = asked_state(found, asked, NOW)
    return None if state is None else state.places


THREE = (("", 0.0), ("opens", 0.5), ("opens", 1.0))


def test_a_state_lasts_until_the_next_change() -> None:
    assert [state.places for state in told(("", 0.0), ("", 0.0), ("opens", 0.0), ("", 0.0))] == [[0, 1], [2, 3]]


def test_an_end_is_a_state_of_nothing() -> None:
    found = told(("", 0.0), ("ends", 0.0), ("", 0.0))
    assert [state.places for state in found] == [[0], [], [2]]
    assert [state.is_end for state in found] == [False, True, False]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (QuestionTime("first"), 0),
        (QuestionTime("past"), 1),
        (QuestionTime("before", named="x"), 1),
        (QuestionTime("at", Span(1.0, 4.0)), 0),
        (QuestionTime("at", Span(8.0, 18.0)), 1),
        (QuestionTime("at", Span(50.0, 90.0)), 2),
        (QuestionTime("at", Span(-9.0, -1.0)), 0),
    ],
)
def test_a_question_asks_for_one_of_them(asked: QuestionTime, place: int) -> None:
    assert chosen(told(*THREE), asked) == [place]


def test_before_and_after_stand_beside_the_first_that_names_it_most() -> None:
    found = told(("", 0.0), ("opens", 1.0), ("opens", 1.0), ("opens", 0.0))
    assert chosen(found, QuestionTime("before", named="x")) == [0]
    assert chosen(found, QuestionTime("after", named="x")) == [2]


def test_what_stood_before_the_first_is_asked_of_a_return() -> None:
    found = told(("", 1.0), ("opens", 0.0), ("opens", 1.0))
    assert chosen(found, QuestionTime("before", named="x")) == [1]


def test_a_name_that_nobody_tells_means_the_present_before_and_nothing_after() -> None:
    found = told(("", 0.0), ("opens", 0.0))
    assert chosen(found, QuestionTime("before", named="x")) == [0]
    assert chosen(found, QuestionTime("after", named="x")) is None


def test_what_ended_is_past_though_nothing_follows() -> None:
    assert chosen(told(("", 0.0), ("ends", 0.0)), QuestionTime("past")) == [0]
    assert chosen(told(("", 0.0), ("ends", 0.0), ("opens", 0.0)), QuestionTime("past")) == [0]


@pytest.mark.parametrize("asked", [QuestionTime("past"), QuestionTime("before", named="x"), QuestionTime("event")])
def test_a_single_state_is_none_of_the_past(asked: QuestionTime) -> None:
    assert chosen(told(("", 1.0)), asked) is None


def test_nothing_held_at_a_time_after_an_end() -> None:
    assert chosen(told(("", 0.0), ("ends", 0.0)), QuestionTime("at", Span(50.0, 60.0))) is None
    assert chosen(told(("ends", 0.0)), QuestionTime("first")) is None
