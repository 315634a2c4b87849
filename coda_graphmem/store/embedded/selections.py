"""Which memories a filter selects, kept from one search to the next, as many ask for the same.

After a change only the memories it was of are looked at again.
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coda_graphmem.conditions import value_of
from coda_graphmem.models import MemoryFilter
from coda_graphmem.models.conditions import Comparison, Condition, Either, Every, Value, Without
from coda_graphmem.store.embedded.catalog import Namespace, read_changes
from coda_graphmem.store.embedded.conditions import Lookup, Parameter, condition_sql, listing_sql, mentions
from coda_graphmem.store.embedded.rows import Conditions, as_json, column, filtered, matching
from coda_graphmem.store.embedded.vector_index import RowIds

#: Bytes of row ids that are kept, those that were used least recently going first.
MAX_BYTES = 32 * 1024 * 1024

#: Changes of a namespace of which the file still knows the memories.
MAX_CHANGES = 1_000

_Key = tuple[int, Conditions]


class Selections:
    """Row ids by filter, whether memories have ended or not. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._selecting = threading.Lock()
        """Held while a filter is asked anew, so that two searches at once do not both do that."""
        self._kept: OrderedDict[_Key, tuple[int, RowIds]] = OrderedDict()
        self._bytes = 0

    def of(self, connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter) -> RowIds | None:
        """What a filter selects, in order, as an array that cannot be changed; None where it selects all.

        Of memories that are not live some may be among it: searches look at live ones alone.

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
            return _select(connection, namespace, where)
        key, changes = (namespace.id, conditions), read_changes(connection, namespace)
        if (known := self._known(key, changes)) is not None:
            return known
        with self._selecting:
            if (known := self._known(key, changes)) is None:
                known = self._followed(connection, namespace, where, key, changes)
                known = _select(connection, namespace, where) if known is None else known
                self._keep(key, changes, known)
            return known

    def _followed(
        self, connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter, key: _Key, changes: int
    ) -> RowIds | None:
        """What was selected before the last changes, brought up to date; None where that takes asking anew."""
        with self._lock:
            since, known = self._kept.get(key, (changes, None))
        if known is None or not 0 < changes - since <= MAX_CHANGES:
            return None
        if where.where is not None and mentions(where.where, "entities"):
            # Of what a memory mentions its own row knows nothing.
            return None
        return _follow(connection, namespace, where, known, since)

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


def _follow(
    connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter, known: RowIds, since: int
) -> RowIds:
    """What a filter selects now, by what it selected at an earlier change; the same array where that is the same."""
    rows = column(
        connection,
        "SELECT DISTINCT memory FROM changed_memories WHERE namespace_id = ? AND change > ? ORDER BY memory",
        (namespace.id, since),
    )
    changed = np.array(rows, dtype=np.int64)
    conditions = matching(namespace, where)
    found = column(
        connection,
        "SELECT m.id FROM json_each(?) AS wanted CROSS JOIN memories AS m ON m.id = wanted.value "
        f"WHERE +m.scope = ?{conditions.tail} ORDER BY m.id",
        (as_json(rows), namespace.scope, *conditions.parameters),
    )
    before = changed[among(changed, known)]
    if before.tolist() == found:
        return known
    kept = known[~among(known, before)]
    ids = np.union1d(kept, np.array(found, dtype=np.int64))
    ids.flags.writeable = False
    return ids


def _select(connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter) -> RowIds:
    selector = _Selector(connection, namespace)
    rest = filtered(namespace, where.model_copy(update={"where": None}))
    ids = selector.matching(rest) if rest.sql or where.where is None else None
    if where.where is not None:
        own = selector.ids(where.where)
        ids = own if ids is None else ids[among(ids, own)]
    assert ids is not None
    ids.flags.writeable = False
    return ids


class _Selector:
    """Asks each comparison alone, which is quicker than asking them of every memory, and joins the answers."""

    def __init__(self, connection: sqlite3.Connection, namespace: Namespace) -> None:
        self._connection = connection
        self._namespace = namespace

    def ids(self, condition: Condition) -> RowIds:
        """Row ids in order, each once; others than those of live memories may be among them."""
        match condition:
            case Every(conditions):
                return self._every(conditions)
            case Either(conditions):
                found = [self.ids(one) for one in conditions]
                return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))
            case Without():
                return self._every((condition,))
            case Comparison(field="metadata" | "tags", operator="exists", operands=(Value(value=0.0),)):
                return self._every((Without(replace(condition, operands=(value_of(True),))),))
            case Comparison(field="metadata" | "tags"):
                sql, values = listing_sql(condition, self._namespace.id)
                return self._listed(f"SELECT group_concat(memory) FROM ({sql})", values)
            case Comparison():
                return self.matching(Conditions(*condition_sql(condition, Lookup(self._namespace.id))))

    def matching(self, conditions: Conditions) -> RowIds:
        """Row ids of live memories that meet conditions."""
        sql = f"SELECT group_concat(m.id) FROM memories AS m WHERE m.scope = ?{conditions.tail}"
        return self._listed(sql, (self._namespace.scope, *conditions.parameters))

    def _every(self, conditions: Sequence[Condition]) -> RowIds:
        found = None
        # What is left out is taken from the others.
        for one in sorted(conditions, key=lambda one: isinstance(one, Without)):
            if isinstance(one, Without):
                found = self.matching(Conditions("", ())) if found is None else found
                found = found[~among(found, self.ids(one.condition))]
            else:
                ids = self.ids(one)
                found = ids if found is None else found[among(found, ids)]
        return self.matching(Conditions("", ())) if found is None else found

    def _listed(self, sql: str, parameters: Sequence[Parameter]) -> RowIds:
        # As one text: SQLite's driver takes much longer over rows.
        [listed] = self._connection.execute(sql, parameters).fetchone()
        return np.unique(np.fromstring(listed or "", dtype=np.int64, sep=","))
