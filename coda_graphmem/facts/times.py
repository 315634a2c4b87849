"""From when and until when something holds, by the words of its clause and the time at which it was said."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from coda_graphmem.language.periods import Span, time_spans

_DAY = 86_400.0
#: What is read as an earlier year is a number of something else.
_EARLIEST = -2_208_988_800.0
_WEEK = 7 * _DAY
_YEAR = 365.25 * _DAY
_SECONDS = {"day": _DAY, "week": _WEEK, "month": _YEAR / 12, "year": _YEAR, "decade": 10 * _YEAR}
_COUNTS = {
    word: number
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"a": 1, "an": 1, "couple": 2, "few": 3, "fifteen": 15, "twenty": 20, "thirty": 30}
_LASTED = re.compile(
    r"\bfor (?:about |around |almost |nearly |over |more than |the (?:last|past) )?(?:a (?=couple|few))?"
    r"(\d+|[a-z]+)(?: of)? (day|week|month|year|decade)s?\b",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|(?:starting|beginning|effective|as)(?: (?:of|from|on|in))?|from) ", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|till|til) ", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:from|between) (.{3,20}?) (?:to|until|till|and|through) (.{3,20})", re.IGNORECASE)
_GONE_BY = re.compile(r"\b(?:last|ago|yesterday|earlier|back|since)\b", re.IGNORECASE)
_DATED_ALREADY = re.compile(r"\b(?:19|20)\d\d\b")


class Stretch(NamedTuple):
    """When something holds, as far as its clause says so."""

    start: float | None = None
    end: float | None = None


def stretch(words: str, said_at: float, *, is_coming: bool) -> Stretch:
    """What the words of a clause say of when it holds.

    Args:
        is_coming: A day that is not told from others by a year or by "last" is the next one.
    """
    between = _BETWEEN.search(words)
    if between is not None:
        first, last = (_first(part, said_at, is_coming=False) for part in between.groups())
        if first is not None and last is not None and first.start < last.end:
            return Stretch(first.start, last.end)
    until = _UNTIL.search(words)
    since = _SINCE.search(words)
    end = _first(words[until.end() :], said_at, is_coming=True) if until else None
    if until:
        words = words[: until.start()]
    start = _first(words[since.end() :], said_at, is_coming=False) if since else None
    if start is not None or end is not None:
        return Stretch(None if start is None else start.start, None if end is None else end.start)
    lasted = _LASTED.search(words)
    if lasted is not None and (count := _count(lasted[1])) is not None:
        return Stretch(said_at - count * _SECONDS[lasted[2].lower()])
    found = _first(words, said_at, is_coming=is_coming)
    return Stretch() if found is None else Stretch(found.start, found.end)


def day_key(words: str, said_at: float, *, is_coming: bool = True) -> str | None:
    """A day as people point at it ("on Tuesday") as a date, equal for equal days; None for what is none."""
    found = _first(words, said_at, is_coming=is_coming)
    if found is None:
        return None
    from datetime import UTC, datetime

    days = round((found.end - found.start) / _DAY)
    stamp = datetime.fromtimestamp(found.start, UTC)
    return f"{stamp:%Y-%m-%d}" + ("" if days == 1 else f" {days}d")


def _first(words: str, said_at: float, *, is_coming: bool) -> Span | None:
    spans = [span for span in time_spans(words, said_at) if span.start > _EARLIEST]
    return next(_moved(spans, words, said_at, is_coming=is_coming), None)


def _moved(spans: list[Span], words: str, said_at: float, *, is_coming: bool) -> Iterator[Span]:
    for span in spans:
        if (
            not is_coming
            or span.end > said_at
            or _GONE_BY.search(words)
            or _DATED_ALREADY.search(words)
            or said_at - span.start > _YEAR
        ):
            yield span
            continue
        weekday = span.end - span.start == _DAY and said_at - span.start <= _WEEK + _DAY and not _MONTH.search(words)
        if weekday:
            yield Span(span.start + _WEEK, span.end + _WEEK)
        else:
            yield Span(_next_year(span.start), _next_year(span.end))


_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|fall|winter|christmas|\d{1,2}(?:st|nd|rd|th))",
    re.IGNORECASE,
)


def _next_year(moment: float) -> float:
    from datetime import UTC, datetime

    stamp = datetime.fromtimestamp(moment, UTC)
    try:
        return stamp.replace(year=stamp.year + 1).timestamp()
    except ValueError:  # the 29th of February
        return moment + 366 * _DAY


def _count(word: str) -> int | None:
    return int(word) if word.isdigit() else _COUNTS.get(word.lower())


def clause_words(clause: Any) -> str:
    """The words of a clause without those of other clauses."""
    top = clause.top
    left: set[int] = set()
    for token in top.subtree:
        if token.i in left or token == top:
            continue
        own = token.tag_ in ("VBD", "VBP", "VBZ", "VB", "VBN") and token != clause.verb
        if (own and token.dep_ in ("conj", "relcl", "ccomp", "parataxis")) or (own and token.dep_ == "advcl"):
            left |= {t.i for t in token.subtree}
    return " ".join(t.text for t in top.subtree if t.i not in left)
