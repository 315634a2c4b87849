"""Joins scores into one: those of vector and text search, and these with the walk's and with what lifts it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coda_graphmem.retrieval.candidates import Flags, Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.factors import Strength

_TINY = 1e-9


def fuse(pool: Pool, live: int, constants: RankingConstants) -> Floats:
    """The convex combination of scaled cosine and BM25, in [0, 1], shape (n,).

    ``h = (1 - w) * (c - c_low) / (c_max - c_low) + w * b / b_max`` (Bruch, Gai and Ingber, "An Analysis of Fusion
    Functions for Hybrid Retrieval", 2023), the BM25 by its theoretical minimum 0, the cosine from
    ``c_low = c_max - reach * (c_max - c_k)``, where c_k is that of the last one found by vector. What only text or
    the graph found, which differs a little between stores, moves no bound; what is less similar than c_low gets 0.
    The reach is 1 where all memories were found, ``reach = 1 + (r - 1) * (1 - k / N)``: among more, the least similar
    is further below the last one found.

    Args:
        pool: The candidates.
        live: N, the live memories of the namespace.
        constants: The weight of the text, how many are found by vector (k), and how far their cosines reach (r).
    """
    best = float(pool.text.max(initial=0.0))
    text = pool.text / best if best > 0.0 else pool.text
    known = ~np.isnan(pool.similarity)
    if not known.any():
        return text
    weight = constants.text_weight if best > 0.0 else 0.0
    return (1.0 - weight) * _scaled(pool, known, live, constants) + weight * text


def walk_scores(pool: Pool, probability: Mapping[str, float]) -> Floats:
    """The walk's probability of each candidate relative to the best one, in [0, 1], shape (n,)."""
    found = np.array([probability.get(row.memory_id, 0.0) for row in pool.candidates], dtype=np.float64)
    best = float(found.max(initial=0.0))
    return found / best if best > 0.0 else found


def graph_factors(
    fused: Floats,
    walked: Floats,
    *,
    speaker: Floats,
    informativeness: Floats,
    time: Floats,
    strength: Strength,
    constants: RankingConstants,
) -> dict[str, Floats]:
    """The factors whose product ranks, by name, each of shape (n,) and above 0.

    ``(p + e_p) ** a * (h + e_h) ** (1 - a) * speaker * informativeness * time * exp(w_i * i) * exp(w_r * r)``
    with p the walk's score, h the fused score, i and r importance and recency relative to the others.
    """
    share = constants.walk_exponent
    return {
        "graph": (walked + constants.walk_floor) ** share,
        "match": (fused + constants.fused_floor) ** (1.0 - share),
        "speaker": speaker,
        "informativeness": informativeness,
        "time": time,
        "importance": np.exp(constants.importance_weight * strength.importance),
        "recency": np.exp(constants.recency_weight * strength.recency),
    }


def product(factors: Mapping[str, Floats]) -> Floats:
    """The product of factors, shape (n,)."""
    total: Floats = np.prod(np.stack(list(factors.values())), axis=0)
    return total


def _scaled(pool: Pool, known: Flags, live: int, constants: RankingConstants) -> Floats:
    reference = pool.similarity[known & pool.found]
    if not reference.size:
        reference = pool.similarity[known]
    # A search by vector finds the most similar, so they are the most similar of all that was found.
    nearest = np.sort(reference)[-constants.candidates :]
    high = float(nearest[-1])
    beyond = 0.0 if len(nearest) < constants.candidates else 1.0 - constants.candidates / max(live, len(nearest))
    reach = (1.0 + (constants.cosine_reach - 1.0) * beyond) * (high - float(nearest[0]))
    if reach < _TINY:
        return np.where(known, (pool.similarity >= high).astype(np.float64), 0.0)
    return np.where(known, np.clip((pool.similarity - high + reach) / reach, 0.0, 1.0), 0.0)
