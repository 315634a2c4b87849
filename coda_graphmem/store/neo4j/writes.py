"""Changes memories that are there: contents, lifetimes, counters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from coda_graphmem.store.neo4j.connection import Change, Connection, Row, Transaction
from coda_graphmem.store.neo4j.graph_writes import (
    chain_conversations,
    check_vectors,
    free_keys,
    link_entities,
    make_live,
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
        found = await transaction.run("lookup_memories", memory_ids=[memory_id])
        if not found:
            return Change(False, revised=False)
        [memory] = found
        await _set_properties(transaction, memory_id, memory, changes)
        if changes.embedding is not None:
            await set_vectors(transaction, {memory_id: changes.embedding})
        if changes.entities is not None:
            await _replace_entities(transaction, memory_id, memory, changes)
        if changes.content is not None and changes.content != memory["content"]:
            await transaction.run("unlink_memory", memory_id=memory_id)
        return Change(True)

    return bool(await connection.write(namespace, work))


async def _set_properties(transaction: Transaction, memory_id: str, memory: Row, changes: MemoryChanges) -> None:
    content = memory["content"] if changes.content is None else changes.content
    metadata = json.loads(memory["metadata"]) if changes.metadata is None else changes.metadata
    properties = {
        **described(content, metadata),
        "updated_at": changes.updated_at,
        "changed_at": changes.updated_at,
    }
    if changes.importance_score is not None:
        properties["importance_score"] = changes.importance_score
    if changes.content is not None:
        keys = {memory_id: changes.dedup_key}
        properties.update(dedup_key=(await free_keys(transaction, keys) if memory["live"] else keys)[memory_id])
        properties[other_property(transaction.locked.vector_property)] = None
        if changes.embedding is None:
            properties[transaction.locked.vector_property] = None
    await transaction.run("set_properties", rows=[{"memory_id": memory_id, "properties": properties}])


async def _replace_entities(transaction: Transaction, memory_id: str, memory: Row, changes: MemoryChanges) -> None:
    # Entities that are mentioned again must not be dropped in between, or they would lose their first name.
    entities = changes.entities or ()
    await transaction.run("unlink_entities", memory_ids=[memory_id], kept_keys=[entity.key for entity in entities])
    await link_entities(transaction, [(memory_id, memory["live"], entities)])


async def archive(connection: Connection, namespace: str, memory_ids: Sequence[str], at: float) -> int:
    """See `MemoryStore.archive`."""

    async def work(transaction: Transaction) -> Change:
        rows = await transaction.run(
            "archive_memories", memory_ids=unique(memory_ids), at=at, consolidated_into=None, run_id=None
        )
        live = [row for row in rows if row["live"]]
        await chain_conversations(transaction, live)
        return Change(len(rows), live_added=-len(live), revised=bool(rows))

    return int(await connection.write(namespace, work) or 0)


async def unarchive(connection: Connection, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
    """See `UpkeepStore.unarchive`. A short-term memory is one again until its time is over."""

    async def work(transaction: Transaction) -> Change:
        found = {row["memory_id"]: row for row in await transaction.run("lookup_memories", memory_ids=ids)}
        memories = [found[key] for key in ids if key in found]
        memories = [row for row in memories if row["archived_at"] is not None and row["consolidated_into"] is None]
        changes = {"archived_at": None, "updated_at": at, "changed_at": at}
        short_term = [row for row in memories if row["expires_at"] is not None]
        long_term = [row for row in memories if row["expires_at"] is None]
        await make_live(transaction, short_term, {**changes, "scope": None})
        live = await make_live(transaction, long_term, {**changes, "scope": transaction.scope})
        return Change([row["memory_id"] for row in memories], live_added=live, revised=bool(memories))

    ids = unique(memory_ids)
    return list(await connection.write(namespace, work) or [])


async def promote(connection: Connection, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
    """See `MemoryStore.promote`."""

    async def work(transaction: Transaction) -> Change:
        found = await transaction.run("lookup_memories", memory_ids=[memory_id])
        if not found:
            return Change(False, revised=False)
        if found[0]["expires_at"] is None:
            return Change(True, revised=False)
        scope = transaction.scope if found[0]["archived_at"] is None else None
        changes = {"expires_at": None, "scope": scope, "changed_at": at}
        promoted = [{**found[0], "dedup_key": dedup_key}]
        return Change(True, live_added=await make_live(transaction, promoted, changes))

    return bool(await connection.write(namespace, work))


async def record_access(connection: Connection, namespace: str, counts: Mapping[str, int], at: float) -> None:
    """See `MemoryStore.record_access`."""

    async def work(transaction: Transaction) -> Change:
        rows = [{"memory_id": key, "count": count} for key, count in sorted(counts.items())]
        await transaction.run("record_access", rows=rows, at=at)
        return Change(revised=False)

    if counts:
        await connection.write(namespace, work)
