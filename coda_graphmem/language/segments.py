"""Cuts a text where it names something else, so that two texts can be compared by what stands with what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from coda_graphmem.language.tables import listed

#: What the first words of a text that no preposition or conjunction opens stand with.
MAIN = "<main>"
#: Words that open a segment and belong to it: "from" Oslo, "than" tea.
_OPENING = listed("lexicon", "opening")
#: Words that open one and say nothing of it.
_JOINING = frozenset("and but or nor while whereas yet".split()) | {",", ";", ":", "."}
#: Of the prepositions that open nothing these tell one thing from another all the same.
_WEIGHTY = frozenset("with without against for".split())
_SKIPPED = listed("lexicon", "unattached")
_LONGEST_LIST = 12
_NOMINAL = ("NN", "PR", "CD")


class Segments(NamedTuple):
    """The words of a text by what they stand with."""

    clauses: tuple[frozenset[str], ...]
    """Cut at "and", "but", commas and the like."""
    phrases: tuple[frozenset[str], ...]
    """Cut at prepositions and conjunctions of an order as well: "from", "than", "before", "if"."""


def segments(tokens: Sequence[Any], words: Mapping[int, str]) -> Segments:
    """Cut a text.

    Args:
        tokens: Of spaCy's parse.
        words: What each token stands for, by its place in the text.
    """
    clauses: list[set[str]] = [set()]
    phrases: list[set[str]] = [set()]
    opened = main = False
    for position, token in enumerate(tokens):
        joins, to_do = token.lower_ in _JOINING, _before_verb(token)
        opens = token.lower_ in _OPENING and not to_do
        if joins and not _joins_names(token):
            clauses.append(set())
            phrases.append(set())
            opened = False
        elif opens and not (position and tokens[position - 1].lower_ in _OPENING):
            phrases.append(set())
            opened = True
        weak = token.tag_ == "IN" and not opens and token.lower_ not in _WEIGHTY
        if joins or to_do or weak or not token.text[-1].isalnum() or token.lower_ in _SKIPPED:
            continue
        clauses[-1].add(words[token.i])
        phrases[-1].add(words[token.i])
        if not opened and not main:
            phrases[-1].add(MAIN)
            main = True
    return Segments(tuple(map(frozenset, filter(None, clauses))), tuple(map(frozenset, filter(None, phrases))))


def apart(word: str, other: str, clauses: Sequence[Collection[str]]) -> bool:
    """Whether two words stand in clauses of their own."""
    places = _places(clauses)
    return word in places and other in places and places[word] != places[other]


def changed_company(a: Sequence[Iterable[str]], b: Sequence[Iterable[str]]) -> tuple[str, str] | None:
    """Two words that stand together in the second text, as others have changed places.

    Of "my sister lives in Bari and my brother in Linz" and "my sister lives in Linz and my brother in Bari" sister and
    Linz: each of four words has changed its company. Words that stand several times in a text, or in one text only, say
    nothing.
    """
    place_a, place_b = _places(a), _places(b)
    rows: dict[int, dict[int, set[str]]] = {}
    for word in sorted(place_a.keys() & place_b.keys()):
        rows.setdefault(place_a[word], {}).setdefault(place_b[word], set()).add(word)
    several = [row for row in rows.values() if len(row) > 1]
    for number, row in enumerate(several):
        for other in several[number + 1 :]:
            for one, two in combinations(sorted(row.keys() & other.keys()), 2):
                if _tells(row[one], other[two]) and _tells(row[two], other[one]):
                    met = two if {MAIN} in (row[one], other[one]) else one
                    return min(row[met] - {MAIN}), min(other[met] - {MAIN})
    return None


def _places(segments: Sequence[Iterable[str]]) -> dict[str, int]:
    """In which segment each word stands that stands in one only."""
    places: dict[str, int] = {}
    for number, segment in enumerate(segments):
        for word in segment:
            places[word] = -1 if word in places else number
    return {word: place for word, place in places.items() if place >= 0}


def _tells(words: Collection[str], opposite: Collection[str]) -> bool:
    """Whether words that stand across from each other say that two others changed places.

    That something opens the text says so only beside what opens a phrase: reporting clauses stand first or last.
    """
    return (words != {MAIN} or not _OPENING.isdisjoint(opposite)) and (
        opposite != {MAIN} or not _OPENING.isdisjoint(words)
    )


def _before_verb(token: Any) -> bool:
    """Whether "to" belongs to a verb."""
    return bool(token.tag_ == "TO" and token.dep_ == "aux")


def _joins_names(token: Any) -> bool:
    """Whether "and" or a comma stands between subjects of one verb: "Peter and Lucy got married"."""
    return any(
        child.dep_ == "conj" and child.i > token.i and child.tag_[:2] in _NOMINAL and _governor(child).i > child.i
        for child in token.head.children
    )


def _governor(token: Any) -> Any:
    """What governs a coordination; in a longer list than people speak of, some member of it."""
    for _ in range(_LONGEST_LIST):
        if token.dep_ != "conj":
            break
        token = token.head
    return token.head
