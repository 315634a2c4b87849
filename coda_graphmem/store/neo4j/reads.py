"""Reads memories, entities and counts."""

from __future__ import annotations

from collections.abc import Sequence

from coda_graphmem.models import Memory, MemoryFilter, MemoryStats, MemoryType, SortOrder
from coda_graphmem.store.neo4j.connection import Connection
from coda_graphmem.store.neo4j.rows import (
    complete,
    filter_parameters,
    lifetime_parameters,
    read_entity,
    read_memory,
    unique,
    wants_live,
)
from coda_graphmem.store.neo4j.scope import scope_of
from coda_graphmem.store.protocol import EntityNode

#: What a call without a limit passes on: LIMIT takes no null.
NO_LIMIT = 2**62


async def get(
    connection: Connection, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool
) -> list[Memory]:
    """See `MemoryStore.get`."""
    ids = unique(memory_ids)
    rows = await connection.read("get_memories", namespace=namespace, memory_ids=ids, with_embedding=with_embedding)
    found = {row["memory"]["memory_id"]: row for row in rows}
    memories = (read_memory(found[memory_id], namespace) for memory_id in ids if memory_id in found)
    return [memory for memory in memories if memory is not None]


async def find(
    connection: Connection,
    namespace: str,
    where: MemoryFilter,
    *,
    order: SortOrder,
    limit: int | None,
    offset: int,
    now: float,
    with_embedding: bool,
) -> list[Memory]:
    """See `MemoryStore.find`."""
    rows = await connection.read(
        f"find_live_{order}" if wants_live(where) else f"find_{order}",
        namespace=namespace,
        scope=scope_of(namespace),
        limit=NO_LIMIT if limit is None else limit,
        offset=offset,
        with_embedding=with_embedding,
        **filter_parameters(where),
        **lifetime_parameters(where, now),
    )
    memories = (read_memory(row, namespace) for row in rows)
    return [memory for memory in memories if memory is not None]


async def count(connection: Connection, namespace: str, where: MemoryFilter, *, now: float) -> int:
    """See `MemoryStore.count`."""
    if where.is_default:
        return await live_count(connection, namespace)
    [row] = await connection.read(
        "count_memories", namespace=namespace, **filter_parameters(where), **lifetime_parameters(where, now)
    )
    return int(row["memories"])


async def live_count(connection: Connection, namespace: str) -> int:
    """See `MemoryStore.live_count`."""
    rows = await connection.read("live_count", namespace=namespace)
    return int(rows[0]["memories"]) if rows else 0


async def revision(connection: Connection, namespace: str) -> int:
    """See `UpkeepStore.revision`."""
    rows = await connection.read("revision", namespace=namespace)
    return int(rows[0]["revision"]) if rows else 0


async def find_touched(connection: Connection, namespace: str, since: float) -> list[str]:
    """See `UpkeepStore.find_touched`."""
    rows = await connection.read("find_touched", scope=scope_of(namespace), since=since)
    return [row["memory_id"] for row in complete(rows)]


async def find_recalled(connection: Connection, namespace: str, since: float) -> list[str]:
    """See `UpkeepStore.find_recalled`."""
    rows = await connection.read("find_recalled", scope=scope_of(namespace), since=since)
    return [row["memory_id"] for row in complete(rows)]


async def stats(connection: Connection, namespace: str, *, now: float) -> MemoryStats:
    """See `MemoryStore.stats`. The server does not tell how much disk it uses."""
    [row] = await connection.read("stats", namespace=namespace, scope=scope_of(namespace), now=now)
    return MemoryStats(
        total_memories=row["live"],
        memory_type_distribution={MemoryType(kind): number for kind, number in sorted(row["types"])},
        avg_importance_score=row["importance"] or 0.0,
        short_term_memories=row["short_term"],
        archived_memories=row["archived"],
        total_entities=row["entities"],
        total_conversations=row["conversations"],
        total_mentions=row["mentions"],
        oldest_timestamp=row["oldest"],
        newest_timestamp=row["newest"],
        most_accessed_memory_id=row["most_accessed"],
        storage_bytes=None,
    )


async def namespaces(connection: Connection) -> list[str]:
    """See `MemoryStore.namespaces`."""
    return sorted(row["name"] for row in complete(await connection.read("namespaces")))


async def find_entities(connection: Connection, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
    """See `MemoryStore.find_entities`."""
    rows = await connection.read("find_entities", namespace=namespace, keys=unique(keys))
    return [read_entity(row) for row in complete(rows)]


async def find_speakers(connection: Connection, namespace: str, names: Sequence[str]) -> list[str]:
    """See `MemoryStore.find_speakers`."""
    rows = await connection.read("find_speakers", scope=scope_of(namespace), names=unique(names))
    return [row["speaker"] for row in complete(rows)]


async def list_entities(connection: Connection, namespace: str, limit: int, offset: int) -> list[EntityNode]:
    """See `MemoryStore.list_entities`."""
    rows = await connection.read("list_entities", namespace=namespace, limit=limit, offset=offset)
    return [read_entity(row) for row in complete(rows)]
