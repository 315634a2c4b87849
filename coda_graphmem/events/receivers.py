"""Those who hear of events: each with a bounded queue of its own."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Protocol, Self

from coda_graphmem.models import EventName, MemoryEvent

logger = logging.getLogger(__name__)

QUEUE_SIZE = 1000
"""Events that wait for a receiver at most, unless it says otherwise."""
TIMEOUT = 5.0
"""Seconds a receiver may take for one event, unless it says otherwise."""
CLOSING = 1.2
"""Seconds in which what is queued is still delivered when the memory is closed."""


class Announcement(Protocol):
    """An event on its way."""

    async def event(self, *, include_content: bool) -> MemoryEvent:
        """The event as it is delivered."""


class Receiver:
    """A queue of events of one namespace; when it is full, the oldest event gives way and is counted.

    Args:
        include_content: Whether contents of memories are part of them.
        queue_size: How many may wait.
    """

    def __init__(self, namespace: str, events: frozenset[EventName], *, include_content: bool, queue_size: int) -> None:
        self.namespace = namespace
        self.events = events
        self.include_content = include_content
        self.dropped = 0
        """Events that gave way to newer ones, or were still queued when time was up."""
        self._queue: deque[Announcement] = deque()
        self._size = queue_size
        self._cancelled = False

    def wants(self, name: EventName, namespace: str) -> bool:
        """Whether an event is to be offered."""
        return not self._cancelled and namespace == self.namespace and name in self.events

    def offer(self, announcement: Announcement) -> None:
        """Queue an event; never waits. Runs in the event loop of the memory."""
        if len(self._queue) >= self._size:
            self._queue.popleft()
            self._drop(1)
        self._queue.append(announcement)

    def cancel(self) -> None:
        """Hear of nothing more; what is queued already is still delivered. Callable from any thread."""
        self._cancelled = True

    @property
    def is_idle(self) -> bool:
        """Whether it is cancelled and has nothing left to do."""
        return self._cancelled and not self._queue

    def abandon(self) -> None:
        """Cancel and drop what is left."""
        self._cancelled = True
        self._drop(len(self._queue))
        self._queue.clear()

    def _drop(self, count: int) -> None:
        if count and not self.dropped:
            # Once: a receiver that is too slow stays so, and its counter tells the rest.
            logger.warning("A receiver of memory events is too slow: events are dropped and counted.")
        self.dropped += count


class Subscription(Receiver):
    """Delivers events to a function, one after the other, in a task of its own.

    Also a context manager: ``with`` cancels at its end, ``async with`` closes.

    Args:
        deliver: Takes an event.
        timeout: Seconds it may take for one.
    """

    def __init__(
        self,
        deliver: Callable[[MemoryEvent], Awaitable[object]],
        namespace: str,
        events: frozenset[EventName],
        *,
        include_content: bool,
        queue_size: int,
        timeout: float,
    ) -> None:
        super().__init__(namespace, events, include_content=include_content, queue_size=queue_size)
        self.delivered = 0
        """Events the function took."""
        self.refused = 0
        """Events it returned False for, as a manager does that knows no such type of event or has nobody to tell."""
        self.failed = 0
        """Events the function raised an error for."""
        self.timed_out = 0
        """Events the function took too long for."""
        self._deliver = deliver
        self._timeout = timeout
        self._worker: asyncio.Task[None] | None = None
        self._loop = running_loop()
        """Where events are delivered; None for where the memory lives."""

    def offer(self, announcement: Announcement) -> None:
        """Queue an event, and begin to deliver, in the loop that subscribed where that is another. Never waits."""
        super().offer(announcement)
        if self._is_elsewhere and self._loop is not None:
            with suppress(RuntimeError):  # It has ended just now.
                self._loop.call_soon_threadsafe(self._start)
        else:
            self._start()

    @property
    def _is_elsewhere(self) -> bool:
        return self._loop not in (None, running_loop()) and self._loop is not None and self._loop.is_running()

    def _start(self) -> None:
        worker = self._worker
        if self._queue and (worker is None or worker.done() or not worker.get_loop().is_running()):
            self._worker = asyncio.create_task(self._work(), name="coda-graphmem-events")

    @property
    def is_idle(self) -> bool:
        """Whether it is cancelled, and all that was queued is delivered."""
        return super().is_idle and (self._worker is None or self._worker.done())

    async def close(self, seconds: float = CLOSING) -> None:
        """Hear of nothing more, and wait until what is queued is delivered.

        Args:
            seconds: How long at most; what is left then is dropped and counted.
        """
        if self._is_elsewhere and self._loop is not None:
            with suppress(TimeoutError, CancelledError):
                closing = asyncio.run_coroutine_threadsafe(self.close(seconds), self._loop)
                await asyncio.wait_for(asyncio.wrap_future(closing), seconds + 0.5)
            self.abandon()
            return
        self.cancel()
        if self._worker is not None and self._worker.get_loop() is not running_loop():
            self.abandon()
            return
        # Closed by the very function it delivers to, it would wait for itself.
        if self._worker is not None and self._worker is not asyncio.current_task():
            await asyncio.wait([self._worker], timeout=seconds)
            if not self._worker.done():
                self.abandon()
                self.timed_out += 1
                self._worker.cancel()
                # A function may refuse to be cancelled, so this does not wait for it long.
                await asyncio.wait([self._worker], timeout=0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _work(self) -> None:
        while self._queue:
            event = await self._queue.popleft().event(include_content=self.include_content)
            try:
                async with asyncio.timeout(self._timeout) as limit:
                    taken = await self._deliver(event)
                if taken is False:
                    self.refused += 1
                else:
                    self.delivered += 1
            except asyncio.CancelledError as error:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                # Not this task was cancelled, but something the function waited for.
                self._fail(error)
            except Exception as error:
                if limit.expired():
                    self.timed_out += 1
                    self._report(error)
                else:
                    self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self.failed += 1
        self._report(error)

    def _report(self, error: BaseException) -> None:
        if self.failed + self.timed_out == 1:
            # Only the kind: the text of a foreign error may hold content.
            logger.warning("A receiver of memory events failed (%s): it is counted.", type(error).__name__)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of this thread; None where none runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class EventStream(Receiver):
    """Events to be read with ``async for``; ends when it or the memory is closed."""

    def __init__(self, namespace: str, events: frozenset[EventName], *, include_content: bool, queue_size: int) -> None:
        super().__init__(namespace, events, include_content=include_content, queue_size=queue_size)
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where it is read."""

    def offer(self, announcement: Announcement) -> None:
        """Queue an event, and wake whoever reads the stream, whatever loop that is in. Never waits."""
        super().offer(announcement)
        self._wake()

    def cancel(self) -> None:
        """Hear of nothing more; what is queued can still be read, and then the stream ends."""
        super().cancel()
        self._wake()

    def _wake(self) -> None:
        if self._loop in (None, running_loop()) or self._loop is None:
            self._changed.set()
        else:
            with suppress(RuntimeError):  # Nobody reads there any more.
                self._loop.call_soon_threadsafe(self._changed.set)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> MemoryEvent:
        if self._loop is not running_loop():
            self._loop, self._changed = running_loop(), asyncio.Event()
        while not self._queue:
            if self._cancelled:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return await self._queue.popleft().event(include_content=self.include_content)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.cancel()
