"""The nine tools of the reference server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from mcp import Client
from mcp_types import ResourceUpdatedNotification

from coda_graphmem import MemoryManager
from coda_graphmem.mcp.reference import RESOURCE
from coda_graphmem.mcp.server import make_server
from tests.mcp.clients import Caller, calling, rendered, text_of


def entity(name: str, kind: str = "person", *observations: str) -> dict[str, Any]:
    return {"name": name, "entityType": kind, "observations": list(observations)}


def relation(start: str, kind: str, end: str) -> dict[str, str]:
    return {"from": start, "to": end, "relationType": kind}


async def graph_of(call: Caller) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    graph = await call("read_graph")
    return graph["entities"], graph["relations"]


async def test_entities_are_made_once_by_name(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        made = await call("create_entities", entities=[entity("Anna", "person", "rows", " ", "rows"), entity("", "")])
        assert made["entities"] == [entity("Anna", "person", "rows", " ", "rows"), entity("", "")]
        assert json.loads(made["text"]) == made["entities"]
        again = await call("create_entities", entities=[entity("Anna", "dog"), entity("Rex", "dog"), entity("Rex")])
        # Twins of one call are both kept.
        assert again["entities"] == [entity("Rex", "dog"), entity("Rex")]
        assert await graph_of(call) == ([*made["entities"], *again["entities"]], [])


async def test_relations_are_made_once_and_need_no_entities(memory: MemoryManager) -> None:
    knows = relation("Anna", "knows", "Nobody")
    async with calling(memory, "reference") as call:
        made = await call("create_relations", relations=[knows, knows])
        assert made["relations"] == [knows, knows]
        assert (await call("create_relations", relations=[knows, relation("Anna", "likes", "Nobody")]))[
            "relations"
        ] == [relation("Anna", "likes", "Nobody")]
        await call("delete_relations", relations=[knows, relation("x", "y", "z")])
        assert await graph_of(call) == ([], [relation("Anna", "likes", "Nobody")])


async def test_observations_are_added_all_or_none(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        await call("create_entities", entities=[entity("Anna", "person", "rows")])
        added = await call(
            "add_observations",
            observations=[
                {"entityName": "Anna", "contents": ["rows", "sings", "sings"]},
                {"entityName": "Anna", "contents": ["sings", "paints"]},
            ],
        )
        assert added["results"] == [
            {"entityName": "Anna", "addedObservations": ["sings", "sings"]},
            {"entityName": "Anna", "addedObservations": ["paints"]},
        ]
        assert json.loads(added["text"]) == added["results"]
        refused = await call.refused(
            "add_observations",
            observations=[{"entityName": "Anna", "contents": ["x"]}, {"entityName": "ZZ", "contents": ["y"]}],
        )
        assert refused.startswith("Entity with name ZZ not found")
        assert "create_entities" in refused
        assert (await graph_of(call))[0] == [entity("Anna", "person", "rows", "sings", "sings", "paints")]
        done = await call(
            "delete_observations",
            deletions=[
                {"entityName": "Anna", "observations": ["sings", "nothing"]},
                {"entityName": "ZZ", "observations": ["x"]},
            ],
        )
        assert done["success"] is True
        assert done["text"] == done["message"] == "Observations deleted successfully"
        assert (await graph_of(call))[0] == [entity("Anna", "person", "rows", "paints")]


async def test_entities_take_their_relations_along(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        await call("create_entities", entities=[entity("Anna", "person", "rows"), entity("Rex", "dog", "barks")])
        await call(
            "create_relations",
            relations=[relation("Anna", "owns", "Rex"), relation("Tom", "knows", "Anna"), relation("Tom", "has", "x")],
        )
        await call("delete_entities", entityNames=["Anna", "nobody"])
        assert await graph_of(call) == ([entity("Rex", "dog", "barks")], [relation("Tom", "has", "x")])
    assert await memory.count() == 3


async def test_search_and_open_give_relations_of_either_end(memory: MemoryManager) -> None:
    owns, knows = relation("Anna", "owns", "Rex"), relation("Tom", "knows", "Anna")
    async with calling(memory, "reference") as call:
        await call("create_entities", entities=[entity("Anna", "Person", "lives in Rome"), entity("Rex", "dog")])
        await call("create_relations", relations=[owns, knows])
        for query, found, related in (
            ("ROME", ["Anna"], [owns, knows]),
            ("person", ["Anna"], [owns, knows]),
            ("rex", ["Rex"], [owns]),
            ("lives Rome", [], []),
            ("", ["Anna", "Rex"], [owns, knows]),
        ):
            graph = await call("search_nodes", query=query)
            assert [one["name"] for one in graph["entities"]] == found
            assert graph["relations"] == related
        assert (await call("open_nodes", names=["Rex", "anna"]))["entities"] == [entity("Rex", "dog")]
        assert (await call("open_nodes", names=["Rex"]))["relations"] == [owns]


async def test_what_is_noted_is_found_by_the_other_profiles(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        await call("create_entities", entities=[entity("Maria", "person", "prefers night trains")])
    async with calling(memory) as call:
        found = await call("memory_search", query="Who prefers trains at night?")
    assert "prefers night trains" in [one["content"] for one in found["memories"]]


async def test_a_large_graph_is_cut_and_says_so(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        await call(
            "create_entities",
            entities=[
                entity("Large", "thing", *(f"observation {i} " + "x" * 200 for i in range(300))),
                *(entity(f"E{i}", "thing", "x" * 100) for i in range(150)),
            ],
        )
        await call("create_relations", relations=[relation(f"E{i}", "knows", "Large") for i in range(100)])
        result = await call.result("read_graph")
        assert rendered(result) < 37_500
        assert json.loads(result.content[0].text) == result.structured_content
        assert len(result.content) == 2
        for part in ("more entities", "more observations", "more relations", "use search_nodes"):
            assert part in text_of(result)
        small = await call.result("open_nodes", names=["E7"])
        assert small.structured_content is not None
        assert small.structured_content["entities"] == [entity("E7", "thing", "x" * 100)]
        more = await call.result("create_entities", entities=[entity(f"F{i}", "thing", "y" * 200) for i in range(150)])
        assert rendered(more) < 37_500
        assert "All 150 were kept" in text_of(more)


async def test_arguments_are_checked(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        assert "entities: is missing" in await call.refused("create_entities")
        assert "entities[0].entityType" in await call.refused(
            "create_entities", entities=[{"name": "A", "observations": []}]
        )
        assert "no argument 'limit'" in await call.refused("read_graph", limit=1)


async def test_the_resource_is_the_whole_graph(memory: MemoryManager) -> None:
    async with calling(memory, "reference") as call:
        await call("create_entities", entities=[entity("Anna")])
        [listed] = (await call.client.list_resources()).resources
        assert (str(listed.uri), listed.mime_type) == (RESOURCE, "application/json")
        [content] = (await call.client.read_resource(RESOURCE)).contents
        assert json.loads(content.text) == {"entities": [entity("Anna")], "relations": []}
        with pytest.raises(Exception, match="no such resource"):
            await call.client.read_resource("memory://other")


@pytest.mark.filterwarnings("ignore:resources/")
async def test_subscribers_hear_of_changes_until_they_unsubscribe(memory: MemoryManager) -> None:
    async def opened() -> MemoryManager:
        return memory

    heard: list[str] = []

    async def hear(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.append(str(message.params.uri))

    server = make_server(opened, memory.namespace, "reference")
    async with Client(server, mode="legacy", message_handler=hear) as client:
        call = Caller(client)
        await call("create_entities", entities=[entity("Anna")])
        assert heard == []
        await client.subscribe_resource(RESOURCE)
        await call("read_graph")
        await call("create_entities", entities=[entity("Rex")])
        await call.refused("add_observations", observations=[{"entityName": "ZZ", "contents": []}])
        for _ in range(100):
            if heard:
                break
            await asyncio.sleep(0.01)
        assert heard == [RESOURCE]
        await client.unsubscribe_resource(RESOURCE)
        await call("delete_entities", entityNames=["Rex"])
        await call("read_graph")
        assert heard == [RESOURCE]
