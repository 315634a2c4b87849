"""Hands memories over to another store as they are, takes them in, and counts them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from typing_extensions import override

from coda_graphmem.models import Inventory
from coda_graphmem.store.codec import dump_metadata
from coda_graphmem.store.neo4j.connection import Change, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import read_stored
from coda_graphmem.store.neo4j.settlement import save_statements, settle_facts, slots_of
from coda_graphmem.store.neo4j.writes import bind_originals, bind_replaced, create
from coda_graphmem.store.planning import has_own_words, with_free_keys
from coda_graphmem.store.protocol import EntityNode, StoredMemory, Transfer


class Neo4jTransfer(StorePart, Transfer):
    """Memories come and go with all that their nodes hold."""

    @override
    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        rows = await self._connection.read(
            "export_memories", namespace=namespace, after=after, limit=limit, with_embedding=True
        )
        return [
            replace(
                stored,
                memory=stored.memory.model_copy(update={"embedding": None}),
                embedding=None if row["embedding"] is None else np.asarray(row["embedding"], dtype=np.float32),
            )
            for row in rows
            if (stored := read_stored(row, namespace)) is not None
        ]

    @override
    async def import_memories(
        self, namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]
    ) -> int:
        await self._database.bind_to(row.embedding for row in rows)
        names = {entity.key: (entity.name, entity.label) for entity in entities}

        async def work(transaction: Transaction) -> Change:
            self._database.check_vectors(transaction.locked, (row.embedding for row in rows))
            found = await transaction.run(
                "insert_lookup",
                memory_ids=[row.memory.memory_id for row in rows],
                dedup_keys=[row.dedup_key for row in rows if row.dedup_key is not None],
            )
            known = {row["memory"]["memory_id"] for row in found if not row["by_key"]}
            held = {row["dedup_key"] for row in found if row["by_key"]}
            new = [row for row in rows if row.memory.memory_id not in known]
            live = await create(transaction, with_free_keys(new, held), names)
            await bind_originals(transaction, new)
            await _take_facts(transaction, new)
            return Change(len(new), live_added=live, revised=bool(new))

        return int(await self._connection.write(namespace, work, create=True, alone=True)) if rows else 0

    @override
    async def inventory(self, namespace: str) -> Inventory:
        [row] = await self._connection.read("inventory", namespace=namespace)
        return Inventory(**{field: row[field] for field in Inventory.model_fields})


async def _take_facts(transaction: Transaction, rows: Sequence[StoredMemory]) -> None:
    """Keep what memories that are new say, what was done to them by hand and how they were, and make facts anew."""
    ids = [row.memory.memory_id for row in rows]
    await save_statements(transaction, {row.memory.memory_id: row.statements for row in rows if row.statements})
    histories = [
        {"memory_id": row.memory.memory_id, **_history(row, transaction.namespace)} for row in rows if row.versions
    ]
    if histories:
        await transaction.run("save_versions", rows=histories)
    await bind_replaced(transaction, ids)
    judged = [row.memory.memory_id for row in rows if row.memory.standing is not None]
    await settle_facts(transaction, await slots_of(transaction, ids), judged)


def _history(row: StoredMemory, namespace: str) -> dict[str, Any]:
    """The row of ``store/save_versions`` for a memory."""
    *before, present = row.versions
    return {
        "operation": present.operation,
        "at": present.at,
        "actor": present.actor,
        "is_changed": has_own_words(row),
        "before": [
            {
                **one.model_dump(exclude={"content_hash"}, mode="json"),
                "metadata": dump_metadata(one.metadata),
                "namespace": namespace,
            }
            for one in before
        ],
    }
