"""``mcp``: what it refuses to begin with, and serving by HTTP; `tests.mcp` has what it serves."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import httpx
import pytest

from tests.cli.conftest import Run
from tests.mcp.clients import initialize
from tests.mcp.test_http import HEADERS, TOKEN
from tests.mcp.test_stdio import serving


def test_other_machines_are_let_in_with_a_token_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = run("mcp", "--transport", "http", "--host", "0.0.0.0", code=1)
    assert "no token is set" in refused.err
    assert "GRAPHMEM_MCP_TOKEN" in refused.err
    monkeypatch.setenv("GRAPHMEM_MCP_TOKEN", "short")
    assert "fewer than 16 characters" in run("mcp", "--transport", "http", "--host", "0.0.0.0", code=1).err


def test_profiles_and_transports_are_checked(run: Run) -> None:
    assert "extended" in run("mcp", "--profile", "all", code=2).err
    assert "stdio" in run("mcp", "--transport", "pigeon", code=2).err
    for option in (("--port", "0"), ("--host", "127.0.0.1"), ("--host-name", "memory.example")):
        # It would be passed over.
        assert "--transport http" in " ".join(run("mcp", *option, code=2).err.replace("│", " ").split())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_it_serves_by_http_until_it_is_ended() -> None:
    options = ("--transport", "http", "--port", "0", "--profile", "chatgpt", "--host-name", "memory.example")
    with serving(*options, GRAPHMEM_MCP_TOKEN=TOKEN) as served:
        assert served.process.stdout is not None
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/mcp", said)):
            line = served.process.stdout.readline()
            assert line, served.finish()
            said += line.decode()
        assert "namespace default" in said
        assert httpx.post(found[0], content=initialize(), headers=HEADERS).status_code == 401
        headers = HEADERS | {"Authorization": f"Bearer {TOKEN}", "Host": "memory.example"}
        answer = httpx.post(found[0], content=initialize(), headers=headers)
        assert answer.status_code == 200
        assert "search and fetch" not in answer.text
        assert "search finds memories, fetch reads one" in answer.text
        served.process.send_signal(signal.SIGTERM)
        try:
            assert served.process.wait(60) == 0
        except subprocess.TimeoutExpired:
            pytest.fail("It does not end.")
