"""Vectors in the store's file: all compared, in matrices that follow it revision by revision, or found by signs.

A namespace of some tens of thousands of memories has a file of near vectors beside the store (`ProximityFile`), which
says what may be near; that is compared by the vectors in the store, and what came since the file was made is compared
whole. Smaller ones, and those whose file is not made yet, are compared whole, exactly.

Each change of a namespace's searchable vectors gets the namespace's next revision, so that readers in any process
follow without loading everything again. A vector that came, changed or was set aside carries it in its row; one that
was removed leaves its id in ``removed_vectors``. Those rows are bounded: the oldest are dropped, and the namespace's
floor tells readers that are older than them to start over.
"""

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from coda_graphmem.store.embedded.catalog import (
    Namespace,
    check_dimension,
    find_namespace,
    read_meta,
    read_model,
    write_meta,
)
from coda_graphmem.store.embedded.database import Database
from coda_graphmem.store.embedded.proximity import ProximityFiles
from coda_graphmem.store.embedded.proximity_build import REPLACED
from coda_graphmem.store.embedded.proximity_file import ProximityFile
from coda_graphmem.store.embedded.proximity_view import ProximityView
from coda_graphmem.store.embedded.rows import as_json, encode
from coda_graphmem.store.embedded.vector_index import FileState, Part, RowIds, Snapshot, VectorIndex, cosines, decode
from coda_graphmem.store.protocol import Vector

logger = logging.getLogger(__name__)

#: Matrices of the namespaces used least recently are dropped beyond this; the one in use always stays.
MAX_BYTES = 512 * 1024 * 1024

#: Removed vectors a namespace remembers; readers that missed more load all vectors again.
MAX_REMOVED = 10_000

_SMALLEST = 256

#: Rows that are read at a time: so few that what they are computed in stays in the cache, and memory is used again.
_ROWS = 512


#: Before all revisions.
NEVER = -1


class _Matrix:
    """A namespace's vectors, appended to in place; older snapshots see only the rows they knew.

    Args:
        namespace_id: Whose.
        dimension: Numbers of each.
        since: The revision after which they came or changed; all of them by default.
    """

    def __init__(self, namespace_id: int, dimension: int, since: int = NEVER) -> None:
        self.namespace_id = namespace_id
        self._since = since
        self.lock = threading.Lock()
        self.revision = -1
        self._rows = np.empty((_SMALLEST, dimension), dtype=np.float32)
        self._ids = np.empty(_SMALLEST, dtype=np.int64)
        self._alive: NDArray[np.bool_] | None = None
        self._count = 0
        self.snapshot = Snapshot(self._rows[:0], self._ids[:0], None)

    @property
    def nbytes(self) -> int:
        return self._rows.nbytes + self._ids.nbytes

    @property
    def dimension(self) -> int:
        return self._rows.shape[1]

    def follow(self, connection: sqlite3.Connection, namespace: Namespace) -> None:
        """Apply what has changed since the revision this matrix is at. Holds ``lock``."""
        if self.revision < namespace.floor or self.revision < 0:
            self._begin(connection, namespace)
        else:
            known = (namespace.id, self.revision)
            changed = connection.execute(
                "SELECT memory, live, data FROM vectors WHERE namespace_id = ? AND revision > ? ORDER BY memory", known
            ).fetchall()
            removed = connection.execute(
                "SELECT memory FROM removed_vectors WHERE namespace_id = ? AND revision > ?", known
            ).fetchall()
            self._bury(np.array([row[0] for row in changed + removed], dtype=np.int64))
            self._take(namespace, [(row[0], row[2]) for row in changed if row[1]])
        self._compact()
        self.revision = namespace.revision
        self.snapshot = Snapshot(self._rows[: self._count], self._ids[: self._count], self._alive)

    def _begin(self, connection: sqlite3.Connection, namespace: Namespace) -> None:
        """Read all, some at a time, as there is not room for all of them twice."""
        # The counter may be wrong; then the matrix grows, or stays a little larger than it has to be.
        room = namespace.live_count if self._since == NEVER else _SMALLEST
        self._count, self._alive = 0, None
        self._rows = np.empty((max(room, _SMALLEST), self.dimension), dtype=np.float32)
        self._ids = np.empty(len(self._rows), dtype=np.int64)
        condition = "" if self._since == NEVER else f" AND revision > {self._since:d}"
        # In the order of the index: to sort them SQLite would hold all of them.
        found = connection.execute(
            f"SELECT memory, data FROM vectors WHERE namespace_id = ? AND live{condition}", (namespace.id,)
        )
        while some := found.fetchmany(_ROWS):
            self._take(namespace, some)

    def _take(self, namespace: Namespace, arrived: Sequence[tuple[int, bytes]]) -> None:
        ids, rows = decode(arrived, self.dimension)
        if len(ids) < len(arrived):
            logger.warning(
                "%d vectors of namespace %r are of another length than the model's or not finite, and not found. "
                "Make them anew: optimize_storage().",
                len(arrived) - len(ids),
                namespace.name,
            )
        self._append(ids, rows)

    def _bury(self, gone: RowIds) -> None:
        positions = self.snapshot.positions(gone) if len(gone) else gone
        if len(positions):
            alive = np.ones(self._count, dtype=bool) if self._alive is None else self._alive.copy()
            alive[positions] = False
            self._alive = alive

    def _append(self, ids: RowIds, rows: NDArray[np.float32]) -> None:
        needed = self._count + len(ids)
        if needed > len(self._ids):
            capacity = max(needed, 2 * len(self._ids)) if self._count else needed
            grown_rows = np.empty((capacity, self.dimension), dtype=np.float32)
            grown_ids = np.empty(capacity, dtype=np.int64)
            grown_rows[: self._count], grown_ids[: self._count] = self._rows[: self._count], self._ids[: self._count]
            self._rows, self._ids = grown_rows, grown_ids
        self._rows[self._count : needed], self._ids[self._count : needed] = rows, ids
        if self._alive is not None:
            self._alive = np.concatenate([self._alive, np.ones(len(ids), dtype=bool)])
        self._count = needed

    def _compact(self) -> None:
        """Drop dead rows once they are a third."""
        if self._alive is None or 3 * int(self._alive.sum()) > 2 * self._count:
            return
        keep = np.flatnonzero(self._alive)
        self._rows, self._ids = self._rows[keep], self._ids[keep]
        self._count, self._alive = len(keep), None


