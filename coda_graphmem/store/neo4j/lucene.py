"""Writes full-text queries that hold nothing of the caller's but words."""

import re
import unicodedata
from collections.abc import Sequence

from coda_graphmem.language.normal_form import index_text, is_joined
from coda_graphmem.store.neo4j.conditions import ANYTHING, Restriction
from coda_graphmem.store.protocol import begins

#: Lucene refuses queries of more than 1,024 clauses; one is the namespace's, and a phrase is of two words.
MAX_WORDS = 500

_NO_WORD = re.compile(r"[^\w\s]|_")
_ALPHANUMERIC = re.compile(r"[^\W_]")


def plain(text: str) -> str:
    """A text as the index holds it and queries ask for it: words as `index_text` writes them, nothing between.

    The server's analysers either stem or fold; with this, the one that stems does for both. Punctuation and
    symbols, and so all of Lucene's syntax, part words everywhere, as they do in the embedded store: to the
    analyser "3,000", "O'Brien" and "example.com" are one word each, which no part of them would find.
    """
    return _NO_WORD.sub(_parting, index_text(text))


def _parting(found: re.Match[str]) -> str:
    """A space for what parts words; marks belong to the letter before them."""
    return found[0] if unicodedata.category(found[0]).startswith("M") else " "


def lucene_queries(scope: str, terms: Sequence[str], asked: Restriction) -> list[str]:
    """Queries for memories of one scope that hold at least one word: none, one, or one a few hundred words.

    Only the words add to the score: all else has a boost of zero. Words are in lower case, as Lucene takes
    AND, OR, NOT and TO for operators.

    Args:
        scope: The token of the namespace.
        terms: Plain words; whatever is query syntax in them parts words.
        asked: What memories have to meet beside that.
    """
    words = list(dict.fromkeys(clause for term in terms for clause in _clauses(term)))
    most = MAX_WORDS - asked.clauses
    chunks = [words[start : start + most] for start in range(0, len(words), most)]
    return [f"{scope_query(scope, asked)} +search_text:({' '.join(chunk)})" for chunk in chunks]


def term_query(scope: str, term: str) -> str | None:
    """A query for memories of one scope that hold a term, its words in their order; None where it has none."""
    words = _words(term)
    if not words:
        return None
    asked = _any_ending(words) if begins(term) is not None else f'"{" ".join(words)}"'
    return f"+scope:{scope}^0 +search_text:{asked}"


def _any_ending(words: Sequence[str]) -> str:
    """What finds all words that begin so."""
    return f"{''.join(words)}*"


def _words(term: str) -> list[str]:
    return [word for word in plain(term).lower().split() if _ALPHANUMERIC.search(word)]


def _clauses(term: str) -> list[str]:
    """The words of a term, or their phrase where they are characters that nothing parts."""
    words = _words(term)
    if begins(term) is not None:
        return [_any_ending(words)] if words else []
    return [f'"{" ".join(words)}"'] if len(words) > 1 and is_joined(term) else words


def scope_query(scope: str, asked: Restriction = ANYTHING) -> str:
    """A query for all memories of one scope that meet what is asked, without a score."""
    return f"+scope:{scope}^0" + (f" +({asked.query})^0" if asked.query else "")
