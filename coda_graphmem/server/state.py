"""What all requests share: the memory, the keys, limits and counts, and when it all ends."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.server.callers import Caller, Reception
from coda_graphmem.server.keys import KeyFile, Right
from coda_graphmem.server.limits import Places, Rates
from coda_graphmem.server.metrics import Metrics
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.types import Namespace

if TYPE_CHECKING:
    from starlette.requests import Request

    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.mcp.late import LateMemory
    from coda_graphmem.server.options import ServerOptions

logger = logging.getLogger(__name__)

#: Seconds for which it is known whether the memory is ready: anybody may ask, and each look costs something.
_KNOWN = 1.0
#: Seconds that a store may take to say that it is there.
_LOOK = 2.0
#: Seconds that whoever asks waits for a memory that is being opened.
_OPENING = 0.05


class ServerState:
    """What all requests share.

    Args:
        late: The memory, which may not be open yet.
        options: How the server is run.
        port: The port it is reached on.
    """

    def __init__(self, late: LateMemory, options: ServerOptions, port: int) -> None:
        self.late = late
        self.options = options
        self.port = port
        self.ending = asyncio.Event()
        """Set when no more is to be begun: streams end."""
        self.reception = Reception(KeyFile(options.keys), options.host)
        self.rates = Rates(options.limits.rate, options.limits.burst)
        self.requests = Places(options.limits.requests, "requests")
        self.streams = Places(options.limits.streams, "streams")
        self.metrics = Metrics(
            lambda: self.requests.taken, lambda: self.streams.taken, lambda: 1.0 if late.is_open else 0.0
        )
        self._look: asyncio.Task[bool] | None = None
        self._looked_at = 0.0

    def namespace_for(self, caller: Caller, name: str | None) -> str:
        """The namespace that a request is about.

        Args:
            caller: Who sends it.
            name: What it names; None where it names none.

        Raises:
            ValidationError: There can be none of that name.
            RefusedError: It is none of the caller's.
        """
        found: str = caller.home(self.options.namespace) if name is None else check(Namespace, name, "namespace")
        caller.check_namespace(found)
        return found

    async def memory_for(self, caller: Caller, name: str | None, right: Right) -> MemoryManager:
        """The memory that a request is about, open.

        Raises:
            RefusedError: The caller may not do that, or not there.
            GraphMemoryError: It cannot be opened.
        """
        caller.check_right(right)
        return await self.memory_of(self.namespace_for(caller, name))

    async def memory_of(self, namespace: str) -> MemoryManager:
        """The memory of a namespace, open."""
        memory = await self.late.open()
        return memory if memory.namespace == namespace else memory.for_namespace(namespace)

    async def is_ready(self, seconds: float = _LOOK) -> bool:
        """Whether the memory is open and its store answers; looked at once a second at most.

        Args:
            seconds: How long whoever asks waits for the answer; what is not known by then is not so.
        """
        if self._look is None or (self._look.done() and time.monotonic() - self._looked_at > _KNOWN):
            self._looked_at = time.monotonic()
            self._look = asyncio.create_task(self._answers(), name="coda-graphmem-ready")
        await asyncio.wait({self._look}, timeout=seconds)
        return self._look.done() and self._look.result()

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(_LOOK if self.late.is_open else _OPENING):
                await (await self.late.open()).get_revision()
        except (GraphMemoryError, TimeoutError):
            return False
        except Exception as error:
            # Only the kind: the text of a foreign error may hold secrets.
            logger.warning("The memory cannot be opened (%s).", type(error).__name__)
            return False
        return True


def state_of(request: Request) -> ServerState:
    """What all requests share."""
    found: ServerState = request.app.state.server
    return found


def caller_of(request: Request) -> Caller:
    """Who sends a request, as the gate has seen."""
    found: Caller = request.scope["coda_graphmem.caller"]
    return found
