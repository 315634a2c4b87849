"""Hears the messages of an object that keeps conversations: by its own subscription, else around its method."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any

from coda_graphmem.conversation.turns import part
from coda_graphmem.errors import ValidationError

#: Takes the arguments of a call that brings a message (see `told`), in any thread; never raises.
Listener = Callable[[tuple[Any, ...], Mapping[str, Any]], None]

#: Ends what was begun.
Detach = Callable[[], Awaitable[None]]

_SUBSCRIBING = {
    "subscribe": ("unsubscribe",),
    "add_listener": ("remove_listener",),
    "on_message": ("off_message", "remove_on_message"),
}
"""Methods that take a listener, and those that take it back where the first returns nothing to end it with."""

_MESSAGES = frozenset({"message", "msg", "event", "data"})
"""Names of parameters that are no listeners."""

_ENDING = ("unsubscribe", "cancel", "close", "dispose", "remove")
"""Methods of what a subscription returns."""


async def attach(manager: Any, listener: Listener) -> Detach:
    """Let a listener hear every message that is added to any conversation.

    A subscription is used where one of ``subscribe(callback)``, ``add_listener(callback)`` or
    ``on_message(callback)`` takes a callback alone; it is called with conversation id and message, or with one
    object that has both. Otherwise ``add_message`` of this object is wrapped: the listener hears what the
    object has taken, and the caller notices nothing.

    Args:
        manager: The object.
        listener: Who listens.

    Raises:
        ValidationError: The object offers neither, or does not let its method be replaced.
    """
    for name, opposites in _SUBSCRIBING.items():
        method = getattr(manager, name, None)
        if callable(method) and _takes_listener(method):
            return await _subscribe(manager, method, opposites, listener)
    return _wrap(manager, listener)


class _Done:
    """What a callback returns that may be awaited and need not be."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


async def _subscribe(
    manager: Any, method: Callable[..., Any], opposites: tuple[str, ...], listener: Listener
) -> Detach:
    active = True

    def hear(*arguments: Any, **named: Any) -> _Done:
        if active:
            listener(arguments, named)
        return _Done()

    subscription = await _finished(method(hear))

    async def detach() -> None:
        nonlocal active
        # Some offer no way to leave: then what is still heard goes nowhere.
        active = False
        ends = [getattr(subscription, name, None) for name in _ENDING]
        end = next(filter(callable, [*ends, None if inspect.isclass(subscription) else subscription]), None)
        if end is None:
            taking_back = (getattr(manager, name, None) for name in opposites)
            opposite = next((method for method in taking_back if callable(method) and _takes_listener(method)), None)
            end = functools.partial(opposite, hear) if opposite else lambda: None
        await _finished(end())

    return detach


def _wrap(manager: Any, listener: Listener) -> Detach:
    original = getattr(manager, "add_message", None)
    if not callable(original):
        raise ValidationError(
            f"{type(manager).__name__} has no add_message(conversation_id, message).",
            field="conversation_manager",
            remedy="Pass an object that has it, or one that offers subscribe(callback).",
        )
    wrapping = getattr(original, _WRAPPING, None) or _Wrapping(manager, original)
    wrapping.listeners.append(listener)

    async def detach() -> None:
        wrapping.listeners.remove(listener)
        wrapping.undo()

    return detach


_WRAPPING = "_coda_graphmem_wrapping"


class _Wrapping:
    """A method of ours around the ``add_message`` of one object, for all who listen to it.

    Args:
        manager: The object.
        original: Its method.
    """

    def __init__(self, manager: Any, original: Callable[..., Any]) -> None:
        self.listeners: list[Listener] = []
        self._manager = manager
        self._own = getattr(manager, "__dict__", {}).get("add_message")
        self._wrapper = self._around(original)
        setattr(self._wrapper, _WRAPPING, self)
        try:
            manager.add_message = self._wrapper
        except (AttributeError, TypeError):
            raise ValidationError(
                f"{type(manager).__name__} does not let its add_message be replaced.",
                field="conversation_manager",
                remedy="Give it a method subscribe(callback) that calls back with conversation id and message.",
            ) from None

    def undo(self) -> None:
        """Put the original back once nobody listens.

        Where somebody else has wrapped it again since, ours stays inside and lets everything pass.
        """
        if not self.listeners and getattr(self._manager, "__dict__", {}).get("add_message") is self._wrapper:
            if self._own is None:
                del self._manager.add_message
            else:
                self._manager.add_message = self._own

    def _around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def finish(result: Awaitable[Any], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
            value = await result
            self._tell(arguments, named)
            return value

        @functools.wraps(original)
        def add_message(*arguments: Any, **named: Any) -> Any:
            result = original(*arguments, **named)
            if inspect.isawaitable(result):
                return finish(result, arguments, named)
            self._tell(arguments, named)
            return result

        @functools.wraps(original)
        async def add_message_async(*arguments: Any, **named: Any) -> Any:
            return await finish(original(*arguments, **named), arguments, named)

        return add_message_async if inspect.iscoroutinefunction(original) else add_message

    def _tell(self, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        for listener in list(self.listeners):
            listener(arguments, named)


def told(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, Any]:
    """Conversation id and message of a call, by place or by name; or a single object that has both, or is the message.

    Returns:
        None for what is missing.
    """
    given = list(arguments)
    conversation = named["conversation_id"] if "conversation_id" in named else given.pop(0) if given else None
    message = named["message"] if "message" in named else given.pop(0) if given else None
    if message is None and conversation is not None:
        message = part(conversation, "message") or conversation
        conversation = part(conversation, "conversation_id") or part(message, "conversation_id")
    return conversation, message


async def _finished(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def _takes_listener(method: Callable[..., Any]) -> bool:
    """Whether one argument is enough, and it is not a message: ``on_message(message)`` is a handler of somebody."""
    try:
        signature = inspect.signature(method)
        signature.bind(None)
    except (TypeError, ValueError):
        return False
    first = next(iter(signature.parameters.values()))
    return first.kind is not inspect.Parameter.VAR_POSITIONAL and first.name not in _MESSAGES
