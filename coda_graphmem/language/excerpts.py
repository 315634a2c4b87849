"""Cuts long texts into overlapping passages for a model of meaning, which end where sentences and paragraphs do.

What a parser reads of a text is cut by `coda_graphmem.language.passages`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from coda_graphmem.language.late import late_pattern

LONG = 1_200
"""Characters from which on a text is longer than what a model of 256 tokens reads, and has passages."""

MOST = 512
"""Passages of a text at most, of its first 20,000 words or so: beyond that it is found by words alone."""

#: Words after which a passage ends with the sentence, and with the paragraph: a model finds one fact among few others.
_ENOUGH, _ENOUGH_OF_PARAGRAPH = 45.0, 30.0
#: Words it has at most.
_FULL = 65.0
#: Words at most that a passage repeats of the one before it, as whole sentences.
_OVERLAP = 16.0
#: Words below which what is left at the end is no passage of its own.
_FEW = 12.0

#: Characters of a word with the space behind it.
_CHARACTERS_PER_WORD = 6.0

#: One sentence, or one line where it ends first, with the white space around it.
SENTENCE = late_pattern(
    r"[^\n]*?(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d\u2019\uff09]*|\n|$)\s*"
)
_PARAGRAPH = late_pattern(r"\n\s*\n")
_IDEOGRAPH = late_pattern(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WHITE = late_pattern(r"\s+")


class Stretch(NamedTuple):
    """A part of a text by the positions of its characters."""

    start: int
    end: int
    """Behind its last character."""


class _Sentence(NamedTuple):
    start: int
    end: int
    words: float
    ends_paragraph: bool


def excerpts(text: str) -> list[Stretch]:
    """The passages of a text in their order; none of a text that is not `LONG`.

    Each has about 30 to 65 words, of which up to 16 repeat the end of the one before it, so that what is said over the
    end of one is whole in the next. A sentence is cut only where it alone is longer than a passage. A sign of Chinese,
    Japanese or Korean counts as a word.
    """
    if len(text) <= LONG:
        return []
    found: list[Stretch] = []
    sentences: list[_Sentence] = []
    words, fresh = 0.0, 0
    for sentence in _sentences(text):
        if words + sentence.words > _FULL and fresh:
            found.append(Stretch(sentences[0].start, sentences[-1].end))
            sentences, fresh = _overlap(sentences), 0
            words = sum(one.words for one in sentences)
            if words + sentence.words > _FULL:
                sentences, words = [], 0.0
        sentences.append(sentence)
        words, fresh = words + sentence.words, fresh + 1
        if words >= (_ENOUGH_OF_PARAGRAPH if sentence.ends_paragraph else _ENOUGH):
            found.append(Stretch(sentences[0].start, sentences[-1].end))
            # A paragraph that ended is whole; the next one has little to do with its end.
            sentences, fresh = ([] if sentence.ends_paragraph else _overlap(sentences)), 0
            words = sum(one.words for one in sentences)
        if len(found) == MOST:
            return found
    if fresh:
        rest = sum(one.words for one in sentences[-fresh:])
        if rest < _FEW and found:
            found[-1] = Stretch(found[-1].start, sentences[-1].end)
        else:
            found.append(Stretch(sentences[0].start, sentences[-1].end))
    return found


def _overlap(sentences: list[_Sentence]) -> list[_Sentence]:
    """The last sentences that the next passage repeats."""
    kept: list[_Sentence] = []
    words = 0.0
    for sentence in reversed(sentences[1:]):
        words += sentence.words
        if words > _OVERLAP:
            break
        kept.insert(0, sentence)
    return kept


def _sentences(text: str) -> Iterator[_Sentence]:
    """Sentences without the white space around them, those that are too long in parts."""
    position = 0
    while position < len(text):
        match = SENTENCE.match(text, position)
        assert match is not None
        whole, position = match.group(), max(match.end(), position + 1)
        stripped = whole.strip()
        if not stripped:
            continue
        start = match.start() + len(whole) - len(whole.lstrip())
        behind = whole[len(whole.rstrip()) :]
        ends_paragraph = _PARAGRAPH.search(behind) is not None or position >= len(text)
        parts = list(_parts(stripped))
        for place, (first, last) in enumerate(parts):
            is_last = place == len(parts) - 1
            part = stripped[first:last]
            yield _Sentence(start + first, start + last, _words(part), ends_paragraph and is_last)


def _parts(sentence: str) -> Iterator[tuple[int, int]]:
    """Where a sentence is cut that is longer than a passage: at white space where there is some."""
    start = 0
    while start < len(sentence):
        end = min(len(sentence), start + int(_FULL * _CHARACTERS_PER_WORD))
        while (words := _words(sentence[start:end])) > _FULL:
            size = end - start
            end = start + max(1, min(size - 1, int(size * _FULL / words)))
        if end < len(sentence):
            spaces = [match.end() for match in _WHITE.finditer(sentence, start + (end - start) // 2, end)]
            end = spaces[-1] if spaces else end
        yield start, start + len(sentence[start:end].rstrip())
        start = end


def _words(text: str) -> float:
    """How many words of usual length a text is as long as."""
    ideographs = len(_IDEOGRAPH.findall(text))
    return ideographs + (len(text) - ideographs) / _CHARACTERS_PER_WORD
