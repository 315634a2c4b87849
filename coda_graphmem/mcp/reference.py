"""The nine tools of the protocol's reference memory server, which many instructions and programs are written for.

They do what that server does, over `coda_graphmem.mcp.knowledge`. Two things differ: an answer is cut where it would be
larger than clients take, and says so in a second text; and arguments that are unknown are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from coda_graphmem.mcp.bounds import LONGEST, Allowance
from coda_graphmem.mcp.knowledge import Entity, Graph, KnowledgeGraph, Relation
from coda_graphmem.mcp.tool import READS, Answer, Arguments, Effect, Reply, Tool

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

RESOURCE = "memory://knowledge-graph"

_REMOVES = Effect(only_adds=False, is_repeatable=True)


class _Entities(Arguments):
    entities: list[Entity]


class _Relations(Arguments):
    relations: list[Relation]


class Contents(Arguments):
    """What to note of an entity."""

    entity_name: str = Field(alias="entityName", description="The name of the entity.")
    contents: list[str] = Field(description="What to add, one fact each.")


class _Observations(Arguments):
    observations: list[Contents]


class _Names(Arguments):
    entity_names: list[str] = Field(alias="entityNames", description="Names of entities to remove.")


class Deletion(Arguments):
    """What to remove of an entity."""

    entity_name: str = Field(alias="entityName", description="The name of the entity.")
    observations: list[str] = Field(description="What to remove, word by word.")


class _Deletions(Arguments):
    deletions: list[Deletion]


class _Nothing(Arguments):
    pass


class _Query(Arguments):
    query: str = Field(description="Looked for as a whole in names, types and observations, whatever its case.")


class _Open(Arguments):
    names: list[str] = Field(description="Names of entities, with their case.")


class Added(Answer):
    """What was added to an entity."""

    entity_name: str = Field(alias="entityName")
    added: list[str] = Field(alias="addedObservations")


class EntitiesAnswer(Answer):
    """Entities that are new."""

    entities: list[Entity]


class RelationsAnswer(Answer):
    """Relations that are new."""

    relations: list[Relation]


class AddedAnswer(Answer):
    """What was added, by entity."""

    results: list[Added]


class DoneAnswer(Answer):
    """That it was done."""

    success: bool
    message: str


def written(value: Any) -> str:
    """Models as the JSON that stands in a text."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value]


def _inside(part: BaseModel) -> str:
    """A part as it stands inside of an answer."""
    return written({"": [part]})


def fitting(graph: Graph) -> tuple[Graph, str | None]:
    """As much of a graph as an answer has room for, and what to say of the rest."""
    room = Allowance(LONGEST["detailed"])
    shown = Graph(entities=[], relations=[])
    cut = 0
    for entity in graph.entities:
        part = entity
        while not room.take(_inside(part), part):
            if not part.observations:
                break
            part = part.model_copy(update={"observations": part.observations[: len(part.observations) // 2]})
        else:
            shown.entities.append(part)
            cut += len(entity.observations) - len(part.observations)
    for relation in graph.relations:
        if not room.take(_inside(relation), relation):
            break
        shown.relations.append(relation)
    hidden = [
        f"{count} more {what}"
        for count, what in (
            (len(graph.entities) - len(shown.entities), "entities"),
            (cut, "observations"),
            (len(graph.relations) - len(shown.relations), "relations"),
        )
        if count
    ]
    if not hidden:
        return shown, None
    return shown, f"The answer has no room for {', '.join(hidden)}: use search_nodes or open_nodes for a part."


def knowledge_tools() -> Sequence[Tool[Any]]:
    """The tools, over one graph."""
    graph = KnowledgeGraph()

    async def create_entities(memory: MemoryManager, asked: _Entities) -> Reply:
        new = await graph.create_entities(memory, asked.entities)
        shown, more = fitting(Graph(entities=new, relations=[]))
        return Reply(written(shown.entities), EntitiesAnswer(entities=shown.entities), more and _kept(len(new)))

    async def create_relations(memory: MemoryManager, asked: _Relations) -> Reply:
        new = await graph.create_relations(memory, asked.relations)
        shown, more = fitting(Graph(entities=[], relations=new))
        return Reply(written(shown.relations), RelationsAnswer(relations=shown.relations), more and _kept(len(new)))

    async def add_observations(memory: MemoryManager, asked: _Observations) -> Reply:
        added = await graph.add_observations(memory, [(one.entity_name, one.contents) for one in asked.observations])
        room, results = Allowance(LONGEST["detailed"]), []
        for name, texts in added:
            one = Added(entityName=name, addedObservations=texts)
            if not room.take(_inside(one), one):
                break
            results.append(one)
        more = None if len(results) == len(added) else _kept(sum(len(texts) for _, texts in added))
        return Reply(written(results), AddedAnswer(results=results), more)

    async def delete_entities(memory: MemoryManager, asked: _Names) -> Reply:
        await graph.delete_entities(memory, asked.entity_names)
        return _done("Entities deleted successfully")

    async def delete_observations(memory: MemoryManager, asked: _Deletions) -> Reply:
        await graph.delete_observations(memory, [(one.entity_name, one.observations) for one in asked.deletions])
        return _done("Observations deleted successfully")

    async def delete_relations(memory: MemoryManager, asked: _Relations) -> Reply:
        await graph.delete_relations(memory, asked.relations)
        return _done("Relations deleted successfully")

    async def read_graph(memory: MemoryManager, _: _Nothing) -> Reply:
        return _told(await graph.read(memory))

    async def search_nodes(memory: MemoryManager, asked: _Query) -> Reply:
        return _told(await graph.search(memory, asked.query))

    async def open_nodes(memory: MemoryManager, asked: _Open) -> Reply:
        return _told(await graph.open(memory, asked.names))

    rows: Sequence[tuple[str, type[Arguments], type[BaseModel], Effect, Callable[[MemoryManager, Any], Any]]] = (
        ("Keep entities with what is known of them. Names that are known are passed over.",
         _Entities, EntitiesAnswer, Effect(), create_entities),
        ("Keep what entities have to do with one another, in active voice.",
         _Relations, RelationsAnswer, Effect(), create_relations),
        ("Add facts to entities that are known.", _Observations, AddedAnswer, Effect(), add_observations),
        ("Remove entities with their observations and relations, for good.",
         _Names, DoneAnswer, _REMOVES, delete_entities),
        ("Remove facts of entities, for good.", _Deletions, DoneAnswer, _REMOVES, delete_observations),
        ("Remove relations, for good.", _Relations, DoneAnswer, _REMOVES, delete_relations),
        ("Read the whole graph.", _Nothing, Graph, READS, read_graph),
        ("Find entities by a part of a name, a type or a fact, with their relations.",
         _Query, Graph, READS, search_nodes),
        ("Read entities by their names, with their relations.", _Open, Graph, READS, open_nodes),
    )  # fmt: skip
    return [
        Tool(run.__name__, run.__name__.replace("_", " ").capitalize(), about, arguments, answer, effect, run)
        for about, arguments, answer, effect, run in rows
    ]


def _kept(count: int) -> str:
    return f"All {count} were kept; the answer shows the first."


def _done(message: str) -> Reply:
    return Reply(message, DoneAnswer(success=True, message=message))


def _told(graph: Graph) -> Reply:
    shown, more = fitting(graph)
    return Reply(written(shown), shown, more)
