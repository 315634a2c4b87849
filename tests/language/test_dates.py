"""Days and times: those that people tell, and that texts mention."""

from __future__ import annotations

import pytest

from coda_graphmem.language.dates import CALENDAR, DATE, MENTION, MONTHS, WEEKDAYS, tells_time


def test_names_of_months_and_weekdays() -> None:
    assert (MONTHS["january"], MONTHS["sept"], MONTHS["dec"]) == (1, 9, 12)
    assert (WEEKDAYS["monday"], WEEKDAYS["thurs"], WEEKDAYS["sundays"]) == (1, 4, 7)
    assert len(CALENDAR) == 19
    assert {"May", "Sunday"} <= CALENDAR


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("My flight is on May 3rd, 2024.", "May 3rd, 2024"),
        ("we met on friday the 13th of june", "friday the 13th of june"),
        ("It is due 2024-05-03.", "2024-05-03"),
        ("born 3 mar 1990", "3 mar 1990"),
        ("the exam is in may", "may"),
        ("early September 2023", "early September 2023"),
        ("It starts the day after tomorrow.", "the day after tomorrow"),
        ("we leave in two weeks", "in two weeks"),
        ("I have lived here since 2011", "2011"),
        ("We marry on New Year's Eve.", "New Year's Eve"),
        ("rent is due on the 5th", "the 5th"),
    ],
)
def test_dates_that_people_tell(text: str, date: str) -> None:
    found = DATE.search(text)
    assert found is not None
    assert found.group() == date


@pytest.mark.parametrize("text", ["every Monday", "for ten years", "I may march", "chapter 2011", "each friday"])
def test_habits_and_spans_are_no_dates(text: str) -> None:
    assert DATE.search(text) is None


@pytest.mark.parametrize("text", ["at 5pm", "at 17:30", "Tuesday", "march 3rd", "the 3rd of May", "in 2011", "in June"])
def test_mentions_of_a_time(text: str) -> None:
    assert MENTION.are_in(text)


@pytest.mark.parametrize("text", ["we march", "she may", "mondays", "12 apples"])
def test_no_mention_of_a_time(text: str) -> None:
    assert not MENTION.are_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "We met yesterday.",
        "It was two weeks ago",
        "since May",
        "for three years",
        "on Monday",
        "in 2021",
        "last few days",
    ],
)
def test_texts_tell_a_time(text: str) -> None:
    assert tells_time(text)


@pytest.mark.parametrize(
    "text", ["", "We met.", "may I?", "a lasting thing", "for the team", " " * 3_000 + "yesterday"]
)
def test_texts_tell_no_time(text: str) -> None:
    assert not tells_time(text)
