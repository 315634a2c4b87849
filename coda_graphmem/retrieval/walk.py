"""Personalised PageRank over a small graph."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np

from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.graph import WalkGraph
from coda_graphmem.retrieval.seeds import Seeds


def start_distribution(
    graph: WalkGraph, seeds: Seeds, named: Mapping[str, float], constants: RankingConstants
) -> Floats:
    """Where the walk starts, shape (nodes,), summing to 1 (or 0 where nothing of the start is in the graph).

    Args:
        graph: The graph.
        seeds: Memories to start from.
        named: Weight of each entity named in the query, by key; together they get
            `RankingConstants.named_share` of the start.
        constants: The share.
    """
    start = np.zeros(graph.size)
    memory_at = {memory_id: i for i, memory_id in enumerate(graph.memory_ids)}
    entity_at = {key: len(memory_at) + i for i, key in enumerate(graph.entity_keys)}
    known = [(entity_at[key], weight) for key, weight in named.items() if key in entity_at]
    total = sum(weight for _, weight in known)
    share = constants.named_share if total > 0.0 else 0.0
    for node, weight in known:
        start[node] += share * weight / total
    for memory_id, weight in zip(seeds.memory_ids, seeds.weights, strict=True):
        if memory_id in memory_at:
            start[memory_at[memory_id]] += (1.0 - share) * weight
    mass = start.sum()
    return start / mass if mass > 0.0 else start


def personalised_pagerank(graph: WalkGraph, start: Floats, constants: RankingConstants) -> Floats:
    """The probability of each node on a random walk that keeps returning to its start, shape (nodes,).

    Power iteration of ``p = (1 - d) * s + d * P^T p`` with P the edge weights, each node's outgoing
    ones summing to 1 (Page et al., 1999; Haveliwala, "Topic-sensitive PageRank", 2002). What
    reaches a node without edges is lost, which keeps the order of the others.

    Args:
        graph: The graph.
        start: s, shape (nodes,).
        constants: Damping d and the number of iterations.
    """
    outgoing = np.bincount(graph.sources, graph.weights, graph.size)
    step = constants.damping * graph.weights / outgoing[graph.sources]
    restart = (1.0 - constants.damping) * start
    p = start
    for _ in range(constants.iterations):
        p = restart + np.bincount(graph.targets, step * p[graph.sources], graph.size)
    return p


def most_probable(probability: Mapping[str, float], besides: Container[str], limit: int) -> list[str]:
    """The memories a walk is at most often, ties by id.

    Args:
        probability: By memory id.
        besides: Ids of memories that are known already.
        limit: How many at most.
    """
    reached = [memory_id for memory_id, p in probability.items() if p > 0.0 and memory_id not in besides]
    return sorted(reached, key=lambda memory_id: (-probability[memory_id], memory_id))[:limit]
