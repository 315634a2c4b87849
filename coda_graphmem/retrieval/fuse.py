"""Joins the scores of vector and text search into one."""

from __future__ import annotations

import numpy as np

from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.pool import Floats, Pool

_TINY = 1e-9


def fuse(pool: Pool, constants: RankingConstants) -> Floats:
    """The convex combination of scaled cosine and BM25, in [0, 1], shape (n,).

    ``h = (1 - w) * (c - c_low) / (c_max - c_low) + w * b / b_max`` (Bruch, Gai and Ingber, "An Analysis of Fusion
    Functions for Hybrid Retrieval", 2023), the BM25 by its theoretical minimum 0, the cosine from
    ``c_low = c_max - reach * (c_max - c_k)``, where c_k is that of the last one found by vector. What only text or
    the graph found, which differs a little between stores, moves no bound; what is less similar than c_low gets 0.

    Args:
        pool: The candidates.
        constants: The weight of the text, how many are found by vector, and how far their cosines reach.
    """
    best = float(pool.text.max(initial=0.0))
    text = pool.text / best if best > 0.0 else pool.text
    known = ~np.isnan(pool.similarity)
    if not known.any():
        return text
    weight = constants.text_weight if best > 0.0 else 0.0
    return (1.0 - weight) * _scaled(pool, known, constants) + weight * text


def _scaled(pool: Pool, known: np.ndarray[tuple[int], np.dtype[np.bool_]], constants: RankingConstants) -> Floats:
    reference = pool.similarity[known & pool.found]
    if not reference.size:
        reference = pool.similarity[known]
    # A search by vector finds the most similar, so they are the most similar of all that was found.
    nearest = np.sort(reference)[-constants.candidates :]
    high = float(nearest[-1])
    reach = constants.cosine_reach * (high - float(nearest[0]))
    if reach < _TINY:
        return np.where(known, (pool.similarity >= high).astype(np.float64), 0.0)
    return np.where(known, np.clip((pool.similarity - high + reach) / reach, 0.0, 1.0), 0.0)
