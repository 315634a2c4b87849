"""The files of near vectors of one store: which may be used, what must be overwritten in them, and who makes them."""

import contextlib
import logging
import os
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from coda_graphmem.children import ChildError, start_child
from coda_graphmem.forks import Lock
from coda_graphmem.store.embedded import space
from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.database import transaction
from coda_graphmem.store.embedded.proximity_build import (
    BUSY,
    build,
    building,
    file_of,
    growing,
    origin_of,
    overwrite_removed,
    removed_since,
    revision_of,
)
from coda_graphmem.store.embedded.proximity_file import ProximityFile, UnusableFileError, discard
from coda_graphmem.store.embedded.vector_index import FileState

logger = logging.getLogger(__name__)

#: Seconds from the first search that misses a file until it is made, so that a command that asks once makes none.
_DELAY = 5.0
#: Seconds until it is tried again where that failed.
_RETRY = 300.0
#: A file is removed once fewer memories are left than this share of those from which one is made.
_LEAST_SHARE = 0.5

#: Milliseconds to wait for other programs that write.
_PATIENCE = 5_000

_NEEDED = ("numpy", "pydantic", "pydantic_settings", "typing_extensions")


class ProximityFiles:
    """The files beside one store's file. Threads share it.

    Args:
        path: The store's file.
        exact_up_to: Live memories of a namespace up to which there is no file.
    """

    def __init__(self, path: Path, exact_up_to: int) -> None:
        self._path = path
        self._exact_up_to = exact_up_to
        self._lock = Lock()
        self._opened: dict[int, ProximityFile] = {}
        self._refused: dict[int, tuple[int, int]] = {}
        self._maker: _Maker | None = None

    def open(self, connection: sqlite3.Connection) -> None:
        """Bring the files in step with the store, which may have come from elsewhere, and make files from now on.

        Args:
            connection: Not in a transaction.
        """
        self._maker = _Maker(self._path)
        # Where all is well, opening waits for nobody who writes.
        if self.is_behind(connection):
            self.clean(connection)

    def close(self) -> None:
        """Unmap the files, and end what makes one."""
        maker, self._maker = self._maker, None
        if maker is not None:
            maker.close()
        with self._lock:
            self._opened.clear()
            self._refused.clear()

    def of(self, connection: sqlite3.Connection, namespace: Namespace) -> ProximityFile | None:
        """The file that searches of a namespace may use; None where all its vectors have to be compared.

        It may be newer than the transaction, which has to be begun anew then.

        Args:
            connection: In a read transaction.
            namespace: As that sees it.
        """
        if namespace.live_count <= self._exact_up_to:
            return None
        with self._lock:
            file = self._current(connection, namespace)
        if self._maker is not None and file is None:
            self._maker.ask(namespace.id)
        return file

    def tell(self, namespace: Namespace, file: ProximityFile, behind: int) -> None:
        """Have a file made anew soon where too many vectors have come since: they are compared one by one."""
        if self._maker is not None and FileState(True, file.count, behind).is_far_behind:
            self._maker.ask(namespace.id)

    def _current(self, connection: sqlite3.Connection, namespace: Namespace) -> ProximityFile | None:
        known = self._opened.get(namespace.id)
        try:
            found = file_of(self._path, namespace.id).stat()
            key = (found.st_dev, found.st_ino)
        except OSError:
            key = None
        origin = origin_of(connection, namespace.id)
        if origin is None:
            return None
        if key is not None and (known is None or known.key != key) and self._refused.get(namespace.id) != key:
            newer = self._attached(namespace)
            if newer is None:
                self._refused[namespace.id] = key
            # A transaction that is older than the first one goes without.
            elif newer.is_of(origin) and newer.revision <= namespace.revision:
                known = self._opened[namespace.id] = newer
        return known if known is not None and known.is_of(origin) else None

    def _attached(self, namespace: Namespace) -> ProximityFile | None:
        try:
            file = ProximityFile(file_of(self._path, namespace.id))
            file.check()
        except FileNotFoundError:
            return None
        except (UnusableFileError, OSError) as error:
            logger.warning("The file of near vectors of namespace %r is made anew: %s.", namespace.name, error)
            return None
        return file

    def state(self, connection: sqlite3.Connection, namespace: Namespace) -> FileState:
        """How the file of a namespace is, all of it looked at.

        Args:
            connection: In a read transaction.
            namespace: As that sees it.
        """
        wanted = namespace.live_count > self._exact_up_to
        origin = origin_of(connection, namespace.id)
        try:
            file = ProximityFile(file_of(self._path, namespace.id))
            file.check()
        except (UnusableFileError, OSError):
            file = None
        if file is None or origin is None or not file.is_of(origin):
            return FileState(wanted, 0, namespace.live_count)
        sql = "SELECT count(*) FROM vectors WHERE namespace_id = ? AND revision > ? AND live"
        [behind] = connection.execute(sql, (namespace.id, file.revision)).fetchone()
        return FileState(wanted, file.count, behind)

    def renew(self, namespace: Namespace) -> int | None:
        """Make the file of a namespace or add what it lacks, which may take minutes; vectors that were added.

        None where another process does it. A namespace that has become small loses its file.

        Args:
            namespace: As it is.

        Raises:
            OSError: It could not be written.
            sqlite3.Error: The store cannot be read.
        """
        if namespace.live_count <= self._exact_up_to:
            if namespace.live_count <= _LEAST_SHARE * self._exact_up_to:
                discard(file_of(self._path, namespace.id))
            return 0
        maker = self._maker
        try:
            if maker is not None:
                return maker.make(namespace.id)
        except BlockingIOError:
            return None
        except ChildError as error:
            logger.info("A file of near vectors is made by this process: %s", error)
        try:
            return build(self._path, namespace.id)
        except BlockingIOError:
            return None

    def clean(self, connection: sqlite3.Connection) -> bool:
        """Overwrite what was removed, and remove files of namespaces that are gone; False where that failed.

        Args:
            connection: Not in a transaction.
        """
        paths = self._paths()
        if not paths:
            return True
        try:
            with space.waiting(connection, _PATIENCE), transaction(connection, "BEGIN IMMEDIATE"):
                done = [self._clean(connection, namespace, path) for namespace, path in paths.items()]
                return all(done)
        except sqlite3.OperationalError as error:
            logger.warning("Removed, but traces stay in files of near vectors, as another program writes (%s).", error)
            return False

    def _clean(self, connection: sqlite3.Connection, namespace: int, path: Path) -> bool:
        try:
            if growing(path).exists():
                # What a killed builder left; one that works has it take its place without what is removed.
                with contextlib.suppress(BlockingIOError), building(path):
                    discard(growing(path))
            if self._belongs(connection, namespace, path):
                overwrite_removed(connection, path, namespace)
            else:
                discard(path)
        except (OSError, UnusableFileError) as error:
            logger.warning("Removed, but traces stay in %s until it can be written (%s).", path.name, error)
            return False
        return True

    def _belongs(self, connection: sqlite3.Connection, namespace: int, path: Path) -> bool:
        """Whether a file is one of this store as it is now."""
        found, origin = revision_of(connection, namespace), origin_of(connection, namespace)
        try:
            file = ProximityFile(path)
        except (FileNotFoundError, UnusableFileError):
            return False
        # The store may be an older one that was put back: then it has what was removed here.
        return (
            found is not None
            and origin is not None
            and file.is_of(origin)
            and max(file.revision, file.erased) <= found[0]
        )

    def is_behind(self, connection: sqlite3.Connection) -> bool:
        """Whether a file may hold vectors of memories that are gone, or is of no use.

        Args:
            connection: Of a reader or writer.
        """
        for namespace, path in self._paths().items():
            try:
                if growing(path).exists() or not self._belongs(connection, namespace, path):
                    return True
                removed = removed_since(connection, namespace, ProximityFile(path).erased)
            except OSError:
                return True
            if removed is None or len(removed):
                return True
        return False

    def _paths(self) -> dict[int, Path]:
        """The files that are there, by the row id of their namespace."""
        beginning = f"{self._path.name}-near-"
        found = {}
        for path in self._path.parent.glob(f"{beginning}*"):
            number = path.name.removeprefix(beginning).removesuffix(".new")
            if number.isascii() and number.isdigit():
                found[int(number)] = path.with_name(f"{beginning}{number}")
        return found


