"""The memories of conversations, short-term and long-term, and what is heard of those of other programs."""

import logging
import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Protocol

from coda_graphmem.conversation.turns import Turn
from coda_graphmem.decay import with_decay
from coda_graphmem.memories.access import AccessRecorder
from coda_graphmem.memories.draft import Draft, dedup_key, read_entry, speaker_of
from coda_graphmem.memories.statements import StatementReading
from coda_graphmem.memories.writer import MemoryWriter, archive_weakest
from coda_graphmem.models import Memory, MemoryFilter, MemoryType
from coda_graphmem.models.conditions import Condition
from coda_graphmem.resources import Resources

logger = logging.getLogger(__name__)

#: Seconds for which it is remembered what a message mentioned that is not kept itself.
MENTIONED_FOR = 1800.0
#: Memories of a conversation that are read at a time at least.
_PAGE = 20


class Observe(Protocol):
    """Learns from a message."""

    async def __call__(
        self,
        namespace: str,
        conversation_id: str,
        speaker: str | None,
        text: str,
        *,
        said_at: float | None = None,
        besides: Collection[str] = (),
    ) -> object:
        """Learn from it, as said at a time (seconds, UTC); ``besides`` are ids of memories that hold this message."""


class ConversationService:
    """Short-term memory and the context of conversations.

    Args:
        resources: Store, models, settings, clock and events.
        access: Where recalls are counted, which reads shall see.
        writer: Keeps what is said.
        observe: Learns from messages that are heard.
        reading: Reads what is stored for facts.
    """

    def __init__(
        self,
        resources: Resources,
        access: AccessRecorder,
        writer: MemoryWriter,
        observe: Observe,
        reading: StatementReading,
    ) -> None:
        self._resources = resources
        self._reading = reading
        self._access = access
        self._writer = writer
        self.observe = observe

    async def store(self, namespace: str, draft: Draft, conversation_id: str, seconds: float) -> str:
        """Keep a memory of a conversation for some seconds.

        Returns:
            Its id.
        """
        [stored] = await self._writer.store(namespace, [self._passing(draft, conversation_id, seconds)])
        return stored

    async def hear(self, namespace: str, turns: Sequence[Turn], *, store: bool, extract: bool) -> None:
        """Keep what was said, or what was mentioned, and learn from it where that is on.

        Args:
            store: Whether each turn becomes a memory.
            extract: Whether turns are searched for entities, which are all that is kept where ``store`` is off.
        """
        if store:
            said = [replace(_draft(turn, turn.text), read_entities=extract) for turn in turns]
            await self._writer.store(namespace, said)
        elif extract:
            await self._writer.store(namespace, await self._mentions(turns))
        for turn in turns:
            try:
                kept = [turn.turn_id] if store else []
                await self.observe(
                    namespace,
                    turn.conversation_id,
                    turn.speaker,
                    turn.text,
                    said_at=turn.timestamp,
                    besides=kept,
                )
            except Exception as error:
                # The turn itself is kept: trying all of it again would learn from the others twice.
                logger.warning("Nothing could be learned from a message (%s).", type(error).__name__)

    async def promote(self, namespace: str, memory_id: str) -> bool:
        """Keep a short-term memory for good. False where there is none, or its time is over."""
        now = self._resources.clock()
        found = await self._resources.store.records.get(namespace, [memory_id])
        if not found or found[0].has_ended(now):
            return False
        memory = found[0]
        key = dedup_key(memory.content, memory.memory_type, speaker_of(memory.metadata), memory.scope)
        promoted = await self._resources.store.records.promote(
            namespace, memory_id, dedup_key=key if self._resources.config.deduplicate else None, at=now
        )
        await archive_weakest(self._resources.store, namespace, self._resources.config.max_memories, now)
        if promoted:
            self._resources.events.emit("updated", namespace, [memory_id], details={"promoted": True})
        return promoted

    async def context(
        self,
        namespace: str,
        conversation_id: str,
        max_memories: int,
        *,
        as_of: float | None = None,
        own: Condition | None = None,
    ) -> list[Memory]:
        """The newest memories of a conversation, of both kinds, in the order in which they were said.

        What was learned from it was not said, and says again what was: it counts where nothing else is kept.

        Args:
            namespace: Where it is.
            conversation_id: Which conversation.
            max_memories: How many at most.
            as_of: Only what was said by then (seconds, UTC); None for all.
            own: What else has to hold of a memory; None for nothing.
        """
        await self._access.flush()
        await self._reading.settled(namespace)
        until = None if as_of is None else math.nextafter(as_of, math.inf)
        where = MemoryFilter(conversation_id=conversation_id, lifetime="any", until=until, where=own)
        now, find = self._resources.clock(), self._resources.store.records.find
        said: list[Memory] = []
        learned: list[Memory] = []
        offset, size = 0, max(2 * max_memories, _PAGE)
        while len(said) < max_memories:
            page = await find(namespace, where, order="newest", limit=size, offset=offset, now=now)
            for memory in page:
                (learned if memory.metadata.get("learned") is True else said).append(memory)
            offset += size
            if len(page) < size:
                break
        newest = (said or learned)[:max_memories]
        return with_decay(newest[::-1], now=now, rate=self._resources.config.importance_decay_rate)

    async def _mentions(self, turns: Sequence[Turn]) -> list[Draft]:
        """What turns mention, as short-term memories of their conversations; of what mentions nothing there is none."""
        found = await self._resources.extraction.extract(
            [turn.text for turn in turns], [None] * len(turns), [turn.speaker for turn in turns]
        )
        drafts = []
        for turn, entities in zip(turns, found, strict=True):
            if entities:
                names = [entity.name for entity in entities]
                draft = _draft(turn, f"Mentioned: {', '.join(names)}", MemoryType.CONTEXTUAL, mentioned=names)
                drafts.append(self._passing(draft, turn.conversation_id, MENTIONED_FOR))
        return drafts

    def _passing(self, draft: Draft, conversation_id: str, seconds: float) -> Draft:
        """The same memory, bound to a conversation and to an end some seconds from now."""
        ends_at = self._resources.clock() + seconds
        return replace(draft, conversation_id=conversation_id, expires_at=ends_at, lifetime="short_term")


def _draft(turn: Turn, content: str, memory_type: MemoryType = MemoryType.EPISODIC, **metadata: Any) -> Draft:
    if turn.speaker is not None:
        metadata["speaker"] = turn.speaker
    return read_entry(
        {
            "content": content,
            "memory_type": memory_type,
            "metadata": metadata,
            "conversation_id": turn.conversation_id,
            "timestamp": turn.timestamp,
            "memory_id": turn.turn_id,
        },
        "",
    )
