"""The file that finds near vectors without comparing all: a graph of neighbours over rounded vectors.

It lies beside the store's file, one for each large namespace, and is mapped, not read. All in it is derived from the
store: whatever is wrong with it, it is thrown away and made anew. What it finds are candidates, which whoever asks
compares by the vectors in the store.

    rounded vectors    8 bytes, then a byte a number, in the order of ``ids``       } as usearch saves them
    graph              who is near whom, by position                                }
    ids                int64 a vector, the memories' row ids; -1 for none
    end                `_END`: what it was made from and its checksums
    erased             `_ERASED`: up to which revision removed vectors are overwritten with zeros

Vectors are the only part that is written once the file has its name: those of removed memories become zeros.
"""

from __future__ import annotations

import io
import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.forks import Lock
from coda_graphmem.private_files import NO_LINK
from coda_graphmem.store.protocol import Vector

if TYPE_CHECKING:
    from usearch.index import Index

NOBODY = -1
"""Stands in ``ids`` for a vector that belongs to no memory any more."""

_MAGIC = b"coda proximity 1"
#: Magic, store, namespace, dimension, vectors, bytes of graph and vectors, revision, times all vectors were replaced,
#: checksums of the model's name, of graph and ids, and of all before it here.
_END = struct.Struct("<16s32sqqqqqqIII4x")
_ERASED = struct.Struct("<qI4x")
_TAIL = _END.size + _ERASED.size
#: Bytes before the first vector: how many there are and how long each is.
_COUNTS = struct.Struct("<II")
#: Bytes that are looked at or overwritten at a time.
_PIECE = 1 << 22

#: Neighbours a vector has in the graph, and candidates that are compared to find them.
CONNECTIVITY, EFFORT = 16, 128


class UnusableFileError(Exception):
    """The file is torn, damaged, or not one of ours."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file was made from."""

    store: str
    """An id of the store's file, 32 characters."""
    namespace: int
    model: str
    dimension: int
    replaced: int
    """How often all vectors had been replaced by those of another model."""


