"""How strong a memory is by itself: its importance, what decay left of it, and how recent it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coda_graphmem.decay import SECONDS_PER_DAY, TYPE_FACTORS, decay_factors
from coda_graphmem.retrieval.candidates import Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants


@dataclass(frozen=True, slots=True)
class Strength:
    """Deviations from the mean of the candidates, each in [-1, 1], shape (n,); 0 where all are equal."""

    importance: Floats
    recency: Floats


def strength(pool: Pool, now: float, decay_rate: float, constants: RankingConstants) -> Strength:
    """Importance and recency of each candidate relative to the others.

    Importance fades by the forgetting curve of `coda_graphmem.decay`; recency halves every
    `RankingConstants.recency_days` since it happened. Only differences count, so that candidates of
    equal strength keep the order their content gives them.

    Args:
        pool: The candidates.
        now: Seconds.
        decay_rate: `MemoryConfig.importance_decay_rate`.
        constants: The half-life.
    """
    rows = pool.candidates
    given = np.array([row.importance_score for row in rows], dtype=np.float64)
    left = decay_factors(
        timestamp=pool.timestamp,
        last_accessed=[np.nan if row.last_accessed is None else row.last_accessed for row in rows],
        access_count=[row.access_count for row in rows],
        reinforcement_count=[row.reinforcement_count for row in rows],
        importance=given,
        type_factor=[TYPE_FACTORS[row.memory_type] for row in rows],
        now=now,
        rate=decay_rate,
    )
    importance = given * left
    recency = 0.5 ** (np.maximum(now - pool.timestamp, 0.0) / (SECONDS_PER_DAY * constants.recency_days))
    return Strength(_centred(importance), _centred(recency))


def _centred(values: Floats) -> Floats:
    return values - values.mean() if values.size else values
