"""Whether the server lives, what it counts, and the page that looks into it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.errors import StoreUnavailableError, VectorStoreError
from coda_graphmem.mcp.late import LateMemory
from coda_graphmem.server import state as module
from coda_graphmem.server.api import running
from coda_graphmem.server.options import ServerOptions
from tests.conftest import open_memory
from tests.server.conftest import ADDRESS, PORT, Serve, Served


async def test_it_answers_before_the_memory_is_open(config: MemoryConfig, tmp_path: Path) -> None:
    go_on = threading.Event()

    def make() -> MemoryManager:
        go_on.wait(30)
        return open_memory(config)

    options = ServerOptions(keys=tmp_path / "keys.json")
    async with (
        running(LateMemory(make), options, PORT) as (app, _),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client,
    ):
        assert (await client.get("/health")).json() == {"status": "ok", "ready": False}
        waiting = await client.get("/health/ready")
        assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "5")
        assert (await client.get("/openapi.json")).status_code == 200
        go_on.set()
        assert (await client.get("/count")).json() == {"count": 0}
        await asyncio.sleep(module._KNOWN)
        assert (await client.get("/health/ready")).json() == {"status": "ok", "ready": True}


async def test_a_store_that_cannot_be_reached_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_KNOWN", 0.0)
    async with served.client() as client:
        await client.get("/count")
        assert (await client.get("/health/ready")).status_code == 200
        for error in (StoreUnavailableError("away"), RuntimeError("a secret")):

            async def fail(error: Exception = error) -> int:
                raise error

            monkeypatch.setattr(served.memory, "get_revision", fail)
            assert (await client.get("/health/ready")).status_code == 503
            assert (await client.get("/health")).json() == {"status": "ok", "ready": False}
    assert "secret" not in caplog.text


async def test_a_memory_that_cannot_be_opened_is_tried_again(tmp_path: Path, config: MemoryConfig) -> None:
    tried = 0

    def make() -> MemoryManager:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise VectorStoreError("is damaged.", remedy="Repair it.")
        return open_memory(config)

    async with (
        running(LateMemory(make), ServerOptions(keys=tmp_path / "keys.json"), PORT) as (app, _),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client,
    ):
        failed = await client.get("/count")
        assert (failed.status_code, failed.json()["remedy"]) == (500, "Repair it.")
        assert (await client.get("/count")).status_code == 200


async def test_what_is_done_is_counted_and_names_nobody(served: Served) -> None:
    async with served.client() as client:
        await client.post("/memories", json={"content": "Maria likes plums."}, params={"namespace": "acme"})
        await client.post("/memories", json={})
        await client.get("/memories/nope")
        await client.get("/some/where/else")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.text
    for line in (
        'coda_graphmem_requests_total{operation="store_memory",status="201"} 1.0',
        'coda_graphmem_requests_total{operation="store_memory",status="422"} 1.0',
        'coda_graphmem_requests_total{operation="get_memory",status="404"} 1.0',
        'coda_graphmem_requests_total{operation="other",status="404"} 1.0',
        'coda_graphmem_request_seconds_count{operation="store_memory"} 2.0',
        "coda_graphmem_ready 1.0",
        "coda_graphmem_streams 0.0",
    ):
        assert line in text
    assert not any(word in text for word in ("acme", "Maria", "nope", "where"))


async def test_counts_are_for_those_with_a_key_unless_only_this_machine_asks(serve: Serve) -> None:
    async with serve() as served, served.client() as client:
        served.key(namespaces=("home",))
        assert (await client.get("/metrics")).status_code == 200
    async with serve(names=("memory.example",)) as served, served.client() as client:
        assert (await client.get("/metrics")).status_code == 401
    async with serve(host="0.0.0.0") as served:
        async with served.client() as client:
            assert (await client.get("/metrics")).status_code == 401
            assert (await client.get("/health")).status_code == 200
        async with served.client(served.key("write", namespaces=("home",))) as client:
            assert (await client.get("/metrics")).status_code == 200


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A page as the build makes it."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<meta name="session" content="" /><script src="./assets/main.js"></script>')
    (folder / "assets" / "main.js").write_text("0")
    monkeypatch.setattr("coda_graphmem.inspector.app.check_built", lambda: folder)
    return folder


async def test_administrators_of_everything_open_the_inspector(served: Served, page: Path) -> None:
    record, key = served.keys.create("test", ["administer"], prefixes=[""])
    async with served.client(served.key("administer", prefixes=("a", "b", "d"))) as other:
        assert (await other.post("/inspector")).status_code == 403
    async with served.client(key) as client:
        address = (await client.post("/inspector")).json()["address"]
    assert address.startswith(f"{ADDRESS}/inspector/{record.key_id}/?token=")
    where = urlsplit(address)
    async with served.client() as browser:
        opened = await browser.get(address)
        assert opened.status_code == 200
        assert "default-src 'none'" in opened.headers["content-security-policy"]
        session = opened.text.partition('name="session" content="')[2].partition('"')[0]
        assert session
        assert (await browser.get(address)).status_code == 401, "its token opens one page"
        assert (await browser.get(f"{where.path}assets/main.js")).text == "0"
        shown = {"Authorization": f"Bearer {session}"}
        state = f"{where.path}api/state"
        assert (await browser.get(state)).status_code == 401
        assert (await browser.get(state, headers=shown)).json()["namespace"] == "default"
        assert (await browser.get(state, headers=shown | {"Host": "evil.example"})).status_code == 403
        assert (await browser.get(state, headers=shown | {"Origin": "http://evil.example"})).status_code == 403
        assert (await browser.get("/inspector/local/api/state", headers=shown)).status_code == 401
        # A session is no key, nor a key a session.
        assert (await browser.get("/stats", headers=shown)).status_code == 401
        assert (await browser.get(state, headers={"X-API-Key": key})).status_code == 401
        served.keys.revoke(record.key_id)
        assert (await browser.get(state, headers=shown)).status_code == 401


async def test_programs_of_this_machine_open_it_as_long_as_there_are_no_keys(served: Served, page: Path) -> None:
    async with served.client() as client:
        address = (await client.post("/inspector")).json()["address"]
        assert urlsplit(address).path == "/inspector/local/"
        redirected = await client.get("/inspector/local")
        assert redirected.headers["location"] == "/inspector/local/"
        served.key(namespaces=("home",))
        assert (await client.get(address)).status_code == 401


async def test_behind_a_proxy_it_knows_its_name(serve: Serve, page: Path) -> None:
    async with serve(names=("memory.example",)) as served:
        async with served.client(served.key(prefixes=("",))) as client:
            asked = await client.post("/inspector", headers={"Host": "memory.example"})
            where = urlsplit(asked.json()["address"])
            assert where.netloc == "memory.example"
        async with served.client() as browser:
            headers = {"Host": "memory.example", "Origin": "https://memory.example"}
            assert (await browser.get(f"{where.path}?{where.query}", headers=headers)).status_code == 200


async def test_a_page_hears_of_nothing_more_once_its_key_is_revoked(serve: Serve, page: Path) -> None:
    async with serve(heartbeat=0.05) as served:
        record, key = served.keys.create("test", ["administer"], prefixes=[""])
        async with served.client(key) as client:
            where = urlsplit((await client.post("/inspector")).json()["address"])
        async with served.client() as browser:
            opened = await browser.get(f"{where.path}?{where.query}")
        session = opened.text.partition('name="session" content="')[2].partition('"')[0]
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "root_path": "",
            "path": f"{where.path}api/live", "raw_path": b"", "query_string": b"", "server": ("127.0.0.1", PORT),
            "headers": [(b"host", f"127.0.0.1:{PORT}".encode()), (b"origin", ADDRESS.encode())],
            "subprotocols": ["coda-graphmem", f"session.{session}"],
        }  # fmt: skip
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        given = [{"type": "websocket.connect"}]

        async def receive() -> dict[str, Any]:
            return given.pop() if given else await asyncio.Event().wait()  # type: ignore[return-value]

        listening = asyncio.create_task(served.app(scope, receive, heard.put))
        assert (await asyncio.wait_for(heard.get(), 10))["type"] == "websocket.accept"
        served.keys.revoke(record.key_id)
        await asyncio.wait_for(listening, 10)
        last = None
        while not heard.empty():
            last = heard.get_nowait()
        assert last is not None
        assert (last["type"], last["code"]) == ("websocket.close", 1008)
