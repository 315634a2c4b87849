"""Which memories state the figure a question asks for, and which of them states the present one.

"What is the response time of the API?" asks for a figure of one kind, a length of time, that belongs to something. Of
the memories found, those say it that name such a figure beside the words for that thing; where they name different
ones, what was said last holds. No text is compared with another, and nothing is marked: only this order changes.

Questions for a past figure, for the time between two days, or for when something happened are not read: of events none
outdates the other.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from coda_graphmem.language.dates import MONTHS, WEEKDAYS
from coda_graphmem.language.roles import assistants
from coda_graphmem.language.words import STOP_WORDS, beginning, stem
from coda_graphmem.retrieval.candidates import Floats, Pool, ranking
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.terms import Wording

FigureKind = Literal["count", "share", "ratio", "money", "duration", "size", "day", "hour", "version"]

_WHEN: frozenset[FigureKind] = frozenset({"day", "hour"})
_AMOUNT: frozenset[FigureKind] = frozenset({"count", "share", "money", "duration", "size"})

# ---------------------------------------------------------------------- questions

#: What a question asks for by the noun that stands for it, by stem.
_NOUNS: dict[str, frozenset[FigureKind]] = {
    stem(noun): kinds
    for nouns, kinds in (
        ("deadline date day appointment", _WHEN),
        ("time hour", _WHEN),
        ("percentage percent accuracy coverage share rate ratio discount", frozenset[FigureKind]({"share", "ratio"})),
        ("score grade mark rating", frozenset[FigureKind]({"share", "ratio", "count"})),
        ("price cost budget salary rent fee wage income revenue expense spending", frozenset[FigureKind]({"money"})),
        ("latency duration length delay timeout interval", frozenset[FigureKind]({"duration"})),
        ("memory storage size bandwidth capacity", frozenset[FigureKind]({"size", "count", "share"})),
        ("version release", frozenset[FigureKind]({"version"})),
        (
            """quota limit target goal count number amount total quantity maximum minimum average threshold setting
            value level speed distance weight height temperature age usage throughput frequency""",
            _AMOUNT,
        ),
    )
    for noun in nouns.split()
}
#: "Response time" and "study time" are lengths; "meeting time" and "what time" are hours.
_LENGTHS = frozenset(
    map(stem, "response load loading processing inference execution build latency run query study running".split())
)
#: Nouns that only say that a figure is asked for; a text says "78 %" without them.
_EMPTY = frozenset(
    map(stem, "percentage percent number amount count total quantity time date day figure value schedule".split())
)
_ASKS = re.compile(
    r"""^\W*(?:(?:and|so|but|now|ok|okay|hey|please|can\ you\ (?:tell|remind)\ me|tell\ me|remind\ me)[\s,]+)*
    (?:(?P<many>how\ many)|(?P<much>how\ (?:much|long|often|far|fast|big|large|high|old))
      |(?P<when>when(?:\s+(?:is|are|am|will|do|does|should|'s|can)\b|'s\b)|(?:at|on|by|until)\ (?:what|which)\ (?:time|day|date))
      |(?P<what>(?:what|which)(?:'s)?\b))\s*""",
    re.IGNORECASE | re.VERBOSE,
)
#: What keeps a question from asking for what holds now.
_NOT_NOW = re.compile(
    r"""\b(?:between|passed|elapsed|apart|ago|originally|initially|original|initial|previous|previously|formerly|former
    |before|earlier|used\ to|at\ first|prior|first\ time|how\ long\ did|across|altogether|different|in\ what\ order|happened\ first|birth|born|birthday|died|death|founded|established
    |(?:days?|weeks?|months?|years?|hours?|minutes?)\ (?:after|later|until|till|since|from)|more|how\ much\ longer)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_EACH = re.compile(r"\b(?:an?|per|each|every)\s(?:second|minute|hour|day|week|month|year)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*%?")
#: What a thing asked for ends before.
_AFTER_HEAD = frozenset(
    """for of in on at to by with from under when while during after before per using about is are was were am be been
    do does did have has had can could will would should may might must i you we they he she it my our your their that
    which who and or based including following set used needed""".split()
)
_BEFORE_HEAD = frozenset(
    """is are was were am be do does did have has had can could will would should the a an my our your his her their its
    i you we they he she it current currently latest new now present i'm this that these those so s total average
    typical usual exact overall""".split()
)

# ---------------------------------------------------------------------- figures in texts

_UNIT_WORDS: dict[str, FigureKind] = {
    **dict.fromkeys(
        """ms msec millisecond milliseconds s sec secs second seconds min mins minute minutes h hr hrs hour hours day
        days week weeks month months year years""".split(),
        "duration",
    ),
    **dict.fromkeys("kb mb gb tb kib mib gib byte bytes kilobytes megabytes gigabytes terabytes".split(), "size"),
    **dict.fromkeys("dollars dollar bucks euros euro pounds yen usd eur gbp chf francs rupees cents".split(), "money"),
    **dict.fromkeys("% percent pct".split(), "share"),
}
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100}
_ORDINALS = {word: at for at, word in enumerate("first second third fourth fifth sixth seventh".split(), start=1)}
_NUMBERED = re.compile(rf"(?<![\w.])(\d+(?:st|nd|rd|th)?|{'|'.join([*_ORDINALS, *_NUMBER_WORDS])})(?![\w.%:])")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = "|".join(sorted((name for name in WEEKDAYS if name.endswith("day")), key=len, reverse=True))
_UNIT = "|".join(sorted(map(re.escape, _UNIT_WORDS), key=len, reverse=True))
_FIGURE = re.compile(
    rf"""
      (?P<day>\b\d{{4}}-\d\d-\d\d\b | \b(?:{_MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?!:)
        | \b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH})\b | \b(?:{_DAY}|tomorrow|today)\b)
    | (?P<hour>\b\d{{1,2}}(?::\d\d)?\s?[ap]\.?m\b | \b\d{{1,2}}:\d\d\b | \bnoon\b | \bmidnight\b)
    | (?P<version>\bv\d+(?:\.\d+)*\b | \b\d+\.\d+\.\d+\b)
    | (?P<ratio>\b\d+\s?(?:/|out\sof)\s?\d+\b)
    | (?P<money>[$€£¥]\s?\d+(?:,\d{{3}})*(?:\.\d+)?(?:\s?(?:k|m|million|thousand|billion)\b)?)
    | (?P<number>(?<![\w.])(?:\d+(?:,\d{{3}})*(?:\.\d+)?(?:k\b)?|(?:{"|".join(_NUMBER_WORDS)})\b)
        (?:[\s-]?(?P<unit>{_UNIT})(?!\w))?)
    """,
    re.VERBOSE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MODIFIERS = re.compile(r"\b(?:my|the|our|your|his|her|their|its|this|an?)\s((?:[\w'-]+\s){1,3})$")
#: Signs that make a number part of a formula.
_FORMULA_BEFORE = re.compile(r"[=+*^_<>\\(]\s?$|\s[-\u2212]\s$")
_FORMULA_BEHIND = re.compile(r"\s?[=+*^<>\u00d7\u2265\u2264](?!\s?$)|\s[-\u2212]\s\d|/\D")
_COUNTED = re.compile(r"(?:[\s-][a-z'/]+){1,3}")
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
#: Before a figure that is said to have been: "from 60 %", "initially 800 ms".
_WAS = re.compile(
    r"\b(?:from|initially|originally|instead of|previously|was|were|used to be|not|rather than)\W+(?:\w+\W+){0,1}$"
)
#: Before a figure that somebody wants to reach.
_WISHED = re.compile(
    r"\b(?:achieve|reach|goal of|target\w*|aim\w*|want to|hit|at least|hop\w+|try\w*|need)\W+(?:\w+\W+){0,2}$"
)
_GOAL = re.compile(r"\b(?:goals?|targets?|deadlines?|aim\w*|plan\w*|limits?|quotas?|due)\b", re.IGNORECASE)
#: Words that say of a figure that it is a new one.
_CHANGED = re.compile(
    r"""\b(?:now|new|newly|recent|recently|latest|updat\w+|increas\w+|decreas\w+|rais\w+|lower\w+|reduc\w+|improv\w+|extend\w+
    |chang\w+|mov(?:ed|ing)|reschedul\w+|postpon\w+|push\w+|bump\w+|adjust\w+|grow\w*|grew|grown|reached|rose|risen|
    dropp\w+|fell|fallen|revis\w+|upgrad\w+|switch\w+|instead|actually|boost\w*|expand\w+|shorten\w+|delay\w+|cut|
    total\ of|up\ to|down\ to|added)\b""",
    re.VERBOSE,
)


class Asked(NamedTuple):
    """The figure a question asks for."""

    kinds: frozenset[FigureKind]
    head: tuple[str, ...]
    """Stems of what it belongs to, "response time", each once."""
    context: tuple[str, ...]
    """Stems of the other words worth looking for."""
    has_noun: bool = True
    """Whether the last of the head is a noun that the figure belongs to."""
    unit: str = ""
    """Stem of the unit asked for, "hours"."""
    is_count: bool = False
    """Whether things are counted."""
    wished: bool = False
    """Whether it is one to be reached."""
    words: frozenset[str] = frozenset()
    """Stems of all its words."""
    given: frozenset[tuple[str, str]] = frozenset()
    """Numbers the question names, each with the stem of what follows: 15 problems."""


class Figure(NamedTuple):
    """A figure of a text."""

    kind: FigureKind
    value: str
    """In one form."""
    start: int
    end: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a memory says of a figure asked for."""

    closeness: float
    """How near a figure of the kind stands to the words asked for, in [0, 1]; 0 without one."""
    belongs: bool = False
    """Whether the figure stands beside most of what it is to belong to."""
    is_change: bool = False
    """Whether it is said to be a new one."""
    is_other_case: bool = False
    """Whether it is said of another case than the question's, after 12 problems instead of 15."""
    was: frozenset[str] = frozenset()
    """Figures that it is said to have been: "from 60 %"."""
    values: frozenset[str] = frozenset()
    """The figure, and those beside it that belong to it: the hour of a day."""


_NOTHING = Stated(0.0)


def asked_figure(question: str) -> Asked | None:
    """What figure a question asks for now; None where it asks for none, or for a past one."""
    match = _ASKS.match(question)
    if match is None or _NOT_NOW.search(question):
        return None
    words = [word.lower() for word in _WORD.findall(_EACH.sub(" ", question[match.end() :]))]
    begin = 0
    while begin < len(words) and words[begin] in _BEFORE_HEAD:
        begin += 1
    end = begin
    while end < len(words) and words[end] not in _AFTER_HEAD:
        end += 1
    head = _stems(words[begin:end])
    kinds, unit = _kinds(match, words[begin:end], head)
    if not kinds:
        return None
    context = tuple(word for word in _stems(words[:begin] + words[end:]) if word not in head and word != stem(unit))
    nouns = tuple(word for word in head if word not in _EMPTY and word != stem(unit))
    head = nouns or context
    context = tuple(word for word in context if word not in head and word not in _EMPTY)
    if not head:
        return None
    return Asked(
        kinds,
        head,
        context,
        bool(nouns),
        unit,
        match.lastgroup == "many",
        _GOAL.search(question) is not None,
        frozenset(map(stem, words)),
        _given(question.lower()),
    )


def _kinds(match: re.Match[str], words: Sequence[str], head: Sequence[str]) -> tuple[frozenset[FigureKind], str]:
    kind = match.lastgroup
    if kind == "when":
        return _WHEN, ""
    if kind == "many":
        unit = next((word for word in words[:2] if word in _UNIT_WORDS), "")
        return (frozenset({_UNIT_WORDS[unit]}), stem(unit)) if unit else (frozenset({"count", "ratio"}), "")
    if kind == "much":
        return _AMOUNT, ""
    if "time" in words and _LENGTHS.intersection(head):
        return frozenset({"duration"}), ""
    # The last noun says what it is, "word count target", and the others what of.
    return next((_NOUNS[word] for word in reversed(head) if word in _NOUNS), frozenset()), ""


def _given(question: str) -> frozenset[tuple[str, str]]:
    return frozenset((number, noun) for number, nouns in _numbered(question) for noun in nouns[:1])


def _numbered(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The numbers of a text in small letters, each with the stems of what it may number, the likeliest first.

    "15 problems", "the first sprint" and "sprint 1".
    """
    for match in _NUMBERED.finditer(text):
        number = match[1]
        behind = _WORD.findall(text[match.end() : match.end() + 60])[:4]
        before = _WORD.findall(text[max(0, match.start() - 20) : match.start()])[-1:]
        nouns = [word for word in (*behind, *before) if word not in STOP_WORDS]
        yield str(_ORDINALS.get(number, _NUMBER_WORDS.get(number, number.rstrip("stndrdh")))), tuple(map(stem, nouns))


def _stems(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))


def _figures(text: str) -> list[Figure]:
    """The figures of a text in small letters."""
    found = []
    for match in _FIGURE.finditer(text):
        if _FORMULA_BEFORE.search(text, max(0, match.start() - 3), match.start()) or _FORMULA_BEHIND.match(
            text, match.end()
        ):
            continue
        kind, written = match.lastgroup, match[0]
        start, end = match.span()
        if kind == "number":
            unit = match["unit"] or ""
            number = written.removesuffix(unit).strip(" -").replace(",", "")
            number = str(_NUMBER_WORDS.get(number, number))
            if not unit and _YEAR.fullmatch(written):
                continue
            found.append(Figure(_UNIT_WORDS.get(unit, "count"), number, start, end, stem(unit) if unit else ""))
        elif kind == "ratio":
            found.append(Figure("ratio", re.sub(r"\s?(?:/|out of)\s?", "/", written), start, end))
        elif kind == "day":
            found.append(Figure("day", _day(written), start, end))
        else:
            found.append(Figure(kind, re.sub(r"[\s,.]*([ap])\.?m$", r"\1m", written).replace(",", ""), start, end))  # type: ignore[arg-type]
    return found


def _day(written: str) -> str:
    """Month and day in numbers, or the name of a weekday."""
    month = re.search(_MONTH, written)
    number = re.search(r"\d+", written)
    if written[:4].isdigit():
        return written[5:].replace("-0", "-").lstrip("0")
    return f"{MONTHS[month[0]]}-{int(number[0])}" if month and number else written


def figure_factor(pool: Pool, base: Floats, question: str, wording: Wording, constants: RankingConstants) -> Floats:
    """How much the figure asked for speaks for each candidate; shape (n,), all 1 where none is asked for.

    Args:
        base: The product of all other factors, shape (n,), above 0.
        wording: How telling the words of the question are.
    """
    factor = np.ones(len(pool))
    asked = asked_figure(question)
    if asked is None or not len(pool):
        return factor
    best = ranking(pool, base)[: constants.figure_candidates]
    said = _statements(pool, best, asked, wording, constants)
    nearest = max((stated.closeness for stated in said.values() if not stated.is_other_case), default=0.0)
    if nearest < constants.figure_least:
        return factor
    for place, stated in said.items():
        if stated.is_other_case:
            continue
        closeness = stated.closeness * (constants.figure_changed if stated.is_change else 1.0)
        factor[place] = constants.figure_lift ** min(1.0, closeness / nearest)
    slot = [place for place, stated in said.items() if _is_of_slot(stated, nearest, constants)]
    if not slot:
        return factor
    in_time = sorted(slot, key=lambda place: (pool.timestamp[place], said[place].closeness))
    values = _present([said[place] for place in in_time], constants.figure_share_from * nearest)
    total = base * factor
    same = [place for place in slot if not _differ(said[place].values, values)]
    over = [place for place in said if said[place].is_other_case or (place in slot and place not in same)]
    if over:
        # Of those that say the same, the one that answers best.
        latest = max(same, key=lambda place: float(total[place]))
        factor[latest] *= max(1.0, float(total[over].max()) / float(total[latest]))
        factor[over] *= constants.figure_outdated
    return factor


def _is_of_slot(stated: Stated, nearest: float, constants: RankingConstants) -> bool:
    """Whether a memory states the figure asked for, and not that of something else."""
    share = constants.figure_share_changed if stated.is_change else constants.figure_share
    return stated.belongs and not stated.is_other_case and stated.closeness >= share * nearest


def _present(statements: Sequence[Stated], close: float) -> frozenset[str]:
    """The values that hold after statements in the order they were made.

    What was said before, and is told again without a word of change, is the story of how it came about. What is said
    to have been another figure than those that were stated is probably a figure of something else.

    Args:
        close: Closeness from which it is not.
    """
    present = statements[0].values
    told = set(present)
    for stated in statements[1:]:
        if _differ(stated.values, present):
            is_again = not stated.is_change and stated.values <= told
            goes_on = not stated.was or not stated.was.isdisjoint(told) or stated.closeness >= close
            if is_again or not goes_on:
                continue
            present = stated.values
        told |= stated.values
    return present


def _differ(values: frozenset[str], others: frozenset[str]) -> bool:
    return not values <= others and not others <= values


def _statements(
    pool: Pool, places: Sequence[int], asked: Asked, wording: Wording, constants: RankingConstants
) -> dict[int, Stated]:
    """What each candidate says of the figure, by its place in the pool; only of those that say something."""
    idf = dict(zip(wording.stems, wording.idf.tolist(), strict=True))
    usual = float(wording.idf.mean()) if len(wording.idf) else 1.0
    weights = {word: 2.0 * idf.get(word, usual) for word in asked.head}
    weights |= {word: idf.get(word, usual) for word in asked.context}
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(re.escape(beginning(word)) for word in weights)})[^\W_]*")
    programs = assistants(pool.speaker_keys)
    found = {}
    for place in places:
        if pool.speakers[place] in programs:
            continue
        stated = _stated(pool.candidates[place].excerpt, asked, weights, pattern, constants)
        if stated.closeness > 0.0:
            found[place] = stated
    return found


def _stated(
    excerpt: str, asked: Asked, weights: Mapping[str, float], pattern: re.Pattern[str], constants: RankingConstants
) -> Stated:
    text = _CODE.sub(" ", excerpt)[: constants.figure_characters].lower()
    figures = _figures(text)
    fitting = [
        figure
        for figure in figures
        if figure.kind in asked.kinds and asked.unit in ("", figure.unit) and not _counts_others(text, figure, asked)
    ]
    if not fitting:
        return _NOTHING
    places: dict[str, list[int]] = {}
    for match in pattern.finditer(text):
        if (word := stem(match[0])) in weights:
            places.setdefault(word, []).append(match.start())
    best = _NOTHING
    is_other_sort = _is_other_sort(text, places.get(asked.head[-1], ()), asked.words)
    total = sum(weights.values())
    for figure in fitting:
        if _is_past(text, figure):
            continue
        near = {
            word: max(0.0, 1.0 - min(_gap(text, at, figure) for at in places[word]) / constants.figure_reach)
            for word in places
        }
        held = sum(weights[word] * max(constants.figure_floor, share) for word, share in near.items())
        closeness = held / total
        beside_head = sum(weights[word] for word in asked.head if near.get(word, 0.0) > 0.0)
        if _WISHED.search(text, max(0, figure.start - 40), figure.start) and not asked.wished:
            closeness *= constants.figure_wished
        is_change = _CHANGED.search(text, max(0, figure.start - 60), figure.end + 20) is not None
        if (closeness, is_change) > (best.closeness, best.is_change):
            beside = {
                other.value
                for other in fitting
                if other is not figure and asked.kinds == _WHEN and abs(other.start - figure.start) < 40
            }
            belongs = not asked.has_noun or (
                near.get(asked.head[-1], 0.0) > 0.0
                and beside_head >= 0.5 * sum(weights[word] for word in asked.head)
                and not is_other_sort
            )
            best = Stated(
                closeness, belongs, is_change, False, _was(text, figure, fitting), frozenset({figure.value, *beside})
            )
    for number, noun in asked.given:
        counted = {other for other, nouns in _numbered(text) if noun in nouns}
        if counted and number not in counted:
            return replace(best, is_other_case=True)
    return best


def _is_past(text: str, figure: Figure) -> bool:
    return _WAS.search(text, max(0, figure.start - 40), figure.start) is not None


def _was(text: str, figure: Figure, figures: Sequence[Figure]) -> frozenset[str]:
    """What a figure is said to have been shortly before it is named."""
    return frozenset(
        other.value
        for other in figures
        if other.kind == figure.kind and 0 < figure.start - other.end < 60 and _is_past(text, other)
    )


def _counts_others(text: str, figure: Figure, asked: Asked) -> bool:
    """Whether a number counts something else than what is asked for: "3 chapters"."""
    if figure.kind != "count" or not asked.is_count:
        return False
    match = _COUNTED.match(text, figure.end)
    counted = [word for word in match[0].split() if not _CHANGED.fullmatch(word)] if match else []
    return bool(counted) and counted[0] not in STOP_WORDS and asked.words.isdisjoint(map(stem, counted))


def _is_other_sort(text: str, places: Sequence[int], words: Collection[str]) -> bool:
    """Whether all that a text tells of its noun is of another sort than the one asked for: "the peak memory usage"."""
    return bool(places) and all(
        any(
            not _CHANGED.fullmatch(word) and not word.isdigit() and word not in MONTHS and not _is_among(word, words)
            for word in _modifiers(text, at)
        )
        for at in places
    )


def _modifiers(text: str, at: int) -> list[str]:
    """The words between an article or a possessive and the noun that begins here."""
    match = _MODIFIERS.search(text, max(0, at - 50), at)
    found = match[1].split() if match else []
    return [] if any(word in STOP_WORDS for word in found) else found


def _is_among(word: str, words: Collection[str]) -> bool:
    """Whether a word is one of some stems, or of their family: "detection" and "detect"."""
    own = stem(word)
    return any(own.startswith(other) or other.startswith(own) for other in words if len(other) > 3) or own in words


def _gap(text: str, at: int, figure: Figure) -> int:
    """Characters between a word and a figure; the end of a sentence between them counts as many more."""
    between = text[at : figure.start] if at < figure.start else text[figure.end : at]
    return len(between) + 80 * len(_SENTENCE_END.findall(between))
