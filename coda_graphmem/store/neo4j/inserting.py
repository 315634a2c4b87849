"""Keeps new memories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.models import Memory
from coda_graphmem.store.codec import load_memory
from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.graph_writes import check_vectors
from coda_graphmem.store.neo4j.rows import described, unique
from coda_graphmem.store.neo4j.transfer import create
from coda_graphmem.store.planning import Plan, plan_insert
from coda_graphmem.store.protocol import NewMemory, Outcome, Stored

# What is called otherwise than in `Memory`.
_FIELD = {"epoch": "timestamp"}


async def insert(
    connection: Connection, namespace: str, rows: Sequence[NewMemory], *, reinforcement: float, model: str | None
) -> list[Stored]:
    """See `MemoryStore.insert`; ``model`` is the one the vectors come from, where that is known."""
    if not rows:
        return []

    async def work(transaction: Transaction) -> Change:
        check_vectors(transaction.locked, (row.embedding for row in rows), model)
        plan = await _plan(transaction, rows, reinforcement)
        live = await create(transaction, plan.created, {})
        if plan.reinforced:
            await transaction.run("set_properties", rows=[_reinforced(memory) for memory in plan.reinforced])
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
    by_id = {row["memory"]["memory_id"]: _known(row["memory"]) for row in found if not row["by_key"]}
    by_key = {row["memory"]["dedup_key"]: _known(row["memory"]) for row in found if row["by_key"]}
    return plan_insert(rows, by_id, by_key, reinforcement)


def _known(node: Mapping[str, Any]) -> Memory:
    return load_memory({_FIELD.get(name, name): value for name, value in node.items() if name != "dedup_key"})


def _reinforced(memory: Memory) -> dict[str, Any]:
    return {
        "memory_id": memory.memory_id,
        "properties": {
            "importance_score": memory.importance_score,
            "updated_at": memory.updated_at,
            "changed_at": memory.updated_at,
            "reinforcement_count": memory.reinforcement_count,
            **described(memory.content, memory.metadata),
        },
    }
