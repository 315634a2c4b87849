"""The vector index over a Chroma collection: Chroma finds candidates, NumPy scores them exactly."""

import logging
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.chroma import outbox
from coda_graphmem.store.chroma.collection import MAX_IDS, Collection
from coda_graphmem.store.embedded.catalog import (
    Namespace,
    check_dimension,
    find_namespace,
    read_meta,
    read_model,
    write_meta,
)
from coda_graphmem.store.embedded.database import Database, transaction
from coda_graphmem.store.embedded.rows import as_json, column, encode
from coda_graphmem.store.embedded.vector_index import (
    FileState,
    Part,
    RowIds,
    VectorIndex,
    cosines,
    finite,
    nearest,
)
from coda_graphmem.store.protocol import Vector

logger = logging.getLogger(__name__)

#: Vectors up to which Chroma's files are written anew after every removal; beyond, where a call asks for it.
_FEW = 2_000

#: Where the file records that Chroma's files may hold vectors of memories that are gone.
_TRACES = "chroma_traces"

#: Candidates asked for beyond the limit, against what an approximate index misses and for ties.
_SPARE = 50


class ChromaIndex(VectorIndex):
    """Vectors in Chroma, what is known of them in the file's ``vectors`` table.

    A local collection (``<persist_directory>/chroma``) is open in one process at a time, as Chroma's files
    stand no more; with a Chroma server several processes may use the store at once.

    Args:
        config: ``vector_store`` names directory or host and port, collection and distance metric. With
            ``enable_compression`` vectors are rounded to half precision on their way, so that they give the same
            scores as in the embedded store.
    """

    home = "Chroma"

    def __init__(self, config: MemoryConfig) -> None:
        self._half = config.enable_compression
        self._size = config.vector_store.max_batch_size
        self._collection = Collection(config.vector_store)

    @override
    def open(self, connection: sqlite3.Connection) -> None:
        with transaction(connection, "BEGIN IMMEDIATE"):
            owner = read_meta(connection, "chroma_owner")
            if owner is None:
                owner = uuid.uuid4().hex
                write_meta(connection, chroma_owner=owner)
        self._collection.open(owner)
        try:
            # What an interrupted process left.
            self.deliver(connection)
            self._notice_loss(connection)
        except BaseException:
            self.close()
            raise

    @override
    def close(self) -> None:
        self._collection.close()

    def deliver(self, connection: sqlite3.Connection) -> None:
        """Pass on to Chroma what it has yet to hear of.

        Raises:
            VectorStoreError: Chroma did not take it; it stays where it is.
        """
        outbox.deliver(connection, self._collection, self._size)

    @override
    async def catch_up(self, database: Database) -> None:
        if await database.read(outbox.is_pending):
            await database.outside(self.deliver)

    @override
    def committed(self, connection: sqlite3.Connection) -> None:
        # The write is kept whatever Chroma says; the next search tries again.
        try:
            self.deliver(connection)
        except (VectorStoreError, sqlite3.Error) as error:
            logger.warning("Kept, but Chroma has yet to take the vectors: %s", error)

    @override
    def is_behind(self, connection: sqlite3.Connection) -> bool:
        return outbox.is_pending(connection) or read_meta(connection, _TRACES) is not None

    @override
    def clean(self, connection: sqlite3.Connection, *, thorough: bool) -> bool:
        self.committed(connection)
        if outbox.is_pending(connection):
            return False
        if read_meta(connection, _TRACES) is None:
            return True
        kept = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        if self._collection.is_shared or (self._collection.keeps_files and kept > _FEW and not thorough):
            return False
        try:
            if self._collection.keeps_files:
                self._write_anew(connection)
            with transaction(connection, "BEGIN IMMEDIATE"):
                write_meta(connection, **{_TRACES: None})
        except (VectorStoreError, sqlite3.Error, OSError) as error:
            logger.warning("Removed, but traces stay in Chroma's files until a later removal: %s", error)
            return False
        return True

    def _write_anew(self, connection: sqlite3.Connection) -> None:
        """Fill the collection anew and clean its files, while nobody searches it.

        The vectors wait in the file meanwhile, so that whoever comes after a crash goes on.
        """
        with self._collection.alone():
            with transaction(connection, "BEGIN IMMEDIATE"):
                ids = [row[0] for row in connection.execute("SELECT memory FROM vectors ORDER BY memory")]
                found, rows = self._collection.get(ids)
                outbox.add(connection, "reset", [(None, None)])
                # What Chroma has was rounded on its way there.
                data = [(memory, encode(row, half=False)) for memory, row in zip(found, rows, strict=True)]
                outbox.add(connection, "put", data)
            self.deliver(connection)
            self._collection.clean_files()

    def _notice_loss(self, connection: sqlite3.Connection) -> None:
        """Where Chroma lost its data, record that memories have no vector, so that re-embedding makes them anew."""
        known = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        if known == 0 or self._collection.count() > 0:
            return
        with transaction(connection, "BEGIN IMMEDIATE"):
            if not outbox.is_pending(connection):
                connection.execute("DELETE FROM vectors")
                logger.warning("Chroma has lost the vectors of %d memories. Make them anew with reembed().", known)

    @override
    def file_state(self, connection: sqlite3.Connection, name: str) -> FileState | None:
        return None  # Chroma has an index of its own.

    @override
    def renew(self, namespace: Namespace) -> int | None:
        return 0

    @override
    def view(self, connection: sqlite3.Connection, name: str) -> "ChromaView | None":
        namespace = find_namespace(connection, name)
        return None if namespace is None else ChromaView(namespace, connection, self._collection)

    @override
    def gather(self, connection: sqlite3.Connection, name: str, after: int) -> Part | None:
        namespace = find_namespace(connection, name)
        if namespace is None:
            return None
        ids = column(
            connection,
            "SELECT id FROM memories INDEXED BY memories_by_arrival WHERE scope = ? AND id > ? ORDER BY id LIMIT ?",
            (namespace.scope, after, MAX_IDS),
        )
        if not ids:
            return None
        found = self.embeddings(connection, ids)
        rows = np.array(list(found.values()), dtype=np.float32)
        return Part(np.fromiter(found, dtype=np.int64, count=len(found)), rows, ids[-1])

    @override
    def embeddings(self, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Vector]:
        found, rows = self._collection.get(self._known(connection, ids))
        return {memory: row for memory, row, usable in zip(found, rows, finite(rows).tolist(), strict=True) if usable}

    @override
    def check(self, connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[int, int]:
        found, rows = self._collection.get(ids)
        return len(ids) - len(found), len(found) - len(self._usable(connection, found, rows))

    @override
    def unusable(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        known = self._known(connection, ids)
        usable = self._usable(connection, *self._collection.get(known))
        return [memory for memory in known if memory not in usable]

    def _usable(self, connection: sqlite3.Connection, ids: Sequence[int], rows: NDArray[np.float32]) -> set[int]:
        """Those memories whose vectors, from Chroma, are of the right length and finite."""
        if not ids or rows.shape[1] != read_model(connection).dimension:
            return set()
        return {memory for memory, usable in zip(ids, finite(rows).tolist(), strict=True) if usable}

    def _known(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        """Those of the memories that should have a vector."""
        sql = "SELECT memory FROM vectors WHERE memory IN (SELECT value FROM json_each(?))"
        return column(connection, sql, (as_json(ids),))

    @override
    def put(
        self, connection: sqlite3.Connection, namespace: Namespace, vectors: Mapping[int, Vector], live: Iterable[int]
    ) -> None:
        self._expect(connection, len(next(iter(vectors.values()))))
        found = set(live)
        connection.executemany(
            "INSERT OR REPLACE INTO vectors (memory, namespace_id, live, revision) VALUES (?, ?, ?, 0)",
            [(memory, namespace.id, memory in found) for memory in vectors],
        )
        outbox.add(connection, "put", [(m, encode(vector, half=self._half)) for m, vector in vectors.items()])

    @override
    def copy(self, connection: sqlite3.Connection, namespace: Namespace, source: int, target: int) -> None:
        data = outbox.waiting(connection, source)
        if data is None:
            rows = self.embeddings(connection, [source])
            # What Chroma has was rounded on its way there.
            data = encode(rows[source], half=False) if rows else None
        if data is not None:
            connection.execute(
                "INSERT INTO vectors (memory, namespace_id, live, revision) VALUES (?, ?, 1, 0)", (target, namespace.id)
            )
            outbox.add(connection, "put", [(target, data)])

    @override
    def set_live(self, connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[int], live: bool) -> None:
        sql = "UPDATE vectors SET live = ? WHERE memory IN (SELECT value FROM json_each(?)) RETURNING memory"
        outbox.add(connection, "scope", [(row, None) for row in column(connection, sql, (live, as_json(ids)))])

    @override
    def remove(self, connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[int]) -> int:
        wanted = as_json(ids)
        sql = "DELETE FROM vectors WHERE memory IN (SELECT value FROM json_each(?)) RETURNING memory"
        known = column(connection, sql, (wanted,))
        connection.execute("DELETE FROM vector_outbox WHERE memory IN (SELECT value FROM json_each(?))", (wanted,))
        outbox.add(connection, "drop", [(row, None) for row in known])
        if known:
            write_meta(connection, **{_TRACES: 1})
        return len(known)

    @override
    def replace_all(self, connection: sqlite3.Connection) -> None:
        self._expect(connection, read_meta(connection, "reembed_dimension"))
        connection.execute(
            "INSERT OR REPLACE INTO vectors (memory, namespace_id, live, revision) "
            "SELECT s.memory, m.namespace_id, m.scope IS NOT NULL, 0 "
            "FROM staged_vectors AS s JOIN memories AS m ON m.id = s.memory"
        )
        connection.execute(
            "INSERT INTO vector_outbox (op, memory, data) "
            "SELECT 'put', memory, data FROM staged_vectors ORDER BY memory"
        )

    def _expect(self, connection: sqlite3.Connection, dimension: int) -> None:
        """Have the collection start over where it held vectors of another length, the only ones it would take."""
        before = read_meta(connection, "chroma_dimension")
        if before == dimension:
            return
        if before is not None:
            connection.execute("DELETE FROM vector_outbox")
            outbox.add(connection, "reset", [(None, None)])
        write_meta(connection, chroma_dimension=dimension)


@dataclass(frozen=True, slots=True)
class ChromaView:
    """A namespace's vectors in Chroma, and the read transaction that says which of them count."""

    namespace: Namespace
    connection: sqlite3.Connection
    collection: Collection

    def search(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest by row id; exact wherever Chroma's index comes back with less than there is."""
        check_dimension(read_model(self.connection).dimension, vector)
        if matching is None:
            allowed = None
            sql = "SELECT count(*) FROM vectors WHERE namespace_id = ? AND live"
            [total] = column(self.connection, sql, (self.namespace.id,))
        else:
            allowed = set(self._live(matching.tolist()))
            total = len(allowed)
        wanted = min(limit, total)
        if wanted == 0:
            return {}
        found = self._candidates(vector, wanted, total, allowed)
        if len(found) < wanted:
            found = self._all(vector, allowed)
        ids, scores = np.fromiter(found.keys(), dtype=np.int64), np.fromiter(found.values(), dtype=np.float32)
        best = nearest(scores, limit)
        return dict(zip(ids[best].tolist(), scores[best].tolist(), strict=True))

    def similarities(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """Cosines of given live memories by row id."""
        check_dimension(read_model(self.connection).dimension, vector)
        return _scored(vector, *self.collection.get(self._live(ids)))

    def _candidates(self, vector: Vector, wanted: int, total: int, allowed: set[int] | None) -> dict[int, float]:
        """Cosines of what Chroma finds, of more and more until enough of it is allowed."""
        narrowed = sorted(allowed) if allowed is not None and len(allowed) <= MAX_IDS else None
        number = 2 * wanted + _SPARE
        while True:
            answer = _scored(vector, *self.collection.query(vector, number, self.namespace.scope, narrowed))
            live = self._live(list(answer)) if allowed is None else [row for row in answer if row in allowed]
            if len(live) >= wanted or number >= total or len(answer) < number:
                return {row: answer[row] for row in live}
            number *= 4

    def _all(self, vector: Vector, allowed: set[int] | None) -> dict[int, float]:
        """Cosines of every vector there is."""
        if allowed is None:
            sql = "SELECT memory FROM vectors WHERE namespace_id = ? AND live"
            allowed = set(column(self.connection, sql, (self.namespace.id,)))
        return _scored(vector, *self.collection.get(sorted(allowed)))

    def _live(self, ids: Sequence[int]) -> list[int]:
        """Those of the ids that have a vector searches may find, by what the transaction sees."""
        sql = (
            "SELECT memory FROM vectors WHERE memory IN (SELECT value FROM json_each(?)) AND namespace_id = ? AND live"
        )
        return column(self.connection, sql, (as_json(ids), self.namespace.id))


def _scored(vector: Vector, ids: Sequence[int], rows: NDArray[np.float32]) -> dict[int, float]:
    if not ids:
        return {}
    usable = finite(rows)
    found = (memory for memory, known in zip(ids, usable.tolist(), strict=True) if known)
    return dict(zip(found, cosines(rows[usable], vector).tolist(), strict=True))
