"""Keeps memories: adds, changes, removes, reads and counts them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import override

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.models import DeletionReceipt, Memory, MemoryFilter, MemoryStats, MemoryType, OnConflict, SortOrder
from coda_graphmem.store.codec import TRAITS, dump_memory, load_memory
from coda_graphmem.store.families import leaving_by_filter, leaving_with
from coda_graphmem.store.neo4j.connection import LEASES, Change, Row, Transaction, scope_of
from coda_graphmem.store.neo4j.database import Database, StorePart
from coda_graphmem.store.neo4j.item_rows import remove_all
from coda_graphmem.store.neo4j.reads import LiveCounts
from coda_graphmem.store.neo4j.removal import Choose, remove_with_families
from coda_graphmem.store.neo4j.rows import (
    complete,
    described,
    filter_parameters,
    filtered_by,
    lifetime_parameters,
    read_memories,
    unique,
    wants_live,
)
from coda_graphmem.store.neo4j.schema import other_property
from coda_graphmem.store.neo4j.settlement import settle_facts, slots_of
from coda_graphmem.store.neo4j.writes import (
    chain_conversations,
    create,
    free_keys,
    keep_versions,
    make_live,
    remove,
    replace_entities,
    set_vector,
)
from coda_graphmem.store.planning import (
    REINFORCED,
    InsertPlan,
    check_changes,
    check_version,
    end_of,
    keys_of,
    says_otherwise,
)
from coda_graphmem.store.protocol import NEVER, MemoryChanges, NewMemory, Outcome, Records, Saying, Stored
from coda_graphmem.store.sayings import changed, dump_sayings, load_sayings, what_is_left, whole
from coda_graphmem.threads import aside

#: What a call without a limit passes on: LIMIT takes no null.
_NO_LIMIT = 2**62

#: Memories beyond which an insert has a transaction of its own, so that small ones do not wait for it and it for none.
_MANY = 100


class Neo4jRecords(StorePart, Records):
    """Memories are nodes, which every write of their namespace changes one after the other.

    Args:
        reinforcement: How far repetitions move the importance of merged memories that are made anew, in [0, 1].
    """

    def __init__(self, database: Database, *, reinforcement: float) -> None:
        super().__init__(database)
        self._reinforcement = reinforcement
        self._counts = LiveCounts(database.connection)

    @override
    async def insert(
        self,
        namespace: str,
        rows: Sequence[NewMemory],
        *,
        reinforcement: float,
        model: str | None = None,
        on_conflict: OnConflict = "error",
    ) -> list[Stored]:
        await self._database.bind_to((row.embedding for row in rows), model)
        if not rows:
            return []
        await self._free_ids(namespace, rows)
        answer = await self._connection.write_together(
            namespace,
            self._insert,
            (rows, reinforcement, on_conflict),
            create=True,
            # What is to be changed must not be made by another call of the same transaction.
            alone=len(rows) > _MANY or on_conflict == "update",
        )
        # The receipt of a memory that was removed before the answer arrived has no name in it.
        return [
            Stored(memory_id or row.memory_id, Outcome(outcome))
            for row, (memory_id, outcome) in zip(rows, answer, strict=True)
        ]

    async def _insert(
        self, transaction: Transaction, calls: Sequence[tuple[Sequence[NewMemory], float, OnConflict]]
    ) -> list[Change | GraphMemoryError]:
        """Do several inserts, planned one after the other and written at once."""
        rows = [row for some, _, _ in calls for row in some]
        found = await transaction.run(
            "insert_lookup",
            memory_ids=unique([row.memory_id for row in rows]),
            dedup_keys=keys_of(rows),
            # What has ended holds no key any more, or what is said again would end with it.
            now=max(row.created_at for row in rows),
        )
        plan = InsertPlan(
            {row["memory"]["memory_id"]: load_memory(row["memory"]) for row in found if not row["by_key"]},
            {row["dedup_key"]: load_memory(row["memory"]) for row in found if row["by_key"]},
            {row["memory"]["memory_id"]: load_sayings(row["sayings"]) for row in found if row["by_key"]},
        )
        changes: list[Change | GraphMemoryError] = []
        for some, reinforcement, on_conflict in calls:
            try:
                self._database.check_vectors(transaction.locked, (row.embedding for row in some))
                answers = plan.add(some, reinforcement, on_conflict)
            except GraphMemoryError as error:
                changes.append(error)
            else:
                answer = [[stored.memory_id, stored.outcome.value] for stored in answers]
                live = sum(
                    one.outcome is Outcome.CREATED and row.lifetime == "long_term"
                    for one, row in zip(answers, some, strict=True)
                )
                revised = any(one.outcome is not Outcome.UNCHANGED for one in answers)
                changes.append(Change(answer, live_added=live, revised=revised))
        for memory_id, change in plan.changed.items():
            await self._change(transaction, memory_id, change)
        await create(transaction, plan.created)
        if plan.reinforced:
            mentioned = {row["memory"]["memory_id"]: row["entity_keys"] for row in found if row["by_key"]}
            rows_again = [_reinforced(plan, one, mentioned[one.memory_id]) for one in plan.reinforced]
            await transaction.run("set_properties", rows=rows_again)
            states = {row["memory"]["memory_id"] for row in found if row["states"]}
            again = [one.memory_id for one in plan.reinforced if one.memory_id in states]
            if again:
                await settle_facts(transaction, await slots_of(transaction, again), again)
        return changes

    @override
    async def update(self, namespace: str, memory_id: str, changes: MemoryChanges, *, model: str | None = None) -> bool:
        await self._database.bind_to([changes.embedding], model)

        async def work(transaction: Transaction) -> Change:
            return await self._change(transaction, memory_id, changes)

        return bool(await self._connection.write(namespace, work))

    async def _change(self, transaction: Transaction, memory_id: str, changes: MemoryChanges) -> Change:
        """Change a memory as `update` does; its answer is False where there is none."""
        self._database.check_vectors(transaction.locked, [changes.embedding])
        found = await transaction.run("lookup_memories", memory_ids=[memory_id])
        if not found:
            return Change(False, revised=False)
        [memory] = found
        check_changes(changes, memory["content"], json.loads(memory["metadata"]))
        check_version(changes, memory["version"])
        properties = await _changed_properties(transaction, memory, changes)
        await keep_versions(transaction, [memory_id], "updated", at=changes.updated_at, actor=changes.actor)
        await transaction.run("set_properties", rows=[{"memory_id": memory_id, "properties": properties}])
        if changes.embedding is not None:
            await set_vector(transaction, memory_id, changes.embedding)
        if changes.entities is not None:
            await replace_entities(transaction, memory_id, changes.entities, live=memory["live"])
        if changes.content is not None and changes.content != memory["content"]:
            await transaction.run("unlink_memory", memory_id=memory_id)
            await transaction.run("remove_passages", memory_id=memory_id)
        if says_otherwise(changes, memory["content"], json.loads(memory["metadata"])):
            await _say_anew(transaction, memory_id)
        return Change(True)

    @override
    async def archive(self, namespace: str, memory_ids: Sequence[str], at: float) -> int:
        async def work(transaction: Transaction) -> Change:
            rows = await transaction.run(
                "archive_memories",
                memory_ids=unique(memory_ids),
                at=at,
                consolidated_into=None,
                run_id=None,
                operation="archived",
                actor="caller",
            )
            live = [row for row in rows if row["live"]]
            await chain_conversations(transaction, live)
            return Change(len(rows), live_added=-len(live), revised=bool(rows))

        return int(await self._connection.write(namespace, work) or 0)

    @override
    async def unarchive(self, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
        # A short-term memory is one again until its time is over.
        async def work(transaction: Transaction) -> Change:
            found = {row["memory_id"]: row for row in await transaction.run("lookup_memories", memory_ids=ids)}
            memories = [found[key] for key in ids if key in found]
            memories = [row for row in memories if row["archived_at"] is not None and row["consolidated_into"] is None]
            changes = {"archived_at": None, "updated_at": at, "changed_at": at}
            if memories:
                await keep_versions(
                    transaction, [row["memory_id"] for row in memories], "unarchived", at=at, actor="caller"
                )
            short_term = [row for row in memories if row["expires_at"] is not None]
            long_term = [row for row in memories if row["expires_at"] is None]
            await make_live(transaction, short_term, {**changes, "scope": None})
            live = await make_live(transaction, long_term, {**changes, "scope": transaction.scope})
            return Change([row["memory_id"] for row in memories], live_added=live, revised=bool(memories))

        ids = unique(memory_ids)
        return list(await self._connection.write(namespace, work) or [])

    @override
    async def promote(self, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
        async def work(transaction: Transaction) -> Change:
            found = await transaction.run("lookup_memories", memory_ids=[memory_id])
            if not found:
                return Change(False, revised=False)
            if found[0]["expires_at"] is None:
                return Change(True, revised=False)
            scope = transaction.scope if found[0]["archived_at"] is None else None
            changes = {"expires_at": None, "scope": scope, "changed_at": at}
            await keep_versions(transaction, [memory_id], "promoted", at=at, actor="caller")
            promoted = [{**found[0], "dedup_key": dedup_key}]
            return Change(True, live_added=await make_live(transaction, promoted, changes))

        return bool(await self._connection.write(namespace, work))

    @override
    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        async def work(transaction: Transaction) -> Change:
            rows = [{"memory_id": key, "count": count} for key, count in sorted(counts.items())]
            await transaction.run("record_access", rows=rows, at=at)
            return Change(revised=False)

        if counts:
            await self._connection.write(namespace, work)

    @override
    async def delete(self, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
        async def work(transaction: Transaction) -> Change:
            return await self._remove(transaction, unique(memory_ids), lambda kin: leaving_with(kin, memory_ids))

        return _receipt(await self._connection.write(namespace, work))

    @override
    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        async def work(transaction: Transaction) -> Change:
            if where is None:
                rows = await transaction.run("all_ids")
                removed = await remove(transaction, [row["memory_id"] for row in rows])
                items = await remove_all(transaction)
                # Facts go as a whole.
                removed.slots, removed.standing = [], []
                answer = await removed.settle(transaction) | {"items": items}
                await transaction.run("delete_namespace", lock=LEASES)
                return Change(answer, live_added=-removed.live)
            # Short-term memories match also when expired.
            lifetime = lifetime_parameters(where)
            rows = await transaction.run("match_ids", **filter_parameters(where, now=NEVER), **lifetime)
            shared = await transaction.run("shared_memories", **filter_parameters(whole(where), now=NEVER), **lifetime)
            left = what_is_left({row["memory_id"]: load_sayings(row["sayings"]) for row in shared}, where)
            # What nobody says any more goes, and what somebody else says stays.
            found = [row["memory_id"] for row in rows] + [one for one, sayings in left.items() if not sayings]
            left = {one: sayings for one, sayings in left.items() if sayings}
            matching = [one for one in unique(found) if one not in left]
            talk = where.conversation_id
            return await self._remove(
                transaction, matching, lambda kin: leaving_by_filter(kin, matching, talk, left), left
            )

        return _receipt(await self._connection.write(namespace, work, alone=True))

    async def _remove(
        self,
        transaction: Transaction,
        memory_ids: Sequence[str],
        choose: Choose,
        left: Mapping[str, Sequence[Saying]] | None = None,
    ) -> Change:
        return await remove_with_families(
            transaction, memory_ids, choose, reinforcement=self._reinforcement, left=left or {}
        )

    @override
    async def expire(self, namespace: str | None, now: float) -> int:
        # Each namespace is cleaned in a transaction of its own, which may be tried again.
        ended: dict[str, int] = {}

        async def work(transaction: Transaction) -> Change:
            ids = [row["memory_id"] for row in await transaction.run("expired_ids", now=now)]
            ended[transaction.namespace] = len(ids)
            return await self._remove(transaction, ids, lambda kin: leaving_with(kin, ids))

        if namespace is None:
            await self._connection.drop_receipts()
            names = [row["name"] for row in await self._connection.read("namespaces_with_expired", now=now)]
        else:
            names = [namespace]
        for name in sorted(names):
            await self._connection.write(name, work, alone=True)
        return sum(ended.values())

    async def _free_ids(self, namespace: str, rows: Sequence[NewMemory]) -> None:
        """Remove memories that have ended and have an id that a new one is given."""
        named = [row.memory_id for row in rows if "memory_id" in row.explicit]
        now = max((row.created_at for row in rows), default=NEVER)
        found = await self.get(namespace, named) if named else []
        ids = [memory.memory_id for memory in found if memory.expires_at is not None and memory.expires_at <= now]

        async def work(transaction: Transaction) -> Change:
            return await self._remove(transaction, ids, lambda kin: leaving_with(kin, ids))

        if ids:
            await self._connection.write(namespace, work, alone=True)

    @override
    async def get(self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        ids = unique(memory_ids)
        rows = await self._connection.read(
            "get_memories", namespace=namespace, memory_ids=ids, with_embedding=with_embedding
        )
        found = {row["memory"]["memory_id"]: row for row in rows}
        return read_memories((found[memory_id] for memory_id in ids if memory_id in found), namespace)

    @override
    async def find(
        self,
        namespace: str,
        where: MemoryFilter,
        *,
        order: SortOrder = "newest",
        limit: int | None = None,
        offset: int = 0,
        now: float,
        with_embedding: bool = False,
    ) -> list[Memory]:
        rows = await self._connection.read(
            f"find_live_{order}" if wants_live(where) else f"find_{order}",
            namespace=namespace,
            scope=scope_of(namespace),
            limit=_NO_LIMIT if limit is None else limit,
            offset=offset,
            with_embedding=with_embedding,
            **filter_parameters(where, now=now),
            **lifetime_parameters(where),
        )
        return read_memories(rows, namespace)

    @override
    async def count(self, namespace: str, where: MemoryFilter, *, now: float) -> int:
        if where.is_default:
            [row] = await self._connection.read("ended_live", namespace=namespace, now=now)
            return await self.live_count(namespace) - int(row["memories"])
        [row] = await self._connection.read(
            "count_memories", namespace=namespace, **filter_parameters(where, now=now), **lifetime_parameters(where)
        )
        return int(row["memories"])

    @override
    async def live_count(self, namespace: str) -> int:
        return await self._counts.of(namespace)

    @override
    async def stats(self, namespace: str, *, now: float) -> MemoryStats:
        [row] = await self._connection.read("stats", namespace=namespace, scope=scope_of(namespace), now=now)
        return MemoryStats(
            total_memories=row["live"],
            memory_type_distribution={MemoryType(kind): number for kind, number in sorted(row["types"])},
            avg_importance_score=row["importance"] or 0.0,
            tags=dict(row["tags"]),
            short_term_memories=row["short_term"],
            archived_memories=row["archived"],
            total_entities=row["entities"],
            total_conversations=row["conversations"],
            total_mentions=row["mentions"],
            total_items=row["items"],
            oldest_timestamp=row["oldest"],
            newest_timestamp=row["newest"],
            most_accessed_memory_id=row["most_accessed"],
            # The server does not tell how much disk it uses.
            storage_bytes=None,
        )

    @override
    async def namespaces(self) -> list[str]:
        return sorted(row["name"] for row in complete(await self._connection.read("namespaces")))


def _reinforced(plan: InsertPlan, memory: Memory, entities: Sequence[str]) -> dict[str, Any]:
    kept = dump_memory(memory)
    properties = {
        **{name: kept[name] for name in (*REINFORCED, *TRAITS)},
        "tags": memory.tags or None,
        **filtered_by(vars(memory), memory.metadata, memory.tags, entities),
        "changed_at": memory.updated_at,
        "sayings": dump_sayings(plan.sayings_of(memory.memory_id)),
    }
    return {"memory_id": memory.memory_id, "properties": properties}


async def _changed_properties(transaction: Transaction, memory: Row, changes: MemoryChanges) -> dict[str, Any]:
    """What an update sets; ``memory`` is a row of a look-up."""
    content = memory["content"] if changes.content is None else changes.content
    metadata = json.loads(memory["metadata"]) if changes.metadata is None else changes.metadata
    properties = await aside(len(content), described, content, metadata)
    tags = (memory["tags"] or ()) if changes.tags is None else changes.tags
    mentioned = memory["entity_keys"] if changes.entities is None else [one.key for one in changes.entities]
    kind = memory["memory_type"] if changes.memory_type is None else changes.memory_type.value
    properties |= filtered_by({**memory, "memory_type": kind}, metadata, tags, mentioned)
    properties |= {"updated_at": changes.updated_at, "changed_at": changes.updated_at}
    if changes.tags is not None:
        properties["tags"] = list(changes.tags) or None
    if changes.expires_at is not None:
        is_short_term = memory["expires_at"] is not None
        properties["expires_at" if is_short_term else "ends_at"] = end_of(changes, is_short_term=is_short_term)
    if changes.importance_score is not None:
        properties["importance_score"] = changes.importance_score
    if changes.memory_type is not None:
        properties["memory_type"] = changes.memory_type.value
    if changes.content is not None or changes.memory_type is not None:
        keys = {memory["memory_id"]: changes.dedup_key}
        keys = await free_keys(transaction, keys) if memory["live"] else keys
        properties["dedup_key"] = keys[memory["memory_id"]]
    if content != memory["content"]:
        properties["sayings"] = dump_sayings(changed(load_sayings(memory["sayings"])))
    if changes.content is not None:
        properties[other_property(transaction.locked.vector_property)] = None
        if changes.embedding is None:
            properties[transaction.locked.vector_property] = None
    return properties


async def _say_anew(transaction: Transaction, memory_id: str) -> None:
    """Forget what a memory has said whose content or speaker is another now, and have it read again.

    A merged memory does not say any more what its originals say.
    """
    slots = await slots_of(transaction, [memory_id])
    if slots:
        await transaction.run("clear_statements", memory_ids=[memory_id])
    await transaction.run("change_words", memory_id=memory_id)
    await settle_facts(transaction, slots)


def _receipt(answer: dict[str, Any] | None) -> DeletionReceipt:
    return DeletionReceipt(**(answer or {}))
