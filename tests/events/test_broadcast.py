"""Broadcasts to WebSocket clients: over any of three methods, and over a real server with a client that hangs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from coda_graphmem import MemoryManager
from tests.events.test_receivers import until


class Recorder:
    """A WebSocket manager that only keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.sent]


class WithEvent(Recorder):
    async def broadcast_event(self, event_type: str, data: dict[str, Any], room: str | None = None) -> None:
        self.sent.append((event_type, data))

    async def broadcast(self, message: object) -> None:
        raise AssertionError("broadcast_event comes first")


class WithPlainEvent(Recorder):
    def broadcast_event(self, event_type: str, data: dict[str, Any]) -> None:
        self.sent.append((event_type, data))


class WithBroadcast(Recorder):
    async def broadcast(self, message: dict[str, Any]) -> None:
        assert set(message) == {"event_type", "data"}
        self.sent.append((message["event_type"], message["data"]))


class WithJson(Recorder):
    def send_json(self, message: dict[str, Any]) -> None:
        assert set(message) == {"event_type", "data"}
        self.sent.append((message["event_type"], message["data"]))


async def act(memory: MemoryManager) -> None:
    await memory.store_memory("Secret tea", memory_id="m", importance_score=0.7, conversation_id="c")
    await memory.retrieve_memories("tea", min_relevance=0.0)
    await memory.delete_memory("m")


@pytest.mark.parametrize("kind", [WithEvent, WithPlainEvent, WithBroadcast, WithJson])
async def test_any_of_three_methods(memory: MemoryManager, kind: type[Recorder]) -> None:
    manager = kind()
    await memory.enable_websocket_integration(websocket_manager=manager, broadcast_updates=True)
    await act(memory)
    assert await memory.disable_websocket_integration(manager)
    assert not await memory.disable_websocket_integration(manager)
    await act(memory)
    assert manager.names == ["memory_stored", "memory_retrieved", "memory_deleted"]
    assert json.loads(json.dumps(manager.sent[0][1])) == {
        "namespace": "default",
        "time": 1_750_000_000.0,
        "count": 1,
        "memory_ids": ["m"],
        "memories": [
            {
                "memory_id": "m",
                "memory_type": "episodic",
                "importance_score": 0.7,
                "conversation_id": "c",
                "relevance_score": None,
            }
        ],
        "details": {"created": 1},
    }


async def test_what_is_broadcast_can_be_chosen(memory: MemoryManager) -> None:
    manager = WithEvent()
    for options, expected in (
        ({"broadcast_updates": False}, ["memory_retrieved"]),
        ({"events": ["memory_stored", "retrieved"]}, ["memory_stored", "memory_retrieved"]),
        ({"events": ["stored", "retrieved"], "broadcast_updates": False}, ["memory_retrieved"]),
    ):
        await memory.enable_websocket_integration(manager, **options)
        await act(memory)
        await memory.disable_websocket_integration()
        assert manager.names == expected
        manager.sent.clear()
    await memory.enable_websocket_integration(manager, include_content=True)
    await act(memory)
    await memory.disable_websocket_integration()
    assert manager.sent[0][1]["memories"][0]["content"] == "Secret tea"


async def test_enabling_twice_replaces_and_tenants_are_apart(memory: MemoryManager) -> None:
    manager, alice = WithEvent(), memory.for_namespace("alice")
    await memory.enable_websocket_integration(manager)
    await memory.enable_websocket_integration(manager, events=["deleted"])
    await alice.enable_websocket_integration(manager, events=["stored"])
    await act(memory)
    await act(alice)
    await memory.disable_websocket_integration()
    await act(alice)
    await alice.disable_websocket_integration(manager)
    assert [(name, data["namespace"]) for name, data in manager.sent] == [
        ("memory_deleted", "default"),
        ("memory_stored", "alice"),
        ("memory_stored", "alice"),
    ]


async def test_a_broken_manager_fails_no_call(memory: MemoryManager) -> None:
    class Broken:
        async def broadcast(self, message: object) -> None:
            raise ConnectionError

    class Hanging:
        def __init__(self) -> None:
            self.calls = 0

        async def broadcast(self, message: object) -> None:
            self.calls += 1
            await asyncio.sleep(60)

    hanging, hung = Hanging(), Hanging()
    broken = await memory.enable_websocket_integration(Broken())
    impatient = await memory.enable_websocket_integration(hanging, timeout_seconds=0.001)
    patient = await memory.enable_websocket_integration(hung, queue_size=2, timeout_seconds=60)
    await act(memory)
    await act(memory)
    await until(lambda: broken.failed == impatient.timed_out == 6)
    await patient.close(0.01)
    assert hanging.calls == 6
    assert (hung.calls, patient.timed_out, patient.dropped) == (1, 1, 5)
    assert broken.delivered == impatient.delivered == patient.delivered == 0


class Hub:
    """A small WebSocket manager as one writes it: every client gets every message."""

    def __init__(self) -> None:
        self.clients: set[ServerConnection] = set()

    async def handle(self, client: ServerConnection) -> None:
        self.clients.add(client)
        try:
            await client.wait_closed()
        finally:
            self.clients.discard(client)

    async def broadcast_event(self, event_type: str, data: dict[str, Any]) -> None:
        text = json.dumps({"type": event_type, **data})
        await asyncio.gather(*(client.send(text) for client in self.clients), return_exceptions=True)


def small_socket() -> socket.socket:
    """A socket that soon has enough of a peer that does not read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return made


async def test_a_real_server_with_a_client_that_hangs(memory: MemoryManager) -> None:
    hub, rounds, content = Hub(), 8, 100_000 * "x"
    options: dict[str, Any] = {"ping_interval": None, "close_timeout": 0.1}
    listening, hanging = small_socket(), small_socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    async with asyncio.timeout(60), serve(hub.handle, sock=listening, write_limit=1024, **options):
        url = f"ws://127.0.0.1:{port}"
        async with connect(url, **options) as one, connect(url, **options) as other:
            hanging.connect(("127.0.0.1", port))
            hanging.sendall(
                b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            with contextlib.closing(hanging):
                await until(lambda: len(hub.clients) == 3)
                subscription = await memory.enable_websocket_integration(hub, include_content=True, timeout_seconds=0.2)
                received = [asyncio.create_task(_read(client, rounds)) for client in (one, other)]
                for i in range(rounds):
                    # While the broadcast of one event hangs, the memory goes on.
                    await memory.store_memory(f"{i} {content}", memory_id=str(i))
                for names, ids in await asyncio.gather(*received):
                    assert names == ["memory_stored"] * rounds
                    assert ids == [[str(i)] for i in range(rounds)]
                await memory.disable_websocket_integration()
                assert subscription.timed_out > 0
                assert subscription.timed_out + subscription.delivered == rounds


async def _read(client: ClientConnection, count: int) -> tuple[list[str], list[list[str]]]:
    messages = [json.loads(await client.recv()) for _ in range(count)]
    return [m["type"] for m in messages], [m["memory_ids"] for m in messages]


async def test_what_a_manager_refuses_does_not_count_as_delivered(memory: MemoryManager) -> None:
    class Choosy:
        async def broadcast_event(self, event_type: str, data: dict[str, Any]) -> bool:
            return event_type == "memory_stored"

    subscription = await memory.enable_websocket_integration(Choosy())
    await memory.store_memory("Anna likes tea", memory_id="m")
    await memory.delete_memory("m")
    await until(lambda: subscription.refused == 1)
    assert (subscription.delivered, subscription.failed, subscription.dropped) == (1, 0, 0)
