"""Finds the numbers, dates, amounts of money and identifiers of a text, each in one normal form."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from coda_graphmem.language.dates import MONTHS, WEEKDAYS
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.lexicon import UNITS

#: ``number``, ``percent`` and ``ordinal``; ``month``, ``weekday``, ``time`` and ``day`` (of a date); ``money``; ``id``.
QuantityKind = Literal["number", "percent", "ordinal", "month", "weekday", "time", "money", "id"]


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """One value a text names."""

    kind: QuantityKind
    value: float | str
    """A number, minutes after midnight for a time, 1 to 12 for a month, 1 to 7 from Monday for a
    weekday, the unified text of an identifier."""
    unit: str = ""
    """The currency of an amount of money; of a number what it counts, as far as that is a unit; of an identifier its
    spelling, where it has small and capital letters that a reader must keep apart."""


_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
} | {
    word: 10 * tens
    for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES = {
    "hundred": 100.0,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "dozen": 12.0,
}
_FRACTIONS = {"half": 0.5, "quarter": 0.25, "½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
}

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SCALE = r"(?:[\s-]?(?:thousand|million|billion|trillion|bn|mn|k|m)\b)?"
_AMOUNT = rf"{_DIGITS}{_SCALE}"
_MINUS = ("-", "\N{MINUS SIGN}")
_SIGN = rf"(?:(?<![^\s(])[{''.join(_MINUS)}+](?=\d)|\bminus\s)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_WORD_NUMBER = "|".join(
    sorted([*_NUMBER_WORDS, "hundred", "thousand", "million", "billion", "dozen"], key=len, reverse=True)
)
_HOURS = {str(hour): hour for hour in range(1, 13)} | {w: int(v) for w, v in _NUMBER_WORDS.items() if 1 <= v <= 12}
_HOUR = "|".join(sorted(_HOURS, key=len, reverse=True))
_CURRENCIES = {
    "$": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd", "buck": "usd", "bucks": "usd", "usd": "usd",
    "€": "eur", "euro": "eur", "euros": "eur", "eur": "eur",
    "£": "gbp", "pound sterling": "gbp", "gbp": "gbp", "pence": "gbp",
    "¥": "jpy", "yen": "jpy", "jpy": "jpy", "cent": "usd", "cents": "usd",
    "franc": "chf", "francs": "chf", "chf": "chf", "rupee": "inr", "rupees": "inr", "inr": "inr",
}  # fmt: skip
_HUNDREDTHS = frozenset({"cent", "cents", "pence"})
_COINS = "|".join(sorted((name for name in _CURRENCIES if name.isalpha()), key=len, reverse=True))


@cache
def _token() -> re.Pattern[str]:
    """What is read of a text; made when it is first needed, as that takes a while."""
    return re.compile(
        rf"""
      (?P<smiley><3+)
    | (?P<link>\b(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<isodate>\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b)
    | (?P<slashdate>\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b)
    | (?P<money>(?:us)?[$€£¥]\s?{_AMOUNT} | \b{_AMOUNT}\s?(?:{_COINS})\b)
    | (?P<percent>{_SIGN}\b{_DIGITS}\s?(?:%|percent\b|pct\b|per\ cent\b))
    | (?P<clock>\b\d{{1,2}}(?::\d{{2}}){{1,2}}(?:\s?[ap]\.?m\b\.?)? | \b\d{{1,2}}\s?(?:[ap]\.m\.|[ap]m\b)
        | \b\d{{1,2}}(?::\d{{2}})?\s(?:in\sthe\s(?:morning|afternoon|evening)|at\snight)\b
        | \b\d{{1,2}}\ o'?clock\b)
    | (?P<spoken>\b(?:half|quarter)\s(?:past|to)\s(?:{_HOUR})\b
        (?:\s(?:in\ the\ (?:morning|afternoon|evening)\b|at\ night\b|[ap]\.m\.|[ap]m\b))?)
    | (?P<mixed>\b(?:an?|one|\d+|{_WORD_NUMBER})(?:\s(?:{_UNIT}))?\sand\sa\shalf\b(?:\s(?:{_UNIT})(?![\w]))?
        | \bhalf\s(?:an?\s)?(?:{_UNIT})(?![\w]))
    | (?P<version>\bv?\d+(?:\.\d+){{2,}}\b)
    | (?P<fraction>\b\d+/\d+\b)
    | (?P<phone>\+?\(?\d[\d()\s.-]{{5,}}\d\b)
    | (?P<ordinal>\b\d+(?:st|nd|rd|th)\b)
    | (?P<code>\b(?=[\w-]*\d)(?=[\w-]*[a-z])\w+(?:[-_]\w+)*\b|\#\w+)
    | (?P<number>{_SIGN}\b{_AMOUNT}(?:[\s-]?(?:{_UNIT})(?![\w]))?)
    | (?P<words>\b(?:minus\s)?(?:{_WORD_NUMBER})(?:[\s-](?:and\s)?(?:{_WORD_NUMBER}))*\b
        (?:\s(?:percent|per\ cent|{_COINS})\b|[\s-](?:{_UNIT})(?![\w]))?)
    | (?P<word>[^\W\d_]+\.?|[½¼¾⅓⅔])
    """,
        re.VERBOSE,
    )


_WORD_IN_CODE = late_pattern(r"^(\d+)-?([a-z]+)(?:-old)?$")
#: Two letters of a suffix are mostly a unit nobody listed; "7c" and "12a" are names.
_SUFFIX = 3
#: A letter that names something, "vitamin C", but not one of a person's initials (`_is_initial`).
_CAPITAL = late_pattern(r"(?<=[a-z] )[B-HJ-Z](?=[\s,.;!?)]|$)(?!\.[A-Za-z])")
_BOTH_CASES = late_pattern(r"(?=.*[a-z]).*[A-Z]")


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """All values of a text, sorted. "one" is no value: it mostly stands for an article or a pronoun.

    Args:
        text: The text as it was written; "May" and "march" are told apart by their case.
    """
    # Letters whose lower case is longer would move what follows away from its place in the text.
    lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    found = [quantity for match in _token().finditer(lowered) for quantity in _values(match, text)]
    found += [Quantity("id", m.group().lower()) for m in _CAPITAL.finditer(text) if not _is_initial(text, m.start())]
    return tuple(sorted(found, key=lambda q: (q.kind, str(q.value), q.unit)))


def _values(match: re.Match[str], text: str) -> Iterator[Quantity]:
    kind, word = match.lastgroup, match.group()
    assert kind is not None
    written = text[match.start() : match.end()]
    if kind == "ordinal" and int(word[:-2]) <= len(_ORDINALS) and not _beside_month(text, match.start(), match.end()):
        yield Quantity("ordinal", float(word[:-2]))
    elif kind == "code" and _BOTH_CASES.search(written):
        yield from (Quantity(q.kind, q.value, q.unit or written) for q in _code(word))
    elif kind in _READERS:
        for quantity in _READERS[kind](word):
            # "1 count" is one count, and "one" is no value.
            if quantity != _ONE or not re.match(r"\s[^\W\d_]", text[match.end() :]):
                yield quantity
    elif kind == "word":
        yield from _word(word.rstrip("."), text, match.start(), match.end())


def _amount(word: str) -> float:
    match = re.search(rf"({_DIGITS})[\s-]?([a-z]*)", word)
    assert match is not None
    sign = -1.0 if word.startswith((*_MINUS, "minus")) else 1.0
    return sign * float(match.group(1).replace(",", "")) * _SCALES.get(match.group(2), 1.0)


def _unit(word: str) -> str:
    """What a number counts, where that is a unit."""
    match = re.search(rf"(?<![^\W\d_])(?:{_UNIT})$", word)
    return UNITS[match.group()] if match else ""


def _link(word: str) -> Iterator[Quantity]:
    yield Quantity("id", word.rstrip(".,;:!?)").removeprefix("https://").removeprefix("http://").removeprefix("www."))


def _iso_date(word: str) -> Iterator[Quantity]:
    year, month, day = (int(part) for part in word.split("-"))
    yield from (Quantity("number", float(year)), Quantity("month", float(month)), Quantity("number", float(day)))


def _slash_date(word: str) -> Iterator[Quantity]:
    """Month first unless that cannot be, as in American English."""
    first, second, year = (int(part) for part in word.split("/"))
    month, day = (first, second) if first <= 12 else (second, first)
    year += 2000 if year < 100 else 0
    yield from (Quantity("number", float(year)), Quantity("month", float(month)), Quantity("number", float(day)))


def _money(word: str) -> Iterator[Quantity]:
    coin = next(name for name in sorted(_CURRENCIES, key=len, reverse=True) if name in word)
    amount = _amount(re.sub(r"^[^\d]+", "", word))
    yield Quantity("money", round(amount / 100 if coin in _HUNDREDTHS else amount, 6), _CURRENCIES[coin])


def _percent(word: str) -> Iterator[Quantity]:
    yield Quantity("percent", _amount(word))


def _clock(word: str) -> Iterator[Quantity]:
    hour, minute = (int(part) for part in re.match(r"(\d+)(?::(\d+))?", word).groups(default="0"))  # type: ignore[union-attr]
    half = re.search(r"([ap])\.?m\b|(?:the|at)\s([aemn])", word)
    if half:
        hour = hour % 12 + (12 if half.group(1) == "p" or (half.group(2) or "m") != "m" else 0)
    yield Quantity("time", float(60 * hour + minute))


def _spoken(word: str) -> Iterator[Quantity]:
    share, side, hour, *rest = word.split()
    hours = _HOURS[hour]
    # Without more words "nine" stands for nine in the morning and "twelve" for noon, as "9:30" and "12:30" do.
    if rest:
        is_later = rest[-1][0] in "aep" and rest[-1][:2] not in ("am", "a.")
        hours = hours % 12 + (12 if is_later or (rest[-1] == "night" and hours < 12) else 0)
    minutes = 60 * hours + (30 if share == "half" else 15) * (1 if side == "past" else -1)
    yield Quantity("time", float(minutes % 1440))


def _mixed(word: str) -> Iterator[Quantity]:
    """Wholes and a half: "an hour and a half", "two and a half hours", "half a mile"."""
    parts = word.split()
    unit = next((UNITS[part] for part in parts if part in UNITS), "")
    first = parts[0]
    whole = (
        float(first)
        if first.isdigit()
        else 0.0
        if first == "half"
        else _NUMBER_WORDS.get(first, _SCALES.get(first, 1.0))
    )
    yield Quantity("number", whole + 0.5, unit)


def _fraction(word: str) -> Iterator[Quantity]:
    """Kept as written: 9/11 may be a day, a share or a name."""
    yield Quantity("id", word)


def _phone(word: str) -> Iterator[Quantity]:
    digits = re.sub(r"\D", "", word)
    if len(digits) >= 7:
        yield Quantity("id", digits)
    else:
        yield from (Quantity("number", float(part)) for part in re.findall(r"\d+(?:\.\d+)?", word))


def _ordinal(word: str) -> Iterator[Quantity]:
    """The 15th is 15, so that "March 15th" and "March 15" agree."""
    yield Quantity("number", float(word[:-2]))


def _code(word: str) -> Iterator[Quantity]:
    """A number with its unit as in "5km" and "6-year-old", or a name as in "A12" and "7C"."""
    match = _WORD_IN_CODE.match(word)
    letters = match.group(2) if match else ""
    if match and letters in _SCALES:
        yield Quantity("number", float(match.group(1)) * _SCALES[letters])
    elif match and (letters in UNITS or len(letters) >= _SUFFIX):
        yield Quantity("number", float(match.group(1)), UNITS.get(letters, ""))
    else:
        yield Quantity("id", re.sub(r"[-_]", "", word))


def _number(word: str) -> Iterator[Quantity]:
    value = _amount(word)
    yield Quantity("id", word) if value >= 1e6 and word.isdigit() else Quantity("number", value, _unit(word))


def _number_words(word: str) -> Iterator[Quantity]:
    total = current = 0.0
    parts = re.split(r"[\s-]", word)
    for part in parts:
        if part in _NUMBER_WORDS:
            current += _NUMBER_WORDS[part]
        elif part == "hundred":
            current = (current or 1.0) * 100
        elif part in _SCALES:
            total += (current or 1.0) * _SCALES[part]
            current = 0.0
    total = -(total + current) if parts[0] == "minus" else total + current
    if parts[-1] == "percent" or parts[-2:] == ["per", "cent"]:
        yield Quantity("percent", total)
    elif parts[-1] in _CURRENCIES:
        yield Quantity("money", total / 100 if parts[-1] in _HUNDREDTHS else total, _CURRENCIES[parts[-1]])
    elif total != 1.0:
        yield Quantity("number", total, _unit(word))


def _word(word: str, text: str, start: int, end: int) -> Iterator[Quantity]:
    known = word not in _AMBIGUOUS or (text[start].isupper() and _dated(text, start, end))
    if word in MONTHS and known:
        yield Quantity("month", float(MONTHS[word]))
    elif word in WEEKDAYS and known:
        yield Quantity("weekday", float(WEEKDAYS[word]))
    elif word in _FRACTIONS and (word != "quarter" or text[end:].split()[:1] in (["of"], ["past"], ["to"])):
        yield Quantity("number", _FRACTIONS[word])
    elif word == "twice":
        yield Quantity("number", 2.0)
    elif word == "noon":
        yield Quantity("time", 720.0)
    elif word == "midnight":
        yield Quantity("time", 0.0)
    elif word in _ORDINALS:
        yield Quantity("ordinal", float(_ORDINALS[word]))


def _is_initial(text: str, at: int) -> bool:
    """Whether a letter stands between two names, "Jay S. Fishman"."""
    return text[:at].rsplit(maxsplit=1)[-1][:1].isupper() and bool(re.match(r".\.?\s[A-Z][a-z]", text[at:]))


def _beside_month(text: str, start: int, end: int) -> bool:
    before, after = text[:start].lower().split()[-1:], text[end:].lower().replace("of ", " ", 1).split()[:1]
    return any(word.strip(".,;") in MONTHS for word in (*before, *after))


def _dated(text: str, start: int, end: int) -> bool:
    """Whether a word stands where a date would: beside a number, or after "in", "on", "last"."""
    before = (text[:start].split() or [""])[-1].lower()
    after = text[end:].lstrip(" .,")
    return after[:1].isdigit() or before[:1].isdigit() or before in _BEFORE_DATES


_ONE = Quantity("number", 1.0)
#: Months and weekdays that are other words as well.
_AMBIGUOUS = frozenset("may march mar sun sat mon wed".split())
_BEFORE_DATES = frozenset("in on of by since until till last next this early late mid from to and every".split())
_READERS: dict[str, Callable[[str], Iterator[Quantity]]] = {
    "link": _link,
    "isodate": _iso_date,
    "slashdate": _slash_date,
    "money": _money,
    "percent": _percent,
    "clock": _clock,
    "spoken": _spoken,
    "version": _link,
    "mixed": _mixed,
    "fraction": _fraction,
    "phone": _phone,
    "ordinal": _ordinal,
    "code": _code,
    "number": _number,
    "words": _number_words,
}
