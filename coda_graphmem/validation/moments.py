"""Times and lengths of time in all their spellings."""

import math
import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, cast

from coda_graphmem.errors import ValidationError
from coda_graphmem.validation.numbers import number_of
from coda_graphmem.validation.refusal import refusal, shown

# Year 1 to year 9999, what a date can be written as everywhere.
_MIN_TIME, _MAX_TIME = -62_135_596_800.0, 253_402_300_799.0
#: Seconds that do not lead beyond the calendar.
_LONGEST = 2.4e11
_SECONDS = re.compile(r"-?[0-9]{9,}(\.[0-9]+)?")


def in_the_calendar(value: float) -> float:
    """Seconds that a date can be written for."""
    if not _MIN_TIME <= value <= _MAX_TIME:
        raise refusal(
            f"{value} is not a time between the years 1 and 9999.",
            "Pass seconds since 1970-01-01 UTC, such as time.time() gives; milliseconds are to be divided by 1000.",
        )
    return value


def moment_of(value: object) -> float:
    """The seconds of a time in any of its spellings."""
    if type(value).__name__ == "datetime64":
        # NumPy's times have no zone and mean UTC.
        moment = cast("Any", value).astype("datetime64[us]").item()
        value = moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else moment
    value = number_of(value)
    if isinstance(value, str | date):
        try:
            return parse_time(value)
        except ValidationError as error:
            raise refusal(error.message, error.remedy or "") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        kind = type(value).__name__
        raise refusal(f"must be a number or a time, not {kind}.", "Pass seconds, a datetime, or ISO 8601.")
    if not math.isfinite(value):
        raise refusal(f"{value} is not a finite number.", "Pass a finite number.")
    return in_the_calendar(float(value))


def duration_of(value: object) -> float:
    """The seconds of a length of time."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    value = number_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal(f"must be a length of time, not {shown(value)}.", "Pass seconds, or a timedelta.")
    if not 0 < value <= _LONGEST:
        raise refusal(f"{value} is not above 0 and at most {_LONGEST:.0e} seconds.", "Pass seconds, or a timedelta.")
    return float(value)


def parse_time(value: str | float | date, *, zone: tzinfo | None = UTC) -> float:
    """Seconds since the Unix epoch from such seconds, a `datetime` or an ISO 8601 date or time.

    Args:
        value: Seconds, also as text; a `datetime`, in local time where it has no zone; or text such as
            ``2026-03-02T19:12:00+01:00`` or ``2026-03-02``.
        zone: What a text without a zone is in; None for the zone of this machine.

    Raises:
        ValidationError: It is none of them.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    try:
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, str) and _SECONDS.fullmatch(value.strip()):
            return float(value)
        if isinstance(value, str | date):
            moment = datetime.fromisoformat(value.strip().upper() if isinstance(value, str) else value.isoformat())
            return (moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    raise ValidationError(
        f"{shown(value)} is not a time.",
        field="timestamp",
        remedy="Use ISO 8601 such as 2026-03-02T19:12:00+01:00, or seconds since 1970.",
    )


def any_unit(seconds: float) -> float:
    """A time of another program in seconds, which gives seconds, milliseconds, microseconds or nanoseconds.

    What is beyond the year 9999 as seconds is a time after 1978 in milliseconds, and so on.
    """
    for _ in range(3):
        if seconds > _MAX_TIME:
            seconds /= 1000.0
    return seconds
