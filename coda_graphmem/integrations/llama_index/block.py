"""A block of LlamaIndex's memory: what leaves the chat history is remembered, and what is relevant comes back."""

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import BaseMemoryBlock
from pydantic import Field, PrivateAttr

from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.recalled import recalled
from coda_graphmem.integrations.verbatim import sayable
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import MemoryType
from coda_graphmem.validation.limits import MAX_QUERY_LENGTH

_CHARACTERS_A_TOKEN = 4
"""Of English, roughly; LlamaIndex asks for a hint and counts itself."""

_SAID_BY = frozenset({"user", "assistant"})


class GraphMemoryBlock(BaseMemoryBlock[str]):
    """Remembers what user and assistant said, beyond the session, and recalls what the latest messages are about.

    Args:
        memory: An open memory; one user's memories want a namespace of their own.
        name: Under which the block stands in the prompt.
        limit: How many memories are recalled at most, 1 to 10,000.
        window: How many of the latest messages say what is wanted, 1 or more.
        max_characters: How long the text of the block may become, roughly.
        same_session: Whether only memories of the session are recalled.
        search_kwargs: Other arguments of `MemoryManager.retrieve_memories`, such as ``min_relevance``.
        priority: As of every block: 0 for one that is never cut, the lowest other number is cut first.
        accept_short_term_memory: As of every block: whether it takes what leaves the chat history.
    """

    memory: AnyMemory
    name: str = "Remembered"
    limit: int = 5
    window: int = Field(default=1, ge=1)
    max_characters: int = Field(default=4_000, ge=0)
    same_session: bool = False
    search_kwargs: dict[str, Any] = Field(default_factory=dict)

    _calls: Calls = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Check the memory."""
        super().model_post_init(context)
        self._calls = Calls(self.memory)

    async def aput(
        self, messages: list[ChatMessage], from_short_term_memory: bool = False, session_id: str | None = None
    ) -> None:
        """Remember what user and assistant said, in order, all or nothing; the messages stay as they are.

        Args:
            messages: Those of other roles, and those without text, are passed over.
            from_short_term_memory: Whether they left the chat history.
            session_id: The conversation that they belong to; None for none.
        """
        if not from_short_term_memory or self.accept_short_term_memory:
            await self._keep(messages, session_id)

    async def atruncate(self, content: str, tokens_to_truncate: int) -> str | None:
        """The text of the block without its last memories; None where none would be left.

        Args:
            content: What the block gave.
            tokens_to_truncate: How much shorter it is to be, roughly.
        """
        lines = content.splitlines()
        over = tokens_to_truncate * _CHARACTERS_A_TOKEN
        while over > 0 and len(lines) > 1:
            over -= len(lines.pop()) + 1
        return "\n".join(lines) if len(lines) > 1 else None

    async def _aget(
        self, messages: list[ChatMessage] | None = None, session_id: str | None = None, **block_kwargs: Any
    ) -> str:
        del block_kwargs  # what other blocks are told
        query = "\n".join(_texts((messages or [])[-self.window :]))[-MAX_QUERY_LENGTH:]
        if not query.strip():
            return ""
        options = {"limit": self.limit, **self.search_kwargs}
        if self.same_session:
            options["conversation_id"] = session_id
        wanted = sayable(query, "")

        async def search(memory: MemoryManager) -> str:
            found = await memory.retrieve_memories(wanted, **options)
            return recalled(found, max_characters=self.max_characters, with_ids=False)

        return await self._calls.awaited(search)

    async def _aput(self, messages: list[ChatMessage]) -> None:
        await self._keep(messages, None)

    async def _keep(self, messages: Sequence[ChatMessage], session_id: str | None) -> None:
        entries = [
            {
                "content": sayable(text, message.role.value),
                "memory_type": MemoryType.EPISODIC,
                "metadata": {"speaker": message.role.value},
                "conversation_id": session_id,
            }
            for message in messages
            if message.role.value in _SAID_BY
            for text in _texts([message])
        ]
        if entries:
            await self._calls.awaited(lambda memory: memory.store_memories_batch(entries))


def _texts(messages: Sequence[ChatMessage]) -> list[str]:
    """What messages say; those without text are passed over."""
    texts = (message.content for message in messages)
    return [text for text in texts if text and text.strip()]
