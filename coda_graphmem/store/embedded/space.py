"""Gives back what deleted data held: writes the file anew and empties its log."""

import logging
import sqlite3
from pathlib import Path

from coda_graphmem.store.embedded.database import transaction

logger = logging.getLogger(__name__)

#: Milliseconds to wait for readers of other processes before the write-ahead log can be emptied.
_CHECKPOINT_WAIT = 5_000


def size_on_disk(path: Path) -> int:
    """Bytes of the file and its log."""
    return sum(part.stat().st_size for part in (path, path.with_name(path.name + "-wal")) if part.exists())


def scrub(connection: sqlite3.Connection) -> None:
    """Write the file anew and cut its log to nothing, so that neither holds traces of what is gone.

    ``secure_delete`` overwrites what is deleted, but not the copies that stay in the free part of a page when
    SQLite moves rows between pages; only VACUUM leaves those behind. Runs outside of transactions. The memories
    are gone already, so that what goes wrong here is logged and not raised.
    """
    try:
        if not _rewrite(connection):
            logger.warning(
                "The write-ahead log is in use elsewhere; what was forgotten leaves it when the store is closed."
            )
    except sqlite3.Error as error:
        logger.warning("Forgotten, but traces stay in the file until a later forget() can remove them (%s).", error)


def compact(connection: sqlite3.Connection, path: Path) -> tuple[int, int]:
    """Write the file anew: bytes on disk before and after. Runs outside of transactions."""
    before = size_on_disk(path)
    with transaction(connection, "BEGIN IMMEDIATE"):
        connection.execute("INSERT INTO memory_text (memory_text) VALUES ('optimize')")
    if not _rewrite(connection):
        logger.warning("The write-ahead log is in use elsewhere; the space it takes is free when the store is closed.")
    return before, size_on_disk(path)


def _rewrite(connection: sqlite3.Connection) -> bool:
    """Write the file anew; whether its log could be cut to nothing."""
    timeout = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    try:
        # The copy would otherwise be made in memory.
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute("VACUUM")
        connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_WAIT}")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA busy_timeout = {timeout}")
