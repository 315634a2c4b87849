"""Hands memories over to another store as they are, takes them in, and counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from coda_graphmem.models import Inventory
from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.graph_writes import (
    chain_conversations,
    check_vectors,
    link_conversations,
    link_entities,
)
from coda_graphmem.store.neo4j.rows import as_datetime, as_list, described, read_memory, type_label
from coda_graphmem.store.planning import is_live, with_free_keys
from coda_graphmem.store.protocol import EntityNode, StoredMemory


async def export_memories(connection: Connection, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
    """See `MemoryStore.export_memories`."""
    rows = await connection.read("export_memories", namespace=namespace, after=after, limit=limit, with_embedding=True)
    return [
        StoredMemory(
            memory=memory.model_copy(update={"embedding": None}),
            embedding=None if row["embedding"] is None else np.asarray(row["embedding"], dtype=np.float32),
            dedup_key=row["dedup_key"],
            position=row["arrival"],
            run_id=row["run_id"],
        )
        for row in rows
        if (memory := read_memory(row, namespace)) is not None
    ]


async def import_memories(
    connection: Connection,
    namespace: str,
    rows: Sequence[StoredMemory],
    entities: Sequence[EntityNode],
    *,
    model: str | None,
) -> int:
    """See `MemoryStore.import_memories`; ``model`` is the one the vectors come from, where that is known."""
    names = {entity.key: (entity.name, entity.label) for entity in entities}

    async def work(transaction: Transaction) -> Change:
        check_vectors(transaction.locked, (row.embedding for row in rows), model)
        found = await transaction.run(
            "insert_lookup",
            memory_ids=[row.memory.memory_id for row in rows],
            dedup_keys=[row.dedup_key for row in rows if row.dedup_key is not None],
        )
        known = {row["memory"]["memory_id"] for row in found if not row["by_key"]}
        held = {row["memory"]["dedup_key"] for row in found if row["by_key"]}
        new = [row for row in rows if row.memory.memory_id not in known]
        live = await create(transaction, with_free_keys(new, held), names)
        await bind_originals(transaction, new)
        return Change(len(new), live_added=live, arrived=len(new), revised=bool(new))

    return int(await connection.write(namespace, work, create=True)) if rows else 0


async def create(transaction: Transaction, rows: Sequence[StoredMemory], names: dict[str, tuple[str, str]]) -> int:
    """Write memories with all that hangs on them; how many of them are live and long-term.

    Args:
        transaction: In the namespace.
        rows: None of them exists.
        names: Name and label by key for entities that are new; others take those of their first mention.
    """
    nodes = []
    places = []
    for arrival, row in enumerate(rows, start=transaction.locked.arrivals + 1):
        memory = row.memory
        properties = _properties(transaction, row, arrival)
        if is_live(memory):
            places.append({"conversation_id": memory.conversation_id, "epoch": memory.timestamp, "arrival": arrival})
        label = type_label(memory.memory_type)
        nodes.append({"properties": properties, "label": label, "embedding": as_list(row.embedding)})
    if nodes:
        await transaction.run("insert_memories", rows=nodes, vector_property=transaction.locked.vector_property)
    await link_entities(
        transaction, [(row.memory.memory_id, is_live(row.memory), row.memory.entities) for row in rows], names
    )
    await link_conversations(transaction, [(row.memory.memory_id, row.memory.conversation_id) for row in rows])
    await chain_conversations(transaction, places)
    return len(places)


async def bind_originals(transaction: Transaction, rows: Sequence[StoredMemory]) -> None:
    """Bind memories to what they were merged into, and to them what was merged into them and was there before."""
    if rows:
        await transaction.run("bind_originals", memory_ids=[row.memory.memory_id for row in rows])


def _properties(transaction: Transaction, row: StoredMemory, arrival: int) -> dict[str, Any]:
    memory = row.memory
    return {
        "namespace": transaction.namespace,
        "scope": transaction.scope if is_live(memory) else None,
        "memory_id": memory.memory_id,
        "memory_type": memory.memory_type.value,
        "timestamp": as_datetime(memory.timestamp),
        "epoch": memory.timestamp,
        "arrival": arrival,
        "importance_score": memory.importance_score,
        "access_count": memory.access_count,
        "last_accessed": memory.last_accessed,
        "conversation_id": memory.conversation_id,
        "created_at": memory.created_at,
        "touched_at": memory.created_at if memory.last_accessed is None else memory.last_accessed,
        "updated_at": memory.updated_at,
        "changed_at": memory.created_at if memory.updated_at is None else memory.updated_at,
        "reinforcement_count": memory.reinforcement_count,
        "expires_at": memory.expires_at,
        "archived_at": memory.archived_at,
        "consolidated_into": memory.consolidated_into,
        "consolidation_run": row.run_id,
        "decay_factor": memory.decay_factor,
        "dedup_key": row.dedup_key,
        **described(memory.content, memory.metadata),
    }


async def inventory(connection: Connection, namespace: str) -> Inventory:
    """See `MemoryStore.inventory`."""
    [row] = await connection.read("inventory", namespace=namespace)
    return Inventory(**{field: row[field] for field in Inventory.model_fields})
