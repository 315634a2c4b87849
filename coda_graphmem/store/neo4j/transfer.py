"""Hands memories over to another store as they are, takes them in, and counts them."""

from collections.abc import Sequence

import numpy as np
from typing_extensions import override

from coda_graphmem.models import Inventory
from coda_graphmem.store.neo4j.connection import Change, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import read_memory
from coda_graphmem.store.neo4j.writes import bind_originals, create
from coda_graphmem.store.planning import with_free_keys
from coda_graphmem.store.protocol import EntityNode, StoredMemory, Transfer
from coda_graphmem.store.sayings import load_sayings


class Neo4jTransfer(StorePart, Transfer):
    """Memories come and go with all that their nodes hold."""

    @override
    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        rows = await self._connection.read(
            "export_memories", namespace=namespace, after=after, limit=limit, with_embedding=True
        )
        return [
            StoredMemory(
                memory=memory.model_copy(update={"embedding": None}),
                embedding=None if row["embedding"] is None else np.asarray(row["embedding"], dtype=np.float32),
                dedup_key=row["dedup_key"],
                position=row["arrival"],
                run_id=row["run_id"],
                sayings=load_sayings(row["sayings"]),
            )
            for row in rows
            if (memory := read_memory(row, namespace)) is not None
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
            return Change(len(new), live_added=live, revised=bool(new))

        return int(await self._connection.write(namespace, work, create=True, alone=True)) if rows else 0

    @override
    async def inventory(self, namespace: str) -> Inventory:
        [row] = await self._connection.read("inventory", namespace=namespace)
        return Inventory(**{field: row[field] for field in Inventory.model_fields})
