"""What all calls of a manager stand on: settings, namespace, and the services once they are open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.memories.draft import Draft
from coda_graphmem.models import EventName
from coda_graphmem.services import Services
from coda_graphmem.store.protocol import Outcome
from coda_graphmem.validation import check_limit, check_optional_unit


class ManagerCore:
    """State of one view of a memory."""

    config: MemoryConfig
    namespace: str
    """The tenant all calls of this view work in."""
    _services: Services

    @property
    def _open(self) -> Services:
        if not self._services.is_open:
            raise NotInitializedError(
                "the memory is not open.", remedy="Call await memory.initialize(), or use async with."
            )
        return self._services

    def _emit(self, name: EventName, memory_ids: Sequence[str] = (), count: int | None = None, **details: Any) -> None:
        """Tell those who listen what was done; see `EventBus.emit`."""
        self._services.resources.events.emit(name, self.namespace, memory_ids, count=count, details=details)

    async def _record(self, drafts: Sequence[Draft], *, learn: bool = False) -> list[str]:
        """Keep checked memories, all or none, and tell of those that are new or stronger; the ids of all.

        Args:
            drafts: What to keep.
            learn: Whether they are learned from where their conversation is; a mere retry teaches nothing.
        """
        stored = await self._open.recording.record(self.namespace, drafts)
        changed = [item for item in stored if item.outcome is not Outcome.UNCHANGED]
        if changed:
            outcomes = Counter(item.outcome.value for item in changed)
            self._emit("stored", list(dict.fromkeys(item.memory_id for item in changed)), **outcomes)
        if learn:
            said = [(draft, item.memory_id) for draft, item in zip(drafts, stored, strict=True) if item in changed]
            await self._open.learning.notice(self.namespace, said)
        return [item.memory_id for item in stored]

    def _limit(self, value: int | None) -> int:
        return self.config.default_retrieval_limit if value is None else check_limit(value)

    def _threshold(self, value: float | None) -> float:
        given = check_optional_unit(value, "min_relevance")
        return self.config.min_relevance_threshold if given is None else given
