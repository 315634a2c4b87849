"""Changes the embedding model without ever being without vectors.

Vectors live in one of two properties, each with an index of its own. Those of a new model gather in the one
that is not in use; a single transaction then makes it the one that is. Whoever writes meanwhile does so with
the old model, and what is written is pending again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.dialect import Dialect
from coda_graphmem.store.neo4j.graph_writes import mismatch, other_property
from coda_graphmem.store.neo4j.rows import as_list
from coda_graphmem.store.neo4j.schema import Meta, await_indexes, make_vector_index, read_meta
from coda_graphmem.store.protocol import Vector

#: Vectors one transaction takes away.
_CLEARED_AT_ONCE = 2_000


def target_property(meta: Meta) -> str | None:
    """Where the vectors of the pending model gather; None where no change is under way."""
    if meta.pending_model is None:
        return None
    if (meta.pending_model, meta.pending_dimension) == (meta.embedding_model, meta.dimension):
        return meta.vector_property
    return other_property(meta.vector_property)


async def pending(
    connection: Connection, dialect: Dialect, model: str, dimension: int, limit: int, *, quantised: bool
) -> list[tuple[str, str, str]]:
    """See `MemoryStore.pending_reembed`."""
    meta = await _read(connection)
    if (meta.pending_model, meta.pending_dimension) != (model, dimension):
        meta = await _start(connection, dialect, model, dimension, quantised=quantised)
    rows = await connection.read(
        "pending_reembed", vector_property=target_property(meta), dimension=dimension, limit=limit
    )
    return [(row["namespace"], row["memory_id"], row["content"]) for row in rows]


async def _start(connection: Connection, dialect: Dialect, model: str, dimension: int, *, quantised: bool) -> Meta:
    meta = await _read(connection)
    unused = other_property(meta.vector_property)
    await connection.define(f"drop_vector_{unused}")
    await _clear(connection, unused)

    async def work(transaction: Any) -> None:
        await connection.run_in(transaction, "start_reembed", model=model, dimension=dimension)

    await connection.execute_write(work)
    meta = await _read(connection)
    target = target_property(meta)
    assert target is not None
    await make_vector_index(connection, dialect, target, dimension, quantised=quantised)
    return meta


async def save(connection: Connection, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
    """See `MemoryStore.save_reembedded`."""
    by_namespace: dict[str, list[dict[str, Any]]] = {}
    for namespace, memory_id, content, vector in rows:
        row = {"memory_id": memory_id, "content": content, "embedding": as_list(vector)}
        by_namespace.setdefault(namespace, []).append(row)
    meta = await _read(connection)
    if meta.pending_model is None:
        raise MemoryStorageError("No re-embedding is under way.", remedy="Start one with reembed().")
    for *_, vector in rows:
        if vector.shape != (meta.pending_dimension,):
            raise mismatch(meta.pending_model, meta.pending_dimension, None, len(vector))
    kept: Counter[str] = Counter()
    for namespace in sorted(by_namespace):

        async def work(transaction: Transaction, mine: str = namespace) -> Change:
            target = target_property(await _read_in(transaction))
            found = await transaction.run("save_reembedded", rows=by_namespace[mine], vector_property=target)
            return Change(found[0]["kept"], revised=False)

        kept[namespace] += int(await connection.write(namespace, work) or 0)
    return dict(+kept)


async def progress(connection: Connection) -> tuple[int, int]:
    """See `MemoryStore.reembed_progress`."""
    meta = await _read(connection)
    target = target_property(meta)
    [row] = await connection.read(
        "reembed_progress",
        vector_property=target or meta.vector_property,
        dimension=meta.pending_dimension if target else meta.dimension,
    )
    return row["done"], row["total"]


async def finish(connection: Connection) -> Meta | None:
    """See `MemoryStore.finish_reembed`; the record afterwards, None where no change was under way."""
    meta = await _read(connection)
    target = target_property(meta)
    if target is None:
        return None
    await await_indexes(connection)

    async def work(transaction: Any) -> int:
        [row] = await connection.run_in(transaction, "finish_reembed", vector_property=target)
        return int(row["pending"])

    pending_now = await connection.execute_write(work)
    if pending_now:
        raise MemoryStorageError(
            f"{pending_now} memories have no vector of the new model yet.",
            remedy="Run reembed() again: it goes on where it was.",
        )
    if target != meta.vector_property:
        await connection.define(f"drop_vector_{meta.vector_property}")
        await _clear(connection, meta.vector_property)
    return await _read(connection)


async def _clear(connection: Connection, vector_property: str) -> None:
    """Take vectors nobody searches away, a part at a time."""

    async def work(transaction: Any) -> int:
        [row] = await connection.run_in(
            transaction, "clear_vectors", vector_property=vector_property, limit=_CLEARED_AT_ONCE
        )
        return int(row["cleared"])

    while await connection.execute_write(work):
        pass


async def _read(connection: Connection) -> Meta:
    meta = await read_meta(connection)
    assert meta is not None
    return meta


async def _read_in(transaction: Transaction) -> Meta:
    [row] = await transaction.run("read_meta")
    return Meta(**{key: row[key] for key in Meta.__slots__})
