"""Compares what a namespace holds with what its counters and indexes say, and sets those right."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from typing_extensions import override

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.facts.flaws import Flaws
from coda_graphmem.store.embedded import checksums, schema, space
from coda_graphmem.store.embedded.catalog import Namespace, find_namespace, read_model, within
from coda_graphmem.store.embedded.faults import FIELD, is_damage, is_passing
from coda_graphmem.store.embedded.indexed_database import IndexedDatabase, StorePart
from coda_graphmem.store.embedded.item_rows import LACKING_VECTORS, remove_wrong_vectors, wrong_vectors
from coda_graphmem.store.embedded.proximity_file import UnusableFileError
from coda_graphmem.store.embedded.rows import column
from coda_graphmem.store.embedded.settlement import flaws_of, settle_facts
from coda_graphmem.store.embedded.traces import Traces
from coda_graphmem.store.protocol import Diagnosis, Health, Repaired
from coda_graphmem.threads import in_thread

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: Milliseconds that looking at the full-text index waits for other programs that write.
_PATIENCE = 1_000

#: Memories whose vectors are looked at in one transaction.
_VECTORS = 2_000

#: Lines of SQLite's own check that are told.
_LINES = 20

_MENTIONED = """
    (SELECT count(*) FROM mentions AS x JOIN memories AS m ON m.id = x.memory
     WHERE x.entity = e.id AND m.scope IS NOT NULL)
"""
_UNMENTIONED = "NOT EXISTS (SELECT 1 FROM mentions AS x WHERE x.entity = e.id)"

# FTS5 keeps one row of sizes for each text it has.
_NO_TEXT = "NOT EXISTS (SELECT 1 FROM memory_text_docsize AS d WHERE d.id = m.id)"

_COUNTS = f"""
    SELECT
        (SELECT count(*) FROM memories AS m WHERE m.scope = :scope),
        (SELECT live_count FROM namespaces WHERE id = :namespace),
        (SELECT count(*) FROM memories AS m WHERE m.scope = :scope AND {_NO_TEXT}),
        (SELECT count(*) FROM entities AS e WHERE e.namespace_id = :namespace AND {_UNMENTIONED}),
        (SELECT count(*) FROM entities AS e WHERE e.namespace_id = :namespace AND e.mention_count <> {_MENTIONED}),
        (SELECT count(*) FROM memories AS m WHERE m.scope = :scope AND m.conversation_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM mentions AS x WHERE x.memory = m.id)
            AND NOT EXISTS (SELECT 1 FROM memory_links AS l WHERE l.source = m.id)
            AND NOT EXISTS (SELECT 1 FROM memory_links AS l WHERE l.target = m.id)),
        (SELECT count(*) FROM memories AS m WHERE m.namespace_id = :namespace
            AND (m.expires_at <= :now OR m.ends_at <= :now)),
        (SELECT count(*) FROM items AS i WHERE i.namespace_id = :namespace AND i.expires_at <= :now),
        (SELECT count(*) FROM items AS i WHERE i.namespace_id = :namespace AND {LACKING_VECTORS}
            AND :model IS NOT NULL)
"""


_NEXT = "SELECT id FROM memories WHERE namespace_id = :namespace AND id > :after ORDER BY id LIMIT :limit"
_NEXT_LIVE = """
    SELECT id FROM memories INDEXED BY memories_by_arrival WHERE scope = :scope AND id > :after ORDER BY id LIMIT :limit
