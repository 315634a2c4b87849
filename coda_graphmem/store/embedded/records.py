"""Memories of the file: adds, changes, removes, reads and counts them."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

from typing_extensions import override

from coda_graphmem.models import DeletionReceipt, Memory, MemoryFilter, MemoryStats, OnConflict, SortOrder
from coda_graphmem.store.codec import TRAITS, TYPES, dump_memory, dump_metadata, dump_tags, dump_traits, search_text
from coda_graphmem.store.embedded import checksums, item_rows, jobs, removal, space, writes
from coda_graphmem.store.embedded.catalog import Namespace, admit_vectors, find_namespace, make_namespace, within
from coda_graphmem.store.embedded.conditions import TAGS_PATH
from coda_graphmem.store.embedded.database import COUNTING
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.links import remove_links
from coda_graphmem.store.embedded.rows import (
    as_json,
    column,
    everything,
    load_by_id,
    load_by_key,
    load_memories,
    load_shared,
)
from coda_graphmem.store.embedded.settlement import clear_statements, keep_versions, settle_facts, slots_of
from coda_graphmem.store.embedded.traces import Traces, leave_mark
from coda_graphmem.store.families import leaving_by_filter, leaving_with
from coda_graphmem.store.planning import (
    REINFORCED,
    InsertPlan,
    check_changes,
    check_version,
    end_of,
    keys_of,
    says_otherwise,
)
from coda_graphmem.store.protocol import MemoryChanges, NewMemory, Records, Saying, Stored, Vector
from coda_graphmem.store.sayings import changed, dump_sayings, load_sayings, what_is_left, whole

_ORDERS: dict[SortOrder, str] = {
    "newest": "m.timestamp DESC, m.id DESC",
    "oldest": "m.timestamp, m.id",
    "weakest": "m.importance_score, coalesce(m.last_accessed, m.created_at), m.id",
}

_BY_ID = "m.namespace_id = ? AND m.memory_id IN (SELECT value FROM json_each(?))"

# The text of what is reinforced stays, and so does its row in the full-text index.
_REINFORCED = (*REINFORCED, *TRAITS)

_TYPES = """
    SELECT memory_type, count(*), sum(importance_score), min(timestamp), max(timestamp)
    FROM memories WHERE scope = :scope AND (ends_at IS NULL OR ends_at > :now) GROUP BY memory_type ORDER BY memory_type
"""

_MOST_ACCESSED = """
    SELECT memory_id FROM memories
    WHERE scope = :scope AND access_count > 0 AND (ends_at IS NULL OR ends_at > :now)
    ORDER BY access_count DESC, memory_id LIMIT 1
"""

_TAGS = """
    SELECT v.value, count(*) FROM memory_values AS v JOIN memories AS m ON m.id = v.memory
    WHERE v.namespace_id = :id AND v.path = :path AND m.scope IS NOT NULL AND (m.ends_at IS NULL OR m.ends_at > :now)
    GROUP BY v.value ORDER BY count(*) DESC, v.value LIMIT 100
"""

_COUNTS = """
    SELECT
        (SELECT count(*) FROM memories WHERE namespace_id = :id AND expires_at > :now AND archived_at IS NULL),
        (SELECT count(*) FROM memories WHERE namespace_id = :id AND archived_at IS NOT NULL
            AND (expires_at IS NULL OR expires_at > :now) AND (ends_at IS NULL OR ends_at > :now)),
        (SELECT count(*) FROM entities WHERE namespace_id = :id),
        (SELECT count(DISTINCT conversation_id) FROM memories WHERE namespace_id = :id
            AND conversation_id IS NOT NULL AND (expires_at IS NULL OR expires_at > :now)
            AND (ends_at IS NULL OR ends_at > :now)),
        (SELECT coalesce(sum(mention_count), 0) FROM entities WHERE namespace_id = :id),
        (SELECT count(*) FROM items WHERE namespace_id = :id AND (expires_at IS NULL OR expires_at > :now))
