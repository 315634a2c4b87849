"""What the server says of itself, its resources and prompts, and how calls fail."""

from __future__ import annotations

import json
import logging
from typing import Any, get_args

import pytest
from mcp.shared.exceptions import MCPError

from coda_graphmem import MemoryManager, MemoryType, StoreUnavailableError
from coda_graphmem.mcp.identity import Profile
from coda_graphmem.mcp.profiles import PROFILES, tools_of
from coda_graphmem.mcp.recall import Kind
from tests.mcp.clients import calling

WRITES = {
    "memory_remember": (False, False),
    "memory_update": (True, True),
    "memory_supersede": (False, False),
    "memory_forget": (True, True),
    "memory_consolidate": (True, False),
    "memory_undo": (True, False),
    "memory_export": (False, False),
    "create_entities": (False, False),
    "create_relations": (False, False),
    "add_observations": (False, False),
    "delete_entities": (True, True),
    "delete_observations": (True, True),
    "delete_relations": (True, True),
}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_every_tool_says_what_it_does(memory: MemoryManager, profile: Profile, mode: str) -> None:
    async with calling(memory, profile, mode=mode) as call:
        tools = (await call.client.list_tools()).tools
        assert call.client.server_info.name == "coda-graphmem"
        assert "'default'" in (call.client.instructions or "")
        # Lists of a server never change, and no client has to wait for it.
        able = call.client.server_capabilities.model_dump(exclude_none=True)
        assert {offered["list_changed"] for offered in able.values() if "list_changed" in offered} == {False}
    assert [tool.name for tool in tools] == [tool.name for tool in tools_of(profile)]
    for tool in tools:
        told = tool.annotations
        destructive, repeatable = WRITES.get(tool.name, (False, True))
        assert (told.read_only_hint, told.destructive_hint, told.idempotent_hint, told.open_world_hint) == (
            tool.name not in WRITES,
            destructive,
            repeatable,
            False,
        ), tool.name
        assert tool.title
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
        for name, schema in tool.input_schema.get("properties", {}).items():
            described = "description" in schema or name in ("memory_id", "memory_type", "importance")
            assert described or schema.get("type") == "array", (tool.name, name)
            assert "anyOf" not in schema or name == "metadata", (tool.name, name)
        assert tool.output_schema["type"] == "object"
        assert "title" not in json.dumps(tool.input_schema).replace('"title": {', "")


def test_the_tools_take_little_room() -> None:
    """What a client gives to its model in every conversation."""
    told = [
        {"name": one.name, "description": one.description, "input_schema": one.input_schema}
        for one in (tool.declaration() for tool in tools_of("default"))
    ]
    assert len(told) == 8
    assert len(json.dumps(told)) < 9_000


def test_types_of_memories_are_those_of_the_library() -> None:
    assert list(get_args(Kind)) == [kind.value for kind in MemoryType]


async def test_an_unknown_tool_is_an_error_of_the_protocol(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        with pytest.raises(MCPError, match="There is no tool 'nothing'"):
            await call.result("nothing")


async def test_resources_show_profile_statistics_and_memories(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        client = call.client
        assert "Nothing is known yet" in (await client.read_resource("memory://profile")).contents[0].text
        await memory.store_memory("I live in Rome.", "semantic", memory_id="m 1")
        assert "> home: Lives in Rome" in (await client.read_resource("memory://profile")).contents[0].text
        counted = (await client.read_resource("memory://statistics")).contents[0].text
        assert "1 memories: 1 semantic" in counted
        assert 'Namespace "default"' in counted
        assert "> I live in Rome." in (await client.read_resource("memory://memories/m%201")).contents[0].text
        assert [str(one.uri) for one in (await client.list_resources()).resources] == [
            "memory://profile",
            "memory://statistics",
        ]
        [template] = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "memory://memories/{id}"
        for uri in (
            "memory://memories/x",
            "memory://memories/",
            "memory://memories/%0A",
            "memory://other",
            "file:///x",
        ):
            with pytest.raises(MCPError) as refused:
                await client.read_resource(uri)
            assert refused.value.error.code == -32602
            assert refused.value.error.data == {"uri": uri}


async def test_prompts_recall_and_remember(memory: MemoryManager) -> None:
    await memory.store_memory("Maria likes plums.", "preference")
    async with calling(memory) as call:
        client = call.client
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["recall", "remember"]
        recalled = (await client.get_prompt("recall", {"topic": "plums"})).messages[0].content.text
        assert "1. Maria likes plums." in recalled
        assert recalled.endswith("Use it for this: plums")
        whole = (await client.get_prompt("remember")).messages[0].content.text
        part = (await client.get_prompt("remember", {"focus": "fruit"})).messages[0].content.text
        assert "memory_remember" in whole
        assert part.endswith("about: fruit")
        for name, arguments, message in (
            ("recall", {}, "topic: is missing"),
            ("recall", {"topic": "x", "size": "y"}, "no argument 'size'"),
            ("nothing", {}, "no prompt 'nothing'"),
        ):
            with pytest.raises(MCPError, match=message):
                await client.get_prompt(name, arguments)


async def test_errors_say_what_to_do_in_terms_of_tools(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise StoreUnavailableError("the store does not answer.", remedy="Call retrieve_memories() again.")

    monkeypatch.setattr(type(memory), "retrieve_memories", fail)
    async with calling(memory) as call:
        refused = await call.refused("memory_search", query="x")
    assert refused == "the store does not answer. Call memory_search again."


async def test_what_nobody_expected_tells_no_content(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret plums")

    monkeypatch.setattr(type(memory), "retrieve_memories", fail)
    with caplog.at_level(logging.INFO):
        async with calling(memory) as call:
            refused = await call.refused("memory_search", query="x")
    assert "failed unexpectedly (RuntimeError)" in refused
    assert "plums" not in refused + caplog.text


async def test_namespaces_are_apart(memory: MemoryManager) -> None:
    other = memory.for_namespace("other")
    await other.store_memory("Maria likes plums.", "semantic", memory_id="m")
    async with calling(memory) as call:
        assert (await call("memory_search", query="plums"))["found"] == 0
        await call.refused("memory_get", memory_ids=["m"])
        await call.refused("memory_update", memory_id="m", expected_version=1, content="x")
        await call.refused("memory_supersede", old_id="m", content="x")
        await call.refused("memory_forget", memory_ids=["m"])
        with pytest.raises(MCPError):
            await call.client.read_resource("memory://memories/m")
    async with calling(other) as call:
        found = await call("memory_search", query="plums")
    assert (found["namespace"], found["found"]) == ("other", 1)
