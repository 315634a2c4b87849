"""What the store needs of a vector index, and how vectors are read and compared."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.database import Database
from coda_graphmem.store.protocol import Vector
from coda_graphmem.threads import one_core

#: Cosines are compared to this many decimals, well below the error of half precision and above that of
#: summing in another order, so that equal memories tie on every machine.
DECIMALS = 6

#: How far the length of a unit vector in single precision may be from 1.
_UNIT = 1e-6

#: More than a cosine changes by being summed in another order, or by being rounded.
_ROUGH = 4e-6

#: More than one row of so many is compared where it lies, together with all others.
_MANY = 4

FEW_BEHIND, SHARE_BEHIND = 5_000, 0.05
"""Vectors that are not in a namespace's file are compared one by one: so many, or this share of those in the file."""

#: Selections whose positions a snapshot remembers.
_MOST_PLACES = 16

RowIds = NDArray[np.int64]


class VectorView(Protocol):
    """The vectors of one namespace as one read transaction sees them."""

    @property
    def namespace(self) -> Namespace:
        """The namespace."""

    def search(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest live memories by row id, those that tie with the last one included.

        Args:
            vector: A unit vector.
            limit: At least this many, where there are so many.
            matching: Row ids of the memories that may be found, an array that nobody changes; None for all.
        """

    def similarities(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """Cosines of given live memories by row id; those without a vector are left out."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a namespace's vectors."""

    ids: RowIds
    rows: NDArray[np.float32]
    """Unit vectors, shape (len(ids), dimension)."""
    position: int
    """Where the next part begins."""


@dataclass(frozen=True, slots=True)
class FileState:
    """How the file is that finds near vectors of a namespace."""

    wanted: bool
    """Whether the namespace has so many memories that there should be one."""
    vectors: int
    """Vectors in it; 0 where there is none that can be used."""
    behind: int
    """Live memories whose vectors came or changed since."""

    @property
    def is_far_behind(self) -> bool:
        """Whether so many came since that searches are slower for it."""
        return self.wanted and (not self.vectors or self.behind > max(FEW_BEHIND, SHARE_BEHIND * self.vectors))


class VectorIndex(Protocol):
    """Keeps vectors by row id. What changes them runs inside the store's write transaction."""

    home: str
    """Recorded in the file, so that it is never opened with another index than the one that has its vectors."""

    def open(self, connection: sqlite3.Connection) -> None:
        """Reach what lies outside the file.

        Args:
            connection: Not in a transaction.

        Raises:
            VectorStoreError: It cannot be reached.
        """

    def close(self) -> None:
        """Free memory and connections."""

    async def catch_up(self, database: Database) -> None:
        """Bring what lies outside the file up to date, before a transaction that reads vectors."""

    def committed(self, connection: sqlite3.Connection) -> None:
        """A write transaction of this connection has been committed: pass on what it left to pass on."""

    def is_behind(self, connection: sqlite3.Connection) -> bool:
        """Whether what lies outside the file has yet to hear of something, or to be cleaned."""

    def clean(self, connection: sqlite3.Connection, *, thorough: bool) -> bool:
        """Leave nothing of vectors that were removed outside the file; False where something is left.

        Args:
            connection: Not in a transaction.
            thorough: Whether that may take long.
        """

    def file_state(self, connection: sqlite3.Connection, name: str) -> FileState | None:
        """How the file is that finds near vectors of a namespace, all of it looked at; None where there is no need.

        Args:
            connection: In a read transaction.
            name: The namespace.
        """

    def renew(self, namespace: Namespace) -> int | None:
        """Bring that file up to date, which may take minutes: vectors that were added; None where another does it.

        It has connections of its own; whoever calls it holds none.
        """

    def view(self, connection: sqlite3.Connection, name: str) -> VectorView | None:
        """The vectors of a namespace, None where there is no such namespace.

        Must be the first thing a read transaction does: it may be begun anew.
        """

    def gather(self, connection: sqlite3.Connection, name: str, after: int) -> Part | None:
        """The next vectors of a namespace's live memories, as many as are cheap to have at once; None at the end.

        Must be the first thing a read transaction does, like `view`.

        Args:
            connection: In a read transaction.
            name: The namespace.
            after: ``position`` of the part before; 0 for the first one.
        """

    def embeddings(self, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Vector]:
        """Unit vectors of memories, live or not, by row id; those without one that is of use are left out."""

    def check(self, connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[int, int]:
        """How many of the memories have no vector, and how many one of the wrong length or with infinite values."""

    def unusable(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        """Those of the memories whose vector is on record and lost, of the wrong length or not finite."""

    def put(
        self, connection: sqlite3.Connection, namespace: Namespace, vectors: Mapping[int, Vector], live: Iterable[int]
    ) -> None:
        """Keep or replace vectors of memories (by row id); ``live`` says which of them searches find."""

    def copy(self, connection: sqlite3.Connection, namespace: Namespace, source: int, target: int) -> None:
        """Give a live memory the vector of another, bit for bit; nothing where that has none."""

    def set_live(self, connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[int], live: bool) -> None:
        """Let searches find the vectors of memories, or no longer."""

    def remove(self, connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[int]) -> int:
        """Remove the vectors of memories; how many there were."""

    def replace_all(self, connection: sqlite3.Connection) -> None:
        """Put the staged vectors in place of all others they have one for."""


class Snapshot:
    """One state of a namespace's vectors. Never changes, so threads may share it."""

    def __init__(self, rows: NDArray[np.float32], ids: RowIds, alive: NDArray[np.bool_] | None) -> None:
        self.rows = rows
        self.ids = ids
        self.alive = alive
        """None where all rows count."""
        self._places: dict[int, tuple[weakref.ref[RowIds], NDArray[np.intp]]] = {}

    @cached_property
    def _by_id(self) -> tuple[RowIds, NDArray[np.intp]]:
        """Ids in order, and the position of each."""
        positions = np.arange(len(self.ids)) if self.alive is None else np.flatnonzero(self.alive)
        order = np.argsort(self.ids[positions], kind="stable")
        return self.ids[positions][order], positions[order]

    def positions(self, ids: RowIds) -> NDArray[np.intp]:
        """Where those of ``ids`` that have a row have it."""
        known, positions = self._by_id
        if not len(known):
            return positions
        places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        found: NDArray[np.intp] = positions[places[known[places] == ids]]
        return found

    def _places_of(self, ids: RowIds) -> NDArray[np.intp]:
        """`positions` of ids that may be asked for again, as the same array that nobody changes."""
        kept = self._places.get(id(ids))
        if kept is not None and kept[0]() is ids:
            return kept[1]
        found = self.positions(ids)
        if len(self._places) >= _MOST_PLACES:
            self._places = {}
        self._places[id(ids)] = (weakref.ref(ids), found)
        return found

    def search(self, vector: Vector, limit: int, matching: RowIds | None) -> dict[int, float]:
        """Cosines of the nearest rows by id, as `VectorView.search` gives them."""
        if matching is None:
            scores = cosines(self.rows, vector)
            if self.alive is not None:
                where = np.flatnonzero(self.alive)
                ids, scores = self.ids[where], scores[where]
            else:
                ids = self.ids
        else:
            where = self._places_of(matching)
            ids = self.ids[where]
            # To gather rows takes longer than to compare them.
            many = _MANY * len(where) > len(self.rows)
            scores = cosines(self.rows, vector)[where] if many else cosines(self.rows[where], vector)
        best = nearest(scores, limit)
        return dict(zip(ids[best].tolist(), scores[best].tolist(), strict=True))

    def neighbours(self, ids: RowIds, limit: int, floor: float) -> dict[int, dict[int, float]]:
        """Cosines of the nearest of each of the given memories, by row id, those that tie with the last one included.

        Args:
            ids: Row ids; those without a vector are left out.
            limit: At least this many neighbours, where there are so many.
            floor: The least cosine of a neighbour.
        """
        where = self.positions(ids)
        asked = self.rows[where]
        with one_core():
            rough = asked @ self.rows.T
        if self.alive is not None:
            rough[:, ~self.alive] = -np.inf
        rough[np.arange(len(where)), where] = -np.inf
        found = {}
        for position, vector, row in zip(where.tolist(), asked, rough, strict=True):
            # A matrix product sums in another order than a search does: take a little more, then compute it alike.
            near = np.flatnonzero(row >= floor - _ROUGH)
            if len(near) > limit:
                last = np.partition(row[near], len(near) - limit)[len(near) - limit]
                near = near[row[near] >= last - 2 * _ROUGH]
            scores = cosines(self.rows[near], vector)
            near, scores = near[scores >= floor], scores[scores >= floor]
            best = nearest(scores, limit)
            found[int(self.ids[position])] = dict(
                zip(self.ids[near[best]].tolist(), scores[best].tolist(), strict=True)
            )
        return found


def cosines(rows: NDArray[np.float32], vector: Vector) -> NDArray[np.float32]:
    """Cosines of unit vectors, rows of shape (n, dimension), to one of shape (dimension,), in [-1, 1]."""
    # Row by row: a matrix product runs on all cores, and where those are busy it waits for them, many times longer.
    scores: NDArray[np.float32] = np.round(np.clip(np.vecdot(rows, vector), -1.0, 1.0), DECIMALS)
    return scores


def nearest(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    """Positions of the ``limit`` highest scores and of all that equal the last of them, in any order."""
    if limit >= len(scores):
        return np.arange(len(scores))
    last = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    return np.flatnonzero(scores >= last)


def normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length 1, and left bit for bit where they have it; rows of zeros stay zeros. (n, dimension)."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    done = (lengths == 0) | (np.abs(lengths - 1) < _UNIT)
    result: NDArray[np.float32] = (rows / np.where(done, 1, lengths)).astype(np.float32, copy=False)
    return result


def finite(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which rows of shape (n, dimension) hold nothing but finite numbers: the others have no cosine to anything."""
    return np.asarray(np.isfinite(rows).all(axis=1))


def decode(found: Sequence[tuple[int, bytes]], dimension: int) -> tuple[RowIds, NDArray[np.float32]]:
    """Vectors of either precision, given by row id, as ids and unit rows of shape (number, dimension).

    Those of another length, or with numbers that are not finite, can be compared with nothing: they are left out.
    """
    sizes = np.fromiter((len(blob) for _, blob in found), dtype=np.int64, count=len(found))
    ids = np.fromiter((memory for memory, _ in found), dtype=np.int64, count=len(found))
    rows = np.full((len(found), dimension), np.nan, dtype=np.float32)
    for size, kind in ((2 * dimension, "<f2"), (4 * dimension, "<f4")):
        mask = sizes == size
        if mask.any():
            joined = b"".join(found[i][1] for i in np.flatnonzero(mask).tolist())
            rows[mask] = np.frombuffer(joined, dtype=kind).reshape(-1, dimension)
    usable = finite(rows)
    return ids[usable], normalised(rows[usable])
