"""Hands out what the forgetting curve needs, and keeps what it gives; the curve itself is not the store's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from coda_graphmem.models import MemoryType
from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.scope import scope_of
from coda_graphmem.store.protocol import DecayRows

#: Factors that one statement keeps.
_KEPT_AT_ONCE = 2_000


async def decay_rows(connection: Connection, namespace: str, *, after: int, limit: int) -> DecayRows | None:
    """See `UpkeepStore.decay_rows`."""
    [row] = await connection.read(
        "decay_rows", namespace=namespace, scope=scope_of(namespace), after=after, limit=limit, never=math.nan
    )
    if row["position"] is None:
        return None
    return DecayRows(
        memory_ids=row["memory_ids"],
        timestamp=np.array(row["timestamp"], dtype=np.float64),
        last_accessed=np.array(row["last_accessed"], dtype=np.float64),
        access_count=np.array(row["access_count"], dtype=np.int64),
        reinforcement_count=np.array(row["reinforcement_count"], dtype=np.int64),
        importance=np.array(row["importance"], dtype=np.float64),
        memory_types=[MemoryType(kind) for kind in row["memory_types"]],
        position=row["position"],
    )


async def save_decay(
    connection: Connection, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]
) -> int:
    """See `UpkeepStore.save_decay`. One transaction; a caller with very many memories passes them in parts."""
    rows = [[key, float(factor)] for key, factor in zip(memory_ids, factors, strict=True)]

    async def work(transaction: Transaction) -> Change:
        kept = 0
        for start in range(0, len(rows), _KEPT_AT_ONCE):
            [done] = await transaction.run("save_decay", rows=rows[start : start + _KEPT_AT_ONCE])
            kept += done["kept"]
        return Change(kept, revised=False)

    return int(await connection.write(namespace, work) or 0) if rows else 0
