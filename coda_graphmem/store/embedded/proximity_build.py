"""Makes and follows the file of near vectors, in a child process, as it would take memory and hold Python's lock here.

One process at a time does it for a namespace. What it makes grows under another name and takes its place while the
store's write lock is held, so that no removal comes between: what was removed meanwhile is overwritten before.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.private_files import FILE_MODE, NO_LINK, make_file
from coda_graphmem.store.embedded.catalog import read_meta, read_model, write_meta
from coda_graphmem.store.embedded.proximity_file import (
    Origin,
    ProximityFile,
    RowIds,
    UnusableFileError,
    discard,
    erase,
    lay,
    rounded,
)
from coda_graphmem.store.embedded.vector_index import decode

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

REPLACED = "vectors_replaced"
"""Under which the store's file counts how often all vectors were replaced."""
_STORE = "proximity_store"

#: Rows that are read at a time.
_ROWS = 5_000
#: Seconds to wait for whoever writes.
_PATIENCE = 60.0

#: The status of a child that did nothing, as another does it.
BUSY = 3


def file_of(path: Path, namespace: int) -> Path:
    """Where the near vectors of a namespace are kept, beside the store's file."""
    return path.with_name(f"{path.name}-near-{namespace}")


def growing(path: Path) -> Path:
    """Where a file is while it is made."""
    return path.with_name(f"{path.name}.new")


def origin_of(connection: sqlite3.Connection, namespace: int) -> Origin | None:
    """What a file of a namespace has to be made from; None where none was ever made, or there are no vectors."""
    store, record = read_meta(connection, _STORE), read_model(connection)
    if store is None or record.dimension is None:
        return None
    return Origin(store, namespace, record.model or "", record.dimension, read_meta(connection, REPLACED) or 0)


def revision_of(connection: sqlite3.Connection, namespace: int) -> tuple[int, int] | None:
    """A namespace's revision and floor, by its row id; None where it is gone."""
    sql = "SELECT vector_revision, vector_floor FROM namespaces WHERE id = ?"
    row: tuple[int, int] | None = connection.execute(sql, (namespace,)).fetchone()
    return row


def removed_since(connection: sqlite3.Connection, namespace: int, revision: int) -> NDArray[np.int64] | None:
    """Row ids whose vectors were removed or replaced after a revision; None where the store has forgotten which."""
    found = revision_of(connection, namespace)
    if found is None or revision < found[1]:
        return None
    rows = connection.execute(
        "SELECT memory FROM removed_vectors WHERE namespace_id = ? AND revision > ?", (namespace, revision)
    )
    return np.array([row[0] for row in rows], dtype=np.int64)


def overwrite_removed(connection: sqlite3.Connection, path: Path, namespace: int) -> None:
    """Overwrite in a file the vectors of memories that have none, or another, by now.

    Args:
        connection: In a write transaction, so that one process at a time does it.
        path: A `ProximityFile`.
        namespace: Its row id.

    Raises:
        UnusableFileError: It is none.
        OSError: It cannot be written.
    """
    file = ProximityFile(path)
    found = revision_of(connection, namespace)
    assert found is not None
    gone = removed_since(connection, namespace, file.erased)
    is_known = gone is not None
    if gone is None:
        known = np.array([row[0] for row in _current(connection, namespace, file.revision)], dtype=np.int64)
        gone = np.setdiff1d(file.ids, known)
    if len(gone) or not is_known:
        erase(path, gone, found[0])


def _current(connection: sqlite3.Connection, namespace: int, revision: int) -> Iterator[tuple[int]]:
    """Row ids of live memories whose vectors are as they were at a revision."""
    return connection.execute(
        "SELECT memory FROM vectors WHERE namespace_id = ? AND live AND revision <= ?", (namespace, revision)
    )


@contextlib.contextmanager
def building(path: Path) -> Iterator[None]:
    """Be the only process that makes a file, for as long as this lasts.

    Raises:
        BlockingIOError: Another one does.
        OSError: It cannot be told.
    """
    lock = path.with_name(f"{path.name}.lock")
    make_file(lock)
    number = os.open(lock, os.O_RDWR | NO_LINK)
    try:
        # Ends with the process, however that ends.
        if sys.platform != "win32":
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            try:
                msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            except OSError as error:
                raise BlockingIOError(*error.args) from error
        yield
    finally:
        os.close(number)


