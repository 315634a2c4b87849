"""Says what an assistant needs to use the memory, and writes the plugin for Claude Code: ``connect``."""

import os
import shlex
import shutil
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.output import print_text, remark
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError
from coda_graphmem.hooks.plugin import NAME, plugin_files
from coda_graphmem.hooks.project import home_folder
from coda_graphmem.hooks.state import write
from coda_graphmem.mcp.clients import CLIENTS
from coda_graphmem.private_files import make_folder


class ClientName(str, Enum):
    """Who is to use the memory."""

    CLAUDE_CODE = "claude-code"
    CLAUDE_DESKTOP = "claude-desktop"
    CURSOR = "cursor"
    CODEX = "codex"
    VSCODE = "vscode"


async def connect(
    settings: Settings,
    client: Annotated[ClientName, typer.Argument(help="The assistant or editor that is to use the memory.")],
) -> None:
    """Print what an assistant needs to use the memory: lines for its settings, or commands that install its plugin.

    Programs and folders are named by their whole paths. The memory is in ~/.coda-graphmem unless --dir or the
    environment name another place. For Claude Code a folder with the plugin is written there, which gives each project
    a namespace of its own unless --namespace names one.
    """
    if settings.config().vector_store_type == "neo4j":
        remark("The assistant has to be started with the NEO4J_… variables: passwords are written nowhere.")
    program = str(_program())
    if client is ClientName.CLAUDE_CODE:
        _claude_code(program, _options(settings))
        return
    known = CLIENTS[client.value]
    remark(f"Into {known.file}, and start {known.title} again:")
    print_text(known.settings(program, ["mcp", *_options(settings.at_home())]))


def _claude_code(program: str, options: list[str]) -> None:
    folder = home_folder() / "claude-code"
    try:
        files = plugin_files(program, options, windows=os.name == "nt")
    except ValueError as error:
        raise ValidationError(
            str(error), remedy="Install it below a folder without such characters: uv tool install does."
        ) from None
    for name, content in files.items():
        path = folder / name
        make_folder(path.parent)
        write(path, content.encode())
    remark("The plugin is written. These two commands install it, and the next session has it:")
    quote = subprocess.list2cmdline if os.name == "nt" else shlex.join
    print_text(quote(["claude", "plugin", "marketplace", "add", str(folder)]))
    print_text(quote(["claude", "plugin", "install", f"{NAME}@{NAME}"]))


def _options(settings: Settings) -> list[str]:
    """The options that say which memory, with paths that hold in whatever folder a program is started."""
    place = None if settings.directory is None else str(settings.directory.expanduser().absolute())
    given = (("--store", settings.store), ("--dir", place), ("--namespace", settings.namespace))
    return [part for name, value in given if value is not None for part in (name, str(value))]


def _program() -> Path:
    """The command by its whole path.

    Raises:
        ValidationError: It is not installed as one.
    """
    beside = Path(sys.executable).with_name("coda-graphmem.exe" if os.name == "nt" else "coda-graphmem")
    found = beside if beside.exists() else shutil.which("coda-graphmem")
    if found is None:
        raise ValidationError(
            "the command coda-graphmem is not installed.", remedy="Install it: uv tool install 'coda-graphmem[mcp]'."
        )
    return Path(found).absolute()
