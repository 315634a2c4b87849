"""Changes memories that are there: contents, lifetimes, counters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from coda_graphmem.store.neo4j.connection import Change, Connection, Row, Transaction
from coda_graphmem.store.neo4j.graph_writes import (
    chain_conversations,
    check_vectors,
    link_entities,
    other_property,
    set_vectors,
)
from coda_graphmem.store.neo4j.rows import described, unique
from coda_graphmem.store.protocol import MemoryChanges


async def update(
    connection: Connection, namespace: str, memory_id: str, changes: MemoryChanges, *, model: str | None
) -> bool:
    """See `MemoryStore.update`; ``model`` is the one the vector comes from, where that is known."""

    async def work(transaction: Transaction) -> Change:
        check_vectors(transaction.locked, [changes.embedding], model)
        found = await transaction.run("lookup_memory", memory_id=memory_id)
        if not found:
            return Change(False)
        [memory] = found
        await _set_properties(transaction, memory_id, memory, changes)
        if changes.embedding is not None:
            await set_vectors(transaction, {memory_id: changes.embedding})
        if changes.entities is not None:
            await _replace_entities(transaction, memory_id, memory, changes)
        return Change(True)

    return bool(await connection.write(namespace, work))


async def _set_properties(transaction: Transaction, memory_id: str, memory: Row, changes: MemoryChanges) -> None:
    content = memory["content"] if changes.content is None else changes.content
    metadata = json.loads(memory["metadata"]) if changes.metadata is None else changes.metadata
    properties = {**described(content, metadata), "updated_at": changes.updated_at}
    if changes.importance_score is not None:
        properties["importance_score"] = changes.importance_score
    if changes.content is not None:
        live = memory["live"]
        properties["dedup_key"] = (
            await _free_key(transaction, memory_id, changes.dedup_key) if live else changes.dedup_key
        )
        properties[other_property(transaction.locked.vector_property)] = None
        if changes.embedding is None:
            properties[transaction.locked.vector_property] = None
    await transaction.run("update_memory", memory_id=memory_id, properties=properties)


async def _free_key(transaction: Transaction, memory_id: str, dedup_key: str | None) -> str | None:
    """The deduplication key, or None where another live memory has it."""
    if dedup_key is None:
        return None
    holders = await transaction.run("dedup_holder", dedup_key=dedup_key)
    return dedup_key if all(row["memory_id"] == memory_id for row in holders) else None


async def _replace_entities(transaction: Transaction, memory_id: str, memory: Row, changes: MemoryChanges) -> None:
    # Entities that are mentioned again must not be dropped in between, or they would lose their first name.
    entities = changes.entities or ()
    await transaction.run("unlink_entities", memory_ids=[memory_id], kept_keys=[entity.key for entity in entities])
    await link_entities(transaction, [(memory_id, memory["live"], entities)])


async def archive(connection: Connection, namespace: str, memory_ids: Sequence[str], at: float) -> int:
    """See `MemoryStore.archive`."""

    async def work(transaction: Transaction) -> Change:
        rows = await transaction.run("archive_memories", memory_ids=unique(memory_ids), at=at)
        live = [row for row in rows if row["live"]]
        await chain_conversations(transaction, live)
        return Change(len(rows), live_added=-len(live))

    return int(await connection.write(namespace, work) or 0)


async def promote(connection: Connection, namespace: str, memory_id: str) -> bool:
    """See `MemoryStore.promote`."""

    async def work(transaction: Transaction) -> Change:
        found = await transaction.run("lookup_memory", memory_id=memory_id)
        if not found:
            return Change(False)
        [memory] = found
        if memory["expires_at"] is None:
            return Change(True)
        live = memory["archived_at"] is None
        key = await _free_key(transaction, memory_id, memory["dedup_key"]) if live else memory["dedup_key"]
        await transaction.run(
            "promote_memory", memory_id=memory_id, scope=transaction.scope if live else None, dedup_key=key
        )
        await chain_conversations(transaction, [memory] if live else [])
        return Change(True, live_added=int(live))

    return bool(await connection.write(namespace, work))


async def record_access(connection: Connection, namespace: str, counts: Mapping[str, int], at: float) -> None:
    """See `MemoryStore.record_access`."""

    async def work(transaction: Transaction) -> Change:
        rows = [{"memory_id": key, "count": count} for key, count in sorted(counts.items())]
        await transaction.run("record_access", rows=rows, at=at)
        return Change()

    if counts:
        await connection.write(namespace, work)
