"""Finds the paths over which the graph led to a memory, to explain a result."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property

from coda_graphmem.models import GraphPath
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.graph import Seeds, mention_weight
from coda_graphmem.store.protocol import EntityNode, Neighbourhood

CONVERSATION = "conversation"

_MAX_PATHS = 5


class PathFinder:
    """The paths of one walk.

    Args:
        around: The neighbourhood that was walked.
        followed: The entities that were walked over, see `coda_graphmem.retrieval.graph.bridges`.
        seeds: Where the walk started.
        named: Keys of the entities it started at as well.
    """

    def __init__(
        self,
        around: Neighbourhood,
        followed: Mapping[str, EntityNode],
        seeds: Seeds,
        *,
        named: Collection[str],
        constants: RankingConstants,
    ) -> None:
        self._around = around
        self._entities = followed
        self._named = frozenset(named)
        self._seeds = {
            memory_id: weight
            for memory_id, weight in zip(seeds.memory_ids, seeds.weights, strict=True)
            if memory_id in around.depths
        }
        self._constants = constants

    def paths(self, memory_id: str) -> list[GraphPath]:
        """The paths that end at a memory, strongest first, at most five; one where it takes several steps.

        A path over one entity or to a neighbouring turn weighs what its seed got of the start times
        the weight of the edge.
        """
        weighted = self._one_step(memory_id)
        if not weighted:
            longer = self._several_steps(memory_id)
            return [] if longer is None else [longer]
        best = sorted(weighted.items(), key=lambda item: (-item[1], item[0].via, item[0].seed_id or ""))
        return [path for path, _ in best[:_MAX_PATHS]]

    # Read from the neighbourhood when the first path is asked for.

    @cached_property
    def _entities_of(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for memory_id, key in self._around.mentions:
            if key in self._entities:
                found[memory_id].append(key)
        return found

    @cached_property
    def _memories_of(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for memory_id, key in self._around.mentions:
            if key in self._entities:
                found[key].append(memory_id)
        return found

    @cached_property
    def _beside(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for before, after in self._around.follows:
            found[before].append(after)
            found[after].append(before)
        return found

    def _one_step(self, memory_id: str) -> dict[GraphPath, float]:
        found: dict[GraphPath, float] = {}
        for key in self._entities_of[memory_id]:
            node = self._entities[key]
            weight = mention_weight(node, self._constants)
            if key in self._named:
                found[self._over(None, key, 1)] = weight
            for other in self._memories_of[key]:
                if other != memory_id and other in self._seeds:
                    found[self._over(other, key, 1)] = weight * self._seeds[other]
        for other in self._beside[memory_id]:
            if other in self._seeds:
                path = GraphPath(seed_id=other, via=CONVERSATION, depth=1)
                found[path] = self._constants.follow_weight * self._seeds[other]
        return found

    def _several_steps(self, memory_id: str) -> GraphPath | None:
        """The shortest path from a seed, named by its last step."""
        if memory_id in self._seeds:
            return None
        seen = {memory_id}
        frontier: list[tuple[str, str | None, bool]] = [(memory_id, None, True)]
        depth = 0
        while frontier:
            depth += 1
            reached: list[tuple[str, str | None, bool]] = []
            for current, last, first in frontier:
                for other, key in self._steps(current):
                    if other in seen:
                        continue
                    seen.add(other)
                    via = key if first else last
                    if other in self._seeds:
                        if via is None:
                            return GraphPath(seed_id=other, via=CONVERSATION, depth=depth)
                        return self._over(other, via, depth)
                    reached.append((other, via, False))
            frontier = reached
        return None

    def _steps(self, memory_id: str) -> list[tuple[str, str | None]]:
        """Memories one step away, and over which entity (None along a conversation)."""
        over = [(other, key) for key in self._entities_of[memory_id] for other in self._memories_of[key]]
        along: list[tuple[str, str | None]] = [(other, None) for other in self._beside[memory_id]]
        return sorted(over) + sorted(along)

    def _over(self, seed_id: str | None, key: str, depth: int) -> GraphPath:
        return GraphPath(seed_id=seed_id, via=self._entities[key].name, entity_key=key, depth=depth)
