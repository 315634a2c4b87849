"""The plugin for Claude Code: its hooks and the server of its memory, as the files of a folder; pure."""

import json
import shlex
from collections.abc import Sequence
from typing import Any

from coda_graphmem._version import __version__
from coda_graphmem.hooks.event import NAMES

NAME = "coda-graphmem"
"""What the plugin is called, and the marketplace that offers it alone."""

_ABOUT = "Long-term memory: recalls what is relevant, and keeps what was said."
_README = """\
# coda-graphmem

Long-term memory for Claude Code, on this machine alone. When a session begins, Claude is told what is known of you and
how the conversation before ended; with what you say comes what is relevant to it. What was said is kept when an answer
is complete, before a conversation is shortened, and when it ends, in a namespace of each project. The tools of the
server `memory` search, correct and forget.

`coda-graphmem connect claude-code` wrote this folder, with the paths of this machine in it; run it again to change it.
"""
#: Seconds after which Claude Code goes on without an answer; one comes within a second.
_TIMEOUT = 10


def plugin_files(program: str, options: Sequence[str], *, windows: bool) -> dict[str, str]:
    """The files of a folder that Claude Code takes as a marketplace with the plugin, by their paths in it.

    Args:
        program: The whole path of ``coda-graphmem``.
        options: Which memory, for hooks and server alike; empty for that of each project.
        windows: Whether they are for Windows.

    Raises:
        ValueError: Its path has no form there that every shell takes.
    """
    owner = {"name": "The coda-graphmem authors"}
    plugin: dict[str, Any] = {"name": NAME, "description": _ABOUT}
    marketplace = {"name": NAME, "description": _ABOUT, "owner": owner, "plugins": [{**plugin, "source": "./plugin"}]}
    hooks = {
        name: [
            {
                "hooks": [
                    {
                        "type": "command",
                        "command": _line([program, "hook", name, *options], windows=windows),
                        "timeout": _TIMEOUT,
                    }
                ]
            }
        ]
        for name in NAMES
    }
    server = {"command": program, "args": ["mcp", "--project", *options]}
    return {
        ".claude-plugin/marketplace.json": _written(marketplace),
        "plugin/.claude-plugin/plugin.json": _written(
            {**plugin, "version": __version__, "author": owner, "license": "Apache-2.0"}
        ),
        "plugin/README.md": _README,
        "plugin/hooks/hooks.json": _written({"description": _ABOUT, "hooks": hooks}),
        "plugin/.mcp.json": _written({"mcpServers": {"memory": server}}),
    }


def _line(words: Sequence[str], *, windows: bool) -> str:
    """A command as a shell takes it."""
    if not windows:
        return shlex.join(words)
    # Git's bash, PowerShell or cmd, whichever is there: they agree on paths with slashes and on nothing that is quoted.
    plain = [word.replace("\\", "/") for word in words]
    for word in plain:
        if shlex.quote(word.replace(":", "").replace("~", "")) != word.replace(":", "").replace("~", ""):
            raise ValueError(f"{word} has characters that shells of Windows read in different ways.")
    return " ".join(plain)


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
