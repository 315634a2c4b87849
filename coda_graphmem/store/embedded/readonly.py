"""Opens a file that can be read and not written, as on a read-only mount, on a medium, or of another user."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import quote

from coda_graphmem.store.embedded import schema


def is_for_reading_only(path: Path) -> bool:
    """Whether a file is there that this process cannot write, or beside which it cannot keep a log."""
    return path.is_file() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


class ReadOnlyFile:
    """A store's file, to be read where it is; or a copy of it, where SQLite would have to write to read it.

    That is so where a log beside it holds what is not in the file yet, or where an earlier version of this package
    wrote it. A copy lies in a folder of its own, which nobody else may look into, until it is closed.

    Args:
        path: The file, which stays as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.uri = self._place()

    def _place(self) -> str:
        log = self._path.with_name(f"{self._path.name}-wal")
        # Nobody has it open where there is no log; else whoever has keeps its index up to date.
        plain = f"file:{quote(str(self._path.absolute()))}?mode=ro"
        uri = plain if log.is_file() and log.stat().st_size else f"{plain}&immutable=1"
        with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(_connected(uri)) as connection:
            if schema.recognise(connection, self._path) in (0, schema.SCHEMA_VERSION):
                return uri
        self._folder = tempfile.TemporaryDirectory(prefix="coda-graphmem-")
        copy = Path(self._folder.name) / self._path.name
        try:
            for part in (self._path, log):
                if part.is_file():
                    shutil.copyfile(part, copy.with_name(part.name))
            with contextlib.closing(_connected(f"file:{quote(str(copy))}")) as connection:
                schema.migrate(connection, self._path)
        except BaseException:
            self.close()
            raise
        return f"file:{quote(str(copy))}"

    def close(self) -> None:
        """Remove the copy, if there is one."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _connected(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None)
