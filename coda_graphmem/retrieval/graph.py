"""Turns a neighbourhood into a small weighted graph to walk on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.extraction.protocol import CONCEPT
from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.store.protocol import EntityNode, Neighbourhood

Indices = NDArray[np.int64]

#: Memories that have to mention an entity for it to lead from one to another.
BRIDGE_MENTIONS = 2


@dataclass(frozen=True, slots=True)
class WalkGraph:
    """An undirected weighted graph; memories come before entities. Each edge is there in both directions."""

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


def hub_bound(live_count: int, constants: RankingConstants) -> int:
    """Mentions an entity of a namespace may have and still be a bridge.

    ``max(hub_least, min(hub_most, hub_share * live_count))``: what is mentioned more often links
    everything with everything.
    """
    return max(constants.hub_least, min(constants.hub_most, math.floor(constants.hub_share * live_count)))


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

    Args:
        entities: By key.
        speakers: Keys of speakers.
        max_mentions: See `hub_bound`.
    """
    return {
        key: node
        for key, node in entities.items()
        if BRIDGE_MENTIONS <= node.mention_count <= max_mentions and key not in speakers
    }


def build_graph(
    around: Neighbourhood, speakers: Collection[str], max_mentions: int, constants: RankingConstants
) -> WalkGraph:
    """The graph of a neighbourhood: memory – entity and memory – next memory.

    Args:
        around: What the store found.
        speakers: Keys of speakers; no path leads over them.
        max_mentions: See `hub_bound`.
        constants: The weights of the edges.
    """
    followed = dict(sorted(bridges(around.entities, speakers, max_mentions).items()))
    memory_at = {memory_id: i for i, memory_id in enumerate(around.depths)}
    entity_at = {key: len(memory_at) + i for i, key in enumerate(followed)}
    memories, nodes = len(memory_at), len(memory_at) + len(entity_at)
    mentions = [memory_at[memory_id] * nodes + entity_at[key] for memory_id, key in around.mentions if key in followed]
    follows = [memory_at[before] * nodes + memory_at[after] for before, after in around.follows]
    # Edges come in any order, on which the last digit of a sum of floats would depend.
    sources, targets = np.divmod(np.sort(np.array(mentions + follows, dtype=np.int64)), max(1, nodes))
    weight_of = [mention_weight(node, constants) for node in followed.values()]
    weights = np.array([constants.follow_weight] * memories + weight_of, dtype=np.float64)[targets]
    return WalkGraph(
        memory_ids=tuple(memory_at),
        entity_keys=tuple(followed),
        sources=np.concatenate([sources, targets]),
        targets=np.concatenate([targets, sources]),
        weights=np.concatenate([weights, weights]),
    )
