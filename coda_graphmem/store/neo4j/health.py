"""Compares what a namespace holds with what indexes and counters say, and puts right what differs."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from coda_graphmem.facts.flaws import Flaws, find_flaws
from coda_graphmem.facts.timeline import Settled, sayings, settle
from coda_graphmem.store.neo4j.connection import Change, Row, Transaction, scope_of
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.item_rows import diagnose_items, remove_wrong_item_vectors
from coda_graphmem.store.neo4j.lucene import plain, scope_query
from coda_graphmem.store.neo4j.reads import live_count
from coda_graphmem.store.neo4j.rows import complete
from coda_graphmem.store.neo4j.schema import (
    SEARCH_INDEXES,
    TEXT_INDEX,
    await_indexes,
    define_all,
    existing_meta,
    missing_indexes,
)
from coda_graphmem.store.neo4j.settlement import Slot, read_fact, read_stated, settle_facts
from coda_graphmem.store.neo4j.vectors import remove_wrong_vectors
from coda_graphmem.store.protocol import Diagnosis, Health, Repaired

#: Memories or entities that one statement looks at.
_PAGE = 5_000
#: Subjects' attributes whose facts one transaction makes anew.
_SLOTS_AT_ONCE = 200
#: Memories without text that one transaction puts right.
_TEXTS_AT_ONCE = 500


class Neo4jHealth(StorePart, Health):
    """Looks at a part of a namespace at a time; the server checks its files itself."""

    @override
    async def diagnose(self, namespace: str, *, now: float) -> Diagnosis:
        missing = await missing_indexes(self._connection, await existing_meta(self._connection))
        recorded = await live_count(self._connection, namespace)
        # Where an index is missing by which memories are counted, nothing but that is told.
        if any(name not in SEARCH_INDEXES for name in missing):
            return Diagnosis(recorded, recorded, 0, 0, 0, 0, 0, 0, 0, offline_indexes=missing)
        memories = await self._count("diagnose_memories", after=0, namespace=namespace, now=now)
        entities = await self._count("diagnose_entities", after="", namespace=namespace)
        items = await diagnose_items(self._connection, namespace, now)
        rows = await self._text_rows(namespace, missing)
        flaws = await self._flaws(namespace)
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
            expired_items=items.expired,
            items_without_vectors=items.lacking,
            wrong_item_vectors=len(items.wrong),
            facts_without_sources=flaws.without_sources,
            overlapping_facts=flaws.overlapping,
            wrong_facts=flaws.wrong,
            offline_indexes=missing,
        )

    async def _flaws(self, namespace: str) -> Flaws:
        """What is wrong with facts, by reading all of them and all statements."""
        everything = {"namespace": namespace, "subject_key": None, "attribute": None}
        said = await self._connection.read("find_statements", beginning="", **everything)
        kept = await self._connection.read("find_facts", **everything)
        return await asyncio.to_thread(_compare, said, kept)

    async def _count(self, name: str, *, after: Any, **parameters: Any) -> Counter[str]:
        """Sums of a statement that looks at a page after a position."""
        sums: Counter[str] = Counter()
        while after is not None:
            [row] = await self._connection.read(name, after=after, limit=_PAGE, **parameters)
            after = row["position"]
            sums.update(_numbers(row))
        return sums

    async def _text_rows(self, namespace: str, missing: list[str]) -> int:
        """How many memories of a namespace the full-text index holds."""
        if TEXT_INDEX in missing:
            return 0
        [row] = await self._connection.read("count_text_rows", query=scope_query(scope_of(namespace)))
        return int(row["text_rows"])

    @override
    async def repair(self, namespace: str) -> Repaired:
        # Also makes indexes that are missing, which are those of all namespaces. Each transaction takes a part.
        text_rows = await self._repair_indexes(namespace) + await self._repair_texts(namespace)
        entities = await self._repair_entities(namespace)
        counters = entities["miscounted"] + await self._repair_live_count(namespace)
        vectors = await remove_wrong_vectors(self._connection, namespace)
        vectors += await remove_wrong_item_vectors(self._connection, namespace)
        facts = await self._repair_facts(namespace)
        return Repaired(
            counters=counters, entities=entities["orphans"], text_rows=text_rows, vectors=vectors, facts=facts
        )

    async def _repair_facts(self, namespace: str) -> int:
        """Make facts anew that are others than memories say; how many were."""
        flaws = await self._flaws(namespace)
        for start in range(0, len(flaws.slots), _SLOTS_AT_ONCE):
            slots = [Slot(*slot) for slot in flaws.slots[start : start + _SLOTS_AT_ONCE]]

            async def work(transaction: Transaction, some: Sequence[Slot] = slots) -> Change:
                return Change(await settle_facts(transaction, some))

            await self._connection.write(namespace, work)
        return flaws.wrong

    async def _repair_indexes(self, namespace: str) -> int:
        """Make missing indexes; how many memories the full-text index gained by that."""
        meta = await existing_meta(self._connection)
        missing = await missing_indexes(self._connection, meta)
        if not missing:
            return 0
        await define_all(self._connection)
        if meta.dimension is not None:
            await self._database.make_vector_index(meta.vector_property, meta.dimension)
        await await_indexes(self._connection)
        return await self._text_rows(namespace, []) if TEXT_INDEX in missing else 0

    async def _repair_texts(self, namespace: str) -> int:
        async def work(transaction: Transaction) -> Change:
            found = await transaction.run("memories_without_text", limit=_TEXTS_AT_ONCE)
            rows = [
                {"memory_id": row["memory_id"], "properties": {"search_text": plain(row["content"])}} for row in found
            ]
            if rows:
                await transaction.run("set_properties", rows=rows)
            return Change(len(rows), revised=bool(rows))

        repaired = 0
        while done := int(await self._connection.write(namespace, work) or 0):
            repaired += done
        return repaired

    async def _repair_entities(self, namespace: str) -> Counter[str]:
        sums: Counter[str] = Counter()
        after: str | None = ""
        while after is not None:

            async def work(transaction: Transaction, position: str = after) -> Change:
                [row] = await transaction.run("repair_entities", after=position, limit=_PAGE)
                return Change(dict(row), revised=any(_numbers(row).values()))

            row = await self._connection.write(namespace, work)
            if row is None:
                break
            sums.update(_numbers(row))
            after = row["position"]
        return sums

    async def _repair_live_count(self, namespace: str) -> int:
        async def work(transaction: Transaction) -> Change:
            [row] = await transaction.run("repair_live_count")
            wrong = row["recorded"] != row["live"]
            return Change(int(wrong), revised=wrong)

        return int(await self._connection.write(namespace, work) or 0)

    @override
    async def index_vectors(self, namespace: str) -> int:
        return 0  # The server's index follows every write.

    @override
    async def compact(self) -> tuple[int, int] | None:
        # The server uses freed space again by itself and does not tell its size.
        return None


def _compare(said: Sequence[Row], kept: Sequence[Row]) -> Flaws:
    made = settle(sayings(read_stated(row) for row in complete(said, "memory_id", "timestamp")))
    return find_flaws((Settled(read_fact(row), row["over_since"]) for row in kept), made)


def _numbers(row: Row) -> dict[str, int]:
    return {key: value for key, value in row.items() if key != "position"}
