"""What a text says of the figure that a question asks for.

A text says it where it names such a figure beside the words for what it belongs to. Read by words alone, as somebody
waits.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile

from coda_graphmem.facts.table import load_table
from coda_graphmem.language.dates import MONTHS
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.words import STOP_WORDS, beginning, stem
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.figure_question import MEASURES, OWN, WHEN, Asked
from coda_graphmem.retrieval.figure_text import (
    WORD,
    Figure,
    beside,
    figures,
    is_hour,
    is_past,
    numbered,
    was,
)

_CODE = late_pattern(r"```.*?(?:```|\Z)", re.DOTALL)
_SENTENCE_END = late_pattern(r"[.!?]\s|\n")
#: How many characters the end of a sentence is long, where it parts a figure from a word.
_PAUSE = 80
#: Before a figure that somebody wants to reach.
_WISHED = late_pattern(
    r"\b(?:achieve|reach|goal of|target\w*|aim\w*|want to|hit|at least|hop\w+|try\w*|need)\W+(?:\w+\W+){0,2}$"
)
#: Around a figure that is still to be reached: "**to improve my accuracy to** 95 %", "95 % **or higher**".
_STILL_TO_REACH = late_pattern(
    r"""\b(?:to|can|could|should|will|would|and|help\ me)\s(?:\w+ly\s)?
    (?:improve|increase|raise|boost|reduce|lower|cut|bring|push|get|keep)\b(?:\s[\w'-]+){0,6}\s(?:to|above|below|under)\s(?:\w+\s)?$""",
    re.VERBOSE,
)
_OR_BETTER = late_pattern(r"%?\s(?:or|and)\s(?:higher|more|above|better|less|lower|below|beyond)\b")
#: Words that say of a figure that it is a new one.
_CHANGED = late_pattern(
    r"""\b(?:now|new|newly|recent|recently|latest|updat\w+|increas\w+|decreas\w+|rais\w+|lower\w+|reduc\w+|improv\w+
    |extend\w+|chang\w+|mov(?:ed|ing)|reschedul\w+|postpon\w+|push\w+|bump\w+|adjust\w+|grow\w*|grew|reached|rose|risen
    |dropp\w+|fell|fallen|revis\w+|upgrad\w+|switch\w+|instead|actually|boost\w*|expand\w+|shorten\w+|delay\w+|cut
    |total\ of|up\ to|down\ to|back\ (?:to|at|on)|added)\b""",
    re.VERBOSE,
)
_POUND = stem("pounds")
#: Before the number of a thing, which measures nothing: "room 12".
_LABEL = late_pattern(
    r"\b(?:room|number|no\.?|chapter|page|floor|gate|flat|apartment|line|bus|platform|unit|day|step|part)\s$"
)
#: Several of something: "3 hotels".
_THINGS = late_pattern(r"[\s-]([a-z]+(?:[^su\W]s|people|children|men|women))\b")
_COUNTED = late_pattern(r"(?:[\s-][a-z'/]+){1,3}")
_NUMBER_OF = late_pattern(r"\b(?:number|count|total|amount) of ([\w-]+(?:\s[\w-]+)?)")
_OF_THING = late_pattern(
    r"\w+\s(?:of|for|on|in)\s(?:the|my|our|this|an?|his|her|their)\s([a-z][\w'-]*(?:\s[a-z][\w'-]*){0,2})"
)
#: Behind a noun what it is about, where no article says so: "a quiz I took **on botany**".
_ABOUT_THING = late_pattern(
    r"\w+\s(?:(?:that\s)?(?:i|we)\s(?:just\s)?(?:took|had|did|wrote|gave|made|read|got)\s)?(?:about|on)\s"
    r"(?!(?:the|my|our|this|an?|his|her|their|it|which|that|time|average|top|how|what|\w+day|\d)\b)([a-z][\w'-]*(?:\s[a-z][\w'-]*)?)"
)
#: Before a noun that is somebody else's than the one who speaks: "his rent", "Tom's commute".
_OTHERS = late_pattern(
    r"\b(?:his|her|their|your|(?!it|that|here|there|what|let)[a-z]+'s)\s(?:(?!(?:my|our|the|an?|i|we)\s)[\w'-]+\s){0,2}$"
)
_SOMEBODY = late_pattern(r"\b(?:he|she|his|her|hers)\b")
_CHANGER = late_pattern(
    r"""\s(?:(?:has|have|had|just|is|are|wants\sto|will|already|finally|again)\s){0,3}
    (?:raised|raising|raise|increas\w+|lower\w*|reduc\w+|cut|cutting|dropp?\w*|set|setting|mov\w+|push\w*|put|chang\w+
    |bump\w*|doubl\w+|extend\w*|shorten\w*|reschedul\w+|postpon\w+|brought|upped|adjust\w+)\s
    (?:(?:up|down|back|forward)\s)?(?:the|my|our)\b""",
    re.VERBOSE,
)
#: A word that says how something is, and not of which sort: "flawed".
_DESCRIBING = late_pattern(r"[a-z]{3,}ed")
_CLAUSE_END = late_pattern(r"[.!?;\n]\s?")
_MODIFIERS = late_pattern(
    r"\b(?:my|the|our|your|his|her|their|its|this|an?|on|for|in|of|with)\s((?:[\w'-]+\s){1,3})$"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text says of a figure asked for."""

    closeness: float = 0.0
    """How near a figure of the kind stands to the words asked for, in [0, 1]; 0 without one."""
    values: frozenset[str] = frozenset()
    """The figure, and those beside it that belong to it: the hour of a day."""
    was: frozenset[str] = frozenset()
    """Figures that it is said to have been: "from 60 %"."""
    belongs: bool = False
    """Whether the figure stands beside what it is to belong to, and that is of no other sort."""
    is_change: bool = False
    """Whether it is said to be a new one."""
    is_counted: bool = False
    """Whether the number stands before what is counted: "5 interviews"."""
    is_other_case: bool = False
    """Whether it is said of another case than the question's, after 12 problems instead of 15."""

    def differs(self, values: frozenset[str]) -> bool:
        """Whether this is another figure, and not the same told more or less exactly."""
        return not self.values <= values and not values <= self.values


class Reader:
    """Reads what texts say of the figure that a question asks for.

    Args:
        idf: How telling the words of the question are, by stem.
        usual: The same for those that are not among them.
    """

    def __init__(self, asked: Asked, idf: Mapping[str, float], usual: float, constants: RankingConstants) -> None:
        self._asked = asked
        self._constants = constants
        self._weights = {word: 2.0 * idf.get(word, usual) for word in asked.head}
        self._weights |= {word: idf.get(word, usual) for word in asked.context}
        self._total = sum(self._weights.values())
        self._head = sum(self._weights[word] for word in asked.head)
        beginnings = "|".join(re.escape(beginning(word)) for word in self._weights)
        self._word = re.compile(rf"(?<![^\W_])(?:{beginnings})[^\W_]*")

    def read(self, excerpt: str) -> Stated:
        """What a text says of the figure, the one that stands nearest to the words asked for; code is passed over."""
        asked, best = self._asked, Stated()
        text = _CODE.sub(" ", excerpt[: 2 * self._constants.figure_characters])
        text = text[: self._constants.figure_characters].lower()
        fitting = [
            figure
            for figure in figures(text)
            if self._is_of_kind(text, figure) and not self._counts_others(text, figure)
        ]
        if not fitting:
            return best
        places: dict[str, list[int]] = {}
        for match in self._word.finditer(text):
            if (word := stem(match[0])) in self._weights:
                places.setdefault(word, []).append(match.start())
        for figure in fitting:
            if not is_past(text, figure):
                stated = self._of_figure(text, figure, fitting, places)
                if (stated.closeness, stated.is_change) > (best.closeness, best.is_change):
                    best = stated
        for number, noun in asked.given:
            counted = {other for other, nouns in numbered(text) if noun in nouns}
            if counted and number not in counted:
                return replace(best, is_other_case=True)
        return best

    def _of_figure(
        self, text: str, figure: Figure, figures: Sequence[Figure], places: Mapping[str, Sequence[int]]
    ) -> Stated:
        asked, constants, weights = self._asked, self._constants, self._weights
        near = {
            word: max(0.0, 1.0 - min(_gap(text, at, figure) for at in found) / constants.figure_reach)
            for word, found in places.items()
        }
        if asked.is_count and self._is_number_of(text, figure):
            near[asked.head[-1]] = 1.0
        closeness = sum(weights[word] * max(constants.figure_floor, share) for word, share in near.items())
        if not asked.is_goal and _is_wished(text, figure):
            closeness *= constants.figure_wished
        beside_head = sum(weights[word] for word in asked.head if near.get(word, 0.0) > 0.0)
        following = WORD.findall(text[figure.end : figure.end + 20])[:1]
        return Stated(
            closeness=closeness / self._total,
            values=frozenset({figure.value, *beside(figure, figures if asked.kinds == WHEN else ())}),
            was=was(text, figure, figures),
            belongs=not (asked.is_own and _is_of_somebody_else(text, figure, asked.words))
            and (
                not asked.has_noun
                or (
                    near.get(asked.head[-1], 0.0) > 0.0
                    and beside_head >= 0.5 * self._head
                    and not self._is_other_sort(text, places.get(asked.head[-1], ()))
                    and not self._is_of_other_nouns(text, figure, places)
                )
            )
            and (asked.has_noun or not self._is_of_other_nouns(text, figure, places)),
            is_change=_CHANGED.search(text, max(0, figure.start - 60), figure.end + 20) is not None,
            is_counted=asked.is_count and asked.head[-1] in map(stem, following),
        )

    def _is_of_kind(self, text: str, figure: Figure) -> bool:
        """Whether a figure is of a kind asked for; pounds are a weight as well, and "at 10" is an hour."""
        asked = self._asked
        fits = (
            figure.kind in asked.kinds
            or (figure.unit == _POUND and "mass" in asked.kinds)
            or ("hour" in asked.kinds and is_hour(text, figure))
        )
        return fits and asked.unit in ("", figure.unit)

    def _counts_others(self, text: str, figure: Figure) -> bool:
        """Whether a number counts something else than what is asked for: "3 chapters"."""
        if figure.kind != "count":
            return False
        if not self._asked.is_count:
            # What is measured or paid may be named by its number alone, which counts nothing then.
            if self._asked.kinds not in MEASURES:
                return False
            things = _THINGS.match(text, figure.end)
            is_label = _LABEL.search(text, max(0, figure.start - 12), figure.start) is not None
            return is_label or (things is not None and stem(things[1]) not in self._asked.words)
        match = _COUNTED.match(text, figure.end)
        named = [word for word in match[0].split() if not _CHANGED.fullmatch(word)] if match else []
        counted = list(takewhile(lambda word: word not in STOP_WORDS, named))
        return bool(counted) and self._asked.words.isdisjoint(map(stem, counted))

    def _is_number_of(self, text: str, figure: Figure) -> bool:
        """Whether a number is named as that of something asked for: "the number of mentees has increased to 7"."""
        found = [match[1] for match in _NUMBER_OF.finditer(text, max(0, figure.start - 80), figure.start)]
        words = found[-1].split() if found else []
        return any(word not in STOP_WORDS and stem(word) in self._asked.words for word in words)

    def _is_of_another(self, text: str, at: int) -> bool:
        """Whether a noun is said to be that of something else: "the rate limit of the upload service"."""
        match = _OF_THING.match(text, at)
        thing = list(takewhile(lambda word: word not in STOP_WORDS, match[1].split())) if match else []
        return bool(thing) and not any(_is_among(word, self._asked.words) for word in thing)

    def _is_of_other_nouns(self, text: str, figure: Figure, places: Mapping[str, Sequence[int]]) -> bool:
        """Whether a noun of the question beside a figure is one of another sort: the score of "a mock test"."""
        for noun in self._asked.nouns:
            near = [at for at in places.get(noun, ()) if _gap(text, at, figure) < _PAUSE]
            if near and (
                self._is_other_sort(text, near)
                or self._is_other_sort(text, [at for at in places[noun] if _modifiers(text, at) and at <= near[-1]])
                or all(self._is_about_another(text, at) for at in near)
            ):
                return True
        return False

    def _is_about_another(self, text: str, at: int) -> bool:
        """Whether a noun is said to be about something else: "a quiz on botany"."""
        match = _ABOUT_THING.match(text, at)
        words = [word for word in match[1].split() if word not in STOP_WORDS] if match else []
        return bool(words) and not any(_is_among(word, self._asked.words) or word in MONTHS for word in words)

    def _is_other_sort(self, text: str, places: Sequence[int]) -> bool:
        """Whether all that a text tells of a noun is of another sort than the one asked for: "the peak memory usage".

        Args:
            places: Where the noun begins.
        """
        return bool(places) and all(
            (self._asked.is_own and _OTHERS.search(text, max(0, at - 40), at) is not None)
            or self._is_of_another(text, at)
            or any(
                not word.isdigit()
                and word not in MONTHS
                and not _CHANGED.fullmatch(word)
                and not _DESCRIBING.fullmatch(word)
                and not _is_among(word, self._asked.words)
                for word in _modifiers(text, at)
            )
            for at in places
        )


def _is_wished(text: str, figure: Figure) -> bool:
    """Whether a figure is one that somebody wants to reach."""
    return (
        _WISHED.search(text, max(0, figure.start - 40), figure.start) is not None
        or _STILL_TO_REACH.search(text, max(0, figure.start - 70), figure.start) is not None
        or _OR_BETTER.match(text, figure.end) is not None
    )


def _is_of_somebody_else(text: str, figure: Figure, words: Collection[str]) -> bool:
    """Whether the clause before a figure speaks of somebody, and not of whoever says it: "she has 3 cats".

    Args:
        words: Stems of those that the question asks about.
    """
    clause = _CLAUSE_END.split(text[max(0, figure.start - 80) : figure.start])[-1]
    people = [match for match in _known_people().finditer(clause) if stem(match[1]) not in words]
    rest = _known_people().sub(" ", clause) if people else clause
    if people and _CHANGER.match(clause, people[-1].end()):
        return False  # Who changes a figure does not own it: "our landlord raised the rent to 980".
    return bool(people or _SOMEBODY.search(clause)) and OWN.search(rest) is None


@cache
def _known_people() -> re.Pattern[str]:
    """Those whom somebody calls theirs: "my brother"."""
    known = load_table().words
    people = "|".join(sorted(map(re.escape, known["relatives"] | known["acquaintances"]), key=len, reverse=True))
    return re.compile(rf"\b(?:my|our)\s(?:\w+\s)?({people})\b")


def _modifiers(text: str, at: int) -> list[str]:
    """The words between an article, a possessive or a preposition and the noun that begins here."""
    match = _MODIFIERS.search(text, max(0, at - 50), at)
    found = match[1].split() if match else []
    last = max((i for i, word in enumerate(found) if word in STOP_WORDS), default=-1)
    return found[last + 1 :]


def _is_among(word: str, stems: Collection[str]) -> bool:
    """Whether a word is one of some, or of their family: "detection" and "detect"."""
    own = stem(word)
    return own in stems or any(
        own.startswith(other) or other.startswith(own) for other in stems if min(len(other), len(own)) > 2
    )


def _gap(text: str, at: int, figure: Figure) -> int:
    """Characters between a word and a figure; the end of a sentence between them counts as many more."""
    between = text[at : figure.start] if at < figure.start else text[figure.end : at]
    return len(between) + _PAUSE * len(_SENTENCE_END.findall(between))
