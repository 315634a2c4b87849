"""``inspect``: where it listens, what it prints, and what it says where the page was not built."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

import httpx
import pytest
import uvicorn

from coda_graphmem.inspector import app
from tests.cli.conftest import Run
from tests.inspector.conftest import page  # noqa: F401 - a fixture


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, page: Path) -> dict[str, Any]:  # noqa: F811
    """What was served and asked, in place of serving for ever."""
    seen: dict[str, Any] = {}

    async def serve(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        seen["host"], seen["port"] = sockets[0].getsockname()[:2]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(server.config.app)) as client:
            first = await client.get(seen["address"])
            seen["opened"] = first.status_code
            base = seen["address"].partition("/?")[0]
            session = first.text.partition('content="')[2].partition('"')[0]
            headers = {"Authorization": f"Bearer {session}"}
            seen["read_only"] = (await client.get(f"{base}/api/state", headers=headers)).json()["read_only"]

    def said(line: str) -> None:
        if "http" in line:
            seen.setdefault("address", line.strip())
            seen["newest"] = line.strip()

    def opened(address: str) -> bool:
        file = Path(url2pathname(address.removeprefix("file:")))
        seen["browser"], seen["form"] = address, file.read_text(encoding="utf-8")
        seen["modes"] = stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)
        seen["file"] = file
        return True

    monkeypatch.setattr(uvicorn.Server, "serve", serve)
    monkeypatch.setattr("webbrowser.open", opened)
    monkeypatch.setattr("coda_graphmem.inspector.app.STATIC", page)
    monkeypatch.setattr("coda_graphmem.inspector.server.check_built", lambda: page)
    monkeypatch.setattr("coda_graphmem.cli.commands.inspect.say", said)
    return seen


def test_the_printed_address_opens_it(run: Run, served: dict[str, Any]) -> None:
    run("inspect", "--port", "0")
    assert (served["opened"], served["host"], served["read_only"]) == (200, "127.0.0.1", False)
    assert served["newest"].partition("=")[0] == served["address"].partition("=")[0]
    assert served["newest"] != served["address"]


def test_the_browser_gets_the_token_by_a_file_that_nobody_else_can_read(run: Run, served: dict[str, Any]) -> None:
    run("inspect", "--port", "0")
    token = served["address"].partition("token=")[2]
    assert f'value="{token}"' in served["form"]
    assert 'method="post"' in served["form"]
    assert token not in served["browser"]
    assert os.name == "nt" or served["modes"] == (0o600, 0o700)
    assert not served["file"].parent.exists()


def test_without_a_browser_the_address_is_to_be_opened(
    run: Run, served: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    assert "open the address yourself" in run("inspect", "--port", "0").err
    assert served["opened"] == 200


def test_options(run: Run, served: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = run("inspect", "--port", str(port), "--host", "0.0.0.0", "--read-only", "--no-open")
    assert (served["host"], served["port"], served["read_only"]) == ("0.0.0.0", port, True)
    assert "browser" not in served
    assert "on your network" in told.err


def test_a_port_that_is_taken(run: Run, served: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = run("inspect", "--port", str(taken.getsockname()[1]), code=1)
    assert "--port" in told.err


def test_a_checkout_without_the_page_tells_how_to_build_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app.check_built, "__defaults__", (tmp_path,))
    assert "make inspector" in run("inspect", "--no-open", code=1).err
