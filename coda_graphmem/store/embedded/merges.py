"""Puts one memory in the place of several, and takes that back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from coda_graphmem.models import Memory, MergeRecord
from coda_graphmem.store.embedded import remove, transfer
from coda_graphmem.store.embedded import writes as change
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.rows import find_namespace
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import Merge, StoredMemory, UndoneMerge

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


def merge(connection: sqlite3.Connection, index: VectorIndex, name: str, new: Merge, *, run_id: str, at: float) -> bool:
    """One merge of `MemoryStore.merge`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return False
    rows = connection.execute(
        "SELECT id, memory_id, updated_at, access_count, last_accessed FROM memories "
        "WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?)) AND +scope IS NOT NULL",
        (namespace.id, as_json(new.merged.source_ids)),
    ).fetchall()
    originals = {row[1]: row[0] for row in rows}
    if originals.keys() != set(new.merged.source_ids) or {row[1]: row[2] for row in rows} != dict(new.versions):
        return False
    connection.execute(
        "UPDATE memories SET archived_at = ?, consolidated_into = ?, run_id = ? "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (at, new.memory_id, run_id, as_json(list(originals.values()))),
    )
    change.set_live(connection, index, namespace, list(originals.values()), live=False)
    recalls = [row[4] for row in rows if row[4] is not None]
    merged = StoredMemory(
        Memory.model_construct(
            memory_id=new.memory_id,
            content=new.merged.content,
            memory_type=new.merged.memory_type,
            timestamp=new.merged.timestamp,
            importance_score=new.merged.importance_score,
            access_count=sum(row[3] for row in rows),
            last_accessed=max(recalls, default=None),
            metadata=new.merged.metadata,
            namespace=name,
            conversation_id=new.merged.conversation_id,
            entities=new.merged.entities,
            created_at=at,
            reinforcement_count=new.merged.reinforcement_count,
        ),
        embedding=None,
        dedup_key=new.dedup_key,
        position=0,
    )
    [row] = transfer.keep(connection, index, namespace, [merged])
    index.copy(connection, namespace, originals[new.merged.kept_id], row)
    return True


def merges(connection: sqlite3.Connection, name: str, *, run_id: str | None, limit: int) -> list[MergeRecord]:
    """See `MemoryStore.merges`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    return _records(connection.execute(_MERGES, {"namespace": namespace.id, "run": run_id}), limit)


def merges_with(connection: sqlite3.Connection, name: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
    """See `MemoryStore.merges_with`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    return _records(connection.execute(_MERGES_WITH, {"namespace": namespace.id, "ids": as_json(memory_ids)}), None)


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


def undo_merge(connection: sqlite3.Connection, index: VectorIndex, name: str, merged_id: str) -> UndoneMerge | None:
    """See `MemoryStore.undo_merge`; runs in a write transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return None
    merged = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND memory_id = ? AND consolidated_into IS NULL",
        (namespace.id, merged_id),
    ).fetchone()
    originals = connection.execute(
        "SELECT id, memory_id FROM memories WHERE namespace_id = ? AND consolidated_into = ? ORDER BY id",
        (namespace.id, merged_id),
    ).fetchall()
    if merged is None or not originals:
        return None
    rows: Sequence[int] = [row[0] for row in originals]
    # First of all, as what is merged into a memory goes with it.
    connection.execute(
        "UPDATE memories SET consolidated_into = NULL, run_id = NULL WHERE id IN (SELECT value FROM json_each(?))",
        (as_json(rows),),
    )
    remove.remove_rows(connection, index, namespace, [merged[0]])
    change.revive(connection, index, namespace, rows)
    return UndoneMerge(merged_id, [row[1] for row in originals])
