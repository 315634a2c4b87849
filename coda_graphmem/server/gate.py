"""The gate before everything: who comes, whether they may, and how much of it; then the way to what they ask for."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.websockets import WebSocketClose

from coda_graphmem.hosts import known_origins
from coda_graphmem.server.limits import limited
from coda_graphmem.server.open_answers import until_ended
from coda_graphmem.server.problems import RefusedError, problem_answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from coda_graphmem.server.assistants import Assistants
    from coda_graphmem.server.callers import Caller
    from coda_graphmem.server.inspection import Inspection
    from coda_graphmem.server.state import ServerState

logger = logging.getLogger(__name__)

CALLER = "coda_graphmem.caller"
"""Where the gate leaves word of who comes, among what ASGI says of a request."""

ASSISTANTS = "/mcp"
INSPECTOR = "/inspector/"
EVENTS = "/events"

#: What those who look after servers ask by an address of their own.
_PROBES = frozenset({"/health", "/health/ready"})
#: What anybody may ask: whether the server lives, and what it offers. Neither says anything of a memory.
_OPEN = _PROBES | {"/openapi.json"}
#: What needs no key where only this machine reaches the server.
_PRIVATE = frozenset({"/metrics"})
#: What sends more than a request may.
_UPLOADS = frozenset({"/import"})

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)


class Gate:
    """Refuses who may not come in, and leads everybody else to what they ask for.

    Args:
        api: The routes of REST.
        assistants: The Model Context Protocol.
        inspection: The inspector.
        state: What all requests share.
    """

    def __init__(self, api: ASGIApp, assistants: Assistants, inspection: Inspection, state: ServerState) -> None:
        self._api = api
        self._assistants = assistants
        self._inspection = inspection
        self._state = state
        self._hosts = frozenset(state.options.hosts(state.port))
        self._origins = frozenset(known_origins(sorted(self._hosts)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "lifespan":
            await self._api(scope, receive, send)
            return
        if scope["path"].startswith(INSPECTOR):
            # The page has its own keys, and its own guard.
            await self._inspection(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)
            return
        watch = _Watch(send)
        started = time.perf_counter()
        is_stream = _is_stream(scope)
        try:
            await self._admitted(scope, receive, watch.send, is_stream=is_stream)
            if not watch.is_whole:
                # It stood open, and was ended with the server or the key of whoever listened.
                await _finish(scope, receive, watch)
        except Exception as error:  # whatever it is, it is answered, and nothing of it gets into a log but its kind
            if watch.status is None:
                await problem_answer(error)(scope, receive, watch.send)
            elif not watch.is_whole:
                # What has begun to be answered cannot be answered otherwise: the connection ends in the middle.
                logger.error("An answer ended early (%s).", type(error).__name__)
        finally:
            seconds = None if is_stream else time.perf_counter() - started
            self._state.metrics.answered(_operation(scope), watch.status or 500, seconds)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send, *, is_stream: bool) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        self._check_names(headers, is_probe=path in _PROBES)
        if path in _OPEN or (path in _PRIVATE and self._state.options.is_private):
            await self._api(scope, receive, send)
            return
        caller = self._state.reception.admit(headers)
        scope[CALLER] = caller
        limits = self._state.options.limits
        if caller.key is not None:
            self._state.rates.take(caller.name)
        with self._state.streams.one() if is_stream else self._state.requests.one():
            receive = await limited(scope, receive, limits.upload if path in _UPLOADS else limits.body)
            if path == ASSISTANTS:
                await self._assist(scope, receive, send, caller, is_stream=is_stream)
            else:
                await self._api(scope, receive, send)

    async def _assist(self, scope: Scope, receive: Receive, send: Send, caller: Caller, *, is_stream: bool) -> None:
        given = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        named = given.pop("namespace", [])
        if given or len(named) > 1:
            raise RefusedError(
                422,
                "is no parameter here." if given else "is given twice.",
                field=next(iter(given), "namespace")[:100],
                remedy="Give namespace once, or nothing.",
            )
        namespace = self._state.namespace_for(caller, named[0] if named else None)
        answering = self._assistants.answer(scope, receive, send, caller, namespace)
        grace = 0.0 if is_stream else self._state.options.patience / 2
        await until_ended(answering, self._state, caller, grace)

    def _check_names(self, headers: Headers, *, is_probe: bool) -> None:
        host = headers.get("host", "")
        if host not in self._hosts and not is_probe:
            raise RefusedError(
                421,
                "this server is not known by that name.",
                field="Host",
                remedy="Start it with --host-name NAME for each name that clients use.",
            )
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise RefusedError(
                403, "pages of other sites may not use this server.", field="Origin", remedy="Use a program."
            )


async def _finish(scope: Scope, receive: Receive, watch: _Watch) -> None:
    """End an answer that was given up, or give one where none was begun."""
    if watch.status is None:
        ended = RefusedError(503, "the server ends, or the key does.", remedy="Ask again.")
        await problem_answer(ended)(scope, receive, watch.send)
    else:
        await watch.send({"type": "http.response.body", "body": b"", "more_body": False})


class _Watch:
    """Sees how a request is answered, and adds the headers of every answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None
        """What it is answered with, once that has begun."""
        self.is_whole = False
        """Whether all of the answer is sent."""

    async def send(self, message: Message) -> None:
        """See the ASGI specification."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            known = {name for name, _ in message["headers"]}
            added = [pair for pair in _HEADERS if pair[0] not in known]
            message = {**message, "headers": [*message["headers"], *added]}
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self.is_whole = True
        await self._send(message)


def _is_stream(scope: Scope) -> bool:
    return scope["method"] == "GET" and scope["path"] in (EVENTS, ASSISTANTS)


def _operation(scope: Scope) -> str:
    """What a request asked for: one of a few names, whatever its address was."""
    if scope["path"] == ASSISTANTS:
        return "mcp"
    return getattr(scope.get("route"), "operation_id", None) or "other"
