"""Keeps what memories say as statements, the facts these make together, and how memories were before."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import override

from coda_graphmem.facts.outdated import Judged, Newer, by_newer
from coda_graphmem.facts.timeline import StatedMemory, by_time
from coda_graphmem.facts.values import owned_key
from coda_graphmem.models import NOBODYS, Fact, LinkKind, Memory, MemoryVersion, Outdated, Scope, Standing
from coda_graphmem.store.codec import TYPES, content_hash
from coda_graphmem.store.embedded.catalog import Namespace, find_namespace, within
from coda_graphmem.store.embedded.indexed_database import StorePart
from coda_graphmem.store.embedded.rows import as_json, column, load_memories
from coda_graphmem.store.embedded.settlement import (
    FACT_COLUMNS,
    Slot,
    clear_statements,
    keep_versions,
    load_fact,
    load_stated,
    save_statements,
    settle_facts,
    slots_of,
)
from coda_graphmem.store.protocol import Facts, ReadMemory

_BY_ID = "namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))"

# Memories that are over, by arrival: those of the ids, and those that one of the ids stands in the place of.
_OUTDATED = f"""
    WITH asked (id, memory_id) AS (
        SELECT id, memory_id FROM memories WHERE namespace_id = :namespace
            AND memory_id IN (SELECT value FROM json_each(:ids))
    ), found (id) AS (
        SELECT m.id FROM asked JOIN memories AS m ON m.id = asked.id WHERE m.over_share IS NOT NULL
        UNION
        SELECT m.id FROM asked JOIN memories AS m ON m.namespace_id = :namespace AND m.over_by = asked.memory_id
        UNION
        SELECT x.source FROM asked JOIN memory_links AS x
            ON x.source = asked.id AND x.kind = '{LinkKind.POSSIBLY_OUTDATED_BY.value}'
        UNION
        SELECT x.source FROM asked JOIN memory_links AS x
            ON x.target = asked.id AND x.kind = '{LinkKind.POSSIBLY_OUTDATED_BY.value}'
    )
    SELECT m.id, m.memory_id, m.standing, m.standing_at, m.last_said_at,
        m.over_share, m.over_since, m.over_by, m.over_known_from, m.over_reason
    FROM found JOIN memories AS m ON m.id = found.id ORDER BY m.id
"""

_NEWER = f"""
    SELECT x.source, t.memory_id, max(t.timestamp, coalesce(t.last_said_at, t.timestamp)) FROM json_each(?) AS wanted
    JOIN memory_links AS x ON x.source = wanted.value AND x.kind = '{LinkKind.POSSIBLY_OUTDATED_BY.value}'
    JOIN memories AS t ON t.id = x.target WHERE t.scope IS NOT NULL
"""

_UNREAD = "WHERE m.namespace_id = ? AND m.to_read IS NOT 0 ORDER BY m.id LIMIT ?"

_FACTS = f"""
    SELECT {FACT_COLUMNS} FROM facts AS f WHERE f.namespace_id = :namespace
        AND (:subject_key IS NULL OR f.subject_key = :subject_key) AND (:attribute IS NULL OR f.attribute = :attribute)
    ORDER BY f.subject_key, f.attribute, coalesce(f.valid_from, f.valid_until, f.known_from), f.known_from, f.value_key,
        f.fact_id
"""

_FACTS_BESIDE = f"""
    SELECT {FACT_COLUMNS} FROM (
        SELECT DISTINCT o.subject_key, o.attribute FROM json_each(:ids) AS wanted
        CROSS JOIN fact_sources AS o ON o.namespace_id = :namespace AND o.memory_id = wanted.value
    ) AS x CROSS JOIN facts AS f
        ON f.namespace_id = :namespace AND f.subject_key = x.subject_key AND f.attribute = x.attribute
"""

# Memories of a scope, archived ones too, and the originals that were merged into them: these say what they say. The
# unary plus leaves the namespace to the indexes of owners, which begin with the scope of a row.
_OF_SCOPE = """
    WITH RECURSIVE own (id, memory_id) AS (
        SELECT m.id, m.memory_id FROM memories AS m WHERE m.scope = :scope AND +m.namespace_id = :namespace AND {0}
        UNION
        SELECT m.id, m.memory_id FROM memories AS m WHERE m.scope IS NULL AND +m.namespace_id = :namespace AND {0}
        UNION
        SELECT o.id, o.memory_id FROM own
        JOIN memories AS o ON o.namespace_id = :namespace AND o.consolidated_into = own.memory_id
    )
    SELECT id FROM own
