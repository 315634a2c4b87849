"""The store's file: a pool of readers, one writer, and their threads.

Writes wait in a queue. Once SQLite's write lock is had, the writer takes all that wait, first come first, as one
transaction of many savepoints: each is kept whole or not at all, and one commit, which is what takes time, serves all.
"""

import asyncio
import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from coda_graphmem.errors import MemoryStorageError, NotInitializedError, VectorStoreError
from coda_graphmem.forks import leave_alone
from coda_graphmem.private_files import is_foreign_link, kind_of, make_file, make_folder
from coda_graphmem.store.embedded import schema
from coda_graphmem.store.embedded.faults import FIELD, UNDECODABLE, is_passing, translate
from coda_graphmem.store.embedded.forks import Gate, Session
from coda_graphmem.store.embedded.holds import beginning, hold, release
from coda_graphmem.store.embedded.readonly import ReadOnlyFile, is_for_reading_only
from coda_graphmem.threads import in_thread

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: Seconds a statement waits for another process's lock.
BUSY_TIMEOUT = 60.0

#: Seconds that counts of recalls wait for it: they are written later as well.
COUNTING = 5.0

#: Writes that share a transaction at most.
MOST_TOGETHER = 64

#: Seconds between two looks at the write lock that another process has, and milliseconds SQLite waits at each.
_PAUSE, _LOOK = 0.01, 100

#: Seconds that writes get which wait for another process when the store is closed.
_LAST_SECONDS = 2.0

#: Two, so that a long read holds up no search. More would only fight for the interpreter's lock, which SQLite's
#: driver gives up and takes back at every row: eight queries at once take half as long again on four.
_READERS = 2
_HEADER = b"SQLite format 3\0"


def beside(path: Path) -> tuple[Path, ...]:
    """A store's file, its log and the index of the log, whether they are there or not."""
    return tuple(path.with_name(path.name + ending) for ending in ("", "-wal", "-shm"))


@dataclass(frozen=True, eq=False, slots=True)
class _Write:
    """A write that somebody waits for."""

    work: Callable[[sqlite3.Connection], Any]
    after: Callable[[sqlite3.Connection], None] | None
    give_up_at: float
    """When it no longer waits for the lock of another process, by the monotonic clock."""
    alone: bool = False
    """Whether it gets a transaction of its own, as it failed together with others."""
    answer: Future[Any] = field(default_factory=Future)

    def settle(
        self, answer: Any = None, *, error: BaseException | None = None, cause: BaseException | None = None
    ) -> None:
        """Give the answer, or raise an error to whoever waits."""
        if error is None:
            self.answer.set_result(answer)
            return
        if error is not cause:
            error.__cause__ = cause
        if self.answer.running() or self.answer.set_running_or_notify_cancel():
            self.answer.set_exception(error)


@dataclass(frozen=True, slots=True)
class _Failed:
    """In place of the answer of a write that failed among others."""

    error: Exception


