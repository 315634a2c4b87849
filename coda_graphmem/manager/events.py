"""Calls that let others hear what happens."""

from coda_graphmem.boundary import operation, plain_operation
from coda_graphmem.errors import GraphMemoryError, ValidationError
from coda_graphmem.events.callbacks import Caller
from coda_graphmem.events.names import UPDATES, EventNames, wanted_events
from coda_graphmem.events.receivers import QUEUE_SIZE, TIMEOUT, EventStream, Subscription
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.validation.types import Callback, Positive, QueueSize


class Events(ManagerCore):
    """Tells others what happens in this namespace."""

    @plain_operation
    def subscribe(
        self,
        callback: Callback,
        events: EventNames | None = None,
        include_content: bool = False,
        *,
        in_thread: bool = True,
        queue_size: QueueSize = QUEUE_SIZE,
        timeout_seconds: Positive = TIMEOUT,
    ) -> Subscription:
        """Call a function for everything that is done in this namespace from now on.

        Events come one after the other, in the order in which things were done. No call of the memory waits
        for them: a function that is slow or raises loses events, which are counted, and nothing else.

        Args:
            callback: An async function, or a plain one.
            events: Names of the events to hear of; None for all.
            include_content: Whether events carry the contents of memories.
            in_thread: Whether a plain function runs in a thread of its own, so that it may take its time. With
                False it runs in the event loop, and must not wait for anything.
            queue_size: Events that wait for the function at most; the oldest give way.
            timeout_seconds: How long the function may take for one event.

        Returns:
            The subscription, which counts and can be cancelled; a context manager. `cleanup` ends it.
        """
        subscription = Subscription(
            Caller(callback, in_thread=in_thread),
            self.namespace,
            wanted_events(events),
            include_content=include_content,
            queue_size=queue_size,
            timeout=timeout_seconds,
        )
        self._open.resources.events.add(subscription)
        return subscription

    @plain_operation
    def events(
        self, events: EventNames | None = None, include_content: bool = False, *, queue_size: QueueSize = QUEUE_SIZE
    ) -> EventStream:
        """What is done in this namespace from now on, for ``async for``.

        Args:
            events: Names of the events to hear of; None for all.
            include_content: Whether events carry the contents of memories.
            queue_size: Events that wait to be read at most; the oldest give way.

        Returns:
            An async iterator that ends with `cleanup`; also an async context manager.
        """
        stream = EventStream(
            self.namespace, wanted_events(events), include_content=include_content, queue_size=queue_size
        )
        self._open.resources.events.add(stream)
        return stream

    @operation(GraphMemoryError)
    async def enable_websocket_integration(
        self,
        websocket_manager: object,
        broadcast_updates: bool = True,
        *,
        events: EventNames | None = None,
        include_content: bool = False,
        in_thread: bool = True,
        queue_size: QueueSize = QUEUE_SIZE,
        timeout_seconds: Positive = TIMEOUT,
    ) -> Subscription:
        """Broadcast what is done in this namespace to WebSocket clients, as ``memory_stored`` and so on.

        Calling it again for the same object replaces what was asked for. As with `subscribe`, no call of the
        memory waits for it.

        Args:
            websocket_manager: An object with ``broadcast_event(event_type, data)``, ``broadcast(message)`` or
                ``send_json(message)``, async or not; the first of them is used. ``data`` is JSON-ready; a
                message is ``{"event_type": "memory_stored", "data": {...}}``.
            broadcast_updates: Whether changes are broadcast; with False clients only hear of ``memory_retrieved``.
            events: Names of the events to broadcast; None for all.
            include_content: Whether the contents of memories are broadcast.
            in_thread: Whether a plain method runs in a thread of its own. With False it runs in the event loop,
                and must not wait for anything.
            queue_size: Events that wait at most; the oldest give way.
            timeout_seconds: How long a broadcast may take.

        Returns:
            A subscription, which counts what was delivered, dropped and failed.
        """
        chosen = wanted_events(events)
        if not broadcast_updates:
            chosen -= UPDATES
        if not chosen:
            raise ValidationError(
                "names changes alone, and broadcast_updates is off.",
                field="events",
                remedy="Set broadcast_updates=True, or add 'retrieved'.",
            )
        return await self._open.broadcasts.connect(
            self.namespace,
            websocket_manager,
            chosen,
            include_content=include_content,
            in_thread=in_thread,
            queue_size=queue_size,
            seconds=timeout_seconds,
        )

    @operation(GraphMemoryError)
    async def disable_websocket_integration(self, websocket_manager: object | None = None) -> bool:
        """Deliver what is queued, and broadcast nothing more of this namespace.

        Args:
            websocket_manager: To which object; None for all.

        Returns:
            False where there was none.
        """
        return await self._open.broadcasts.disconnect(self.namespace, websocket_manager)
