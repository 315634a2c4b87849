"""Passages of long memories in the file, and their vectors in memory, which are compared exactly.

Of each namespace that holds some the vectors stay in memory, and follow the file by the ids of its rows, which are
never used twice. Where vectors of memories are kept elsewhere, those of passages are in the file all the same.
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded.catalog import Namespace, admit_vectors, find_namespace, read_model, within
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.rows import as_json, encode, is_searchable
from coda_graphmem.store.embedded.selections import Selections, among, ended
from coda_graphmem.store.embedded.vector_index import RowIds, cosines, decode
from coda_graphmem.store.protocol import NEVER, LongMemory, NewPassages, PassageMatch, Passages, Vector

T = TypeVar("T")

#: Vectors of the namespaces used least recently are dropped beyond this; those in use always stay.
MAX_BYTES = 128 * 1024 * 1024

_PENDING = """
    SELECT m.id, m.memory_id, m.content FROM memories AS m INDEXED BY memories_long
    WHERE m.namespace_id = ? AND m.speaker IS NULL AND length(m.content) > 1200 AND m.id > ?
        AND NOT EXISTS (SELECT 1 FROM passages AS p WHERE p.memory = m.id)
    ORDER BY m.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class _Held:
    """The passages of a namespace as of one state of the file; all arrays have one row a passage, by its id."""

    changes: int
    ids: RowIds
    memories: RowIds
    stretches: NDArray[np.int64]
    """Positions in the content, shape (n, 2)."""
    rows: NDArray[np.float32]
    """Unit vectors, shape (n, dimension)."""

    @property
    def nbytes(self) -> int:
        return self.rows.nbytes + self.stretches.nbytes + 2 * self.ids.nbytes


