"""Compares what a namespace holds with what indexes and counters say, and puts right what differs."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.neo4j.connection import Change, Connection, Row, Transaction
from coda_graphmem.store.neo4j.dialect import Dialect
from coda_graphmem.store.neo4j.faults import is_wrong_argument
from coda_graphmem.store.neo4j.lucene import plain, scope_query
from coda_graphmem.store.neo4j.reading import live_count
from coda_graphmem.store.neo4j.schema import (
    SEARCH_INDEXES,
    TEXT_INDEX,
    Meta,
    await_indexes,
    define_all,
    make_vector_index,
    missing_indexes,
    read_meta,
)
from coda_graphmem.store.neo4j.scope import scope_of
from coda_graphmem.store.protocol import Diagnosis, Repaired

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Memories or entities that one statement looks at.
_PAGE = 5_000
#: Memories without text that one transaction puts right.
_TEXTS_AT_ONCE = 500


async def diagnose(connection: Connection, namespace: str, *, now: float) -> Diagnosis:
    """See `UpkeepStore.diagnose`. Looks at a part of the namespace at a time; the server checks its files itself.

    Where an index is missing by which memories are counted, nothing but that is told.
    """
    missing = await missing_indexes(connection, await _meta(connection))
    recorded = await live_count(connection, namespace)
    if any(name not in SEARCH_INDEXES for name in missing):
        return Diagnosis(recorded, recorded, 0, 0, 0, 0, 0, 0, 0, offline_indexes=missing)
    memories = await _count(connection, "diagnose_memories", after=0, namespace=namespace, now=now)
    entities = await _count(connection, "diagnose_entities", after="", namespace=namespace)
    rows = await _text_rows(connection, namespace, missing)
    return Diagnosis(
        live=memories["live"],
        recorded_live=recorded,
        without_vector=memories["without_vector"],
        wrong_vectors=memories["wrong_vectors"],
        # A memory without the property is in the index by its scope, but not by its words.
        without_text=max(0, memories["live"] - rows) + (memories["without_text"] if rows else 0),
        orphan_entities=entities["orphans"],
        wrong_mention_counts=entities["miscounted"],
        isolated=memories["isolated"],
        expired=memories["expired"],
        offline_indexes=missing,
    )


async def _count(connection: Connection, name: str, *, after: Any, **parameters: Any) -> Counter[str]:
    """Sums of a statement that looks at a page after a position."""
    sums: Counter[str] = Counter()
    while after is not None:
        [row] = await connection.read(name, after=after, limit=_PAGE, **parameters)
        after = row["position"]
        sums.update(_numbers(row))
    return sums


def _numbers(row: Row) -> dict[str, int]:
    return {key: value for key, value in row.items() if key != "position"}


async def _text_rows(connection: Connection, namespace: str, missing: list[str]) -> int:
    """How many memories of a namespace the full-text index holds."""
    if TEXT_INDEX in missing:
        return 0
    [row] = await connection.read("count_text_rows", query=scope_query(scope_of(namespace)))
    return int(row["text_rows"])


async def repair(connection: Connection, dialect: Dialect, namespace: str, *, quantised: bool) -> Repaired:
    """See `UpkeepStore.repair`. Also makes indexes that are missing. Each transaction takes a part of the namespace."""
    text_rows = await _repair_indexes(connection, dialect, namespace, quantised=quantised)
    text_rows += await _repair_texts(connection, namespace)
    entities = await _repair_entities(connection, namespace)
    counters = entities["miscounted"] + await _repair_live_count(connection, namespace)
    vectors = await remove_wrong_vectors(connection, namespace)
    return Repaired(counters=counters, entities=entities["orphans"], text_rows=text_rows, vectors=vectors)


async def _repair_indexes(connection: Connection, dialect: Dialect, namespace: str, *, quantised: bool) -> int:
    """Make missing indexes; how many memories the full-text index gained by that."""
    meta = await _meta(connection)
    missing = await missing_indexes(connection, meta)
    if not missing:
        return 0
    await define_all(connection)
    if meta.dimension is not None:
        await make_vector_index(connection, dialect, meta.vector_property, meta.dimension, quantised=quantised)
    await await_indexes(connection)
    return await _text_rows(connection, namespace, []) if TEXT_INDEX in missing else 0


async def _repair_texts(connection: Connection, namespace: str) -> int:
    async def work(transaction: Transaction) -> Change:
        found = await transaction.run("memories_without_text", limit=_TEXTS_AT_ONCE)
        rows = [{"memory_id": row["memory_id"], "properties": {"search_text": plain(row["content"])}} for row in found]
        if rows:
            await transaction.run("set_properties", rows=rows)
        return Change(len(rows), revised=bool(rows))

    repaired = 0
    while done := int(await connection.write(namespace, work) or 0):
        repaired += done
    return repaired


async def _repair_entities(connection: Connection, namespace: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    after: str | None = ""
    while after is not None:

        async def work(transaction: Transaction, position: str = after) -> Change:
            [row] = await transaction.run("repair_entities", after=position, limit=_PAGE)
            return Change(dict(row), revised=any(_numbers(row).values()))

        row = await connection.write(namespace, work)
        if row is None:
            break
        sums.update(_numbers(row))
        after = row["position"]
    return sums


async def comparing(connection: Connection, namespace: str, search: Callable[[], Awaitable[T]]) -> T:
    """What a search finds. Vectors that cannot be compared with others do not keep it from finding the rest.

    To look at all numbers of all vectors takes much longer than a search, and nothing of this package writes such
    vectors. So they are removed once one of them has made a search fail.
    """
    try:
        return await search()
    except VectorStoreError as error:
        removed = await remove_wrong_vectors(connection, namespace) if is_wrong_argument(error.__cause__) else 0
        if not removed:
            raise
        logger.warning(
            "Removed %d vectors of namespace %r that are of another length than the model's or not finite. "
            "Make them anew with reembed().",
            removed,
            namespace,
        )
    return await search()


async def remove_wrong_vectors(connection: Connection, namespace: str) -> int:
    """Remove vectors of another length than the model's or with numbers that are not finite; how many."""
    removed, after = 0, 0

    async def work(transaction: Transaction) -> Change:
        locked = transaction.locked
        [row] = await transaction.run(
            "remove_wrong_vectors",
            after=after,
            limit=_PAGE,
            vector_property=locked.vector_property,
            dimension=locked.dimension,
        )
        return Change(dict(row), revised=row["removed"] > 0)

    while (row := await connection.write(namespace, work)) is not None and row["position"] is not None:
        removed, after = removed + row["removed"], row["position"]
    return removed


async def _repair_live_count(connection: Connection, namespace: str) -> int:
    async def work(transaction: Transaction) -> Change:
        [row] = await transaction.run("repair_live_count")
        wrong = row["recorded"] != row["live"]
        return Change(int(wrong), revised=wrong)

    return int(await connection.write(namespace, work) or 0)


async def _meta(connection: Connection) -> Meta:
    meta = await read_meta(connection)
    assert meta is not None
    return meta
