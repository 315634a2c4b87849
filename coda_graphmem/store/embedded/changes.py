"""What changed in the file since when, and decay."""

import sqlite3
from collections.abc import Sequence

import numpy as np
from typing_extensions import override

from coda_graphmem.store.codec import TYPES
from coda_graphmem.store.embedded.catalog import Namespace, within
from coda_graphmem.store.embedded.indexed_database import StorePart
from coda_graphmem.store.embedded.rows import TIMES_USED, column
from coda_graphmem.store.protocol import Changes, DecayRows

#: Room for the changes of a namespace below its row id in what `EmbeddedChanges.revision` gives.
_CHANGES_BITS = 40

_DECAY = f"""
    SELECT id, memory_id, timestamp, last_accessed, {TIMES_USED}, importance_score, memory_type
    FROM memories INDEXED BY memories_by_arrival WHERE scope = ? AND id > ? ORDER BY id LIMIT ?
"""

_TOUCHED = """
    SELECT memory_id FROM memories INDEXED BY memories_by_touch WHERE scope = ? AND touched_at >= ? ORDER BY id
"""

# The index knows when a memory was recalled or, where never, made; only those few are looked up.
_RECALLED = """
    SELECT memory_id FROM memories INDEXED BY memories_by_weakness
    WHERE scope = ? AND coalesce(last_accessed, created_at) >= ? AND last_accessed IS NOT NULL ORDER BY id
"""


class EmbeddedChanges(StorePart, Changes):
    """Triggers count the changes of a namespace, and indexes know when each memory was touched or recalled."""

    @override
    async def revision(self, namespace: str) -> int:
        def work(connection: sqlite3.Connection) -> int:
            # With the row id, so that a namespace that comes again counts from elsewhere.
            row = connection.execute("SELECT id, changes FROM namespaces WHERE name = ?", (namespace,)).fetchone()
            return 0 if row is None or row[1] == 0 else (row[0] << _CHANGES_BITS) + row[1]

        return await self._database.read(work)

    @override
    async def find_touched(self, namespace: str, since: float) -> list[str]:
        return await self._since(_TOUCHED, namespace, since)

    @override
    async def find_recalled(self, namespace: str, since: float) -> list[str]:
        return await self._since(_RECALLED, namespace, since)

    async def _since(self, sql: str, namespace: str, since: float) -> list[str]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[str]:
            return column(connection, sql, (owner.scope, since))

        return await self._database.read(within(namespace, [], work))

    @override
    async def decay_rows(self, namespace: str, *, after: int, limit: int) -> DecayRows | None:
        def work(connection: sqlite3.Connection, owner: Namespace) -> DecayRows | None:
            rows = connection.execute(_DECAY, (owner.scope, after, limit)).fetchall()
            if not rows:
                return None
            positions, memory_ids, timestamp, last_accessed, uses, importance, types = zip(*rows, strict=True)
            return DecayRows(
                memory_ids=list(memory_ids),
                timestamp=np.array(timestamp, dtype=np.float64),
                last_accessed=np.array(last_accessed, dtype=np.float64),
                uses=np.array(uses, dtype=np.int64),
                importance=np.array(importance, dtype=np.float64),
                memory_types=[TYPES[kind] for kind in types],
                position=positions[-1],
            )

        return await self._database.read(within(namespace, None, work))

    @override
    async def save_decay(self, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            return connection.executemany(
                "UPDATE memories SET decay_factor = ? WHERE namespace_id = ? AND memory_id = ?",
                [(float(factor), owner.id, memory_id) for memory_id, factor in zip(memory_ids, factors, strict=True)],
            ).rowcount

        return await self._database.write(within(namespace, 0, work))
