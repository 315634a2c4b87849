"""Items of the file: written, read, found, removed when their time is over, and handed over to other stores."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from typing_extensions import override

from coda_graphmem.models.items import ItemPath
from coda_graphmem.store.embedded.catalog import (
    Namespace,
    admit_vectors,
    find_namespace,
    make_namespace,
    read_model,
)
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.item_rows import (
    COLUMNS,
    LACKING_VECTORS,
    add_vectors,
    insert_item,
    matrix_of,
    read_fields,
    read_item,
    with_vectors,
)
from coda_graphmem.store.embedded.rows import as_json
from coda_graphmem.store.embedded.traces import Traces, leave_mark
from coda_graphmem.store.item_codec import behind, load_value, path_of, path_text
from coda_graphmem.store.protocol import Vector
from coda_graphmem.store.protocol.items import (
    Batch,
    Found,
    ItemLookup,
    ItemRead,
    ItemRemoval,
    Items,
    ItemSearch,
    ItemWrite,
    NewItem,
    PathSearch,
    PendingItem,
    StoredItem,
)

#: The place of the value among them.
_VALUE = 3
_LASTING = "(i.expires_at IS NULL OR i.expires_at > :now)"
#: The items of a namespace whose path begins with a prefix.
_UNDER = "i.namespace_id = :namespace AND i.path >= :prefix AND (:behind IS NULL OR i.path < :behind)"

# All come off the index over times; where only a part is meant, the unary plus keeps it from being walked.
_NEWEST = f"""
    SELECT {COLUMNS} FROM items AS i INDEXED BY items_by_time
    WHERE i.namespace_id = :namespace AND {_LASTING} ORDER BY i.updated_at DESC, i.id DESC
"""
_NEWEST_UNDER = f"""
    SELECT {COLUMNS} FROM items AS i WHERE {_UNDER} AND {_LASTING} ORDER BY +i.updated_at DESC, i.id DESC
"""
_ONE = f"SELECT {COLUMNS} FROM items AS i WHERE i.namespace_id = :namespace AND i.path = :path AND i.key = :key"
_BY_ID = f"SELECT {COLUMNS} FROM items AS i WHERE i.id IN (SELECT value FROM json_each(?))"
_VECTORS = f"""
    SELECT i.id, v.data, CASE WHEN :values THEN i.value END FROM items AS i
    JOIN item_vectors AS v ON v.item = i.id AND v.model = :model
    WHERE {_UNDER} AND {_LASTING} AND i.embedder IS :embedder
"""
_PATHS = f"SELECT DISTINCT i.path FROM items AS i WHERE {_UNDER} AND {_LASTING}"
_PUT_OFF = """
    UPDATE items SET expires_at = :now + ttl
    WHERE id IN (SELECT value FROM json_each(:ids)) AND expires_at > :now AND expires_at < :now + ttl
