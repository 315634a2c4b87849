"""What becomes of an open file when the process is forked: SQLite's connections must not be used in the child.

SQLite keeps account, in the memory of the process, of which locks it holds on a file. A child inherits the account and
not the locks, and everything it would open on the same file relied on them. So no process is forked while SQLite is at
work, as far as that can be waited for, and the child closes what it has inherited before it does anything else.
"""

import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Sequence

from coda_graphmem.forks import leave_alone

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a fork waits for the work of SQLite to end."""


class Session:
    """One opening of a file: its connections, and for each of its threads a lock that is held while it works."""

    def __init__(self) -> None:
        self.connections: list[sqlite3.Connection] = []
        self.locks: list[threading.Lock] = []
        self.starting = threading.Lock()
        """Held while a thread begins."""

    def join(self, local: threading.local) -> None:
        """Begin a thread of it; ``local`` is where the thread finds the session and its lock (``busy``)."""
        with self.starting:
            local.session, local.busy = self, threading.Lock()
            self.locks.append(local.busy)


class Gate:
    """Keeps a process from being forked while a file is worked with.

    Args:
        sessions: Openings of the file that are not closed yet.
        drop: Closes them, in the child.
    """

    def __init__(self, sessions: Callable[[], Sequence[Session]], drop: Callable[[], None]) -> None:
        self._sessions = sessions
        self._drop = drop
        self._held: list[threading.Lock] = []
        self._is_quiet = True
        _GATES.add(self)

    def shut(self, until: float) -> None:
        """Let nothing begin, and wait for what is being done until then, by the monotonic clock."""
        self._is_quiet = True
        for session in list(self._sessions()):
            self._hold(session.starting, until)
            for lock in list(session.locks):
                self._hold(lock, until)

    def _hold(self, lock: threading.Lock, until: float) -> None:
        if lock.acquire(timeout=max(until - time.monotonic(), 0.0)):
            self._held.append(lock)
        else:
            self._is_quiet = False

    def open(self) -> None:
        """Go on."""
        while self._held:
            self._held.pop().release()

    def inherit(self) -> None:
        """Close in the child what it has inherited, where it was at rest."""
        self._held = []
        if self._is_quiet:
            self._drop()
        else:
            logger.warning("The process was forked while its store was at work; open the memory before or after that.")
            leave_alone(self._sessions())


_GATES: "weakref.WeakSet[Gate]" = weakref.WeakSet()


def _before() -> None:
    until = time.monotonic() + PATIENCE
    for gate in list(_GATES):
        gate.shut(until)


def _in_parent() -> None:
    for gate in list(_GATES):
        gate.open()


def _in_child() -> None:
    for gate in list(_GATES):
        gate.inherit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
