"""Which items are nearest to a query. A pure function over arrays."""

import numpy as np
from numpy.typing import NDArray

#: Places to which cosines are told apart: beyond them stores round differently.
_PLACES = 6


def best_first(
    positions: NDArray[np.int64], cosines: NDArray[np.float64], *, limit: int, offset: int = 0
) -> list[tuple[int, float]]:
    """Items with their scores, the nearest first, and of those that are as near the one written last.

    Args:
        positions: The item of each vector, by its place in the order of writes; an item may have several vectors.
        cosines: How near each vector is. The best one counts.
        limit: How many items at most.
        offset: How many are passed over.
    """
    items, of_item = np.unique(positions, return_inverse=True)
    scores = np.full(len(items), -np.inf)
    np.maximum.at(scores, of_item, np.round(cosines, _PLACES).clip(-1.0, 1.0))
    order = np.lexsort((-items, -scores))[offset : offset + limit]
    return [(int(items[one]), float(scores[one])) for one in order]
