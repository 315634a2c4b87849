"""Streamable HTTP: who is let in, and both generations of the protocol."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from mcp import Client

from coda_graphmem import MemoryManager, ValidationError
from coda_graphmem.mcp.http import HttpOptions, serve
from coda_graphmem.mcp.server import make_server
from tests.mcp.clients import Caller, initialize, line

TOKEN = "a token that is long enough"
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@asynccontextmanager
async def served(memory: MemoryManager, options: HttpOptions) -> AsyncIterator[str]:
    """The address of a server in this process."""

    async def opened() -> MemoryManager:
        return memory

    ended, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    server = make_server(opened, memory.namespace, "default")
    task = asyncio.create_task(serve(server, options, ended, address.set_result))
    await asyncio.wait({task, address}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        yield await address
    finally:
        ended.set()
        await asyncio.wait_for(task, 30)


async def status(address: str, **headers: str) -> int:
    async with httpx.AsyncClient() as client:
        answer = await client.post(address, content=initialize(), headers=HEADERS | headers)
        return answer.status_code


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
async def test_both_generations_of_the_protocol_are_served(memory: MemoryManager, mode: str) -> None:
    async with served(memory, HttpOptions("127.0.0.1", 0)) as address:
        assert address.startswith("http://127.0.0.1:")
        async with Client(address, mode=mode) as client:
            call = Caller(client)
            kept = await call("memory_remember", content="Maria likes plums.")
            found = await call("memory_search", query="plums")
            assert [one["memory_id"] for one in found["memories"]] == [kept["memory_id"]]
            assert client.protocol_version == ("2025-11-25" if mode == "legacy" else "2026-07-28")


async def test_pages_of_others_are_kept_out(memory: MemoryManager) -> None:
    async with served(memory, HttpOptions("127.0.0.1", 0, names=("memory.example", "proxy.example:443"))) as address:
        port = address.split(":")[2].split("/")[0]
        assert await status(address) == 200
        assert await status(address, Host=f"localhost:{port}", Origin=f"http://localhost:{port}") == 200
        assert await status(address, Host="evil.example") == 421
        assert await status(address, Host="localhost:1") == 421
        assert await status(address, Origin="http://evil.example") == 403
        assert await status(address, Origin="http://localhost:1") == 403
        assert await status(address, Host="memory.example") == 200
        assert await status(address, Host=f"memory.example:{port}", Origin="https://memory.example") == 200
        assert await status(address, Host="proxy.example:443") == 200
        assert await status(address, Host="proxy.example") == 421


async def test_white_space_around_headers_is_no_part_of_them(memory: MemoryManager) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
    params = {"name": "memory_search", "arguments": {"query": "plums"}, "_meta": meta}
    body = line(id=1, method="tools/call", params=params)
    async with served(memory, HttpOptions("127.0.0.1", 0)) as address:
        port = int(address.split(":")[2].split("/")[0])
        head = [
            "POST /mcp HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
            f"Content-Length: {len(body)}",
            "MCP-Protocol-Version: 2026-07-28",
            "Mcp-Method: tools/call",
            "Mcp-Name:   memory_search  ",
            "Connection: close",
        ]
        # No client library sends such a header.
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 200"), answer


async def test_a_token_is_asked_for_where_one_is_set(memory: MemoryManager) -> None:
    async with served(memory, HttpOptions("127.0.0.1", 0, TOKEN)) as address:
        assert await status(address) == 401
        assert await status(address, Authorization="Bearer another token, long enough") == 401
        assert await status(address, Authorization=f"Basic {TOKEN}") == 401
        assert await status(address, Authorization=f"bearer {TOKEN}") == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "memory.example"])
def test_others_are_let_in_only_with_a_token(host: str) -> None:
    with pytest.raises(ValidationError, match="no token is set"):
        HttpOptions(host, 1).check()
    with pytest.raises(ValidationError, match="fewer than 16 characters"):
        HttpOptions(host, 1, "short").check()
    HttpOptions(host, 1, TOKEN).check()
    assert TOKEN not in repr(HttpOptions(host, 1, TOKEN))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_is_let_in_without(host: str) -> None:
    HttpOptions(host, 1).check()


def test_an_address_of_its_own_is_a_host_that_it_knows() -> None:
    known = HttpOptions("192.0.2.1", 0, TOKEN).security(80)
    assert "192.0.2.1:80" in known.allowed_hosts
    assert "http://192.0.2.1:80" in known.allowed_origins
    assert "0.0.0.0:80" not in HttpOptions("0.0.0.0", 0, TOKEN).security(80).allowed_hosts
    assert "[2001:db8::1]:80" in HttpOptions("2001:db8::1", 0, TOKEN).security(80).allowed_hosts


async def test_a_port_that_is_taken_is_told(memory: MemoryManager) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValidationError, match=f"cannot listen on 127.0.0.1, port {port}"):
            async with served(memory, HttpOptions("127.0.0.1", port)):
                pass
