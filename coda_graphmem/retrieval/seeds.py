"""Chooses the memories a walk starts from, and how much of the start each gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coda_graphmem.retrieval.candidates import Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.score import ranking

_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where a walk starts."""

    memory_ids: tuple[str, ...]
    weights: tuple[float, ...]
    """Sum to 1."""


def choose_seeds(pool: Pool, fused: Floats, constants: RankingConstants) -> Seeds:
    """The best candidates by fused score, ties by id.

    A seed weighs its margin over the best candidate that is none, to the power of
    `RankingConstants.seed_sharpness`: where one memory stands out nearly all of the walk starts
    there, and where many are equally good it starts at all of them.

    Args:
        pool: The candidates.
        fused: Their scores, shape (n,).
        constants: How many, and how sharp.
    """
    order = ranking(pool, fused)
    chosen, rest = order[: constants.seeds], order[constants.seeds :]
    if not chosen:
        return Seeds((), ())
    base = float(fused[rest[0]]) if rest else 0.0
    margin = np.maximum(fused[chosen] - base, 0.0) + _TINY
    weight = margin**constants.seed_sharpness
    weight /= weight.sum()
    return Seeds(tuple(pool.candidates[i].memory_id for i in chosen), tuple(weight.tolist()))
