"""A chat history whose messages are memories of a conversation."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import BaseMessage, ChatMessage, message_to_dict, messages_from_dict

from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.transcript import Item, Transcript

#: What LangChain calls those who speak, and what memories call them.
_SPEAKERS = {"human": "user", "ai": "assistant", "HumanMessageChunk": "user", "AIMessageChunk": "assistant"}


class GraphMemoryChatHistory(BaseChatMessageHistory):
    """Keeps the messages of a session exactly, and lets searches of the memory find what was said in them.

    In a running event loop use ``aget_messages``, ``aadd_messages`` and ``aclear``.

    Args:
        memory: An open memory.
        session_id: The conversation, 1 to 512 characters on one line.

    Raises:
        ValidationError: An argument is not acceptable.
    """

    def __init__(self, memory: AnyMemory, session_id: str) -> None:
        super().__init__()
        self._calls = Calls(memory)
        self._transcript = Transcript(session_id, "langchain")

    @property
    def session_id(self) -> str:
        """The conversation."""
        return self._transcript.conversation_id

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]  # a property, as LangChain's own histories have it
        """All messages, in the order they were added."""
        return _messages(self._calls.waited_for(self._transcript.read))

    async def aget_messages(self) -> list[BaseMessage]:
        """All messages, in the order they were added."""
        return _messages(await self._calls.awaited(self._transcript.read))

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Keep messages after those that are there, all or none."""
        self._calls.waited_for(partial(self._transcript.add, items=[_item(message) for message in messages]))

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """See `add_messages`."""
        await self._calls.awaited(partial(self._transcript.add, items=[_item(message) for message in messages]))

    def clear(self) -> None:
        """Remove all messages; other memories of the conversation stay."""
        self._calls.waited_for(self._transcript.clear)

    async def aclear(self) -> None:
        """See `clear`."""
        await self._calls.awaited(self._transcript.clear)


def _messages(values: list[Any]) -> list[BaseMessage]:
    messages: list[BaseMessage] = messages_from_dict(values)
    return messages


def _item(message: BaseMessage) -> Item:
    said_by = message.role if isinstance(message, ChatMessage) else _SPEAKERS.get(message.type, message.type)
    return Item(value=message_to_dict(message), text=str(message.text), speaker=said_by)
