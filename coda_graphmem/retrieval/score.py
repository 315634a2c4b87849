"""The order of the candidates: the geometric mean of walk and fused score, and what lifts it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coda_graphmem.retrieval.candidates import Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.strength import Strength


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


def ranking(pool: Pool, scores: Floats) -> list[int]:
    """Positions in the pool, best score first, ties by id."""
    ids = np.array([row.memory_id for row in pool.candidates], dtype=np.str_)
    return [int(i) for i in np.lexsort((ids, -scores))]