def build(store: Path, namespace: int) -> int:
    """Make the file of a namespace, or add what it lacks.

    Args:
        store: The store's file.
        namespace: Row id.

    Returns:
        Vectors that were added; 0 where there was nothing to do, or the namespace went away.

    Raises:
        BlockingIOError: Another process does that.
        OSError: It cannot be written.
        sqlite3.Error: The store cannot be read.
    """
    path = file_of(store, namespace)
    with building(path), contextlib.closing(_connected(store)) as connection:
        discard(growing(path))
        try:
            return _build(connection, path, namespace)
        finally:
            discard(growing(path))


def _connected(store: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE)
    connection.isolation_level = None
    if read_meta(connection, _STORE) is None:
        connection.execute("BEGIN IMMEDIATE")
        if read_meta(connection, _STORE) is None:
            write_meta(connection, **{_STORE: uuid.uuid4().hex})
        connection.execute("COMMIT")
    return connection


def _build(connection: sqlite3.Connection, path: Path, namespace: int) -> int:
    connection.execute("BEGIN")
    origin, state = origin_of(connection, namespace), revision_of(connection, namespace)
    if origin is None or state is None:
        connection.execute("ROLLBACK")
        return 0
    old = _usable(path, origin, state[0])
    kept = np.empty(0, dtype=np.intp) if old is None else _still_there(connection, old, namespace)
    arrived = _read(connection, origin, -1 if old is None else old.revision)
    connection.execute("COMMIT")
    if old is not None and not len(arrived.ids) and old.revision == state[0]:
        return 0
    ids = arrived.ids if old is None else np.concatenate([old.ids[kept], arrived.ids])
    order = np.argsort(ids, kind="stable")

    def rows(start: int, end: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        numbers = np.empty((end - start, origin.dimension), dtype=np.int8)
        scales = np.empty(end - start, dtype=np.float32)
        is_new = order[start:end] >= len(kept)
        new = order[start:end][is_new] - len(kept)
        numbers[is_new], scales[is_new] = arrived.numbers[new], arrived.scales[new]
        if old is not None:
            known = kept[order[start:end][~is_new]]
            numbers[~is_new], scales[~is_new] = old.numbers[known], old.scales[known]
        return numbers, scales

    target = growing(path)
    make_file(target)
    lay(target, ids[order], rows, origin, state[0])
    return len(arrived.ids) if _publish(connection, target, path, origin) else 0


def _usable(path: Path, origin: Origin, revision: int) -> ProximityFile | None:
    """A file to add to; None where there is none of this store as it is."""
    try:
        file = ProximityFile(path)
        file.check()
    except (UnusableFileError, OSError):
        return None
    return file if file.is_of(origin) and max(file.revision, file.erased) <= revision else None


def _still_there(connection: sqlite3.Connection, file: ProximityFile, namespace: int) -> NDArray[np.intp]:
    """Positions of the vectors in a file that are current."""
    known = np.array([row[0] for row in _current(connection, namespace, file.revision)], dtype=np.int64)
    return file.positions(np.sort(known))


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Vectors that came or changed."""

    ids: RowIds
    numbers: NDArray[np.int8]
    scales: NDArray[np.float32]


def _read(connection: sqlite3.Connection, origin: Origin, revision: int) -> _Arrived:
    """Rounded vectors of live memories that came or changed after a revision."""
    found = connection.execute(
        "SELECT memory, data FROM vectors WHERE namespace_id = ? AND live AND revision > ?",
        (origin.namespace, revision),
    )
    ids = [np.empty(0, dtype=np.int64)]
    numbers, scales = [np.empty((0, origin.dimension), dtype=np.int8)], [np.empty(0, dtype=np.float32)]
    while some := found.fetchmany(_ROWS):
        known, vectors = decode(some, origin.dimension)
        of_numbers, of_scales = rounded(vectors)
        ids.append(known)
        numbers.append(of_numbers)
        scales.append(of_scales)
    return _Arrived(np.concatenate(ids), np.concatenate(numbers), np.concatenate(scales))


def _publish(connection: sqlite3.Connection, target: Path, path: Path, origin: Origin) -> bool:
    """Let a new file take its place; False where what it was made from is gone."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if origin_of(connection, origin.namespace) != origin or revision_of(connection, origin.namespace) is None:
            return False
        overwrite_removed(connection, target, origin.namespace)
        target.replace(path)
        if os.name == "posix":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        connection.execute("ROLLBACK")
    return True


def main() -> None:
    """Be the child: the store's file and the namespace are its arguments, and it says how many vectors it added."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    os.umask(0o777 & ~FILE_MODE)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        print(build(Path(sys.argv[1]), int(sys.argv[2])), flush=True)
    except BlockingIOError:
        sys.exit(BUSY)


def _end_with_parent() -> None:
    # Not by ``sys.stdin``, whose lock a thread that waits would keep from the interpreter's end.
    while os.read(0, 1):
        pass
    os._exit(1)
