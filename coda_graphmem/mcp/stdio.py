"""Speaks with one client over standard input and output, on which nothing else is ever said.

The streams are taken at the very start, before anything large is imported: whatever a library prints, and whatever a
program that it starts prints, goes to standard error, and ``initialize`` is answered while the rest is being loaded.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from coda_graphmem.mcp.handshake import early_answer
from coda_graphmem.mcp.identity import Profile

if TYPE_CHECKING:
    from mcp.server import Server
    from mcp_types import JSONRPCMessage

logger = logging.getLogger(__name__)

#: Bytes of one message at most: the longest memory, with every character escaped, fits.
MOST = 16 * 1024 * 1024
#: Seconds that calls get that go on when the client has said its last.
_GRACE = 5.0
#: Requests that are answered when they end, not with a result that somebody waits for.
_STANDING = frozenset({"subscriptions/listen"})


class Wire:
    """Standard input and output, taken from everybody else.

    Args:
        profile: Which tools are served.
        namespace: The tenant they work in.
    """

    def __init__(self, profile: Profile, namespace: str) -> None:
        self._early = (profile, namespace)
        self._in, self._out = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        self.answered: str | int | None = None
        """The id of a request that was answered before the server was there."""
        self.is_broken = False
        """Whether the client reads no more."""
        self._heard: list[bytes | None] = []
        self._guard = threading.Lock()
        self._deliver: Callable[[bytes | None], None] | None = None
        self._to_write: queue.SimpleQueue[tuple[bytes, Callable[[], None]]] = queue.SimpleQueue()
        # Threads that nobody waits for: a read only ends when the client says something.
        threading.Thread(target=self._read, name="coda-graphmem-stdin", daemon=True).start()
        threading.Thread(target=self._write, name="coda-graphmem-stdout", daemon=True).start()

    def listen(self, deliver: Callable[[bytes | None], None]) -> None:
        """Have every line handed over from now on, those that came before first; None is the end.

        Args:
            deliver: Called by another thread.
        """
        with self._guard:
            for line in self._heard:
                deliver(line)
            self._heard.clear()
            self._deliver = deliver

    def end(self) -> None:
        """Take what has been said so far for all of it."""
        self._hand_over(None)

    async def send(self, line: bytes) -> None:
        """Write a line; done when it is written, or when nobody reads any more."""
        loop = asyncio.get_running_loop()
        written = loop.create_future()

        def done() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_settle, written)

        self._to_write.put((line, done))
        await written

    def _hand_over(self, line: bytes | None) -> None:
        with self._guard:
            if self._deliver is None:
                self._heard.append(line)
            else:
                self._deliver(line)

    def _read(self) -> None:
        rest, is_first, is_too_long = b"", True, False
        while True:
            try:
                part = os.read(self._in, 1 << 16)
            except OSError:
                part = b""
            if not part:
                break
            *lines, rest = (rest + part).split(b"\n") if b"\n" in part else [rest + part]
            for line in lines:
                if is_too_long or len(line) > MOST:
                    is_too_long = False
                elif line.strip():
                    if is_first:
                        self._open(line)
                        is_first = False
                    self._hand_over(line)
            if len(rest) > MOST:
                logger.warning("A message of more than %d bytes was passed over.", MOST)
                rest, is_too_long = b"", True
        if rest.strip() and not is_too_long:
            self._hand_over(rest)
        self._hand_over(None)

    def _open(self, line: bytes) -> None:
        early = early_answer(line, *self._early)
        if early is not None:
            self.answered, answer = early
            self._to_write.put((answer, lambda: None))

    def _write(self) -> None:
        while True:
            line, done = self._to_write.get()
            left = memoryview(line)
            try:
                while left and not self.is_broken:
                    left = left[os.write(self._out, left) :]
            except OSError:
                self.is_broken = True
                self.end()
            done()


def _settle(written: asyncio.Future[None]) -> None:
    if not written.done():
        written.set_result(None)


class _Outstanding:
    """Requests that are to be answered still."""

    def __init__(self) -> None:
        self._numbers: set[str | int] = set()
        self._none = asyncio.Event()
        self._none.set()

    def heard(self, message: JSONRPCMessage) -> None:
        """Note a message of the client."""
        method, number = getattr(message, "method", None), getattr(message, "id", None)
        if method == "notifications/cancelled":
            number = (getattr(message, "params", None) or {}).get("requestId")
            self._over(number)
        elif method is not None and number is not None and method not in _STANDING:
            self._numbers.add(number)
            self._none.clear()

    def said(self, message: JSONRPCMessage) -> None:
        """Note an answer that is written."""
        if getattr(message, "method", None) is None:
            self._over(getattr(message, "id", None))

    def _over(self, number: object) -> None:
        if isinstance(number, str | int):
            self._numbers.discard(number)
        if not self._numbers:
            self._none.set()

    async def settle(self, seconds: float) -> None:
        """Wait until none is left, but not longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none.wait()


async def serve(server: Server[Any], wire: Wire) -> None:
    """Serve the client until it has said its last, and what it asked for is answered.

    Args:
        server: What answers.
        wire: How the client is reached.
    """
    async with _streams(wire) as (said, answers):
        await server.run(said, answers, server.create_initialization_options())


@asynccontextmanager
async def _streams(wire: Wire) -> AsyncIterator[tuple[Any, Any]]:
    """What the client says, and where answers go, as messages."""
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def deliver(line: bytes | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens
            loop.call_soon_threadsafe(lines.put_nowait, line)

    said_in, said = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    answers, answers_out = anyio.create_memory_object_stream[SessionMessage](0)
    outstanding = _Outstanding()

    async def hear() -> None:
        async with said_in:
            while (line := await lines.get()) is not None:
                try:
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError as error:
                    logger.warning("The client sent a line that is no message.")
                    await said_in.send(error)
                    continue
                outstanding.heard(message)
                await said_in.send(SessionMessage(message))
            if not wire.is_broken:
                await outstanding.settle(_GRACE)

    async def tell() -> None:
        async with answers_out:
            async for answer in answers_out:
                message = answer.message
                is_answer = getattr(message, "method", None) is None
                if is_answer and wire.answered is not None and getattr(message, "id", None) == wire.answered:
                    # This was said before; a number is used once.
                    wire.answered = None
                else:
                    await wire.send(message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                outstanding.said(message)

    wire.listen(deliver)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hear)
        tasks.start_soon(tell)
        yield said, answers
        tasks.cancel_scope.cancel()