"""

#: What `_COUNTS` gives, as `Diagnosis` names it.
_COUNTED = (
    "live", "recorded_live", "without_text", "orphan_entities", "wrong_mention_counts", "isolated", "expired",
    "expired_items", "items_without_vectors",
)  # fmt: skip


class EmbeddedHealth(StorePart, Health):
    """Looks at the tables in one transaction, and at vectors some memories at a time.

    Args:
        database: The file.
        traces: Cleans it after removals.
    """

    def __init__(self, database: IndexedDatabase, traces: Traces) -> None:
        super().__init__(database)
        self._traces = traces

    @override
    async def diagnose(self, namespace: str, *, now: float) -> Diagnosis:
        def count(connection: sqlite3.Connection, owner: Namespace) -> dict[str, int]:
            values = {"scope": owner.scope, "namespace": owner.id, "now": now, "model": read_model(connection).model}
            return dict(zip(_COUNTED, connection.execute(_COUNTS, values).fetchone(), strict=True))

        offline, damage = await self._database.read(_check_file)
        # Writers wait while the full-text index checks itself.
        if not self._database.read_only:
            damage += await self._database.outside(_check_text_soon)
        counts = await self._database.read(within(namespace, dict.fromkeys(_COUNTED, 0), count))
        damage += await self._database.read(within(namespace, [], _check_memories))
        flaws = await self._database.read(within(namespace, Flaws(0, 0, 0, []), flaws_of))
        wrong_items = len(await self._database.read(within(namespace, list[int](), wrong_vectors)))
        missing = wrong = 0
        async for without, unlike in self._look(namespace, _NEXT_LIVE, self._index.check):
            missing, wrong = missing + without, wrong + unlike
        await self._traces.retry()
        state = await self._database.read(lambda connection: self._index.file_state(connection, namespace))
        return Diagnosis(
            vectors_to_index=state.behind if state is not None and state.is_far_behind else 0,
            without_vector=missing,
            wrong_vectors=wrong,
            wrong_item_vectors=wrong_items,
            facts_without_sources=flaws.without_sources,
            overlapping_facts=flaws.overlapping,
            wrong_facts=flaws.wrong,
            offline_indexes=offline,
            damage=damage,
            traces=await self._database.read(self._traces.left),
            **counts,
        )

    @override
    async def repair(self, namespace: str) -> Repaired:
        def work(connection: sqlite3.Connection, owner: Namespace) -> Repaired:
            values = {"namespace": owner.id, "scope": owner.scope}
            connection.execute(
                "UPDATE mentions SET live = m.scope IS NOT NULL, timestamp = m.timestamp FROM memories AS m "
                "WHERE m.id = mentions.memory AND m.namespace_id = :namespace "
                "AND (mentions.live <> (m.scope IS NOT NULL) OR mentions.timestamp <> m.timestamp)",
                values,
            )
            entities = connection.execute(
                f"DELETE FROM entities AS e WHERE e.namespace_id = :namespace AND {_UNMENTIONED}", values
            ).rowcount
            counters = connection.execute(
                f"UPDATE entities AS e SET mention_count = {_MENTIONED} "
                f"WHERE e.namespace_id = :namespace AND e.mention_count <> {_MENTIONED}",
                values,
            ).rowcount
            counters += connection.execute(
                "UPDATE namespaces AS n SET live_count = c.live "
                "FROM (SELECT count(*) AS live FROM memories WHERE scope = :scope) AS c "
                "WHERE n.id = :namespace AND n.live_count <> c.live",
                values,
            ).rowcount
            text_rows = connection.execute(
                "INSERT INTO memory_text (rowid, content, scope) "
                "SELECT m.id, coalesce(m.search_text, m.content), m.scope FROM memories AS m "
                f"WHERE m.namespace_id = :namespace AND {_NO_TEXT}",
                values,
            ).rowcount
            flaws = flaws_of(connection, owner)
            settle_facts(connection, owner, flaws.slots)
            checksums.seal(connection, owner.id)
            if _check_text(connection):
                connection.execute("INSERT INTO memory_text (memory_text) VALUES ('rebuild')")
                found = connection.execute("SELECT count(*) FROM memories WHERE namespace_id = :namespace", values)
                text_rows = found.fetchone()[0]
            if counters or entities or text_rows or flaws.wrong:
                connection.execute("UPDATE namespaces SET changes = changes + 1 WHERE id = :namespace", values)
            return Repaired(counters=counters, entities=entities, text_rows=text_rows, facts=flaws.wrong)

        vectors = 0
        async for ids in self._look(namespace, _NEXT, self._index.unusable):
            vectors += await self._remove_unusable(namespace, ids) if ids else 0
        vectors += await self._database.write(within(namespace, 0, remove_wrong_vectors))
        return replace(await self._database.write(within(namespace, Repaired(), work)), vectors=vectors)

    async def _remove_unusable(self, namespace: str, ids: Sequence[int]) -> int:
        """Remove those vectors of the memories that are of no use still."""

        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            return self._index.remove(connection, owner, self._index.unusable(connection, ids))

        return await self._database.write_vectors(within(namespace, 0, work))

    async def _look(
        self, namespace: str, sql: str, look: Callable[[sqlite3.Connection, Sequence[int]], T]
    ) -> AsyncIterator[T]:
        """What ``look`` says of memories in order of arrival, some at a time; nothing where there are no vectors.

        Args:
            namespace: Theirs.
            sql: Gives the row ids of the next ones.
            look: Asks for their vectors.
        """
        position = 0

        def work(connection: sqlite3.Connection, owner: Namespace) -> tuple[int, T] | None:
            if read_model(connection).dimension is None:
                return None
            values = {"namespace": owner.id, "scope": owner.scope, "after": position, "limit": _VECTORS}
            ids = column(connection, sql, values)
            return (ids[-1], look(connection, ids)) if ids else None

        while (found := await self._database.read_vectors(within(namespace, None, work))) is not None:
            position, said = found
            yield said

    @override
    async def index_vectors(self, namespace: str) -> int:
        owner = None
        if not self._database.read_only:
            owner = await self._database.read(lambda connection: find_namespace(connection, namespace))
        if owner is None:
            return 0
        found = owner
        try:
            return await in_thread(lambda: self._index.renew(found)) or 0
        except (OSError, RuntimeError, sqlite3.Error, UnusableFileError) as error:
            raise MemoryStorageError(
                f"the file of near vectors could not be made ({type(error).__name__}: {error}).",
                field=FIELD,
                remedy="Make room in the store's folder, and see that it can be written.",
            ) from error

    @override
    async def compact(self) -> tuple[int, int]:
        """Write the file anew, which takes as long as copying it a few times."""
        return await self._traces.make_small()


def _check_file(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Missing tables, indexes and triggers, and what SQLite finds wrong with the file; runs in a read transaction."""
    lines = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_LINES})")]
    return schema.missing_parts(connection), [line for line in lines if line != "ok"]


def _check_memories(connection: sqlite3.Connection, owner: Namespace) -> list[str]:
    """Which memories are others than were stored."""
    found = list(checksums.find_damaged(connection, owner.id))
    more = [f"{len(found) - _LINES:,} more memories are not as they were stored"] if len(found) > _LINES else []
    return [f"memory {memory_id} is not as it was stored" for memory_id in found[:_LINES]] + more


def _check_text_soon(connection: sqlite3.Connection) -> list[str]:
    """What `_check_text` says; nothing while another program keeps the write lock, as all else can be told."""
    try:
        with space.waiting(connection, _PATIENCE):
            return _check_text(connection)
    except sqlite3.OperationalError as error:
        if not is_passing(error):
            raise
        logger.warning("The full-text index was not checked, as another program writes (%s).", error)
        return []


def _check_text(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the full-text index; takes the write lock, as FTS5 checks itself in the way of a write."""
    try:
        connection.execute("INSERT INTO memory_text (memory_text, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [f"the full-text index disagrees with the memories ({error})"]
    return []
