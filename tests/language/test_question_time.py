"""What time a question asks about, and what it asks about besides."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coda_graphmem.language.question_time import asks_for_state, asks_when, question_time, topic

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("question", "wish", "named"),
    [
        ("Where do I live?", "current", ""),
        ("Where did I live before?", "past", ""),
        ("Who was my ex?", "past", ""),
        ("What was the first deadline?", "first", ""),
        ("Where did I live before Rome?", "before", "Rome"),
        ("Before Rome, where did I live?", "before", "Rome"),
        ("Where did I live in 2023?", "at", ""),
        ("What did Anna cook?", "event", ""),
    ],
)
def test_a_question_asks_about_a_time(question: str, wish: str, named: str) -> None:
    found = question_time(question, NOW)
    assert (found.wish, found.named) == (wish, named)


def test_words_or_the_tense_alone_ask_for_the_past() -> None:
    assert question_time("Where did I live before?", NOW).is_said
    assert not question_time("Where did I live?", NOW).is_said


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What was the first deadline of my thesis?", "What is the deadline of my thesis?"),
        ("How much was the rent before the increase?", "How much is the rent?"),
        ("When was rent due before?", "When is rent due?"),
        ("How old was Ida two years ago?", "How old is Ida?"),
        ("Which gym did I use to go to?", "Which gym do I go to?"),
        ("What was my old address?", "What is my address?"),
        ("Prior to Fly, where were we?", ", where are we?"),
    ],
)
def test_without_its_time_a_question_asks_for_what_holds(question: str, asked: str) -> None:
    assert topic(question) == asked


@pytest.mark.parametrize(
    ("question", "is_state"),
    [
        ("What was my rent in 2023?", True),
        ("Where did I work in 2023?", True),
        ("Who led our team in May 2023?", True),
        ("What did Anna cook in May 2023?", False),
        ("Where did we celebrate in 2023?", False),
        ("I was ill. What did Anna cook in May 2023?", False),
    ],
)
def test_what_was_so_for_a_while_is_no_event(question: str, is_state: bool) -> None:
    assert asks_for_state(question) is is_state


@pytest.mark.parametrize(
    "text",
    [
        "When is my eye test?",
        "Since when have I lived here?",
        "What month did we move?",
        "How long was the trip?",
        "And when did Ann leave?",
    ],
)
def test_questions_for_a_time(text: str) -> None:
    assert asks_when(text)


@pytest.mark.parametrize(
    "text", ["", "Who came when it rained?", "What did I eat when I was ill?", "How longish is it?"]
)
def test_questions_for_something_else(text: str) -> None:
    assert not asks_when(text)
