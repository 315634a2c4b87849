"""Meanings of words: other spellings, kinds of things, opposites, words of change (``data/``)."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

from coda_graphmem.language.tables import listed, table


class Attribute(NamedTuple):
    """Something that somebody has one of at a time."""

    verbs: frozenset[str]
    """Those that state or change it."""
    places: frozenset[str]
    """Where its value stands."""
    shared: bool
    """Whether one may well have several, so that only words of change make the newer outdate the older."""
    without_object: bool
    """Whether its verbs tell of something else where they have an object: who moves a meeting stays where they are."""


#: Number words behind "at least" and the like.
_COUNTED = (
    "(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|half|hundred|thousand|million)\\b"
)
#: Words that say how sure or how far along something is. Statements of different classes are different facts.
MODALITIES = {name: frozenset(words.split()) for name, words in table("lexicon")["modalities"].items()}
#: Words that say how many, and phrases that make a bound of a number.
QUANTIFIERS = {name: frozenset(words.split()) for name, words in table("lexicon")["quantifiers"].items()}
_BOUNDS = {
    name: re.compile(
        rf"\b(?:{phrases.replace(' | ', '|')})\s(?:an?\s|[$€£¥]\s?)?(?:\d+(?![/\d])|{_COUNTED})", re.IGNORECASE
    )
    for name, phrases in table("lexicon")["bounds"].items()
}
_BOUND_BEHIND = re.compile(r"\bor (more|less|fewer)\b", re.IGNORECASE)
#: Units of numbers, by each of their spellings.
UNITS = {spelling: name for name, spellings in table("lexicon")["units"].items() for spelling in spellings.split()}
#: Verbs by which somebody says or holds something.
CLAIMS = {name: frozenset(verbs.split()) for name, verbs in table("lexicon")["claims"].items()}
#: What makes another word of a noun that stands behind or before it: an ex-wife is no wife.
COMPOUND_PREFIXES = listed("lexicon", "compound_prefixes")
IN_LAW = "-in-law"
#: What somebody has one of at a time.
ATTRIBUTES = {
    name: Attribute(
        frozenset(entry["verbs"].split()),
        frozenset(entry["places"].split()),
        entry.get("shared", False),
        entry.get("without_object", False),
    )
    for name, entry in table("lexicon")["attributes"].items()
}
#: Words by which a statement says that something is no longer as it was.
CHANGES = listed("lexicon", "changes")
#: Verbs that say with more or less warmth that somebody likes something.
LIKING = listed("lexicon", "liking")
#: Verbs after which what somebody had, did or was is over.
ENDINGS = listed("lexicon", "endings")
#: Verbs that say how something stands; two of them can speak of the same.
STATES = listed("lexicon", "states")
#: Verbs that mean something else by what follows them.
TWO_MEANINGS = listed("lexicon", "two_meanings")
#: Verbs that say where somebody or something is.
STATES_OF_PLACE = listed("lexicon", "states_of_place")
#: Nouns of how much, of what or in which form.
MEASURES = listed("lexicon", "measures")
#: Nouns that add little to the noun before them.
BROAD_HEADS = listed("lexicon", "broad_heads")
#: What each preposition may mean.
PREPOSITIONS = {word: frozenset(meanings.split()) for word, meanings in table("lexicon")["prepositions"].items()}
#: Prefixes that turn a word into its opposite.
NEGATIVE_PREFIXES = tuple(table("opposites")["negative_prefixes"].split())
#: Who is quoted without a name: that "officials say" something makes no other statement of it.
SOURCES = listed("lexicon", "sources")
#: What stands with a name and names nothing.
TITLES = listed("lexicon", "titles")

_ALIASES: dict[str, str] = {
    word: words.split()[0] for words in table("lexicon")["aliases"].strip().splitlines() for word in words.split()
}
_BRITISH = (("isation", "ization"), ("ise", "ize"), ("yse", "yze"), ("our", "or"), ("ogue", "og"), ("tre", "ter"))
#: An initialism written with dots: "a.c.c.".
_DOTTED = re.compile(r"(?:[a-z]\.){2,}[a-z]?")
_NOT_BRITISH = listed("lexicon", "not_british")


def unify(lemma: str) -> str:
    """One form for spellings of a word: lower case, American, a common name instead of another."""
    word = _without_accents(lemma.lower().replace("’", "'").strip("'-"))
    if word.endswith(".") and (word in TITLES or (len(word) > 2 and word[:-1].isalpha())):
        word = word[:-1]
    if word in _ALIASES:
        return _ALIASES[word]
    if _DOTTED.fullmatch(word):
        return word.replace(".", "")
    if len(word) > 4 and word not in _NOT_BRITISH:
        for british, american in _BRITISH:
            if word.endswith(british):
                return word[: -len(british)] + american
    return word


def _without_accents(word: str) -> str:
    """The word without accents, where nothing but plain letters is left then: other scripts need their marks."""
    if word.isascii():
        return word
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain if plain.isascii() else word


def bounds_of(text: str) -> frozenset[str]:
    """Which of "at least", "more than", "exactly" and the like a text says of a number."""
    found = {name for name, pattern in _BOUNDS.items() if pattern.search(text)}
    behind = _BOUND_BEHIND.search(text)
    return frozenset(found | {"at least" if behind[1].lower() == "more" else "at most"} if behind else found)


def kinds_of(word: str) -> Mapping[str, frozenset[int]]:
    """The kinds of things (``data/kinds.toml``) a unified word belongs to, and which members of each it may be."""
    return _kinds().get(word, {})


def mean_alike(verb: str, other: str) -> bool:
    """Whether two unified verbs may say the same of somebody (``data/synonyms.toml``)."""
    groups = _verb_groups()
    return not groups.get(verb, frozenset()).isdisjoint(groups.get(other, frozenset()))


def sides_of(word: str) -> Collection[tuple[int, bool]]:
    """The pairs of opposites (``data/opposites.toml``) a unified word belongs to, and its side in each."""
    return _sides().get(word, ())


@lru_cache(maxsize=1)
def _kinds() -> dict[str, dict[str, frozenset[int]]]:
    found: dict[str, dict[str, set[int]]] = {}
    for kind, members in table("kinds").items():
        for number, names in enumerate(members.split(",")):
            for name in names.strip().split("/"):
                found.setdefault(unify(name), {}).setdefault(kind, set()).add(number)
    return {word: {kind: frozenset(numbers) for kind, numbers in kinds.items()} for word, kinds in found.items()}


@lru_cache(maxsize=1)
def _verb_groups() -> dict[str, frozenset[int]]:
    groups: dict[str, set[int]] = {}
    for number, line in enumerate(table("synonyms")["verbs"].strip().splitlines()):
        for verb in line.split():
            groups.setdefault(unify(verb), set()).add(number)
    return {verb: frozenset(numbers) for verb, numbers in groups.items()}


@lru_cache(maxsize=1)
def _sides() -> dict[str, set[tuple[int, bool]]]:
    sides: dict[str, set[tuple[int, bool]]] = {}
    for number, line in enumerate(table("opposites")["pairs"].strip().splitlines()):
        left, _, right = line.partition("|")
        for side, words in ((False, left), (True, right)):
            for word in words.split():
                sides.setdefault(unify(word), set()).add((number, side))
    return sides
