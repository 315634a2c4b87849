"""Which pairs of memories are worth comparing, so that the cost is that of what changed."""

from collections.abc import Iterable, Mapping, Sequence

from coda_graphmem.consolidation.links import last_said, recency
from coda_graphmem.consolidation.plan import SimilarPair
from coda_graphmem.consolidation.updates import may_update
from coda_graphmem.models import Memory

NEIGHBOURS = 20
"""Nearest memories looked at of each one that was touched."""
RELATED = 3
"""Of those that are too far apart to be merged: a newer statement about the same thing is mostly the nearest one."""
LONGEST = 5_000
"""Characters of a text that is compared word by word. The models of short texts see no more than its beginning, so
the vectors of longer ones say little, and reading them takes seconds."""


def candidate_pairs(
    neighbours: Mapping[str, Sequence[tuple[str, float]]], *, threshold: float, related: int = RELATED
) -> list[SimilarPair]:
    """Each pair once: all that may be merged, and of each memory's others the few nearest.

    Args:
        neighbours: By memory, its nearest ones with their cosines, best first.
        threshold: Cosine from which two memories may be merged, in (0, 1].
        related: How many below the threshold are taken of each memory.
    """
    found: dict[tuple[str, str], float] = {}
    for memory_id, others in neighbours.items():
        below = 0
        for other, similarity in others:
            if similarity < threshold:
                below += 1
                if below > related:
                    break
            found.setdefault((min(memory_id, other), max(memory_id, other)), similarity)
    return [SimilarPair(first, second, similarity) for (first, second), similarity in sorted(found.items())]


def worth_comparing(
    pairs: Iterable[SimilarPair], memories: Mapping[str, Memory], *, threshold: float
) -> list[SimilarPair]:
    """Those pairs whose verdict is not known beforehand to be ``unrelated``.

    Left out are pairs with a memory that is not there any more or too long, pairs of different owners, who have nothing
    to do with each other, and below the threshold those of different types or of one time, and those whose words rule
    out that one is a newer statement (`may_update`).
    """
    worth = []
    for pair in pairs:
        first, second = memories.get(pair.first_id), memories.get(pair.second_id)
        if first is None or second is None or max(len(first.content), len(second.content)) > LONGEST:
            continue
        if first.scope != second.scope:
            continue
        if pair.similarity >= threshold or _may_update(first, second):
            worth.append(pair)
    return worth


def _may_update(first: Memory, second: Memory) -> bool:
    if first.memory_type != second.memory_type or last_said(first) == last_said(second):
        return False
    older, newer = sorted((first, second), key=recency)
    return may_update(older.content, newer.content)
