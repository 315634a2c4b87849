"""OpenAI Agents: sessions whose items are memories of a conversation. Needs the extra ``openai-agents``."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.packages import needed
from coda_graphmem.integrations.transcript import Item, Transcript

with needed("openai-agents", extra="openai-agents"):
    from agents import SessionABC, SessionSettings, TResponseInputItem
    from agents.memory.session_settings import coerce_session_settings

__all__ = ["GraphMemorySession"]

#: Items that nobody says, and the parts of them that tell most.
_TOLD: Mapping[str, Sequence[str]] = {
    "function_call": ("name", "arguments"),
    "function_call_output": ("output",),
    "reasoning": ("summary",),
}


class GraphMemorySession(SessionABC):
    """The history of a conversation for ``Runner.run(…, session=…)``: kept exactly, and searched like other memories.

    What user and assistant say becomes episodic memories with their role as speaker; calls of tools and their results
    are kept beside it as contextual memories of no importance.

    Args:
        session_id: The conversation, 1 to 512 characters on one line.
        memory: An open memory; an asynchronous one may be used from any event loop.
        session_settings: ``SessionSettings(limit=…)``, or a dictionary of them: how many items `get_items` gives where
            it is not asked for a number.

    Raises:
        ValidationError: An argument is not acceptable.
        TypeError: There are no such settings.
    """

    def __init__(
        self,
        session_id: str,
        memory: AnyMemory,
        *,
        session_settings: SessionSettings | dict[str, Any] | None = None,
    ) -> None:
        self._calls = Calls(memory)
        self._transcript = Transcript(session_id, "openai-agents")
        self.session_id = session_id
        self.session_settings = coerce_session_settings(session_settings or SessionSettings())

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """The newest items, in the order they were added.

        Args:
            limit: How many at most; None for the limit of the settings, which is all where there is none.

        Raises:
            ValidationError: The limit is negative.
        """
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        if limit is not None and limit < 0:
            raise ValidationError(f"{limit} is below 0.", field="limit", remedy="Pass 0 or more, or None for all.")
        return await self._calls.awaited(partial(self._transcript.read, limit=limit))

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Keep items after those that are there, all or none.

        Raises:
            ValidationError: An item holds what JSON cannot.
        """
        await self._calls.awaited(partial(self._transcript.add, items=[_item(item) for item in items]))

    async def pop_item(self) -> TResponseInputItem | None:
        """Take away the newest item and give it; None where there is none."""
        return await self._calls.awaited(self._transcript.pop)

    async def clear_session(self) -> None:
        """Remove all items; other memories of the conversation stay."""
        await self._calls.awaited(self._transcript.clear)


def _item(item: Any) -> Item:
    """An item with what it says, and who does: a message has a role, all else comes from a tool."""
    role, kind = item.get("role"), item.get("type")
    if isinstance(role, str):
        return Item(value=item, text=_text(item.get("content")), speaker=role)
    parts = [_text(item.get(name)) for name in _TOLD.get(str(kind), ())]
    return Item(value=item, text=" ".join(part for part in parts if part) or str(kind or "item"), speaker="tool")


def _text(content: object) -> str:
    """What a text, or a list of parts some of which hold texts, says."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        texts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return ""
