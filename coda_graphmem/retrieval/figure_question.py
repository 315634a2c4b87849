"""The figure a question asks for now.

"What is the response time of the API?" asks for a figure of one kind, a length of time, that belongs to something. Read
by words alone, as somebody waits. Questions for a past figure, for the time between two days, or for when something
happened ask for none: of events none outdates the other.
"""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.words import STOP_WORDS, stem
from coda_graphmem.retrieval.figure_text import UNITS, WORD, FigureKind, Kinds, numbered

WHEN: Kinds = frozenset({"day", "hour"})
_AMOUNT: Kinds = frozenset({"count", "share", "money", "duration", "size", "mass", "length", "volume", "temperature"})
_COUNTS: Kinds = frozenset({"count", "ratio"})
#: Many leave out the unit: "my rent is 900".
_SUM: Kinds = frozenset({"money", "count"})
_MASS: Kinds = frozenset({"mass", "count"})
_DISTANCE: Kinds = frozenset({"length", "count", "duration"})
_HEIGHT: Kinds = frozenset({"length", "count"})
_TEMPERATURE: Kinds = frozenset({"temperature", "count"})
_AGE: Kinds = frozenset({"age", "count", "duration"})
_DOSE: Kinds = frozenset({"mass", "volume", "count"})
#: Kinds of what is measured, by what it is measured in or by a number alone.
MEASURES = frozenset({_SUM, _MASS, _DISTANCE, _HEIGHT, _TEMPERATURE, _AGE, _DOSE})


class Asked(NamedTuple):
    """The figure a question asks for."""

    kinds: Kinds
    head: tuple[str, ...]
    """Stems of what it belongs to, "response time", each once, the noun last."""
    context: tuple[str, ...]
    """Stems of the other words worth looking for."""
    has_noun: bool
    """Whether the last of the head is a noun that the figure belongs to."""
    unit: str
    """Stem of the unit asked for, "hours"."""
    is_count: bool
    """Whether things are counted."""
    is_own: bool
    """Whether whoever asks means something of their own."""
    is_goal: bool
    """Whether it is one to be reached."""
    words: frozenset[str]
    """Stems of all its words."""
    nouns: tuple[str, ...]
    """Stems of those that end a phrase: "module" of "for my API integration module"."""
    given: frozenset[tuple[str, str]]
    """Numbers the question names, each with the stem of what it numbers: 15 problems, sprint 1."""


