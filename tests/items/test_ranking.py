"""Which items are nearest."""

from __future__ import annotations

import numpy as np

from coda_graphmem.items.ranking import best_first


def ranked(pairs: list[tuple[int, float]], limit: int = 10, offset: int = 0) -> list[tuple[int, float]]:
    positions = np.asarray([item for item, _ in pairs], dtype=np.int64)
    cosines = np.asarray([cosine for _, cosine in pairs], dtype=np.float64)
    return best_first(positions, cosines, limit=limit, offset=offset)


def test_the_best_of_several_vectors_counts_before_the_limit() -> None:
    assert ranked([(1, 0.9), (1, 0.8), (1, 0.85), (2, 0.7), (3, -0.5)], limit=2) == [(1, 0.9), (2, 0.7)]
    assert ranked([(1, 0.9), (1, 0.8), (2, 0.7), (3, -0.5)], offset=2) == [(3, -0.5)]


def test_of_what_is_as_near_the_last_written_comes_first() -> None:
    assert ranked([(1, 0.5), (3, 0.5), (2, 0.5000000001)]) == [(3, 0.5), (2, 0.5), (1, 0.5)]


def test_a_cosine_is_never_beyond_one() -> None:
    assert ranked([(1, 1.0000004), (2, -1.0000004)]) == [(1, 1.0), (2, -1.0)]


def test_nothing_has_no_order() -> None:
    assert ranked([]) == []
    assert ranked([(1, 0.5)], limit=0) == []
