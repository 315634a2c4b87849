"""Which memories a filter selects, kept as long as nothing has changed: one search after another asks for the same."""

import sqlite3
import threading
from collections import OrderedDict

import numpy as np

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded.catalog import Namespace, read_changes
from coda_graphmem.store.embedded.conditions import mentions
from coda_graphmem.store.embedded.rows import Conditions, filtered
from coda_graphmem.store.embedded.vector_index import RowIds

#: Bytes of row ids that are kept, those that were used least recently going first.
MAX_BYTES = 32 * 1024 * 1024

_Key = tuple[int, Conditions]


class Selections:
    """Row ids of live long-term memories by filter, whether they have ended or not. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._selecting = threading.Lock()
        """Held while a filter is asked anew, so that two searches at once do not both do that."""
        self._kept: OrderedDict[_Key, tuple[int, RowIds]] = OrderedDict()
        self._bytes = 0

    def of(self, connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter) -> RowIds | None:
        """What a filter selects, in order, as an array that cannot be changed; None where it selects all.

        Args:
            connection: In a transaction.
            namespace: The namespace.
            where: A filter that `is_searchable`.
        """
        conditions = filtered(namespace, where)
        if not conditions.sql:
            return None
        if where.where is not None and mentions(where.where, "expires_at"):
            # Recalls put off ends, and are no change of the namespace.
            return _select(connection, namespace, conditions)
        key, changes = (namespace.id, conditions), read_changes(connection, namespace)
        if (known := self._known(key, changes)) is not None:
            return known
        with self._selecting:
            if (known := self._known(key, changes)) is None:
                known = _select(connection, namespace, conditions)
                self._keep(key, changes, known)
            return known

    def known(self, connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter) -> RowIds | None:
        """What a filter selects, where that was asked for since the last change."""
        return self._known((namespace.id, filtered(namespace, where)), read_changes(connection, namespace))

    def _known(self, key: _Key, changes: int) -> RowIds | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[0] != changes:
                return None
            self._kept.move_to_end(key)
            return kept[1]

    def _keep(self, key: _Key, changes: int, ids: RowIds) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = (changes, ids)
            self._bytes += ids.nbytes - (0 if before is None else before[1].nbytes)
            while self._bytes > MAX_BYTES and len(self._kept) > 1:
                _, (_, last) = self._kept.popitem(last=False)
                self._bytes -= last.nbytes


def ended(connection: sqlite3.Connection, namespace: Namespace, now: float) -> RowIds:
    """Row ids of long-term memories that end at or before a time and are not removed yet, in order."""
    rows = connection.execute(
        "SELECT id FROM memories WHERE namespace_id = ? AND ends_at <= ? ORDER BY id", (namespace.id, now)
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def among(ids: RowIds, others: RowIds) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of some row ids are among others, which are in order."""
    if not len(others):
        return np.zeros(len(ids), dtype=bool)
    places = np.minimum(np.searchsorted(others, ids), len(others) - 1)
    return np.asarray(others[places] == ids)


def _select(connection: sqlite3.Connection, namespace: Namespace, conditions: Conditions) -> RowIds:
    # As one text: SQLite's driver takes much longer over rows.
    [listed] = connection.execute(
        f"SELECT group_concat(m.id) FROM memories AS m WHERE m.scope = ?{conditions.tail}",
        (namespace.scope, *conditions.parameters),
    ).fetchone()
    ids = np.sort(np.fromstring(listed or "", dtype=np.int64, sep=","))
    ids.flags.writeable = False
    return ids
