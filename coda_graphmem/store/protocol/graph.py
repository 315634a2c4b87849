"""Reads entities, speakers and the neighbourhood of memories."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol.search import NEVER


@dataclass(frozen=True, slots=True)
class EntityNode:
    """An entity of a namespace."""

    key: str
    name: str
    label: str
    mention_count: int
    """Live long-term memories that mention it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a neighbourhood may spread, so that no query grows with the graph."""

    entities_per_memory: int = 20
    """The rarest first, ties by key."""
    memories_per_entity: int = 40
    """The newest first, ties by id."""
    min_mentions: int = 1
    """Entities of memories with fewer mentions are not followed; with 1 a memory's only bridge is to itself."""
    max_mentions: int = 1_000_000
    """Entities with more mentions than this (hubs) are not followed."""
    conversation_steps: int = 1
    """How many memories before and after each one in its conversation; 0 for none."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A bounded part of the memory graph. Edges only join memories and entities that it holds, in any order."""

    depths: Mapping[str, int]
    """By memory id, in order of arrival: steps from the start to each memory, 0 for the start itself, 1 over one entity
    or one conversation step, and so on. Memories of entities that were given to start with have 1."""
    entities: Mapping[str, EntityNode]
    """By key."""
    mentions: Sequence[tuple[str, str]]
    """(memory id, entity key)"""
    follows: Sequence[tuple[str, str]]
    """(memory id, id of the next memory of its conversation)"""
    titles: AbstractSet[tuple[str, str]] = frozenset()
    """Those of the mentions that are a title of the memory."""


class Graph(Protocol):
    """Reads entities, speakers and the neighbourhood of memories."""

    async def find_entities(self, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
        """Those of the given keys that are entities of the namespace, in any order."""

    async def find_titled(
        self, namespace: str, keys: Sequence[str], *, max_mentions: int, where: MemoryFilter, now: float = NEVER
    ) -> list[tuple[str, str]]:
        """(memory id, entity key) of the memories that have one of the given entities as a title, in any order.

        Only live long-term memories that match ``where`` and have not ended, and only entities of no more than
        ``max_mentions`` mentions, so that no more than that are found of each.
        """

    async def find_speakers(self, namespace: str, names: Sequence[str]) -> list[str]:
        """For each name the speakers of live long-term memories of just that name, and the first that begins with it.

        Names as they may have been written, case included: "Nora" finds "Nora" and one of "Nora Ek", "Nora Woo". Gives
        each speaker once, in any order.
        """

    async def list_entities(self, namespace: str, *, limit: int, offset: int = 0) -> list[EntityNode]:
        """Entities, most mentioned first, ties by key. Memories that have ended count until they are removed."""

    async def neighbourhood(
        self,
        namespace: str,
        memory_ids: Sequence[str],
        entity_keys: Sequence[str],
        *,
        bounds: Bounds,
        depth: int,
        where: MemoryFilter,
        now: float = NEVER,
    ) -> Neighbourhood:
        """The graph around memories and entities, ``depth`` steps wide (0 gives the start alone).

        One step leads from a memory over its entities to their memories and, along the
        conversation, to its neighbours. Only live long-term memories that match ``where`` are
        part of it, the start included; ids that do not exist are passed over, and those that end at or before ``now``.
        """