@dataclass(frozen=True, slots=True)
class MatrixView:
    """A snapshot that belongs to a read transaction."""

    namespace: Namespace
    snapshot: Snapshot | None
    """None where the file holds no vector yet."""

    def search(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest live memories by row id; of those in ``matching`` where it is given."""
        if self.snapshot is None:
            return {}
        check_dimension(self.snapshot.rows.shape[1], vector)
        return self.snapshot.search(vector, limit, matching)

    def similarities(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """Cosines of given live memories by row id."""
        if self.snapshot is None:
            return {}
        check_dimension(self.snapshot.rows.shape[1], vector)
        where = self.snapshot.positions(np.asarray(ids, dtype=np.int64))
        scores = cosines(self.snapshot.rows[where], vector)
        return dict(zip(self.snapshot.ids[where].tolist(), scores.tolist(), strict=True))


class MatrixIndex(VectorIndex):
    """Vectors in the store's file, searched exactly in NumPy.

    Args:
        half: Whether new vectors are kept in half precision; both kinds are read.
        max_bytes: Memory for matrices, beyond which those used least recently are dropped.
        files: Finds near vectors of large namespaces; None where all are compared.
    """

    home = "file"

    def __init__(self, *, half: bool, max_bytes: int = MAX_BYTES, files: ProximityFiles | None = None) -> None:
        self._half = half
        self._max_bytes = max_bytes
        self._files = files
        self._fresh: dict[str, tuple[ProximityFile, _Matrix]] = {}
        self._removed = False
        self._lock = threading.Lock()
        self._matrices: OrderedDict[str, _Matrix] = OrderedDict()

    @override
    def open(self, connection: sqlite3.Connection) -> None:
        if self._files is not None:
            self._files.open(connection)

    @override
    def close(self) -> None:
        with self._lock:
            self._matrices.clear()
            self._fresh.clear()
        if self._files is not None:
            self._files.close()

    @override
    async def catch_up(self, database: Database) -> None:
        """Searches bring with them what came since."""

    @override
    def committed(self, connection: sqlite3.Connection) -> None:
        # Only this process's one writer comes here.
        if self._removed and self._files is not None:
            self._removed = not self._files.clean(connection)

    @override
    def is_behind(self, connection: sqlite3.Connection) -> bool:
        return self._files is not None and self._files.is_behind(connection)

    @override
    def clean(self, connection: sqlite3.Connection, *, thorough: bool) -> bool:
        return self._files is None or self._files.clean(connection)

    @override
    def file_state(self, connection: sqlite3.Connection, name: str) -> FileState | None:
        namespace = find_namespace(connection, name)
        return None if namespace is None or self._files is None else self._files.state(connection, namespace)

    @override
    def renew(self, namespace: Namespace) -> int | None:
        return 0 if self._files is None else self._files.renew(namespace)

    @property
    def loaded(self) -> list[str]:
        """The namespaces in memory, the one used last at the end."""
        with self._lock:
            return list(self._matrices)

    @override
    def view(self, connection: sqlite3.Connection, name: str) -> "MatrixView | ProximityView | None":
        while True:
            namespace = find_namespace(connection, name)
            if namespace is None:
                self._drop(name)
                return None
            dimension = read_model(connection).dimension
            if dimension is None:
                return MatrixView(namespace, None)
            file = None if self._files is None else self._files.of(connection, namespace)
            if file is None or file.revision <= namespace.revision:
                matrix = self._matrix(namespace, dimension) if file is None else self._fresh_of(namespace, file)
                with matrix.lock:
                    if matrix.revision < namespace.revision:
                        matrix.follow(connection, namespace)
                    if matrix.revision == namespace.revision:
                        snapshot = matrix.snapshot
                        break
            # Another thread has seen a later commit than this transaction: look again, from a later state.
            connection.execute("COMMIT")
            connection.execute("BEGIN")
        if file is not None and self._files is not None:
            self._files.tell(namespace, file, len(snapshot.ids))
            return ProximityView(namespace, connection, file, snapshot)
        self._unload()
        return MatrixView(namespace, snapshot)

    def _drop(self, name: str) -> None:
        with self._lock:
            self._matrices.pop(name, None)
            self._fresh.pop(name, None)

    def _fresh_of(self, namespace: Namespace, file: ProximityFile) -> _Matrix:
        """What came since a file was made."""
        with self._lock:
            known = self._fresh.get(namespace.name)
            if known is None or known[0] is not file:
                known = self._fresh[namespace.name] = file, _Matrix(namespace.id, file.dimension, file.revision)
                self._matrices.pop(namespace.name, None)
            return known[1]

    @override
    def gather(self, connection: sqlite3.Connection, name: str, after: int) -> Part | None:
        view = self.view(connection, name)
        if isinstance(view, ProximityView):
            return view.gather(after)
        # All vectors are one part, where they are in memory.
        if view is None or view.snapshot is None or not len(view.snapshot.ids):
            return None
        whole = view.snapshot
        last = int(whole.ids.max())
        if last <= after:
            return None
        keep = whole.ids > after
        if whole.alive is not None:
            keep &= whole.alive
        if keep.all():
            return Part(whole.ids, whole.rows, last)
        return Part(whole.ids[keep], whole.rows[keep], last)

    @override
    def embeddings(self, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Vector]:
        dimension = read_model(connection).dimension
        if dimension is None:
            return {}
        found = connection.execute(
            "SELECT memory, data FROM vectors WHERE memory IN (SELECT value FROM json_each(?))", (as_json(ids),)
        ).fetchall()
        usable, rows = decode(found, dimension)
        return dict(zip(usable.tolist(), rows, strict=True))

    @override
    def check(self, connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[int, int]:
        usable = self._usable(connection, ids)
        return len(ids) - len(usable), len(usable) - sum(usable.values())

    @override
    def unusable(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        return [memory for memory, usable in self._usable(connection, ids).items() if not usable]

    def _usable(self, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, bool]:
        """For each memory with a vector whether that is of the right length and finite."""
        dimension = read_model(connection).dimension
        assert dimension is not None
        kinds = {2 * dimension: "<f2", 4 * dimension: "<f4"}
        found = connection.execute(
            "SELECT memory, data FROM vectors WHERE memory IN (SELECT value FROM json_each(?))", (as_json(ids),)
        )
        return {
            memory: data is not None
            and len(data) in kinds
            and bool(np.isfinite(np.frombuffer(data, dtype=kinds[len(data)])).all())
            for memory, data in found
        }

    @override
    def put(
        self, connection: sqlite3.Connection, namespace: Namespace, vectors: Mapping[int, Vector], live: Iterable[int]
    ) -> None:
        revision = _advance(connection, namespace)
        self._log(connection, namespace, revision, list(vectors))
        found = set(live)
        connection.executemany(
            "INSERT OR REPLACE INTO vectors (memory, namespace_id, live, revision, data) VALUES (?, ?, ?, ?, ?)",
            [
                (memory, namespace.id, memory in found, revision, encode(vector, half=self._half))
                for memory, vector in vectors.items()
            ],
        )

    @override
    def copy(self, connection: sqlite3.Connection, namespace: Namespace, source: int, target: int) -> None:
        connection.execute(
            "INSERT INTO vectors (memory, namespace_id, live, revision, data) "
            "SELECT ?, ?, 1, ?, data FROM vectors WHERE memory = ?",
            (target, namespace.id, _advance(connection, namespace), source),
        )

    @override
    def set_live(self, connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[int], live: bool) -> None:
        connection.execute(
            "UPDATE vectors SET live = ?, revision = ? WHERE memory IN (SELECT value FROM json_each(?))",
            (live, _advance(connection, namespace), as_json(ids)),
        )

    @override
    def remove(self, connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[int]) -> int:
        wanted = as_json(ids)
        self._log(connection, namespace, _advance(connection, namespace), ids)
        removed = connection.execute("DELETE FROM vectors WHERE memory IN (SELECT value FROM json_each(?))", (wanted,))
        return removed.rowcount

    def _log(self, connection: sqlite3.Connection, namespace: Namespace, revision: int, ids: Sequence[int]) -> None:
        """Record that vectors which memories have go, so that nothing keeps them that knows the file."""
        gone = connection.execute(
            "INSERT INTO removed_vectors (namespace_id, revision, memory) "
            "SELECT ?, ?, memory FROM vectors WHERE memory IN (SELECT value FROM json_each(?))",
            (namespace.id, revision, as_json(ids)),
        )
        if gone.rowcount:
            self._removed = True
            _prune(connection, namespace)

    @override
    def replace_all(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO vectors (memory, namespace_id, live, revision, data) "
            "SELECT s.memory, m.namespace_id, m.scope IS NOT NULL, 0, s.data "
            "FROM staged_vectors AS s JOIN memories AS m ON m.id = s.memory"
        )
        # Every reader of every namespace loads all vectors again.
        connection.execute(
            "UPDATE namespaces SET vector_revision = vector_revision + 1, vector_floor = vector_revision + 1"
        )
        connection.execute("DELETE FROM removed_vectors")
        write_meta(connection, **{REPLACED: (read_meta(connection, REPLACED) or 0) + 1})
        self._removed = True

    def _matrix(self, namespace: Namespace, dimension: int) -> _Matrix:
        with self._lock:
            matrix = self._matrices.get(namespace.name)
            if matrix is None or (matrix.namespace_id, matrix.dimension) != (namespace.id, dimension):
                matrix = self._matrices[namespace.name] = _Matrix(namespace.id, dimension)
            self._matrices.move_to_end(namespace.name)
            return matrix

    def _unload(self) -> None:
        with self._lock:
            total = sum(matrix.nbytes for matrix in self._matrices.values())
            while total > self._max_bytes and len(self._matrices) > 1:
                total -= self._matrices.popitem(last=False)[1].nbytes


def _advance(connection: sqlite3.Connection, namespace: Namespace) -> int:
    """Begin the next revision of a namespace; its number."""
    row = connection.execute(
        "UPDATE namespaces SET vector_revision = vector_revision + 1 WHERE id = ? RETURNING vector_revision",
        (namespace.id,),
    ).fetchone()
    return int(row[0])


def _prune(connection: sqlite3.Connection, namespace: Namespace) -> None:
    """Forget the removed vectors beyond `MAX_REMOVED`, the oldest."""
    beyond = connection.execute(
        "SELECT revision FROM removed_vectors WHERE namespace_id = ? ORDER BY revision DESC LIMIT 1 OFFSET ?",
        (namespace.id, MAX_REMOVED),
    ).fetchone()
    if beyond is not None:
        connection.execute(
            "DELETE FROM removed_vectors WHERE namespace_id = ? AND revision <= ?", (namespace.id, beyond[0])
        )
        connection.execute("UPDATE namespaces SET vector_floor = ? WHERE id = ?", (beyond[0], namespace.id))
