"""Nobody but the page itself, opened with the printed token, gets anything from the inspector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from coda_graphmem import MemoryManager
from coda_graphmem.hosts import is_loopback
from coda_graphmem.inspector.app import make_app
from coda_graphmem.inspector.security import Access
from tests.inspector.conftest import Client

SESSION = 'name="session" content="session"'


@pytest.mark.parametrize("by_form", [False, True])
async def test_the_token_is_exchanged_for_the_session_once(client: Client, *, by_form: bool) -> None:
    # The form is a file, which has no origin.
    one = client(session=False, **({"Origin": "null"} if by_form else {}))

    async def opened() -> httpx.Response:
        return await (one.post("/", data={"token": "token"}) if by_form else one.get("/?token=token"))

    answer = await opened()
    assert (answer.status_code, SESSION in answer.text, "set-cookie" in answer.headers) == (200, True, False)
    assert (await client().get("/api/state")).status_code == 200
    again = await opened()
    assert (again.status_code, "newest address" in again.text, "session" in again.text) == (401, True, False)


def test_each_use_makes_another_token() -> None:
    seen: list[str] = []
    access = Access("127.0.0.1", 8777)
    access.renewed = lambda: seen.append(access.token)
    first = access.token
    assert not access.exchange("token=guess")
    assert access.exchange(f"page=3&token={first}")
    assert not access.exchange(f"token={first}")
    assert seen == [access.token] != [first]
    assert access.exchange(f"token={access.token}")


@pytest.mark.parametrize(("method", "headers"), [("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch;prerender"})])
async def test_a_browser_that_looks_ahead_uses_no_token_up(
    client: Client, method: str, headers: dict[str, str]
) -> None:
    one = client(session=False)
    assert "session" not in (await one.request(method, "/?token=token", headers=headers)).text.replace('content=""', "")
    assert SESSION in (await one.get("/?token=token")).text


@pytest.mark.parametrize("path", ["/?token=guess", "/?token=", "/api/state", "/api/state?token=token", "/api/graph"])
async def test_without_it_nothing_is_shown(client: Client, path: str) -> None:
    answer = await client(session=False).get(path)
    assert answer.status_code == 401
    assert "coda-graphmem inspect" in answer.text


async def test_the_page_itself_holds_nothing(client: Client) -> None:
    one = client(session=False)
    assert SESSION not in (await one.get("/")).text
    assert (await one.get("/assets/main.js")).text == "0"
    assert (await one.post("/assets/main.js")).status_code == 401
    for path in ("/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/..%2findex.html"):
        assert (await one.get(path)).status_code in (401, 404), path


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "coda_graphmem_8777=session"},
        {"Cookie": "session=session"},
        {"Authorization": "Bearer other"},
        {"Authorization": "Basic session"},
        {"Authorization": "Bearer"},
        {"Authorization": "session"},
        {"Sec-WebSocket-Protocol": "coda-graphmem, session.session"},
    ],
)
async def test_what_browsers_send_by_themselves_opens_nothing(client: Client, headers: dict[str, str]) -> None:
    assert (await client(session=False, **headers).get("/api/state")).status_code == 401


@pytest.mark.parametrize("sent", [b"", b"token=", b"token=guess", b"token=" + b"x" * 5000])
async def test_a_form_without_the_token_opens_nothing(client: Client, sent: bytes) -> None:
    answer = await client(session=False).post("/", content=sent)
    assert SESSION not in answer.text
    assert answer.status_code in (200, 401, 422)


@pytest.mark.parametrize(
    "host", ["evil.example:8777", "127.0.0.1", "127.0.0.1:80", "10.0.0.1:8777", "a@127.0.0.1:8777", ""]
)
async def test_other_names_of_this_server_are_refused(client: Client, host: str) -> None:
    assert (await client(Host=host).get("/api/state")).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8777", "localhost:8777", "[::1]:8777"])
async def test_its_own_names_are_known(client: Client, host: str) -> None:
    assert (await client(Host=host).get("/api/state")).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://[", "null", "https://127.0.0.1:8777", "http://127.0.0.1:9999"]
)
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
    for one, path in (
        (client(), "/"),
        (client(), "/?token=token"),
        (client(), "/api/state"),
        (client(session=False), "/api/state"),
        (client(), "/none"),
    ):
        headers = (await one.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


OWN = "http://127.0.0.1:8777"
PROTOCOLS = ["coda-graphmem", "session.session"]


@pytest.mark.parametrize(
    ("origin", "protocols", "query"),
    [
        ("http://evil.example", PROTOCOLS, ""),
        ("http://127.0.0.1:9999", PROTOCOLS, ""),
        (None, PROTOCOLS, ""),
        (OWN, ["coda-graphmem", "session.other"], ""),
        (OWN, ["session.session"], ""),
        (OWN, ["coda-graphmem"], ""),
        (OWN, [], ""),
        # Namespaces that cannot be.
        (OWN, PROTOCOLS, "namespace="),
        (OWN, PROTOCOLS, "namespace=" + "x" * 201),
        (OWN, PROTOCOLS, "namespace=a%00b"),
    ],
)
async def test_a_websocket_that_may_not_be_is_refused(
    filled: MemoryManager, page: Path, origin: str | None, protocols: list[str], query: str
) -> None:
    app = make_app(filled, Access("127.0.0.1", 8777, token="token", session="session"), page)
    headers = [(b"host", b"127.0.0.1:8777"), (b"cookie", b"coda_graphmem_8777=session")]
    if origin:
        headers.append((b"origin", origin.encode()))
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asked = {"query_string": query.encode(), "headers": headers, "subprotocols": protocols}
    await app({"type": "websocket", "path": "/api/live", **asked}, receive, send)
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


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
