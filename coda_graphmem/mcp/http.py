"""Serves clients by streamable HTTP, on this machine alone unless told otherwise."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from coda_graphmem.errors import ValidationError
from coda_graphmem.hosts import address_at, check_secret, known_hosts, known_origins
from coda_graphmem.ports import open_port
from coda_graphmem.serving import run_until

if TYPE_CHECKING:
    from mcp.server import Server
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
#: Characters that a token needs, so that nobody guesses it.
_LEAST = 16
#: Seconds that requests which are being answered get at the end.
_PATIENCE = 5


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Where the server listens, and for whom."""

    host: str
    port: int
    """0 for any that is free."""
    token: str | None = field(default=None, repr=False)
    """What clients must show as ``Authorization: Bearer …``; None where every program of this machine may come."""
    names: tuple[str, ...] = ()
    """Names by which clients reach it besides its address, such as ``memory.example.org``, or ``name:port`` where a
    proxy listens on another port."""

    def check(self) -> None:
        """See that nothing is opened to others by mistake.

        Raises:
            ValidationError: Others could reach it without showing anything.
        """
        check_secret(
            self.host,
            is_set=self.token is not None,
            what="token",
            remedy="Set GRAPHMEM_MCP_TOKEN, which clients send as Authorization: Bearer",
        )
        if self.token is not None and len(self.token) < _LEAST:
            raise ValidationError(
                f"has fewer than {_LEAST} characters.",
                field="GRAPHMEM_MCP_TOKEN",
                remedy="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'.",
            )

    def security(self, port: int) -> TransportSecuritySettings:
        """Which Host and Origin headers are let in: a page of somebody else's reaches the server by none of them."""
        hosts = known_hosts(self.host, port, self.names)
        return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=known_origins(hosts))


class _Gate:
    """Refuses whoever does not show the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http":
            scheme, _, shown = Headers(scope=scope).get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), self._token):
                refusal = JSONResponse(
                    {"error": "Show the token of this server as Authorization: Bearer."},
                    401,
                    {"WWW-Authenticate": "Bearer"},
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def make_app(server: Server[Any], options: HttpOptions, port: int) -> ASGIApp:
    """The application that answers, for the port that it is reached on."""
    app: ASGIApp = server.streamable_http_app(
        streamable_http_path=PATH, transport_security=options.security(port), host=options.host
    )
    return app if options.token is None else _Gate(app, options.token)


async def serve(server: Server[Any], options: HttpOptions, ended: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Serve clients until it is to end.

    Args:
        server: What answers.
        options: Where, and for whom.
        ended: Set when it is to end.
        ready: Called with the address once it listens.
    """
    options.check()
    with open_port(options.host, options.port) as listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            make_app(server, options, port),
            # The other parser that uvicorn may find leaves white space around the values of headers.
            http="h11",
            log_level="warning",
            # Neither addresses nor what was asked for belong in a log.
            access_log=False,
            timeout_graceful_shutdown=_PATIENCE,
        )
        ready(f"{address_at(options.host, port)}{PATH}")
        await run_until(config, listening, ended)
