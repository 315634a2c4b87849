"""How far an embedding model knows the language of a text, told by the vocabulary of its tokenizer.

A model that has learned a language has its words in its vocabulary, whole or in long parts. What it takes letter by
letter, or in small parts, it has hardly ever read, and its vectors of it mean little.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from coda_graphmem.language.late import late_pattern

#: Characters of a text that are looked at.
_LOOKED_AT = 2_000
#: Marks that tokenizers put before or after the parts of a word, or for a space.
_MARKS = "#\u2581"
#: What a vocabulary of bytes, which shows no script, has instead of a space before a word.
_BYTES = "\u0120the"
#: Of the words of a text in Latin letters, the share that is in the vocabulary whole where its language is known. In
#: 3,000 English questions it never was less.
_WHOLE_WORDS = 2 / 3
#: Other scripts of which a vocabulary has words where a model was made for many languages.
_MANY_SCRIPTS = 4


@dataclass(frozen=True, slots=True)
class _Script:
    letters: re.Pattern[str]
    least: int
    """Letters that an entry has at least that shows that words of the script are known."""
    entries: int
    """Such entries of a vocabulary that knows it."""


_LATIN = late_pattern(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_SCRIPTS = tuple(
    _Script(late_pattern(f"[{letters}]"), least, entries)
    for letters, least, entries in (
        (r"\u0370-\u03ff\u1f00-\u1fff", 2, 300),  # Greek
        (r"\u0400-\u052f", 2, 300),  # Cyrillic
        (r"\u0530-\u058f", 2, 300),  # Armenian
        (r"\u05d0-\u05ea", 2, 300),  # Hebrew
        (r"\u0620-\u064a\u066e-\u06d3", 2, 300),  # Arabic
        (r"\u0900-\u0dff", 2, 300),  # Indic
        (r"\u0e00-\u0e7f", 2, 300),  # Thai
        (r"\u0e80-\u109f\u1780-\u17ff", 2, 300),  # Lao, Tibetan, Burmese, Khmer
        (r"\u10a0-\u10ff", 2, 300),  # Georgian
        (r"\u1100-\u11ff\uac00-\ud7ff", 1, 300),  # Hangul
        (r"\u3041-\u30ff\u31f0-\u31ff", 2, 300),  # Kana
        (r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af", 1, 2_000),  # Chinese characters
    )
)


class Vocabulary:
    """What a tokenizer knows.

    Args:
        tokenizer: A `tokenizers.Tokenizer`.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._shows_nothing = tokenizer.token_to_id(_BYTES) is not None
        self._unknown = _unknown_token(tokenizer)

    @cached_property
    def _known(self) -> tuple[float, ...]:
        """How far each of the scripts is known; to go through all entries takes longer than most texts need to know."""
        return _known_scripts(self._tokenizer.get_vocab(with_added_tokens=False))

    def known_share(self, text: str) -> float:
        """How far the language of a text is known, in [0, 1]: 1 for all that a model was made for.

        By how many letters each script has in the text: of Latin letters the share of words that are known whole, but
        for names, which no vocabulary holds; of others whether the vocabulary has words of that script at all.
        """
        text = text[:_LOOKED_AT]
        if self._shows_nothing:
            return 1.0
        weights = [len(script.letters.findall(text)) for script in _SCRIPTS] if not text.isascii() else []
        known = sum(weight * share for weight, share in zip(weights, self._known, strict=True)) if any(weights) else 0.0
        latin, share = self._latin(text)
        total = sum(weights) + latin
        return (known + latin * share) / total if total else 1.0

    def _latin(self, text: str) -> tuple[int, float]:
        """Letters of the words in Latin letters that are no names, and how far they are known."""
        parts: dict[int, list[tuple[int, int]]] = {}
        unknown: set[int] = set()
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        for word, token, span in zip(encoding.word_ids, encoding.ids, encoding.offsets, strict=True):
            if word is not None:
                parts.setdefault(word, []).append(span)
                if token == self._unknown:
                    unknown.add(word)
        letters = words = whole = 0
        for number, spans in parts.items():
            word = text[spans[0][0] : spans[-1][1]].strip()
            # What begins with a capital is a name, but for the first word.
            if not word or not _LATIN.match(word) or (words and word[0].isupper()):
                continue
            words += 1
            whole += len(spans) == 1 and number not in unknown
            letters += len(word)
        share = min(1.0, whole / words / _WHOLE_WORDS) if words else 1.0
        # A vocabulary of many languages has no words of any whole.
        if share < 1.0 and sum(known == 1.0 for known in self._known) >= _MANY_SCRIPTS:
            share = 1.0
        return letters, share


def _unknown_token(tokenizer: Any) -> int | None:
    """What stands for a word that the vocabulary does not hold, in none of its parts."""
    unknown = getattr(tokenizer.model, "unk_token", None)
    return None if unknown is None else tokenizer.token_to_id(unknown)


def _known_scripts(entries: Iterable[str]) -> tuple[float, ...]:
    """How far a vocabulary knows each of the scripts, in [0, 1]."""
    counts = [0] * len(_SCRIPTS)
    for entry in entries:
        letters = entry.strip(_MARKS)
        if letters.isascii():
            continue
        for number, script in enumerate(_SCRIPTS):
            if len(letters) >= script.least and script.letters.match(letters):
                counts[number] += 1
    return tuple(1.0 if count >= script.entries else 0.0 for count, script in zip(counts, _SCRIPTS, strict=True))
