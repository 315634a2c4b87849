"""Event loops in threads of their own, and how calls are brought into another loop."""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
import weakref
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from coda_graphmem.errors import NotInitializedError, StoreUnavailableError
from coda_graphmem.forks import leave_alone

T = TypeVar("T")

_LOOK = 0.25
"""Seconds between two looks at a loop that a call was brought to: whether it is still there."""
_STOPPING = 2.0
"""Seconds that are waited for the end of a thread with a loop."""
_GONE_AFTER = 4
"""Looks at a loop that does not run, after which it is gone."""


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_serve, args=(self.loop,), name="coda-graphmem", daemon=True)
        self._thread.start()
        _THREADS.add(self)

    def stop(self) -> None:
        """Cancel what is still done there, and end the thread."""
        if self.pid != os.getpid() or self.loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), self.loop).add_done_callback(
            lambda _: self.loop.call_soon_threadsafe(self.loop.stop)
        )
        # Not for long: something may block it, against all advice.
        self._thread.join(_STOPPING)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


_THREADS: weakref.WeakSet[LoopThread] = weakref.WeakSet()


def _leave_loops_alone() -> None:
    # To close one in a forked child would take from the parent what it waits for.
    for thread in list(_THREADS):
        leave_alone(thread)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_loops_alone)


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=1.0)


async def brought(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """What a coroutine gives that is done in another loop.

    Raises:
        StoreUnavailableError: That loop ended before it was done.
    """
    if loop is asyncio.get_running_loop():
        return await work
    waiting = asyncio.wrap_future(_handed(work, loop))
    missed = 0
    try:
        while not waiting.done() and missed < _GONE_AFTER:
            await asyncio.wait({waiting}, timeout=_LOOK)
            missed = 0 if loop.is_running() else missed + 1
    finally:
        if not waiting.done():
            waiting.cancel()
    if waiting.cancelled():
        raise _ended()
    return waiting.result()


def awaited(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop, seconds: float = math.inf) -> T:
    """The same for a thread without a loop; Ctrl-C cancels it before it is raised here.

    Args:
        seconds: How long to wait at most.

    Raises:
        NotInitializedError: That loop ended before it was done.
        TimeoutError: It was not done in time.
    """
    future = _handed(work, loop)
    until = time.monotonic() + seconds
    missed = 0
    try:
        while missed < _GONE_AFTER:
            try:
                return future.result(timeout=_LOOK)
            except TimeoutError:
                # It is what the work raised, or there is no time left.
                if future.done() or time.monotonic() > until:
                    raise
                missed = 0 if loop.is_running() else missed + 1
    except CancelledError:
        pass
    except BaseException:
        future.cancel()
        raise
    raise NotInitializedError("the memory was closed while the call went on.", remedy="Call initialize() again.")


def _handed(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> Future[T]:
    try:
        return asyncio.run_coroutine_threadsafe(work, loop)
    except RuntimeError as error:
        work.close()
        raise _ended() from error


def _ended() -> StoreUnavailableError:
    return StoreUnavailableError(
        "the event loop in which the call was done has ended, perhaps before the call.",
        remedy="Call again; what was to be written may be there already.",
    )
