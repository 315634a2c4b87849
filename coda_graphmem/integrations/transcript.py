"""What was said and done in a conversation, kept item by item, exactly and in order, each item as a memory.

What people and assistants say is found by searches like any other memory. Calls of tools, their results and reasoning
are kept beside it, as contextual memories of no importance.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.forks import Lock
from coda_graphmem.integrations.verbatim import read, sayable, written
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import Memory, MemoryType, MetadataValue
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.limits import MAX_LIMIT, MAX_METADATA_LENGTH
from coda_graphmem.validation.types import Id

_PIECE = MAX_METADATA_LENGTH // 2 - 5_000
"""Characters of an item that one memory holds: written in metadata they may become twice as many."""

_NOTED = 2_000
"""Characters of what nobody said that a memory shows: the output of a tool may be long, and is kept whole beside it."""

_HOLDING = frozenset({"place", "pieces", "order", "item_id", "item"})

_SAID_BY = frozenset({"user", "assistant"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was said or done."""

    value: Any
    """What comes back exactly: whatever JSON can hold."""
    text: str
    """What it says, for people and for searches; it may be empty."""
    speaker: str
    """``user``, ``assistant``, or whatever else it came from, such as ``tool``."""


def told_metadata(memory: Memory) -> dict[str, Any]:
    """The metadata of a memory for somebody who searches: without what holds an item exactly."""
    if "transcript" not in memory.metadata:
        return dict(memory.metadata)
    return {key: value for key, value in memory.metadata.items() if key not in _HOLDING}


class Transcript:
    """The items of a conversation, among whatever else its memory holds.

    Args:
        conversation_id: Which conversation, 1 to 512 characters on one line.
        kind: Who keeps it: items of other kinds are left alone.

    Raises:
        ValidationError: The id is not acceptable.
    """

    def __init__(self, conversation_id: str, kind: str) -> None:
        self.conversation_id: str = check(Id, conversation_id, "session_id")
        self._kind = kind

    async def add(self, memory: MemoryManager, items: Sequence[Item]) -> None:
        """Keep items after those that are there, all or none.

        Raises:
            ValidationError: An item holds what JSON cannot.
        """
        entries = [entry for place, item in enumerate(items) for entry in self._entries(item, f"items[{place}]")]
        if entries:
            await memory.store_memories_batch(entries)

    async def read(self, memory: MemoryManager, limit: int | None = None) -> list[Any]:
        """The newest items, in the order they were added.

        Args:
            memory: Where they are.
            limit: How many at most; None for all.
        """
        return await self._values(memory, await self._heads(memory, limit))

    async def pop(self, memory: MemoryManager) -> Any:
        """Take away the newest item and give it; None where there is none."""
        while heads := await self._heads(memory, 1):
            [value] = await self._values(memory, heads)
            if await memory.delete_memory(heads[0].memory_id):
                for piece in _pieces(heads[0]):
                    await memory.delete_memory(piece)
                return value
            # Somebody else was faster.
        return None

    async def clear(self, memory: MemoryManager) -> None:
        """Remove all items; other memories of the conversation stay."""
        await memory.forget(conversation_id=self.conversation_id, metadata={"transcript": self._kind})

    def _entries(self, item: Item, field: str) -> list[dict[str, Any]]:
        """The memories that hold an item: mostly one, and more where it is large."""
        text = written(item.value, field)
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
        said = item.speaker in _SAID_BY and bool(item.text.strip())
        shown = item.text if said else item.text[:_NOTED]
        head = uuid.uuid4().hex
        return [
            {
                "content": sayable(shown, item.speaker) if place == 0 else f"{item.speaker} (continued)",
                "memory_type": MemoryType.EPISODIC if said and place == 0 else MemoryType.CONTEXTUAL,
                "importance_score": None if said and place == 0 else 0.0,
                "conversation_id": self.conversation_id,
                "memory_id": head if place == 0 else f"{head}.{place}",
                "metadata": {
                    "speaker": item.speaker,
                    "transcript": self._kind,
                    "place": place,
                    "pieces": len(pieces),
                    "order": _order(),
                    # A merged memory has this of an original, and another id.
                    "item_id": head,
                    "item": piece,
                },
            }
            for place, piece in enumerate(pieces)
        ]

    async def _heads(self, memory: MemoryManager, limit: int | None) -> list[Memory]:
        """The first memory of each of the newest items, in order. Those that were merged or set aside count as well."""
        found = [*await self._listed(memory, limit, archived=False), *await self._listed(memory, limit, archived=True)]
        found.sort(key=lambda one: (one.timestamp, one.metadata["order"]))
        return found if limit is None else found[max(0, len(found) - limit) :]

    async def _listed(self, memory: MemoryManager, limit: int | None, *, archived: bool) -> list[Memory]:
        wanted: dict[str, MetadataValue] = {"transcript": self._kind, "place": 0}
        found: list[Memory] = []
        passed = 0
        while limit is None or len(found) < limit:
            size = MAX_LIMIT if limit is None else min(limit - len(found), MAX_LIMIT)
            page = await memory.list_memories(
                size, passed, conversation_id=self.conversation_id, metadata=wanted, archived=archived
            )
            found += [one for one in page if one.metadata["item_id"] == one.memory_id]
            passed += len(page)
            if len(page) < size:
                break
        return found

    async def _values(self, memory: MemoryManager, heads: Sequence[Memory]) -> list[Any]:
        wanted = [piece for head in heads for piece in _pieces(head)]
        texts: dict[str, str] = {}
        for start in range(0, len(wanted), MAX_LIMIT):
            for one in await memory.get_memories(wanted[start : start + MAX_LIMIT]):
                texts[one.memory_id] = one.metadata["item"]
        if missing := [piece for piece in wanted if piece not in texts]:
            raise MemoryRetrievalError(
                f"a piece of an item of {self.conversation_id!r} is gone ({missing[0]}).",
                remedy="It was removed by hand, or the item while it was read: read again, or clear the session.",
            )
        return [read(head.metadata["item"] + "".join(texts[piece] for piece in _pieces(head))) for head in heads]


def _pieces(head: Memory) -> list[str]:
    """Ids of the memories that go on where the first one of an item ends."""
    return [f"{head.memory_id}.{place}" for place in range(1, head.metadata["pieces"])]


class _Orders:
    """Numbers that grow with every one that is given out: microseconds, so that they grow from process to process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def __call__(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            return self._last


_order = _Orders()
