"""Nobody but the page itself, opened with the printed token, gets anything from the inspector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryManager
from coda_graphmem.inspector.app import make_app
from coda_graphmem.inspector.security import Access, is_loopback
from tests.inspector.conftest import Client


async def test_the_token_is_exchanged_for_a_cookie_that_scripts_cannot_read(client: Client) -> None:
    one = client(session=False)
    answer = await one.get("/?token=token")
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("coda_graphmem_8777=session;")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await one.get("/api/state")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/?token=guess", "/?token=", "/api/state", "/api/state?token=token", "/assets/main.js"]
)
async def test_without_it_nothing_is_shown(client: Client, path: str) -> None:
    answer = await client(session=False).get(path)
    assert answer.status_code == 401
    assert "coda-graphmem inspect" in answer.text


async def test_a_wrong_cookie_is_none(client: Client) -> None:
    answer = await client(session=False, Cookie="coda_graphmem_8777=other").get("/api/state")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example:8777", "127.0.0.1", "127.0.0.1:80", "10.0.0.1:8777", "a@127.0.0.1:8777", ""]
)
async def test_other_names_of_this_server_are_refused(client: Client, host: str) -> None:
    assert (await client(Host=host).get("/api/state")).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8777", "localhost:8777", "[::1]:8777"])
async def test_its_own_names_are_known(client: Client, host: str) -> None:
    assert (await client(Host=host).get("/api/state")).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8777", "http://127.0.0.1:9999"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_other_pages_are_refused(client: Client, filled: MemoryManager, origin: str, method: str) -> None:
    answer = await client(Origin=origin).request(method, "/api/memories/rows")
    assert answer.status_code == 403
    assert await filled.get_memory("rows")


async def test_its_own_page_may_change(client: Client, filled: MemoryManager) -> None:
    answer = await client(Origin="http://127.0.0.1:8777").delete("/api/memories/rows")
    assert answer.status_code == 200
    assert await filled.get_memory("rows") is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/memories/rows"),
        ("DELETE", "/api/memories/rows"),
        ("POST", "/api/consolidation"),
        ("POST", "/api/consolidation/runs/x/undo"),
        ("POST", "/api/jobs/decay/run"),
        ("PUT", "/api/whatever"),
    ],
)
async def test_read_only_refuses_every_change(client: Client, filled: MemoryManager, method: str, path: str) -> None:
    before = await filled.get_revision()
    answer = await client(read_only=True).request(method, path, json={})
    assert answer.status_code == 403
    assert "--read-only" in answer.json()["error"]
    assert await filled.get_revision() == before


async def test_every_answer_forbids_foreign_scripts(client: Client) -> None:
    for one, path in ((client(), "/"), (client(), "/api/state"), (client(session=False), "/"), (client(), "/none")):
        headers = (await one.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("origin", "cookie"), [("http://evil.example", "session"), (None, "session"), ("http://127.0.0.1:8777", "other")]
)
async def test_a_websocket_of_others_is_closed(
    filled: MemoryManager, page: Path, origin: str | None, cookie: str
) -> None:
    app = make_app(filled, Access("127.0.0.1", 8777, token="token", session="session"), page)
    headers = [(b"host", b"127.0.0.1:8777"), (b"cookie", f"coda_graphmem_8777={cookie}".encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/api/live", "query_string": b"", "headers": headers, "subprotocols": []}
    await app(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("host", "asked", "known"),
    [
        ("0.0.0.0", "192.168.1.5:1", True),
        ("0.0.0.0", "evil.example:1", False),
        ("192.168.1.5", "192.168.1.5:1", True),
        ("192.168.1.5", "192.168.1.6:1", False),
        ("box.lan", "box.lan:1", True),
    ],
)
def test_names_where_others_may_look(host: str, asked: str, known: bool) -> None:
    assert Access(host, 1).knows_host(asked) is known


def test_what_is_this_machine_alone() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "box.lan")] == [True] * 3 + [
        False
    ] * 2


def test_each_start_has_its_own_secrets() -> None:
    one, two = Access("127.0.0.1", 1), Access("127.0.0.1", 1)
    assert len({one.token, two.token, one.session, two.session}) == 4
    assert len(one.token) >= 32
