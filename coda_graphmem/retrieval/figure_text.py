"""The figures of a text: numbers, lengths of time, sums, weights, days and hours, each in one form."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from coda_graphmem.language.dates import MONTHS, WEEKDAYS
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.words import STOP_WORDS, stem

FigureKind = Literal[
    "count", "share", "ratio", "money", "duration", "size", "day", "hour", "version", "mass", "length", "volume",
    "temperature", "age",
]  # fmt: skip
Kinds = frozenset[FigureKind]


class Figure(NamedTuple):
    """A figure of a text."""

    kind: FigureKind
    value: str
    """In one form."""
    start: int
    end: int
    unit: str = ""
    """Its stem."""


#: A word or a number, with the sign of percent.
WORD = late_pattern(r"[^\W_]+(?:['.][^\W_]+)*%?")
#: What a unit measures.
UNITS: dict[str, FigureKind] = {
    **dict.fromkeys(
        """ms msec millisecond milliseconds s sec secs second seconds min mins minute minutes h hr hrs hour hours day
        days week weeks month months year years""".split(),
        "duration",
    ),
    **dict.fromkeys("kb mb gb tb kib mib gib byte bytes kilobytes megabytes gigabytes terabytes".split(), "size"),
    **dict.fromkeys("dollars dollar bucks euros euro pounds yen usd eur gbp chf francs rupees cents".split(), "money"),
    **dict.fromkeys("% percent pct".split(), "share"),
    **dict.fromkeys(
        """kg kgs kilo kilos kilogram kilograms g gram grams mg milligram milligrams mcg µg microgram
        micrograms lb lbs stone oz ounce ounces
        ton tons tonne tonnes""".split(),
        "mass",
    ),
    **dict.fromkeys(
        """km kms kilometer kilometers kilometre kilometres m meter meters metre metres cm mm mile miles ft feet foot
        inch inches yard yards""".split(),
        "length",
    ),
    **dict.fromkeys("ml cl dl l liter liters litre litres".split(), "volume"),
    **dict.fromkeys("°c °f ° degree degrees celsius fahrenheit".split(), "temperature"),
}
_NUMBERS = {
    word: str(value)
    for value, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
} | {"fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100"}
_ORDINALS = {
    word: str(value)
    for value, word in enumerate("first second third fourth fifth sixth seventh".split(), start=1)
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted((name for name in WEEKDAYS if name.endswith("day")), key=len, reverse=True))
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_THOUSANDS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_FIGURE = late_pattern(
    rf"""(?=[\d$€£¥]|\bv\d)(?:
      (?P<day>\b\d{{4}}-\d\d-\d\d\b | \b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH})\b)
    | (?P<hour>\b\d{{1,2}}(?::\d\d)?\s?[ap]\.?m\b | \b\d{{1,2}}:\d\d\b)
    | (?P<version>\bv\d+(?:\.\d+)*\b | \b\d+\.\d+\.\d+\b)
    | (?P<ratio>\b\d+\s?(?:/|out\sof)\s?\d+\b)
    | (?P<money>[$€£¥]\s?{_THOUSANDS}(?:\s?(?:k|m|million|thousand|billion)\b)?)
    | (?P<number>(?<![\w.]){_THOUSANDS}(?:k\b|st\b|nd\b|rd\b|th\b)?(?:[\s-]?(?P<unit>{_UNIT})(?!\w))?)
    )""",
    re.VERBOSE,
)
#: Figures without digits: few texts have any, which looking for their words tells much faster than the pattern.
_WORDED = frozenset(
    {*_NUMBERS, *"tomorrow today noon midnight".split()}
    | {name + ending for name in WEEKDAYS if name.endswith("day") for ending in ("", "s")}
)
_WORDED_FIGURE = late_pattern(
    rf"""\b(?:(?P<hour>noon|midnight) | (?<!last\s)(?P<day>(?:{_WEEKDAY})s?|tomorrow|today)
    | (?P<number>{"|".join(_NUMBERS)})(?=[\s-]\w)(?:[\s-](?P<unit>{_UNIT}))?)(?!\w)""",
    re.VERBOSE,
)
#: Around the number of somebody's years: "turned 4", "aged 40", "3 years old".
_AGE_BEFORE = late_pattern(r"\b(?:turn(?:s|ed|ing)?|aged?)(?:\sof)?\s$")
_OLD_BEHIND = late_pattern(r"[\s-]old\b")
#: Around a bare number that is the hour of a day: "at 10, as ever".
_HOUR_BEFORE = late_pattern(r"\b(?:at|to|until|till|from|around|by)\s$")
_HOUR_BEHIND = late_pattern(
    r"\s?(?:$|[.,;!?)]|(?:now|on|in|as|instead|because|since|from|every|each|and|but|for|today)\b)"
)
_HOURS = 24
_MONTH_BEFORE = late_pattern(rf"\b({_MONTH})\.?\s$")
_PLAIN_WORD = late_pattern(r"[a-z]+")
_YEAR = late_pattern(r"(?:19|20)\d\d")
#: Signs that make a number part of a formula.
_FORMULA_BEFORE = late_pattern(r"[=+*^_<>\\(]\s?$|\s[-\u2212]\s$")
_FORMULA_BEHIND = late_pattern(r"\s?[=+*^<>\u00d7\u2265\u2264](?!\s?$)|\s[-\u2212]\s\d|/\D")
_NUMBERED = late_pattern(
    rf"(?<![\w.])(\d+(?=st|nd|rd|th)?|{'|'.join([*_ORDINALS, *_NUMBERS])})(?:st|nd|rd|th)?(?![\w.%:])"
)
#: Before a figure that is said to have been: "from 60 %", "initially 800 ms".
_WAS = late_pattern(
    r"\b(?:from|initially|originally|instead of|previously|was|were|used to be|not|rather than)\W+(?:\w+\W+)?$"
)


def figures(text: str) -> list[Figure]:
    """The figures of a text in small letters, without years and the numbers of formulas."""
    found = [figure for match in _FIGURE.finditer(text) if (figure := _figure(text, match)) is not None]
    if not _WORDED.isdisjoint(_PLAIN_WORD.findall(text)):
        found += [figure for match in _WORDED_FIGURE.finditer(text) if (figure := _figure(text, match)) is not None]
    return found


def _figure(text: str, match: re.Match[str]) -> Figure | None:
    start, end = match.span()
    if _FORMULA_BEFORE.search(text, max(0, start - 3), start) or _FORMULA_BEHIND.match(text, end):
        return None
    kind, written = str(match.lastgroup), match[0]
    if kind in _FORMS:
        named, form = _FORMS[kind]
        return Figure(named, form(written), start, end)
    unit = match["unit"] or ""
    number = re.sub(r"(?<=\d)(?:st|nd|rd|th)$|,", "", written.removesuffix(unit).strip(" -"))
    if _AGE_BEFORE.search(text, max(0, start - 12), start) or (unit and _OLD_BEHIND.match(text, end)):
        return Figure("age", _NUMBERS.get(number, number), start, end, stem(unit) if unit else "")
    if unit:
        return Figure(UNITS[unit], _NUMBERS.get(number, number), start, end, stem(unit))
    month = _MONTH_BEFORE.search(text, max(0, start - 12), start)
    if month:
        return Figure("day", f"{MONTHS[month[1]]}-{number}", start, end)
    return None if _YEAR.fullmatch(written) else Figure("count", _NUMBERS.get(number, number), start, end)


def _day(written: str) -> str:
    """Month and day in numbers, or the name of a weekday."""
    if written[4:5] == "-":
        return f"{int(written[5:7])}-{int(written[8:])}"
    month, number = re.search(_MONTH, written), re.search(r"\d+", written)
    return f"{MONTHS[month[0]]}-{int(number[0])}" if month and number else written.removesuffix("s")


#: What becomes of a figure of each group of the patterns, but for numbers.
_FORMS: dict[str, tuple[FigureKind, Callable[[str], str]]] = {
    "day": ("day", _day),
    "hour": ("hour", lambda written: re.sub(r"\s?([ap])\.?m$", r"\1m", written).replace(":00", "")),
    "version": ("version", lambda written: written.removeprefix("v")),
    "ratio": ("ratio", lambda written: re.sub(r"\s?(?:/|out of)\s?", "/", written)),
    "money": ("money", lambda written: re.sub(r"[,\s]", "", written)),
}


def numbered(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The numbers of a text in small letters, each with the stems of what it may number, the likeliest first.

    "15 problems", "the first sprint" and "sprint 1".
    """
    for match in _NUMBERED.finditer(text):
        number = match[1]
        behind = WORD.findall(text[match.end() : match.end() + 60])[:4]
        before = WORD.findall(text[max(0, match.start() - 20) : match.start()])[-1:]
        nouns = tuple(stem(word) for word in (*behind, *before) if word not in STOP_WORDS)
        yield _ORDINALS.get(number, _NUMBERS.get(number, number)), nouns


def is_hour(text: str, figure: Figure) -> bool:
    """Whether a bare number is the hour of a day: "moved to 10"."""
    return (
        figure.kind == "count"
        and figure.value.isdigit()
        and 0 < int(figure.value) <= _HOURS
        and _HOUR_BEFORE.search(text, max(0, figure.start - 10), figure.start) is not None
        and _HOUR_BEHIND.match(text, figure.end) is not None
    )


def is_past(text: str, figure: Figure) -> bool:
    """Whether a figure is said to have been."""
    return _WAS.search(text, max(0, figure.start - 40), figure.start) is not None


def was(text: str, figure: Figure, figures: Sequence[Figure]) -> frozenset[str]:
    """What a figure is said to have been shortly before it is named."""
    return frozenset(
        other.value
        for other in figures
        if other.kind == figure.kind and 0 < figure.start - other.end < 60 and is_past(text, other)
    )


def beside(figure: Figure, figures: Sequence[Figure]) -> list[str]:
    """The hour of a day, and the day of an hour."""
    return [other.value for other in figures if other.kind != figure.kind and abs(other.start - figure.start) < 40]
