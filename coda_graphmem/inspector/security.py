"""Who may talk to the inspector: checks of host, origin and token before anything else is done."""

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD"})

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
_CLOSED = "Open the address that coda-graphmem inspect printed: it holds the token that opens this page.\n"


@dataclass(frozen=True, slots=True)
class Access:
    """What opens the inspector.

    Args:
        host: Where the server listens.
        port: On which port.
        read_only: Whether every change is refused.
    """

    host: str
    port: int
    read_only: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Part of the address that is printed."""
    session: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Value of the cookie that the token is exchanged for."""

    @property
    def cookie(self) -> str:
        """Name of the cookie; with the port, as cookies do not tell ports apart."""
        return f"coda_graphmem_{self.port}"

    def knows_host(self, value: str | None) -> bool:
        """Whether a Host header names this server.

        Where it listens on all addresses, any address written in digits will do: a name that somebody else
        lets point here (DNS rebinding) is no such address.
        """
        try:
            parts = urlsplit(f"//{value}")
            name, port = parts.hostname, parts.port or 80
        except ValueError:
            return False
        if not value or name is None or port != self.port or parts.username is not None:
            return False
        if name in ("localhost", self.host.lower()) or is_loopback(name):
            return True
        return is_everywhere(self.host) and (_address(name) is not None or name == socket.gethostname().lower())

    def has_session(self, headers: Mapping[str, str]) -> bool:
        """Whether the cookie is there."""
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        morsel = cookies.get(self.cookie)
        return morsel is not None and _same(morsel.value, self.session)

    def has_token(self, query: str) -> bool:
        """Whether the address holds the token."""
        return any(_same(value, self.token) for value in parse_qs(query).get("token", []))

    def admit(self, response: Response) -> Response:
        """Let the browser that gets this answer in from now on."""
        response.set_cookie(self.cookie, self.session, httponly=True, samesite="strict", path="/")
        return response


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
        changes = socket_ or scope["method"] not in SAFE
        # A browser names the origin with every change and every WebSocket; a missing one is no browser's page.
        if (origin is not None and not self._is_own(origin)) or (socket_ and origin is None):
            return _refused(403, "Another page may not use the inspector.")
        opening = (
            scope["path"] == "/" and not changes and self._access.has_token(scope["query_string"].decode("latin-1"))
        )
        if not opening and not self._access.has_session(headers):
            return PlainTextResponse(_CLOSED, 401)
        if self._access.read_only and changes and not socket_:
            return _refused(403, "The inspector was started with --read-only, so nothing can be changed.")
        return None

    def _is_own(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and self._access.knows_host(parts.netloc)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def is_everywhere(host: str) -> bool:
    """Whether a host means all addresses of this machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address written in digits; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