"""


_FREE_KEYS = """
    UPDATE memories SET dedup_key = NULL
    WHERE namespace_id = ? AND ends_at <= ? AND dedup_key IN (SELECT value FROM json_each(?))
"""

_ENDED_LIVE = "SELECT count(*) FROM memories WHERE namespace_id = ? AND ends_at <= ? AND +scope IS NOT NULL"

# Each half comes off its index, however many memories do not end.
_ENDED = """
    SELECT n.name, m.memory_id FROM memories AS m JOIN namespaces AS n ON n.id = m.namespace_id
    WHERE m.expires_at <= :now AND (:name IS NULL OR n.name = :name)
    UNION
    SELECT n.name, m.memory_id FROM namespaces AS n CROSS JOIN memories AS m ON m.namespace_id = n.id
    WHERE m.ends_at <= :now AND (:name IS NULL OR n.name = :name)
    LIMIT :limit
"""
#: Memories that are over and are removed at a time, so that others write in between and a stop keeps what was done.
_EXPIRED = 1_000

# Of a short-term memory the end is in another column, whose triggers follow what searches find.
_PUT_OFF = """
    UPDATE memories SET {0} = :at + refresh_seconds
    WHERE namespace_id = :namespace AND memory_id IN (SELECT value FROM json_each(:ids))
        AND {0} > :at AND {0} < :at + refresh_seconds
