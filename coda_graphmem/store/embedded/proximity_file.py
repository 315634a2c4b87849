"""The file that finds near vectors without comparing all of their numbers: their signs, and the numbers rounded.

It lies beside the store's file, one for each large namespace, and is mapped, not read. All in it is derived from the
store: whatever is wrong with it, it is thrown away and made anew. What it finds are candidates, which whoever asks
compares by the vectors in the store.

    signs      a bit a number, in words of 64 bits: the first words of all vectors by position, the second ones, …
    ids        int64 a vector: the memories' row ids, each once and in order, which is that of the positions
    scales     float32 a vector: what a rounded number has to be multiplied with
    numbers    a byte a number: vectors rounded, by position
    end        `_END`: what it was made from and its checksums
    erased     `_ERASED`: up to which revision removed vectors are overwritten with zeros

Signs, scales and numbers are the only parts that are written once the file has its name: those of removed memories
become zeros. Vectors whose signs agree are near (Charikar, "Similarity estimation techniques from rounding algorithms",
2002): to count signs that differ takes 1/32 of the bytes of a comparison, and leaves few to be compared by their
rounded numbers. Nothing has to be built for that, and a filter only leaves fewer to count.

How many are compared follows from the counts themselves. Of d signs those that differ vary by about ``sqrt(d) / 2``
around what the cosine lets expect, so that what is among the nearest and yet differs in `_MARGIN` times ``sqrt(d)``
more signs than as many others is rare, however many there are, and whatever a filter left of them.
"""

from __future__ import annotations

import io
import math
import mmap
import os
import struct
import weakref
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.forks import Lock
from coda_graphmem.private_files import NO_LINK
from coda_graphmem.store.protocol import Vector

_MAGIC = b"coda proximity 2"
#: Magic, store, namespace, dimension, vectors, revision, times all vectors were replaced, checksums of the model's
#: name, of ids, and of all before it here.
_END = struct.Struct("<16s32sqqqqqIII4x")
_ERASED = struct.Struct("<qI4x")
_TAIL = _END.size + _ERASED.size
#: Bytes that are overwritten, and vectors that are written or compared at a time.
_PIECE, _ROWS = 1 << 22, 16_384
#: Vectors whose numbers are compared at a time, as many as a core's cache holds.
_CACHED = 512

#: In so many more signs than the last of as many as are wanted a vector may differ and still be compared, in square
#: roots of the number of signs. Of 100,000 it finds .9998 of the 100 nearest, a margin of 1 finds .9988.
_MARGIN = 1.25
#: Of no more than these all are compared.
_FEW = 2_000
#: Words of 64 signs whose count a byte holds.
_IN_A_BYTE = 3
#: Filters whose positions a file remembers.
_MOST_PLACES = 16

RowIds = NDArray[np.int64]
Rows = Callable[[int, int], tuple[NDArray[np.int8], NDArray[np.float32]]]
"""Gives rounded vectors and their scales from one position up to another."""


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


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of a file begin."""

    count: int
    dimension: int

    @property
    def words(self) -> int:
        """Words of 64 bits that the signs of a vector take."""
        return -(-self.dimension // 64)

    def word(self, number: int) -> int:
        """Of the words of that number."""
        return 8 * self.count * number

    @property
    def ids(self) -> int:
        return 8 * self.words * self.count

    @property
    def scales(self) -> int:
        return self.ids + 8 * self.count

    @property
    def numbers(self) -> int:
        return self.scales + 4 * self.count

    @property
    def end(self) -> int:
        return self.numbers + self.dimension * self.count


def rounded(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Vectors with a byte a number, shape (n, dimension), and the scale of each: cosines change by a thousandth."""
    largest = np.abs(rows).max(axis=1, initial=0.0)
    factor = 127 / np.where(largest == 0, 1, largest)
    return np.rint(rows * factor[:, None]).astype(np.int8), (1 / factor).astype(np.float32)


