"""The early answer to ``initialize`` is the one that the libraries give, or none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp.shared.memory import create_client_server_memory_streams
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from coda_graphmem import MemoryManager
from coda_graphmem.mcp.handshake import early_answer
from coda_graphmem.mcp.identity import HANDSHAKES
from coda_graphmem.mcp.profiles import PROFILES
from coda_graphmem.mcp.server import make_server
from tests.mcp.clients import initialize, line


async def answer_of(memory: MemoryManager, profile: Any, sent: bytes) -> Any:
    """What the server itself answers to a first line."""
    import anyio

    async def opened() -> MemoryManager:
        return memory

    server = make_server(opened, memory.namespace, profile)
    async with (
        create_client_server_memory_streams() as ((heard, said), (read, write)),
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(server.run, read, write, server.create_initialization_options())
        await said.send(SessionMessage(jsonrpc_message_adapter.validate_json(sent, by_name=False)))
        answer = await heard.receive()
        tasks.cancel_scope.cancel()
    assert isinstance(answer, SessionMessage)
    return json.loads(answer.message.model_dump_json(by_alias=True, exclude_unset=True))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("version", [*HANDSHAKE_PROTOCOL_VERSIONS, "2026-07-28", "1999-01-01"])
async def test_the_early_answer_is_that_of_the_server(memory: MemoryManager, profile: Any, version: str) -> None:
    for sent in (
        initialize(version),
        initialize(
            version,
            number="a",
            roots={"listChanged": True},
            sampling={"context": {}, "tools": {}},
            elicitation={"form": {}, "url": {}},
            tasks={"list": {}, "cancel": {}, "requests": {"sampling": {"createMessage": {}}}},
            extensions={"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}},
            experimental={"x": {"y": 1}},
        ),
    ):
        early = early_answer(sent, profile, memory.namespace)
        assert early is not None
        assert early[0] == json.loads(sent)["id"]
        assert early[1].endswith(b"\n")
        assert json.loads(early[1]) == await answer_of(memory, profile, sent)


def test_all_handshakes_of_the_library_are_known() -> None:
    assert HANDSHAKES == HANDSHAKE_PROTOCOL_VERSIONS


PARAMS = json.loads(initialize())["params"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not json",
        b"[" * 100_000,
        b"[]",
        line(id=1, method="ping"),
        line(method="initialize", params=PARAMS),
        line(id=None, method="initialize", params=PARAMS),
        line(id=True, method="initialize", params=PARAMS),
        line(id=1, method="initialize"),
        line(id=1, method="initialize", params=[]),
        line(id=1, method="initialize", params={}),
        line(id=1, method="initialize", params=PARAMS | {"protocolVersion": 3}),
        line(id=1, method="initialize", params=PARAMS | {"capabilities": []}),
        line(id=1, method="initialize", params=PARAMS | {"capabilities": {"roots": []}}),
        line(id=1, method="initialize", params=PARAMS | {"capabilities": {"unheard": {}}}),
        line(id=1, method="initialize", params=PARAMS | {"capabilities": {"roots": {"listChanged": "yes"}}}),
        line(id=1, method="initialize", params=PARAMS | {"capabilities": {"tasks": {"requests": {"sampling": True}}}}),
        line(id=1, method="initialize", params=PARAMS | {"capabilities": {"experimental": {"x": True}}}),
        line(id=1, method="initialize", params=PARAMS | {"clientInfo": {"name": "x"}}),
        line(id=1, method="initialize", params=PARAMS | {"clientInfo": {"name": "x", "version": 1}}),
        line(id=1, method="initialize", params=PARAMS | {"_meta": {}}),
        initialize().replace(b"2.0", b"1.0"),
    ],
    ids=lambda sent: sent[:60].decode(),
)
def test_what_is_unusual_is_left_to_the_server(sent: bytes) -> None:
    assert early_answer(sent, "default", "default") is None
