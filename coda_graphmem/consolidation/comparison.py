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
        only_a, only_b = _unmatched(a, b), _unmatched(b, a)
        short_a, long_b = _abbreviated(only_a & a.names.keys(), only_b & b.names.keys())
        short_b, long_a = _abbreviated(only_b & b.names.keys(), only_a & a.names.keys())
        return cls(
            a=a,
            b=b,
            only_a=only_a - short_a - long_a,
            only_b=only_b - short_b - long_b,
            particles_a=frozenset(a.particles - b.particles),
            particles_b=frozenset(b.particles - a.particles),
        )


def _unmatched(a: Reading, b: Reading) -> frozenset[str]:
    missing = a.words.keys() - b.words.keys() - b.joined - b.forms
    return frozenset(
        word
        for word in missing
        if not _is_joined(word, a, b) and not any(_is_form(word, other, a, b) for other in b.words)
    )


def _is_form(word: str, other: str, a: Reading, b: Reading) -> bool:
    if related(word, other):
        return not _names_apart(word, other, a, b)
    named = word in a.names and other in b.names
    return named and (_is_demonym(word, other) or _is_demonym(other, word))


def _names_apart(word: str, other: str, a: Reading, b: Reading) -> bool:
    """Whether both are names and neither of a place: "Syrian" is of Syria, but Simone is not Simon."""
    named, other_named = a.names.get(word), b.names.get(other)
    if _is_demonym(word, other) or _is_demonym(other, word):
        return False
    return named is not None and other_named is not None and "place" not in (named, other_named)


def _is_demonym(word: str, other: str) -> bool:
    """Whether a word is that of the people of a place: "Egyptians", "Bangladeshi"."""
    return any(
        word.removesuffix("s").endswith(ending) and other.startswith(word.removesuffix("s").removesuffix(ending))
        for ending in ("ian", "an", "ese", "i")
    )


def _is_joined(word: str, a: Reading, b: Reading) -> bool:
    """Whether the word is a part of a compound that the other text writes as one word."""
    return any(compound in b.words and (compound.startswith(word) or compound.endswith(word)) for compound in a.joined)


def _abbreviated(names: frozenset[str], others: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Names that are the first letters of what the other text writes out, and those words: "US", "United States"."""
    short = frozenset(name for name in names if len(name) > 1 and is_initialism(name, others))
    return short, frozenset(other for other in others if any(other[0] in word for word in short))


def is_initialism(word: str, others: Iterable[str]) -> bool:
    """Whether a word is made of first letters of the others, as "sc" of "supreme court" and "s." of "south"."""
    letters = word.replace(".", "")
    initials = {other[0] for other in others if other}
    short = len(letters) <= 4 and (len(letters) > 1 or word.endswith("."))
    return bool(letters) and short and letters.isalpha() and all(letter in initials for letter in letters)
