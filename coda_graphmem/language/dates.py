"""Days, dates and times as people write them.

Three grammars stand beside one another. `time_spans` reads what a question asks for, mostly in the past and whole weeks
or years with it; each expression has to become two moments. `DATE` finds the days that somebody tells of themselves,
past and to come, however they are typed; as a fact is kept in its words, nothing is computed. `MENTION` only asks
whether a text that is stored names a day or an hour. Values that are compared are read by `quantities`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

_MONTH_FORMS = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
    "november nov|december dec"
).split("|")
_WEEKDAY_FORMS = (
    "monday mon mondays|tuesday tue tues tuesdays|wednesday wed wednesdays|thursday thu thurs thursdays|"
    "friday fri fridays|saturday sat saturdays|sunday sun sundays"
).split("|")
#: Months and weekdays by name, also shortened, in lower case: 1 is January, and Monday.
MONTHS = {name: number for number, names in enumerate(_MONTH_FORMS, start=1) for name in names.split()}
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAY_FORMS, start=1) for name in names.split()}
#: Their whole names, with a capital.
CALENDAR = frozenset(names.split()[0].capitalize() for names in (*_MONTH_FORMS, *_WEEKDAY_FORMS))

_ANY_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
# "may" and "march" are verbs too, so a month is a month in capitals, or after a word that needs a time.
_PLAIN_MONTH = "|".join(names.split()[0] for names in _MONTH_FORMS if names.split()[0] not in ("may", "march"))
_MONTH = "|".join(name.capitalize() for name in sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "Mon|Tues|Wednes|Thurs|Fri|Satur|Sun"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_EXPRESSION = re.compile(
    rf"""\b(?:
    \d{{4}}-\d{{2}}-\d{{2}}
    | (?:the\ )?{_DAY}(?:\ of)?\ (?:{_MONTH})\b\.?(?:,?\ \d{{4}})?
    | (?:{_MONTH})\b\.?\ {_DAY}(?!\d)(?:,?\ \d{{4}})?
    | (?:{_MONTH})\b\.?,?\ (?:of\ )?\d{{4}}
    | (?:{_MONTH})(?<!\bMay)(?<!\bMarch)\b
    | (?i:(?:in|since|during|last|until|by|of)\ (?:{_MONTH}))\b\.?(?:,?\ \d{{4}}\b)?
    | (?i:(?:last|this|past|on)\ (?:{_WEEKDAY})day)s?\b
    | (?:{_WEEKDAY})day\b
    | (?i:the\ day\ before\ yesterday|yesterday|today|tonight|last\ night)\b
    | (?i:(?:last|this|past|previous)\ (?:week|month|year))\b
    | (?i:(?:last|past|previous)\ {_COUNT}\ (?:day|week|month|year)s?)\b
    | (?i:{_COUNT}\ (?:day|week|month|year)s?\ ago)\b
    | (?:19|20)\d\d
    )""",
    re.VERBOSE,
)
#: A day one can point at, also spelled without capitals; no spans ("for ten years") and no habits ("every day").
DATE = re.compile(
    rf"""(?<!every\s)(?<!each\s)\b(?:
    (?:(?:{_WEEKDAY})day,?\s+)?(?:the\s+)?{_DAY}\s+(?:of\s+)?(?:{_ANY_MONTH})\b(?:,?\s+(?:19|20)\d\d)?
    | (?:(?:{_WEEKDAY})day,?\s+)?(?:{_ANY_MONTH})\.?\s+(?:the\s+)?{_DAY}\b(?:,?\s+(?:19|20)\d\d\b)?
    | (?:19|20)\d\d-\d\d-\d\d | \d{{1,2}}[/.]\d{{1,2}}[/.](?:\d\d){{1,2}}\b
    | (?:early\s|late\s|mid-?)?(?:{_PLAIN_MONTH}|(?<=in\s)march|(?<=in\s)may|(?<=next\s)may)\b
      (?:,?\s+(?:of\s+)?(?:19|20)\d\d)?
    | (?:(?:next|this|last|coming)\s+)?(?:{_WEEKDAY})day\b(?:\s+(?:morning|afternoon|evening|night))?
    | the\s+day\s+after\s+tomorrow | tomorrow(?:\s+(?:morning|afternoon|evening|night))? | tonight
    | yesterday(?:\s+(?:morning|afternoon|evening))?
    | (?:next|last|this\s+coming|this)\s+(?:week(?:end)?|month|year|spring|summer|autumn|fall|winter)\b
    | in\s+(?:two|three|four|five|six|\d+|a\s+few|a|a\s+couple\s+of)\s+(?:days?|weeks?|months?)\b
    | (?:two|three|four|five|six|\d+|a\s+few|a)\s+(?:days?|weeks?|months?|years?)\s+ago
    | (?:(?<=in\s)|(?<=since\s)|(?<=by\s))(?:19|20)\d\d\b
    | last\s+night | new\s+year'?s\s+eve | (?:(?:last|this|next)\s+)?christmas(?:\s+(?:eve|day))?
    | easter(?:\s+(?:sunday|monday))? | thanksgiving | valentine'?s\s+day | halloween
    | (?<=on\s)the\s+\d{{1,2}}(?:st|nd|rd|th)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
#: A day, a date or a time of day, of any kind.
MENTION = re.compile(
    rf"""\b(?:(?:{_WEEKDAY})day|tomorrow|tonight|(?:19|20)\d\d|\d{{1,2}}(?::\d\d)?\s?[ap]m|\d{{1,2}}:\d\d
    |{_PLAIN_MONTH}|(?:{_ANY_MONTH})\.?\ {_DAY}|{_DAY}\ (?:of\ )?(?:march|may))\b""",
    re.IGNORECASE | re.VERBOSE,
)

_RECENT = re.compile(rf"(?:last|past|previous) ({_COUNT} (?:day|week|month|year)s?)", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"^(?:in|since|during|until|by|of|on|this|last|past|previous|the) (?=\w)", re.IGNORECASE)
_UNIT = re.compile(r"^(?:last|this|past|previous) (week|month|year|night)$", re.IGNORECASE)
_PERIODS = {"week": timedelta(days=7), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Span:
    """A time from its start to before its end, in seconds since the Unix epoch, UTC."""

    start: float
    end: float


def time_spans(text: str, now: float) -> list[Span]:
    """The times a text speaks of, in its order.

    A date without a year is the last one that has begun; "last week" is the calendar week before
    this one. What cannot be read as a time is passed over.

    Args:
        now: The time that counts as now, in seconds.
    """
    if _EXPRESSION.search(text) is None:
        return []
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    spans = (_read(match.group(), moment) for match in _EXPRESSION.finditer(text))
    return list(dict.fromkeys(span for span in spans if span is not None))


def _read(expression: str, now: datetime) -> Span | None:
    recent = _RECENT.fullmatch(expression)
    if recent is not None:
        found = _parser(now).get_date_data(f"{recent.group(1)} ago")
        return None if found.date_obj is None else _span(found.date_obj, now)
    words = expression if _UNIT.fullmatch(expression) else _BEFORE_NAME.sub("", expression)
    found = _parser(now).get_date_data(re.sub(r"^(?:past|previous) ", "last ", words, flags=re.IGNORECASE))
    if found.date_obj is None:
        return None
    start = found.date_obj.replace(hour=0, minute=0, second=0, microsecond=0)
    if found.period == "year":
        return _span(start.replace(month=1, day=1), start.replace(year=start.year + 1, month=1, day=1))
    if found.period == "month":
        start = start.replace(day=1)
        return _span(start, (start + timedelta(days=32)).replace(day=1))
    if found.period == "week":
        start -= timedelta(days=start.weekday())
    return _span(start, start + _PERIODS.get(found.period, timedelta(days=1)))


def _span(start: datetime, end: datetime) -> Span | None:
    span = Span(start.replace(tzinfo=UTC).timestamp(), end.replace(tzinfo=UTC).timestamp())
    return span if span.end > span.start else None


@lru_cache(maxsize=8)
def _parser(now: datetime) -> Any:
    from dateparser.date import DateDataParser  # only for questions that name a time

    return DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": now,
            "PREFER_DATES_FROM": "past",
            "PREFER_DAY_OF_MONTH": "first",
            "PREFER_MONTH_OF_YEAR": "first",
            "TIMEZONE": "UTC",
        },
    )
