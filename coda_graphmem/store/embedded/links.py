"""Links from one memory to another: kept, found, and gone with either end."""

import sqlite3
from collections.abc import Iterable, Sequence

from typing_extensions import override

from coda_graphmem.models import LinkKind, MemoryLink
from coda_graphmem.store.embedded.catalog import Namespace, within
from coda_graphmem.store.embedded.indexed_database import StorePart
from coda_graphmem.store.embedded.rows import as_json, column
from coda_graphmem.store.protocol import Links

_LINK = """
    INSERT INTO memory_links (source, kind, target, score, guard, reason, created_at, run_id)
    SELECT s.id, :kind, t.id, :score, :guard, :reason, :created_at, :run_id FROM memories AS s, memories AS t
    WHERE s.namespace_id = :namespace AND s.memory_id = :source_id
        AND t.namespace_id = :namespace AND t.memory_id = :target_id AND s.id <> t.id
        AND NOT (:kind = :both_ways AND EXISTS (
            SELECT 1 FROM memory_links WHERE source = t.id AND kind = :kind AND target = s.id
        ))
    ON CONFLICT DO NOTHING
"""

_UNLINK = """
    DELETE FROM memory_links WHERE kind = :kind AND (
        (source, target) = (
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :source_id),
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :target_id)
        ) OR :kind = :both_ways AND (target, source) = (
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :source_id),
            (SELECT id FROM memories WHERE namespace_id = :namespace AND memory_id = :target_id)
        )
    )
"""

_ENDS = """
    SELECT x.source, x.kind, x.target FROM json_each(:rows) AS wanted JOIN memory_links AS x ON x.source = wanted.value
    UNION
    SELECT x.source, x.kind, x.target FROM json_each(:rows) AS wanted JOIN memory_links AS x ON x.target = wanted.value
"""

_LINKS = f"""
    SELECT s.memory_id AS source_id, t.memory_id AS target_id,
        x.kind, x.score, x.guard, x.reason, x.created_at, x.run_id
    FROM ({_ENDS}) AS ends
    JOIN memory_links AS x ON (x.source, x.kind, x.target) = (ends.source, ends.kind, ends.target)
    JOIN memories AS s ON s.id = x.source JOIN memories AS t ON t.id = x.target
    WHERE x.kind IN (SELECT value FROM json_each(:kinds))
    ORDER BY s.memory_id, t.memory_id, x.kind
"""


class EmbeddedLinks(StorePart, Links):
    """Links are rows between two memories, gone with either of them."""

    @override
    async def save_links(self, namespace: str, links: Sequence[MemoryLink], *, replace: bool = False) -> int:
        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            if replace:
                connection.executemany(_UNLINK, _rows(owner, links))
            return insert_links(connection, owner, links)

        return await self._database.write(within(namespace, 0, work))

    @override
    async def delete_links(self, namespace: str, run_id: str) -> int:
        def work(connection: sqlite3.Connection, owner: Namespace) -> int:
            return connection.execute(
                "DELETE FROM memory_links WHERE run_id = ? "
                "AND (SELECT namespace_id FROM memories WHERE id = memory_links.source) = ?",
                (run_id, owner.id),
            ).rowcount

        return await self._database.write(within(namespace, 0, work))

    @override
    async def find_links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None
    ) -> list[MemoryLink]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[MemoryLink]:
            sql = "SELECT id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))"
            rows = column(connection, sql, (owner.id, as_json(memory_ids)))
            return links_of(connection, rows, LinkKind if kinds is None else kinds)

        return await self._database.read(within(namespace, [], work))


def links_of(
    connection: sqlite3.Connection, ids: Sequence[int], kinds: Iterable[LinkKind] = LinkKind
) -> list[MemoryLink]:
    """Links of some kinds from or to memories by row id, by source, target and kind."""
    wanted = as_json([kind.value for kind in kinds])
    found = connection.execute(_LINKS, {"rows": as_json(ids), "kinds": wanted})
    names = [column[0] for column in found.description]
    return [
        MemoryLink.model_construct(**dict(zip(names, row, strict=True)) | {"kind": LinkKind(row[2])}) for row in found
    ]


def insert_links(connection: sqlite3.Connection, namespace: Namespace, links: Sequence[MemoryLink]) -> int:
    """Keep links between memories that exist; how many are new, as `Links.save_links` counts them."""
    # One after the other, as a pair may come twice in one call.
    return sum(connection.execute(_LINK, row).rowcount for row in _rows(namespace, links))


def _rows(namespace: Namespace, links: Iterable[MemoryLink]) -> list[dict[str, object]]:
    shared = {"namespace": namespace.id, "both_ways": LinkKind.SIMILAR_TO.value}
    return [one.model_dump() | {"kind": one.kind.value} | shared for one in links]


def remove_links(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """Remove the links from and to memories by row id; how many there were."""
    wanted = as_json(ids)
    return sum(
        connection.execute(
            f"DELETE FROM memory_links WHERE {end} IN (SELECT value FROM json_each(?))", (wanted,)
        ).rowcount
        for end in ("source", "target")
    )
