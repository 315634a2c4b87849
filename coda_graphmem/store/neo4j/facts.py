"""Keeps what memories say as statements, the facts these make together, and how memories were before."""

from collections.abc import Iterable, Sequence

from typing_extensions import override

from coda_graphmem.facts.outdated import Judged, Newer, by_newer
from coda_graphmem.facts.timeline import StatedMemory, by_time
from coda_graphmem.facts.values import owned_key
from coda_graphmem.models import NOBODYS, Fact, Memory, MemoryVersion, Outdated, Scope, Standing
from coda_graphmem.store.neo4j.connection import Change, Row, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import complete, read_memory, read_version, unique
from coda_graphmem.store.neo4j.settlement import (
    Slot,
    read_fact,
    read_stated,
    save_statements,
    settle_facts,
    slot_of,
    slots_of,
)
from coda_graphmem.store.neo4j.writes import keep_versions
from coda_graphmem.store.protocol import Facts, ReadMemory


class Neo4jFacts(StorePart, Facts):
    """Statements are relationships of memories to subjects, facts are nodes that are derived from them.

    Whether a memory is over is kept with it, so that reading memories costs what it did before.
    """

    @override
    async def unread(self, namespace: str | None, *, limit: int) -> list[Memory]:
        rows = await self._connection.read("unread_memories", namespace=namespace, limit=limit, with_embedding=False)
        found = (read_memory(row, row["namespace"]) for row in rows)
        return [memory for memory in found if memory is not None]

    @override
    async def save_statements(self, namespace: str, read: Sequence[ReadMemory]) -> list[str]:
        async def work(transaction: Transaction) -> Change:
            found = await transaction.run("texts_to_read", memory_ids=unique([one.memory_id for one in read]))
            present = {row["memory_id"]: row for row in found}
            said = {
                one.memory_id: one.statements
                for one in read
                if one.memory_id in present and present[one.memory_id]["content"] == one.content
            }
            if not said:
                return Change([], revised=False)
            before = [memory_id for memory_id in said if present[memory_id]["states"]]
            slots = {*await slots_of(transaction, before)}
            if before:
                await transaction.run("clear_statements", memory_ids=before)
            await save_statements(transaction, said)
            await transaction.run("set_unread", memory_ids=list(said), unread_in=None)
            slots |= {
                slot_of(one.subject_key, one.attribute, one.value_key)
                for statements in said.values()
                for one in statements
            }
            over = await settle_facts(transaction, slots)
            return Change(over, revised=bool(slots))

        return list(await self._connection.write(namespace, work) or []) if read else []

    @override
    async def find_statements(
        self, namespace: str, *, subject_key: str | None = None, attribute: str | None = None, scope: Scope = NOBODYS
    ) -> list[StatedMemory]:
        beginning = "" if scope.user_id is None else owned_key("", scope.user_id)
        if subject_key is not None and not subject_key.startswith(beginning):
            return []
        rows = await self._connection.read(
            "find_statements", namespace=namespace, subject_key=subject_key, attribute=attribute, beginning=beginning
        )
        found = [read_stated(row) for row in complete(rows, "memory_id", "timestamp")]
        if not scope or not found:
            return found
        ids = unique([one.memory_id for one in found])
        rows = await self._connection.read("within_scope", namespace=namespace, memory_ids=ids, **dict(scope))
        own = {row["memory_id"] for row in rows}
        return [one for one in found if one.memory_id in own]

    @override
    async def statements_beside(self, namespace: str, memory_ids: Sequence[str]) -> list[StatedMemory]:
        slots: set[Slot] = set()
        found: list[StatedMemory] = []
        wanted = unique(memory_ids)
        for _ in range(2):
            if not wanted:
                break
            rows = await self._connection.read("slots_of_memories", namespace=namespace, memory_ids=wanted)
            slots |= {Slot(row["subject_key"], row["attribute"]) for row in rows}
            said = await self._connection.read(
                "statements_of_slots", namespace=namespace, slots=[slot._asdict() for slot in sorted(slots)]
            )
            found = [read_stated(row) for row in complete(said, "memory_id", "timestamp")]
            wanted = unique([one.memory_id for one in found])
        return found

    @override
    async def find_facts(
        self, namespace: str, *, subject_key: str | None = None, attribute: str | None = None
    ) -> list[Fact]:
        rows = await self._connection.read(
            "find_facts", namespace=namespace, subject_key=subject_key, attribute=attribute
        )
        return _facts(rows)

    @override
    async def facts_beside(self, namespace: str, memory_ids: Sequence[str]) -> list[Fact]:
        rows = await self._connection.read("facts_beside", namespace=namespace, memory_ids=unique(memory_ids))
        return _facts(rows)

    @override
    async def subjects(self, namespace: str) -> list[tuple[str, str, int]]:
        rows = await self._connection.read("subjects", namespace=namespace)
        return [(row["key"], row["name"], row["facts"]) for row in complete(rows)]

    @override
    async def outdated(self, namespace: str, memory_ids: Sequence[str]) -> list[Outdated]:
        asked = unique(memory_ids)
        rows = await self._connection.read("judged_memories", namespace=namespace, memory_ids=asked) if asked else []
        found = [_outdated(row) for row in complete(rows, "memory_id")]
        wanted = set(asked)
        return [one for one in found if one is not None and {one.memory_id, one.superseded_by} & wanted]

    @override
    async def set_standing(
        self,
        namespace: str,
        memory_id: str,
        standing: Standing | None,
        *,
        at: float,
        superseded_by: str | None = None,
        actor: str,
        now: float,
    ) -> bool:
        async def work(transaction: Transaction) -> Change:
            if not await transaction.run("lookup_memories", memory_ids=[memory_id]):
                return Change(False, revised=False)
            await keep_versions(transaction, [memory_id], standing or "reinstated", at=now, actor=actor)
            await transaction.run(
                "set_standing",
                memory_id=memory_id,
                standing=standing,
                standing_at=None if standing is None else at,
                replaced_by=superseded_by,
            )
            if superseded_by is not None:
                await transaction.run("bind_replaced", memory_ids=[memory_id])
            await settle_facts(transaction, await slots_of(transaction, [memory_id]), [memory_id])
            return Change(True)

        return bool(await self._connection.write(namespace, work))

    @override
    async def versions(self, namespace: str, memory_id: str) -> list[MemoryVersion]:
        rows = await self._connection.read("find_versions", namespace=namespace, memory_id=memory_id)
        return [read_version(memory_id, row["version"]) for row in rows if row["version"]["content"] is not None]


def _outdated(row: Row) -> Outdated | None:
    if row["share"] is not None:
        return Outdated(**{name: row[name] for name in Outdated.model_fields})
    judged = Judged(row["standing"], row["standing_at"], None, row["last_said_at"])
    newer = [Newer(*pair) for pair in row["newer"] if None not in pair]
    return by_newer(row["memory_id"], judged, newer)


def _facts(rows: Iterable[Row]) -> list[Fact]:
    """Facts that are complete, by time: another transaction may be making them anew."""
    present = (row for row in rows if row["fact"]["known_from"] is not None and None not in row["memory_ids"])
    return by_time(read_fact(row) for row in present)
