"""Serves an application on a port until it is to end."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from socket import socket

import uvicorn

#: Files that may be open at a time.
_CONNECTIONS = 8_192


def allow_connections() -> None:
    """Let the process have as many connections as the system allows, up to some thousands: each is an open file."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _CONNECTIONS if hard == resource.RLIM_INFINITY else min(_CONNECTIONS, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _Served(uvicorn.Server):
    """A server that leaves signals to whoever runs it, who has more to close."""

    def __init__(self, config: uvicorn.Config, begun: Callable[[], object]) -> None:
        super().__init__(config)
        self._begun = begun

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """See `uvicorn.Server`."""
        return nullcontext()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        self._begun()


async def run_until(
    config: uvicorn.Config, listening: socket, ended: asyncio.Event, begun: Callable[[], object] = lambda: None
) -> None:
    """Serve an application until it is to end; what is being answered then has the time that the configuration says.

    Args:
        config: The application, and how it is served.
        listening: Where.
        ended: Set when it is to end.
        begun: Called once requests are answered.
    """
    running = _Served(config, begun)
    task = asyncio.create_task(running.serve(sockets=[listening]))
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    running.should_exit = True
    await task