"""


class EmbeddedItems(StorePart, Items):
    """Items are rows, and so are their vectors, which are compared one by one.

    Args:
        database: The file.
        traces: Cleans it after removals.
    """

    def __init__(self, database: IndexedDatabase, traces: Traces) -> None:
        super().__init__(database)
        self._traces = traces

    @override
    async def batch(
        self,
        namespace: str,
        reads: Sequence[ItemRead],
        writes: Sequence[ItemWrite],
        *,
        now: float,
        model: str | None = None,
    ) -> Batch:
        if not writes:
            answers, put_off = await self._database.read(
                lambda connection: self._answer(connection, namespace, reads, now)
            )
            if put_off and not self._database.read_only:
                # What has been written anew since has another id.
                await self._database.write(lambda connection: _put_off(connection, put_off, now))
            return Batch(answers, [])

        own = [vector for one in writes if isinstance(one, NewItem) and one.embedder is None for vector in one.vectors]

        def work(connection: sqlite3.Connection) -> tuple[Batch, int]:
            _admit(connection, own)
            answers, put_off = self._answer(connection, namespace, reads, now)
            _put_off(connection, put_off, now)
            existed, removed = _write(connection, namespace, writes, now, model)
            return Batch(answers, existed), removed

        done, removed = await self._database.write_vectors(work, own, model)
        if removed:
            await self._traces.clean_soon()
        return done

    def _answer(
        self, connection: sqlite3.Connection, namespace: str, reads: Sequence[ItemRead], now: float
    ) -> tuple[list[Any], list[int]]:
        """Answers, and the ids of items whose end is put off."""
        owner = find_namespace(connection, namespace)
        answers: list[Any] = []
        put_off: list[int] = []

        def refreshed(item: StoredItem) -> StoredItem:
            if item.ttl is None:
                return item
            put_off.append(item.position)
            return replace(item, expires_at=max(item.expires_at or 0.0, now + item.ttl))

        for read in reads:
            if owner is None:
                answers.append(None if isinstance(read, ItemLookup) else [])
            elif isinstance(read, ItemLookup):
                item = _look_up(connection, owner, read.path, read.key, now)
                answers.append(refreshed(item) if item is not None and read.refresh else item)
            elif isinstance(read, PathSearch):
                rows = connection.execute(_PATHS, _under(owner, read.prefix, now))
                answers.append([path_of(text) for (text,) in rows])
            else:
                hits = self._search(connection, owner, read, now)
                answers.append([Found(refreshed(one.item), one.score) for one in hits] if read.refresh else hits)
        return answers, put_off

    def _search(self, connection: sqlite3.Connection, owner: Namespace, search: ItemSearch, now: float) -> list[Found]:
        if search.vector is not None:
            return self._nearest(connection, owner, search, now)
        sql, values = _NEWEST_UNDER if search.prefix else _NEWEST, _under(owner, search.prefix, now)
        if search.fits is None:
            values |= {"limit": search.limit, "offset": search.offset}
            rows = connection.execute(f"{sql} LIMIT :limit OFFSET :offset", values)
            return [Found(read_item(row), None) for row in rows]
        fits = search.fits
        fitting = (row for row in connection.execute(sql, values) if fits(load_value(row[_VALUE])))
        return [Found(read_item(row), None) for row in islice(fitting, search.offset, search.offset + search.limit)]

    def _nearest(self, connection: sqlite3.Connection, owner: Namespace, search: ItemSearch, now: float) -> list[Found]:
        assert search.vector is not None
        assert search.rank is not None
        model = search.model
        if model is None:
            self._database.check_model(connection)
            model = read_model(connection).model
        values = _under(owner, search.prefix, now)
        values |= {"model": model, "embedder": search.model, "values": search.fits is not None}
        positions: list[int] = []
        data: list[bytes] = []
        for position, vector, value in connection.execute(_VECTORS, values):
            if search.fits is None or search.fits(load_value(value)):
                positions.append(position)
                data.append(vector)
        if not positions:
            return []
        cosines = matrix_of(data, len(search.vector), model) @ search.vector
        ranked = search.rank(np.asarray(positions, dtype=np.int64), cosines.astype(np.float64))
        items = {item.position: item for item in _items(connection, [position for position, _ in ranked])}
        return [Found(items[position], score) for position, score in ranked]

    @override
    async def expire(self, namespace: str | None, now: float) -> int:
        def work(connection: sqlite3.Connection) -> int:
            values = {"now": now, "name": namespace}
            over = (
                "i.expires_at <= :now "
                "AND (:name IS NULL OR i.namespace_id = (SELECT id FROM namespaces WHERE name = :name))"
            )
            connection.execute(
                "UPDATE namespaces SET item_changes = item_changes + 1 "
                f"WHERE id IN (SELECT i.namespace_id FROM items AS i WHERE {over})",
                values,
            )
            gone = connection.execute(f"DELETE FROM items AS i WHERE {over}", values).rowcount
            if gone:
                leave_mark(connection)
            return gone

        expired = await self._database.write(work)
        if expired:
            await self._traces.clean_soon()
        return expired

    @override
    async def revision(self, namespace: str) -> int:
        def work(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT item_changes FROM namespaces WHERE name = ?", (namespace,)).fetchone()
            return 0 if row is None else int(row[0])

        return await self._database.read(work)

    @override
    async def export_items(self, namespace: str, *, after: int, limit: int) -> list[StoredItem]:
        def work(connection: sqlite3.Connection) -> list[StoredItem]:
            owner = find_namespace(connection, namespace)
            if owner is None:
                return []
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM items AS i WHERE i.namespace_id = ? AND i.id > ? ORDER BY i.id LIMIT ?",
                (owner.id, after, limit),
            )
            own = read_model(connection).model
            return [with_vectors(connection, read_item(row), own) for row in rows.fetchall()]

        return await self._database.read(work)

    @override
    async def import_items(self, namespace: str, rows: Sequence[StoredItem]) -> int:
        own = [vector for row in rows if row.embedder is None for vector in row.vectors]

        def work(connection: sqlite3.Connection) -> int:
            _admit(connection, own)
            owner = make_namespace(connection, namespace)
            model = read_model(connection).model
            kept = 0
            for row in rows:
                place = {"namespace": owner.id, "path": path_text(row.path), "key": row.key}
                if connection.execute(_ONE, place).fetchone() is None:
                    times = {name: getattr(row, name) for name in ("created_at", "updated_at", "expires_at")}
                    insert_item(connection, owner, row, model=model, **times)
                    kept += 1
            if kept:
                _count(connection, owner)
            return kept

        return await self._database.write_vectors(work, own) if rows else 0

    @override
    async def pending_items(self, model: str, limit: int) -> list[PendingItem]:
        def work(connection: sqlite3.Connection) -> list[PendingItem]:
            rows = connection.execute(
                "SELECT n.name, i.id, i.value, i.fields FROM items AS i JOIN namespaces AS n ON n.id = i.namespace_id "
                f"WHERE {LACKING_VECTORS} ORDER BY i.id LIMIT :limit",
                {"model": model, "limit": limit},
            )
            return [PendingItem(name, row, load_value(value), read_fields(fields)) for name, row, value, fields in rows]

        return await self._database.read(work)

    @override
    async def save_item_vectors(self, model: str, rows: Sequence[tuple[str, int, Sequence[Vector]]]) -> int:
        def work(connection: sqlite3.Connection) -> int:
            kept = 0
            for _, position, vectors in rows:
                # That many are due: another release may have found more texts in it, and would wait for them.
                if connection.execute("UPDATE items SET texts = ? WHERE id = ?", (len(vectors), position)).rowcount:
                    add_vectors(connection, position, model, vectors)
                    kept += 1
            return kept

        return await self._database.write(work)


def _write(
    connection: sqlite3.Connection, namespace: str, writes: Sequence[ItemWrite], now: float, model: str | None
) -> tuple[list[bool], int]:
    """Do writes: of each whether the item was there before, and how many items are gone."""
    puts = any(isinstance(write, NewItem) for write in writes)
    owner = make_namespace(connection, namespace) if puts else find_namespace(connection, namespace)
    if owner is None:
        return [False] * len(writes), 0
    existed: list[bool] = []
    removed = 0
    for write in writes:
        before = _look_up(connection, owner, write.path, write.key, now)
        existed.append(before is not None)
        gone = connection.execute(
            "DELETE FROM items WHERE namespace_id = ? AND path = ? AND key = ?",
            (owner.id, path_text(write.path), write.key),
        ).rowcount
        if isinstance(write, ItemRemoval):
            removed += gone
            continue
        insert_item(
            connection,
            owner,
            write,
            created_at=now if before is None else before.created_at,
            updated_at=now,
            expires_at=None if write.ttl is None else now + write.ttl,
            model=model,
        )
    if removed:
        leave_mark(connection)
    _count(connection, owner)
    return existed, removed


def _admit(connection: sqlite3.Connection, own: Sequence[Vector]) -> None:
    """Refuse vectors that cannot be compared with the file's own.

    Raises:
        EmbeddingMismatchError: One is of another length.
    """
    if own:
        admit_vectors(connection, own)


def _under(owner: Namespace, prefix: ItemPath, now: float) -> dict[str, Any]:
    text = path_text(prefix)
    return {"namespace": owner.id, "prefix": text, "behind": behind(text), "now": now}


def _look_up(
    connection: sqlite3.Connection, owner: Namespace, path: ItemPath, key: str, now: float
) -> StoredItem | None:
    place = {"namespace": owner.id, "path": path_text(path), "key": key, "now": now}
    row = connection.execute(f"{_ONE} AND {_LASTING}", place).fetchone()
    return None if row is None else read_item(row)


def _items(connection: sqlite3.Connection, ids: Sequence[int]) -> list[StoredItem]:
    return [read_item(row) for row in connection.execute(_BY_ID, (as_json(ids),))]


def _put_off(connection: sqlite3.Connection, ids: Sequence[int], now: float) -> None:
    if ids:
        connection.execute(_PUT_OFF, {"ids": as_json(ids), "now": now})


def _count(connection: sqlite3.Connection, owner: Namespace) -> None:
    connection.execute("UPDATE namespaces SET item_changes = item_changes + 1 WHERE id = ?", (owner.id,))
