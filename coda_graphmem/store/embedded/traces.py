"""What removed memories leave behind in the file: on record until it is gone, and cleaned as soon as can be.

``secure_delete`` overwrites what is deleted, but not the copies that stay in the free part of a page when SQLite moves
rows between pages, and the full-text index keeps words until its parts are joined. Only writing the file anew leaves
those behind, and then the log that it was written by has to be cut to nothing, which waits for whoever reads an older
state. Every removal leaves a mark in its own transaction, so that whoever comes next knows of it, also after a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.models import Trace
from coda_graphmem.store.embedded import space
from coda_graphmem.store.embedded.catalog import read_meta, write_meta
from coda_graphmem.store.embedded.database import transaction
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase

logger = logging.getLogger(__name__)

LARGEST = 128_000_000
"""Bytes up to which a file is cleaned by itself; writers wait a second or so meanwhile. Above it, `Records.forget` and
`Health.compact` clean it."""

#: Bytes of the file that are written anew in a second, before it was ever measured.
_SPEED = 50_000_000
#: Seconds that a removal waits for the cleaning; what takes longer is done after it.
_AT_ONCE = 0.2
#: Seconds of cleaning that removals one after the other may take before they have to share; and the part of the time
#: that cleaning takes then, so that many removals stay quick.
_BURST, _SHARE = 2.0, 0.05
#: Milliseconds to wait for other programs: while somebody waits for a removal of some memories, and on closing.
_SHORTLY = 200

# Which removal was the last, and up to which one the file was written anew.
_MARK, _REWRITTEN = "traces", "traces_rewritten"
# Bytes that cleaning gave back since the store was last made small on purpose.
_FREED = "traces_freed"


def leave_mark(connection: sqlite3.Connection) -> None:
    """Put on record that there is something to clean; runs in the transaction that removes it."""
    write_meta(connection, **{_MARK: (read_meta(connection, _MARK) or 0) + 1})


class Traces:
    """Cleans the file after removals."""

    def __init__(self, database: IndexedDatabase) -> None:
        self._database = database
        self._budget = _BURST
        """Seconds that cleaning may take now, as of ``_counted``; below 0 it waits."""
        self._counted = time.monotonic()
        self._took = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def left(self, connection: sqlite3.Connection) -> list[Trace]:
        """Where traces are left, by the record."""
        found: list[Trace] = []
        mark = read_meta(connection, _MARK)
        if mark is not None:
            found.append("log" if read_meta(connection, _REWRITTEN) == mark else "file")
        if self._database.index.is_behind(connection):
            found.append("vectors")
        return found

    async def clean(self, *, wait: int | None = None) -> list[Trace]:
        """Clean the file and what lies outside of it, whatever it takes; where traces are left.

        Args:
            wait: Milliseconds to wait for other programs, each time; None for some seconds.
        """
        longest = space.CHECKPOINT_WAIT if wait is None else wait
        return await self._database.outside(lambda connection: self._clean(connection, longest, thorough=wait is None))

    async def make_small(self) -> tuple[int, int]:
        """Clean the file as `clean` does: its size before, with what removals gave back since the last time, and after.

        Bytes, the log included.
        """
        freed = await self._database.read(lambda connection: read_meta(connection, _FREED) or 0)
        before = space.size_on_disk(self._database.path) + freed
        await self.clean()
        if freed or before != space.size_on_disk(self._database.path):
            await self._database.write(lambda connection: write_meta(connection, **{_FREED: None}))
            await self._database.outside(lambda connection: space.cut_log(connection, 0))
        return before, space.size_on_disk(self._database.path)

    async def clean_soon(self) -> list[Trace]:
        """Clean the file now if that is quick, else shortly after; where traces are left all the same."""
        size = space.size_on_disk(self._database.path)
        if size > LARGEST:
            return ["file"]
        self._count()
        if self._budget > 0 and (self._took or size / _SPEED) <= _AT_ONCE:
            return await self.clean(wait=_SHORTLY)
        self._start_in(max(-self._budget / _SHARE, 0.1))
        return []

    async def retry(self) -> None:
        """Clean the file if anything is left and it is small enough; what keeps it from that is for `left` to tell."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with contextlib.suppress(GraphMemoryError):
            if await self._database.read(self.left) and space.size_on_disk(self._database.path) <= LARGEST:
                await self.clean(wait=_SHORTLY)

    def _count(self) -> None:
        now = time.monotonic()
        self._budget = min(_BURST, self._budget + _SHARE * (now - self._counted))
        self._counted = now

    def _start_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        # One of a loop that has ended never fires.
        if self._timer is None or self._timer.when() + 1.0 < loop.time():
            self._timer = loop.call_later(seconds, self._start)

    def _start(self) -> None:
        self._timer = None
        self._task = asyncio.get_running_loop().create_task(self.retry(), name="coda-graphmem-traces")

    def _clean(self, connection: sqlite3.Connection, wait: int, *, thorough: bool) -> list[Trace]:
        started, size = time.monotonic(), space.size_on_disk(self._database.path)
        mark = read_meta(connection, _MARK)
        found: list[Trace] = [] if self._database.index.clean(connection, thorough=thorough) else ["vectors"]
        try:
            if mark is None or read_meta(connection, _REWRITTEN) != mark:
                space.rewrite(connection, self._database.path, wait)
                if mark is not None:
                    with transaction(connection, "BEGIN IMMEDIATE"):
                        write_meta(connection, **{_REWRITTEN: mark})
        except sqlite3.Error as error:
            logger.warning("Removed, but traces stay in the file until it can be written anew (%s).", error)
            found.append("file")
        if not space.cut_log(connection, wait):
            logger.warning("The write-ahead log is in use elsewhere; what was removed leaves it once that is over.")
            found.append("log")
        if not {"file", "log"} & set(found) and mark is not None:
            with transaction(connection, "BEGIN IMMEDIATE"):
                # Whoever has removed something since left a later mark.
                if read_meta(connection, _MARK) == mark:
                    write_meta(connection, **{_MARK: None, _REWRITTEN: None})
                freed = size - space.size_on_disk(self._database.path)
                if freed > 0:
                    write_meta(connection, **{_FREED: (read_meta(connection, _FREED) or 0) + freed})
            space.cut_log(connection, 0)
        self._took = time.monotonic() - started
        # However long one took, the next does not wait for minutes.
        self._budget = max(self._budget - self._took, -1.0)
        return found
