"""Normal forms of entity names, equal for stored entities and for the words of a question.

A key is a name without case, accents, punctuation, possessives and leading determiners: "The
Caroline’s  Café" and "caroline's cafe" are one entity. Only the text decides, so that a question
needs no parser: its word sequences are normalised in the same way and looked up in the store.
"""

import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.normal_form import normalised
from coda_graphmem.language.words import DETERMINERS, NAMELESS, singular

#: Longest word sequence of a question that is looked up.
MAX_WORDS = 8

_APOSTROPHES = str.maketrans("\u2019\u2018\u02bc\u00b4\uff07", "'" * 5)
#: Words end at white space and at whatever joins words: "self-care" and "self care" are one key.
_BREAK = late_pattern(r"[\s\-\u2010-\u2015/\\_|~\u2026,;:!?\"\u201c-\u201e\u00ab\u00bb()\[\]{}<>*=]+")
_POSSESSIVE = late_pattern(r"'s?$")
_FIRST = late_pattern(r"[^\W_]")

#: Stop words that are names as well where they are written with a capital letter.
_NAMES = frozenset({"will", "may"})
#: Written forms of one name. In small letters "us" is a pronoun.
_SPELLINGS = {"US": "usa", "U.S": "usa", "U.S.A": "usa", "U.K": "uk", "U.N": "un", "E.U": "eu"}


class _Word(NamedTuple):
    text: str
    is_empty: bool
    """Whether it names nothing alone."""


def entity_key(name: str) -> str | None:
    """The key of an entity's name, or None where the name names nothing.

    Nothing is named by an empty text, by stop words and pronouns, by a single letter, and by
    numbers ("two", "3.5", "1999"): they would link memories that share nothing else.
    """
    words = _words(name)
    start = 0
    while start < len(words) and words[start].text in DETERMINERS:
        start += 1
    return _key(words[start:])


def query_keys(text: str, max_words: int = MAX_WORDS) -> list[str]:
    """Keys of all sequences of 1 to ``max_words`` words, each once, by position, shorter before longer.

    A sequence that may be a plural has two keys, as written and in the singular: without a parser a
    question does not tell whether its last word is a name.
    """
    return list(dict.fromkeys(key for key, _, _ in _spans(text, max_words)))


def longest_matches(text: str, existing: Collection[str], max_words: int = MAX_WORDS) -> list[str]:
    """The entities a text names, given which of its `query_keys` exist: keys in its order, each once.

    Where matches overlap the longest wins, then the first.
    """
    found = [span for span in _spans(text, max_words) if span[0] in existing]
    taken: list[tuple[str, int, int]] = []
    holder: dict[int, tuple[int, int]] = {}
    for span in sorted(found, key=lambda span: (span[1] - span[2], span[1])):
        place = span[1:]
        if all(holder.get(word, place) == place for word in range(*place)):
            holder.update(dict.fromkeys(range(*place), place))
            taken.append(span)
    return list(dict.fromkeys(key for key, _, _ in sorted(taken, key=lambda span: span[1])))


def _words(text: str) -> list[_Word]:
    if not text.isascii():
        text = text.translate(_APOSTROPHES)
    stripped = (_bare(_POSSESSIVE.sub("", _bare(word))) for word in _BREAK.split(text))
    written = [word for word in stripped if word]
    words = []
    for position, word in enumerate(written):
        folded = _SPELLINGS.get(word) or (word.casefold() if word.isascii() else _fold(word))
        # A capital letter at the start of a sentence says nothing about its word.
        is_name = folded in _NAMES and word[0].isupper() and (position > 0 or len(written) == 1)
        is_value = folded in NAMELESS or not any(map(str.isalpha, folded))
        words.append(_Word(folded, is_value and not is_name))
    return words


def _bare(word: str) -> str:
    """A word without what stands at its edges; "C++" and "C#" keep their signs."""
    if word.isalnum():
        return word
    first = _FIRST.search(word)
    # Letters, digits, _, + and # end a word.
    last = next((i for i in range(len(word) - 1, -1, -1) if word[i].isalnum() or word[i] in "_+#"), -1)
    return word[first.start() : last + 1] if first else ""


def _fold(text: str) -> str:
    """NFKC without the accents of Latin letters, which people leave out as often as not."""
    letters: list[str] = []
    latin = False
    # Compatible forms first: a bold capital letter has no small one of its own.
    for char in normalised("NFKD", normalised("NFKC", text).casefold()):
        if unicodedata.combining(char):
            if latin:
                continue
        else:
            latin = char < "\u0250"
        letters.append(char)
    return unicodedata.normalize("NFKC", "".join(letters))


def _key(words: Sequence[_Word]) -> str | None:
    if all(word.is_empty for word in words):
        return None
    key = " ".join(word.text for word in words)
    return None if len(key) == 1 and key.isascii() else key


@lru_cache(maxsize=64)
def _spans(text: str, max_words: int) -> tuple[tuple[str, int, int], ...]:
    """(key, first word, word after the last) of every sequence that can be a key.

    Kept, as one query is asked about several times while it is answered.
    """
    words = _words(text)
    spans = []
    for start, first in enumerate(words):
        if first.text in DETERMINERS:
            continue  # the same key starts at a later word
        for end in range(start + 1, min(start + max_words, len(words)) + 1):
            key = _key(words[start:end])
            if key is not None:
                spans.append((key, start, end))
                if (single := singular(key)) != key:
                    spans.append((single, start, end))
    return tuple(spans)
