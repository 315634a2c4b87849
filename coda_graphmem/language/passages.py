"""Cuts long texts into passages, as a parser's time and memory grow faster than a text does."""

from collections.abc import Iterator
from typing import NamedTuple

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.normal_form import is_joined

LONGEST = 2_000
"""Characters of a passage at most, some four hundred words: what a parser reads in a few hundredths of a second."""
MOST_WORDS = 8_000
"""Words, numbers and signs of one text that are read at most, some forty thousand characters of prose."""

#: Of a word and the blank behind it; where nothing parts words, so many count as one.
_CHARACTERS = 6
UNCUT = 256
"""Characters of a text that is its one passage, whatever it holds."""

#: Longer runs without white space are no words, but encoded data, lines and the like.
_NO_WORD = late_pattern(rf"\S{{{UNCUT + 1},}}")
_WORD_OR_SIGN = late_pattern(r"\w+|[^\w\s]")
#: After which a text is cut, the best places first: between paragraphs, lines, sentences, clauses, words.
_PLACES = tuple(
    late_pattern(place)
    for place in (r"\n\s*\n", r"\n", r"[.!?\u2026][\"”’)\]]*\s|[\u3002\uff01\uff1f]", r"[,;:]\s|[\u3001\uff0c]", r"\s")
)


class Passage(NamedTuple):
    """A part of a text."""

    start: int
    """Where it begins in the text."""
    text: str


def passages(text: str, *, words: int = MOST_WORDS) -> Iterator[Passage]:
    """The passages of a text in order, none longer than `LONGEST`; a text that is short enough is one.

    Passed over are runs of more than 256 characters without white space, unless their script has none between words.

    Args:
        words: After about so many words and signs no further passage follows.
    """
    if len(text) <= LONGEST:
        yield from _within(text, 0, len(text))
        return
    left = words
    start = 0
    while start < len(text) and left > 0:
        end = _end(text, start)
        for passage in _within(text, start, end):
            left -= max(len(_WORD_OR_SIGN.findall(passage.text)), len(passage.text) // _CHARACTERS)
            yield passage
        start = end


def _end(text: str, start: int) -> int:
    """Where the passage that begins here ends: at the last good place of its second half."""
    end = start + LONGEST
    if end >= len(text):
        return len(text)
    middle = start + LONGEST // 2
    for place in _PLACES:
        found = [match.end() for match in place.finditer(text, middle, end)]
        if found:
            return found[-1]
    return end


def _within(text: str, start: int, end: int) -> Iterator[Passage]:
    """A stretch of a text without what holds no words."""
    for match in _NO_WORD.finditer(text, start, end):
        if is_joined(match[0]):
            continue
        if text[start : match.start()].strip():
            yield Passage(start, text[start : match.start()])
        start = match.end()
    if start == 0 == len(text) - end or text[start:end].strip():
        yield Passage(start, text[start:end])
