"""Turns SQLite's errors into ours."""

import sqlite3
from pathlib import Path

from coda_graphmem.errors import GraphMemoryError, MemoryStorageError, StoreUnavailableError, VectorStoreError

FIELD = "vector_store.persist_directory"

_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}

#: How Python's module begins when a text in the file is no text.
UNDECODABLE = "Could not decode to UTF-8"


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error, 0 where Python's module raised it by itself."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def is_passing(error: sqlite3.Error) -> bool:
    """Whether the same statement may succeed later because somebody else holds a lock."""
    return primary_code(error) in _PASSING


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file, or an index in it, is damaged."""
    return primary_code(error) in _DAMAGED


def translate(error: sqlite3.Error, path: Path, *, writing: bool) -> GraphMemoryError:
    """Our error for one of SQLite's. Its text names tables and files, never a value that was bound.

    Args:
        error: What SQLite raised.
        path: The store's file.
        writing: Whether a write failed; all of it has been rolled back.
    """
    code = primary_code(error)
    if str(error).startswith(UNDECODABLE):
        # Python's message goes on with what it could not read, which is a memory's.
        error.args = (UNDECODABLE,)
    if code in _PASSING:
        return StoreUnavailableError(
            f"{path} is locked by another process ({error}).",
            field=FIELD,
            remedy="Try again; if it lasts, find the process that holds a transaction open.",
        )
    if is_damage(error) or error.args == (UNDECODABLE,):
        return VectorStoreError(
            f"{path} is damaged or no database ({error}).",
            field=FIELD,
            remedy="Restore the file from a backup, or move it away to start with an empty store.",
        )
    kind = MemoryStorageError if writing else VectorStoreError
    if code == sqlite3.SQLITE_READONLY:
        # Opening a store writes too, whatever it is opened for.
        return kind(
            f"{path} cannot be written, only read ({error}).",
            field=FIELD,
            remedy="Give this user the right to write the file and its folder, or work on a copy of them.",
        )
    if code in _DISK:
        return kind(
            f"{path} cannot be {'written' if writing else 'read'} ({error}).",
            field=FIELD,
            remedy="Check free space, permissions and the health of the disk.",
        )
    if writing:
        return MemoryStorageError(f"SQLite refused the write ({error}); nothing of it was kept.")
    return VectorStoreError(f"SQLite refused the query ({error}).", field=FIELD)
