"""Who may talk to the inspector: checks of host, origin and session before anything else is done.

The address that is printed holds a token that is good for one opening of the page. Opening exchanges it at once for
the session, which comes in the page itself and goes back in a header. A cookie would be simpler, but browsers send the
cookies of one port to every other port of the same host, whoever listens there.
"""

import hmac
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from coda_graphmem.hosts import address_of, is_everywhere, is_loopback

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD"})

#: Methods by which the page is asked for: POST with the token in a form, which no list of processes and no history has.
OPENING = SAFE | {"POST"}

#: Scripts and styles come from this server alone, and no text can become markup (``require-trusted-types-for``).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: What a WebSocket of the page asks for, beside `_SESSION`: browsers let pages set no header of a WebSocket but this.
PROTOCOL = "coda-graphmem"

#: What stands before the session where a WebSocket names it as a protocol.
_SESSION = "session."

_CLOSED = "Open the newest address that coda-graphmem inspect printed: each holds a token that opens one page, once.\n"


@dataclass(slots=True)
class Access:
    """What opens the inspector.

    Args:
        host: Where the server listens.
        port: On which port.
        read_only: Whether every change is refused.
        names: Hosts by which it is reached besides (`coda_graphmem.hosts.known_hosts`), as behind a proxy.
    """

    host: str
    port: int
    read_only: bool = False
    names: Sequence[str] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Part of the address that is printed. It opens one page; then there is another."""
    session: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What opened pages show with every request."""
    renewed: Callable[[], None] | None = None
    """Called when the token was used up and replaced."""

    def knows_host(self, value: str | None) -> bool:
        """Whether a Host header names this server.

        Where it listens on all addresses, any address written in digits will do: a name that somebody else
        lets point here (DNS rebinding) is no such address.
        """
        if value in self.names:
            return True
        try:
            parts = urlsplit(f"//{value}")
            name, port = parts.hostname, parts.port or 80
        except ValueError:
            return False
        if not value or name is None or port != self.port or parts.username is not None:
            return False
        if name in ("localhost", self.host.lower()) or is_loopback(name):
            return True
        return is_everywhere(self.host) and (address_of(name) is not None or name == socket.gethostname().lower())

    def has_session(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes from a page that was opened with a token."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and _same(value.strip(), self.session)

    def has_protocol(self, protocols: Sequence[str]) -> bool:
        """Whether a WebSocket comes from such a page, by the protocols it asks for."""
        return PROTOCOL in protocols and any(_same(name, _SESSION + self.session) for name in protocols)

    def exchange(self, values: str) -> bool:
        """Use the token up, if a query or a form holds it; whoever comes with it again is refused."""
        if not any(_same(value, self.token) for value in parse_qs(values).get("token", [])):
            return False
        self.token = secrets.token_urlsafe(24)
        if self.renewed is not None:
            self.renewed()
        return True


class Guard:
    """Refuses what does not come from the page itself, and adds the headers that keep the page safe."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            await (WebSocketClose(1008) if refusal else self._app)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._access.knows_host(headers.get("host")):
            return _refused(403, "This server is not known by that name.")
        origin = headers.get("origin")
        socket_ = scope["type"] == "websocket"
        if scope["path"] == "/" and not socket_ and scope["method"] in OPENING:
            # Holds nothing of a memory without a token, and the form that brings one is a file, of no origin.
            return None
        changes = socket_ or scope["method"] not in SAFE
        # A browser names the origin with every change and every WebSocket; a missing one is no browser's page.
        if (origin is not None and not self._is_own(origin)) or (socket_ and origin is None):
            return _refused(403, "Another page may not use the inspector.")
        if not self._is_public(scope) and not self._is_of_session(scope, headers):
            return closed()
        if self._access.read_only and changes and not socket_:
            return _refused(403, "The inspector was started with --read-only, so nothing can be changed.")
        return None

    def _is_public(self, scope: Scope) -> bool:
        """Whether a request is about the page's own scripts and styles, for which no browser sends a header."""
        return scope["type"] == "http" and scope["method"] in SAFE and str(scope["path"]).startswith("/assets/")

    def _is_of_session(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        if scope["type"] == "websocket":
            return self._access.has_protocol(scope["subprotocols"])
        return self._access.has_session(headers)

    def _is_own(self, origin: str) -> bool:
        scheme, separator, host = origin.partition("://")
        # A proxy before it may speak TLS.
        schemes = ("http", "https") if host in self._access.names else ("http",)
        return scheme.lower() in schemes and bool(separator) and self._access.knows_host(host)


def closed() -> Response:
    """The answer to whoever comes without what opens the page."""
    return PlainTextResponse(_CLOSED, 401)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
