"""Reads moments as people type them: ``7d ago``, ``yesterday``, ``last monday``, ``2026-03-02``, seconds since 1970.

A day, a week, a month or a year is its beginning in the zone of this machine; a span counts back to the second.
"""

import re
import time
from datetime import date, datetime, timedelta

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.dates import WEEKDAYS

_SECONDS = {
    "s sec secs second seconds": 1,
    "m min mins minute minutes": 60,
    "h hr hrs hour hours": 3_600,
    "d day days": 86_400,
    "w wk wks week weeks": 604_800,
}
_MONTHS = {"mo mon mth month months": 1, "y yr yrs year years": 12}
#: Units by every name, with the months and the seconds they are long.
_UNITS = {name: (0, size) for names, size in _SECONDS.items() for name in names.split()} | {
    name: (size, 0) for names, size in _MONTHS.items() for name in names.split()
}
_COUNTS = {"half a": 0.5, "half an": 0.5, "a couple of": 2, "a few": 3, "a": 1, "an": 1} | {
    name: number
    for number, name in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
_COUNT = rf"(?P<count>\d{{1,9}}(?:\.\d{{1,9}})?|(?:{'|'.join(_COUNTS)})(?=\s))"
_PART = rf"{_COUNT}\s*(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z])"
_PART_PLAIN = re.sub(r"\?P<\w+>", "?:", _PART)
_SPAN = re.compile(
    rf"(?P<before>-|\+|in |(?:for |in |during )?(?:the )?(?:last|past) )?(?P<parts>{_PART_PLAIN}"
    rf"(?:[\s,]*(?:and )?{_PART_PLAIN})*)(?P<after> ago| before| back| earlier| from now| later)?"
)
#: The last of a unit is one of it, where it does not begin on a calendar ("last week" does, "the past week" does not).
_ONE = re.compile(r"^(?:the )?(?:last (?!week|month|year)|past )(second|minute|hour|day|week|month|year)$")
_EPOCH = re.compile(r"@-?\d+(?:\.\d+)?|\d{9,}(?:\.\d+)?")
#: Above it seconds are milliseconds: as seconds they would lie after the year 5000.
_MILLISECONDS = 1e11

_DAYS = {
    "today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1,
    "day before yesterday": -2, "the day before yesterday": -2, "day after tomorrow": 2, "the day after tomorrow": 2,
}  # fmt: skip
_DAY = re.compile(
    rf"(?:(?P<day>{'|'.join(sorted(_DAYS, key=len, reverse=True))})"
    rf"|(?:(?P<which>last|past|previous|this|on|next|coming) )?"
    rf"(?P<weekday>{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))}))?"
    r"(?:(?:^|[ ,T]+)(?P<clock>(?:at )?\d{1,2}(?::\d\d(?::\d\d)?|\s?[ap]\.?m\.?|:\d\d\s?[ap]\.?m\.?)|(?:at )?noon|"
    r"(?:at )?midnight))?"
)
_PERIOD = re.compile(r"(?:the )?(?P<which>last|previous|this|next) (?P<unit>week|month|year)")
_MONTH = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<month>\d\d))?")
_NUMERIC = re.compile(r"(?P<first>\d{1,2})(?P<sign>[/.-])(?P<second>\d{1,2})[/.-](?P<year>\d{4})")

#: Languages in which dates are understood that are written out.
_LANGUAGES = "en de fr es it pt nl pl ru uk sv da nb fi cs tr el hu ro ja ko zh ar he hi vi id".split()

_REMEDY = "Use 2026-03-02, 2026-03-02T19:00, yesterday, last monday, or a span such as 7d ago."


def read_moment(text: str, now: float | None = None) -> float:
    """Seconds since the epoch of a moment.

    Args:
        text: A date or a time, a span before now or after it, a day by its name, or such seconds.
        now: The time that counts as now; that of the clock if left out.

    Raises:
        ValidationError: It is none of these.
    """
    now = time.time() if now is None else now
    plain = " ".join(text.casefold().replace("_", " ").split())
    plain = _ONE.sub(r"1 \1", re.sub(r"^(?:since|from|after) ", "", plain))
    try:
        here = datetime.fromtimestamp(now)
        for read in (_epoch, _iso, _span, _day, _period, _numeric, _written):
            found = read(plain, here)
            if found is not None:
                seconds = found if isinstance(found, float) else found.timestamp()
                return datetime.fromtimestamp(seconds).timestamp()
    except ValidationError:
        raise
    except (ValueError, OverflowError, OSError):
        # A day that no calendar has.
        pass
    raise ValidationError(f"{text!r} is not a time.", remedy=_REMEDY)


