"""The small graph around the best candidates, and the walk on it: where it starts, how far it goes, where it leads."""

import math
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.extraction import CONCEPT
from coda_graphmem.models import Memory
from coda_graphmem.retrieval.candidates import Floats, Pool, ranking
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.store.protocol import Bounds, EntityNode, Neighbourhood

Indices = NDArray[np.int64]

#: Memories that have to mention an entity for it to lead from one to another.
BRIDGE_MENTIONS = 2

_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where a walk starts."""

    memory_ids: tuple[str, ...]
    weights: tuple[float, ...]
    """Sum to 1."""

    def leading(self, share: float) -> frozenset[str]:
        """The fewest that hold a share of the weight, in (0, 1]."""
        found: set[str] = set()
        held = 0.0
        for weight, memory_id in sorted(zip(self.weights, self.memory_ids, strict=True), reverse=True):
            if held >= share:
                break
            found.add(memory_id)
            held += weight
        return frozenset(found)


def choose_seeds(pool: Pool, fused: Floats, constants: RankingConstants) -> Seeds:
    """The best candidates by fused score, ties by id.

    A seed weighs its margin over the best candidate that is none, to the power of
    `RankingConstants.seed_sharpness`: where one memory stands out nearly all of the walk starts
    there, and where many are equally good it starts at all of them.

    Args:
        fused: Their scores, shape (n,).
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


def with_titled(
    seeds: Seeds, titled: Iterable[tuple[str, str]], pool: Pool, fused: Floats, constants: RankingConstants
) -> Seeds:
    """Seeds of which `RankingConstants.titled_share` lies on what has a title that the query names.

    Every title gets the same of it, so that a question that names two things starts from both, however much better
    one of them matches. Of several memories with one title (passages of one article) the best get it, by their fused
    scores to the power of `RankingConstants.seed_sharpness`.

    Args:
        titled: Memory id and key of the title, of each memory that has one of them; those in the pool count.
        fused: Their scores, shape (n,).
    """
    by_title: dict[str, list[str]] = {}
    for memory_id, key in sorted(titled):
        if memory_id in pool.position:
            by_title.setdefault(key, []).append(memory_id)
    if not by_title:
        return seeds
    weights = {
        memory_id: weight * (1.0 - constants.titled_share)
        for memory_id, weight in zip(seeds.memory_ids, seeds.weights, strict=True)
    }
    for memory_ids in by_title.values():
        best = sorted(memory_ids, key=lambda memory_id: (-fused[pool.position[memory_id]], memory_id))
        chosen = best[: constants.titled_memories]
        share = (fused[[pool.position[memory_id] for memory_id in chosen]] + _TINY) ** constants.seed_sharpness
        share *= constants.titled_share / (len(by_title) * share.sum())
        for memory_id, weight in zip(chosen, share.tolist(), strict=True):
            weights[memory_id] = weights.get(memory_id, 0.0) + weight
    return Seeds(tuple(weights), tuple(weights.values()))


def fading_seeds(latest: Sequence[Memory], constants: RankingConstants) -> Seeds:
    """Where the walk starts: each memory, newest first, weighs ``context_fade`` times the one that came after it."""
    weight = constants.context_fade ** np.arange(len(latest), dtype=np.float64)
    total = float(weight.sum())
    return Seeds(tuple(memory.memory_id for memory in latest), tuple((weight / total).tolist()) if total > 0.0 else ())


def hub_bound(live_count: int, constants: RankingConstants) -> int:
    """Mentions an entity of a namespace may have and still be a bridge.

    ``max(hub_least, min(hub_most, hub_share * live_count))``: what is mentioned more often links
    everything with everything.
    """
    return max(constants.hub_least, min(constants.hub_most, math.floor(constants.hub_share * live_count)))


def largest_hub_bound(constants: RankingConstants) -> int:
    """The `hub_bound` of the largest namespaces, above which there is none."""
    return max(constants.hub_least, constants.hub_most)


