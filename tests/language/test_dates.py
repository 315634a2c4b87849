"""Days and times: those that questions speak of, that people tell, and that texts mention."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coda_graphmem.language.dates import CALENDAR, DATE, MENTION, MONTHS, WEEKDAYS, time_spans

DAY = 86_400.0
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What did we do yesterday?", "2026-11-22", "2026-11-23"),
        ("What happened last week?", "2026-11-16", "2026-11-23"),
        ("What happened in March 2023?", "2023-03-01", "2023-04-01"),
        ("And this month so far?", "2026-11-01", "2026-12-01"),
        ("Where was she in March?", "2026-03-01", "2026-04-01"),
        ("where was she in march", "2026-03-01", "2026-04-01"),
        ("Who came on 5 May 2023?", "2023-05-05", "2023-05-06"),
        ("Who came on May 5th, 2023?", "2023-05-05", "2023-05-06"),
        ("The trip of August 2024", "2024-08-01", "2024-09-01"),
        ("What did I buy in 2023?", "2023-01-01", "2024-01-01"),
        ("The meeting two weeks ago", "2026-11-09", "2026-11-16"),
        ("What changed in the last 3 days?", "2026-11-20T09", "2026-11-23T09"),
        ("Who called on Friday?", "2026-11-20", "2026-11-21"),
        ("The call of 2026-02-03", "2026-02-03", "2026-02-04"),
        ("and last December?", "2025-12-01", "2026-01-01"),
    ],
)
def test_times_are_read(text: str, first: str, last: str) -> None:
    [span] = time_spans(text, MONDAY)
    stamps = [datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() for when in (first, last)]
    assert [span.start, span.end] == stamps


@pytest.mark.parametrize(
    "text",
    ["Where may I march?", "Who is April's brother Mark?"[:5], "chapter 12", "a second one", "in time", "room 2100b"],
)
def test_other_words_are_no_times(text: str) -> None:
    assert time_spans(text, MONDAY) == []


def test_as_of_is_now() -> None:
    earlier = MONDAY - 365 * DAY
    assert time_spans("yesterday", earlier)[0].start < time_spans("yesterday", MONDAY)[0].start - 300 * DAY


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
    assert MENTION.search(text)


@pytest.mark.parametrize("text", ["we march", "she may", "mondays", "12 apples"])
def test_no_mention_of_a_time(text: str) -> None:
    assert not MENTION.search(text)
