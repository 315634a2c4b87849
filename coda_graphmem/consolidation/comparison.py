"""Which words of two texts have no counterpart in the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coda_graphmem.consolidation.readings import Reading

#: Endings that derive a word from another: "Syria", "Syrian"; "wood", "wooden"; "happy", "happily".
_SUFFIXES = frozenset(
    """ization ation ition ment ness iness ship able ible ward ally tion sion ian ean ese ish ing ion ist ism ity ful
    ous ive ery ly ily er or ed en an al ic es th s n y e""".split()
)
_SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts side by side."""

    a: Reading
    b: Reading
    only_a: frozenset[str]
    """Content words of the first that the second has in no form."""
    only_b: frozenset[str]
    particles_a: frozenset[str]
    """Prepositions and particles that the first has more often."""
    particles_b: frozenset[str]

    @classmethod
    def of(cls, a: Reading, b: Reading) -> Comparison:
        """Compare two texts."""
        return cls(
            a=a,
            b=b,
            only_a=_unmatched(a, b),
            only_b=_unmatched(b, a),
            particles_a=frozenset(a.particles - b.particles),
            particles_b=frozenset(b.particles - a.particles),
        )


def _unmatched(a: Reading, b: Reading) -> frozenset[str]:
    missing = a.words.keys() - b.words.keys() - b.joined - b.forms
    return frozenset(
        word
        for word in missing
        if not _is_joined(word, a, b)
        and not any(related(word, other) and not _names_apart(word, other, a, b) for other in b.words)
    )


def _names_apart(word: str, other: str, a: Reading, b: Reading) -> bool:
    """Whether both are names and neither of a place: "Syrian" is of Syria, but Simone is not Simon."""
    named, other_named = a.names.get(word), b.names.get(other)
    return named is not None and other_named is not None and "place" not in (named, other_named)


def _is_joined(word: str, a: Reading, b: Reading) -> bool:
    """Whether the word is a part of a compound that the other text writes as one word."""
    return any(compound in b.words and (compound.startswith(word) or compound.endswith(word)) for compound in a.joined)


def related(word: str, other: str) -> bool:
    """Whether two words are forms of one: equal but for endings that derive words."""
    if word == other:
        return True
    if word[:1] != other[:1]:
        return False
    other = _untwisted(word, other)
    shared = 0
    for x, y in zip(word, other, strict=False):
        if x != y:
            break
        shared += 1
    # A final letter may change or double before an ending: "happy", "happily"; "swim", "swimming".
    return any(
        _is_ending(word[cut:], word[:cut]) and _is_ending(other[cut:], other[:cut])
        for cut in (shared, shared - 1)
        if cut >= _SHORTEST_STEM or (cut == _SHORTEST_STEM - 1 and min(len(word), len(other)) == cut)
    )


def _untwisted(word: str, other: str) -> str:
    """The other word, with two letters exchanged where that is all that keeps it from the first: a slip of typing."""
    for i, (x, y) in enumerate(zip(word, other, strict=False)):
        if x != y:
            if other[i + 1 : i + 2] == x and word[i + 1 : i + 2] == y:
                return other[:i] + x + y + other[i + 2 :]
            break
    return other


def _is_ending(ending: str, stem: str) -> bool:
    return not ending or ending in _SUFFIXES or (ending[0] == stem[-1] and ending[1:] in _SUFFIXES)


def is_initialism(word: str, others: Iterable[str]) -> bool:
    """Whether a word is made of first letters of the others, as "sc" of "supreme court" and "s." of "south"."""
    letters = word.replace(".", "")
    initials = {other[0] for other in others if other}
    short = len(letters) <= 4 and (len(letters) > 1 or word.endswith("."))
    return bool(letters) and short and letters.isalpha() and all(letter in initials for letter in letters)