def rounded(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Vectors with a byte a number, each in its own scale: cosines change by a thousandth. Shape (n, dimension)."""
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    result: NDArray[np.int8] = np.rint(rows * (127 / np.where(largest == 0, 1, largest))).astype(np.int8)
    return result


def empty_graph(dimension: int) -> Index:
    """A graph to add vectors to, or to open a file with."""
    from usearch.index import Index

    return Index(
        ndim=dimension,
        metric="cos",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EFFORT,
        # Positions are keys: there is nothing to look up.
        enable_key_lookups=False,
    )


def finish(path: Path, ids: NDArray[np.int64], origin: Origin, revision: int, erased: int) -> None:
    """Append to what usearch saved what makes it a `ProximityFile`, and have it on disk.

    Args:
        path: What usearch saved.
        ids: Of each vector, in their order.
        origin: What it was made from.
        revision: Of the namespace, whose vectors it has.
        erased: Up to which revision removed vectors are not in it.
    """
    size = path.stat().st_size
    start = _COUNTS.size + len(ids) * origin.dimension
    with path.open("r+b") as file:
        body = _checksum_of_file(file.fileno(), start, size)
        file.seek(size)
        data = ids.astype("<i8").tobytes()
        file.write(data)
        file.write(_end(origin, len(ids), size, revision, zlib.crc32(data, body)))
        file.write(_erased(erased))
        file.flush()
        os.fsync(file.fileno())


def _end(origin: Origin, count: int, graph: int, revision: int, body: int) -> bytes:
    store, model = origin.store.encode(), zlib.crc32(origin.model.encode())
    values = (_MAGIC, store, origin.namespace, origin.dimension, count, graph, revision, origin.replaced, model, body)
    return _END.pack(*values, zlib.crc32(_END.pack(*values, 0)))


def _erased(revision: int) -> bytes:
    return _ERASED.pack(revision, zlib.crc32(struct.pack("<q", revision)))


def _checksum_of_file(number: int, start: int, end: int) -> int:
    found = 0
    os.lseek(number, start, os.SEEK_SET)
    while start < end:
        piece = os.read(number, min(_PIECE, end - start))
        if not piece:
            raise UnusableFileError("it ends too early")
        found, start = zlib.crc32(piece, found), start + len(piece)
    return found


class ProximityFile:
    """A file that is mapped. It stays as it is, also where another takes its name.

    Args:
        path: The file.

    Raises:
        UnusableFileError: It is torn, damaged or not one of ours.
        OSError: It is not there, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        number = os.open(path, os.O_RDONLY | NO_LINK | getattr(os, "O_BINARY", 0))
        try:
            found = os.fstat(number)
            self.key = (found.st_dev, found.st_ino)
            self.size = found.st_size
            if found.st_size <= _TAIL + _COUNTS.size:
                raise UnusableFileError("it is too short")
            self._map = mmap.mmap(number, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(number)
        self._path, self._lock = path, Lock()
        end = self._map[-_TAIL : -_ERASED.size]
        magic, store, namespace, dimension, count, graph, revision, replaced, model, body, own = _END.unpack(end)
        if magic != _MAGIC or own != zlib.crc32(_END.pack(*_END.unpack(end)[:-1], 0)):
            raise UnusableFileError("it has no end that was made here")
        self.count, self.revision, self._graph_bytes, self._body = count, revision, graph, body
        self.dimension, self._model = dimension, model
        self._of = (store.decode(errors="replace"), namespace, dimension, replaced)
        if self.size != graph + 8 * count + _TAIL or self._map[: _COUNTS.size] != _COUNTS.pack(count, dimension):
            raise UnusableFileError("it has another length than it should")

    def is_of(self, origin: Origin) -> bool:
        """Whether it was made from that."""
        known = (origin.store, origin.namespace, origin.dimension, origin.replaced)
        return self._of == known and self._model == zlib.crc32(origin.model.encode())

    @property
    def erased(self) -> int:
        """Up to which revision removed vectors are overwritten; -1 where that is not known."""
        revision, checksum = _ERASED.unpack(self._map[-_ERASED.size :])
        return int(revision) if checksum == zlib.crc32(struct.pack("<q", revision)) else -1

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The memories' row ids, by position; `NOBODY` among them."""
        return np.frombuffer(self._map, dtype="<i8", count=self.count, offset=self._graph_bytes)

    def check(self) -> None:
        """Compare graph and ids with their checksum: a graph that leads astray would end the process.

        Raises:
            UnusableFileError: They differ.
        """
        start = _COUNTS.size + self.count * self.dimension
        end = self._graph_bytes + 8 * self.count
        found = 0
        with memoryview(self._map) as view:
            for place in range(start, end, _PIECE):
                with view[place : min(end, place + _PIECE)] as piece:
                    found = zlib.crc32(piece, found)
        if found != self._body:
            raise UnusableFileError("it does not agree with its checksum")

    @cached_property
    def _graph(self) -> Any:  # usearch's types hold that its settings cannot be changed.
        self.check()
        graph = empty_graph(self.dimension)
        graph.view(self._path)
        return graph

    def attach(self) -> None:
        """Make ready to search.

        Raises:
            UnusableFileError: It is damaged.
            OSError: It is not there any more.
        """
        graph = self._graph
        found = self._path.stat()
        if len(graph) != self.count or (found.st_dev, found.st_ino) != self.key:
            raise UnusableFileError("another file has taken its place")

    def near(self, vector: Vector, number: int, effort: int) -> NDArray[np.int64]:
        """Row ids of vectors near to one, the nearest first as far as rounding lets see; `NOBODY` is left out.

        Args:
            vector: What they are near to.
            number: How many at most.
            effort: Candidates that are kept while the graph is walked, at least ``number``.
        """
        with self._lock:
            self._graph.expansion_search = effort
            found = self._graph.search(rounded(vector[None, :])[0], number, threads=1)
        ids = self.ids[np.asarray(found.keys, dtype=np.int64)]
        known: NDArray[np.int64] = ids[ids != NOBODY]
        return known


def erase(path: Path, gone: NDArray[np.int64], revision: int) -> None:
    """Overwrite the vectors of memories that are gone, and have that on disk.

    Args:
        path: A `ProximityFile`. Two processes at once may not do that.
        gone: Row ids; those it does not know are left out.
        revision: Up to which all is erased then.

    Raises:
        UnusableFileError: It is none.
        OSError: It cannot be written.
    """
    file = ProximityFile(path)
    positions = np.flatnonzero(np.isin(file.ids, gone)) if len(gone) else np.empty(0, dtype=np.intp)
    zero(path, positions, file.dimension)
    with _writable(path) as out:
        out.seek(file.size - _ERASED.size)
        out.write(_erased(revision))
        os.fsync(out.fileno())


def zero(path: Path, positions: NDArray[np.intp], dimension: int) -> None:
    """Overwrite vectors with zeros, and have that on disk.

    Args:
        path: What usearch saved.
        positions: Of the vectors.
        dimension: Numbers of each.

    Raises:
        OSError: It cannot be written.
    """
    if not len(positions):
        return
    with _writable(path) as out:
        for position in positions.tolist():
            out.seek(_COUNTS.size + position * dimension)
            out.write(bytes(dimension))
        os.fsync(out.fileno())


def discard(path: Path) -> None:
    """Overwrite all vectors of a file, all of it where it is none of ours, and remove it; nothing where there is none.

    Raises:
        OSError: It cannot be written or removed.
    """
    try:
        file = ProximityFile(path)
        left = _COUNTS.size + file.count * file.dimension
    except FileNotFoundError:
        return
    except UnusableFileError:
        left = path.lstat().st_size
    except OSError:
        if not path.is_symlink():
            raise
        left = 0
    if path.is_symlink():
        path.unlink()
        return
    with _writable(path) as out:
        while left > 0:
            left -= out.write(bytes(min(left, _PIECE)))
        os.fsync(out.fileno())
    path.unlink()


def _writable(path: Path) -> io.FileIO:
    number = os.open(path, os.O_RDWR | NO_LINK | getattr(os, "O_BINARY", 0))
    return os.fdopen(number, "r+b", buffering=0)
