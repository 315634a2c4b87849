"""Finds the run to undo before an original of a merge can come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from coda_graphmem.models import MergeRecord


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
