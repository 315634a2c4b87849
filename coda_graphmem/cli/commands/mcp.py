"""Serves the memory to assistants by the Model Context Protocol: ``mcp``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coda_graphmem.cli.interrupts import end_by
from coda_graphmem.cli.options import HostNames, Profile, ProfileName
from coda_graphmem.cli.output import remark, say
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import ValidationError
from coda_graphmem.hooks.project import project_folder

if TYPE_CHECKING:
    from mcp.server import Server

    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.mcp.identity import Profile as Tools


PORT = 8778
_HOST = "127.0.0.1"

Maker = Callable[[], "MemoryManager"]
"""Makes the memory that is served, once everything that takes long is loaded."""

#: The variable that holds what clients show: on a command line every program could read it. No setting of the memory.
TOKEN = "GRAPHMEM_MCP_TOKEN"


class Transport(str, Enum):
    """How clients reach the server."""

    STDIO = "stdio"
    HTTP = "http"


async def mcp(
    settings: Settings,
    *,
    profile: Profile = ProfileName.DEFAULT,
    transport: Annotated[
        Transport, typer.Option("--transport", help="Standard input and output, or streamable HTTP.")
    ] = Transport.STDIO,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            help=f"Where to listen for HTTP; {_HOST} if left out; where other machines reach it, {TOKEN} is needed.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", "-p", min=0, max=65535, help=f"Port for HTTP; {PORT} if left out, 0 for any that is free."
        ),
    ] = None,
    host_names: HostNames = None,
    project: Annotated[
        bool,
        typer.Option(
            "--project",
            help="The memory of the project in whose folder it is started, as hook has it: a namespace of its own in "
            "~/.coda-graphmem, unless options or environment name others.",
        ),
    ] = False,
) -> None:
    """Serve the memory to assistants by the Model Context Protocol."""
    if find_spec("mcp") is None:
        raise ValidationError(
            "the package mcp is not installed.", remedy="Install it: pip install 'coda-graphmem[mcp]'."
        )
    if project:
        settings = settings.of_project(project_folder())
    config, make = settings.config(scoped=True), _maker(settings)
    if transport is Transport.STDIO:
        for option, value in (("--host", host), ("--port", port), ("--host-name", host_names)):
            if value is not None and value != []:
                raise typer.BadParameter("It is for HTTP: add --transport http, or leave it out.", param_hint=option)
        await _serve_stdio(config, make, profile.value)
    else:
        names = tuple(host_names or ())
        await _serve_http(
            config, make, profile.value, host=host or _HOST, port=PORT if port is None else port, names=names
        )


async def _serve_stdio(config: MemoryConfig, make: Maker, profile: Tools) -> None:
    from coda_graphmem.mcp.stdio import Wire, serve

    if sys.stdin.isatty():
        remark("Waiting for a client of the Model Context Protocol, which starts this by itself. Ctrl-D ends it.")
    wire = Wire(profile, config.namespace)
    end_by(wire.end)
    # What follows takes long to be imported: the wire answers by itself meanwhile.
    async with _server(config, make, profile) as server:
        await serve(server, wire)


async def _serve_http(
    config: MemoryConfig, make: Maker, profile: Tools, *, host: str, port: int, names: tuple[str, ...]
) -> None:
    from coda_graphmem.mcp.http import HttpOptions, serve

    options = HttpOptions(host, port, os.environ.get(TOKEN) or None, names)
    options.check()
    ended = asyncio.Event()
    end_by(ended.set)

    def ready(address: str) -> None:
        say(f"{location(config)}, namespace {config.namespace}:")
        say(f"  {address}")
        remark("Ctrl-C ends it.")

    async with _server(config, make, profile) as server:
        await serve(server, options, ended, ready)


@contextlib.asynccontextmanager
async def _server(config: MemoryConfig, make: Maker, profile: Tools) -> AsyncIterator[Server[Any]]:
    """A server whose memory is opened in the background, and closed at the end."""
    from coda_graphmem.mcp.late import LateMemory
    from coda_graphmem.mcp.server import make_server

    late = LateMemory(make)
    server = make_server(late.open, config.namespace, profile)
    late.start()
    try:
        yield server
    finally:
        await late.close()


def _maker(settings: Settings) -> Maker:
    config = settings.config(scoped=True)

    def make() -> MemoryManager:
        from coda_graphmem.manager import MemoryManager

        memory = MemoryManager(config)
        return memory.scoped(**settings.scope) if settings.scope else memory

    return make
