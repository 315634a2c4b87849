"""How strong a memory is by itself: its importance, what decay left of it, and how recent it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.pool import Floats, Pool

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Strength:
    """Deviations from the mean of the candidates, each in [-1, 1], shape (n,); 0 where all are equal."""

    importance: Floats
    recency: Floats


def decay(age_days: Floats | float, rate: float) -> Floats:
    """What is left of a strength after a time without use, in (0, 1]: ``exp(-rate * age)``.

    Exponential forgetting (Ebbinghaus, 1885).

    Args:
        age_days: Days since the last access, or since it was stored. Below 0 counts as 0.
        rate: `MemoryConfig.importance_decay_rate`, a day.
    """
    left: Floats = np.exp(-rate * np.maximum(np.asarray(age_days, dtype=np.float64), 0.0))
    return left


def strength(pool: Pool, now: float, decay_rate: float, constants: RankingConstants) -> Strength:
    """Importance and recency of each candidate relative to the others.

    Importance fades with the time since a memory was last used; recency halves every
    `RankingConstants.recency_days` since it happened. Only differences count, so that candidates of
    equal strength keep the order their content gives them.

    Args:
        pool: The candidates.
        now: Seconds.
        decay_rate: `MemoryConfig.importance_decay_rate`.
        constants: The half-life.
    """
    used = np.array([max(row.created_at, row.last_accessed or row.created_at) for row in pool.candidates])
    importance = np.array([row.importance_score for row in pool.candidates]) * decay((now - used) / _DAY, decay_rate)
    recency = 0.5 ** (np.maximum(now - pool.timestamp, 0.0) / (_DAY * constants.recency_days))
    return Strength(_centred(importance), _centred(recency))


def _centred(values: Floats) -> Floats:
    return values - values.mean() if values.size else values
