"""What is written into the settings of clients so that they start the server; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

NAME = "memory"
"""What the server is called in the settings of a client."""


@dataclass(frozen=True, slots=True)
class Client:
    """A program that starts servers."""

    title: str
    file: str
    """Where its settings are, for people."""
    settings: Callable[[str, Sequence[str]], str]
    """Makes what belongs there, of the program and its arguments."""


def _as_json(key: str, **more: str) -> Callable[[str, Sequence[str]], str]:
    def made(program: str, arguments: Sequence[str]) -> str:
        server = {**more, "command": program, "args": list(arguments)}
        return json.dumps({key: {NAME: server}}, indent=2, ensure_ascii=False)

    return made


def _as_toml(program: str, arguments: Sequence[str]) -> str:
    # A string of JSON is one of TOML.
    return f"[mcp_servers.{NAME}]\ncommand = {json.dumps(program)}\nargs = {json.dumps(list(arguments))}"


CLIENTS: Mapping[str, Client] = {
    "claude-desktop": Client(
        "Claude Desktop", "claude_desktop_config.json (Settings, Developer, Edit Config)", _as_json("mcpServers")
    ),
    "cursor": Client("Cursor", "~/.cursor/mcp.json, or .cursor/mcp.json of a project", _as_json("mcpServers")),
    "codex": Client("Codex", "~/.codex/config.toml", _as_toml),
    "vscode": Client("VS Code", ".vscode/mcp.json", _as_json("servers", type="stdio")),
}
"""By the name on the command line; Claude Code has a plugin (`coda_graphmem.hooks.plugin`)."""
