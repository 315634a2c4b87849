"""The names in texts of other languages than English, by how they are written: with capitals, in quotes, in Katakana.

Without a model of a language no more is sure, and what is not sure is left out: an entity that is none would link
memories that have nothing in common.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from coda_graphmem.language.languages import function_words
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.normal_form import WORD, folded, is_joined

#: Words and characters a name has at most.
_MOST_WORDS, _MOST_CHARACTERS = 6, 60
#: Words in small letters that names hold, at most two between others.
_PARTICLES = frozenset(
    """de del della dell di da do dos das du des d von van der den ter zu la le las los al el bin ibn af av y e ду де
    ван фон ла""".split()
)
_QUOTED = late_pattern(
    "[\u201e\u201c\u00ab\u2039\u201d]([^\u201c\u201d\u201e\u00ab\u00bb\n]{2,60}?)[\u201c\u201d\u00bb\u203a]"
    '|"([^"\n]{2,60})"|[\u300a\u300c\u300e]([^\u300a-\u300f\n]{1,40})[\u300b\u300d\u300f]'
)
_SENTENCES = late_pattern(
    r"[.!?\u2026\u3002\uff01\uff1f;:\n]\s*[\"'\u00ab\u201e\u201c\u201d(\u00bf\u00a1\u2014-]*\s*$|^\W*$"
)
_KATAKANA = late_pattern(r"[\u30a1-\u30fa\u30fc]{3,}(?:\u30fb[\u30a1-\u30fa\u30fc]+)*")
_BETWEEN = late_pattern(r"[ '\u2019\-\u00a0]{1,2}")
#: Languages that write all nouns with a capital.
_NOUNS_IN_CAPITALS = frozenset({"de"})


class Name(NamedTuple):
    """What may be a name."""

    start: int
    text: str
    is_common: bool
    """Whether it may as well be a common noun."""


def foreign_names(text: str, language: str) -> list[Name]:
    """The names in a text, in its order; within what is quoted no others.

    Args:
        text: In another language than English.
        language: Its code (ISO 639-1).
    """
    quoted = [
        Name(match.start(group), match[group].strip(), is_common=False)
        for match in _QUOTED.finditer(text)
        for group in (1, 2, 3)
        if match[group] and len(match[group].split()) <= _MOST_WORDS
    ]
    found = [Name(m.start(), m[0], is_common="\u30fb" not in m[0]) for m in _KATAKANA.finditer(text)]
    found += _capitalised(text, language)
    outside = [one for one in found if not any(it.start <= one.start <= it.start + len(it.text) for it in quoted)]
    return sorted(quoted + outside, key=lambda name: name.start)


def _capitalised(text: str, language: str) -> Iterator[Name]:
    """Runs of words with a capital; the first of a sentence only where something else shows that it is a name."""
    parted = is_joined(text)
    plain = _same_places(text) if parted else text
    words = list(WORD.finditer(plain))
    empty = function_words(language)
    nouns = language in _NOUNS_IN_CAPITALS
    first = [
        not parted and _SENTENCES.search(plain, max(0, word.start() - 12), word.start()) is not None for word in words
    ]
    capital = [word[0][0].isupper() for word in words]
    known = {
        word[0] for word, is_first, is_capital in zip(words, first, capital, strict=True) if is_capital and not is_first
    }
    place = 0
    while place < len(words):
        word = words[place][0]
        if not capital[place] or (first[place] and folded(word) in empty):
            place += 1
            continue
        end = place + 1
        while end < len(words) and end - place < _MOST_WORDS:
            reach = end
            # The first word of a sentence may be any: "Zus van Jan" is Jan's sister.
            most = 0 if first[place] and end == place + 1 else 2
            while reach < len(words) and reach - end < most and words[reach][0] in _PARTICLES:
                reach += 1
            if (
                reach >= len(words)
                or not capital[reach]
                or first[reach]
                or not _adjoin(plain, words[end - 1 : reach + 1])
            ):
                break
            end = reach + 1
        run = words[place:end]
        for start in (0, 1) if first[place] and len(run) > 1 and not nouns else (0,):
            name = plain[run[start].start() : run[-1].end()]
            single = start == len(run) - 1
            if single and (folded(name) in empty or len(name) < 2):
                continue
            if single and first[place] and start == 0 and not nouns and name not in known:
                continue
            if len(name) <= _MOST_CHARACTERS:
                yield Name(run[start].start(), name, is_common=nouns and single)
        place = end


def _adjoin(text: str, words: Sequence[re.Match[str]]) -> bool:
    """Whether nothing but a space, an apostrophe or a hyphen stands between words."""
    return all(_BETWEEN.fullmatch(text, one.end(), other.start()) for one, other in pairwise(words))


def _same_places(text: str) -> str:
    """A text with a sign for each character that joins others, so that words stay where they are."""
    return "".join("\n" if is_joined(char) else char for char in text)