#: What a question asks for by the noun that stands for it, by stem.
_NOUNS: dict[str, Kinds] = {
    stem(noun): kinds
    for nouns, kinds in (
        ("deadline date day appointment hour", WHEN),
        ("time", frozenset[FigureKind]({"day", "hour", "duration"})),
        ("percentage percent accuracy coverage share rate ratio discount", frozenset[FigureKind]({"share", "ratio"})),
        ("score grade mark rating", frozenset[FigureKind]({"share", "ratio", "count"})),
        (
            """price cost budget salary rent fee wage income revenue expense spending balance debt loan mortgage savings
            payment bill bonus""",
            _SUM,
        ),
        ("latency duration length delay timeout interval", frozenset[FigureKind]({"duration"})),
        ("memory storage size bandwidth capacity", frozenset[FigureKind]({"size", "count", "share"})),
        ("version release", frozenset[FigureKind]({"version", "count"})),
        (
            """quota limit target goal count number amount total quantity maximum minimum average threshold setting
            value level speed usage throughput frequency max min record rank streak population""",
            _AMOUNT,
        ),
        ("weight", _MASS),
        ("distance", _DISTANCE),
        ("height", _HEIGHT),
        ("temperature", _TEMPERATURE),
        ("age", _AGE),
        ("dose dosage", _DOSE),
    )
    for noun in nouns.split()
}
#: Nouns that only say that a figure is asked for; a text says "78 %" without them.
_EMPTY = frozenset(
    map(
        stem,
        "percentage percent number amount count total quantity time date day figure value schedule version".split(),
    )
)
#: The same by the word that is asked with, where not any amount is meant, and by a verb.
_AMOUNTS = {"far": _DISTANCE, "old": _AGE, "tall": _HEIGHT, "heavy": _MASS} | dict.fromkeys(
    ("hot", "warm", "cold"), _TEMPERATURE
)
_MEASURED = {"weigh": _MASS}
#: "Response time" and "study time" are lengths; "meeting time" and "what time" are hours.
_LENGTHS = frozenset(
    map(stem, "response load loading processing inference execution build latency run query study running".split())
)
_ASKS = late_pattern(
    r"""^\W*(?:(?:and|so|but|now|ok|okay|hey|please|can\ you\ (?:tell|remind)\ me|tell\ me|remind\ me)[\s,]+)*
    (?:(?P<many>how\ many(?!\ times))|(?P<long>how\ (?:long|often))
      |(?P<much>how\ (?:much|far|fast|big|large|high|old|tall|heavy|hot|warm|cold))
      |(?P<when>when(?:\s+(?:is|are|am|will|do|does|should|'s|can)\b|'s\b)
        |(?:at|on|by|until)\ (?:what|which)\ (?:time|day|date))
      |(?P<what>(?:what|which)(?:'s)?\b))\s*""",
    re.IGNORECASE | re.VERBOSE,
)
#: What keeps a question from asking for one figure; those for the past `coda_graphmem.language.question_time` reads.
_NOT_ONE = late_pattern(
    r"""\b(?:between|passed|elapsed|apart|ago|before|earlier|first\ time|how\ long\ did|happened\ first|birth|born
    |birthday|died|death|founded|established|across|altogether|different|mention\w*|more|how\ much\ longer
    |(?:days?|weeks?|months?|years?|hours?|minutes?)\ (?:after|later|until|till|since|from))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_GOAL = late_pattern(r"\b(?:goals?|targets?|deadlines?|aim\w*|plan\w*|limits?|quotas?|due)\b", re.IGNORECASE)
_EACH = late_pattern(r"\b(?:an?|per|each|every)\s(?:second|minute|hour|day|week|month|year)\b", re.IGNORECASE)
#: Words that stand before what is asked for, and words that end it.
_BEFORE_HEAD = frozenset(
    """is are was were am be do does did have has had can could will would should the a an my our your his her their its
    i you we they he she it current currently latest new now present i'm this that these those so s total average
    typical usual exact overall""".split()
)
_PERSONS = frozenset("i you we they he she it".split())
#: Whoever speaks, and what is theirs.
OWN = late_pattern(r"\b(?:i|my|mine|we|our|ours)\b", re.IGNORECASE)
_AFTER_HEAD = frozenset(
    """for of in on at to by with from under when while during after before per using about is are was were am been be
    do does did have has had can could will would should may might must i you we they he she it my our your their that
    which who and or based including following set used needed""".split()
)


def asked_figure(question: str) -> Asked | None:
    """What figure a question asks for now; None where it asks for none, or for several."""
    match = _ASKS.match(question)
    if match is None or _NOT_ONE.search(question):
        return None
    words = [word.lower() for word in WORD.findall(_EACH.sub(" ", question[match.end() :]))]
    begin = next((i for i, word in enumerate(words) if word not in _BEFORE_HEAD), len(words))
    end = next((i for i in range(begin, len(words)) if words[i] in _AFTER_HEAD), len(words))
    kinds, unit = _kinds(str(match.lastgroup), words[begin:end])
    if match["much"]:
        kinds = _amount(match["much"].split()[-1].lower(), words)
    empty = _EMPTY | {unit}
    # "How much do I pay" has a verb there.
    is_verb = match["many"] is None and begin > 1 and words[begin - 1] in _PERSONS
    nouns = () if is_verb else tuple(word for word in _stems(words[begin:end]) if word not in empty)
    others = _stems(words if is_verb else words[:begin] + words[end:])
    head = nouns or tuple(word for word in others if word != unit)
    if not kinds or not head:
        return None
    context = tuple(word for word in others if word not in head and word not in empty)
    return Asked(
        kinds=kinds,
        head=head,
        context=context,
        has_noun=bool(nouns),
        unit=unit,
        is_count=match["many"] is not None,
        is_own=OWN.search(question) is not None,
        is_goal=_GOAL.search(question) is not None,
        words=frozenset(map(stem, words)),
        nouns=tuple(
            stem(word)
            for i, (word, following) in enumerate(zip(words, [*words[1:], "the"], strict=True))
            if following in STOP_WORDS
            and (stem(word) in context or (not nouns and stem(word) in head and _ends_phrase(words, i)))
        ),
        given=frozenset((number, noun) for number, nouns in numbered(question.lower()) for noun in nouns[:1]),
    )


def _ends_phrase(words: Sequence[str], at: int) -> bool:
    """Whether a word ends what an article or a possessive begins: "my rowing test **score**"."""
    before = list(takewhile(lambda word: word not in STOP_WORDS, reversed(words[max(0, at - 3) : at])))
    first = at - len(before) - 1
    return first >= 0 and words[first] in ("my", "our", "the", "a", "an", "this")


def _kinds(asks: str, words: Sequence[str]) -> tuple[Kinds, str]:
    """The kinds asked for, and the stem of the unit, by the question word and what is asked for."""
    if asks == "many":
        unit = next((word for word in words[:2] if word in UNITS), "")
        return (frozenset({UNITS[unit]}), stem(unit)) if unit else (_COUNTS, "")
    if asks == "what":
        stems = _stems(words)
        if words[:1] == ["time"]:
            return WHEN, ""
        if "time" in words and _LENGTHS.intersection(stems):
            return frozenset({"duration"}), ""
        # The last noun says what it is, "word count target", and the others what of.
        return next((_NOUNS[word] for word in reversed(stems) if word in _NOUNS), frozenset()), ""
    return {"when": WHEN, "long": frozenset[FigureKind]({"duration"})}.get(asks, _AMOUNT), ""


def _amount(asks: str, words: Sequence[str]) -> Kinds:
    """The kinds that "how much" asks for, "how far" or "how much … weigh"."""
    return _AMOUNTS.get(asks) or next((_MEASURED[word] for word in map(stem, words) if word in _MEASURED), _AMOUNT)


def _stems(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))
