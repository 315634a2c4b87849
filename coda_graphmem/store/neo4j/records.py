"""Keeps new memories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.graph_writes import (
    chain_conversations,
    check_vectors,
    link_conversations,
    link_entities,
)
from coda_graphmem.store.neo4j.planning import Plan, Planned, plan_insert
from coda_graphmem.store.neo4j.rows import as_datetime, as_list, described, type_label, unique
from coda_graphmem.store.protocol import NewMemory, Outcome, Stored


async def insert(
    connection: Connection, namespace: str, rows: Sequence[NewMemory], *, reinforcement: float, model: str | None
) -> list[Stored]:
    """See `MemoryStore.insert`; ``model`` is the one the vectors come from, where that is known."""
    if not rows:
        return []

    async def work(transaction: Transaction) -> Change:
        check_vectors(transaction.locked, (row.embedding for row in rows), model)
        plan = await _plan(transaction, rows, reinforcement)
        live = await _create(transaction, plan.created)
        if plan.reinforced:
            await transaction.run("set_properties", rows=[_reinforced(planned) for planned in plan.reinforced])
        answer = [[stored.memory_id, stored.outcome.value] for stored in plan.answers]
        changed = bool(plan.created or plan.reinforced)
        return Change(answer, live_added=live, arrived=len(plan.created), revised=changed)

    answer = await connection.write(namespace, work, create=True)
    return [Stored(memory_id, Outcome(outcome)) for memory_id, outcome in answer]


async def _plan(transaction: Transaction, rows: Sequence[NewMemory], reinforcement: float) -> Plan:
    found = await transaction.run(
        "insert_lookup",
        memory_ids=unique([row.memory_id for row in rows]),
        dedup_keys=unique([row.dedup_key for row in rows if row.dedup_key is not None]),
    )
    by_id = {row["memory"]["memory_id"]: row["memory"] for row in found if not row["by_key"]}
    by_key = {row["memory"]["dedup_key"]: row["memory"] for row in found if row["by_key"]}
    return plan_insert(rows, by_id, by_key, reinforcement)


async def _create(transaction: Transaction, created: Sequence[Planned]) -> int:
    """Write new memories with all that hangs on them; how many of them are live and long-term."""
    if not created:
        return 0
    rows = []
    places = []
    mentions = []
    for arrival, planned in enumerate(created, start=transaction.locked.arrivals + 1):
        row = planned.row
        assert row is not None
        live = row.expires_at is None
        rows.append(
            {
                "properties": _properties(transaction, planned, row, arrival),
                "label": type_label(row.memory_type),
                "embedding": as_list(row.embedding),
            }
        )
        mentions.append((row.memory_id, live, row.entities))
        if live:
            places.append({"conversation_id": row.conversation_id, "epoch": row.timestamp, "arrival": arrival})
    await transaction.run("insert_memories", rows=rows, vector_property=transaction.locked.vector_property)
    await link_entities(transaction, mentions)
    await link_conversations(
        transaction, [(planned.memory_id, planned.row.conversation_id) for planned in created if planned.row]
    )
    await chain_conversations(transaction, places)
    return len(places)


def _properties(transaction: Transaction, planned: Planned, row: NewMemory, arrival: int) -> dict[str, Any]:
    return {
        "namespace": transaction.namespace,
        "scope": transaction.scope if row.expires_at is None else None,
        "memory_id": row.memory_id,
        "memory_type": row.memory_type.value,
        "timestamp": as_datetime(row.timestamp),
        "epoch": row.timestamp,
        "arrival": arrival,
        "importance_score": planned.importance_score,
        "access_count": 0,
        "conversation_id": row.conversation_id,
        "created_at": row.created_at,
        "touched_at": row.created_at,
        "changed_at": row.created_at if planned.updated_at is None else planned.updated_at,
        "updated_at": planned.updated_at,
        "reinforcement_count": planned.reinforcement_count,
        "expires_at": row.expires_at,
        "dedup_key": planned.dedup_key,
        **described(planned.content, planned.metadata),
    }


def _reinforced(planned: Planned) -> dict[str, Any]:
    return {
        "memory_id": planned.memory_id,
        "properties": {
            "importance_score": planned.importance_score,
            "updated_at": planned.updated_at,
            "changed_at": planned.updated_at,
            "reinforcement_count": planned.reinforcement_count,
            **described(planned.content, planned.metadata),
        },
    }
