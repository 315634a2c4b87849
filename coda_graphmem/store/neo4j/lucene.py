"""Writes full-text queries that hold nothing of the caller's but words."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Lucene refuses queries of more than 1,024 clauses; one is the namespace's.
MAX_WORDS = 1_000

# Everything that is no letter, digit, mark or apostrophe, and so all of Lucene's syntax, parts words.
_PARTS = re.compile(r"[^\w'’]+|_")
_ALPHANUMERIC = re.compile(r"\w")


def lucene_query(scope: str, terms: Sequence[str]) -> str | None:
    """A query for memories of one scope that hold at least one word; None where no word is left.

    Only the words add to the score: the scope has a boost of zero. Words are in lower case, as Lucene takes
    AND, OR, NOT and TO for operators; beyond `MAX_WORDS` different ones the rest is left out.

    Args:
        scope: The token of the namespace.
        terms: Plain words; whatever is query syntax in them parts words.
    """
    words = [word for term in terms for word in _PARTS.split(term.lower()) if _ALPHANUMERIC.search(word)]
    if not words:
        return None
    return f"+scope:{scope}^0 +content:({' '.join(list(dict.fromkeys(words))[:MAX_WORDS])})"
