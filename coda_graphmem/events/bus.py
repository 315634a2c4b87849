"""The one place events come in: hands them to whoever listens, and never waits for anybody."""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from coda_graphmem.events.receivers import CLOSING, EventStream, Receiver, Subscription
from coda_graphmem.models import EventMemory, EventName, Memory, MemoryEvent

logger = logging.getLogger(__name__)

#: Memories one event lists at most; its count tells of all.
MAX_LISTED = 100

#: Seconds the store may take to say what memories of an event are like; without an answer the event has ids alone.
_LOOK_UP_SECONDS = 1.0

#: Reads memories of a namespace by id.
Read = Callable[[str, Sequence[str]], Awaitable[list[Memory]]]


class EventBus:
    """Events of all namespaces of one memory, on their way to subscriptions and streams.

    Args:
        read: Says what memories are like. It is asked when an event is delivered, off the path of the
            call that caused it, and only where somebody listens.
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, read: Read, clock: Callable[[], float]) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()
        """Weak, so that a loop that was left with ``break`` does not gather events for ever."""
        self._removals: Counter[str] = Counter()

    def add(self, receiver: Subscription | EventStream) -> None:
        """Let a receiver hear of everything from now on."""
        with self._lock:
            # A new list each time: `emit` may be going through the old one in another thread.
            self._subscriptions = [known for known in self._subscriptions if not known.is_idle]
            if isinstance(receiver, Subscription):
                self._subscriptions.append(receiver)
            else:
                self._streams.add(receiver)

    def let_go(self, namespace: str) -> None:
        """Let events that wait to be delivered say nothing of memories that have been removed or changed since."""
        self._removals[namespace] += 1

    def emit(
        self,
        name: EventName,
        namespace: str,
        memory_ids: Sequence[str] = (),
        *,
        memories: Sequence[Memory] | None = None,
        count: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell of something that was done. Runs in the event loop, never waits and never raises.

        Args:
            name: What was done.
            memory_ids: Which; left out where ``memories`` are given.
            memories: The memories themselves, where the call has them at hand.
            count: How many it is about; None for as many as were given.
            details: What else there is to say; JSON, no content.
        """
        listeners = [receiver for receiver in self._all() if receiver.wants(name, namespace)]
        if not listeners:
            return
        ids = memory_ids if memories is None else [memory.memory_id for memory in memories]
        announcement = _Announcement(
            MemoryEvent(
                name=name,
                time=self._clock(),
                namespace=namespace,
                count=len(ids) if count is None else count,
                memory_ids=list(ids[:MAX_LISTED]),
                # Taken down now: the caller may change what it was given.
                memories=[EventMemory.of(memory) for memory in (memories or ())[:MAX_LISTED]],
                details=dict(details or {}),
            ),
            self._read if memories is None and name != "deleted" else None,
            _Check(self._read, lambda: self._removals[namespace]),
        )
        for receiver in listeners:
            receiver.offer(announcement)

    async def close(self) -> None:
        """End all receivers; what is queued is delivered as far as `CLOSING` seconds allow."""
        with self._lock:
            subscriptions, self._subscriptions = self._subscriptions, []
            streams = list(self._streams)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*(subscription.close(CLOSING) for subscription in subscriptions))

    def _all(self) -> list[Receiver]:
        with self._lock:
            return [*self._subscriptions, *self._streams]


class _Check:
    """Whether an event still says what is so, once memories were removed after it was emitted."""

    def __init__(self, read: Read, removals: Callable[[], int]) -> None:
        self._read = read
        self._removals = removals
        self._seen = removals()

    async def current(self, event: MemoryEvent) -> MemoryEvent:
        """The event without memories that are gone or say something else by now."""
        if self._removals() == self._seen or not event.memories:
            return event
        self._seen = self._removals()
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS):
                found = await self._read(event.namespace, [memory.memory_id for memory in event.memories])
        except Exception as error:
            logger.warning("An event is delivered without its memories: %s while reading them.", type(error).__name__)
            found = []
        contents = {memory.memory_id: memory.content for memory in found}
        kept = [memory for memory in event.memories if contents.get(memory.memory_id) == memory.content]
        return event.model_copy(update={"memories": kept})


class _Announcement:
    """One event for all who hear of it; what it lacks is looked up once, when the first of them is due."""

    def __init__(self, event: MemoryEvent, read: Read | None, check: _Check) -> None:
        self._event = event
        self._check = check
        self._read = read if event.memory_ids else None
        self._looking: asyncio.Task[None] | None = None

    async def event(self, *, include_content: bool) -> MemoryEvent:
        """The event as it is delivered, without what was forgotten since; looked up for the first who asks."""
        if self._read is not None:
            if self._looking is None or self._looking.get_loop() is not asyncio.get_running_loop():
                self._looking = asyncio.create_task(self._look_up(self._read), name="coda-graphmem-event")
            await asyncio.shield(self._looking)
        self._event = await self._check.current(self._event)
        if include_content:
            return self._event
        silent = [memory.model_copy(update={"content": None}) for memory in self._event.memories]
        return self._event.model_copy(update={"memories": silent})

    async def _look_up(self, read: Read) -> None:
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS):
                found = await read(self._event.namespace, self._event.memory_ids)
        except Exception as error:
            # Whatever it is: an event without details is better than none. Only the kind, see `Subscription`.
            logger.warning("An event is delivered without its memories: %s while reading them.", type(error).__name__)
        else:
            self._event = self._event.model_copy(update={"memories": [EventMemory.of(memory) for memory in found]})
        self._read = None
