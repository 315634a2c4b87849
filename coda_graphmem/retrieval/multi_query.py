"""Makes one ranking of the rankings of several queries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from coda_graphmem.models import AggregationMethod
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.relevance import Result, with_order


def aggregate(
    rankings: Sequence[Sequence[Result]],
    method: AggregationMethod,
    weights: Sequence[float] | None,
    constants: RankingConstants,
) -> list[Result]:
    """One ranking with the joint relevance, best first.

    - ``weighted_average``: ``sum(w_q * r_q) / sum(w_q)``. Of a query that did not find a memory only
      an upper bound of its relevance is known, the least that was found; it counts as that.
    - ``max``: the largest ``r_q`` of the queries with a weight, each times ``w_q / max(w)``.
    - ``reciprocal_rank``: ordered by ``sum(w_q / (k + rank))`` (Cormack, Clarke and Büttcher, 2009);
      the relevance is the weighted average, kept from rising down the list.

    Args:
        rankings: The results of each query, best first.
        weights: One a query, not negative; None for equal ones.
    """
    given = np.ones(len(rankings)) if weights is None else np.asarray(weights, dtype=np.float64)
    found = [{result.memory.memory_id: result for result in results} for results in rankings]
    joined = {}
    for memory_id in dict.fromkeys(memory_id for results in found for memory_id in results):
        if method == "max":
            joined[memory_id] = _strongest(memory_id, found, given / given.max())
        else:
            joined[memory_id] = _average(memory_id, found, rankings, given / given.sum())
    if method != "reciprocal_rank":
        return sorted(
            joined.values(), key=lambda result: (-result.relevance, _gives_way(result), result.memory.memory_id)
        )
    points = dict.fromkeys(joined, 0.0)
    for weight, results in zip(given.tolist(), rankings, strict=True):
        for rank, result in enumerate(results, 1):
            points[result.memory.memory_id] += weight / (constants.reciprocal_rank_k + rank)
    return in_order(sorted(joined.values(), key=lambda r: (-points[r.memory.memory_id], r.memory.memory_id)))


def _gives_way(result: Result) -> bool:
    """Whether it stands behind another one of the same relevance."""
    validity = result.ranked.factors.get("validity")
    return validity is not None and bool(validity[result.position] < 1.0)


def in_order(results: Sequence[Result]) -> list[Result]:
    """The same results with a relevance that never rises, see `coda_graphmem.retrieval.relevance`."""
    if not results:
        return []
    names = list(dict.fromkeys(name for result in results for name in result.parts))
    columns = {name: np.array([result.parts.get(name, 0.0) for result in results]) for name in names}
    before = columns.pop("order", np.zeros(len(results)))
    columns["own order"] = before
    parts = with_order(columns)
    parts["order"] = parts["order"] + parts.pop("own order")
    return [
        replace(result, parts={name: float(values[i]) for name, values in parts.items()})
        for i, result in enumerate(results)
    ]


def _strongest(memory_id: str, found: Sequence[Mapping[str, Result]], shares: np.ndarray) -> Result:
    best = max(
        (
            (share, results[memory_id])
            for share, results in zip(shares.tolist(), found, strict=True)
            if memory_id in results
        ),
        key=lambda item: item[0] * item[1].relevance,
    )
    share, result = best
    return replace(result, parts={name: share * value for name, value in result.parts.items()})


def _average(
    memory_id: str, found: Sequence[Mapping[str, Result]], rankings: Sequence[Sequence[Result]], shares: np.ndarray
) -> Result:
    parts: dict[str, float] = {}
    holders = []
    for share, results, ranking in zip(shares.tolist(), found, rankings, strict=True):
        result = results.get(memory_id)
        if result is not None:
            holders.append((share * result.relevance, result))
            for name, value in result.parts.items():
                parts[name] = parts.get(name, 0.0) + share * value
        elif ranking:
            parts["other queries"] = parts.get("other queries", 0.0) + share * ranking[-1].relevance
    return replace(max(holders, key=lambda item: item[0])[1], parts=parts)
