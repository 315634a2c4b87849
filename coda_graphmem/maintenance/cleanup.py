"""Removes old memories that were never important and hardly ever recalled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from coda_graphmem.memories.removal import announce
from coda_graphmem.models import CleanupResult, DeletionReceipt, Memory, MemoryFilter
from coda_graphmem.resources import Resources
from coda_graphmem.times import SECONDS_PER_DAY

#: Memories read at a time while looking for what may go.
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Outworn:
    """What makes a memory one that may go; all of it must hold."""

    before: float
    """It happened and was stored before this (seconds, UTC): an old diary imported today is not old."""
    min_importance: float
    """It is less important than this."""
    max_access_count: int
    """It was recalled at most this often."""

    def fits(self, memory: Memory) -> bool:
        """Whether a live long-term memory may go."""
        stored = memory.timestamp if memory.created_at is None else memory.created_at
        return (
            max(memory.timestamp, stored) < self.before
            and memory.importance_score < self.min_importance
            and memory.access_count <= self.max_access_count
        )

    @property
    def filter(self) -> MemoryFilter:
        """The part of it that a store can look up."""
        return MemoryFilter(until=self.before, max_importance=self.min_importance)


class CleanupService:
    """Removes what nobody needs. Archived and short-term memories are not its business."""

    def __init__(self, resources: Resources, flush_recalls: Callable[[], Awaitable[None]]) -> None:
        self._resources = resources
        self._flush_recalls = flush_recalls

    async def clean_up(
        self, namespace: str, *, max_age_days: float, min_importance: float, max_access_count: int, dry_run: bool
    ) -> CleanupResult:
        """Remove live long-term memories that are old, unimportant and hardly ever recalled; all three must hold.

        Memories are removed in batches of ``vector_store.max_batch_size``, each whole or not at all. Each batch is
        read again before it goes, so that what was recalled or changed in the meantime stays.

        Args:
            max_age_days: Memories that happened and were stored longer ago than this, above 0.
            min_importance: Memories below this importance, in [0, 1].
            max_access_count: Memories recalled at most this often.
            dry_run: Whether to remove nothing and only say which memories would go.
        """
        await self._flush_recalls()
        now = self._resources.clock()
        outworn = Outworn(now - max_age_days * SECONDS_PER_DAY, min_importance, max_access_count)
        ids = await self._look(namespace, outworn, now)
        receipt = DeletionReceipt()
        if not dry_run:
            found, ids = ids, []
            size = self._resources.config.vector_store.max_batch_size
            for start in range(0, len(found), size):
                await self._flush_recalls()
                batch = await self._resources.store.records.get(namespace, found[start : start + size])
                gone = [m.memory_id for m in batch if m.archived_at is None and outworn.fits(m)]
                receipt += await self._resources.store.records.delete(namespace, gone)
                ids += gone
            announce(self._resources, namespace, receipt, ids, cleanup=True)
        return CleanupResult(dry_run=dry_run, memory_ids=ids, removed=receipt)

    async def _look(self, namespace: str, outworn: Outworn, now: float) -> list[str]:
        ids: list[str] = []
        # Each page begins at the time at which the one before ended: a store would count its way to a far page.
        since, seen = float("-inf"), 0
        while True:
            page = await self._resources.store.records.find(
                namespace,
                outworn.filter.model_copy(update={"since": since}) if ids or seen else outworn.filter,
                order="oldest",
                limit=_PAGE,
                offset=seen,
                now=now,
            )
            ids += [memory.memory_id for memory in page if outworn.fits(memory)]
            if len(page) < _PAGE:
                return ids
            last = page[-1].timestamp
            seen = sum(memory.timestamp == last for memory in page) + (seen if last == since else 0)
            since = last