class EmbeddedPassages(StorePart, Passages):
    """Rows of the file, and vectors in memory that follow it.

    Args:
        database: The store's file.
        selections: What filters select.
        half: Whether new vectors are kept in half precision.
    """

    def __init__(self, database: IndexedDatabase, selections: Selections, *, half: bool) -> None:
        super().__init__(database)
        self._half = half
        self._selections = selections
        self._lock = threading.Lock()
        self._held: OrderedDict[int, _Held] = OrderedDict()

    @override
    async def pending(self, namespace: str, *, after: int, limit: int) -> list[LongMemory]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[LongMemory]:
            return [LongMemory(*row) for row in connection.execute(_PENDING, (owner.id, after, limit))]

        return await self._database.read(within(namespace, [], work))

    @override
    async def save(self, namespace: str, rows: Sequence[NewPassages], *, model: str | None = None) -> int:
        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            return sum(self._replace(connection, owner, row) for row in rows)

        vectors = [vector for row in rows for vector in row.vectors]
        return await self._database.write_vectors(within(namespace, 0, work), vectors, model)

    def _replace(self, connection: sqlite3.Connection, namespace: Namespace, row: NewPassages) -> bool:
        found = connection.execute(
            "SELECT id FROM memories WHERE namespace_id = ? AND memory_id = ? AND content = ?",
            (namespace.id, row.memory_id, row.content),
        ).fetchone()
        if found is None or not row.vectors:
            return False
        admit_vectors(connection, row.vectors)
        connection.execute("DELETE FROM passages WHERE memory = ?", found)
        connection.executemany(
            "INSERT INTO passages (memory, namespace_id, first, last, data) VALUES (?, ?, ?, ?, ?)",
            [
                (found[0], namespace.id, *stretch, encode(vector, half=self._half))
                for stretch, vector in zip(row.stretches, row.vectors, strict=True)
            ],
        )
        # What was found before may be found in another order now.
        connection.execute("UPDATE namespaces SET changes = changes + 1 WHERE id = ?", (namespace.id,))
        return True

    @override
    async def nearest(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> list[tuple[str, float]]:
        def work(connection: sqlite3.Connection) -> list[tuple[str, float]]:
            owner, held = self._of(connection, namespace)
            if owner is None or held is None or not is_searchable(where) or limit < 1:
                return []
            memories, best = _best(held, cosines(held.rows, vector))
            allowed = ~among(memories, ended(connection, owner, now))
            matching = self._selections.of(connection, owner, where)
            if matching is not None:
                allowed &= among(memories, matching)
            return _nearest(connection, owner, memories[allowed], best[allowed], limit)

        return await self._compare(work)

    @override
    async def matches(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, list[PassageMatch]]:
        def work(connection: sqlite3.Connection) -> dict[str, list[PassageMatch]]:
            owner, held = self._of(connection, namespace)
            if owner is None or held is None:
                return {}
            names: dict[int, str] = dict(
                connection.execute(
                    "SELECT m.id, m.memory_id FROM memories AS m WHERE m.namespace_id = ? "
                    "AND m.memory_id IN (SELECT value FROM json_each(?)) AND +m.scope = ?",
                    (owner.id, as_json(memory_ids), owner.scope),
                ).fetchall()
            )
            where = np.flatnonzero(among(held.memories, np.array(sorted(names), dtype=np.int64)))
            found: dict[str, list[PassageMatch]] = {}
            for memory, (first, last), cosine in zip(
                held.memories[where].tolist(),
                held.stretches[where].tolist(),
                cosines(held.rows[where], vector).tolist(),
                strict=True,
            ):
                found.setdefault(names[memory], []).append(PassageMatch(first, last, cosine))
            return {memory_id: sorted(some) for memory_id, some in found.items()}

        return await self._compare(work)

    async def _compare(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work that compares with a caller's vector, whose model must be the file's."""

        def checked(connection: sqlite3.Connection) -> T:
            result = work(connection)
            self._database.check_model(connection)
            return result

        return await self._database.read(checked)

    def _of(self, connection: sqlite3.Connection, name: str) -> tuple[Namespace | None, _Held | None]:
        """A namespace and its passages; None where it has none."""
        namespace = find_namespace(connection, name)
        if namespace is None:
            return None, None
        [changes] = connection.execute(
            "SELECT passage_changes FROM namespaces WHERE id = ?", (namespace.id,)
        ).fetchone()
        if not changes:
            return namespace, None
        with self._lock:
            held = self._held.get(namespace.id)
        if held is None or held.changes != changes:
            held = _follow(connection, namespace, changes, held)
        self._keep(namespace, held)
        return namespace, held if len(held.ids) else None

    def _keep(self, namespace: Namespace, held: _Held) -> None:
        with self._lock:
            newest = self._held.pop(namespace.id, held)
            self._held[namespace.id] = held if held.changes >= newest.changes else newest
            size = sum(one.nbytes for one in self._held.values())
            while size > MAX_BYTES and len(self._held) > 1:
                size -= self._held.popitem(last=False)[1].nbytes


def _follow(connection: sqlite3.Connection, namespace: Namespace, changes: int, before: _Held | None) -> _Held:
    """The passages of a namespace, of which those that were there before are not read again."""
    dimension = read_model(connection).dimension or 0
    if before is None or before.rows.shape[1] != dimension:
        none = np.empty(0, dtype=np.int64)
        before = _Held(0, none, none, np.empty((0, 2), dtype=np.int64), np.empty((0, dimension), dtype=np.float32))
    [listed] = connection.execute(
        "SELECT group_concat(id) FROM passages WHERE namespace_id = ?", (namespace.id,)
    ).fetchone()
    present = np.unique(np.fromstring(listed or "", dtype=np.int64, sep=","))
    kept = among(before.ids, present)
    new = present[~among(present, before.ids)]
    read = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT id, memory, first, last, data FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (as_json(new.tolist()),),
        )
    }
    # Those of another length or with numbers that are not finite are left out; they are in the order they were given.
    ids, rows = decode([(number, data[3]) for number, data in sorted(read.items())], dimension)
    return _Held(
        changes,
        np.concatenate([before.ids[kept], ids]),
        np.concatenate([before.memories[kept], np.array([read[i][0] for i in ids.tolist()], dtype=np.int64)]),
        np.concatenate(
            [before.stretches[kept], np.array([read[i][1:3] for i in ids.tolist()], dtype=np.int64).reshape(-1, 2)]
        ),
        np.concatenate([before.rows[kept], rows]),
    )


def _best(held: _Held, similarities: NDArray[np.float32]) -> tuple[RowIds, NDArray[np.float32]]:
    """Row ids of memories, and the cosine of the nearest passage of each."""
    memories, places = np.unique(held.memories, return_inverse=True)
    best = np.full(len(memories), -np.inf, dtype=np.float32)
    np.maximum.at(best, places, similarities)
    return memories, best


def _nearest(
    connection: sqlite3.Connection, namespace: Namespace, memories: RowIds, best: NDArray[np.float32], limit: int
) -> list[tuple[str, float]]:
    """Id and cosine of the nearest live memories, ties by id; names are read of no more than it takes."""
    order = np.argsort(-best, kind="stable")
    memories, best = memories[order], best[order]
    found: list[tuple[str, float]] = []
    for start in range(0, len(memories), 2 * limit):
        if len(found) >= limit and best[start] < found[limit - 1][1]:
            break
        block = slice(start, start + 2 * limit)
        names = _names(connection, namespace, memories[block])
        near = zip(memories[block].tolist(), best[block].tolist(), strict=True)
        found += [(names[row], cosine) for row, cosine in near if row in names]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:limit]


def _names(connection: sqlite3.Connection, namespace: Namespace, memories: RowIds) -> dict[int, str]:
    """Ids of those of the memories that are live, by row id."""
    return dict(
        connection.execute(
            "SELECT id, memory_id FROM memories WHERE id IN (SELECT value FROM json_each(?)) AND +scope = ?",
            (as_json(memories.tolist()), namespace.scope),
        ).fetchall()
    )
