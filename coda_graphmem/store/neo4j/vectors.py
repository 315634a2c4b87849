"""Binds the store to an embedding model, and changes it without ever being without vectors.

Vectors live in one of two properties, each with an index of its own. Those of a new model gather in the one
that is not in use; a single transaction then makes it the one that is. Whoever writes meanwhile does so with
the old model, and what is written is pending again.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import as_list
from coda_graphmem.store.neo4j.schema import Meta, await_indexes, existing_meta, other_property, read_meta_in
from coda_graphmem.store.protocol import Vector, Vectors, mismatch

#: Vectors one transaction takes away.
_CLEARED_AT_ONCE = 2_000
#: Memories whose vectors one transaction looks at.
_PAGE = 5_000


def _target_property(meta: Meta) -> str | None:
    """Where the vectors of the pending model gather; None where no change is under way."""
    if meta.pending_model is None:
        return None
    if (meta.pending_model, meta.pending_dimension) == (meta.embedding_model, meta.dimension):
        return meta.vector_property
    return other_property(meta.vector_property)


class Neo4jVectors(StorePart, Vectors):
    """Vectors are properties of memories, of one model in the whole database."""

    @override
    async def bind_model(self, model: str, dimension: int) -> None:
        await self._database.bind(model, dimension)

    @override
    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        meta = await existing_meta(self._connection)
        if (meta.pending_model, meta.pending_dimension) != (model, dimension):
            meta = await self._start(meta, model, dimension)
        rows = await self._connection.read(
            "pending_reembed", vector_property=_target_property(meta), dimension=dimension, limit=limit
        )
        return [(row["namespace"], row["memory_id"], row["content"]) for row in rows]

    async def _start(self, meta: Meta, model: str, dimension: int) -> Meta:
        unused = other_property(meta.vector_property)
        await self._drop(unused)
        await self._connection.run("start_reembed", model=model, dimension=dimension)
        meta = await existing_meta(self._connection)
        target = _target_property(meta)
        assert target is not None
        await self._database.make_vector_index(target, dimension)
        return meta

    @override
    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        # Each namespace is written in a transaction of its own.
        by_namespace: dict[str, list[dict[str, Any]]] = {}
        for namespace, memory_id, content, vector in rows:
            row = {"memory_id": memory_id, "content": content, "embedding": as_list(vector)}
            by_namespace.setdefault(namespace, []).append(row)
        meta = await existing_meta(self._connection)
        if meta.pending_model is None:
            raise MemoryStorageError("No re-embedding is under way.", remedy="Start one with reembed().")
        for *_, vector in rows:
            if vector.shape != (meta.pending_dimension,):
                raise mismatch(meta.pending_model, meta.pending_dimension, None, len(vector))
        kept: Counter[str] = Counter()
        for namespace in sorted(by_namespace):

            async def work(transaction: Transaction, mine: str = namespace) -> Change:
                target = _target_property(await read_meta_in(transaction))
                found = await transaction.run("save_reembedded", rows=by_namespace[mine], vector_property=target)
                return Change(found[0]["kept"], revised=False)

            kept[namespace] += int(await self._connection.write(namespace, work) or 0)
        return dict(+kept)

    @override
    async def reembed_progress(self) -> tuple[int, int]:
        meta = await existing_meta(self._connection)
        target = _target_property(meta)
        [row] = await self._connection.read(
            "reembed_progress",
            vector_property=target or meta.vector_property,
            dimension=meta.pending_dimension if target else meta.dimension,
        )
        return row["done"], row["total"]

    @override
    async def finish_reembed(self) -> None:
        meta = await existing_meta(self._connection)
        target = _target_property(meta)
        if target is None:
            return
        await await_indexes(self._connection)
        [done] = await self._connection.run("finish_reembed", vector_property=target)
        if done["pending"]:
            raise MemoryStorageError(
                f"{done['pending']} memories and items have no vectors of the new model yet.",
                remedy="Run reembed() again: it goes on where it was.",
            )
        if target != meta.vector_property:
            await self._drop(meta.vector_property)
        await self._repeat("clear_item_vectors")
        await self._repeat("clear_passages")
        self._database.rebind(await existing_meta(self._connection))

    async def _drop(self, vector_property: str) -> None:
        """Remove an index, and a part at a time the vectors that nobody searches any more."""
        await self._connection.define(f"drop_vector_{vector_property}")
        await self._repeat("clear_vectors", vector_property=vector_property)

    async def _repeat(self, name: str, **parameters: Any) -> None:
        """Run a statement that removes a part of what is to go until nothing of it is left."""
        cleared = 1
        while cleared:
            [done] = await self._connection.run(name, limit=_CLEARED_AT_ONCE, **parameters)
            cleared = done["cleared"]


async def remove_wrong_vectors(connection: Connection, namespace: str) -> int:
    """Remove vectors of another length than the model's or with numbers that are not finite; how many."""
    removed, after = 0, 0

    async def work(transaction: Transaction) -> Change:
        locked = transaction.locked
        [row] = await transaction.run(
            "remove_wrong_vectors",
            after=after,
            limit=_PAGE,
            vector_property=locked.vector_property,
            dimension=locked.dimension,
        )
        return Change(dict(row), revised=row["removed"] > 0)

    while (row := await connection.write(namespace, work)) is not None and row["position"] is not None:
        removed, after = removed + row["removed"], row["position"]
    return removed
