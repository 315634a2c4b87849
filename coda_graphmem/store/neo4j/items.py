"""Items as nodes: written, read, found, removed when their time is over, and handed over to other stores."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from typing_extensions import override

from coda_graphmem.store.item_codec import item_id, load_value, path_of, path_text
from coda_graphmem.store.neo4j.connection import Change, Row, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.item_rows import read_fields, read_item, remove_items, write_item
from coda_graphmem.store.neo4j.rows import as_list
from coda_graphmem.store.neo4j.schema import existing_meta
from coda_graphmem.store.protocol import Vector, mismatch
from coda_graphmem.store.protocol.items import (
    Batch,
    Fits,
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

#: Items that one statement writes.
_WRITTEN_AT_ONCE = 500

#: Before everything that ends.
_ALWAYS = -1e300

#: Runs a statement of ``cypher/store`` in a namespace, inside of a transaction or by itself.
_Run = Callable[..., Awaitable[list[Row]]]


class Neo4jItems(StorePart, Items):
    """Items are nodes, each bound to that of its path and to those of its vectors, which are compared one by one."""

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
            answers = await self._read(namespace, reads, now)
            return Batch(answers, [])
        puts = [one for one in writes if isinstance(one, NewItem)]
        own = [vector for one in puts if one.embedder is None for vector in one.vectors]
        if own and model is not None:
            await self._database.bind(model, len(own[0]))
        # The receipt of a write is no place for what was read. It is from before the writes, as a transaction that is
        # tried again after it was committed does nothing.
        found: list[Any] = [None if isinstance(one, ItemLookup) else [] for one in reads]

        async def work(transaction: Transaction) -> Change:
            self._database.check_vectors(transaction.locked, own)
            found[:], put_off = await self._answer(transaction.run, reads, now)
            if put_off:
                await transaction.run("refresh_items", positions=put_off, now=now)
            existed = await _write(transaction, writes, now, transaction.locked.embedding_model)
            await transaction.run("count_item_writes")
            return Change(existed, revised=False)

        existed = await self._connection.write(namespace, work, create=bool(puts), alone=len(writes) > 1 or bool(reads))
        return Batch(found, [False] * len(writes) if existed is None else existed)

    async def _read(self, namespace: str, reads: Sequence[ItemRead], now: float) -> list[Any]:
        run = partial(self._connection.read, namespace=namespace)
        answers, put_off = await self._answer(run, reads, now)
        if put_off:

            async def work(transaction: Transaction) -> Change:
                # What has been written anew since has another position.
                await transaction.run("refresh_items", positions=put_off, now=now)
                return Change(revised=False)

            await self._connection.write(namespace, work)
        return answers

    async def _answer(self, run: _Run, reads: Sequence[ItemRead], now: float) -> tuple[list[Any], list[int]]:
        """Answers, and the positions of items whose end is put off."""
        answers: list[Any] = []
        put_off: list[int] = []

        def refreshed(item: StoredItem) -> StoredItem:
            if item.ttl is None:
                return item
            put_off.append(item.position)
            return replace(item, expires_at=max(item.expires_at or 0.0, now + item.ttl))

        ids = {item_id(one.path, one.key) for one in reads if isinstance(one, ItemLookup)}
        rows = await run("get_items", item_ids=sorted(ids), now=now) if ids else []
        items = {row["item_id"]: read_item(row) for row in rows}
        for read in reads:
            if isinstance(read, ItemLookup):
                item = items.get(item_id(read.path, read.key))
                answers.append(refreshed(item) if item is not None and read.refresh else item)
            elif isinstance(read, PathSearch):
                rows = await run("item_paths", prefix=path_text(read.prefix), now=now)
                answers.append([path_of(row["path"]) for row in rows])
            else:
                hits = await self._search(run, read, now)
                answers.append([Found(refreshed(one.item), one.score) for one in hits] if read.refresh else hits)
        return answers, put_off

    async def _search(self, run: _Run, search: ItemSearch, now: float) -> list[Found]:
        if search.vector is not None:
            return await self._nearest(run, search, now)
        under = {"prefix": path_text(search.prefix), "now": now}
        if search.fits is None:
            rows = await run("find_items", **under, offset=search.offset, limit=search.limit)
            return [Found(read_item(row), None) for row in rows]
        [row] = await run("item_values", **under)
        fitting = _fitting(row, search.fits)
        meant = fitting[search.offset : search.offset + search.limit]
        items = await self._at(run, meant)
        return [Found(items[position], None) for position in meant if position in items]

    async def _nearest(self, run: _Run, search: ItemSearch, now: float) -> list[Found]:
        assert search.vector is not None
        assert search.rank is not None
        own = search.model is None
        model = self._database.model if own else search.model
        if model is None:
            model = (await existing_meta(self._connection)).embedding_model
        [row] = await run(
            "item_similarities",
            prefix=path_text(search.prefix),
            now=now,
            model=model,
            own=own,
            vector=as_list(search.vector),
            dimension=len(search.vector),
            with_values=search.fits is not None,
        )
        if not row["positions"] and own:
            # There may be none as they are of another model by now.
            await self._database.check_model()
        if row["other"] is not None:
            raise mismatch(model, row["other"], model, len(search.vector))
        positions = np.asarray(row["positions"], dtype=np.int64)
        cosines = np.asarray(row["cosines"], dtype=np.float64)
        if search.fits is not None:
            meant = np.isin(positions, _fitting(row, search.fits))
            positions, cosines = positions[meant], cosines[meant]
        ranked = search.rank(positions, cosines)
        items = await self._at(run, [position for position, _ in ranked])
        return [Found(items[position], score) for position, score in ranked if position in items]

    @staticmethod
    async def _at(run: _Run, positions: Sequence[int]) -> dict[int, StoredItem]:
        """Items by their positions; one that was written meanwhile has another."""
        rows = await run("items_at", positions=positions) if positions else []
        return {row["position"]: read_item(row) for row in rows}

    @override
    async def expire(self, namespace: str | None, now: float) -> int:
        ended: dict[str, int] = {}

        async def work(transaction: Transaction) -> Change:
            ids = [row["item_id"] for row in await transaction.run("expired_item_ids", now=now)]
            ended[transaction.namespace] = await remove_items(transaction, ids)
            if ids:
                await transaction.run("count_item_writes")
            return Change(revised=False)

        if namespace is None:
            names = [row["name"] for row in await self._connection.read("namespaces_with_expired_items", now=now)]
        else:
            names = [namespace]
        for name in sorted(names):
            await self._connection.write(name, work, alone=True)
        return sum(ended.values())

    @override
    async def revision(self, namespace: str) -> int:
        rows = await self._connection.read("item_revision", namespace=namespace)
        return int(rows[0]["revision"]) if rows else 0

    @override
    async def export_items(self, namespace: str, *, after: int, limit: int) -> list[StoredItem]:
        rows = await self._connection.read("export_items", namespace=namespace, after=after, limit=limit)
        return [
            replace(read_item(row), vectors=tuple(np.asarray(one, dtype=np.float32) for one in row["vectors"]))
            for row in rows
        ]

    @override
    async def import_items(self, namespace: str, rows: Sequence[StoredItem]) -> int:
        own = [vector for row in rows if row.embedder is None for vector in row.vectors]
        await self._database.bind_to(own)

        async def work(transaction: Transaction) -> Change:
            self._database.check_vectors(transaction.locked, own)
            ids = {item_id(row.path, row.key): row for row in rows}
            # Also those whose time is over.
            known = {row["item_id"] for row in await transaction.run("get_items", item_ids=sorted(ids), now=_ALWAYS)}
            new = [row for one, row in ids.items() if one not in known]
            await _save(transaction, new, transaction.locked.embedding_model)
            if new:
                await transaction.run("count_item_writes")
            return Change(len(new), revised=False)

        return int(await self._connection.write(namespace, work, create=True, alone=True)) if rows else 0

    @override
    async def pending_items(self, model: str, limit: int) -> list[PendingItem]:
        rows = await self._connection.read("pending_items", model=model, limit=limit)
        return [
            PendingItem(row["namespace"], row["position"], load_value(row["value"]), read_fields(row["fields"]))
            for row in rows
        ]

    @override
    async def save_item_vectors(self, model: str, rows: Sequence[tuple[str, int, Sequence[Vector]]]) -> int:
        by_namespace: dict[str, list[dict[str, Any]]] = {}
        for namespace, position, vectors in rows:
            row = {"position": position, "embeddings": [as_list(one) for one in vectors]}
            by_namespace.setdefault(namespace, []).append(row)
        kept = 0
        for namespace in sorted(by_namespace):

            async def work(transaction: Transaction, mine: str = namespace) -> Change:
                [row] = await transaction.run("save_item_vectors", model=model, rows=by_namespace[mine])
                return Change(row["kept"], revised=False)

            kept += int(await self._connection.write(namespace, work) or 0)
        return kept


async def _write(transaction: Transaction, writes: Sequence[ItemWrite], now: float, model: str | None) -> list[bool]:
    """Do writes; of each whether the item was there before."""
    ids = [item_id(one.path, one.key) for one in writes]
    before = {row["item_id"]: row for row in await transaction.run("get_items", item_ids=sorted(set(ids)), now=now)}
    gone = [one for one, write in zip(ids, writes, strict=True) if isinstance(write, ItemRemoval)]
    await remove_items(transaction, gone)
    new = [
        StoredItem(
            **{name: getattr(write, name) for name in NewItem.__slots__},
            created_at=before[one]["created_at"] if one in before else now,
            updated_at=now,
            expires_at=None if write.ttl is None else now + write.ttl,
        )
        for one, write in zip(ids, writes, strict=True)
        if isinstance(write, NewItem)
    ]
    await _save(transaction, new, model)
    return [one in before for one in ids]


async def _save(transaction: Transaction, items: Sequence[StoredItem], model: str | None) -> None:
    """Write items, which get positions in their order."""
    for start in range(0, len(items), _WRITTEN_AT_ONCE):
        some = items[start : start + _WRITTEN_AT_ONCE]
        positions = transaction.number_memories(len(some))
        rows = [write_item(item, position, model) for item, position in zip(some, positions, strict=True)]
        await transaction.run("save_items", rows=sorted(rows, key=lambda row: str(row["item_id"])))


def _fitting(row: Row, fits: Fits) -> list[int]:
    """Positions of those items whose values are meant."""
    pairs = zip(row["positions"], row["values"], strict=True)
    return [position for position, value in pairs if fits(load_value(value))]
