"""The memories of one conversation, short-term and long-term."""

from __future__ import annotations

from coda_graphmem.decay import with_decay
from coda_graphmem.learning.access import AccessRecorder
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.recording.draft import Draft, short_term
from coda_graphmem.recording.service import RecordingService
from coda_graphmem.resources import Resources


class ConversationService:
    """Short-term memory and the context of conversations."""

    def __init__(self, resources: Resources, recording: RecordingService, access: AccessRecorder) -> None:
        self._resources = resources
        self._recording = recording
        self._access = access

    async def remember_for(self, namespace: str, draft: Draft, conversation_id: str, seconds: float) -> str:
        """Keep a memory until some seconds from now; its id."""
        expires_at = self._resources.clock() + seconds
        [stored] = await self._recording.record(namespace, [short_term(draft, conversation_id, expires_at)])
        return stored.memory_id

    async def context(self, namespace: str, conversation_id: str, max_memories: int) -> list[Memory]:
        """The newest memories of a conversation, of both kinds, in the order in which they were said."""
        await self._access.flush()
        where = MemoryFilter(conversation_id=conversation_id, lifetime="any")
        now = self._resources.clock()
        newest = await self._resources.store.find(namespace, where, order="newest", limit=max_memories, now=now)
        return with_decay(newest[::-1], now=now, rate=self._resources.config.importance_decay_rate)