"""

_OWN = """
    SELECT m.memory_id FROM memories AS m WHERE m.namespace_id = :namespace
        AND m.memory_id IN (SELECT value FROM json_each(:ids)) AND {}
"""

_SUBJECTS = """
    SELECT subject_key, subject, count(*) OVER (PARTITION BY subject_key) AS facts,
        row_number() OVER (PARTITION BY subject_key ORDER BY known_from, fact_id) AS place
    FROM facts WHERE namespace_id = ?
"""

_VERSIONS = """
    SELECT v.memory, v.version, v.operation, v.at, v.actor, coalesce(v.content, m.content),
        coalesce(v.memory_type, m.memory_type), coalesce(v.metadata, m.metadata),
        coalesce(v.importance_score, m.importance_score)
    FROM versions AS v JOIN memories AS m ON m.id = v.memory
    WHERE v.memory IN (SELECT value FROM json_each(:rows))
    UNION ALL
    SELECT m.id, m.version, 'created', m.created_at, 'caller', m.content, m.memory_type, m.metadata, m.importance_score
    FROM memories AS m WHERE m.id IN (SELECT value FROM json_each(:rows))
        AND NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.memory = m.id)
    ORDER BY 1, 2
"""


class EmbeddedFacts(StorePart, Facts):
    """Whether a memory is over is kept in its row, so that reading memories costs what it did before."""

    @override
    async def unread(self, namespace: str | None, *, limit: int) -> list[Memory]:
        def work(connection: sqlite3.Connection) -> list[Memory]:
            found: list[Memory] = []
            names = [namespace] if namespace is not None else _namespaces(connection)
            for name in names:
                owner = find_namespace(connection, name)
                if owner is not None and len(found) < limit:
                    some = load_memories(connection, owner, _UNREAD, (owner.id, limit - len(found)))
                    found += [memory for _, memory in some]
            return found

        return await self._database.read(work)

    @override
    async def save_statements(self, namespace: str, read: Sequence[ReadMemory]) -> list[str]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[str]:
            found = connection.execute(
                f"SELECT id, memory_id, content FROM memories WHERE {_BY_ID}",
                (owner.id, as_json([one.memory_id for one in read])),
            )
            present = {memory_id: (row, content) for row, memory_id, content in found}
            said = {
                present[one.memory_id][0]: one.statements
                for one in read
                if present.get(one.memory_id, (0, None))[1] == one.content
            }
            rows = list(said)
            slots = slots_of(connection, owner, rows)
            slots |= {(one.subject_key, one.attribute) for statements in said.values() for one in statements}
            clear_statements(connection, rows)
            save_statements(connection, owner, said)
            connection.execute(
                "UPDATE memories SET to_read = 0 WHERE id IN (SELECT value FROM json_each(?))", (as_json(rows),)
            )
            return settle_facts(connection, owner, slots)

        return await self._database.write(within(namespace, [], work)) if read else []

    @override
    async def find_statements(
        self, namespace: str, *, subject_key: str | None = None, attribute: str | None = None, scope: Scope = NOBODYS
    ) -> list[StatedMemory]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[StatedMemory]:
            values: dict[str, Any] = {"namespace": owner.id, "subject_key": subject_key, "attribute": attribute}
            if scope.user_id is not None:
                values["beginning"] = owned_key("", scope.user_id)
            elif scope:
                ids = {"namespace": owner.id, "scope": owner.scope, **dict(scope)}
                values["rows"] = as_json(column(connection, _OF_SCOPE.format(_within(scope)), ids))
            found = load_stated(connection, values)
            if not scope or not found:
                return found
            told = {**dict(scope), "namespace": owner.id, "ids": as_json([one.memory_id for one in found])}
            own = set(column(connection, _OWN.format(_within(scope)), told))
            return [one for one in found if one.memory_id in own]

        return await self._database.read(within(namespace, [], work))

    @override
    async def statements_beside(self, namespace: str, memory_ids: Sequence[str]) -> list[StatedMemory]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[StatedMemory]:
            slots: set[Slot] = set()
            found: list[StatedMemory] = []
            wanted = memory_ids
            for _ in range(2):
                rows = column(connection, f"SELECT id FROM memories WHERE {_BY_ID}", (owner.id, as_json(wanted)))
                slots |= slots_of(connection, owner, rows)
                if not slots:
                    return []
                found = load_stated(connection, {"namespace": owner.id, "slots": json.dumps(sorted(slots))})
                wanted = [one.memory_id for one in found]
            return found

        return await self._database.read(within(namespace, [], work))

    @override
    async def find_facts(
        self, namespace: str, *, subject_key: str | None = None, attribute: str | None = None
    ) -> list[Fact]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[Fact]:
            values = {"namespace": owner.id, "subject_key": subject_key, "attribute": attribute}
            return by_time(load_fact(row).fact for row in connection.execute(_FACTS, values))

        return await self._database.read(within(namespace, [], work))

    @override
    async def facts_beside(self, namespace: str, memory_ids: Sequence[str]) -> list[Fact]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[Fact]:
            values = {"namespace": owner.id, "ids": as_json(memory_ids)}
            return by_time(load_fact(row).fact for row in connection.execute(_FACTS_BESIDE, values))

        return await self._database.read(within(namespace, [], work))

    @override
    async def subjects(self, namespace: str) -> list[tuple[str, str, int]]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[tuple[str, str, int]]:
            rows = connection.execute(_SUBJECTS, (owner.id,))
            named = [(key, name, facts) for key, name, facts, place in rows if place == 1]
            return sorted(named, key=lambda one: (-one[2], one[0]))

        return await self._database.read(within(namespace, [], work))

    @override
    async def outdated(self, namespace: str, memory_ids: Sequence[str]) -> list[Outdated]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[Outdated]:
            values = {"namespace": owner.id, "ids": as_json(memory_ids)}
            rows = connection.execute(_OUTDATED, values).fetchall()
            if not rows:
                return []
            newer: dict[int, list[Newer]] = {}
            open_rows = as_json([row[0] for row in rows if row[5] is None])
            for source, memory_id, timestamp in connection.execute(_NEWER, (open_rows,)):
                newer.setdefault(source, []).append(Newer(memory_id, timestamp))
            return [one for row in rows if (one := _outdated(row, newer.get(row[0], []))) is not None]

        if not memory_ids:
            return []
        nothing: list[Outdated] = []
        found = await self._database.read(within(namespace, nothing, work))
        wanted = set(memory_ids)
        return [one for one in found if {one.memory_id, one.superseded_by} & wanted]

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
        def work(connection: sqlite3.Connection, owner: Namespace) -> bool:
            rows = connection.execute(
                f"SELECT id FROM memories WHERE {_BY_ID}", (owner.id, as_json([memory_id]))
            ).fetchall()
            if not rows:
                return False
            [(row,)] = rows
            keep_versions(connection, [row], standing or "reinstated", at=now, actor=actor)
            connection.execute(
                "UPDATE memories SET standing = ?, standing_at = ?, replaced_by = ? WHERE id = ?",
                (standing, None if standing is None else at, superseded_by, row),
            )
            settle_facts(connection, owner, slots_of(connection, owner, [row]), [memory_id])
            return True

        return await self._database.write(within(namespace, False, work))

    @override
    async def versions(self, namespace: str, memory_id: str) -> list[MemoryVersion]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[MemoryVersion]:
            found = connection.execute(
                f"SELECT id FROM memories WHERE {_BY_ID}", (owner.id, as_json([memory_id]))
            ).fetchall()
            named = {row: memory_id for (row,) in found}
            return versions_of(connection, named).get(memory_id, [])

        return await self._database.read(within(namespace, [], work))


def _within(scope: Scope) -> str:
    """What holds for the memories of a scope."""
    return " AND ".join(f"m.{name} = :{name}" for name in scope.ids)


def _namespaces(connection: sqlite3.Connection) -> list[str]:
    return sorted(row[0] for row in connection.execute("SELECT name FROM namespaces"))


def versions_of(connection: sqlite3.Connection, named: Mapping[int, str]) -> dict[str, list[MemoryVersion]]:
    """The versions of memories by id, the present one last, given the ids by row id."""
    found: dict[str, list[MemoryVersion]] = {}
    for row, *values in connection.execute(_VERSIONS, {"rows": as_json(list(named))}):
        found.setdefault(named[row], []).append(_version(named[row], values))
    return found


def _version(memory_id: str, values: Sequence[Any]) -> MemoryVersion:
    version, operation, at, actor, content, kind, kept, importance = values
    metadata = json.loads(kept)
    return MemoryVersion(
        memory_id=memory_id,
        version=version,
        operation=operation,
        at=at,
        actor=actor,
        content_hash=content_hash(content, TYPES[kind], metadata),
        content=content,
        memory_type=TYPES[kind],
        metadata=metadata,
        importance_score=importance,
    )


def _outdated(row: Sequence[Any], newer: Sequence[Newer]) -> Outdated | None:
    _, memory_id, standing, standing_at, last_said_at, share, since, by, known_from, reason = row
    if share is None:
        return by_newer(memory_id, Judged(standing, standing_at, None, last_said_at), newer)
    return Outdated(
        memory_id=memory_id, share=share, since=since, superseded_by=by, known_from=known_from, reason=reason
    )