def bounds(depth: int, max_mentions: int, constants: RankingConstants) -> Bounds:
    """How far a walk of so many steps may spread: the deeper, the fewer branches at each step."""
    steps = max(1, depth)
    return Bounds(
        entities_per_memory=max(3, constants.entities_per_memory // steps),
        memories_per_entity=max(5, constants.memories_per_entity // steps**2),
        min_mentions=BRIDGE_MENTIONS,
        max_mentions=max_mentions,
        conversation_steps=constants.conversation_steps,
    )


def mention_weight(entity: EntityNode, constants: RankingConstants) -> float:
    """The weight of an edge between a memory and an entity: ``1 / ln(1 + mentions) ** mention_exponent``.

    Rare entities bind more strongly, as rare terms do (inverse document frequency). What is only a
    noun chunk weighs `RankingConstants.concept_weight` of that: "the garden" of two memories is more
    often not the same thing than "Lisbon" is.
    """
    weight: float = 1.0 / math.log1p(max(entity.mention_count, 1)) ** constants.mention_exponent
    return weight * constants.concept_weight if entity.label == CONCEPT else weight


def bridges(entities: Mapping[str, EntityNode], speakers: Collection[str], max_mentions: int) -> dict[str, EntityNode]:
    """The entities worth walking over.

    Left out are hubs, the names of those who speak (they stand in every other turn), and entities
    that only one memory mentions, which lead nowhere.
    """
    return {
        key: node
        for key, node in entities.items()
        if BRIDGE_MENTIONS <= node.mention_count <= max_mentions and key not in speakers
    }


def named_weights(
    named: Collection[str], entities: Mapping[str, EntityNode], constants: RankingConstants
) -> dict[str, float]:
    """What each entity named in a query gets of the start: rare ones more, as their edges."""
    return {key: mention_weight(entities[key], constants) for key in named if key in entities}


@dataclass(frozen=True, slots=True)
class WalkGraph:
    """A weighted graph; memories come before entities. Each edge is there in both directions."""

    memory_ids: tuple[str, ...]
    entity_keys: tuple[str, ...]
    sources: Indices
    """Shape (e,)."""
    targets: Indices
    """Shape (e,)."""
    weights: Floats
    """Above 0, shape (e,)."""

    @property
    def size(self) -> int:
        """Nodes."""
        return len(self.memory_ids) + len(self.entity_keys)


def build_graph(
    around: Neighbourhood,
    followed: Mapping[str, EntityNode],
    constants: RankingConstants,
    nearness: Mapping[tuple[str, str], float] | None = None,
) -> WalkGraph:
    """The graph of a neighbourhood: memory – entity and memory – next memory, over the entities of `bridges`.

    An entity binds more strongly to what has it as its title, which is about it, than to what mentions it.

    Args:
        nearness: What the edge from a memory (its id) to an entity (its key) is worth for where it is mentioned, above
            0; 1 where it is left out. The edge back is not touched.
    """
    keys = sorted(followed)
    memory_at = {memory_id: i for i, memory_id in enumerate(around.depths)}
    entity_at = {key: len(memory_at) + i for i, key in enumerate(keys)}
    memories, nodes = len(memory_at), len(memory_at) + len(entity_at)
    mentions = [memory_at[memory_id] * nodes + entity_at[key] for memory_id, key in around.mentions if key in entity_at]
    follows = [memory_at[before] * nodes + memory_at[after] for before, after in around.follows]
    # Edges come in any order, on which the last digit of a sum of floats would depend.
    sources, targets = np.divmod(np.sort(np.array(mentions + follows, dtype=np.int64)), max(1, nodes))
    weight_of = [mention_weight(followed[key], constants) for key in keys]
    weights = np.array([constants.follow_weight] * memories + weight_of, dtype=np.float64)[targets]
    titles = [memory_at[memory_id] * nodes + entity_at[key] for memory_id, key in around.titles if key in entity_at]
    edges = sources * max(1, nodes) + targets
    weights[np.isin(edges, titles)] *= constants.title_weight
    onwards = weights.copy()
    for (memory_id, key), worth in (nearness or {}).items():
        if memory_id in memory_at and key in entity_at:
            onwards[edges == memory_at[memory_id] * nodes + entity_at[key]] *= worth
    return WalkGraph(
        memory_ids=tuple(memory_at),
        entity_keys=tuple(keys),
        sources=np.concatenate([sources, targets]),
        targets=np.concatenate([targets, sources]),
        weights=np.concatenate([onwards, weights]),
    )


def walk(graph: WalkGraph, seeds: Seeds, named: Mapping[str, float], constants: RankingConstants) -> dict[str, float]:
    """The probability of each memory on a walk, by id; see `start_distribution` and `personalised_pagerank`."""
    start = start_distribution(graph, seeds, named, constants)
    return dict(zip(graph.memory_ids, personalised_pagerank(graph, start, constants).tolist(), strict=False))


def start_distribution(
    graph: WalkGraph, seeds: Seeds, named: Mapping[str, float], constants: RankingConstants
) -> Floats:
    """Where the walk starts, shape (nodes,), summing to 1 (or 0 where nothing of the start is in the graph).

    The entities named in the query, by their weights, get `RankingConstants.named_share` of the start, the seeds the
    rest.
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
    """
    outgoing = np.bincount(graph.sources, graph.weights, graph.size)
    step = constants.damping * graph.weights / outgoing[graph.sources]
    restart = (1.0 - constants.damping) * start
    p = start
    for _ in range(constants.iterations):
        p = restart + np.bincount(graph.targets, step * p[graph.sources], graph.size)
    return p


def most_probable(probability: Mapping[str, float], besides: Container[str], limit: int) -> list[str]:
    """Ids of the memories a walk is at most often, besides those that are known already; ties by id."""
    reached = [memory_id for memory_id, p in probability.items() if p > 0.0 and memory_id not in besides]
    return sorted(reached, key=lambda memory_id: (-probability[memory_id], memory_id))[:limit]
