"""Facts about a text that are computed once, when it is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")


@dataclass(frozen=True, slots=True)
class TextTraits:
    """How much a text says."""

    word_count: int
    is_question: bool


def describe(content: str, speaker: str | None = None) -> TextTraits:
    """Count the words of a text and tell whether it does nothing but ask.

    Args:
        content: The text, perhaps with ``Name:`` before it.
        speaker: The name that does not count where the text starts with it and a colon.
    """
    if speaker and content.startswith(f"{speaker}:"):
        content = content[len(speaker) + 1 :]
    sentences = [s.strip() for s in _SENTENCE.findall(content)]
    said = [s for s in sentences if _WORD.search(s)]
    asked = [s for s in said if s.endswith("?")]
    statements = [s for s in said if not s.endswith("?") and len(_WORD.findall(s)) > 3]
    return TextTraits(word_count=len(_WORD.findall(content)), is_question=bool(asked) and not statements)
