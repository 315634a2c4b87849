"""Searches a large namespace: a file says what may be near, and the vectors in the store say what is."""

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.store.embedded.catalog import Namespace, check_dimension
from coda_graphmem.store.embedded.proximity_file import ProximityFile
from coda_graphmem.store.embedded.rows import as_json
from coda_graphmem.store.embedded.vector_index import Part, RowIds, Snapshot, cosines, decode, nearest
from coda_graphmem.store.protocol import Vector

#: Candidates that are compared for so many that are wanted, and beyond: their order in the file is a rough one.
_GENEROUS, _SPARE = 1.5, 32
#: So many more are compared where too few of them are still as the file has them.
_MORE = 4
#: Up to so many memories that match are read and compared, whatever the file says.
FEW = 200
#: Vectors that are read at a time.
_ROWS = 4_096


@dataclass(frozen=True, slots=True)
class ProximityView:
    """A namespace's vectors as a read transaction sees them."""

    namespace: Namespace
    connection: sqlite3.Connection
    file: ProximityFile
    fresh: Snapshot
    """What came or changed since the file was made."""

    def search(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest live memories by row id; few that match are all compared, whatever the file says."""
        check_dimension(self.file.dimension, vector)
        if matching is not None and len(matching) <= FEW:
            return _best(self._compared(vector, matching), limit)
        return _best(self._near(vector, limit, matching) | self.fresh.search(vector, limit, matching), limit)

    def similarities(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """Cosines of given live memories by row id."""
        check_dimension(self.file.dimension, vector)
        return self._compared(vector, np.asarray(ids, dtype=np.int64))

    def gather(self, after: int) -> Part | None:
        """The next vectors of live memories, in the order of their ids."""
        found = self.connection.execute(
            # By the memories themselves: SQLite would take the index of revisions and sort all of them.
            "SELECT memory, data FROM vectors WHERE +namespace_id = ? AND live AND memory > ? ORDER BY memory LIMIT ?",
            (self.namespace.id, after, _ROWS),
        ).fetchall()
        if not found:
            return None
        ids, rows = decode(found, self.file.dimension)
        return Part(ids, rows, found[-1][0])

    def _near(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest that are as the file has them."""
        wanted = math.ceil(_GENEROUS * limit) + _SPARE
        while True:
            ids = self.file.near(vector, wanted, matching)
            # Those that changed since are not among them: the rest has them.
            found = self._compared(vector, ids, until=self.file.revision)
            if len(found) >= limit or len(ids) < wanted:
                return found
            wanted *= _MORE

    def _compared(self, vector: Vector, ids: NDArray[np.int64], until: int | None = None) -> dict[int, float]:
        """Cosines of those of the memories that are live, and whose vectors are as they were at a revision."""
        condition = "" if until is None else f" AND +revision <= {until:d}"
        found = self.connection.execute(
            "SELECT memory, data FROM vectors WHERE memory IN (SELECT value FROM json_each(?)) "
            f"AND +namespace_id = ? AND live{condition}",
            (as_json(ids.tolist()), self.namespace.id),
        ).fetchall()
        return _paired(*_scored(found, vector)) if found else {}


def _scored(found: Sequence[tuple[int, bytes]], vector: Vector) -> tuple[RowIds, NDArray[np.float32]]:
    ids, rows = decode(found, len(vector))
    return ids, cosines(rows, vector)


def _paired(ids: RowIds, scores: NDArray[np.float32]) -> dict[int, float]:
    return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def _best(found: dict[int, float], limit: int) -> dict[int, float]:
    """The highest cosines, those that tie with the last one included."""
    if len(found) <= limit:
        return found
    ids, scores = np.fromiter(found, dtype=np.int64), np.fromiter(found.values(), dtype=np.float32)
    best = nearest(scores, limit)
    return {int(ids[i]): found[int(ids[i])] for i in best.tolist()}
