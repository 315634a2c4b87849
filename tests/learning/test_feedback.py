"""What feedback does to an importance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.errors import ValidationError
from coda_graphmem.learning.feedback import (
    UNUSED_CREDIT,
    Feedback,
    credit,
    damped,
    moved,
    read_feedback,
)
from coda_graphmem.memories.access import MOST_RECALLED, RECALL_WINDOW, REPEAT_WINDOW, RecentRecalls
from tests.fakes import Clock

unit = st.floats(0, 1)


@pytest.mark.parametrize(
    ("given_", "signal"),
    [
        ({}, 0.0),
        ({"helpful": True}, 1.0),
        ({"helpful": False}, -1.0),
        ({"relevant": True}, 0.5),
        ({"relevant": False}, -0.5),
        ({"rating": 5}, 1.0),
        ({"rating": 3}, 0.0),
        ({"rating": 1}, -1.0),
        ({"helpful": True, "relevant": False}, 0.25),
        ({"correction": "No, in Rome"}, 0.0),
        ({"helpful": None}, 0.0),
        (None, 0.0),
    ],
)
def test_signals(given_: object, signal: float) -> None:
    assert read_feedback(given_).signal == signal


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"helpful": "yes"}, "user_feedback.helpful"),
        ({"helpful": 1}, "user_feedback.helpful"),
        ({"relevant": 0.5}, "user_feedback.relevant"),
        ({"rating": 0}, "user_feedback.rating"),
        ({"rating": 6}, "user_feedback.rating"),
        ({"rating": 4.5}, "user_feedback.rating"),
        ({"correction": ""}, "user_feedback.correction"),
        ({"useful": True}, "user_feedback.useful"),
        (["helpful"], "user_feedback"),
        ("good", "user_feedback"),
    ],
)
def test_bad_feedback_is_named(given_: object, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read_feedback(given_)
    assert caught.value.field == field
    assert caught.value.remedy


def test_one_step() -> None:
    assert moved(0.5, 1.0, 0.1) == pytest.approx(0.55)
    assert moved(0.5, -1.0, 0.1) == pytest.approx(0.45)
    assert moved(0.5, 0.5, 0.1) == pytest.approx(0.525)
    assert moved(0.5, 0.0, 0.1) == 0.5


@given(unit, st.floats(-1, 1), unit)
def test_a_step_is_bounded_by_the_rate(importance: float, signal: float, rate: float) -> None:
    after = moved(importance, signal, rate)
    assert 0 <= after <= 1
    assert abs(after - importance) <= rate + 1e-12
    assert (after - importance) * signal >= -1e-12


def test_repeated_feedback_counts_less_each_time() -> None:
    steps = [damped(0.1, 1.0, earlier) for earlier in range(5)]
    assert steps[0] == 0.1
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == 5
    assert damped(0.1, 0.5, 0) == 0.05


def test_what_an_answer_takes_up_gets_all_of_it() -> None:
    assert credit("User loves hiking in the Alps", "A hike in the Alps would suit you") == 1.0
    assert credit("User loves hiking in the Alps", "Here is a recipe for soup") == UNUSED_CREDIT
    assert credit("...", "...") == UNUSED_CREDIT


def test_feedback_is_a_value() -> None:
    assert read_feedback({"rating": 4, "correction": "x"}) == Feedback(rating=4, correction="x")


# ------------------------------------------------------------------------------------------------- recalls


def test_recalls_are_of_this_turn_only() -> None:
    clock = Clock()
    recalls = RecentRecalls(clock)
    recalls.note("a", ["m1", "m2"], None)
    recalls.note("a", ["m2", "m3"], None)
    recalls.note("b", ["other"], None)
    assert recalls.take("a", None) == ["m1", "m2", "m3"]
    assert recalls.take("a", None) == []
    recalls.note("a", ["old"], None)
    clock.advance(RECALL_WINDOW - 1)
    recalls.note("a", ["new"], None)
    clock.advance(2)
    assert recalls.take("a", None) == ["new"]


def test_a_conversation_has_recalls_of_its_own() -> None:
    recalls = RecentRecalls(Clock())
    recalls.note("a", ["here"], "c1")
    recalls.note("a", ["there"], "c2")
    recalls.note("a", ["anywhere"], None)
    assert recalls.take("a", "c1") == ["here"]
    assert recalls.take("a", "c1") == ["anywhere"]
    assert recalls.take("a", "c2") == ["there"]


def test_recalls_are_bounded() -> None:
    recalls = RecentRecalls(Clock())
    recalls.note("a", [str(i) for i in range(MOST_RECALLED + 10)], None)
    assert recalls.take("a", None) == [str(i) for i in range(10, MOST_RECALLED + 10)]


def test_repetition_is_forgotten_after_a_day() -> None:
    clock = Clock()
    recalls = RecentRecalls(clock)
    assert [recalls.judged("a", "m") for _ in range(3)] == [0, 1, 2]
    assert recalls.judged("b", "m") == 0
    clock.advance(REPEAT_WINDOW + 1)
    assert recalls.judged("a", "m") == 0
