"""The Model Context Protocol, for each caller in the namespace and with the tools that its key allows."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from coda_graphmem.server.keys import Right

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import Receive, Scope, Send

    from coda_graphmem.mcp.tool import Tool
    from coda_graphmem.server.callers import Caller
    from coda_graphmem.server.state import ServerState

#: Servers that are kept, one for each namespace and set of rights; the one that was asked for longest ago gives way.
_KEPT = 200

#: Tools whose like needs the right to administer in REST, too: they are about a namespace as a whole, or about files of
#: the server.
ADMINISTERED = frozenset({"memory_consolidate", "memory_undo", "memory_export"})


def rights_for(tool: Tool[Any]) -> tuple[Right, ...]:
    """What a key has to allow for a tool: what it changes decides, which its annotations say.

    All of them read, too: what a writing tool answers quotes memories.
    """
    if tool.name in ADMINISTERED:
        return ("read", "administer")
    return ("read",) if tool.effect.reads_only else ("read", "write")


def refusal_of(rights: Sequence[Right], tool: Tool[Any]) -> str | None:
    """Why a key of some rights cannot call a tool; None where it can."""
    missing = [right for right in rights_for(tool) if right not in rights]
    if not missing:
        return None
    return f"The key of this client does not allow to {missing[0]}, which {tool.name} does. Use one that does."


class Assistants:
    """Servers of the protocol, made as callers come.

    Args:
        state: What all requests share.
    """

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._running: OrderedDict[tuple[str, tuple[Right, ...]], _Running] = OrderedDict()

    async def answer(self, scope: Scope, receive: Receive, send: Send, caller: Caller, namespace: str) -> None:
        """Answer a request of somebody who may look into a namespace."""
        running = self._of(namespace, caller.rights)
        if caller.key is not None:
            from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
            from mcp.server.auth.provider import AccessToken

            # A session is for the key that began it, and for no other.
            token = AccessToken(token="", client_id=caller.name, scopes=list(caller.rights))
            scope = {**scope, "user": AuthenticatedUser(token)}
        running.busy += 1
        try:
            manager = await asyncio.shield(running.started)
            await manager.handle_request(scope, receive, send)
        finally:
            running.busy -= 1

    async def close(self) -> None:
        """End all sessions."""
        while self._running:
            await self._running.popitem()[1].close()

    def _of(self, namespace: str, rights: tuple[Right, ...]) -> _Running:
        key = (namespace, rights)
        if key not in self._running:
            idle = next((other for other, running in self._running.items() if not running.busy), None)
            if len(self._running) >= _KEPT and idle is not None:
                self._running.pop(idle).end()
            self._running[key] = _Running(self._manager(namespace, rights))
        self._running.move_to_end(key)
        return self._running[key]

    def _manager(self, namespace: str, rights: tuple[Right, ...]) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from coda_graphmem.mcp.server import make_server

        options = self._state.options
        server = make_server(
            partial(self._state.memory_of, namespace),
            namespace,
            options.profile,
            refusal=partial(refusal_of, rights),
            shows_resources="read" in rights,
        )
        # Hosts and origins are seen to by the gate.
        return StreamableHTTPSessionManager(server, max_request_body_size=options.limits.body)


class _Running:
    """One server, and the task it lives in."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self.busy = 0
        """Requests that it answers."""
        self.started: asyncio.Future[StreamableHTTPSessionManager] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.Event()
        self._task = asyncio.create_task(self._run(manager), name="coda-graphmem-assistants")

    async def _run(self, manager: StreamableHTTPSessionManager) -> None:
        async with manager.run():
            self.started.set_result(manager)
            await self._ended.wait()

    def end(self) -> None:
        """End it, without waiting for that."""
        self._ended.set()

    async def close(self) -> None:
        """End it."""
        self.end()
        await asyncio.gather(self._task, return_exceptions=True)
