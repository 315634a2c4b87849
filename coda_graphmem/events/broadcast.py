"""Broadcasts events over whatever speaks to WebSocket clients."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.events.bus import EventBus
from coda_graphmem.events.callbacks import Caller
from coda_graphmem.events.names import PREFIX
from coda_graphmem.events.receivers import Subscription
from coda_graphmem.models import EventName, MemoryEvent

_REMEDY = "Pass an object with broadcast_event(event_type, data), broadcast(message) or send_json(message)."


@dataclass(frozen=True, slots=True)
class _Connection:
    namespace: str
    manager: object
    subscription: Subscription


class Broadcasts:
    """Which WebSocket managers hear of which namespace."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._connections: list[_Connection] = []

    async def connect(
        self,
        namespace: str,
        manager: object,
        events: frozenset[EventName],
        *,
        include_content: bool,
        in_thread: bool,
        queue_size: int,
        seconds: float,
    ) -> Subscription:
        """Broadcast the events of a namespace from now on; a connection the two had is ended first.

        Arguments are those of `broadcaster`; a broadcast may take ``seconds``.

        Raises:
            ValidationError: The object offers no way to broadcast.
        """
        deliver = broadcaster(manager, in_thread=in_thread)
        await self.disconnect(namespace, manager)
        subscription = Subscription(
            deliver, namespace, events, include_content=include_content, queue_size=queue_size, timeout=seconds
        )
        self._connections.append(_Connection(namespace, manager, subscription))
        self._bus.add(subscription)
        return subscription

    async def disconnect(self, namespace: str, manager: object | None) -> bool:
        """Deliver what is queued and broadcast no more, to one manager or with None to all; whether there was one."""
        ended = [c for c in self._connections if c.namespace == namespace and (manager is None or c.manager is manager)]
        self._connections = [connection for connection in self._connections if connection not in ended]
        await asyncio.gather(*(connection.subscription.close() for connection in ended))
        return bool(ended)

    def clear(self) -> None:
        """Forget all connections, once the bus is closed."""
        self._connections.clear()


def broadcaster(manager: object, *, in_thread: bool) -> Callable[[MemoryEvent], Awaitable[None]]:
    """What sends an event over the first of the three methods that an object has.

    Args:
        manager: An object with ``broadcast_event(event_type, data)``, ``broadcast(message)`` or
            ``send_json(message)``, asynchronous or not. A message is ``{"event_type": …, "data": …}``.
        in_thread: Whether a plain method runs in a thread of its own.

    Raises:
        ValidationError: It has none of them, or one that takes other arguments.
    """
    for name, count in (("broadcast_event", 2), ("broadcast", 1), ("send_json", 1)):
        method = getattr(manager, name, None)
        if callable(method):
            _check_arguments(method, name, count)
            break
    else:
        raise ValidationError(
            f"{type(manager).__name__} has no method to broadcast with.", field="websocket_manager", remedy=_REMEDY
        )
    call = Caller(method, in_thread=in_thread)

    async def send(event: MemoryEvent) -> None:
        event_type, data = PREFIX + event.name, event.as_data()
        await (call(event_type, data) if count == 2 else call({"event_type": event_type, "data": data}))

    return send


def _check_arguments(method: Callable[..., Any], name: str, count: int) -> None:
    try:
        signature = inspect.signature(method)
    except (TypeError, ValueError):
        return  # Written in C: only a call can tell.
    try:
        signature.bind(*range(count))
    except TypeError:
        raise ValidationError(
            f"{name}{signature} cannot be called with {count} argument{'s'[: count - 1]}.",
            field="websocket_manager",
            remedy=_REMEDY,
        ) from None
