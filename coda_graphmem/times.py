"""Lengths of time in seconds, and moments as calendars write them."""

from datetime import UTC, datetime, timedelta

SECONDS_PER_HOUR = 3_600.0
SECONDS_PER_DAY = 86_400.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_datetime(seconds: float) -> datetime:
    """The moment so many seconds after the Unix epoch, in UTC; of the years 1 to 9999 on every platform."""
    return _EPOCH + timedelta(seconds=seconds)


def iso_time(seconds: float) -> str:
    """The moment so many seconds after the Unix epoch as ISO 8601, UTC, to the second."""
    return utc_datetime(seconds).isoformat(timespec="seconds")
