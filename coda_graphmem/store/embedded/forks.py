"""What becomes of an open file when the process is forked: SQLite's connections must not be used in the child.

SQLite keeps account, in the memory of the process, of which locks it holds on a file. A child inherits the account and
not the locks, and everything it would open on the same file relied on them. So no process is forked while SQLite is at
work, as far as that can be waited for, and the child closes what it has inherited before it does anything else.
"""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable

from coda_graphmem.forks import leave_alone

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a fork waits for the work of SQLite to end."""


class Gate:
    """Counts work with a file, and lets none begin while the process is being forked. A context manager.

    Args:
        drop: Closes what the file is open with, in the child.
        inherited: What is left alone in the child where SQLite was at work when it was forked.
    """

    def __init__(self, drop: Callable[[], None], inherited: Callable[[], object]) -> None:
        self._drop = drop
        self._inherited = inherited
        self._changed = threading.Condition()
        self._working = 0
        self._is_shut = False
        _GATES.add(self)

    def __enter__(self) -> None:
        with self._changed:
            while self._is_shut:
                self._changed.wait()
            self._working += 1

    def __exit__(self, *exception: object) -> None:
        with self._changed:
            self._working -= 1
            self._changed.notify_all()

    def shut(self, until: float) -> None:
        """Let nothing begin, and wait for what is being done until then, by the monotonic clock."""
        with self._changed:
            self._is_shut = True
            while self._working and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def open(self) -> None:
        """Go on."""
        with self._changed:
            self._is_shut = False
            self._changed.notify_all()

    def inherit(self) -> None:
        """Begin anew in the child."""
        was_quiet = not self._working
        self._changed, self._working, self._is_shut = threading.Condition(), 0, False
        if was_quiet:
            self._drop()
        else:
            logger.warning("The process was forked while its store was at work; open the memory before or after that.")
            leave_alone(self._inherited())


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
