"""Writes full-text queries that hold nothing of the caller's but words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Lucene refuses queries of more than 1,024 clauses; one is the namespace's.
MAX_WORDS = 1_000

# Everything that is no letter, digit, mark or apostrophe, and so all of Lucene's syntax, parts words.
_PARTS = re.compile(r"[^\w'’]+|_")
_ALPHANUMERIC = re.compile(r"[^\W_]")
_DIACRITICS = re.compile(r"(?<=[A-Za-z])[\u0300-\u036f]+")


def fold(text: str) -> str:
    """A text without the diacritics of Latin letters, as the index holds it and queries ask for it.

    The server's analysers either stem or fold; with this, the one that stems does for both.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _DIACRITICS.sub("", unicodedata.normalize("NFD", text)))


def lucene_queries(scope: str, terms: Sequence[str]) -> list[str]:
    """Queries for memories of one scope that hold at least one word: none, one, or one a thousand words.

    Only the words add to the score: the scope has a boost of zero. Words are in lower case, as Lucene takes
    AND, OR, NOT and TO for operators.

    Args:
        scope: The token of the namespace.
        terms: Plain words; whatever is query syntax in them parts words.
    """
    found = (word for term in terms for word in _PARTS.split(fold(term).lower()) if _ALPHANUMERIC.search(word))
    words = list(dict.fromkeys(found))
    chunks = [words[start : start + MAX_WORDS] for start in range(0, len(words), MAX_WORDS)]
    return [f"+scope:{scope}^0 +search_text:({' '.join(chunk)})" for chunk in chunks]


def scope_query(scope: str) -> str:
    """A query for all memories of one scope."""
    return f"+scope:{scope}"
