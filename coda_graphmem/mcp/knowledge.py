"""A graph of entities with observations and relations, kept as memories of a namespace.

Each entity, observation and relation is one memory, told apart by ``metadata["knowledge_graph"]``, so that searches of
the other profiles find what was noted here. An observation names its entity by the entity's memory id; the entity's
name is its title, so that the memory graph links the two. Order is that of arrival.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryType

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import Memory

#: The key of metadata that tells what part of the graph a memory is.
PART = "knowledge_graph"
_ENTITY, _OBSERVATION, _RELATION = "entity", "observation", "relation"
#: The key of metadata that names the entity of an observation, by its memory id.
_OF = "knowledge_graph_entity"
_PAGE = 1_000


class Entity(BaseModel):
    """Somebody or something, and what is known of it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(description="The name of the entity.")
    entity_type: str = Field(alias="entityType", description="What it is: person, project, event …")
    observations: list[str] = Field(description="What is known of it, one fact each.")


class Relation(BaseModel):
    """What one entity has to do with another."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: str = Field(alias="from", description="The name of the entity it starts at.")
    to: str = Field(description="The name of the entity it leads to.")
    relation_type: str = Field(alias="relationType", description="What it is, in active voice: works at, knows …")


class Graph(BaseModel):
    """Entities and relations."""

    entities: list[Entity]
    relations: list[Relation]


@dataclass(slots=True)
class _Kept:
    """An entity, and the memories that keep it."""

    memory_id: str
    entity: Entity
    observation_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Loaded:
    entities: list[_Kept]
    relations: list[tuple[str, Relation]]


class KnowledgeGraph:
    """Reads and changes the graph; changes of this process follow one another."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def create_entities(self, memory: MemoryManager, entities: Sequence[Entity]) -> list[Entity]:
        """Keep entities whose names are new, all or none; those that were kept."""
        async with self._turn:
            known = {kept.entity.name for kept in (await _load(memory)).entities}
            new = [entity for entity in entities if entity.name not in known]
            rows: list[dict[str, Any]] = []
            for entity in new:
                memory_id = uuid4().hex
                rows.append(
                    _row(
                        f"{entity.name} ({entity.entity_type})",
                        {PART: _ENTITY, "name": entity.name, "entity_type": entity.entity_type},
                        memory_id,
                        title=entity.name,
                    )
                )
                rows += [_observation(memory_id, entity.name, text) for text in entity.observations]
            if rows:
                await memory.store_memories_batch(rows)
            return new

    async def create_relations(self, memory: MemoryManager, relations: Sequence[Relation]) -> list[Relation]:
        """Keep relations that are new, all or none; those that were kept."""
        async with self._turn:
            known = {relation for _, relation in (await _load(memory)).relations}
            new = [relation for relation in relations if relation not in known]
            if new:
                await memory.store_memories_batch(
                    [
                        _row(
                            f"{one.from_} {one.relation_type} {one.to}",
                            {PART: _RELATION, "from": one.from_, "to": one.to, "relation_type": one.relation_type},
                            uuid4().hex,
                        )
                        for one in new
                    ]
                )
            return new

    async def add_observations(
        self, memory: MemoryManager, observations: Sequence[tuple[str, Sequence[str]]]
    ) -> list[tuple[str, list[str]]]:
        """Keep what is new of entities, all or none; by entity, what was kept.

        Raises:
            ValidationError: An entity is unknown.
        """
        async with self._turn:
            loaded = await _load(memory)
            rows: list[dict[str, Any]] = []
            added: list[tuple[str, list[str]]] = []
            for name, texts in observations:
                kept = _first(loaded, name)
                if kept is None:
                    raise ValidationError(
                        f"Entity with name {name} not found.", remedy="Make it first with create_entities."
                    )
                new = [text for text in texts if text not in kept.entity.observations]
                kept.entity.observations += new
                rows += [_observation(kept.memory_id, name, text) for text in new]
                added.append((name, new))
            if rows:
                await memory.store_memories_batch(rows)
            return added

    async def delete_entities(self, memory: MemoryManager, names: Sequence[str]) -> None:
        """Remove entities with their observations and relations, for good."""
        async with self._turn:
            loaded = await _load(memory)
            for memory_id, relation in loaded.relations:
                if relation.from_ in names or relation.to in names:
                    await memory.delete_memory(memory_id)
            for kept in loaded.entities:
                if kept.entity.name in names:
                    # What hangs on it first: stopped half way, the same call finds the rest.
                    if kept.observation_ids:
                        await memory.forget(metadata={_OF: kept.memory_id})
                    await memory.delete_memory(kept.memory_id)

    async def delete_observations(self, memory: MemoryManager, deletions: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Remove observations of entities, for good; what is unknown is passed over."""
        async with self._turn:
            loaded = await _load(memory)
            for name, texts in deletions:
                kept = _first(loaded, name)
                for memory_id, text in zip(kept.observation_ids, kept.entity.observations, strict=True) if kept else ():
                    if text in texts:
                        await memory.delete_memory(memory_id)

    async def delete_relations(self, memory: MemoryManager, relations: Sequence[Relation]) -> None:
        """Remove relations, for good; unknown ones are passed over."""
        async with self._turn:
            for memory_id, relation in (await _load(memory)).relations:
                if relation in relations:
                    await memory.delete_memory(memory_id)

    async def read(self, memory: MemoryManager) -> Graph:
        """All of it."""
        loaded = await _load(memory)
        return Graph(entities=[kept.entity for kept in loaded.entities], relations=[one for _, one in loaded.relations])

    async def search(self, memory: MemoryManager, query: str) -> Graph:
        """Entities whose name, type or observations hold the query, whatever its case, and their relations."""
        wanted = query.lower()
        graph = await self.read(memory)

        def matches(entity: Entity) -> bool:
            return any(wanted in text.lower() for text in (entity.name, entity.entity_type, *entity.observations))

        return _around(graph, [entity for entity in graph.entities if matches(entity)])

    async def open(self, memory: MemoryManager, names: Sequence[str]) -> Graph:
        """Entities of these names, and their relations."""
        graph = await self.read(memory)
        return _around(graph, [entity for entity in graph.entities if entity.name in names])


def _around(graph: Graph, entities: list[Entity]) -> Graph:
    names = {entity.name for entity in entities}
    relations = [one for one in graph.relations if one.from_ in names or one.to in names]
    return Graph(entities=entities, relations=relations)


def _first(loaded: _Loaded, name: str) -> _Kept | None:
    return next((kept for kept in loaded.entities if kept.entity.name == name), None)


def _observation(entity_id: str, name: str, text: str) -> dict[str, Any]:
    return _row(text, {PART: _OBSERVATION, _OF: entity_id}, uuid4().hex, title=name)


def _row(content: str, metadata: dict[str, Any], memory_id: str, title: str = "") -> dict[str, Any]:
    """A memory on its way; its id is its own, as two parts of a graph that read alike are still two."""
    if title.strip():
        metadata["title"] = title
    if not content.strip():
        # A memory says something; the graph may hold what says nothing.
        content, metadata["text"] = "(nothing)", content
    return {
        "content": content,
        "memory_type": MemoryType.SEMANTIC.value,
        "metadata": metadata,
        "memory_id": memory_id,
    }


async def _load(memory: MemoryManager) -> _Loaded:
    """The graph as it is, with the memories that keep it."""
    entities: dict[str, _Kept] = {}
    for one in await _all(memory, _ENTITY):
        entity = Entity(name=one.metadata["name"], entity_type=one.metadata["entity_type"], observations=[])
        entities[one.memory_id] = _Kept(one.memory_id, entity)
    for one in await _all(memory, _OBSERVATION):
        kept = entities.get(one.metadata[_OF])
        if kept is not None:
            kept.entity.observations.append(one.metadata.get("text", one.content))
            kept.observation_ids.append(one.memory_id)
    relations = [
        (
            one.memory_id,
            Relation(from_=one.metadata["from"], to=one.metadata["to"], relation_type=one.metadata["relation_type"]),
        )
        for one in await _all(memory, _RELATION)
    ]
    return _Loaded(list(entities.values()), relations)


async def _all(memory: MemoryManager, part: str) -> list[Memory]:
    found: list[Memory] = []
    while True:
        page = await memory.list_memories(_PAGE, len(found), "oldest", metadata={PART: part})
        found += page
        if len(page) < _PAGE:
            return found
