"""Joins the scores of vector and text search into one."""

from __future__ import annotations

import numpy as np

from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.pool import Floats, Pool

_TINY = 1e-9


def fuse(pool: Pool, constants: RankingConstants) -> Floats:
    """The convex combination of normalised cosine and BM25, in [0, 1], shape (n,).

    ``h = (1 - w) * (c - c_min) / (c_max - c_min) + w * b / b_max`` with the bounds taken over what
    the searches found (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid
    Retrieval", 2023: min-max for the cosine, BM25 by its theoretical minimum 0). Memories that only
    the graph reached may be less similar than all of these and get 0 for the cosine.

    Args:
        pool: The candidates.
        constants: The weight of the text.
    """
    best = float(pool.text.max(initial=0.0))
    text = pool.text / best if best > 0.0 else pool.text
    known = ~np.isnan(pool.similarity)
    if not known.any():
        return text
    weight = constants.text_weight if best > 0.0 else 0.0
    return (1.0 - weight) * _min_max(pool, known) + weight * text


def _min_max(pool: Pool, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    reference = pool.similarity[known & pool.found]
    if not reference.size:
        reference = pool.similarity[known]
    low, high = float(reference.min()), float(reference.max())
    if high - low < _TINY:
        return np.where(known, (pool.similarity >= high).astype(np.float64), 0.0)
    return np.where(known, np.clip((pool.similarity - low) / (high - low), 0.0, 1.0), 0.0)
