"""Which texts say what another one says already."""

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from coda_graphmem.language.negation import NEGATION
from coda_graphmem.language.words import STOP_STEMS

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_TINY = 1e-9


class Sayings:
    """Texts, and a way to find those among them that say what another text says.

    Two texts are near-duplicates where their words (stems, without stop words) overlap by a share or more (Jaccard, as
    in Broder's resemblance of documents, 1997), and numbers and negation are the same.

    Args:
        overlap: That share, in (0, 1].
    """

    def __init__(self, overlap: float) -> None:
        self._overlap = overlap
        self._said: list[tuple[str, frozenset[str]]] = []
        self._agreed: dict[int, tuple[tuple[str, ...], bool]] = {}
        self._holders: dict[str, list[int]] = defaultdict(list)

    def alike(self, content: str, words: frozenset[str]) -> list[int]:
        """Which of the texts say the same, the first one being 0.

        Args:
            words: `coda_graphmem.language.words.stems` of the text.
        """
        telling = _telling(content, words)
        return self._alike(content, telling, self._rarest(telling))

    def _alike(self, content: str, telling: frozenset[str], rarest: Sequence[str]) -> list[int]:
        rivals = {place for word in rarest for place in self._holders.get(word, ())}
        alike = [place for place in sorted(rivals) if self._overlaps(telling, self._said[place][1])]
        says = _says(content) if alike else None
        return [place for place in alike if self._says(place) == says]

    def add(self, content: str, words: frozenset[str]) -> None:
        """Take a text in, behind the others."""
        telling = _telling(content, words)
        self._add(content, telling, self._rarest(telling))

    def add_new(self, content: str, words: frozenset[str]) -> bool:
        """Take a text in unless one of the others says the same; whether it was taken in."""
        telling = _telling(content, words)
        rarest = self._rarest(telling)
        if self._alike(content, telling, rarest):
            return False
        self._add(content, telling, rarest)
        return True

    def _add(self, content: str, telling: frozenset[str], rarest: Sequence[str]) -> None:
        for word in rarest:
            self._holders[word].append(len(self._said))
        self._said.append((content, telling))

    def _says(self, place: int) -> tuple[tuple[str, ...], bool]:
        if place not in self._agreed:
            self._agreed[place] = _says(self._said[place][0])
        return self._agreed[place]

    def _rarest(self, words: frozenset[str]) -> list[str]:
        """Sets that overlap so much share one of these few (prefix filtering, Chaudhuri, Ganti and Kaushik, 2006)."""
        return sorted(words)[: len(words) - math.ceil(self._overlap * len(words) - _TINY) + 1]

    def _overlaps(self, one: frozenset[str], other: frozenset[str]) -> bool:
        shared = len(one & other)
        return shared / (len(one) + len(other) - shared) >= self._overlap - _TINY


def _telling(content: str, words: frozenset[str]) -> frozenset[str]:
    return words - STOP_STEMS or words or frozenset({content})


def _says(content: str) -> tuple[tuple[str, ...], bool]:
    """What two texts of the same words have to agree on: the numbers, and whether something is denied."""
    return tuple(sorted(_NUMBER.findall(content))), NEGATION.are_in(content)
