"""Says on one scale how relevant a memory is, whatever ranked it.

The scale is ``(1 + cosine) / 2``, in [0, 1]. Text and graph lift a memory on it, by measures that
mean the same for every query and every store: the share of the query's words it holds, and how near
it is to memories that are relevant themselves. Nothing is lifted for being the best of a bad lot, and
where the query names what none of the memories found names, all of them are nearer to "unrelated".
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.constants import DIGITS, RankingConstants
from coda_graphmem.retrieval.strength import Strength


def plain_relevance(similarity: Floats) -> Floats:
    """``(1 + cosine) / 2``, in [0, 1]."""
    return np.clip((1.0 + similarity) / 2.0, 0.0, 1.0)


def relevance_parts(
    similarity: Floats,
    coverage: Floats,
    walked: Floats | None,
    strength: Strength | None,
    constants: RankingConstants,
    *,
    unknown: float = 0.0,
) -> dict[str, Floats]:
    """The named parts of the relevance of ranked memories, whose sum is the score; each of shape (n,).

    - ``vector``: ``v = (1 + cosine) / 2``. Without a vector the coverage takes the cosine's place and
      there is no part for the text: all words of the query give 1, none 0.5.
    - ``text``: ``text_lift * coverage ** 2 * (1 - v)``, a share of the remaining doubt.
    - ``graph``: ``graph_lift * sqrt(p) * max(0, r - v - text)`` with p the walk's score and r the largest
      ``v + text``: a memory comes nearer to the best that it is linked with, never above it.
    - ``unknown``: ``-unknown_names * u * max(0, v + text + graph - 0.5)`` with u the share of the query's names that
      no result holds: what is alike is then about somebody or something else.
    - ``importance``, ``recency``: ``strength_lift`` times the deviation from the mean.
    - ``order``: what keeps the relevance from rising down the list, see `never_rising`.

    Args:
        similarity: Cosine to the query, NaN without a vector, in the order of the ranking.
        coverage: Share of the query's terms each holds, in [0, 1].
        walked: The walk's score, in [0, 1]; None where the graph has no part.
        strength: Relative to the others; None where it has no part.
        constants: The lifts.
        unknown: Share of the names in the query that none of the ranked memories holds, in [0, 1].
    """
    known = ~np.isnan(similarity)
    vector = plain_relevance(np.where(known, similarity, coverage))
    text = np.where(known, constants.text_lift * coverage**2 * (1.0 - vector), 0.0)
    parts = {"vector": vector, "text": text}
    if walked is not None:
        so_far = vector + text
        best = float(so_far.max(initial=0.0))
        parts["graph"] = constants.graph_lift * np.sqrt(walked) * (best - so_far)
    if unknown > 0.0:
        parts["unknown"] = -constants.unknown_names * unknown * np.maximum(total(parts) - 0.5, 0.0)
    if strength is not None:
        parts["importance"] = constants.strength_lift * strength.importance
        parts["recency"] = constants.strength_lift * strength.recency
    return with_order(parts)


def with_order(parts: Mapping[str, Floats]) -> dict[str, Floats]:
    """The parts and one more, ``order``, with which their sum, to `DIGITS`, stays in [0, 1] and never rises."""
    raw = total(parts)
    # Whatever adds them up again, in whichever order, comes as near to these as floats can.
    return {**parts, "order": np.round(np.clip(never_rising(raw), 0.0, 1.0), DIGITS) - raw}


def total(parts: Mapping[str, Floats]) -> Floats:
    """The sum of parts, shape (n,)."""
    joined: Floats = np.sum(np.stack(list(parts.values())), axis=0)
    return joined


def never_rising(values: Floats) -> Floats:
    """The nearest sequence (least squares) that never rises: isotonic regression, shape (n,).

    Pool adjacent violators (Ayer et al., 1955): neighbours in the wrong order share their mean.
    """
    means: list[float] = []
    sizes: list[int] = []
    for value in values.tolist():
        means.append(value)
        sizes.append(1)
        while len(means) > 1 and means[-2] < means[-1]:
            mean, size = means.pop(), sizes.pop()
            joined = sizes[-1] + size
            means[-1] = (means[-1] * sizes[-1] + mean * size) / joined
            sizes[-1] = joined
    return np.repeat(np.array(means, dtype=np.float64), np.array(sizes, dtype=np.int64))
