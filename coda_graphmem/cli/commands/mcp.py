"""Serves the memory to assistants by the Model Context Protocol: ``mcp``."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.cli.settings import Settings
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import ValidationError

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.mcp.identity import Profile


class ProfileName(str, Enum):
    """Which tools are served."""

    DEFAULT = "default"


async def mcp(
    settings: Settings,
    *,
    profile: Annotated[ProfileName, typer.Option("--profile", help="Which tools are served.")] = ProfileName.DEFAULT,
) -> None:
    """Serve the memory to an assistant by the Model Context Protocol, over standard input and output."""
    if find_spec("mcp") is None:
        raise ValidationError(
            "the package mcp is not installed.", remedy="Install it: pip install 'coda-graphmem[mcp]'."
        )
    config = settings.config()
    await _serve_stdio(config, profile.value)


async def _serve_stdio(config: MemoryConfig, profile: Profile) -> None:
    from coda_graphmem.mcp.stdio import Wire

    wire = Wire(profile, config.namespace)
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            asyncio.get_running_loop().add_signal_handler(number, wire.end)
    # From here on it takes long: the wire answers by itself meanwhile.
    from coda_graphmem.mcp.late import LateMemory
    from coda_graphmem.mcp.server import make_server
    from coda_graphmem.mcp.stdio import serve

    late = LateMemory(_maker(config))
    server = make_server(late.open, config.namespace, profile)
    late.start()
    try:
        await serve(server, wire)
    finally:
        await late.close()


def _maker(config: MemoryConfig) -> Callable[[], MemoryManager]:
    def make() -> MemoryManager:
        from coda_graphmem.manager import MemoryManager

        return MemoryManager(config)

    return make
