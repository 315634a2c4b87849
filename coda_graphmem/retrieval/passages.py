"""Long memories by the nearest of their passages: what the ranking makes of these, and which of them a result shows."""

import math
from collections.abc import Mapping, Sequence

from coda_graphmem.models import Passage
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.store.protocol import Candidate, PassageMatch

Matches = Mapping[str, Sequence[PassageMatch]]
"""How near each passage of memories is to a query, by memory id, in the order of the text."""

#: Passages of a result that are shown at most.
_SHOWN = 3


def similarity_by_passages(own: float | None, found: Sequence[PassageMatch], constants: RankingConstants) -> float:
    """How similar a memory of n passages is to a query, in [-1, 1]: ``max(c, c_p - passage_price * ln(n))``.

    With c the cosine of its own vector, which is of its beginning alone, and c_p that of its nearest passage. The
    nearest of many is nearer than one by chance alone, the more so the more there are; the price keeps long memories
    from standing before short ones for their length.

    Args:
        own: c; None where it has no vector.
        found: All of its passages, at least one.
        constants: The price.
    """
    nearest = max(one.similarity for one in found) - constants.passage_price * math.log(len(found))
    return max(-1.0, nearest if own is None else max(own, nearest))


def by_passages(candidates: Sequence[Candidate], matches: Matches, constants: RankingConstants) -> list[Candidate]:
    """Candidates with their similarity by their passages, where they have some; in their order."""
    return [
        candidate._replace(similarity=similarity_by_passages(candidate.similarity, found, constants))
        if (found := matches.get(candidate.memory_id))
        else candidate
        for candidate in candidates
    ]


def best_passages(content: str, found: Sequence[PassageMatch]) -> list[Passage]:
    """The nearest passages of a memory as a result shows them, best first; none that only repeats a better one's half.

    Args:
        content: Of the memory.
        found: Its passages.
    """
    shown: list[PassageMatch] = []
    for one in sorted(found, key=lambda one: (-one.similarity, one.start)):
        if one.end <= len(content) and not any(_shared(one, other) > 0.5 for other in shown):
            shown.append(one)
        if len(shown) == _SHOWN:
            break
    return [
        Passage(start=one.start, end=one.end, text=content[one.start : one.end], score=one.similarity) for one in shown
    ]


def _shared(one: PassageMatch, other: PassageMatch) -> float:
    """The share of a passage that another one holds as well."""
    return max(0, min(one.end, other.end) - max(one.start, other.start)) / max(1, one.end - one.start)