class _Maker:
    """Has files made by a child, one at a time: for whoever waits, or shortly after a search missed one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock, self._turn = Lock(), Lock()
        self._owner = os.getpid()
        self._child: subprocess.Popen[bytes] | None = None
        self._timers: dict[int, threading.Timer] = {}
        self._not_before: dict[int, float] = {}
        self._is_open = True

    def _forget_parent(self) -> None:
        """Leave to the process that was forked what it does: neither its threads nor its child are ours."""
        if self._owner != os.getpid():
            self._owner, self._child, self._timers = os.getpid(), None, {}

    def ask(self, namespace: int) -> None:
        """Have a file made soon, unless that was asked for already."""
        with self._lock:
            self._forget_parent()
            if not self._is_open or namespace in self._timers:
                return
            wait = max(_DELAY, self._not_before.get(namespace, 0.0) - time.monotonic())
            timer = self._timers[namespace] = threading.Timer(wait, self._make_soon, (namespace,))
            timer.daemon = True
            timer.start()

    def _make_soon(self, namespace: int) -> None:
        try:
            self.make(namespace)
        except (ChildError, OSError) as error:
            with self._lock:
                self._not_before[namespace] = time.monotonic() + _RETRY
                if self._is_open and not isinstance(error, BlockingIOError):
                    logger.warning("A file of near vectors was not made, so all are compared: %s", error)
        with self._lock:
            self._timers.pop(namespace, None)

    def make(self, namespace: int) -> int:
        """Have a file made; vectors that were added.

        Raises:
            BlockingIOError: Another process does it, or this one is about to end.
            ChildError: No child can be started.
            OSError: It ended before it was done.
        """
        with self._turn:
            with self._lock:
                self._forget_parent()
                if not self._is_open:
                    raise BlockingIOError
                child = self._child = start_child(
                    "coda_graphmem.store.embedded.proximity_build",
                    _NEEDED,
                    (str(self._path.absolute()), str(namespace)),
                )
            assert child.stdin is not None
            assert child.stdout is not None
            with child.stdin, child.stdout:
                said = child.stdout.read()
            status = child.wait()
            with self._lock:
                self._child = None
            if status == BUSY:
                raise BlockingIOError
            if status != 0:
                raise OSError(f"the process that makes it ended with status {status}")
            return int(said)

    def close(self) -> None:
        """Make nothing more, and end what is being made."""
        with self._lock:
            self._forget_parent()
            self._is_open = False
            for timer in self._timers.values():
                timer.cancel()
            if self._child is not None:
                self._child.kill()
