"""Words by which turns tell that something became otherwise, that it is over, or that they speak of what was just told.

English, and read by words alone, as somebody waits for the answer.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from itertools import chain

from coda_graphmem.facts.table import load_table
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.phrases import Phrases
from coda_graphmem.language.words import STOP_STEMS, STOP_WORDS, stem, stems
from coda_graphmem.retrieval.change import CHANGE

#: Words by which people tell that something begins, beside those of a change.
_BEGUN = Phrases(
    r"""\b(?:another|start(?:ed|ing)?|join(?:ed|ing)|began|begun|got|gotten|get|getting|adopted|dyed|painted|promoted
    |extended|extension|slipped|took\ (?:up|over)|taking|went|in\ the\ end|from\ now\ on|as\ of|trying|turned|meant|cut
    |reduced|dropped|swapp?ed|traded|converted|tak(?:es|ing)\ over|handed|hand(?:ing)?\ over|went\ (?:up|down|over|from)
    |rose|fell|grew|shrank|passed|downgraded|reverted|introduced|hired|replac(?:es|ing)|became|becoming|moving|switching
    |changing|settled|chose|picked|decided|bigger|smaller|longer|shorter)\b"""
)
#: Words by which people tell that something is over, and those by which the same turn tells what came after.
_ENDED = Phrases(
    r"""\b(?:quit|left|leaving|broke\ up|split\ up|cancel(?:l)?ed|called\ off|is\ off|it['’]s\ off|over|stopp?ed
    |gave\ up|sold|lost|died|done\ with|finished|gone|no\ longer|any\ ?more|closed|moved\ out|scrapped|retired
    |got\ rid\ of|dumped|fired|laid\ off|resigned|ended)\b"""
)
_FOLLOWED = Phrases(
    r"""\b(?:now|new|start(?:ed|ing)?|join(?:ed|ing)|bought|got\ (?!rid\b|fired\b|laid\b|sacked\b)|instead
    |switch(?:ed|ing)?|mov(?:ed|ing)\ (?:to|in|into|on|over)|back|took|adopted
    |(?:it|he|she|we|they|i|that)['’](?:s|m|re)|it\ is|i\ am|we\ are
    |to\ the|becom\w+|became|with\ the|replac\w+|for\ a)\b"""
)
#: Another clause that says what is.
_NEXT = late_pattern(r"[,;:.!?].*\b(?:is|are|next|then|found)\b", re.IGNORECASE)
#: Words that stand for what was just told.
_IT = late_pattern(r"\b(?:it|it['’]s|that['’]s|them|this\ one)\b", re.IGNORECASE)
#: They are what becomes otherwise: "for the agency I **lowered it**".
_CHANGED_IT = late_pattern(
    r"""\b(?:raised?|lower(?:ed)?|chang(?:ed?|ing)|mov(?:ed?|ing)|cut|push(?:ed)?|bump(?:ed)?|put|set|switch(?:ed)?
    |reduced?|extend(?:ed)?|renam(?:ed?|ing)|swapp?(?:ed)?|turn(?:ed)?|replaced?|sold|cancel(?:l)?ed
    |dropped)\ (?:it|them|that)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAMING = late_pattern(r"\b(?:the|an?|my|our|his|her|their|this|that|some|two|three)\s\w", re.IGNORECASE)
_SOMEBODY = late_pattern(r"\b(?:he|she|his|her|hers|their|theirs)\b", re.IGNORECASE)
_OF_OWN = late_pattern(r"\b(?:my|our)\b", re.IGNORECASE)
_OWN = late_pattern(r"\b(?:i|my|mine|we|our|ours|me|us)\b", re.IGNORECASE)
#: A word in capitals that begins no sentence. The capital comes first, as `re` looks for that fast.
_CAPITAL = late_pattern(r"[A-Z](?<=[\w,;:)’'\"]\s.)\w+")
#: One that begins the text or another sentence, and of which something is said.
_SUBJECT_WORD = r"([A-Z]\w+)(?=(?:['’]s)?\s(?:is|was|has|had|will|and|left|quit|got|\w+ed|\w+s)\b|['’]s\s)"
_FIRST_SUBJECT = late_pattern(_SUBJECT_WORD)
_SUBJECT = late_pattern(rf"[.!?]\s+{_SUBJECT_WORD}")
#: Stems of words for times, which turns share without speaking of the same.
TIMES = frozenset(
    map(stem, [*map(str.casefold, CALENDAR), *"day week weekend month year morning evening night time today".split()])
)
#: Characters of a text that are looked through.
_LOOKED_THROUGH = 400
#: A word that more texts hold than these, or than one of so many, names none of them.
_FEW, _ONE_OF = 4, 10


def tells_change(text: str) -> bool:
    """Whether a text says that something became otherwise, began or ended."""
    start = text[:_LOOKED_THROUGH]
    return any(words.are_in(start) for words in (CHANGE, _BEGUN, _ENDED))


def only_ends(text: str) -> bool:
    """Whether a text says that something is over, and nothing of what came after."""
    start = text[:_LOOKED_THROUGH].lower()
    end = _ENDED.end_in(start)
    return end is not None and not _FOLLOWED.are_in(start) and _NEXT.search(start, end) is None


def points_back(text: str) -> bool:
    """Whether a text says "it" of what was told before.

    "It" stands before all things that the text names, or is what it says has been changed.
    """
    if _CHANGED_IT.search(text[:_LOOKED_THROUGH]) is not None:
        return True
    found = _IT.search(text[:_LOOKED_THROUGH])
    return found is not None and _NAMING.search(text, 0, found.start()) is None


def speaks_of_somebody(text: str) -> bool:
    """Whether a text speaks of him or her, and not of whoever says it."""
    start = text[:_LOOKED_THROUGH]
    return _SOMEBODY.search(start) is not None and _OWN.search(start) is None


def asks_for_own(question: str) -> bool:
    """Whether a question asks for something of whoever asks, and not of their people: "my sister's job"."""
    if _OWN.search(question) is None:
        return False
    # Which people there are is read where somebody's may be meant.
    return _OF_OWN.search(question) is None or _OWN.search(_known_people().sub(" ", question)) is not None


def held_share(text: str, words: Collection[str]) -> float:
    """The share of some words that a text holds, be it in another form, in [0, 1].

    Args:
        words: Stems.
    """
    held = stems(text[:_LOOKED_THROUGH])
    return sum(any(_is_family(word, other) for other in held) for word in words) / len(words) if words else 0.0


def names_of(
    texts: Sequence[str], capital: Collection[str], known: Collection[str], telling: Sequence[str]
) -> dict[int, frozenset[str]]:
    """By the place of each text: stems of the names it holds, which stand in capitals in one of the texts.

    Args:
        capital: `capital_names` of the texts.
        known: Stems of words that name nothing, as those of a question that all of them answer.
        telling: Those texts of which other words than names count as well, where few texts hold them.
    """
    held = [stems(_without_change(text[:_LOOKED_THROUGH])) for text in texts]
    common = Counter(chain.from_iterable(held))
    most = max(_FEW, len(texts) // _ONE_OF)
    few = {word for text in telling for word in stems(text[:_LOOKED_THROUGH]) if common[word] <= _FEW}
    naming = frozenset(
        word
        for word in few.union(capital)
        if len(word) > 2 and common[word] <= most and word not in STOP_STEMS and word not in known and word not in TIMES
    )
    return {place: words & naming for place, words in enumerate(held)}


def capital_names(texts: Sequence[str]) -> frozenset[str]:
    """Stems of the words that stand in capitals in one of some texts, and do not only begin a sentence."""
    found: set[str] = set()
    for text in texts:
        start = text[:_LOOKED_THROUGH]
        found.update(_CAPITAL.findall(start), _SUBJECT.findall(start))
        if (first := _FIRST_SUBJECT.match(start)) is not None:
            found.add(first[1])
    return frozenset(stem(word.lower()) for word in found if word.casefold() not in STOP_WORDS) - TIMES


def _without_change(text: str) -> str:
    for words in (CHANGE, _BEGUN, _ENDED):
        text = words.left_out(text)
    return text


def _is_family(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) > 3 and (word.startswith(other) or other.startswith(word)))


@cache
def _known_people() -> re.Pattern[str]:
    known = load_table().words
    people = "|".join(sorted(map(re.escape, known["relatives"] | known["acquaintances"]), key=len, reverse=True))
    return re.compile(rf"\b(?:my|our)\s(?:\w+\s)?(?:{people})\b", re.IGNORECASE)