def signs(rows: NDArray[np.int8] | NDArray[np.float32]) -> NDArray[np.uint64]:
    """A bit for each number above zero, shape (words, n)."""
    bits = np.packbits(rows > 0, axis=1, bitorder="little")
    words = -(-rows.shape[1] // 64)
    filled = np.zeros((len(rows), 8 * words), dtype=np.uint8)
    filled[:, : bits.shape[1]] = bits
    return np.ascontiguousarray(filled.view("<u8").T)


def lay(path: Path, ids: RowIds, rows: Rows, origin: Origin, revision: int) -> None:
    """Write a `ProximityFile`, and have it on disk.

    Args:
        path: A file that is there and empty.
        ids: Of each vector, each once and in order.
        rows: Gives the vectors in that order.
        origin: What they are of.
        revision: Of the namespace, whose vectors they are, and up to which none are there that were removed.

    Raises:
        OSError: It cannot be written.
    """
    places = _Places(len(ids), origin.dimension)
    with _writable(path) as file:
        for start in range(0, len(ids), _ROWS):
            numbers, scales = rows(start, min(start + _ROWS, len(ids)))
            words = [(places.word(number) + 8 * start, word) for number, word in enumerate(signs(numbers))]
            for place, data in (
                *words,
                (places.scales + 4 * start, scales.astype("<f4")),
                (places.numbers + places.dimension * start, numbers),
            ):
                file.seek(place)
                _write(file, data.tobytes())
        known = ids.astype("<i8").tobytes()
        file.seek(places.ids)
        _write(file, known)
        file.seek(places.end)
        _write(file, _end(origin, len(ids), revision, zlib.crc32(known)) + _erased(revision))
        os.fsync(file.fileno())


def _write(file: io.FileIO, data: bytes) -> None:
    """Write all, as one call may write less."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _end(origin: Origin, count: int, revision: int, ids: int) -> bytes:
    store, model = origin.store.encode(), zlib.crc32(origin.model.encode())
    values = (_MAGIC, store, origin.namespace, origin.dimension, count, revision, origin.replaced, model, ids)
    return _END.pack(*values, zlib.crc32(_END.pack(*values, 0)))


def _erased(revision: int) -> bytes:
    return _ERASED.pack(revision, zlib.crc32(struct.pack("<q", revision)))


class ProximityFile:
    """A file that is mapped. It stays as it is, also where another takes its name. Threads share it.

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
            if found.st_size <= _TAIL:
                raise UnusableFileError("it is too short")
            self._map = mmap.mmap(number, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(number)
        self._lock = Lock()
        self._known: dict[int, tuple[weakref.ref[RowIds], NDArray[np.intp]]] = {}
        end = self._map[-_TAIL : -_ERASED.size]
        magic, store, namespace, dimension, count, revision, replaced, model, ids, own = _END.unpack(end)
        if magic != _MAGIC or own != zlib.crc32(_END.pack(*_END.unpack(end)[:-1], 0)):
            raise UnusableFileError("it has no end that was made here")
        self.count, self.revision, self.dimension = count, revision, dimension
        self._model, self._sum = model, ids
        self._places = _Places(count, dimension)
        self._of = (store.decode(errors="replace"), namespace, dimension, replaced)
        if self.size != self._places.end + _TAIL:
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
    def ids(self) -> RowIds:
        """The memories' row ids, by position."""
        return np.frombuffer(self._map, dtype="<i8", count=self.count, offset=self._places.ids)

    @cached_property
    def scales(self) -> NDArray[np.float32]:
        """What a rounded number has to be multiplied with, by position."""
        return np.frombuffer(self._map, dtype="<f4", count=self.count, offset=self._places.scales)

    @cached_property
    def numbers(self) -> NDArray[np.int8]:
        """Rounded vectors, shape (count, dimension)."""
        size = self.count * self.dimension
        rows = np.frombuffer(self._map, dtype=np.int8, count=size, offset=self._places.numbers)
        return rows.reshape(self.count, self.dimension)

    @cached_property
    def _signs(self) -> NDArray[np.uint64]:
        words = np.frombuffer(self._map, dtype="<u8", count=self.count * self._places.words)
        return words.reshape(self._places.words, self.count)

    def check(self) -> None:
        """Compare ids with their checksum. What else is damaged only makes it find less.

        Raises:
            UnusableFileError: They differ.
        """
        if zlib.crc32(self._map[self._places.ids : self._places.scales]) != self._sum:
            raise UnusableFileError("it does not agree with its checksum")

    def positions(self, ids: RowIds) -> NDArray[np.intp]:
        """Where those of some row ids stand that it knows; kept for the next time, as nobody changes the array."""
        with self._lock:
            kept = self._known.get(id(ids))
        if kept is not None and kept[0]() is ids:
            return kept[1]
        found = np.minimum(np.searchsorted(self.ids, ids), max(0, self.count - 1))
        found = found[self.ids[found] == ids] if self.count else found[:0]
        with self._lock:
            if len(self._known) >= _MOST_PLACES:
                self._known.clear()
            self._known[id(ids)] = (weakref.ref(ids), found)
        return found

    def near(self, vector: Vector, number: int, matching: RowIds | None) -> RowIds:
        """Row ids of vectors near to one, the nearest first as far as rounding lets see.

        Args:
            vector: What they are near to.
            number: How many, where there are so many.
            matching: Row ids of those that may be among them, an array that nobody changes; None for all.
        """
        where = None if matching is None else self.positions(matching)
        if (self.count if where is None else len(where)) > max(_FEW, number):
            differing, counts = self._differing(signs(vector[None, :])[:, 0], where)
            last = int(np.searchsorted(np.cumsum(counts), number))
            chosen = np.flatnonzero(differing <= last + int(_MARGIN * math.sqrt(self.dimension)))
            where = chosen if where is None else where[chosen]
        scores = self._compared(vector, where)
        best = _highest(scores, number)
        return self.ids[best if where is None else where[best]]

    def _differing(
        self, wanted: NDArray[np.uint64], where: NDArray[np.intp] | None
    ) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """How many signs of each vector differ, and of how many vectors so many do."""
        total = self.count if where is None else len(where)
        found = np.zeros(total, dtype=np.uint16)
        counts = np.zeros(64 * len(wanted) + 1, dtype=np.int64)
        size = min(_ROWS, total)
        words, bits, some = np.empty(size, np.uint64), np.empty(size, np.uint8), np.empty(size, np.uint8)
        # Everything that is written lies in a core's cache, or a scan takes half as long again.
        for start in range(0, total, size):
            end = min(start + size, total)
            word, bit, few = words[: end - start], bits[: end - start], some[: end - start]
            for number, signs_of_all in enumerate(self._signs):
                if where is None:
                    np.bitwise_xor(signs_of_all[start:end], wanted[number], out=word)
                else:
                    np.bitwise_xor(signs_of_all.take(where[start:end]), wanted[number], out=word)
                if number % _IN_A_BYTE == 0:
                    found[start:end] += few if number else 0
                    np.bitwise_count(word, out=few)
                else:
                    few += np.bitwise_count(word, out=bit)
            found[start:end] += few
            counts += np.bincount(found[start:end], minlength=len(counts))
        return found, counts

    def _compared(self, vector: Vector, where: NDArray[np.intp] | None) -> NDArray[np.float32]:
        """Cosines by rounded numbers."""
        total = self.count if where is None else len(where)
        found = np.empty(total, dtype=np.float32)
        for start in range(0, total, _CACHED):
            part = slice(start, start + _CACHED)
            rows = self.numbers[part] if where is None else self.numbers.take(where[part], axis=0)
            np.vecdot(rows.astype(np.float32), vector, out=found[part])
        found *= self.scales if where is None else self.scales[where]
        return found


def _highest(scores: NDArray[np.float32], number: int) -> NDArray[np.intp]:
    """Positions of the highest scores, the highest first."""
    best = np.arange(len(scores)) if number >= len(scores) else np.argpartition(-scores, number)[:number]
    result: NDArray[np.intp] = best[np.argsort(-scores[best], kind="stable")]
    return result


def erase(path: Path, gone: RowIds, revision: int) -> None:
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
    places = file._places
    with _writable(path) as out:
        for position in file.positions(np.unique(gone)).tolist():
            words = [(places.word(number), 8) for number in range(places.words)]
            for start, size in (*words, (places.scales, 4), (places.numbers, places.dimension)):
                out.seek(start + size * position)
                _write(out, bytes(size))
        # What is said to be overwritten has to be so on disk first.
        os.fsync(out.fileno())
        out.seek(file.size - _ERASED.size)
        _write(out, _erased(revision))
        os.fsync(out.fileno())


def discard(path: Path) -> None:
    """Overwrite a file with zeros and remove it; nothing where there is none.

    Raises:
        OSError: It cannot be written or removed.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if path.is_symlink():
        path.unlink()
        return
    with _writable(path) as out:
        for start in range(0, found.st_size, _PIECE):
            _write(out, bytes(min(_PIECE, found.st_size - start)))
        os.fsync(out.fileno())
    path.unlink()


def _writable(path: Path) -> io.FileIO:
    number = os.open(path, os.O_RDWR | NO_LINK | getattr(os, "O_BINARY", 0))
    return os.fdopen(number, "r+b", buffering=0)
