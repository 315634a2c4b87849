"""Assistants: in the namespace of their key, with the tools that its rights allow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from coda_graphmem.mcp.profiles import PROFILES, tools_of
from coda_graphmem.server.assistants import ADMINISTERED, rights_for
from coda_graphmem.server.keys import RIGHTS, Right
from tests.mcp.clients import Caller, initialize
from tests.mcp.test_http import HEADERS
from tests.server.conftest import ADDRESS, Serve, Served


@asynccontextmanager
async def assistant(
    served: Served, key: str | None, *, namespace: str | None = None, mode: str = "auto"
) -> AsyncIterator[Caller]:
    headers = {"X-API-Key": key} if key else {}
    where = f"{ADDRESS}/mcp" + (f"?namespace={namespace}" if namespace else "")
    async with (
        httpx2.AsyncClient(transport=httpx2.ASGITransport(served.app), headers=headers) as http,
        Client(streamable_http_client(where, http_client=http), mode=mode) as client,
    ):
        yield Caller(client)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_both_generations_of_the_protocol_are_served(served: Served, mode: str) -> None:
    async with assistant(served, served.key(namespaces=("home",)), mode=mode) as call:
        kept = await call("memory_remember", content="Maria likes plums.")
        found = await call("memory_search", query="plums")
        assert [one["memory_id"] for one in found["memories"]] == [kept["memory_id"]]
        assert found["namespace"] == "home"
        assert "Namespace 'home'" in (call.client.instructions or "")


@pytest.mark.parametrize("profile", PROFILES)
async def test_each_tool_needs_what_its_annotations_say(serve: Serve, profile: Any) -> None:
    tools = {tool.name: tool for tool in tools_of(profile)}
    async with serve(profile=profile) as served:
        for rights in (("read",), ("read", "write"), ("read", "administer"), ("write", "administer"), RIGHTS):
            allowed = {name for name, tool in tools.items() if _is_allowed(tool, rights)}
            async with assistant(served, served.key(*rights, namespaces=("home",))) as call:
                told = {tool.name: tool for tool in (await call.client.list_tools()).tools}
                assert told.keys() == allowed, rights
                for name in tools.keys() - allowed:
                    assert "does not allow to" in await call.refused(name, any="thing")
    assert not served.state.late.is_open


def _is_allowed(tool: Any, rights: tuple[Right, ...]) -> bool:
    changes = "administer" if tool.name in ADMINISTERED else "write"
    hints = tool.declaration().annotations
    needed = {"read"} if hints.read_only_hint else {"read", changes}
    assert set(rights_for(tool)) == needed | ({"administer"} if tool.name in ADMINISTERED else set())
    return set(rights_for(tool)) <= set(rights)


async def test_another_namespace_is_reached_by_no_tool_resource_or_prompt(served: Served) -> None:
    async with assistant(served, served.key(namespaces=("away",))) as call:
        theirs = (await call("memory_remember", content="Maria likes plums."))["memory_id"]
    key = served.key(namespaces=("home",))
    async with served.client(key, **HEADERS) as client:
        for asked in ({"namespace": "away"}, {"namespace": "default"}):
            answer = await client.post("/mcp", params=asked, content=initialize())
            assert answer.status_code == 403, answer.text
            assert (await client.get("/mcp", params=asked)).status_code == 403
            assert (await client.delete("/mcp", params=asked)).status_code == 403
        assert (await client.post("/mcp?namespace=home&namespace=away", content=initialize())).status_code == 422
        assert (await client.post("/mcp?name=away", content=initialize())).status_code == 422
    async with assistant(served, key) as call:
        for tool in (await call.client.list_tools()).tools:
            # Whatever names a memory or searches, finds nothing of the other namespace.
            known = tool.input_schema["properties"]
            ids = {name: ([theirs] if name.endswith("s") else theirs) for name in known if "memory_id" in name}
            query = {name: "plums" for name in ("query", "about") if name in known}
            if ids or query:
                result = await call.result(tool.name, **ids, **query)
                assert "Maria" not in result.model_dump_json(), tool.name
        with pytest.raises(MCPError, match="no such resource"):
            await call.client.read_resource(f"memory://memories/{theirs}")
    assert await served.memory.for_namespace("away").get_memory(theirs) is not None


async def test_a_session_is_for_the_key_that_began_it(served: Served) -> None:
    one, other = (served.key(namespaces=("home",)) for _ in range(2))
    async with served.client(one, **HEADERS) as client:
        begun = await client.post("/mcp", content=initialize())
        session = begun.headers["mcp-session-id"]
        assert begun.status_code == 200
    async with served.client(other, **HEADERS | {"mcp-session-id": session}) as client:
        assert (await client.post("/mcp", content=initialize(number=2))).status_code == 404
        served.keys.revoke(other.split("_")[1])
        assert (await client.post("/mcp", content=initialize(number=2))).status_code == 401


async def test_programs_of_this_machine_choose_their_namespace(served: Served) -> None:
    async with assistant(served, None, namespace="garden") as call:
        assert (await call("memory_remember", content="Maria likes plums."))["namespace"] == "garden"
    assert await served.memory.list_namespaces() == ["garden"]


async def test_what_stands_open_ends_with_the_server_or_the_key(serve: Serve) -> None:
    async with serve(heartbeat=0.05) as served:
        for ends_by_key in (True, False):
            record, key = served.keys.create("test", RIGHTS, namespaces=["home"])
            async with served.client(key, **HEADERS) as client:
                begun = await client.post("/mcp", content=initialize())
                session = {"mcp-session-id": begun.headers["mcp-session-id"]}
                listening = asyncio.create_task(client.get("/mcp", headers=session))
                await asyncio.sleep(0.2)
                assert not listening.done()
                if ends_by_key:
                    served.keys.revoke(record.key_id)
                else:
                    served.state.ending.set()
                assert (await asyncio.wait_for(listening, 10)).status_code == 200
