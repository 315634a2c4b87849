"""Runs the inspector on a port of this machine until it is stopped."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn

from coda_graphmem.errors import ValidationError
from coda_graphmem.inspector.app import check_built, make_app
from coda_graphmem.inspector.security import Access, is_everywhere
from coda_graphmem.manager import MemoryManager


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the inspector listens, and what it allows."""

    host: str
    port: int
    """0 for any port that is free."""
    read_only: bool


def bind(options: ServerOptions) -> socket.socket:
    """A socket that listens.

    Raises:
        ValidationError: The address is taken or is none of this machine.
    """
    try:
        family = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        raise ValidationError(
            f"cannot listen on {options.host}, port {options.port} ({error.strerror}).",
            field="--port",
            remedy="Name another port, or 0 for any that is free.",
        ) from error


async def serve(memory: MemoryManager, options: ServerOptions, ready: Callable[[str], None]) -> None:
    """Serve the inspector until the process is interrupted.

    Args:
        memory: An open memory.
        options: Where, and what is allowed.
        ready: Called with the address to open, once it answers.
    """
    folder = check_built()
    with bind(options) as listening:
        port = listening.getsockname()[1]
        access = Access(options.host, port, read_only=options.read_only)
        # The address holds the token, so no request is logged.
        config = uvicorn.Config(
            make_app(memory, access, folder),
            lifespan="off",
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
        )
        server = uvicorn.Server(config)
        name = "127.0.0.1" if is_everywhere(options.host) else options.host
        ready(f"http://{f'[{name}]' if ':' in name else name}:{port}/?token={access.token}")
        await server.serve(sockets=[listening])