"""


class EmbeddedRecords(StorePart, Records):
    """Memories are rows, whose triggers keep the full-text index.

    Args:
        database: The file.
        traces: Cleans it after removals.
        reinforcement: How far repetitions move the importance of merged memories that are made anew, in [0, 1].
    """

    def __init__(self, database: IndexedDatabase, traces: Traces, *, reinforcement: float) -> None:
        super().__init__(database)
        self._traces = traces
        self._reinforcement = reinforcement

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
        def work(connection: sqlite3.Connection) -> list[Stored]:
            if not rows:
                return []
            owner = make_namespace(connection, namespace)
            now = max(row.created_at for row in rows)
            known = load_by_id(connection, owner, [row.memory_id for row in rows])
            if ended := [one for one, memory in known.items() if memory.has_ended(now)]:
                self._end(connection, owner, ended)
                known = load_by_id(connection, owner, [row.memory_id for row in rows])
            # What has ended holds no key any more, or what is said again would be lost with it.
            keys = keys_of(rows)
            connection.execute(_FREE_KEYS, (owner.id, now, as_json(keys)))
            holders = load_by_key(connection, owner, keys)
            shared = as_json([memory.memory_id for memory in holders.values()])
            plan = InsertPlan(known, holders, load_shared(connection, _BY_ID, (owner.id, shared)) if holders else {})
            answers = plan.add(rows, reinforcement, on_conflict)
            for memory_id, changes in plan.changed.items():
                self._change(connection, owner, memory_id, changes)
            writes.create(connection, self._index, owner, plan.created)
            connection.executemany(
                f"UPDATE memories SET {_assignments(_REINFORCED)}, sayings = :sayings "
                "WHERE namespace_id = :owner AND memory_id = :memory_id",
                [
                    {
                        "owner": owner.id,
                        "sayings": dump_sayings(plan.sayings_of(memory.memory_id)),
                        **dump_memory(memory),
                    }
                    for memory in plan.reinforced
                ],
            )
            if plan.reinforced:
                again = [memory.memory_id for memory in plan.reinforced]
                checksums.seal(connection, owner.id, again)
                said = column(connection, f"SELECT m.id FROM memories AS m WHERE {_BY_ID}", (owner.id, as_json(again)))
                if slots := slots_of(connection, owner, said):
                    settle_facts(connection, owner, slots, again)
            return answers

        return await self._database.write_vectors(work, (row.embedding for row in rows), model)

    @override
    async def update(self, namespace: str, memory_id: str, changes: MemoryChanges, *, model: str | None = None) -> bool:
        def work(connection: sqlite3.Connection, owner: Namespace) -> bool:
            return self._change(connection, owner, memory_id, changes)

        return await self._database.write_vectors(within(namespace, False, work), [changes.embedding], model)

    def _change(self, connection: sqlite3.Connection, owner: Namespace, memory_id: str, changes: MemoryChanges) -> bool:
        """Change a memory as `update` does; False where there is none."""
        found = connection.execute(
            "SELECT id, content, metadata, importance_score, timestamp, scope IS NOT NULL, dedup_key, sayings, "
            "version, expires_at "
            "FROM memories WHERE namespace_id = ? AND memory_id = ?",
            (owner.id, memory_id),
        ).fetchone()
        if found is None:
            return False
        # What stays as it is must not get a new checksum where it was damaged.
        checksums.check_kept(connection, owner.id, memory_id)
        row, content, kept, importance, timestamp, live, key, said, version, ends = found
        metadata = json.loads(kept)
        check_changes(changes, content, metadata)
        check_version(changes, version)
        keep_versions(connection, [row], "updated", at=changes.updated_at, actor=changes.actor)
        slots = None
        if says_otherwise(changes, content, metadata):
            slots = slots_of(connection, owner, [row])
            clear_statements(connection, [row])
            connection.execute("UPDATE memories SET to_read = 1, own_words = 1 WHERE id = ?", (row,))
        if changes.content is not None:
            if changes.content != content:
                remove_links(connection, [row])
                said = dump_sayings(changed(load_sayings(said)))
            content = changes.content
        if changes.content is not None or changes.memory_type is not None:
            key = writes.free_key(connection, owner, changes.dedup_key, row) if live else changes.dedup_key
        metadata = metadata if changes.metadata is None else changes.metadata
        if changes.importance_score is not None:
            importance = changes.importance_score
        values: dict[str, object] = {
            "importance_score": importance,
            "updated_at": changes.updated_at,
            "metadata": dump_metadata(metadata),
            **dump_traits(content, metadata),
            "dedup_key": key,
            "sayings": said,
        }
        values |= _given(changes, is_short_term=ends is not None)
        connection.execute(f"UPDATE memories SET {_assignments(values)} WHERE id = :row_id", {"row_id": row, **values})
        self._say(connection, owner, row, changes, live=live)
        if changes.entities is not None:
            gone = writes.remove_mentions(connection, [row])
            writes.add_mentions(connection, owner, [writes.Mentions(row, timestamp, bool(live), changes.entities)])
            writes.settle_entities(connection, gone)
        checksums.seal(connection, owner.id, [memory_id])
        if slots:
            settle_facts(connection, owner, slots)
        return True

    def _say(
        self, connection: sqlite3.Connection, owner: Namespace, row: int, changes: MemoryChanges, *, live: bool
    ) -> None:
        """Give a memory another content with its vector, where there is one."""
        if changes.content is not None:
            connection.execute(
                "UPDATE memories SET content = ?, search_text = ? WHERE id = ?",
                (changes.content, search_text(changes.content), row),
            )
            connection.execute("DELETE FROM staged_vectors WHERE memory = ?", (row,))
        if changes.embedding is not None:
            admit_vectors(connection, [changes.embedding])
            self._index.put(connection, owner, {row: changes.embedding}, [row] if live else [])
        elif changes.content is not None:
            self._index.remove(connection, owner, [row])

    @override
    async def delete(self, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
        def work(connection: sqlite3.Connection, owner: Namespace) -> DeletionReceipt:
            return self._end(connection, owner, memory_ids)

        receipt = await self._database.write_vectors(within(namespace, DeletionReceipt(), work))
        return receipt.model_copy(update={"pending": await self._traces.clean_soon()}) if receipt.memories else receipt

    def _end(self, connection: sqlite3.Connection, owner: Namespace, memory_ids: Sequence[str]) -> DeletionReceipt:
        rows = connection.execute(f"SELECT m.id FROM memories AS m WHERE {_BY_ID}", (owner.id, as_json(memory_ids)))
        chosen = [row[0] for row in rows.fetchall()]
        return self._remove(connection, owner, chosen, lambda kin: leaving_with(kin, memory_ids))

    def _remove(
        self,
        connection: sqlite3.Connection,
        owner: Namespace,
        rows: Sequence[int],
        choose: removal.Choose,
        left: Mapping[str, Sequence[Saying]] | None = None,
    ) -> DeletionReceipt:
        if rows or left:
            leave_mark(connection)
        return removal.remove(
            connection, self._index, owner, rows, choose, reinforcement=self._reinforcement, left=left or {}
        )

    @override
    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """Remove all memories that match, expired ones included, or with None the whole namespace.

        Afterwards neither the file nor its log holds a byte of what was removed. For that the file is written
        anew, which takes as long as copying it a few times.
        """

        def work(connection: sqlite3.Connection, owner: Namespace) -> DeletionReceipt:
            if where is None:
                rows = connection.execute("SELECT id, memory_id FROM memories WHERE namespace_id = ?", (owner.id,))
            else:
                meant = everything(owner, where, now=float("-inf"))
                rows = connection.execute(
                    f"SELECT m.id, m.memory_id FROM memories AS m WHERE {meant.sql}", meant.parameters
                )
            matching = {memory_id: row for row, memory_id in rows}
            if where is None:
                leave_mark(connection)
                receipt = writes.remove(connection, self._index, owner, list(matching.values())).settle(
                    connection, owner
                )
                receipt = receipt.model_copy(update={"items": item_rows.remove_all(connection, owner)})
            else:
                talk = where.conversation_id
                meant = everything(owner, whole(where), now=float("-inf"))
                left = what_is_left(load_shared(connection, meant.sql, meant.parameters), where)
                # What nobody says any more goes, and what somebody else says stays.
                empty = [one for one, sayings in left.items() if not sayings]
                ids = as_json(empty)
                rows = connection.execute(
                    f"SELECT m.id, m.memory_id FROM memories AS m WHERE {_BY_ID}", (owner.id, ids)
                )
                matching |= {memory_id: row for row, memory_id in rows}
                left = {one: sayings for one, sayings in left.items() if sayings}
                matching = {one: row for one, row in matching.items() if one not in left}
                receipt = self._remove(
                    connection,
                    owner,
                    list(matching.values()),
                    lambda kin: leaving_by_filter(kin, matching, talk, left),
                    left,
                )
            if where is None:
                for table in ("removed_vectors", "changed_memories", "settings", "retrieval_totals"):
                    connection.execute(f"DELETE FROM {table} WHERE namespace_id = ?", (owner.id,))
                connection.execute("DELETE FROM namespaces WHERE id = ?", (owner.id,))
            return receipt

        def with_runs(connection: sqlite3.Connection) -> DeletionReceipt:
            if where is None:
                jobs.forget_runs(connection, namespace)
            return within(namespace, DeletionReceipt(), work)(connection)

        receipt = await self._database.write_vectors(with_runs)
        return receipt.model_copy(update={"pending": await self._traces.clean()})

    @override
    async def archive(self, namespace: str, memory_ids: Sequence[str], at: float) -> int:
        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            found = connection.execute(
                f"SELECT m.id, m.scope IS NOT NULL FROM memories AS m WHERE {_BY_ID} AND m.archived_at IS NULL",
                (owner.id, as_json(memory_ids)),
            ).fetchall()
            rows = [row[0] for row in found]
            keep_versions(connection, rows, "archived", at=at, actor="caller")
            connection.execute(
                "UPDATE memories SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))", (at, as_json(rows))
            )
            writes.set_live(connection, self._index, owner, [row[0] for row in found if row[1]], live=False)
            return len(rows)

        return await self._database.write_vectors(within(namespace, 0, work))

    @override
    async def unarchive(self, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[str]:
            rows = connection.execute(
                f"SELECT m.id, m.memory_id FROM memories AS m WHERE {_BY_ID} "
                "AND m.archived_at IS NOT NULL AND m.consolidated_into IS NULL ORDER BY m.id",
                (owner.id, as_json(memory_ids)),
            ).fetchall()
            keep_versions(connection, [row[0] for row in rows], "unarchived", at=at, actor="caller")
            writes.revive(connection, self._index, owner, [row[0] for row in rows])
            connection.executemany("UPDATE memories SET updated_at = ? WHERE id = ?", [(at, row[0]) for row in rows])
            return [row[1] for row in rows]

        return await self._database.write_vectors(within(namespace, [], work))

    @override
    async def promote(self, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
        def work(connection: sqlite3.Connection, owner: Namespace) -> bool:
            found = connection.execute(
                "SELECT id, expires_at, archived_at FROM memories WHERE namespace_id = ? AND memory_id = ?",
                (owner.id, memory_id),
            ).fetchone()
            if found is None:
                return False
            row, expires_at, archived_at = found
            if expires_at is None:
                return True
            key = writes.free_key(connection, owner, dedup_key, row) if archived_at is None else dedup_key
            keep_versions(connection, [row], "promoted", at=at, actor="caller")
            connection.execute(
                "UPDATE memories SET expires_at = NULL, dedup_key = ?, promoted_at = ? WHERE id = ?", (key, at, row)
            )
            if archived_at is None:
                writes.set_live(connection, self._index, owner, [row], live=True)
            return True

        return await self._database.write_vectors(within(namespace, False, work))

    @override
    async def expire(self, namespace: str | None, now: float) -> int:
        def work(connection: sqlite3.Connection) -> int:
            by_namespace: dict[str, list[str]] = {}
            for name, memory_id in connection.execute(_ENDED, {"now": now, "name": namespace, "limit": _EXPIRED}):
                by_namespace.setdefault(name, []).append(memory_id)
            for name, ids in by_namespace.items():
                self._end(connection, make_namespace(connection, name), ids)
            return sum(map(len, by_namespace.values()))

        expired = 0
        while some := await self._database.write_vectors(work):
            expired += some
        if expired:
            await self._traces.clean_soon()
        else:
            await self._traces.retry()
        return expired

    @override
    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        def work(connection: sqlite3.Connection, owner: Namespace) -> None:
            connection.executemany(
                "UPDATE memories SET access_count = access_count + ?, last_accessed = ? "
                "WHERE namespace_id = ? AND memory_id = ?",
                [(count, at, owner.id, memory_id) for memory_id, count in counts.items()],
            )
            for end in ("ends_at", "expires_at"):
                values = {"at": at, "namespace": owner.id, "ids": as_json(list(counts))}
                connection.execute(_PUT_OFF.format(end), values)

        if counts and not self._database.read_only:
            await self._database.write(within(namespace, None, work), patience=COUNTING)

    @override
    async def get(self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        tail, ids = f"WHERE {_BY_ID}", as_json(memory_ids)
        found = await self._load(namespace, with_embedding, lambda owner: (tail, (owner.id, ids)))
        by_id = {memory.memory_id: memory for memory in found}
        return [by_id[memory_id] for memory_id in dict.fromkeys(memory_ids) if memory_id in by_id]

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
        def choose(owner: Namespace) -> tuple[str, Sequence[object]]:
            matching = everything(owner, where, now=now)
            tail = f"WHERE {matching.sql} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?"
            return tail, (*matching.parameters, -1 if limit is None else limit, offset)

        return await self._load(namespace, with_embedding, choose)

    async def _load(
        self, namespace: str, with_embedding: bool, choose: Callable[[Namespace], tuple[str, Sequence[object]]]
    ) -> list[Memory]:
        """Memories of a namespace; ``choose`` gives what follows ``SELECT … FROM memories AS m``, and its values."""

        def work(connection: sqlite3.Connection, owner: Namespace) -> list[Memory]:
            tail, parameters = choose(owner)
            vectors: Mapping[int, Vector] = {}
            if with_embedding:
                rows = connection.execute(f"SELECT m.id FROM memories AS m {tail}", parameters).fetchall()
                vectors = self._index.embeddings(connection, [row[0] for row in rows])
            return [memory for _, memory in load_memories(connection, owner, tail, parameters, vectors)]

        read = self._database.read_vectors if with_embedding else self._database.read
        return await read(within(namespace, [], work))

    @override
    async def count(self, namespace: str, where: MemoryFilter, *, now: float) -> int:
        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            if where.is_default:
                ended = connection.execute(_ENDED_LIVE, (owner.id, now)).fetchone()[0]
                return owner.live_count - int(ended)
            matching = everything(owner, where, now=now)
            row = connection.execute(f"SELECT count(*) FROM memories AS m WHERE {matching.sql}", matching.parameters)
            return int(row.fetchone()[0])

        return await self._database.read(within(namespace, 0, work))

    @override
    async def live_count(self, namespace: str) -> int:
        return await self._database.read(within(namespace, 0, lambda _, owner: owner.live_count))

    @override
    async def stats(self, namespace: str, *, now: float) -> MemoryStats:
        def work(connection: sqlite3.Connection) -> MemoryStats:
            owner = find_namespace(connection, namespace)
            # Nothing belongs to NULL.
            row_id, scope = (None, None) if owner is None else (owner.id, owner.scope)
            types = connection.execute(_TYPES, {"scope": scope, "now": now}).fetchall()
            most_accessed = connection.execute(_MOST_ACCESSED, {"scope": scope, "now": now}).fetchone()
            counts = connection.execute(_COUNTS, {"id": row_id, "now": now}).fetchone()
            total = sum(row[1] for row in types)
            return MemoryStats(
                total_memories=total,
                memory_type_distribution={TYPES[row[0]]: row[1] for row in types},
                avg_importance_score=sum(row[2] for row in types) / total if total else 0.0,
                tags=dict(connection.execute(_TAGS, {"id": row_id, "path": TAGS_PATH, "now": now}).fetchall()),
                short_term_memories=counts[0],
                archived_memories=counts[1],
                total_entities=counts[2],
                total_conversations=counts[3],
                total_mentions=counts[4],
                total_items=counts[5],
                oldest_timestamp=min((row[3] for row in types), default=None),
                newest_timestamp=max((row[4] for row in types), default=None),
                most_accessed_memory_id=None if most_accessed is None else most_accessed[0],
                storage_bytes=space.size_on_disk(self._database.path),
            )

        return await self._database.read(work)

    @override
    async def namespaces(self) -> list[str]:
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT name FROM namespaces AS n WHERE EXISTS (SELECT 1 FROM memories WHERE namespace_id = n.id) "
                "OR EXISTS (SELECT 1 FROM items WHERE namespace_id = n.id)"
            ).fetchall()
        )
        return sorted(row[0] for row in rows)


def _given(changes: MemoryChanges, *, is_short_term: bool) -> dict[str, object]:
    """Type, tags and end as columns have them, where they change."""
    values: dict[str, object] = {}
    if changes.memory_type is not None:
        values["memory_type"] = changes.memory_type.value
    if changes.tags is not None:
        values["tags"] = dump_tags(changes.tags)
    if changes.expires_at is not None:
        # Of a short-term memory it is another column.
        values["expires_at" if is_short_term else "ends_at"] = end_of(changes, is_short_term=is_short_term)
    return values


def _assignments(names: Iterable[str]) -> str:
    """What follows ``SET``: each column becomes the value of its name."""
    return ", ".join(f"{name} = :{name}" for name in names)
