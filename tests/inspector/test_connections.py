"""Connections as others make them: never finished, never read, by the hundred, and open when the server ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from websockets.asyncio.client import connect

from coda_graphmem import MemoryManager
from coda_graphmem.inspector import connections
from coda_graphmem.inspector.app import make_app
from coda_graphmem.inspector.changes import Feeds, Watch
from coda_graphmem.inspector.connections import ImpatientProtocol
from coda_graphmem.inspector.responses import LiveUpdate
from coda_graphmem.inspector.security import Access
from coda_graphmem.ports import open_port
from tests.fakes import Clock

HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
EDIT = (
    HEAD.replace(b"GET /", b"PATCH /api/memories/rows") + b"Authorization: Bearer session\r\nContent-Length: 9\r\n\r\n"
)
#: Seconds that anything may take on a machine that has other things to do.
PATIENCE = 20.0


@contextlib.asynccontextmanager
async def served(memory: MemoryManager, folder: Path) -> AsyncIterator[int]:
    """The port of a real server in this process."""
    with open_port("127.0.0.1", 0) as listening:
        port: int = listening.getsockname()[1]
        app = make_app(memory, Access("127.0.0.1", port, session="session"), folder)
        config = uvicorn.Config(
            app, http=ImpatientProtocol, ws="websockets-sansio", lifespan="off", log_config=None, timeout_keep_alive=1
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server._serve([listening]))
        try:
            yield port
        finally:
            server.should_exit = True
            await asyncio.wait_for(running, PATIENCE)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD", "BODY", "READING"):
        monkeypatch.setattr(connections, name, 0.3)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"G",
        HEAD,
        HEAD + b"\r\n" + HEAD,
        b"GET /api/live HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n",
        EDIT,
        EDIT + b'{"con',
        EDIT.replace(b"Content-Length: 9", b"Transfer-Encoding: chunked") + b"5\r\n{",
        HEAD + b"\r\n" + EDIT,
    ],
)
async def test_what_is_begun_and_not_finished_ends(filled: MemoryManager, page: Path, begun: bytes) -> None:
    async with served(filled, page) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun.replace(b"%d", str(port).encode()))
        with contextlib.suppress(ConnectionResetError):
            await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()


async def test_a_head_that_comes_drop_by_drop_ends_all_the_same(filled: MemoryManager, page: Path) -> None:
    async with served(filled, page) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)

        async def drip() -> None:
            while True:
                writer.write(b"G")
                await writer.drain()
                await asyncio.sleep(0.05)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(drip(), PATIENCE)


async def test_who_asks_and_never_reads_is_left(
    filled: MemoryManager, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page / "assets" / "large.js").write_bytes(b"x" * 30_000_000)
    lost = asyncio.Event()
    lose = ImpatientProtocol.connection_lost

    def connection_lost(protocol: ImpatientProtocol, error: Exception | None) -> None:
        lose(protocol, error)
        lost.set()

    monkeypatch.setattr(ImpatientProtocol, "connection_lost", connection_lost)
    async with served(filled, page) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /assets/large.js HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        await asyncio.wait_for(lost.wait(), PATIENCE)
        writer.close()


async def test_whole_requests_on_one_connection_are_answered(filled: MemoryManager, page: Path) -> None:
    async with served(filled, page) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request, status in ((HEAD + b"\r\n", b"200"), (EDIT + b'{"con', b"422"), (HEAD + b"\r\n", b"200")):
            writer.write(request.replace(b"%d", str(port).encode()))
            if request.startswith(EDIT):
                await asyncio.sleep(0.1)
                writer.write(b'":1}')
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            assert head.split()[1] == status
            size = next(int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
            await reader.readexactly(size)
        writer.close()


async def test_all_pages_share_one_look_at_the_store(
    filled: MemoryManager, page: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[str] = []
    looks = 0
    update: LiveUpdate | None = None

    async def begin(watch: Watch) -> None:
        begun.append(watch._memory.namespace)

    async def look(_: Watch) -> LiveUpdate | None:
        nonlocal looks
        looks += 1
        return update

    monkeypatch.setattr(Watch, "begin", begin)
    monkeypatch.setattr(Watch, "look", look)
    monkeypatch.setattr("coda_graphmem.inspector.changes.INTERVAL", 0.05)
    caplog.set_level(logging.INFO, "uvicorn.error")

    def opened(port: int, namespace: str) -> connect:
        address = f"ws://127.0.0.1:{port}/api/live?namespace={namespace}"
        origin = f"http://127.0.0.1:{port}"
        return connect(address, subprotocols=["coda-graphmem", "session.session"], origin=origin)  # type: ignore[arg-type,list-item]

    async with served(filled, page) as port:
        sockets = [await opened(port, "default" if i else "other") for i in range(40)]
        assert {await socket.recv() for socket in sockets} == {'{"ready":true}'}
        assert begun == ["other", "default"]
        before = looks
        await asyncio.sleep(0.5)
        # Ten for each of the two namespaces, however busy the machine is; not for each of the pages.
        assert 0 < looks - before <= 22
        update = LiveUpdate(gone=["rows"])
        assert {await socket.recv() for socket in sockets} == {'{"gone":["rows"]}'}
        await sockets[0].close()
        before = len(begun)
    # The server ended with pages open: they are told so, and nobody else hears of it.
    for socket in sockets[1:]:
        await asyncio.wait_for(socket.wait_closed(), PATIENCE)
        assert socket.close_code == 1012
    assert [record.message for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_feed_ends_with_its_last_page_and_begins_anew(
    filled: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.inspector.changes.time.time", clock)
    monkeypatch.setattr("coda_graphmem.inspector.changes.INTERVAL", 0.01)
    feeds = Feeds()
    for round_ in range(2):
        async with feeds.joined(filled) as first, feeds.joined(filled) as second:
            assert await first.get() == await second.get() == '{"ready":true}'
            clock.advance(1)
            await filled.store_memory(f"Our Anna skis {round_}", memory_id=f"skis{round_}")
            for one in (first, second):
                assert f'"new":["skis{round_}"]' in (await asyncio.wait_for(one.get(), PATIENCE) or "")
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert not any(name.startswith("coda-graphmem-inspector") for name in names)


async def test_a_page_that_does_not_listen_loads_the_graph_again(filled: MemoryManager) -> None:
    feeds = Feeds()
    async with feeds.joined(filled) as page:
        for i in range(1000):
            page.put(str(i))
        told = [await page.get() for _ in range(2)]
        while told[0] != '{"reload":true}':
            told = [*told[1:], await asyncio.wait_for(page.get(), PATIENCE)]
        assert int(told[1] or 0) > 800
