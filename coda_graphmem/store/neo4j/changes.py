"""Says what changed since when, and keeps decay; the forgetting curve itself is not the store's."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from typing_extensions import override

from coda_graphmem.store.codec import TYPES
from coda_graphmem.store.neo4j.connection import Change, Transaction, scope_of
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import complete
from coda_graphmem.store.protocol import Changes, DecayRows

#: Factors that one statement keeps.
_KEPT_AT_ONCE = 2_000


class Neo4jChanges(StorePart, Changes):
    """Changes come off counters and indexes that writes keep."""

    @override
    async def revision(self, namespace: str) -> int:
        rows = await self._connection.read("revision", namespace=namespace)
        return int(rows[0]["revision"]) if rows else 0

    @override
    async def find_touched(self, namespace: str, since: float) -> list[str]:
        rows = await self._connection.read("find_touched", scope=scope_of(namespace), since=since)
        return [row["memory_id"] for row in complete(rows)]

    @override
    async def find_recalled(self, namespace: str, since: float) -> list[str]:
        rows = await self._connection.read("find_recalled", scope=scope_of(namespace), since=since)
        return [row["memory_id"] for row in complete(rows)]

    @override
    async def decay_rows(self, namespace: str, *, after: int, limit: int) -> DecayRows | None:
        [row] = await self._connection.read(
            "decay_rows", namespace=namespace, scope=scope_of(namespace), after=after, limit=limit, never=math.nan
        )
        columns = dict(row)
        if columns.pop("position") is None:
            return None
        memory_ids = columns.pop("memory_ids")
        memory_types = [TYPES[kind] for kind in columns.pop("memory_types")]
        # The others are arrays of numbers, of which only the uses are whole.
        arrays: dict[str, Any] = {
            name: np.array(values, dtype=np.int64 if name == "uses" else np.float64) for name, values in columns.items()
        }
        return DecayRows(memory_ids=memory_ids, memory_types=memory_types, position=row["position"], **arrays)

    @override
    async def save_decay(self, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
        # One transaction; a caller with very many memories passes them in parts.
        rows = [[key, float(factor)] for key, factor in zip(memory_ids, factors, strict=True)]

        async def work(transaction: Transaction) -> Change:
            kept = 0
            for start in range(0, len(rows), _KEPT_AT_ONCE):
                [done] = await transaction.run("save_decay", rows=rows[start : start + _KEPT_AT_ONCE])
                kept += done["kept"]
            return Change(kept, revised=False)

        return int(await self._connection.write(namespace, work) or 0) if rows else 0
