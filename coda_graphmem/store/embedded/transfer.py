"""Hands memories over to another store as they are, takes them in, and counts them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from coda_graphmem.models import Inventory
from coda_graphmem.store.codec import FIELDS
from coda_graphmem.store.embedded import writes
from coda_graphmem.store.embedded.catalog import Namespace, make_namespace, within
from coda_graphmem.store.embedded.indexed_database import StorePart
from coda_graphmem.store.embedded.rows import column, load_by_id
from coda_graphmem.store.embedded.settlement import save_statements, settle_facts, slots_of
from coda_graphmem.store.embedded.stored import load_stored, save_versions
from coda_graphmem.store.planning import with_free_keys
from coda_graphmem.store.protocol import EntityNode, StoredMemory, Transfer

# Counters of memories, summed up under their own names.
_SUMS = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in Inventory.model_fields if name in FIELDS)

_MEMORIES = f"""
    SELECT {_SUMS}, count(*) AS memories, count(scope) AS live,
        coalesce(sum(expires_at IS NOT NULL AND archived_at IS NULL), 0) AS short_term,
        count(archived_at) AS archived, count(consolidated_into) AS merged,
        count(DISTINCT conversation_id) AS conversations,
        coalesce(sum(scope IS NOT NULL AND conversation_id IS NOT NULL), 0)
            - count(DISTINCT CASE WHEN scope IS NOT NULL THEN conversation_id END) AS links
    FROM memories WHERE namespace_id = :id
"""

_REST = """
    SELECT
        (SELECT count(*) FROM entities WHERE namespace_id = :id) AS entities,
        (SELECT count(*) FROM mentions AS x JOIN memories AS m ON m.id = x.memory WHERE m.namespace_id = :id)
            AS mentions,
        (SELECT count(*) FROM memory_links AS x JOIN memories AS m ON m.id = x.source WHERE m.namespace_id = :id)
            AS memory_links,
        (SELECT count(*) FROM items WHERE namespace_id = :id) AS items,
        (SELECT count(*) FROM items AS i JOIN item_vectors AS v ON v.item = i.id WHERE i.namespace_id = :id
            AND v.model = coalesce(i.embedder, (SELECT value FROM meta WHERE key = 'embedding_model')))
            AS item_vectors
"""


class EmbeddedTransfer(StorePart, Transfer):
    """Row ids are the order of arrival."""

    @override
    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[StoredMemory]:
            tail = "WHERE m.namespace_id = ? AND m.id > ? ORDER BY m.id LIMIT ?"
            rows = load_stored(connection, owner, tail, (owner.id, after, limit))
            vectors = self._index.embeddings(connection, [row.position for row in rows])
            return [replace(row, embedding=vectors.get(row.position)) for row in rows]

        return await self._database.read_vectors(within(namespace, [], work))

    @override
    async def import_memories(
        self, namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]
    ) -> int:
        def work(connection: sqlite3.Connection) -> int:
            owner = make_namespace(connection, namespace)
            known = load_by_id(connection, owner, [row.memory.memory_id for row in rows])
            new = [row for row in rows if row.memory.memory_id not in known]
            mentioned = {mention.key for row in new for mention in row.memory.entities}
            connection.executemany(
                "INSERT INTO entities (namespace_id, key, name, label) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [(owner.id, entity.key, entity.name, entity.label) for entity in entities if entity.key in mentioned],
            )
            held = writes.held_keys(connection, owner, [row.dedup_key for row in new])
            places = writes.create(connection, self._index, owner, with_free_keys(new, held))
            save_statements(connection, owner, {place: row.statements for place, row in zip(places, new, strict=True)})
            save_versions(connection, dict(zip(places, new, strict=True)))
            judged = [row.memory.memory_id for row in new if row.memory.standing is not None]
            settle_facts(connection, owner, slots_of(connection, owner, places), judged)
            return len(new)

        return await self._database.write_vectors(work, (row.embedding for row in rows))

    @override
    async def inventory(self, namespace: str) -> Inventory:
        def work(connection: sqlite3.Connection, owner: Namespace) -> Inventory:
            counts: dict[str, int] = {}
            for statement in (_MEMORIES, _REST):
                found = connection.execute(statement, {"id": owner.id})
                counts |= zip((column[0] for column in found.description), found.fetchone(), strict=True)
            rows = column(connection, "SELECT id FROM memories WHERE namespace_id = ?", (owner.id,))
            return Inventory(vectors=len(self._index.embeddings(connection, rows)), **counts)

        nothing = Inventory.model_validate(dict.fromkeys(Inventory.model_fields, 0))
        return await self._database.read_vectors(within(namespace, nothing, work))