class _Opening(Session):
    """One opening of a file, with what waits to be written."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[_Write] = deque()
        self.ends_at = float("inf")
        """When writes are given up that wait for another process, by the monotonic clock."""
        self.read_only: ReadOnlyFile | None = None
        self.held: list[tuple[int, int] | None] = []
        """What `hold` gave for each of its connections."""


class Database:
    """Runs work in transactions on threads of its own, one connection per thread.

    All writes of a process go through one thread, so that they never compete for SQLite's write lock with
    one another; readers see the last commit of any process. Work that has begun runs to its end also where the task
    that asked for it was cancelled, so no transaction is ever left open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._guard = threading.Lock()
        self._session = _Opening()
        self._sessions: list[_Opening] = []
        """Openings of the file; one that was given up may still be closing when it is opened again."""
        self._readers: ThreadPoolExecutor | None = None
        self._writer: ThreadPoolExecutor | None = None
        self._gate = Gate(lambda: self._sessions, self._drop)

    @property
    def read_only(self) -> bool:
        """Whether the file can be read and not written, once it is open."""
        return self._session.read_only is not None

    async def open(self) -> None:
        """Create or migrate the file and start the threads; nothing where they run already."""
        if self._writer is not None:
            return
        self._begin_session()
        writer = self._pool(1, "graphmem-write")
        try:
            await asyncio.get_running_loop().run_in_executor(writer, self._gated, self._prepare)
        except asyncio.CancelledError:
            self._writer = writer
            self.abandon()
            raise
        except BaseException:
            self._writer = writer
            await self.close()
            raise
        self._writer = writer
        self._readers = self._pool(_READERS, "graphmem-read")

    def _begin_session(self) -> None:
        self._session = _Opening()
        self._sessions.append(self._session)

    def _pool(self, threads: int, name: str) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(threads, name, initializer=self._session.join, initargs=(self._local,))

    async def close(self) -> None:
        """Wait for work under way and close all connections; writes that wait for another process are given up soon.

        It is done also where nobody waits any longer.
        """
        await in_thread(self._ending())

    def abandon(self) -> None:
        """Close all connections once the work under way is done, and wait for neither: it may wait for others."""
        threading.Thread(target=self._ending(), name="graphmem-close", daemon=True).start()

    def _ending(self) -> Callable[[], None]:
        """Take threads and connections out of use; what waits for the threads and closes the connections."""
        session, self._session = self._session, _Opening()
        session.ends_at = time.monotonic() + _LAST_SECONDS
        pools, self._readers, self._writer = (self._readers, self._writer), None, None

        def end() -> None:
            for pool in pools:
                if pool is not None:
                    pool.shutdown(wait=True)
            self._disconnect(session)

        return end

    def _drop(self) -> None:
        """Close what a forked process has inherited; its threads are not there."""
        leave_alone((self._readers, self._writer))
        self._readers = self._writer = None
        for session in self._sessions:
            self._disconnect(session)

    def _disconnect(self, session: _Opening) -> None:
        self._sessions = [other for other in self._sessions if other is not session]
        while session.connections:
            session.connections.pop().close()
        while session.held:
            release(session.held.pop())
        if session.read_only is not None:
            session.read_only.close()

    def _gated(self, run: Callable[[], T]) -> T:
        with self._local.busy:
            return run()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a read transaction: all its statements see one state of the file."""
        return await self._submit(self._readers, lambda: self._read(work))

    async def write(
        self,
        work: Callable[[sqlite3.Connection], T],
        after: Callable[[sqlite3.Connection], None] | None = None,
        *,
        patience: float | None = None,
    ) -> T:
        """Run ``work`` in a write transaction, committed at its end or rolled back.

        Args:
            work: What to do. It runs again where what shared its transaction made that fail.
            after: Runs on the same thread once the commit is on disk.
            patience: Seconds to wait for the write lock of another process; `BUSY_TIMEOUT` by default.
        """
        self._refuse_read_only()
        write = _Write(work, after, time.monotonic() + (BUSY_TIMEOUT if patience is None else patience))
        session = self._session
        session.waiting.append(write)
        try:
            self._submitted(self._writer, lambda: self._serve(session))
        except NotInitializedError:
            session.waiting.remove(write)
            raise
        return await asyncio.wrap_future(write.answer)

    def _refuse_read_only(self) -> None:
        if self.read_only:
            raise MemoryStorageError(
                f"{self.path} cannot be written, only read, and was opened for that.",
                field=FIELD,
                remedy="Give this user the right to write the file and its folder, or work on a copy of them.",
            )

    def _serve(self, session: _Opening) -> None:
        """Do the writes that wait, those that come while the lock is waited for among them."""
        waiting = session.waiting
        while waiting:
            try:
                connection = self.connection()
                connection.execute(f"PRAGMA busy_timeout = {_LOOK}")
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                self._give_up(session, error)
                time.sleep(_PAUSE)
                continue
            self._commit(connection, session, _next(waiting))
            if not (waiting and waiting[0].alone):
                return

    def _give_up(self, session: _Opening, error: sqlite3.Error) -> None:
        """Let those writes fail that do not wait any longer."""
        now = time.monotonic()
        over = not is_passing(error) or now >= session.ends_at
        for _ in range(len(session.waiting)):
            write = session.waiting.popleft()
            if over or now >= write.give_up_at:
                write.settle(error=translate(error, self.path, writing=True), cause=error)
            else:
                session.waiting.append(write)

    def _commit(self, connection: sqlite3.Connection, session: _Opening, group: Sequence[_Write]) -> None:
        """Do writes in the transaction that was begun, and commit it."""
        outcomes: list[Any] = []
        try:
            for write in group:
                outcomes.append(write.work(connection) if len(group) == 1 else self._shielded(connection, write))
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if len(group) == 1:
                group[0].settle(error=self._ours(error), cause=error)
            else:
                # Whichever it was that failed, nobody else does with it.
                session.waiting.extendleft(replace(write, alone=True) for write in reversed(group))
            return
        for after in dict.fromkeys(write.after for write in group):
            if after is not None:
                after(connection)
        for write, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, _Failed):
                write.settle(error=self._ours(outcome.error), cause=outcome.error)
            else:
                write.settle(outcome)

    @staticmethod
    def _shielded(connection: sqlite3.Connection, write: _Write) -> Any:
        """The answer of a write among others; where it fails, it alone is undone."""
        connection.execute("SAVEPOINT write")
        try:
            answer = write.work(connection)
        except Exception as error:
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO write")
            answer = _Failed(error)
        connection.execute("RELEASE write")
        return answer

    def _ours(self, error: BaseException) -> BaseException:
        if isinstance(error, UnicodeDecodeError):  # See `_faults`.
            error = sqlite3.DatabaseError(UNDECODABLE)
        return translate(error, self.path, writing=True) if isinstance(error, sqlite3.Error) else error

    async def outside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on the writer's thread without a transaction, for what SQLite does only outside of one."""
        self._refuse_read_only()

        def run() -> T:
            with self._faults(writing=True):
                connection = self.connection()
                connection.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_TIMEOUT)}")
                return work(connection)

        return await self._submit(self._writer, run)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._faults(writing=False):
            connection = self.connection()
            with transaction(connection, "BEGIN"):
                return work(connection)

    async def _submit(self, pool: ThreadPoolExecutor | None, run: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._submitted(pool, run))

    def _submitted(self, pool: ThreadPoolExecutor | None, run: Callable[[], T]) -> Future[T]:
        if pool is None:
            raise NotInitializedError("The store is not open.", remedy="Call initialize() first.")
        try:
            return pool.submit(self._gated, run)
        except RuntimeError as error:
            raise NotInitializedError("The store is being closed.", remedy="Call initialize() again.") from error

    @contextlib.contextmanager
    def _faults(self, *, writing: bool) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, self.path, writing=writing) from error
        except UnicodeDecodeError:  # Of a name in a damaged schema, in a message that was to tell of it.
            raise translate(sqlite3.DatabaseError(UNDECODABLE), self.path, writing=writing) from None

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        session: _Opening = self._local.session
        with self._guard:
            if session.read_only is None and is_for_reading_only(self.path):
                session.read_only = ReadOnlyFile(self.path)
        session.held.append(hold(self.path))
        connection = sqlite3.connect(
            self.path if session.read_only is None else session.read_only.uri,
            uri=session.read_only is not None,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        session.connections.append(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -32000")
        # Damage is found when a page is read, not by what comes of it.
        connection.execute("PRAGMA cell_size_check = ON")
        schema.add_functions(connection)
        return connection

    def _prepare(self) -> None:
        self._look_before_touching()
        with self._faults(writing=False):
            connection = self.connection()
            schema.recognise(connection, self.path)
            if self.read_only:
                logger.warning(
                    "%s cannot be written: it is opened for reading, and recalls are not counted.", self.path
                )
                return
            _retry(lambda: _use_write_ahead_log(connection))
            schema.migrate(connection, self.path)

    def _look_before_touching(self) -> None:
        """Refuse what cannot be a store of ours before SQLite gets to write a byte."""
        try:
            make_folder(self.path.parent)
            for path in (self.path.parent, *beside(self.path)):
                if is_foreign_link(path):
                    raise VectorStoreError(
                        f"{path} is a link that somebody else made.",
                        field=FIELD,
                        remedy="Remove it, or choose another directory.",
                    )
                kind = None if path == self.path.parent else kind_of(path)
                if kind is not None:
                    raise VectorStoreError(
                        f"{path} is {kind}.", field=FIELD, remedy="Choose another vector_store.collection_name."
                    )
            if not is_for_reading_only(self.path):
                make_file(self.path)
            if beginning(self.path, len(_HEADER)) not in (None, b"", _HEADER):
                raise VectorStoreError(
                    f"{self.path} is no database; it was left as it is.",
                    field=FIELD,
                    remedy="Choose another directory or another vector_store.collection_name.",
                )
        except OSError as error:
            raise VectorStoreError(
                f"{self.path.parent} cannot be used: {error.strerror or type(error).__name__}.",
                field=FIELD,
                remedy="Name a directory that exists or can be made, and that this user may write to.",
            ) from error


def _next(waiting: deque[_Write]) -> list[_Write]:
    """The writes that are done together now, without those that nobody waits for any more."""
    group = [waiting.popleft()]
    while waiting and len(group) < MOST_TOGETHER and not (group[0].alone or waiting[0].alone):
        group.append(waiting.popleft())
    return [write for write in group if write.answer.running() or write.answer.set_running_or_notify_cancel()]


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """A transaction around a block: committed at its end, rolled back on any error."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise VectorStoreError(
            f"the file system does not support write-ahead logging (journal mode {mode!r}).",
            field=FIELD,
            remedy="Choose a directory on a local disk.",
        )


def _retry(step: Callable[[], None]) -> None:
    """Repeat a step that SQLite does not wait for by itself while another process does the same."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            return step()
        except sqlite3.OperationalError as error:
            if not is_passing(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
