"""Whether a text could state anything, by its words alone: most do not, and parsing one costs a few milliseconds.

A sentence is parsed where it tells of somebody in a verb of which a rule of the table could find something, or by which
one tells of a habit; where it says who somebody is; and where it tells what becomes of a thing.
"""

import re
from collections.abc import Iterator

from coda_graphmem.facts.ellipses import completed
from coda_graphmem.facts.signs import Words
from coda_graphmem.facts.tellings import is_told
from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.passages import Passage
from coda_graphmem.language.roles import is_assistant, is_silent

MOST_SENTENCES = 12
"""Sentences of one text that are parsed at most."""
_LONGEST_SENTENCE = 400
#: A full stop behind a title or an initial ends nothing.
_SENTENCE = late_pattern(
    r"(?:[^.!?\n]|(?:(?<=\b[A-Z])|(?<=\b[DMS][rst])|(?<=\bMrs)|(?<=\bProf))\.|[.!?](?=[^\s.!?]))+[.!?]*"
)
_WORD = late_pattern(r"[^\W\d_]+(?:[-.][^\W\d_]+)*|['’][a-z]+\b|[$€£]?\d(?:[\w.,:%/]*[\w%])?|@\w+|[^\w\s]")
#: Code, lists of data, tables: no prose.
_CODE = late_pattern(r"[{}<>|=\\`]|;\s*$|;\S|^\s*(?:#|//|\$|import |def |class |return )|\w\(\w*\)|::|->")
_ASKS = late_pattern(
    r"^\W*(?:what|where|when|who|whom|whose|why|how|which|can|could|would|should|do|does|did|is|are|am|was|were|will|have"
    r"|has)\b",
    re.IGNORECASE,
)


def may_state(text: str, speaker: str = "") -> bool:
    """Whether a text could state anything; where not, it need not be read.

    Args:
        text: What is stored.
        speaker: Who says it, where that is known; what assistants and programs say states nothing.
    """
    return may_be_read(speaker) and next(_sentences(completed(text)), None) is not None


def may_be_read(speaker: str) -> bool:
    """Whether what somebody says could state anything: not of assistants and programs."""
    return not speaker or not (is_assistant(speaker) or is_silent(speaker))


def passages_to_read(text: str) -> Iterator[Passage]:
    """The parts of a text that are worth reading, as few as possible."""
    start = end = -1
    for first, last in _sentences(text):
        if start >= 0 and text[end:first].strip() == "" and last - start < 1_500:
            end = last
            continue
        if start >= 0:
            yield Passage(start, text[start:end])
        start, end = first, last
    if start >= 0:
        yield Passage(start, text[start:end])


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    found = 0
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if len(sentence) > _LONGEST_SENTENCE or not _may_state(sentence, follows=found > 0):
            continue
        yield match.span()
        found += 1
        if found >= MOST_SENTENCES:
            return


def _may_state(sentence: str, *, follows: bool = False) -> bool:
    """Whether a sentence could state something.

    Args:
        follows: Whether one before it may, which may name who "he" or "she" is.
    """
    written = _WORD.findall(sentence)
    if not written or not is_told(Words.of(written), sentence, follows=follows) or _CODE.search(sentence) is not None:
        return False
    return not (sentence.rstrip().endswith("?") and _ASKS.match(sentence) is not None and "," not in sentence)
