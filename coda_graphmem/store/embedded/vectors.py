"""Binds a file to an embedding model, and changes it without ever being without vectors.

New vectors gather in ``staged_vectors`` while searches go on with the old ones, and take their place in one
transaction once every memory has one. Whoever writes meanwhile does so with the old model:

* a memory that arrives has an old vector and no staged one, so it is pending like all others;
* one whose content changes loses its staged vector and is pending again;
* one that is deleted loses both.

`finish_reembed` refuses while anything is pending, so nothing is lost between the last round and the swap. Stores
of other processes that are bound to the old model find out at their next call: it raises `EmbeddingMismatchError`.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence

from typing_extensions import override

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.store.embedded.catalog import ModelRecord, check_dimension, read_meta, read_model, write_meta
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.item_rows import settle_vectors
from coda_graphmem.store.embedded.rows import encode
from coda_graphmem.store.protocol import Vector, Vectors

# Filling gaps for the model that is recorded already, what has a vector of its length is done.
_DONE = """
    (EXISTS (SELECT 1 FROM staged_vectors AS s WHERE s.memory = m.id)
     OR (:same AND EXISTS (SELECT 1 FROM vectors AS v WHERE v.memory = m.id
        AND (v.data IS NULL OR length(v.data) IN (2 * :dimension, 4 * :dimension)))))
"""


class EmbeddedVectors(StorePart, Vectors):
    """The file records one model, and while it is changed the one it is changed to.

    Args:
        database: The store's file.
        half: Whether new vectors are kept in half precision.
    """

    def __init__(self, database: IndexedDatabase, *, half: bool) -> None:
        super().__init__(database)
        self._half = half

    @override
    async def bind_model(self, model: str, dimension: int) -> None:
        await self._database.bind(ModelRecord(model, dimension))

    @override
    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        target = ModelRecord(model, dimension)

        def work(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
            if _target(connection) != target:
                connection.execute("DELETE FROM staged_vectors")
                write_meta(connection, reembed_model=model, reembed_dimension=dimension)
            return connection.execute(
                "SELECT n.name, m.memory_id, m.content "
                "FROM memories AS m JOIN namespaces AS n ON n.id = m.namespace_id "
                f"WHERE NOT {_DONE} ORDER BY m.id LIMIT :limit",
                {"same": target == read_model(connection), "dimension": dimension, "limit": limit},
            ).fetchall()

        return await self._database.write(work)

    @override
    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        def work(connection: sqlite3.Connection) -> dict[str, int]:
            target = _target(connection)
            if target is None:
                raise MemoryStorageError("No re-embedding is under way.", remedy="Start one with reembed().")
            kept: Counter[str] = Counter()
            for namespace, memory_id, content, vector in rows:
                check_dimension(target.dimension, vector)
                kept[namespace] += connection.execute(
                    "INSERT OR REPLACE INTO staged_vectors (memory, data) SELECT m.id, ? FROM memories AS m "
                    "JOIN namespaces AS n ON n.id = m.namespace_id "
                    "WHERE n.name = ? AND m.memory_id = ? AND m.content = ?",
                    (encode(vector, half=self._half), namespace, memory_id, content),
                ).rowcount
            return dict(+kept)

        return await self._database.write(work)

    @override
    async def reembed_progress(self) -> tuple[int, int]:
        return await self._database.read(_progress)

    @override
    async def finish_reembed(self) -> None:
        def work(connection: sqlite3.Connection) -> ModelRecord | None:
            target = _target(connection)
            if target is None:
                return None
            done, total = _progress(connection)
            lacking = total - done + settle_vectors(connection, target)
            if lacking:
                raise MemoryStorageError(
                    f"{lacking} memories and items have no vectors of the new model yet.",
                    remedy="Run reembed() again: it goes on where it was.",
                )
            self._database.index.replace_all(connection)
            if target != read_model(connection):
                connection.execute("DELETE FROM passages")
            connection.execute("UPDATE namespaces SET changes = changes + 1")
            connection.execute("DELETE FROM staged_vectors")
            write_meta(
                connection,
                embedding_model=target.model,
                dimension=target.dimension,
                reembed_model=None,
                reembed_dimension=None,
            )
            return target

        record = await self._database.write_vectors(work)
        if record is not None and self._database.bound is not None:
            self._database.bound = record


def _progress(connection: sqlite3.Connection) -> tuple[int, int]:
    target, record = _target(connection), read_model(connection)
    done, total = connection.execute(
        f"SELECT coalesce(sum({_DONE}), 0), count(*) FROM memories AS m",
        {"same": target is None or target == record, "dimension": record.dimension},
    ).fetchone()
    return done, total


def _target(connection: sqlite3.Connection) -> ModelRecord | None:
    model = read_meta(connection, "reembed_model")
    return None if model is None else ModelRecord(model, read_meta(connection, "reembed_dimension"))
