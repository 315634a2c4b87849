"""Runs the server on a port of this machine until it is ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from coda_graphmem.hosts import address_at
from coda_graphmem.inspector.connections import ImpatientProtocol
from coda_graphmem.ports import open_port
from coda_graphmem.server.api import running
from coda_graphmem.serving import allow_connections, run_until

if TYPE_CHECKING:
    from coda_graphmem.mcp.late import LateMemory
    from coda_graphmem.server.options import ServerOptions

#: Seconds within which an upload has to be there.
_UPLOAD = 3_600.0


class _PatientProtocol(ImpatientProtocol):
    """HTTP with an end to every wait for the other side, but with time for large bodies."""

    def body_seconds(self) -> float:
        """See `ImpatientProtocol`."""
        return _UPLOAD


async def serve(late: LateMemory, options: ServerOptions, ended: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Serve clients until it is to end: what is being answered then is answered, streams end, and the memory is closed.

    Args:
        late: The memory, which is opened behind the scenes.
        options: Where, for whom, and how much.
        ended: Set when it is to end.
        ready: Called with the address once it listens.
    """
    allow_connections()
    with open_port(options.host, options.port) as listening:
        port = listening.getsockname()[1]
        async with running(late, options, port) as (app, state):
            config = uvicorn.Config(
                app,
                lifespan="off",
                # Not of requests that are none, which anybody can send by the hundred.
                log_level="error",
                # Neither addresses nor what was asked for belong in a log.
                access_log=False,
                http=_PatientProtocol,
                ws="websockets-sansio",
                timeout_graceful_shutdown=int(options.patience),
                server_header=False,
            )

            def begun() -> None:
                ready(address_at(options.host, port))
                # Not before: what it imports would keep the first answers waiting.
                late.start()

            ending = asyncio.create_task(_pass_on(ended, state.ending))
            try:
                await run_until(config, listening, ended, begun)
            finally:
                ending.cancel()


async def _pass_on(ended: asyncio.Event, also: asyncio.Event) -> None:
    await ended.wait()
    also.set()
