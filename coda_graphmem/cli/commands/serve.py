"""Serves the memory to programs in any language: ``serve``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coda_graphmem.cli.interrupts import end_by
from coda_graphmem.cli.options import HostNames, KeyPlace, Profile, ProfileName
from coda_graphmem.cli.output import remark, say
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import MissingPackageError

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

PORT = 8779
_LIMITS = "Limits"
_MEGABYTE = 1024 * 1024

Rate = Annotated[
    float | None,
    typer.Option(
        "--rate", min=0, help="Requests a second of one key (100); 0 for any number.", rich_help_panel=_LIMITS
    ),
]
Burst = Annotated[
    int | None,
    typer.Option(
        "--max-burst",
        min=1,
        help="Requests that a key may send at once before its rate counts (200).",
        rich_help_panel=_LIMITS,
    ),
]
Requests = Annotated[
    int | None,
    typer.Option("--max-requests", min=1, help="Requests that are answered at a time (512).", rich_help_panel=_LIMITS),
]
Streams = Annotated[
    int | None,
    typer.Option("--max-streams", min=1, help="Streams that are open at a time (200).", rich_help_panel=_LIMITS),
]
Body = Annotated[
    int | None, typer.Option("--max-body", min=1, help="Megabytes of one request (16).", rich_help_panel=_LIMITS)
]
Upload = Annotated[
    int | None, typer.Option("--max-upload", min=1, help="Megabytes of one import (1024).", rich_help_panel=_LIMITS)
]
Batch = Annotated[
    int | None,
    typer.Option("--max-batch", min=1, help="Memories, ids or queries of one request (1000).", rich_help_panel=_LIMITS),
]
Heartbeat = Annotated[
    float,
    typer.Option(
        "--heartbeat", min=0.1, help="Seconds after which a stream says that it is there.", rich_help_panel=_LIMITS
    ),
]


async def serve(
    settings: Settings,
    *,
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; all but this machine alone needs keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 for any that is free.")] = PORT,
    host_names: HostNames = None,
    keys: KeyPlace = None,
    profile: Profile = ProfileName.DEFAULT,
    no_maintenance: Annotated[
        bool, typer.Option("--no-maintenance", help="Leave the jobs of the schedule to others.")
    ] = False,
    rate: Rate = None,
    burst: Burst = None,
    requests: Requests = None,
    streams: Streams = None,
    body: Body = None,
    upload: Upload = None,
    batch: Batch = None,
    heartbeat: Heartbeat = 15.0,
) -> None:
    """Serve the memory by REST, the Model Context Protocol and the inspector, with keys for programs of others."""
    for package in ("fastapi", "mcp", "prometheus_client"):
        if find_spec(package) is None:
            raise MissingPackageError(
                f"the package {package} is not installed.", remedy="Install it: pip install 'coda-graphmem[server]'."
            )
    from coda_graphmem.mcp.late import LateMemory
    from coda_graphmem.server.keys import default_path
    from coda_graphmem.server.limits import Limits
    from coda_graphmem.server.options import ServerOptions
    from coda_graphmem.server.process import serve as run

    config = settings.config(maintenance={"enabled": False} if no_maintenance else None)
    limits: dict[str, Any] = {
        "body": None if body is None else body * _MEGABYTE,
        "upload": None if upload is None else upload * _MEGABYTE,
        "batch": batch,
        "rate": rate,
        "burst": burst,
        "requests": requests,
        "streams": streams,
    }
    options = ServerOptions(
        keys=keys or default_path(config.vector_store.persist_directory),
        namespace=config.namespace,
        host=host,
        port=port,
        names=tuple(host_names or ()),
        profile=profile.value,
        limits=Limits(**{name: value for name, value in limits.items() if value is not None}),
        heartbeat=heartbeat,
    )

    def ready(address: str) -> None:
        say(f"{location(config)}, namespace {config.namespace}:")
        say(f"  {address}/openapi.json")
        say(f"  {address}/mcp")
        remark("Ctrl-C ends it; a second Ctrl-C ends it at once.")

    ended = asyncio.Event()
    end_by(ended.set)
    await run(LateMemory(_maker(config)), options, ended, ready)


def _maker(config: MemoryConfig) -> Callable[[], MemoryManager]:
    def make() -> MemoryManager:
        from coda_graphmem.manager import MemoryManager

        return MemoryManager(config)

    return make
