"""Keeps a local collection to one process: Chroma's own files do not stand two.

The lock is SQLite's, on an empty database beside the collection. It works on every platform, and ends with
the process that holds it, however that ends.
"""

import os
import sqlite3
import threading
from pathlib import Path

from coda_graphmem.errors import StoreUnavailableError
from coda_graphmem.forks import leave_alone
from coda_graphmem.store.chroma.faults import LOCAL

_guard = threading.Lock()
_held: dict[Path, tuple[sqlite3.Connection, int]] = {}


def _forget() -> None:
    """In a forked process nothing is held: what its parent holds is not to be used or closed there."""
    global _guard  # noqa: PLW0603
    _guard = threading.Lock()
    leave_alone(dict(_held))
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def acquire(folder: Path) -> None:
    """Take the lock of a folder; stores of one process share it.

    Raises:
        StoreUnavailableError: Another process has it.
    """
    folder = folder.resolve()
    with _guard:
        if folder in _held:
            connection, count = _held[folder]
            _held[folder] = (connection, count + 1)
            return
        connection = sqlite3.connect(folder / "lock.sqlite3", timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise StoreUnavailableError(
                f"the Chroma collection in {folder} is open in another process.",
                field=LOCAL,
                remedy="Close it there, or run a Chroma server and set vector_store.chroma_host and chroma_port.",
            ) from error
        _held[folder] = (connection, 1)


def is_shared(folder: Path) -> bool:
    """Whether several stores of this process hold the lock of a folder."""
    with _guard:
        return _held.get(folder.resolve(), (None, 0))[1] > 1


def release(folder: Path) -> None:
    """Give the lock back once for each time it was taken."""
    folder = folder.resolve()
    with _guard:
        connection, count = _held.pop(folder)
        if count > 1:
            _held[folder] = (connection, count - 1)
        else:
            connection.close()
