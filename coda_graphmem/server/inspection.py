"""The inspector beside the API: for those who may administer every namespace, as its page looks into all of them.

A browser shows no key when it opens an address. Whoever may asks for one (``POST /inspector``), which opens the page
once, as with ``coda-graphmem inspect``; the page then shows its session with each request. Sessions are those of the
key that asked, under a path of its own, and end when that key does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse
from starlette.websockets import WebSocketClose

from coda_graphmem.inspector.security import Access, closed
from coda_graphmem.server.open_answers import until_ended

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from coda_graphmem.server.callers import Caller
    from coda_graphmem.server.state import ServerState


class Inspection:
    """The inspectors of those who opened one.

    Args:
        state: What all requests share.
    """

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._opened: dict[str, tuple[Caller, Access, ASGIApp]] = {}

    async def open(self, caller: Caller, base: str) -> str:
        """An address that opens the page, once.

        Args:
            caller: Who asks, and whose key it hangs on.
            base: What the server is reached by, with a slash at the end.

        Raises:
            ValidationError: The page is not built.
            GraphMemoryError: The memory cannot be opened.
        """
        from coda_graphmem.inspector.app import check_built, make_app

        folder, memory = check_built(), await self._state.late.open()
        if caller.name not in self._opened:
            options = self._state.options
            access = Access(options.host, self._state.port, names=options.hosts(self._state.port))
            self._opened[caller.name] = (caller, access, make_app(memory, access, folder))
        access = self._opened[caller.name][1]
        return f"{base}inspector/{caller.name}/?token={access.token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        opener, separator, rest = str(scope["path"]).removeprefix("/inspector/").partition("/")
        opened = self._opened.get(opener)
        if opened is None or not self._state.reception.is_still_good(opened[0]):
            self._opened.pop(opener, None)
            await (WebSocketClose(1008) if scope["type"] == "websocket" else closed())(scope, receive, send)
            return
        if not separator:
            # The page asks for what it needs from where it is.
            await RedirectResponse(f"/inspector/{opener}/")(scope, receive, send)
            return
        answering = opened[2]({**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}, receive, send)
        if scope["type"] != "websocket":
            await answering
        elif not await until_ended(answering, self._state, opened[0]):
            # It was told what happens, and may hear no more of it.
            await WebSocketClose(1008)(scope, receive, send)
