"""The times that questions in other languages than English ask for: "letzte Woche", "il y a trois jours".

Names of months and days, numbers in words, and what people call yesterday and last year are read from the data of
dateparser; what its lists lack stands in ``data/times.toml``.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from importlib import import_module
from typing import Any

from coda_graphmem.language.dates import MONTHS, WEEKDAYS
from coda_graphmem.language.normal_form import folded, is_joined
from coda_graphmem.language.stretches import DAY, Moments, around, moved, of_day, of_month, of_years, recurring
from coda_graphmem.language.tables import table

LANGUAGES = frozenset({"de", "es", "fr", "it", "ja", "nl", "pt", "ru", "zh"})
"""The languages (ISO 639-1) whose times are read here."""

#: Expressions of one text that are read.
_MOST = 50
_UNITS = ("day", "week", "month", "year")
#: Keys of dateparser's lists: "2 week ago", "in 1 year".
_AWAY = re.compile(r"(?:(?P<ahead>in) )?(?P<count>\d+|\\1) (?P<unit>day|week|month|year)(?: ago)?")
#: How its patterns catch a number.
_NUMBER = r"(\d++[.,]?\d*+)"
_CAUGHT = r"(?P<count>\d{1,3})"
#: What stands for a number in dateparser's lists where it is words, or a few forms of them.
_PLAIN_WORDS = re.compile(r"[^\W\d_](?:[()|?]|[^\W\d_])*")
#: Letters that a name of a month needs to be one by itself, unless a preposition comes before it.
_BY_ITSELF = 4
_YEAR = r"(?:1\d|20|21)\d\d"
_OF = r"(?:\s+(?:de|del|di|do|du)\s+|\s+)"


@dataclass(frozen=True, slots=True)
class _Reader:
    pattern: re.Pattern[str]
    read: Any
    """From a match and the present moment to `Moments`."""


def foreign_periods(text: str, language: str, now: datetime) -> list[Moments]:
    """The times that a text speaks of, in its order, each once; none of a language that is not among `LANGUAGES`.

    Args:
        text: A question.
        language: A code of ISO 639-1.
        now: The time that counts as now.
    """
    if language not in LANGUAGES:
        return []
    plain = folded(text)
    numbers, readers = _readers(language)
    for pattern, digits in numbers:
        plain = pattern.sub(digits, plain)
    taken = bytearray(len(plain) + 1)
    found: dict[int, Moments] = {}
    for reader in readers:
        for match in reader.pattern.finditer(plain):
            start, end = match.span()
            if start == end or any(taken[start:end]) or len(found) >= _MOST:
                continue
            try:
                moments = reader.read(match, now)
            except (ValueError, OverflowError):  # no such day, or beyond the calendar
                moments = None
            if moments is not None and moments[0] < moments[1]:
                taken[start:end] = b"\1" * (end - start)
                found[start] = moments
    return list(dict.fromkeys(found[start] for start in sorted(found)))


# ---------------------------------------------------------------------- readers of expressions


def _away(match: re.Match[str], now: datetime, *, unit: str, step: int) -> Moments:
    """The day, week, month or year so many of them away; how many is in the words where no step of its own is."""
    groups = match.groupdict()
    count = int(groups["count"]) if groups.get("count") else 1
    return around(moved(now, unit, step * count), unit)


def _turned(match: re.Match[str], now: datetime, *, unit: str, way: int) -> Moments:
    del match
    return around(moved(now, unit, way), unit)


def _date(match: re.Match[str], now: datetime, *, months: Mapping[str, int]) -> Moments:
    month, day, year = months[match["month"]], int(match["day"]), match["year"]
    if year:
        return of_day(datetime(int(year), month, day))
    return recurring(None, now, lambda of_year: of_day(datetime(of_year, month, day)))


def _month(match: re.Match[str], now: datetime, *, months: Mapping[str, int]) -> Moments:
    month, year = months[match["month"]], match.groupdict().get("year")
    if year:
        return of_month(int(year), month)
    return recurring(None, now, lambda of_year: of_month(of_year, month))


def _characters(match: re.Match[str], now: datetime) -> Moments:
    """A date in Chinese or Japanese, whatever of year, month and day it names."""
    year, month, day = (int(group) if group else None for group in match.group("year", "month", "day"))
    if month is None:
        assert year is not None
        return of_years(year)
    if day is not None:
        if year is not None:
            return of_day(datetime(year, month, day))
        return recurring(None, now, lambda of_year: of_day(datetime(of_year, month, day)))
    if year is not None:
        return of_month(year, month)
    return recurring(None, now, lambda of_year: of_month(of_year, month))


def _weekday(match: re.Match[str], now: datetime, *, weekdays: Mapping[str, int]) -> Moments:
    """The last one that was, or the next one to come."""
    ahead = (weekdays[match["weekday"]] - 1 - now.weekday()) % 7
    if match.groupdict().get("next"):
        return of_day(now + (ahead or 7) * DAY)
    return of_day(now + (ahead - 7) * DAY)


# ---------------------------------------------------------------------- patterns of a language


@lru_cache(maxsize=len(LANGUAGES))
def _readers(language: str) -> tuple[list[tuple[re.Pattern[str], str]], list[_Reader]]:
    """Numbers in words with their digits, and what reads the expressions of a language, the surest first."""
    known = import_module(f"dateparser.data.date_translation_data.{language}").info
    own = table("times").get(language, {})
    joined = language in ("ja", "zh")
    bounded = (lambda words: words) if joined else (lambda words: rf"(?<!\w)(?:{words})(?!\w)")
    readers: list[_Reader] = []

    def add(pattern: str, read: Any) -> None:
        readers.append(_Reader(re.compile(bounded(pattern)), read))

    phrases = {**known["relative-type"]}
    for key, more in own.get("phrases", {}).items():
        phrases[key] = [*phrases.get(key, ()), *more]
    months, weekdays = _names(known, MONTHS, own), _names(known, WEEKDAYS, own)
    for word in own.get("ambiguous", "").split():
        weekdays.pop(word, None)
    if joined:
        _add_characters(add)
    else:
        _add_written(add, months, own.get("ambiguous", "").split())
        _add_units(add, own)
        turned = f"(?:(?P<next>{own['next']})|{own['last']}|{own['this']})"
        after = turned.replace("?P<next>", "?:")
        named = "|".join(sorted((name for name in weekdays if len(name) >= _BY_ITSELF), key=len, reverse=True))
        read = partial(_weekday, weekdays=weekdays)
        add(rf"(?P<weekday>{named})\s+(?P<next>{own['next']})", read)
        add(rf"(?:{turned}\s+)?(?P<weekday>{named})(?:\s+{after})?", read)
    for way, unit, words in _phrases(known.get("relative-type-regex", {})):
        add(words, partial(_away, unit=unit, step=way))
    for step, unit, words in _phrases(phrases):
        unless = own.get("not_before_tomorrow") if (unit, step) == ("day", 1) else None
        guard = "".join(f"(?<!{word})" for word in unless.split("|")) if unless else ""
        add(guard + words, partial(_away, unit=unit, step=step))
    if joined:
        add(rf"(?P<weekday>{'|'.join(name for name in weekdays if len(name) > 1 and name.isalpha())})",
            partial(_weekday, weekdays=weekdays))  # fmt: skip
    return _numbers(known.get("simplifications", ()), own), readers


def _phrases(listed: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, str, str]]:
    """How far away, of what, and in which words, the longest first."""
    found: list[tuple[str, int, str]] = []
    for key, phrases in listed.items():
        away = _AWAY.fullmatch(key)
        if away is None:
            continue
        count = int(away["count"]) if away["count"].isdigit() else 1
        step = count if away["ahead"] else -count
        for phrase in phrases:
            catching = _NUMBER in phrase
            parts = [re.escape(folded(part)).replace(r"\ ", r"\s+") for part in phrase.split(_NUMBER)]
            if "\\" in phrase.replace(_NUMBER, "") or (len(phrase) < 2 and not catching):
                continue
            found.append((_CAUGHT.join(parts), step, away["unit"]))
    for words, step, unit in sorted(found, key=lambda one: -len(one[0])):
        yield step, unit, words


def _names(known: Mapping[str, Any], english: Mapping[str, int], own: Mapping[str, Any]) -> dict[str, int]:
    """Names of months or days of a language with their numbers; those of English are the keys of its lists."""
    names: dict[str, int] = {}
    for name, number in english.items():
        for written in known.get(name, ()):
            names.setdefault(folded(written).strip("."), number)
    # Cases that the lists leave out.
    for name, number in list(names.items()):
        for ending in own.get("endings", "").split() if len(name) >= _BY_ITSELF - 1 else ():
            names.setdefault(name.rstrip(own["cut"]) + ending, number)
    return names


def _numbers(simplifications: Iterable[Mapping[str, str]], own: Mapping[str, Any]) -> list[tuple[re.Pattern[str], str]]:
    """Numbers in words, and their digits; "one" is a number only before a unit, as it is an article too."""
    found = []
    for entry in simplifications:
        for words, digits in entry.items():
            if digits.isdigit() and digits != "1" and _PLAIN_WORDS.fullmatch(words) and not is_joined(words):
                found.append((re.compile(rf"(?<!\w)(?:{folded(words)})(?!\w)"), digits))
    for number, words in enumerate(own.get("numbers", "").split(), start=2):
        bounded = rf"(?:{words})(?=[天日周週星個个か年])" if is_joined(words) else rf"(?<!\w)(?:{words})(?!\w)"
        found.append((re.compile(bounded), str(number)))
    if "one" in own:
        units = "|".join(own["units"].values())
        found.append((re.compile(rf"(?<!\w)(?:{own['one']})(?= (?:{units})(?!\w))"), "1"))
    return found


def _add_written(add: Any, months: Mapping[str, int], ambiguous: Collection[str]) -> None:
    """Dates with months by name, and months alone unless they may be another word."""
    every = "|".join(sorted((re.escape(name) for name in months if name.isalpha()), key=len, reverse=True))
    sure = (name for name in months if name.isalpha() and len(name) >= _BY_ITSELF and name not in ambiguous)
    whole = "|".join(sorted(sure, key=len, reverse=True))
    short = "|".join(name for name in months if name.isalpha() and len(name) == _BY_ITSELF - 1)
    of_year = rf"(?:(?:\s*,)?{_OF}(?P<year>{_YEAR}))"
    add(rf"(?P<day>\d{{1,2}})(?:\.|er|o|a)?{_OF}(?P<month>{every})\.?{of_year}?(?!\w)", partial(_date, months=months))
    add(rf"(?P<month>{every})\.?{of_year}", partial(_month, months=months))
    add(rf"(?P<month>{whole})", partial(_month, months=months))
    if short:
        for word in ("im", "in", "en", "au", "em", "в"):
            add(rf"(?<=\b{word} )(?P<month>{short})", partial(_month, months=months))


def _add_units(add: Any, own: Mapping[str, Any]) -> None:
    """What is so many units away, and the last, this and the next one, wherever the word for that stands."""
    for unit in _UNITS:
        units = own["units"][unit]
        for key, step in (("before", -1), ("after", 1)):
            if key in own:
                add(rf"(?:{own[key]})\s+{_CAUGHT}\s+(?:{units})", partial(_away, unit=unit, step=step))
        if "behind" in own:
            add(rf"{_CAUGHT}\s+(?:{units})\s+(?:{own['behind']})", partial(_away, unit=unit, step=-1))
            add(rf"(?:{units})\s+(?:{own['behind']})", partial(_turned, unit=unit, way=-1))
        if unit == "day":
            continue
        for key, way in (("last", -1), ("next", 1), ("this", 0)):
            add(rf"(?:{own[key]})\s+(?:{units})", partial(_turned, unit=unit, way=way))
            if key != "this":
                add(rf"(?:{units})\s+(?:{own[key]})", partial(_turned, unit=unit, way=way))


def _add_characters(add: Any) -> None:
    day = r"\s*(?P<month>\d{1,2})\s*月(?:份)?(?:\s*(?P<day>\d{1,2})\s*[日号號])?"
    add(rf"(?:(?P<year>\d{{4}})\s*年)?{day}", _characters)
    add(r"(?P<year>\d{4})\s*年(?P<month>(?!))?(?P<day>(?!))?", _characters)
