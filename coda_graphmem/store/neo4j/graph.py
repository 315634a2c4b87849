"""Reads entities, speakers and the neighbourhood of memories."""

from collections import defaultdict
from collections.abc import Sequence

from typing_extensions import override

from coda_graphmem.models import MemoryFilter
from coda_graphmem.models.memory import TITLE_LABEL
from coda_graphmem.store.neo4j.connection import Row, scope_of
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import complete, filter_parameters, is_searchable, unique
from coda_graphmem.store.protocol import NEVER, Bounds, EntityNode, Graph, Neighbourhood

#: Up to this many mentions of an entity are looked at to see which memories of a walk are among them.
_FEW_MENTIONS = 200

_NOTHING = Neighbourhood(depths={}, entities={}, mentions=(), follows=())


class Neo4jGraph(StorePart, Graph):
    """Reads entities, speakers and neighbourhoods."""

    @override
    async def find_entities(self, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
        rows = await self._connection.read("find_entities", namespace=namespace, keys=unique(keys))
        return [EntityNode(**dict(row)) for row in complete(rows)]

    @override
    async def find_speakers(self, namespace: str, names: Sequence[str]) -> list[str]:
        rows = await self._connection.read("find_speakers", scope=scope_of(namespace), names=unique(names))
        return [row["speaker"] for row in complete(rows)]

    @override
    async def find_titled(
        self, namespace: str, keys: Sequence[str], *, max_mentions: int, where: MemoryFilter, now: float = NEVER
    ) -> list[tuple[str, str]]:
        if not is_searchable(where):
            return []
        rows = await self._connection.read(
            "find_titled",
            namespace=namespace,
            scope=scope_of(namespace),
            keys=unique(keys),
            max_mentions=max_mentions,
            title_label=TITLE_LABEL,
            **filter_parameters(where, now=now),
        )
        return [(row["memory_id"], row["key"]) for row in complete(rows)]

    @override
    async def list_entities(self, namespace: str, *, limit: int, offset: int = 0) -> list[EntityNode]:
        rows = await self._connection.read("list_entities", namespace=namespace, limit=limit, offset=offset)
        return [EntityNode(**dict(row)) for row in complete(rows)]

    @override
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
        # Each step is one round trip, so what ranking needs (one step) is one, too.
        if not is_searchable(where):
            return _NOTHING
        parameters = {
            "namespace": namespace,
            "scope": scope_of(namespace),
            "entities_per_memory": bounds.entities_per_memory,
            "memories_per_entity": bounds.memories_per_entity,
            "min_mentions": bounds.min_mentions,
            "max_mentions": bounds.max_mentions,
            "conversation_steps": bounds.conversation_steps,
            "few_mentions": _FEW_MENTIONS,
            "unfiltered": where.is_default,
            "title_label": TITLE_LABEL,
            **filter_parameters(where, now=now),
        }
        walk = _Walk()
        frontier, keys = unique(memory_ids), unique(entity_keys)
        for step in range(max(depth, 1)):
            [row] = await self._connection.read(
                "neighbourhood",
                memory_ids=frontier,
                entity_keys=keys,
                depth=min(depth, 1),
                met_ids=walk.memory_ids(),
                met_keys=walk.entity_keys(),
                **parameters,
            )
            frontier, keys = walk.add(row, step), []
            if not frontier:
                break
        return walk.result()


class _Walk:
    """Joins the steps of a walk. Memories and entities have numbers within their namespace."""

    def __init__(self) -> None:
        self._memory_ids: dict[int, str] = {}
        self._depths: dict[int, int] = {}
        self._entities: dict[int, EntityNode] = {}
        self._mentions: defaultdict[int, set[int]] = defaultdict(set)
        self._titles: set[tuple[int, int]] = set()
        self._follows: dict[int, int] = {}

    def add(self, row: Row, step: int) -> list[str]:
        """Take in what one more step reached; the ids of the memories that are new, where the next one starts."""
        new = []
        for values in row["memories"]:
            if None in values:
                continue
            number, memory_id, depth = values
            if number not in self._memory_ids:
                self._memory_ids[number] = memory_id
                self._depths[number] = step + depth
                if depth:
                    new.append(memory_id)
        for values in row["entities"]:
            if None not in values:
                number, *node = values
                self._entities.setdefault(number, EntityNode(*node))
        for number, entities, titles in row["mentions"]:
            self._mentions[number].update(entities)
            self._titles.update((number, entity) for entity in titles)
        self._follows.update(row["follows"])
        return new

    def memory_ids(self) -> list[str]:
        """Ids of all memories reached so far."""
        return list(self._memory_ids.values())

    def entity_keys(self) -> list[str]:
        """Keys of all entities followed so far."""
        return [entity.key for entity in self._entities.values()]

    def result(self) -> Neighbourhood:
        """All that was reached, with the edges between it."""
        if not self._memory_ids and not self._entities:
            return _NOTHING
        names = dict(sorted(self._memory_ids.items()))
        keys = {number: entity.key for number, entity in self._entities.items()}
        return Neighbourhood(
            depths={name: self._depths[number] for number, name in names.items()},
            entities={entity.key: entity for entity in self._entities.values()},
            mentions=[
                (name, keys[entity])
                for number, name in names.items()
                for entity in self._mentions.get(number, ())
                if entity in keys
            ],
            follows=[
                (name, names[after])
                for number, name in names.items()
                if (after := self._follows.get(number)) is not None and after in names
            ],
            titles=frozenset(
                (names[number], keys[entity]) for number, entity in self._titles if number in names and entity in keys
            ),
        )
