"""Runs the inspector on a port of this machine until it is stopped."""

from collections.abc import Callable
from dataclasses import dataclass, field

import uvicorn

from coda_graphmem.hosts import address_at
from coda_graphmem.inspector.app import check_built, make_app
from coda_graphmem.inspector.connections import ImpatientProtocol
from coda_graphmem.inspector.security import Access
from coda_graphmem.manager import MemoryManager
from coda_graphmem.ports import open_port
from coda_graphmem.serving import allow_connections

#: Seconds that requests which are being answered get at the end.
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the inspector listens, and what it allows."""

    host: str
    port: int
    """0 for any port that is free."""
    read_only: bool


@dataclass(frozen=True, slots=True)
class Door:
    """What opens the page, once."""

    page: str
    """Where the page is."""
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """What to type into a browser."""
        return f"{self.page}?token={self.token}"


async def serve(memory: MemoryManager, options: ServerOptions, ready: Callable[[Door], None]) -> None:
    """Serve the inspector until the process is interrupted.

    Args:
        memory: An open memory.
        options: Where, and what is allowed.
        ready: Called with what opens the page, once it answers, and again whenever that was used up.
    """
    folder = check_built()
    allow_connections()
    with open_port(options.host, options.port) as listening:
        port = listening.getsockname()[1]
        access = Access(options.host, port, read_only=options.read_only)
        # The address holds the token, so no request is logged.
        config = uvicorn.Config(
            make_app(memory, access, folder),
            lifespan="off",
            # Not of requests that are none, which anybody can send by the hundred.
            log_level="error",
            access_log=False,
            http=ImpatientProtocol,
            ws="websockets-sansio",
            timeout_graceful_shutdown=_PATIENCE,
        )
        page = f"{address_at(options.host, port)}/"
        access.renewed = lambda: ready(Door(page, access.token))
        access.renewed()
        await uvicorn.Server(config).serve(sockets=[listening])
