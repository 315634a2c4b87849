"""The words of texts, and facts about a text that are computed once, when it is stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
#: As `_WORD`, but "don't" and "well-known" are one.
_COUNTED = re.compile(r"\w+(?:['’\-]\w+)*")
_LETTERS = re.compile(r"[a-z]+")
_LONG = re.compile(r"[^\W\d_]{3,}|\d+")
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_OTHER_LETTER = re.compile(r"[^\W\x00-\x7f]")
_ACCENTS = re.compile(r"[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class TextTraits:
    """How much a text says."""

    word_count: int
    is_question: bool


def words(text: str) -> list[str]:
    """The words of a text, in order and without their case."""
    return _WORD.findall(text.casefold())


def letter_words(text: str) -> list[str]:
    """The runs of letters from a to z, in order and without their case: all that a verb of English needs."""
    return _LETTERS.findall(text.lower())


def long_words(text: str) -> list[str]:
    """The words of three letters or more and the numbers, in order and without their case."""
    return [word.lower() for word in _LONG.findall(text)]


def words_beginning(beginning: str, text: str) -> Iterator[tuple[int, str]]:
    """The words of a text that begin with something, each with its position."""
    at = text.find(beginning) if beginning else -1
    while at >= 0:
        found = _WORD.match(text, at)
        word = found[0] if found else beginning
        if at == 0 or not _WORD.match(text, at - 1):
            yield at, word
        at = text.find(beginning, at + len(word))


def plain_letters(text: str) -> str | None:
    """A text whose letters are ASCII, without accents where it had some; None where they are not even so."""
    if text.isascii() or not _OTHER_LETTER.search(text):
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return None if _OTHER_LETTER.search(plain) else plain


def without_speaker(text: str, speaker: str | None) -> str:
    """The text without the ``Name:`` that says who speaks."""
    return text[len(speaker) + 1 :] if speaker and text.startswith(f"{speaker}:") else text


def describe(content: str, speaker: str | None = None) -> TextTraits:
    """Count the words of a text and tell whether it does nothing but ask.

    Args:
        content: The text, perhaps with ``Name:`` before it.
        speaker: The name that does not count where the text starts with it and a colon.
    """
    content = without_speaker(content, speaker)
    sentences = [s.strip() for s in _SENTENCE.findall(content)]
    said = [s for s in sentences if _COUNTED.search(s)]
    asked = [s for s in said if s.endswith("?")]
    statements = [s for s in said if not s.endswith("?") and len(_COUNTED.findall(s)) > 3]
    return TextTraits(word_count=len(_COUNTED.findall(content)), is_question=bool(asked) and not statements)
