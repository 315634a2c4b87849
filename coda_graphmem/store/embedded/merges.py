"""Puts one memory in the place of several, and takes that back."""

import sqlite3
from collections.abc import Iterable, Sequence

from typing_extensions import override

from coda_graphmem.models import MergeRecord
from coda_graphmem.store.embedded import writes
from coda_graphmem.store.embedded.catalog import Namespace, within
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.rows import as_json
from coda_graphmem.store.embedded.settlement import settle_facts, slots_of
from coda_graphmem.store.embedded.traces import Traces, leave_mark
from coda_graphmem.store.planning import Original, plan_merge, with_free_keys
from coda_graphmem.store.protocol import Merge, Merges, UndoneMerge

# After the row's id and the memory's the fields of `Original`.
_ORIGINALS = f"""
    SELECT id, memory_id, {", ".join(Original._fields)} FROM memories
    WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?)) AND +scope IS NOT NULL
"""

# A merge whose merged memory was itself merged can only be undone after that one.
_MERGES = """
    SELECT t.memory_id, o.memory_id, o.run_id, o.archived_at
    FROM memories AS o JOIN memories AS t
        ON t.namespace_id = o.namespace_id AND t.memory_id = o.consolidated_into AND t.consolidated_into IS NULL
    WHERE o.namespace_id = :namespace AND o.consolidated_into IS NOT NULL AND (:run IS NULL OR o.run_id = :run)
    ORDER BY o.archived_at DESC, t.id DESC, o.id
"""

_MERGES_WITH = """
    SELECT t.memory_id, o.memory_id, o.run_id, o.archived_at
    FROM memories AS o JOIN memories AS t ON t.namespace_id = o.namespace_id AND t.memory_id = o.consolidated_into
    WHERE o.namespace_id = :namespace AND o.consolidated_into IN (
        SELECT value FROM json_each(:ids)
        UNION
        SELECT consolidated_into FROM memories
        WHERE namespace_id = :namespace AND memory_id IN (SELECT value FROM json_each(:ids))
            AND consolidated_into IS NOT NULL
    )
    ORDER BY o.archived_at, t.memory_id, o.id
"""


class EmbeddedMerges(StorePart, Merges):
    """Originals stay as archived rows that name what they were merged into."""

    def __init__(self, database: IndexedDatabase, traces: Traces) -> None:
        super().__init__(database)
        self._traces = traces

    @override
    async def merge(self, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float) -> list[bool]:
        # Each merge is a transaction of its own, so that others write in between.
        return [await self._merge(namespace, one, run_id, at) for one in merges]

    async def _merge(self, namespace: str, merge: Merge, run_id: str, at: float) -> bool:
        def work(connection: sqlite3.Connection, owner: Namespace) -> bool:
            rows = connection.execute(_ORIGINALS, (owner.id, as_json(merge.merged.source_ids))).fetchall()
            merged = plan_merge(merge, {memory_id: Original(*rest) for _, memory_id, *rest in rows}, at)
            if merged is None:
                return False
            originals = {memory_id: row for row, memory_id, *_ in rows}
            ids = list(originals.values())
            slots = slots_of(connection, owner, ids)
            connection.execute(
                "UPDATE memories SET archived_at = ?, consolidated_into = ?, run_id = ? "
                "WHERE id IN (SELECT value FROM json_each(?))",
                (at, merge.memory_id, run_id, as_json(ids)),
            )
            writes.set_live(connection, self._index, owner, ids, live=False)
            kept = with_free_keys([merged], writes.held_keys(connection, owner, [merged.dedup_key]))
            [row] = writes.create(connection, self._index, owner, kept)
            self._index.copy(connection, owner, originals[merge.merged.kept_id], row)
            settle_facts(connection, owner, slots, [*originals, merge.memory_id])
            return True

        return await self._database.write_vectors(within(namespace, False, work))

    @override
    async def find_merges(self, namespace: str, *, run_id: str | None = None, limit: int = 1000) -> list[MergeRecord]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[MergeRecord]:
            return _records(connection.execute(_MERGES, {"namespace": owner.id, "run": run_id}), limit)

        return await self._database.read(within(namespace, [], work))

    @override
    async def find_merges_with(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[MergeRecord]:
            rows = connection.execute(_MERGES_WITH, {"namespace": owner.id, "ids": as_json(memory_ids)})
            return _records(rows, None)

        return await self._database.read(within(namespace, [], work))

    @override
    async def undo_merge(self, namespace: str, merged_id: str) -> UndoneMerge | None:
        def work(connection: sqlite3.Connection, owner: Namespace) -> UndoneMerge | None:
            merged = connection.execute(
                "SELECT id FROM memories WHERE namespace_id = ? AND memory_id = ? AND consolidated_into IS NULL",
                (owner.id, merged_id),
            ).fetchone()
            originals = connection.execute(
                "SELECT id, memory_id FROM memories WHERE namespace_id = ? AND consolidated_into = ? ORDER BY id",
                (owner.id, merged_id),
            ).fetchall()
            if merged is None or not originals:
                return None
            rows = [row[0] for row in originals]
            leave_mark(connection)
            removed = writes.remove(connection, self._index, owner, [merged[0]])
            removed.standing += [row[1] for row in originals]
            connection.execute(
                "UPDATE memories SET consolidated_into = NULL, run_id = NULL "
                "WHERE id IN (SELECT value FROM json_each(?))",
                (as_json(rows),),
            )
            writes.revive(connection, self._index, owner, rows)
            removed.settle(connection, owner)
            return UndoneMerge(merged_id, [row[1] for row in originals])

        undone = await self._database.write_vectors(within(namespace, None, work))
        if undone is not None:
            await self._traces.clean_soon()
        return undone


def _records(rows: Iterable[tuple[str, str, str | None, float]], limit: int | None) -> list[MergeRecord]:
    """Merges of rows that stand together: id of the merged memory and of an original, run, time."""
    found: dict[str, MergeRecord] = {}
    for merged_id, original, run, at in rows:
        if merged_id not in found:
            if limit is not None and len(found) >= limit:
                break
            found[merged_id] = MergeRecord(merged_id=merged_id, source_ids=[], run_id=run or "", merged_at=at)
        found[merged_id].source_ids.append(original)
    return list(found.values())
