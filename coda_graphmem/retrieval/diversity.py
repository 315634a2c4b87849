"""Keeps near-duplicates from filling a list of results."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.terms import STOP_STEMS

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATION = re.compile(r"\b(?:no|not|never|none|nobody|nothing|without|cannot)\b|n['’]t\b", re.IGNORECASE)


def spread(contents: Sequence[str], words_of: Sequence[frozenset[str]], constants: RankingConstants) -> list[int]:
    """Positions of the contents that are no near-duplicate of a better one, in their order.

    Two texts are near-duplicates where their words (stems, without stop words) overlap by
    `RankingConstants.duplicate_overlap` or more (Jaccard, as in Broder's resemblance of documents,
    1997), and numbers and negation are the same.

    Args:
        contents: Best first.
        words_of: `coda_graphmem.retrieval.terms.stems` of each.
        constants: The overlap.
    """
    kept: list[int] = []
    sets: dict[int, tuple[frozenset[str], tuple[tuple[str, ...], bool]]] = {}
    holders: dict[str, list[int]] = defaultdict(list)
    for position, (content, held) in enumerate(zip(contents, words_of, strict=True)):
        words = held - STOP_STEMS or held or frozenset({content})
        says = (tuple(sorted(_NUMBER.findall(content))), bool(_NEGATION.search(content)))
        shared = Counter(other for word in words for other in holders[word])
        if any(
            sets[other][1] == says and count >= constants.duplicate_overlap * (len(words) + len(sets[other][0]) - count)
            for other, count in shared.items()
        ):
            continue
        kept.append(position)
        sets[position] = (words, says)
        for word in words:
            holders[word].append(position)
    return kept
