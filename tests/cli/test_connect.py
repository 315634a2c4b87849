"""``connect``: what it prints starts a server that answers, and the plugin it writes answers hooks."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from coda_graphmem.mcp.clients import CLIENTS
from tests.cli.conftest import Run
from tests.docs.blocks import blocks

ROOT = Path(__file__).parents[2]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command, as it is installed, in a folder with a space, and a home."""
    folder = tmp_path / "my tools"
    folder.mkdir()
    made = folder / ("coda-graphmem.exe" if os.name == "nt" else "coda-graphmem")
    made.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tests.mcp.served "$@"\n')
    made.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return made


def server_of(client: str, text: str) -> dict[str, Any]:
    """The server in the settings of a client."""
    held: dict[str, Any] = tomllib.loads(text) if client == "codex" else json.loads(text)
    [servers] = held.values()
    server: dict[str, Any] = servers["memory"]
    return server


@pytest.mark.parametrize("client", CLIENTS)
def test_settings_name_program_and_place(run: Run, program: Path, tmp_path: Path, client: str) -> None:
    done = run("connect", client)
    server = server_of(client, done.out)
    assert server["command"] == str(program)
    assert server["args"] == ["mcp", "--dir", str(tmp_path / ".coda-graphmem")]
    assert server.get("type") == ("stdio" if client == "vscode" else None)
    assert CLIENTS[client].title in done.err
    other = server_of(
        client, run("connect", client, "--dir", "here", "--namespace", 'Zoë "x"', "--store", "chroma").out
    )
    assert other["args"] == [
        "mcp", "--store", "chroma", "--dir", str(Path.cwd() / "here"), "--namespace", 'Zoë "x"'
    ]  # fmt: skip


def test_a_password_is_written_nowhere(run: Run, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://memory.example")
    monkeypatch.setenv("NEO4J_PASSWORD", "letmein")
    done = run("connect", "cursor")
    assert server_of("cursor", done.out) == {"command": str(program), "args": ["mcp"]}
    assert "NEO4J_… variables" in done.err
    assert "letmein" not in done.out + done.err


def test_a_command_that_is_not_installed_cannot_be_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "is not installed" in run("connect", "cursor", code=1).err
    assert "claude-code" in run("connect", "emacs", code=2).err


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
def test_the_plugin_is_written_for_its_owner_and_named(run: Run, program: Path, tmp_path: Path) -> None:
    add, install = run("connect", "claude-code", "--namespace", "ours").out.splitlines()
    folder = tmp_path / ".coda-graphmem" / "claude-code"
    assert shlex.split(add) == ["claude", "plugin", "marketplace", "add", str(folder)]
    assert install == "claude plugin install coda-graphmem@coda-graphmem"
    hooks = json.loads((folder / "plugin/hooks/hooks.json").read_text())["hooks"]
    command = hooks["Stop"][0]["hooks"][0]["command"]
    assert shlex.split(command) == [str(program), "hook", "Stop", "--namespace", "ours"]
    # Again, with other options, as after an upgrade.
    run("connect", "claude-code")
    assert "ours" not in (folder / "plugin/hooks/hooks.json").read_text()
    # Any shell runs it.
    done = subprocess.run(
        ["sh", "-c", command.replace("Stop", "Stopped")], input="{}", capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "There is no event" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
def test_the_server_of_the_plugin_answers_for_its_project(run: Run, program: Path, tmp_path: Path) -> None:
    run("connect", "claude-code")
    folder = tmp_path / ".coda-graphmem" / "claude-code"
    server = json.loads((folder / "plugin/.mcp.json").read_text())["mcpServers"]["memory"]
    project = tmp_path / "shop"
    environment = {**os.environ, "CLAUDE_PROJECT_DIR": str(project)}
    told = asyncio.run(_remembered(server, environment))
    assert told["namespace"].startswith("shop-")
    assert (tmp_path / ".coda-graphmem" / "coda_memories.sqlite3").exists()


async def _remembered(server: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """What a server answers that is started as settings say, when something is to be remembered."""
    parameters = StdioServerParameters(command=server["command"], args=server["args"], env=environment)
    async with Client(stdio_client(parameters)) as client:
        told = await client.call_tool("memory_remember", {"content": "Rex barks."})
    assert not told.is_error, told
    assert told.structured_content is not None
    return told.structured_content


def blocks_of_clients() -> list[tuple[str, dict[str, Any]]]:
    """The servers in the settings that the documentation shows, with the language they are written in."""
    found = [
        (language, server_of("codex" if language == "toml" else "", text))
        for language, text in blocks("mcp.md")
        if language in ("json", "toml")
    ]
    assert [language for language, _ in found] == ["json", "toml", "json"]
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
def test_what_the_documentation_says_to_paste_starts_a_server(program: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}

    async def all_of_them() -> list[dict[str, Any]]:
        calls = []
        for place, (_, server) in enumerate(blocks_of_clients()):
            folder = str(tmp_path / f"memory{place}")
            arguments = [one.replace("/path/to/memory", folder) for one in server["args"]]
            assert folder in arguments
            command = server["command"].replace("/path/to/coda-graphmem", str(program))
            calls.append(_remembered({"command": command, "args": arguments}, environment))
        return await asyncio.gather(*calls)

    answers = asyncio.run(all_of_them())
    assert [answer["namespace"] for answer in answers] == ["default"] * 3
    assert all((tmp_path / f"memory{place}" / "coda_memories.sqlite3").exists() for place in range(3))


def test_settings_are_those_of_the_documentation() -> None:
    shown = [text for language, text in blocks("mcp.md") if language in ("json", "toml")]
    arguments = ["mcp", "--dir", "/path/to/memory"]
    made = {name: client.settings("/path/to/coda-graphmem", arguments) for name, client in CLIENTS.items()}
    assert [made["cursor"], made["codex"], made["vscode"]] == [text.strip() for text in shown]
    assert made["claude-desktop"] == made["cursor"]
