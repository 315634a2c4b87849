"""Puts merged memories in the place of their originals, and takes that back."""

from __future__ import annotations

from collections.abc import Sequence

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import Memory, MergeRecord
from coda_graphmem.store.neo4j.connection import Change, Connection, Row, Transaction
from coda_graphmem.store.neo4j.graph_writes import chain_conversations, make_live
from coda_graphmem.store.neo4j.removing import remove
from coda_graphmem.store.neo4j.rows import complete, unique
from coda_graphmem.store.neo4j.transfer import create
from coda_graphmem.store.protocol import Merge, StoredMemory, UndoneMerge


async def merge(
    connection: Connection, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float
) -> list[bool]:
    """See `UpkeepStore.merge`. Each merge is a transaction of its own, so that other writes come in between."""
    return [await _merge(connection, namespace, one, run_id, at) for one in merges]


async def _merge(connection: Connection, namespace: str, merge: Merge, run_id: str, at: float) -> bool:
    source_ids = merge.merged.source_ids

    async def work(transaction: Transaction) -> Change:
        rows = await transaction.run("lookup_memories", memory_ids=[*source_ids, merge.memory_id])
        found = {row["memory_id"]: row for row in rows}
        live = {key: found[key]["updated_at"] for key in source_ids if key in found and found[key]["live"]}
        if live.keys() != set(source_ids) or live != merge.versions:
            return Change(False, revised=False)
        if merge.memory_id in found:
            raise ValidationError(
                f"a memory with the id {merge.memory_id!r} exists already.",
                field="memory_id",
                remedy="Give the merged memory an id of its own.",
            )
        places = await transaction.run(
            "archive_memories", memory_ids=source_ids, at=at, consolidated_into=merge.memory_id, run_id=run_id
        )
        await chain_conversations(transaction, places)
        holders = await transaction.run("dedup_holders", dedup_keys=[merge.dedup_key]) if merge.dedup_key else []
        merged = _merged_memory(merge, [found[key] for key in source_ids], namespace, at)
        await create(transaction, [merged], {row["dedup_key"] for row in holders}, {})
        await transaction.run(
            "copy_vector",
            memory_id=merge.memory_id,
            kept_id=merge.merged.kept_id,
            vector_property=transaction.locked.vector_property,
        )
        return Change(True, live_added=1 - len(places), arrived=1)

    return bool(await connection.write(namespace, work))


def _merged_memory(merge: Merge, originals: Sequence[Row], namespace: str, at: float) -> StoredMemory:
    merged = merge.merged
    recalls = [row["last_accessed"] for row in originals if row["last_accessed"] is not None]
    memory = Memory.model_construct(
        memory_id=merge.memory_id,
        content=merged.content,
        memory_type=merged.memory_type,
        timestamp=merged.timestamp,
        importance_score=merged.importance_score,
        access_count=sum(row["access_count"] for row in originals),
        last_accessed=max(recalls, default=None),
        metadata=merged.metadata,
        namespace=namespace,
        conversation_id=merged.conversation_id,
        entities=merged.entities,
        created_at=at,
        reinforcement_count=merged.reinforcement_count,
    )
    return StoredMemory(memory=memory, embedding=None, dedup_key=merge.dedup_key, position=0)


async def merges(connection: Connection, namespace: str, *, run_id: str | None, limit: int) -> list[MergeRecord]:
    """See `UpkeepStore.merges`."""
    rows = await connection.read("merges", namespace=namespace, run_id=run_id, limit=limit)
    return [MergeRecord(**dict(row)) for row in complete(rows)]


async def merges_with(connection: Connection, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
    """See `UpkeepStore.merges_with`."""
    rows = await connection.read("merges_with", namespace=namespace, memory_ids=unique(memory_ids))
    return [MergeRecord(**dict(row)) for row in complete(rows)]


async def undo_merge(connection: Connection, namespace: str, merged_id: str) -> UndoneMerge | None:
    """See `UpkeepStore.undo_merge`."""

    async def work(transaction: Transaction) -> Change:
        merged = await transaction.run("lookup_memories", memory_ids=[merged_id])
        originals = await transaction.run("originals", merged_id=merged_id)
        if not merged or not originals or merged[0]["consolidated_into"] is not None:
            return Change(revised=False)
        # First, as it may have the deduplication key of an original.
        removed = await remove(transaction, [merged_id], with_originals=False)
        changes = {
            "scope": transaction.scope,
            "archived_at": None,
            "consolidated_into": None,
            "consolidation_run": None,
        }
        live = await make_live(transaction, originals, changes)
        return Change([row["memory_id"] for row in originals], live_added=live + removed.live_added)

    restored = await connection.write(namespace, work)
    return None if restored is None else UndoneMerge(removed_id=merged_id, restored_ids=list(restored))
