"""The times that a question asks for, each as two moments: "last week", "in the 1990s", "11/11/2026", "next Monday".

Weeks begin on Monday, and whole weeks, months and years are those of the calendar. What names no year or week is the
last one that has begun, as questions are mostly about the past, unless a word such as "next" says otherwise. Other
languages are read by `foreign_periods`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from coda_graphmem.language.dates import MONTHS, WEEKDAYS
from coda_graphmem.language.foreign_periods import foreign_periods
from coda_graphmem.language.languages import ENGLISH, language_of
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.stretches import DAY, WEEK, Moments, around, moved, of_day, of_month, of_years, recurring

#: Expressions of one text that are read.
_MOST = 50
_COUNTS = {
    word: number
    for number, words in enumerate(
        "_|a an one|two couple|three few|four|five several|six|seven|eight|nine|ten|eleven|twelve".split("|")
    )
    for word in words.split()
}
_DECADES = {
    word: 10 * (tens + 2)
    for tens, word in enumerate("twenties thirties forties fifties sixties seventies eighties nineties".split())
}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first""".split(),
        start=1,
    )
}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
#: Where a part of a stretch of time begins and ends, as shares of it.
_PARTS = {"early": (0.0, 0.4), "mid": (0.3, 0.7), "late": (0.6, 1.0)}
_FEASTS = {"christmas eve": (12, 24), "christmas": (12, 25), "new year's eve": (12, 31), "new year's day": (1, 1),
           "halloween": (10, 31), "valentine's day": (2, 14)}  # fmt: skip

