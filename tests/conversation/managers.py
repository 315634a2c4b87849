"""Conversation managers as programs have them, by how they let others listen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Conversations:
    """A conversation manager as programs have one."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Any]] = []

    async def add_message(self, conversation_id: str, message: Any) -> int:
        """Keep a message."""
        await asyncio.sleep(0)
        if message == "refused":
            raise KeyError(message)
        self.messages.append((conversation_id, message))
        return len(self.messages)


class PlainConversations:
    def __init__(self) -> None:
        self.messages: list[tuple[str, Any]] = []

    def add_message(self, conversation_id: str, message: Any) -> int:
        self.messages.append((conversation_id, message))
        return len(self.messages)


class Awaitables(PlainConversations):
    """Gives something to await without being a coroutine function."""

    def add_message(self, conversation_id: str, message: Any) -> Any:
        async def add() -> int:
            return PlainConversations.add_message(self, conversation_id, message)

        return add()


class Notifying(PlainConversations):
    """Tells listeners, and does not like its method to be replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners: list[Callable[..., Any]] = []

    def __setattr__(self, name: str, value: Any) -> None:
        assert name != "add_message"
        super().__setattr__(name, value)

    def add_message(self, conversation_id: str, message: Any) -> int:
        count = super().add_message(conversation_id, message)
        for listener in list(self.listeners):
            self.tell(listener, conversation_id, message)
        return count

    def tell(self, listener: Callable[..., Any], conversation_id: str, message: Any) -> None:
        listener(conversation_id, message)


class Subscribing(Notifying):
    def subscribe(self, callback: Callable[..., Any]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)


class Listening(Notifying):
    def add_listener(self, listener: Callable[..., Any]) -> None:
        self.listeners.append(listener)

    def remove_listener(self, listener: Callable[..., Any]) -> None:
        self.listeners.remove(listener)

    def tell(self, listener: Callable[..., Any], conversation_id: str, message: Any) -> None:
        listener({"conversation_id": conversation_id, "message": message})


class OnMessage(Notifying):
    def on_message(self, handler: Callable[..., Any]) -> None:
        self.listeners.append(handler)


class AsyncSubscribing(Notifying):
    class Token:
        def __init__(self, listeners: list[Callable[..., Any]]) -> None:
            self.listeners = listeners

        async def unsubscribe(self) -> None:
            self.listeners.clear()

    async def subscribe(self, callback: Callable[..., Any]) -> Token:
        self.listeners.append(callback)
        return self.Token(self.listeners)

    async def add_message(self, conversation_id: str, message: Any) -> int:  # type: ignore[override]
        count = PlainConversations.add_message(self, conversation_id, message)
        for listener in self.listeners:
            await listener(conversation_id=conversation_id, message=message)
        return count


class OfOthers(PlainConversations):
    """Has methods of those names that mean something else."""

    def subscribe(self, topic: str, callback: Callable[..., Any]) -> None:
        raise AssertionError("not with a callback alone")

    def on_message(self, message: Any) -> None:
        raise AssertionError("a handler, not a subscription")

    def add_listener(self, *arguments: Any) -> None:
        raise AssertionError("who knows what this takes")
