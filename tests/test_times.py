"""Seconds since the epoch as calendars write them."""

from __future__ import annotations

import pytest

from coda_graphmem.times import iso_time


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0, "1970-01-01T00:00:00+00:00"),
        (1772452800.75, "2026-03-02T12:00:00+00:00"),
        (-1.0, "1969-12-31T23:59:59+00:00"),
        (-62_135_596_800.0, "0001-01-01T00:00:00+00:00"),
        (253_402_300_799.0, "9999-12-31T23:59:59+00:00"),
    ],
)
def test_iso_time(seconds: float, written: str) -> None:
    assert iso_time(seconds) == written
