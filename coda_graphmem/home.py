"""Where a memory lives, and how calls are done there."""

import asyncio
import os
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from coda_graphmem.loops import brought

T = TypeVar("T")


class Home:
    """Where a memory lives: the event loop that its work is done in, and the process.

    Much of what a memory is made of belongs to an event loop: timers, queues, the connections of Neo4j's driver. A call
    from the loop that opened it is done there and then. Where several loops call, or that loop has ended, the memory
    moves into a loop of its own, in a thread that lasts until it is closed, and all calls are brought there.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop: asyncio.AbstractEventLoop | None = None
        """None while the memory is closed."""
        self.thread: Any = None
        """A `LoopThread`, where the memory has a loop of its own."""
        self.calls = 0
        """Calls that are being done in ``loop`` by whoever runs it."""
        self.is_moving = False
        self.guard = threading.Lock()
        """Held for the moment in which it is decided where a call is done."""

    def claim(self) -> None:
        """Live in the running loop from now on, unless it is settled where."""
        with self.guard:
            if self.loop is None:
                self.loop = asyncio.get_running_loop()

    def abandon(self) -> None:
        """Live nowhere, if the loop has ended before the memory was open in it."""
        with self.guard:
            if not self.is_alive:
                self.loop = None

    def enter(self) -> bool:
        """Count a call that is done here. False where it is to be done elsewhere."""
        with self.guard:
            if self.pid != os.getpid() or self.is_moving or self.loop not in (None, asyncio.get_running_loop()):
                return False
            self.calls += 1
            return True

    def leave(self) -> None:
        """A call that was done here is over."""
        with self.guard:
            self.calls -= 1

    @property
    def is_alive(self) -> bool:
        """Whether the loop runs."""
        return self.loop is not None and self.loop.is_running()

    @property
    def is_foreign(self) -> bool:
        """Whether this process was forked from the one that the memory lives in."""
        return self.pid != os.getpid()

    async def quiet(self, seconds: float) -> bool:
        """Wait until no call goes on here, but not long; whether none does."""
        until = time.monotonic() + seconds
        while self.calls and self.is_alive:
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.002)
        return True

    async def done(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives that is done here; in the loop of the caller while the memory is closed."""
        if self.loop is None:
            return await work

        async def guest() -> T:
            with self.guard:
                self.calls += 1
            try:
                return await work
            finally:
                self.leave()

        return await brought(guest(), self.loop)
