"""Chooses among memories those that are relevant and differ from one another."""

from collections.abc import Mapping, Sequence

import numpy as np

from coda_graphmem.models import Memory


def marginal(
    memories: Sequence[Memory], vectors: Mapping[str, Sequence[float] | None], k: int, weight: float
) -> list[Memory]:
    """Memories by maximal marginal relevance.

    Args:
        memories: With their relevance, best first.
        vectors: Unit vectors by memory id; one that is missing is like no other.
        k: How many at most.
        weight: In [0, 1]: 1 for relevance alone, 0 for distance from one another alone.
    """
    if not memories:
        return []
    size = next((len(vector) for vector in vectors.values() if vector is not None), 1)
    rows = np.asarray([vectors.get(memory.memory_id) or [0.0] * size for memory in memories], dtype=np.float32)
    relevance = np.asarray([memory.relevance_score or 0.0 for memory in memories])
    alike = (1.0 + rows @ rows.T) / 2.0
    chosen: list[int] = []
    left = list(range(len(memories)))
    while left and len(chosen) < k:
        gains = [weight * relevance[i] - (1.0 - weight) * alike[i, chosen].max(initial=0.0) for i in left]
        chosen.append(left.pop(int(np.argmax(gains))))
    return [memories[i] for i in chosen]
