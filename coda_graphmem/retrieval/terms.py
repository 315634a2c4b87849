"""The words of a query that a text search looks for, the same for every store."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from coda_graphmem.language.keys import entity_key

_WORD = re.compile(r"\w+")
_WITHIN_NAME = re.compile(r"\.?[ \-](?:[A-Z]\.? )?")
_OTHER_LETTER = re.compile(r"[^\W\x00-\x7f]")
_ACCENTS = re.compile(r"[\u0300-\u036f]+")

#: English function words, and what an apostrophe leaves of the contracted ones.
STOP_WORDS = frozenset(
    """a about above after again against all am an and any are aren as at be because been before being below
    between both but by can could couldn d did didn do does doesn doing don down during each few for from further
    had hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn it its
    itself just ll m me might mightn more most must mustn my myself needn no nor not now o of off on once only or
    other our ours ourselves out over own re s same shan she should shouldn so some such t than that the their
    theirs them themselves then there these they this those through to too under until up ve very was wasn we
    were weren what when where which while who whom whose why will with won would wouldn y you your yours yourself
    yourselves""".split()
)

_CALENDAR = frozenset(
    """January February March April May June July August September October November December
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday""".split()
)


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
        if word[0].isupper() and len(word) > 1 and word.casefold() not in STOP_WORDS and word not in _CALENDAR:
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
        held: `stems` of each text.
    """
    missing = named = 0
    for name in wanted:
        words = {stem(word.casefold()) for word in name}
        named += len(words)
        missing += min((len(words.difference(text)) for text in held), default=len(words))
    return missing / named if named else 0.0


def without_names(text: str, names: Collection[str]) -> str:
    """A query without the words of names, or unchanged where no word worth looking for would be left.

    Args:
        text: The query.
        names: Keys of `coda_graphmem.language.keys.entity_key`, of one word or more.
    """
    parts = {part for name in names for part in name.split()}
    rest = " ".join(word for word in text.split() if entity_key(word) not in parts)
    return rest if not STOP_WORDS.issuperset(_WORD.findall(rest.casefold())) else text


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without accents and its English inflection: plural, ``-ed`` or ``-ing``.

    Lighter than the stores' stemmers; it only serves to compare texts that were found already.
    """
    if not word.isascii():
        word = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed", "e"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3:
            doubled = ending != "e" and base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if doubled else base
    return word


def words_beginning(beginning: str, text: str) -> Iterator[tuple[int, str]]:
    """The words of a text that begin with something, each with its position."""
    at = text.find(beginning) if beginning else -1
    while at >= 0:
        found = _WORD.match(text, at)
        word = found[0] if found else beginning
        if at == 0 or not _WORD.match(text, at - 1):
            yield at, word
        at = text.find(beginning, at + len(word))


def beginning(stem: str) -> str:
    """What all words of a stem in ASCII letters begin with: the stem, but for a last ``y``, which may be of ``ies``."""
    return stem.removesuffix("y") or stem


def plain_letters(text: str) -> str | None:
    """A text whose letters are ASCII, without accents where it had some; None where they are not even so."""
    if text.isascii() or not _OTHER_LETTER.search(text):
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return None if _OTHER_LETTER.search(plain) else plain


def words(text: str) -> list[str]:
    """The words of a text, in order and without their case."""
    return _WORD.findall(text.casefold())


def stems(text: str) -> frozenset[str]:
    """The stems of all words of a text."""
    return frozenset(map(stem, set(words(text))))


#: Stems that say nothing about what a text is about.
STOP_STEMS = frozenset(map(stem, STOP_WORDS))


def coverage(terms: Collection[str], held: Collection[str]) -> float:
    """The share of a query's terms that a text holds, by stems, in [0, 1].

    Unlike BM25 it has the same meaning for every query and every store.

    Args:
        terms: Words of the query.
        held: `stems` of the text.
    """
    wanted = frozenset(map(stem, terms))
    return len(wanted.intersection(held)) / len(wanted) if wanted else 0.0