_LAST, _NEXT = r"last|previous|past|prior", r"next|coming|upcoming|following"
_TURN = rf"(?P<turn>(?:{_LAST}|this\ (?:past|last|coming|upcoming)|this|current|{_NEXT}))"
_COUNT = r"(?P<count>\d{1,3}|an?\ (?:couple\ of|few)|(?:couple\ of|few|several)|" + "|".join(
    word for word in _COUNTS if word not in ("couple", "few", "several", "_")
) + ")"  # fmt: skip
_UNIT = r"(?P<unit>day|week|month|year|decade)s?"
_WHOLE = r"(?P<unit>weekend|week|fortnight|month|quarter|year|decade|century)"
_PART = r"(?:(?P<part>early|mid|late)(?:[\ -](?:in\ )?(?:the\ )?|\b))?"
_YEAR = r"(?:1\d|20|21)\d\d"
_OF_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAMED_MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_NAMED_DAY = r"(?P<weekday>" + "|".join(sorted((name for name in WEEKDAYS if name.endswith("day")), key=len)) + ")"
#: Months that are other words as well stand in capitals, or after a word that needs a time.
_VERBS = frozenset({"may", "march", "mar", "jan", "dec", "jun", "jul", "sep", "apr", "nov", "oct", "feb", "aug"})
_HINT = late_pattern(
    r"\d|day|night|week|month|year|decade|centur|quarter|ties\b|tomorrow|spring|summer|autumn|\bfall\b|winter|christmas"
    r"|hallow|valentine|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A time from its start to before its end, in seconds since the Unix epoch, UTC."""

    start: float
    end: float


Reader = Callable[["re.Match[str]", datetime], Moments | None]


def time_spans(text: str, now: float) -> list[Span]:
    """The times a text speaks of, in its order, each once; what cannot be read as a time is passed over.

    Args:
        now: The time that counts as now, in seconds.
    """
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    language = language_of(text) or ENGLISH
    foreign = foreign_periods(text, language, moment) if language != ENGLISH else []
    found = _english(text, moment) if _HINT.search(text) is not None else []
    # "März 2021" is no other time than the year that is read of it in English, but says more.
    found = [one for one in found if not any(one[0] <= other[0] and other[1] <= one[1] for other in foreign)]
    stamps = (tuple(one.replace(tzinfo=UTC).timestamp() for one in both) for both in (*found, *foreign))
    return list(dict.fromkeys(Span(*both) for both in stamps))


def _english(text: str, moment: datetime) -> list[Moments]:
    found: dict[int, tuple[int, Moments]] = {}
    taken = bytearray(len(text) + 1)
    for pattern, reader in _READERS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            try:
                moments = reader(match, moment)
            except (ValueError, OverflowError):  # no such day, or beyond the calendar
                moments = None
            if moments is not None and moments[0] < moments[1]:
                taken[start:end] = b"\1" * (end - start)
                found[start] = end, moments
            if len(found) >= _MOST:
                break
    return [found[start][1] for start in sorted(found)]


def _share(moments: Moments, part: str | None) -> Moments:
    """The early, middle or late part of a stretch, in whole days; of decades and more in whole years."""
    if not part:
        return moments
    start, end = moments
    first, last = _PARTS[part.lower()]
    years = end.year - start.year
    if years >= 10:
        return datetime(start.year + round(first * years), 1, 1), datetime(start.year + round(last * years), 1, 1)
    days = (end - start).days
    return start + round(first * days) * DAY, start + round(last * days) * DAY


def _direction(turn: str | None) -> int | None:
    """-1 for "last", 0 for "this", 1 for "next", None where nothing is said."""
    words = (turn or "").lower().split()
    if not words:
        return None
    if words[-1] in ("this", "current"):
        return 0
    return -1 if words[-1] in ("last", "previous", "past", "prior") else 1


# ---------------------------------------------------------------------- readers of expressions


def _number(word: str) -> int:
    words = word.lower().split()
    return int(words[0]) if words[0].isdigit() else next(_COUNTS[w] for w in reversed(words) if w in _COUNTS)


def _full_year(year: str) -> int:
    return int(year) + (2000 if int(year) < 70 else 1900) if len(year) == 2 else int(year)


def _iso(match: re.Match[str], _: datetime) -> Moments:
    year, week, month, day = (int(group) if group else None for group in match.group("year", "week", "month", "day"))
    assert year is not None
    if week is not None:
        start = datetime.fromisocalendar(year, week, 1)
        return start, start + WEEK
    assert month is not None
    return of_day(datetime(year, month, day)) if day is not None else of_month(year, month)


def _written(match: re.Match[str], _: datetime) -> Moments:
    """Month first with slashes and hyphens unless that cannot be, as in American English; day first with dots."""
    first, second, year = int(match["first"]), int(match["second"]), _full_year(match["year"])
    day_first = match["sign"] == "." or first > 12
    return of_day(datetime(year, second, first) if day_first else datetime(year, first, second))


def _date(match: re.Match[str], now: datetime) -> Moments | None:
    named = match["month"]
    month, day = MONTHS[named.lower()], int(match["day"])
    if named.islower() and match["year"] is None and match["on"] is None and named in ("may", "march", "mar"):
        return None
    if match["year"]:
        return of_day(datetime(int(match["year"]), month, day))
    return recurring(_direction(match["turn"]), now, lambda year: of_day(datetime(year, month, day)))


def _month(match: re.Match[str], now: datetime) -> Moments | None:
    named, before, year = match["month"], match["before"], match["year"] or match["short"]
    is_named = named[0].isupper() and named.lower() not in ("may", "march") and (len(named) > 3 or bool(year))
    is_told = before or match["turn"] or match["part"] or (year and (named[0].isupper() or named.lower() not in _VERBS))
    if not (is_named or is_told):
        return None
    month = MONTHS[named.lower()]
    if year:
        found = of_month(_full_year(year), month)
    else:
        found = recurring(_direction(match["turn"]), now, lambda of_year: of_month(of_year, month))
    return _share(found, match["part"])


def _decade(match: re.Match[str], now: datetime) -> Moments:
    written = match["decade"].lower()
    if written in _DECADES or len(written) == 2:
        tens = _DECADES[written] if written in _DECADES else int(written)
        century = now.year - now.year % 100
        first = century + tens if century + tens <= now.year else century - 100 + tens
        return _share(of_years(first, 10), match["part"])
    year = int(written)
    # "The 1800s" are a century; who says "the 2000s" means the years before the 2010s.
    return _share(of_years(year, 100 if year % 100 == 0 and year < 2000 else 10), match["part"])


def _century(match: re.Match[str], _: datetime) -> Moments | None:
    written = match["number"].lower()
    number = int(written) if written.isdigit() else _ORDINALS.get(written, 0)
    return _share(of_years(100 * (number - 1) or 1, 100 if number > 1 else 99), match["part"]) if number else None


def _years(match: re.Match[str], _: datetime) -> Moments:
    return datetime(int(match["from"]), 1, 1), datetime(int(match["to"]) + 1, 1, 1)


def _year(match: re.Match[str], _: datetime) -> Moments:
    return _share(of_years(_full_year(match["year"])), match["part"])


def _quarter(match: re.Match[str], now: datetime) -> Moments:
    number = int(match["number"]) if match["number"] else _ORDINALS[match["word"].lower()]
    length = 6 if match["kind"] and match["kind"].lower() in ("h", "half") else 3
    first = length * (number - 1) + 1
    if match["year"]:
        return of_month(int(match["year"]), first, length)
    return recurring(None, now, lambda year: of_month(year, first, length))


def _season(match: re.Match[str], now: datetime) -> Moments:
    month = _SEASONS[match["season"].lower()]
    if match["year"]:
        return _share(of_month(int(match["year"]), month, 3), match["part"])
    found = recurring(_direction(match["turn"]), now, lambda year: of_month(year, month, 3))
    return _share(found, match["part"])


def _feast(match: re.Match[str], now: datetime) -> Moments:
    month, day = _FEASTS[match["feast"].lower().replace("’", "'")]
    if match["year"]:
        return of_day(datetime(int(match["year"]), month, day))
    return recurring(_direction(match["turn"]), now, lambda year: of_day(datetime(year, month, day)))


def _near(match: re.Match[str], now: datetime) -> Moments:
    word = match["near"].lower()
    days = {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(word, 0)
    if " after " in word or " before " in word:
        days = -2 if "before" in word else 2
    return of_day(now + days * DAY)


def _several(match: re.Match[str], now: datetime) -> Moments:
    """So many units up to now, or from now on."""
    way = _direction(match["turn"]) or -1
    other = moved(now, match["unit"].lower(), way * _number(match["count"]))
    return (other, now) if way < 0 else (now, other)


def _away(match: re.Match[str], now: datetime) -> Moments:
    """The day, week, month or year so many of them ago, or from now."""
    unit = match["unit"].lower()
    way = -1 if (match["ago"] or "").lower() in ("ago", "back", "earlier") else 1
    return around(moved(now, unit, way * _number(match["count"])), unit)


def _whole(match: re.Match[str], now: datetime) -> Moments:
    unit, way = match["unit"].lower(), _direction(match["turn"]) or 0
    if unit == "weekend":
        start = around(now, "week")[0] + 5 * DAY
        if way < 0:
            start -= WEEK  # the one before this week's, unless that is over
        elif way > 0 and now >= start:
            start += WEEK
        return start, start + 2 * DAY
    return _share(around(moved(now, unit, way), unit), match["part"])


def _weekday(match: re.Match[str], now: datetime) -> Moments:
    number = WEEKDAYS[match["weekday"].lower()] - 1
    if match["week"]:
        return of_day(around(now, "week")[0] + (_direction(match["week"]) or 0) * WEEK + number * DAY)
    way = _direction(match["turn"])
    ahead = (number - now.weekday()) % 7
    if way == 0:
        return of_day(around(now, "week")[0] + number * DAY)
    return of_day(now + (ahead or 7) * DAY if way == 1 else now + (ahead - 7) * DAY)


def _of_this_month(match: re.Match[str], now: datetime) -> Moments:
    day, way = int(match["day"]), _direction(match["turn"])
    if way is None:
        this = now.replace(day=1)
        way = 0 if day <= now.day else -1
        return of_day(moved(this, "month", way).replace(day=day))
    return of_day(moved(now.replace(day=1), "month", way).replace(day=day))


def _readers() -> Iterator[tuple[re.Pattern[str], Reader]]:
    """Every kind of expression with what reads it; where two would read the same words the first does."""
    turned = rf"(?:{_TURN}\ )?"
    of_year = rf"(?:,?\ (?:of\ )?(?P<year>{_YEAR})\b)?"
    for pattern, reader in (
        (r"(?<![\d-])(?P<year>\d{4})(?:-?W(?P<week>\d\d)|[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2})"
         r"(?:[T\ ]\d\d:\d\d\S*)?)?)(?![\w-]|[/.]\d)", _iso),
        (r"(?<![\d/.-])(?P<first>\d{1,2})(?P<sign>[/.-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)"
         r"(?![\w/-]|\.\d)",
         _written),
        (rf"\b(?P<on>on\ )?{turned}(?:the\ )?{_OF_DAY}(?:\ of)?\ {_NAMED_MONTH}{of_year}", _date),
        (rf"\b(?P<on>on\ )?{turned}{_NAMED_MONTH}\ (?:the\ )?{_OF_DAY}(?![\d:]|\ ?[ap]m){of_year}", _date),
        (rf"\b(?P<before>(?:in|since|during|until|till|by|of|from|before|after|around)\ )?{turned}{_PART}{_NAMED_MONTH}"
         rf"(?:,?\ (?:of\ )?(?P<year>{_YEAR})\b|\ ['’](?P<short>\d\d)\b)?(?!\w)", _month),
        (rf"\b(?:(?:from|between)\ (?P<from>{_YEAR})\ (?:to|and|until|till|through)\ (?P<to>{_YEAR}))\b", _years),
        (rf"(?<![\w.-])(?P<from>{_YEAR})\ ?[-\u2013]\ ?(?P<to>{_YEAR})(?![\w-])", _years),
        (rf"\b{_PART}(?P<decade>(?:1\d|20)\d0)['’]?s\b", _decade),
        (rf"(?:(?<=\bthe\ )|(?<=\bin\ )|(?<=['’])|\b(?=(?:early|mid|late)\b)){_PART}['’]?(?P<decade>\d0)['’]?s\b",
         _decade),
        (rf"\b{_PART}(?P<decade>{'|'.join(_DECADES)})\b", _decade),
        (rf"\b{_PART}(?P<number>\d{{1,2}}(?=st|nd|rd|th)|{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
         r"(?:st|nd|rd|th)?[\ -]century\b", _century),
        (rf"\b(?:(?P<kind>Q|H)(?P<number>[1-4])|(?P<word>first|second|third|fourth)\ (?:quarter|(?P<half>half)))"
         rf"(?:\ (?:of\ )?(?P<year>{_YEAR})\b)?\b", _quarter),
        (rf"\b(?:(?:in|during|since|of)\ (?:the\ )?)?{turned}{_PART}(?P<season>{'|'.join(_SEASONS)})\b{of_year}",
         _season),
        (rf"\b{turned}(?P<feast>christmas\ eve|christmas|new\ year['’]s\ (?:eve|day)|halloween|valentine['’]s\ day)"
         rf"(?:\ day)?\b{of_year}", _feast),
        (r"\b(?P<near>(?:the\ )?day\ (?:before\ yesterday|after\ tomorrow)|yesterday|today|tonight|tomorrow|last\ night"
         r"|this\ (?:morning|afternoon|evening))\b", _near),
        (rf"\b(?P<turn>{_LAST}|{_NEXT})\ {_COUNT}\ {_UNIT}\b", _several),
        (rf"\b{_COUNT}\ {_UNIT}\ (?P<ago>ago|back|earlier|from\ now|hence)\b", _away),
        (rf"\b(?:with)?in\ {_COUNT}\ {_UNIT}(?P<ago>['’]?\ time)?\b(?!\ (?:of|ago))", _away),
        (rf"\b{_NAMED_DAY}(?:\ (?:morning|afternoon|evening|night))?,?\ (?:of\ |in\ )?(?P<week>last|this|next)\ week\b"
         r"(?P<turn>)?", _weekday),
        (rf"\b(?:on\ )?{_TURN}\ {_NAMED_DAY}\b(?P<week>(?!))?", _weekday),
        (rf"\b(?:on\ )?(?P<turn>(?!))?{_NAMED_DAY}\b(?P<week>(?!))?", _weekday),
        (rf"\b(?:on\ )the\ (?P<day>\d{{1,2}})(?:st|nd|rd|th)\b(?:\ of\ {_TURN}\ month\b)?", _of_this_month),
        (rf"\b{_PART}{_TURN}\ {_WHOLE}\b", _whole),
        (rf"(?<![\w$#€£.,:/-]){_PART}(?P<year>{_YEAR})(?![\w%]|[.,:/-]\d)", _year),
        (r"(?<=\bin\ )(?P<part>)['’](?P<year>\d\d)\b", _year),
    ):  # fmt: skip
        yield late_pattern(pattern, re.IGNORECASE | re.VERBOSE), reader


_READERS = tuple(_readers())
