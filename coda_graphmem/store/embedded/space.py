"""Gives back what deleted data held: writes the file anew and empties its log. Runs outside of transactions."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from coda_graphmem.store.embedded.database import transaction

_TEXT_INDEXES = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"

#: Room that writing a file anew takes in its folder, in sizes of the file.
_ROOM = 1.2

CHECKPOINT_WAIT = 5_000
"""Milliseconds to wait for other programs: those that write, and those whose reading keeps the log from being cut."""


def size_on_disk(path: Path) -> int:
    """Bytes of the file and its log."""
    return sum(part.stat().st_size for part in (path, path.with_name(path.name + "-wal")) if part.exists())


def rewrite(connection: sqlite3.Connection, path: Path, wait: int) -> None:
    """Write the full-text index and then the file anew, so that neither holds anything of what is gone.

    Args:
        connection: Of a writer.
        path: The file.
        wait: Milliseconds to wait for other programs.

    Raises:
        sqlite3.Error: There is too little room, or another program writes. The file is as it was.
    """
    # Tried where there is too little, it would take what is left of the room from everything else.
    size = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
    needed, free = _ROOM * size, shutil.disk_usage(path.parent).free
    if free < needed:
        raise sqlite3.OperationalError(f"{needed:,.0f} bytes of room are needed, and {free:,} are free")
    with waiting(connection, wait):
        with transaction(connection, "BEGIN IMMEDIATE"):
            for (table,) in connection.execute(_TEXT_INDEXES).fetchall():
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        try:
            # The copy would otherwise be made in memory.
            connection.execute("PRAGMA temp_store = FILE")
            connection.execute("VACUUM")
        finally:
            connection.execute("PRAGMA temp_store = MEMORY")


def cut_log(connection: sqlite3.Connection, wait: int) -> bool:
    """Cut the write-ahead log to nothing; False where another program reads a state that only the log holds."""
    with waiting(connection, wait), contextlib.suppress(sqlite3.OperationalError):
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return False


@contextlib.contextmanager
def waiting(connection: sqlite3.Connection, wait: int) -> Iterator[None]:
    """Wait for other programs for so many milliseconds, for the length of a block."""
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {wait}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")
