"""Moments as people type them."""

from __future__ import annotations

from datetime import datetime

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.cli.moments import read_moment

#: A Wednesday, in the zone of this machine.
NOW = datetime(2026, 3, 11, 15, 30)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        # Spans.
        ("7d", "2026-03-04 15:30"), ("7d ago", "2026-03-04 15:30"), ("2h ago", "2026-03-11 13:30"),
        ("3 days", "2026-03-08 15:30"), ("3 days ago", "2026-03-08 15:30"), ("-3d", "2026-03-08 15:30"),
        ("a week ago", "2026-03-04 15:30"), ("an hour ago", "2026-03-11 14:30"), ("2 hrs ago", "2026-03-11 13:30"),
        ("1d12h", "2026-03-10 03:30"), ("1 day and 2 hours ago", "2026-03-10 13:30"), ("90 min", "2026-03-11 14:00"),
        ("half an hour ago", "2026-03-11 15:00"), ("1.5h", "2026-03-11 14:00"), ("last 7 days", "2026-03-04 15:30"),
        ("1 month ago", "2026-02-11 15:30"), ("two years ago", "2024-03-11 15:30"), ("6mo", "2025-09-11 15:30"),
        ("in 2 hours", "2026-03-11 17:30"), ("2 hours from now", "2026-03-11 17:30"), ("30s", "2026-03-11 15:29:30"),
        # Days by their names.
        ("now", "2026-03-11 15:30"), ("today", "2026-03-11"), ("Yesterday", "2026-03-10"), ("tomorrow", "2026-03-12"),
        ("the day before yesterday", "2026-03-09"), ("last monday", "2026-03-09"), ("Monday", "2026-03-09"),
        ("wednesday", "2026-03-11"), ("last wednesday", "2026-03-04"), ("fri", "2026-03-06"),
        ("this friday", "2026-03-13"), ("next friday", "2026-03-13"), ("next wednesday", "2026-03-18"),
        ("last week", "2026-03-02"), ("this week", "2026-03-09"), ("last month", "2026-02-01"),
        ("the past week", "2026-03-04 15:30"), ("last hour", "2026-03-11 14:30"), ("since monday", "2026-03-09"),
        ("last year", "2025-01-01"), ("next month", "2026-04-01"),
        ("yesterday 14:30", "2026-03-10 14:30"), ("yesterday at 5pm", "2026-03-10 17:00"),
        ("14:30", "2026-03-11 14:30"),
        ("monday at 9:15 am", "2026-03-09 09:15"), ("today noon", "2026-03-11 12:00"), ("12 am", "2026-03-11"),
        # Dates.
        ("2026-03-02", "2026-03-02"), ("2026-03-02T19:00", "2026-03-02 19:00"),
        ("2026-03-02 19:00:05", "2026-03-02 19:00:05"),
        ("2026-03-02 7pm", "2026-03-02 19:00"), ("2026.03.02", "2026-03-02"),
        ("20260302", "2026-03-02"), ("2026/03/02", "2026-03-02"), ("2026-03", "2026-03-01"), ("2026", "2026-01-01"),
        ("02.03.2026", "2026-03-02"), ("25/12/2025", "2025-12-25"), ("12/25/2025", "2025-12-25"),
        ("march 2", "2026-03-02"), ("Mar 2, 2026", "2026-03-02"), ("2 March 2026", "2026-03-02"),
        # In other languages.
        ("gestern", "2026-03-10"), ("2. März 2026", "2026-03-02"), ("hier", "2026-03-10"), ("昨日", "2026-03-10"),
    ],
)  # fmt: skip
def test_moments(typed: str, moment: str) -> None:
    assert read_moment(typed, NOW.timestamp()) == datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("1772323200", 1772323200.0),
        ("1772323200.5", 1772323200.5),
        ("1772323200000", 1772323200.0),
        ("@0", 0.0),
        ("2026-03-02T19:00Z", 1772478000.0),
        ("2026-03-02T19:00+01:00", 1772474400.0),
    ],
)
def test_moments_with_a_zone_of_their_own(typed: str, seconds: float) -> None:
    assert read_moment(typed) == seconds


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "later", "never", "x", "m", "d", "7", "1", "last", "7 parsecs", "7d ago please", "2026-02-30",
     "31 feb 2026", "25:00", "13pm", "yesterday at 25:00", "32 march", "9999999999d", "9" * 20, "inf", "nan", "\x1b[2J",
     "d" * 10_000, "1d" * 5_000 + "!"],
)  # fmt: skip
def test_what_is_no_time(typed: str) -> None:
    with pytest.raises(ValidationError, match="is not a time"):
        read_moment(typed, NOW.timestamp())


def test_a_date_that_people_read_in_two_ways_is_asked_about() -> None:
    with pytest.raises(ValidationError, match="2026-03-12 or 2026-12-03"):
        read_moment("03/12/2026")


def test_the_end_of_a_month_stays_one() -> None:
    assert read_moment("1 month ago", datetime(2026, 3, 31, 12).timestamp()) == datetime(2026, 2, 28, 12).timestamp()
    assert read_moment("1 month ago", datetime(2026, 1, 15, 12).timestamp()) == datetime(2025, 12, 15, 12).timestamp()
    assert read_moment("in 1 month", datetime(2025, 12, 31, 12).timestamp()) == datetime(2026, 1, 31, 12).timestamp()
