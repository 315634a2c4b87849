"""Each client starts our server, lists all tools and calls every one of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.mcp.identity import Profile
from coda_graphmem.mcp.profiles import tools_of
from tests_outside.mcp.calls import GROUPS, calls_of
from tests_outside.mcp.served import environment, program

Call = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Calls a tool, and gives the structured content of the answer."""

Connected = contextlib.AbstractAsyncContextManager[tuple[Collection[str], Call]]
"""A client of our server: the names of the tools, and how one is called."""


@contextlib.asynccontextmanager
async def protocols_own(command: list[str]) -> AsyncIterator[tuple[Collection[str], Call]]:
    """The client of the package ``mcp``."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    parameters = StdioServerParameters(command=command[0], args=command[1:], env=environment())
    async with Client(stdio_client(parameters)) as client:

        async def call(tool: str, given: dict[str, Any]) -> Any:
            answer = await client.call_tool(tool, given)
            assert not answer.is_error, answer
            return answer.structured_content

        yield [tool.name for tool in (await client.list_tools()).tools], call


@contextlib.asynccontextmanager
async def fastmcp(command: list[str]) -> AsyncIterator[tuple[Collection[str], Call]]:
    """The client of FastMCP."""
    from fastmcp import Client
    from fastmcp.client.transports import StdioTransport

    async with Client(StdioTransport(command=command[0], args=command[1:], env=environment())) as client:

        async def call(tool: str, given: dict[str, Any]) -> Any:
            return (await client.call_tool(tool, given)).structured_content

        yield [tool.name for tool in await client.list_tools()], call


@contextlib.asynccontextmanager
async def openai_agents(command: list[str]) -> AsyncIterator[tuple[Collection[str], Call]]:
    """The client of OpenAI Agents."""
    from agents.mcp import MCPServerStdio

    parameters: Any = {"command": command[0], "args": command[1:], "env": environment()}
    async with MCPServerStdio(parameters, client_session_timeout_seconds=60) as server:

        async def call(tool: str, given: dict[str, Any]) -> Any:
            answer: Any = await server.call_tool(tool, given)
            told = answer.model_dump(by_alias=True)
            assert not told["isError"], answer
            return told["structuredContent"]

        yield [tool.name for tool in await server.list_tools()], call


@contextlib.asynccontextmanager
async def pydantic_ai(command: list[str]) -> AsyncIterator[tuple[Collection[str], Call]]:
    """The toolset of pydantic-ai."""
    from fastmcp.client.transports import StdioTransport
    from pydantic_ai.mcp import MCPToolset

    transport = StdioTransport(command=command[0], args=command[1:], env=environment())
    async with MCPToolset(transport, tool_error_behavior="error", init_timeout=60, read_timeout=60) as toolset:

        async def call(tool: str, given: dict[str, Any]) -> Any:
            return await toolset.direct_call_tool(tool, given)

        yield [tool.name for tool in await toolset.list_tools()], call


@pytest.mark.parametrize("profiles", GROUPS, ids="-".join)
@pytest.mark.parametrize("client", [protocols_own, fastmcp, openai_agents, pydantic_ai])
async def test_a_client_lists_and_calls_every_tool(
    client: Callable[[list[str]], Connected], profiles: tuple[Profile, ...], tmp_path: Path
) -> None:
    """All tools of some profiles, one after another."""
    answers: dict[Profile, dict[str, Any]] = {}
    for profile in profiles:
        answered = answers[profile] = {}
        async with client(program(tmp_path, profile)) as (names, call):
            assert set(names) == {tool.name for tool in tools_of(profile)}
            for tool, given in calls_of(profile, answered):
                answered[tool] = await call(tool, given)
                assert isinstance(answered[tool], dict), (tool, answered[tool])
        assert set(answered) == set(names)
    if "extended" in answers:
        assert answers["extended"]["memory_search"]["memories"][0]["content"] == "The user lives in Rome."
        assert "The user lives in" in answers["chatgpt"]["fetch"]["text"]
    else:
        assert json.dumps(answers["reference"]["read_graph"]).count("barks") == 1
