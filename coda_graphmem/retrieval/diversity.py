"""Keeps near-duplicates from filling a list of results."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from coda_graphmem.language.negation import NEGATION
from coda_graphmem.language.stop_words import STOP_STEMS
from coda_graphmem.retrieval.constants import RankingConstants

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")

_TINY = 1e-9


def spread(contents: Sequence[str], words_of: Sequence[frozenset[str]], constants: RankingConstants) -> list[int]:
    """Positions of the contents that are no near-duplicate of a better one, in their order.

    Two texts are near-duplicates where their words (stems, without stop words) overlap by
    `RankingConstants.duplicate_overlap` or more (Jaccard, as in Broder's resemblance of documents,
    1997), and numbers and negation are the same.

    Args:
        contents: Best first.
        words_of: `coda_graphmem.language.stems.stems` of each.
        constants: The overlap.
    """
    kept: list[int] = []
    sets: dict[int, frozenset[str]] = {}
    holders: dict[str, list[int]] = defaultdict(list)
    overlap = constants.duplicate_overlap
    for position, (content, held) in enumerate(zip(contents, words_of, strict=True)):
        words = held - STOP_STEMS or held or frozenset({content})
        # Sets that overlap so much share one of these few (prefix filtering, Chaudhuri, Ganti and Kaushik, 2006).
        telling = sorted(words)[: len(words) - math.ceil(overlap * len(words) - _TINY) + 1]
        rivals = {other for word in telling for other in holders.get(word, ())}
        alike = (other for other in rivals if _overlap(words, sets[other]) >= overlap - _TINY)
        if any(_says(contents[other]) == _says(content) for other in alike):
            continue
        kept.append(position)
        sets[position] = words
        for word in telling:
            holders[word].append(position)
    return kept


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity of two sets that are not empty."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def _says(content: str) -> tuple[tuple[str, ...], bool]:
    """What two texts of the same words have to agree on: the numbers, and whether something is denied."""
    return tuple(sorted(_NUMBER.findall(content))), NEGATION.search(content) is not None
