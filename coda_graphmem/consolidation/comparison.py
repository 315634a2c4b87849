"""Which words of two texts have no counterpart in the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from coda_graphmem.consolidation.readings import Reading
from coda_graphmem.language.words import related


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
    def of(cls, a: Reading, b: Reading) -> "Comparison":
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


def is_initialism(word: str, others: Iterable[str]) -> bool:
    """Whether a word is made of first letters of the others, as "sc" of "supreme court" and "s." of "south"."""
    letters = word.replace(".", "")
    initials = {other[0] for other in others if other}
    short = len(letters) <= 4 and (len(letters) > 1 or word.endswith("."))
    return bool(letters) and short and letters.isalpha() and all(letter in initials for letter in letters)
