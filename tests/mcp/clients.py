"""Clients of the server: in this process, or of a program of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp import Client
from mcp_types import CallToolResult, TextContent

from coda_graphmem.mcp.server import make_server

if TYPE_CHECKING:
    from coda_graphmem import MemoryManager
    from coda_graphmem.mcp.identity import Profile


@dataclass(frozen=True)
class Caller:
    """Calls tools, and expects them to do what was asked for unless told otherwise."""

    client: Client

    async def result(self, tool: str, **arguments: Any) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of an answer, with its text under ``text``."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, text_of(result)
        return {**(result.structured_content or {}), "text": text_of(result)}

    async def refused(self, tool: str, **arguments: Any) -> str:
        """What an error says."""
        result = await self.result(tool, **arguments)
        assert result.is_error, text_of(result)
        assert result.structured_content is None
        return text_of(result)


def text_of(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def rendered(result: CallToolResult) -> int:
    """Bytes of all that a client may give to its model."""
    return len(result.model_dump_json(by_alias=True, exclude_none=True).encode())


@asynccontextmanager
async def calling(
    memory: MemoryManager, profile: Profile = "default", *, mode: str = "legacy"
) -> AsyncIterator[Caller]:
    """A client in this process; ``mode`` is that of the handshake of 2025, or ``auto`` for what came after."""

    async def opened() -> MemoryManager:
        return memory

    server = make_server(opened, memory.namespace, profile)
    async with Client(server, mode=mode) as client:
        yield Caller(client)


def line(**message: Any) -> bytes:
    """A message as a line."""
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"


def initialize(version: str = "2025-11-25", number: str | int = 1, **capabilities: Any) -> bytes:
    """What a client says first."""
    return line(
        id=number,
        method="initialize",
        params={
            "protocolVersion": version,
            "capabilities": capabilities,
            "clientInfo": {"name": "test", "version": "1"},
        },
    )
