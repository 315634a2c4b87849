"""Puts merged memories in the place of their originals, and takes that back."""

from collections.abc import Sequence

from typing_extensions import override

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MergeRecord
from coda_graphmem.store.neo4j.connection import Change, Row, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import complete, unique
from coda_graphmem.store.neo4j.settlement import settle_facts, slots_of
from coda_graphmem.store.neo4j.writes import bind_originals, chain_conversations, create, make_live, remove
from coda_graphmem.store.planning import Original, plan_merge, with_free_keys
from coda_graphmem.store.protocol import Merge, Merges, UndoneMerge


class Neo4jMerges(StorePart, Merges):
    """Originals stay as archived nodes, joined to what they were merged into."""

    @override
    async def merge(self, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float) -> list[bool]:
        # Each merge is a transaction of its own, so that other writes come in between.
        return [await self._merge(namespace, one, run_id, at) for one in merges]

    async def _merge(self, namespace: str, merge: Merge, run_id: str, at: float) -> bool:
        source_ids = merge.merged.source_ids

        async def work(transaction: Transaction) -> Change:
            rows = await transaction.run("lookup_memories", memory_ids=[*source_ids, merge.memory_id])
            found = {row["memory_id"]: row for row in rows}
            live = {key: _original(found[key]) for key in source_ids if key in found and found[key]["live"]}
            merged = plan_merge(merge, live, at)
            if merged is None:
                return Change(False, revised=False)
            if merge.memory_id in found:
                raise ValidationError(
                    f"a memory with the id {merge.memory_id!r} exists already.",
                    field="memory_id",
                    remedy="Give the merged memory an id of its own.",
                )
            slots = await slots_of(transaction, source_ids)
            places = await transaction.run(
                "archive_memories",
                memory_ids=source_ids,
                at=at,
                consolidated_into=merge.memory_id,
                run_id=run_id,
                operation=None,
                actor=None,
            )
            await chain_conversations(transaction, places)
            holders = await transaction.run("dedup_holders", dedup_keys=[merge.dedup_key]) if merge.dedup_key else []
            kept = with_free_keys([merged], {row["dedup_key"] for row in holders})
            await create(transaction, kept)
            await bind_originals(transaction, kept)
            await transaction.run(
                "copy_vector",
                memory_id=merge.memory_id,
                kept_id=merge.merged.kept_id,
                vector_property=transaction.locked.vector_property,
            )
            await settle_facts(transaction, slots, [*source_ids, merge.memory_id])
            return Change(True, live_added=1 - len(places))

        return bool(await self._connection.write(namespace, work))

    @override
    async def find_merges(self, namespace: str, *, run_id: str | None = None, limit: int = 1000) -> list[MergeRecord]:
        rows = await self._connection.read("merges", namespace=namespace, run_id=run_id, limit=limit)
        return [MergeRecord(**dict(row)) for row in complete(rows)]

    @override
    async def find_merges_with(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        rows = await self._connection.read("merges_with", namespace=namespace, memory_ids=unique(memory_ids))
        return [MergeRecord(**dict(row)) for row in complete(rows)]

    @override
    async def undo_merge(self, namespace: str, merged_id: str) -> UndoneMerge | None:
        async def work(transaction: Transaction) -> Change:
            merged = await transaction.run("lookup_memories", memory_ids=[merged_id])
            originals = await transaction.run("originals", merged_id=merged_id)
            if not merged or not originals or merged[0]["consolidated_into"] is not None:
                return Change(revised=False)
            # First, as it may have the deduplication key of an original.
            removed = await remove(transaction, [merged_id])
            changes = {
                "scope": transaction.scope,
                "archived_at": None,
                "consolidated_into": None,
                "consolidation_run": None,
            }
            live = await make_live(transaction, originals, changes)
            await removed.settle(transaction)
            return Change([row["memory_id"] for row in originals], live_added=live - removed.live)

        restored = await self._connection.write(namespace, work)
        return None if restored is None else UndoneMerge(removed_id=merged_id, restored_ids=list(restored))


def _original(row: Row) -> Original:
    return Original(**{name: row[name] for name in Original._fields})