def _epoch(text: str, _: datetime) -> float | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = float(text.removeprefix("@"))
    return seconds / 1000 if abs(seconds) >= _MILLISECONDS else seconds


def _iso(text: str, __: datetime) -> datetime | None:
    if found := _MONTH.fullmatch(text):
        return datetime(int(found["year"]), int(found["month"] or 1), 1)
    date, _, clock = (re.sub(r"^(\d{4})[/.](\d\d)[/.](\d\d)", r"\1-\2-\3", text)).partition(" ")
    try:
        return datetime.fromisoformat(f"{date} {clock}".strip().upper())
    except ValueError:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", date) or not clock.endswith("m"):
            return None
    return datetime.fromisoformat(date) + _clock(clock)


def _span(text: str, now: datetime) -> datetime | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    months, seconds = 0.0, 0.0
    for part in re.finditer(_PART, found["parts"]):
        count = _COUNTS[part["count"]] if part["count"] in _COUNTS else float(part["count"])
        unit_months, unit_seconds = _UNITS[part["unit"]]
        months, seconds = months + count * unit_months, seconds + count * unit_seconds
    ahead = found["before"] in ("in ", "+") or found["after"] in (" from now", " later")
    sign = 1 if ahead else -1
    # Half a month is fifteen days.
    whole = int(months)
    moved = _months_on(now, sign * whole) + sign * timedelta(days=30 * (months - whole))
    return datetime.fromtimestamp(moved.timestamp() + sign * seconds)


def _months_on(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last day where it is shorter."""
    year, month = divmod(12 * moment.year + moment.month - 1 + months, 12)
    after = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, (after - timedelta(days=1)).day))


def _day(text: str, now: datetime) -> datetime | None:
    if text == "now":
        return now
    found = _DAY.fullmatch(text)
    if found is None or not text:
        return None
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = _DAYS.get(found["day"] or "today", 0)
    if found["weekday"]:
        days = WEEKDAYS[found["weekday"]] - 1 - now.weekday()
        if found["which"] in ("next", "coming"):
            days += 7 if days <= 0 else 0
        elif (found["which"] != "this" and days > 0) or (days == 0 and found["which"] in ("last", "past", "previous")):
            days -= 7
    return today + timedelta(days=days) + _clock(found["clock"])


def _clock(text: str | None) -> timedelta:
    """The time of a day.

    Raises:
        ValueError: No day has it.
    """
    words = (text or "midnight").removeprefix("at ").replace(".", "")
    if words in ("noon", "midnight"):
        return timedelta(hours=12 if words == "noon" else 0)
    half = words[-2:] if words.endswith(("am", "pm")) else ""
    hour, minute, second = (int(part) for part in [*words.removesuffix(half).strip().split(":"), "0", "0"][:3])
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValueError(text)
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _period(text: str, now: datetime) -> datetime | None:
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    step = {"this": 0, "next": 1}.get(found["which"], -1)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if found["unit"] == "week":
        return today + timedelta(days=7 * step - now.weekday())
    if found["unit"] == "month":
        return _months_on(today.replace(day=1), step)
    return today.replace(year=now.year + step, month=1, day=1)


def _numeric(text: str, _: datetime) -> datetime | None:
    found = _NUMERIC.fullmatch(text)
    if found is None:
        return None
    first, second = int(found["first"]), int(found["second"])
    if found["sign"] == ".":
        day, month = first, second
    elif first > 12 or second > 12 or first == second:
        day, month = max(first, second), min(first, second)
    else:
        raise ValidationError(
            f"{text!r} is two different days, as one reads it.",
            remedy=f"Write {found['year']}-{first:02}-{second:02} or {found['year']}-{second:02}-{first:02}.",
        )
    return datetime(int(found["year"]), month, day)


def _written(text: str, now: datetime) -> datetime | None:
    """Dates that are written out, in several languages."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    letters = sum(map(str.isalpha, text))
    if letters < 2 or (letters < 3 and text.isascii()) or len(text) > 60:
        return None
    if any(31 < number < 1000 for number in numbers):
        return None
    from dateparser.date import DateDataParser  # only for what nothing simpler reads

    settings = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "first",
        "PREFER_MONTH_OF_YEAR": "first",
        "RETURN_TIME_AS_PERIOD": True,
    }
    found = DateDataParser(languages=_LANGUAGES, settings=settings).get_date_data(text)
    moment: datetime | None = found.date_obj
    if moment is None or found.period == "time":
        return moment
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if found.period == "year":
        return start.replace(month=1, day=1)
    return start.replace(day=1) if found.period == "month" else start
