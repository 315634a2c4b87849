"""Archives memories, brings them back, and finds the run to undo before an original of a merge can come back."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from coda_graphmem.memories.access import AccessRecorder
from coda_graphmem.models import ArchiveResult, MergeRecord, UnarchiveResult
from coda_graphmem.resources import Resources


class MemoryArchive:
    """Memories that were taken out of search and kept."""

    def __init__(self, resources: Resources, access: AccessRecorder) -> None:
        self._resources = resources
        self._access = access

    async def archive(self, namespace: str, memory_ids: Sequence[str]) -> ArchiveResult:
        """Take memories out of search and keep them."""
        await self._access.flush()
        records, now = self._resources.store.records, self._resources.clock()
        live = {m.memory_id for m in await records.get(namespace, memory_ids) if m.archived_at is None}
        await records.archive(namespace, [memory_id for memory_id in memory_ids if memory_id in live], now)
        # Another process may have archived or removed some of them between the two looks.
        after = {m.memory_id: m.archived_at for m in await records.get(namespace, memory_ids)}
        archived = [memory_id for memory_id in memory_ids if memory_id in live and after.get(memory_id) == now]
        if archived:
            self._resources.events.emit("updated", namespace, archived, details={"archived": True})
        return ArchiveResult(
            archived_ids=archived,
            archived_at=now if archived else None,
            archived_before_ids=[one for one in memory_ids if one in after and one not in archived],
            missing_ids=[one for one in memory_ids if one not in after],
        )

    async def unarchive(self, namespace: str, memory_ids: Sequence[str]) -> UnarchiveResult:
        """Bring archived memories back; originals of merges stay, and the run to undo is named instead."""
        await self._access.flush()
        restored = await self._resources.store.records.unarchive(namespace, memory_ids, self._resources.clock())
        others = {
            m.memory_id: m
            for m in await self._resources.store.records.get(namespace, memory_ids)
            if m.memory_id not in restored
        }
        merged = [memory_id for memory_id in others if others[memory_id].consolidated_into is not None]
        runs = await runs_to_undo(partial(self._resources.store.merges.find_merges_with, namespace), merged)
        if restored:
            self._resources.events.emit("updated", namespace, restored, details={"unarchived": True})
        return UnarchiveResult(
            restored_ids=[memory_id for memory_id in memory_ids if memory_id in restored],
            live_ids=[memory_id for memory_id in others if memory_id not in merged],
            merged={memory_id: runs.get(memory_id) for memory_id in merged},
            missing_ids=[
                memory_id for memory_id in memory_ids if memory_id not in restored and memory_id not in others
            ],
        )


async def runs_to_undo(
    merges_with: Callable[[Sequence[str]], Awaitable[list[MergeRecord]]], memory_ids: Sequence[str]
) -> dict[str, str]:
    """The run to undo first, for each of some memories that was merged; of several that built on one another the last.

    Memories that no known merge put another in the place of are left out.

    Args:
        merges_with: Gives the merges that memories came out of or were merged by. Asked once for each generation.
        memory_ids: Which memories.
    """
    merged_by: dict[str, MergeRecord] = {}
    asked = list(memory_ids)
    while asked:
        found = await merges_with(asked)
        merged_by |= {source: record for record in found for source in record.source_ids}
        asked = [record.merged_id for record in found if record.merged_id not in {*merged_by, *asked}]
    runs = {}
    for memory_id in memory_ids:
        last = merged_by.get(memory_id)
        if last is None:
            continue
        while last.merged_id in merged_by:
            last = merged_by[last.merged_id]
        runs[memory_id] = last.run_id
    return runs
