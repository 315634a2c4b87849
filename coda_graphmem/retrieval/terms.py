"""The words of a query that a text search looks for, the same for every store."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.stems import stem
from coda_graphmem.language.stop_words import STOP_WORDS
from coda_graphmem.language.words import words

_WORD = re.compile(r"\w+")
_WITHIN_NAME = re.compile(r"\.?[ \-](?:[A-Z]\.? )?")


def query_terms(text: str) -> list[str]:
    """The words of a query worth looking for, each once, in their order: those that are no stop words.

    Where nothing else is left, the stop words are what the query is about.
    """
    found = list(dict.fromkeys(words(text)))
    return [word for word in found if word not in STOP_WORDS] or found


def names(text: str) -> list[tuple[str, ...]]:
    """What a question names, each once, in words: those in capitals, but for the first of the text.

    Names have no synonyms: where none of the memories found holds one, they speak of something else. Months and
    days name times, which memories have without words. A text all in capitals names nothing that can be told.
    """
    found: list[list[str]] = []
    following = list(_WORD.finditer(text))[1:]
    if not any(word[0][0].islower() for word in following):
        return []
    last = -1
    for match in following:
        word = match[0]
        if word[0].isupper() and len(word) > 1 and word.casefold() not in STOP_WORDS and word not in CALENDAR:
            if last >= 0 and _WITHIN_NAME.fullmatch(text, last, match.start()):
                found[-1].append(word)
            else:
                found.append([word])
            last = match.end()
    return list(dict.fromkeys(map(tuple, found)))


def unknown_share(wanted: Collection[Collection[str]], held: Sequence[Collection[str]]) -> float:
    """The share of names that texts do not hold, by stems, in [0, 1]; 0 where nothing is named.

    A name of several words is held as far as a single text holds it: "John" in one and "Woodville" in another are two
    others.

    Args:
        wanted: From `names`.
        held: `coda_graphmem.language.stems.stems` of each text.
    """
    missing = named = 0
    for name in wanted:
        parts = {stem(word.casefold()) for word in name}
        named += len(parts)
        missing += min((len(parts.difference(text)) for text in held), default=len(parts))
    return missing / named if named else 0.0


def without_names(text: str, names: Collection[str]) -> str:
    """A query without the words of names, or unchanged where no word worth looking for would be left.

    Args:
        text: The query.
        names: Keys of `coda_graphmem.language.keys.entity_key`, of one word or more.
    """
    parts = {part for name in names for part in name.split()}
    rest = " ".join(word for word in text.split() if entity_key(word) not in parts)
    return rest if not STOP_WORDS.issuperset(words(rest)) else text


def coverage(terms: Collection[str], held: Collection[str]) -> float:
    """The share of a query's terms that a text holds, by stems, in [0, 1].

    Unlike BM25 it has the same meaning for every query and every store.

    Args:
        terms: Words of the query.
        held: `coda_graphmem.language.stems.stems` of the text.
    """
    wanted = frozenset(map(stem, terms))
    return len(wanted.intersection(held)) / len(wanted) if wanted else 0.0
