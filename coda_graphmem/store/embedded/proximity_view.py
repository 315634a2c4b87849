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
from coda_graphmem.store.embedded.selections import among
from coda_graphmem.store.embedded.vector_index import Part, RowIds, Snapshot, cosines, decode, nearest
from coda_graphmem.store.protocol import Vector

#: Candidates that are compared for so many that are wanted, and beyond: their order in the file is a rough one.
_GENEROUS, _SPARE = 1.5, 32
#: The graph keeps so many candidates for each that is asked for while it is walked; for few it keeps twice as many for
#: each, up to so many.
_EFFORT, _FREE_EFFORT = 2, 1_000
#: Of a file's vectors one in so many is asked for at most; beyond, all are compared.
_MOST = 8
#: A memory that is read and compared costs as much as so many that the graph gives.
_COST = 0.6
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
        if matching is not None and len(matching) <= affordable(limit, self.file.count):
            return _best(self._compared(vector, matching), limit)
        found = self._near(vector, limit, matching)
        if found is None:
            return _best(self._all(vector, limit, matching), limit)
        return _best(found | self.fresh.search(vector, limit, matching), limit)

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

    def _near(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float] | None:
        """Cosines of what the file finds; None where it would have to give too much of what it has."""
        total = self.file.count
        wanted = math.ceil(_GENEROUS * limit) + _SPARE
        share = 1.0 if matching is None else min(1.0, len(matching) / max(1, self.namespace.live_count))
        number = math.ceil(wanted / share)
        while _MOST * number <= total:
            ids = self.file.near(vector, number, max(_EFFORT * number, min(2 * _EFFORT * number, _FREE_EFFORT)))
            if matching is not None:
                ids = ids[among(ids, matching)]
            if len(ids) >= wanted:
                # Those that changed since are not among them: the rest has them.
                found = self._compared(vector, ids[:wanted], until=self.file.revision)
                if len(found) >= limit:
                    return found
            number *= 4
        return None

    def _all(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest of all that match, which are read some at a time."""
        best: dict[int, float] = {}
        if matching is not None:
            for start in range(0, len(matching), _ROWS):
                best = _best(best | self._compared(vector, matching[start : start + _ROWS]), limit)
            return best
        after = -1
        while part := self.gather(after):
            scores = cosines(part.rows, vector)
            chosen = nearest(scores, limit)
            best = _best(best | _paired(part.ids[chosen], scores[chosen]), limit)
            after = part.position
        return best

    def _compared(self, vector: Vector, ids: NDArray[np.int64], until: int | None = None) -> dict[int, float]:
        """Cosines of those of the memories that are live, and whose vectors are as they were at a revision."""
        condition = "" if until is None else f" AND +revision <= {until:d}"
        found = self.connection.execute(
            "SELECT memory, data FROM vectors WHERE memory IN (SELECT value FROM json_each(?)) "
            f"AND +namespace_id = ? AND live{condition}",
            (as_json(ids.tolist()), self.namespace.id),
        ).fetchall()
        return _paired(*_scored(found, vector)) if found else {}


def affordable(limit: int, total: int) -> int:
    """How many memories are read and compared rather than looked for among all.

    The graph gives ``limit / share`` candidates for ``limit`` that match, so that both cost alike at the root.

    Args:
        limit: How many are wanted.
        total: How many there are.
    """
    return max(1_000, int(math.sqrt(_COST * _GENEROUS * (limit + _SPARE) * total)))


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
