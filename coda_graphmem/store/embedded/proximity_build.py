"""Makes and follows the file of near vectors, in a child process, as it takes minutes and would hold Python's lock.

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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.private_files import FILE_MODE, NO_LINK, make_file
from coda_graphmem.store.embedded.catalog import read_meta, read_model, write_meta
from coda_graphmem.store.embedded.proximity_file import (
    NOBODY,
    Origin,
    ProximityFile,
    UnusableFileError,
    discard,
    empty_graph,
    erase,
    finish,
    rounded,
    zero,
)
from coda_graphmem.store.embedded.vector_index import decode

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

REPLACED = "vectors_replaced"
"""Under which the store's file counts how often all vectors were replaced."""
_STORE = "proximity_store"

#: A file is made anew, rather than added to, once this share of it belongs to no memory.
_MOST_DEAD = 0.2
#: Rows that are read, and vectors that are added, at a time.
_ROWS, _ADDED = 5_000, 500
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
    old, ids = _usable(connection, path, origin, state[0])
    added, rows = _read(connection, origin, -1 if old is None else old.revision)
    connection.execute("COMMIT")
    if old is not None and not len(added) and old.revision == state[0]:
        return 0
    graph = empty_graph(origin.dimension)
    if old is not None:
        graph.load(path)
    start = len(ids)
    for first in range(0, len(added), _ADDED):
        part = rows[first : first + _ADDED]
        # By one thread, so that they lie in the order of their ids.
        graph.add(np.arange(start + first, start + first + len(part), dtype=np.uint64), part, threads=1)
    target = growing(path)
    make_file(target)
    graph.save(target)
    del graph
    _compare(target, None if old is None else path, rows, start)
    dead = np.flatnonzero(ids == NOBODY)
    zero(target, dead, origin.dimension)
    finish(target, np.concatenate([ids, added]), origin, state[0], state[0])
    return len(added) if _publish(connection, target, path, origin) else 0


def _usable(
    connection: sqlite3.Connection, path: Path, origin: Origin, revision: int
) -> tuple[ProximityFile | None, NDArray[np.int64]]:
    """A file to add to, with the row id of each of its vectors, `NOBODY` for those that are not current."""
    nothing = np.empty(0, dtype=np.int64)
    try:
        file = ProximityFile(path)
        file.check()
    except (UnusableFileError, OSError):
        return None, nothing
    if not file.is_of(origin) or file.revision > revision or file.erased > revision:
        return None, nothing
    known = np.array([row[0] for row in _current(connection, origin.namespace, file.revision)], dtype=np.int64)
    ids = np.where(np.isin(file.ids, known), file.ids, NOBODY)
    if np.count_nonzero(ids == NOBODY) > _MOST_DEAD * len(ids):
        return None, nothing
    return file, ids


def _read(connection: sqlite3.Connection, origin: Origin, revision: int) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Row ids and rounded vectors of live memories that came or changed after a revision."""
    found = connection.execute(
        "SELECT memory, data FROM vectors WHERE namespace_id = ? AND live AND revision > ?",
        (origin.namespace, revision),
    )
    ids, rows = [np.empty(0, dtype=np.int64)], [np.empty((0, origin.dimension), dtype=np.int8)]
    while some := found.fetchmany(_ROWS):
        known, vectors = decode(some, origin.dimension)
        ids.append(known)
        rows.append(rounded(vectors))
    joined = np.concatenate(ids)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(rows)[order]


def _compare(target: Path, old: Path | None, rows: NDArray[np.int8], start: int) -> None:
    """See that vectors lie in the file where they are overwritten once their memories are gone.

    Raises:
        UnusableFileError: They do not.
    """
    dimension = rows.shape[1]
    found = np.memmap(target, dtype=np.int8, mode="r", offset=8, shape=(start + len(rows), dimension))
    same = np.array_equal(found[start:], rows)
    if old is not None:
        before = np.memmap(old, dtype=np.int8, mode="r", offset=8, shape=(start, dimension))
        same = same and np.array_equal(found[:start], before)
    if not same:
        raise UnusableFileError("this release of usearch lays vectors out in another way")


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
