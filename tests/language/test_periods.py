"""The times that questions ask for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coda_graphmem.language.periods import time_spans

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
        ("in the 1990s", "1990-01-01", "2000-01-01"),
        ("in the 90s", "1990-01-01", "2000-01-01"),
        ("the late '80s", "1986-01-01", "1990-01-01"),
        ("the nineties", "1990-01-01", "2000-01-01"),
        ("early 2000s", "2000-01-01", "2004-01-01"),
        ("the 1800s", "1800-01-01", "1900-01-01"),
        ("in the nineteenth century", "1800-01-01", "1900-01-01"),
        ("the last century", "1900-01-01", "2000-01-01"),
        ("11/11/2026", "2026-11-11", "2026-11-12"),
        ("13/02/2024", "2024-02-13", "2024-02-14"),
        ("on 23.12.2025", "2025-12-23", "2025-12-24"),
        ("20.11.26", "2026-11-20", "2026-11-21"),
        ("2026/11/20", "2026-11-20", "2026-11-21"),
        ("2024-05", "2024-05-01", "2024-06-01"),
        ("2025-W03", "2025-01-13", "2025-01-20"),
        ("next Monday", "2026-11-30", "2026-12-01"),
        ("the coming Friday", "2026-11-27", "2026-11-28"),
        ("this Wednesday", "2026-11-25", "2026-11-26"),
        ("last Monday", "2026-11-16", "2026-11-17"),
        ("Monday next week", "2026-11-30", "2026-12-01"),
        ("on Tuesday last week", "2026-11-17", "2026-11-18"),
        ("next week", "2026-11-30", "2026-12-07"),
        ("next month", "2026-12-01", "2027-01-01"),
        ("this coming weekend", "2026-11-28", "2026-11-30"),
        ("last weekend", "2026-11-21", "2026-11-23"),
        ("in two weeks", "2026-12-07", "2026-12-14"),
        ("a couple of weeks ago", "2026-11-09", "2026-11-16"),
        ("the next 3 days", "2026-11-23T09", "2026-11-26T09"),
        ("early next month", "2026-12-01", "2026-12-13"),
        ("Q3 2025", "2025-07-01", "2025-10-01"),
        ("summer of 2024", "2024-06-01", "2024-09-01"),
        ("next March", "2027-03-01", "2027-04-01"),
        ("between 2019 and 2021", "2019-01-01", "2022-01-01"),
        ("on the 5th of last month", "2026-10-05", "2026-10-06"),
        ("Christmas", "2025-12-25", "2025-12-26"),
        ("tomorrow", "2026-11-24", "2026-11-25"),
        ("March '24", "2024-03-01", "2024-04-01"),
        ("a month ago", "2026-10-01", "2026-11-01"),
    ],
)
def test_times_are_read(text: str, first: str, last: str) -> None:
    [span] = time_spans(text, MONDAY)
    stamps = [datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() for when in (first, last)]
    assert [span.start, span.end] == stamps


@pytest.mark.parametrize(
    "text",
    [
        "Where may I march?",
        "May I go?",
        "on mondays",
        "31/31/2026",
        "version 2026.1.2.3",
        "the 5th",
        "a decade",
        "9999-99",
        "chapter 12",
        "a second one",
        "in time",
        "room 2100b",
    ],
)
def test_other_words_are_no_times(text: str) -> None:
    assert time_spans(text, MONDAY) == []


def test_as_of_is_now() -> None:
    earlier = MONDAY - 365 * DAY
    assert time_spans("yesterday", earlier)[0].start < time_spans("yesterday", MONDAY)[0].start - 300 * DAY


def test_times_stand_in_the_order_of_the_text_and_each_once() -> None:
    spans = time_spans("in 2023 or March 2022, in 2023", MONDAY)
    assert [datetime.fromtimestamp(span.start, UTC).year for span in spans] == [2023, 2022]


@pytest.mark.parametrize("now", [0.0, MONDAY, -62_135_596_800.0, 253_402_300_799.0])
def test_the_ends_of_the_calendar_are_no_error(now: float) -> None:
    for text in ("last 999 years", "in 999 decades", "next century", "the last week", "1st century", "on the 31st"):
        assert all(span.start < span.end for span in time_spans(text, now))
