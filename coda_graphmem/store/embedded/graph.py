"""Walks the graph of memories and entities, level by level, each bounded."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from typing_extensions import override

from coda_graphmem.models import MemoryFilter
from coda_graphmem.models.memory import TITLE_LABEL
from coda_graphmem.store.embedded.catalog import Namespace, within
from coda_graphmem.store.embedded.indexed_database import StorePart
from coda_graphmem.store.embedded.rows import (
    AFTER,
    BEFORE,
    Conditions,
    as_json,
    column,
    is_searchable,
    load_entities,
    searchable,
)
from coda_graphmem.store.protocol import NEVER, Bounds, EntityNode, Graph, Neighbourhood

#: All mentions of an entity with no more than this are read at once, which is quicker than asking for the newest
#: and then for those of the memories that were reached.
_READ_WHOLE = 200

# Entities that are mentioned so often are in the index ``entities_by_mentions``.
_OFTEN = "AND e.mention_count >= 8"
_MOST_MENTIONED = "ORDER BY e.mention_count DESC, e.key LIMIT ? OFFSET ?"

_NOTHING = Neighbourhood(depths={}, entities={}, mentions=(), follows=())

_MOMENTS = (
    "SELECT m.id, m.memory_id, m.conversation_id, m.timestamp "
    "FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value"
)

_ENTITIES_OF_MEMORIES = """
    SELECT DISTINCT entity FROM (
        SELECT e.id AS entity, row_number() OVER (PARTITION BY x.memory ORDER BY e.mention_count, e.key) AS place
        FROM json_each(?) AS wanted
        JOIN mentions AS x ON x.memory = wanted.value
        JOIN entities AS e ON e.id = x.entity
        WHERE e.mention_count BETWEEN ? AND ?
    ) WHERE place <= ?
"""

_NEIGHBOURS = tuple(
    "SELECT DISTINCT n.id FROM json_each(:rows) AS wanted JOIN memories AS m ON m.id = wanted.value "
    f"JOIN memories AS n ON n.id IN ({around}) WHERE m.conversation_id IS NOT NULL"
    for around in (AFTER, BEFORE)
)

_FOLLOWS = (
    f"SELECT m.id, ({AFTER}) FROM json_each(:rows) AS wanted JOIN memories AS m ON m.id = wanted.value "
    "WHERE m.conversation_id IS NOT NULL"
)

# The unary plus keeps SQLite from probing every pair of memory and entity.
_MENTIONS = """
    SELECT x.memory, x.entity FROM json_each(?) AS wanted JOIN mentions AS x ON x.memory = wanted.value
    WHERE +x.entity IN (SELECT value FROM json_each(?))
"""


# Both come off the index ``mentions_by_title``.
_TITLES = f"""
    SELECT x.memory, x.entity FROM json_each(?) AS wanted JOIN mentions AS x ON x.entity = wanted.value
    WHERE x.label = '{TITLE_LABEL}'
"""
_TITLED = f"""
    SELECT m.memory_id, e.key FROM entities AS e
    CROSS JOIN mentions AS x ON x.entity = e.id
    CROSS JOIN memories AS m ON m.id = x.memory
    WHERE e.namespace_id = ? AND e.key IN (SELECT value FROM json_each(?)) AND e.mention_count <= ?
    AND x.label = '{TITLE_LABEL}' AND m.scope = ?
"""

# Two seeks in the index ``memories_by_speaker`` a name; "!" is what follows the space.
_SPEAKERS = """
    SELECT
        (SELECT m.speaker FROM memories AS m WHERE m.scope = :scope AND m.speaker = wanted.value LIMIT 1),
        (SELECT m.speaker FROM memories AS m WHERE m.scope = :scope
            AND m.speaker >= wanted.value || ' ' AND m.speaker < wanted.value || '!' ORDER BY m.speaker LIMIT 1)
    FROM json_each(:names) AS wanted
"""


class EmbeddedGraph(StorePart, Graph):
    """Entities and what mentions them are rows; what follows what in a conversation is read off an index."""

    @override
    async def find_entities(self, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
        return await self._entities(namespace, "AND e.key IN (SELECT value FROM json_each(?))", as_json(keys))

    @override
    async def list_entities(self, namespace: str, *, limit: int, offset: int = 0) -> list[EntityNode]:
        for which in (_OFTEN, ""):
            found = await self._entities(namespace, f"{which} {_MOST_MENTIONED}", limit, offset)
            # Whoever is mentioned less comes after all of them.
            if len(found) == limit:
                break
        return found

    async def _entities(self, namespace: str, tail: str, *values: object) -> list[EntityNode]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[EntityNode]:
            return list(load_entities(connection, f"WHERE e.namespace_id = ? {tail}", (owner.id, *values)).values())

        return await self._database.read(within(namespace, [], work))

    @override
    async def find_titled(
        self, namespace: str, keys: Sequence[str], *, max_mentions: int, where: MemoryFilter, now: float = NEVER
    ) -> list[tuple[str, str]]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[tuple[str, str]]:
            if not is_searchable(where):
                return []
            conditions = searchable(connection, owner, where, now=now)
            values = (owner.id, as_json(keys), max_mentions, owner.scope, *conditions.parameters)
            return connection.execute(_TITLED + conditions.tail, values).fetchall()

        return await self._database.read(within(namespace, [], work))

    @override
    async def find_speakers(self, namespace: str, names: Sequence[str]) -> list[str]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> list[str]:
            rows = connection.execute(_SPEAKERS, {"scope": owner.scope, "names": as_json(names)})
            return list({speaker for row in rows for speaker in row if speaker is not None})

        return await self._database.read(within(namespace, [], work))

    @override
    async def neighbourhood(
        self,
        namespace: str,
        memory_ids: Sequence[str],
        entity_keys: Sequence[str],
        *,
        bounds: Bounds,
        depth: int,
        where: MemoryFilter,
        now: float = NEVER,
    ) -> Neighbourhood:
        def work(connection: sqlite3.Connection, owner: Namespace) -> Neighbourhood:
            if not is_searchable(where):
                return _NOTHING
            walk = _Walk(connection, owner, searchable(connection, owner, where, now=now), bounds)
            walk.start(memory_ids, entity_keys)
            for step in range(1, depth + 1):
                walk.step(step)
            return walk.neighbourhood()

        return await self._database.read(within(namespace, _NOTHING, work))


def _named(
    pairs: Iterable[tuple[int, int]], first: Mapping[int, str], second: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Pairs of row ids as pairs of names, without those that are not among the names."""
    return [(first[one], second[other]) for one, other in pairs if one in first and other in second]


def _last_of_each_conversation(moments: Iterable[tuple[int, str, str | None, float]]) -> set[int]:
    """Rows after which no other can follow, those without a conversation included.

    Args:
        moments: Row, id, conversation and time of each memory.
    """
    last: dict[str, tuple[float, int]] = {}
    alone: set[int] = set()
    for row, _, conversation, timestamp in moments:
        if conversation is None:
            alone.add(row)
        else:
            moment = (timestamp, row)
            last[conversation] = max(last.get(conversation, moment), moment)
    return alone | {row for _, row in last.values()}


class _Walk:
    """What was reached so far, by row id."""

    def __init__(
        self, connection: sqlite3.Connection, namespace: Namespace, conditions: Conditions, bounds: Bounds
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._conditions = conditions
        self._bounds = bounds
        self._memories: list[int] = []
        self._entities: list[int] = []
        self._mentioning: dict[int, list[int]] = {}
        self.depths: dict[int, int] = {}
        self.entities: dict[int, EntityNode] = {}

    def start(self, memory_ids: Sequence[str], entity_keys: Sequence[str]) -> None:
        rows = column(
            self._connection,
            "SELECT m.id FROM memories AS m WHERE m.namespace_id = ? "
            f"AND m.memory_id IN (SELECT value FROM json_each(?)) AND +m.scope = ?{self._conditions.tail}",
            (self._namespace.id, as_json(memory_ids), self._namespace.scope, *self._conditions.parameters),
        )
        self._memories = self._reach(rows, 0)
        found = load_entities(
            self._connection,
            "WHERE e.namespace_id = ? AND e.key IN (SELECT value FROM json_each(?)) AND e.mention_count <= ?",
            (self._namespace.id, as_json(entity_keys), self._bounds.max_mentions),
        )
        self.entities.update(found)
        self._entities = list(found)

    def step(self, depth: int) -> None:
        """Go from the memories of the last step to the next ones."""
        frontier = as_json(self._memories)
        follow = self._entities + self._entities_of(frontier)
        reached = self._memories_of(follow) | self._along_conversations(frontier)
        self._memories = self._reach(sorted(reached), depth)
        self._entities = []

    def _reach(self, rows: Iterable[int], depth: int) -> list[int]:
        new = [row for row in rows if row not in self.depths]
        self.depths.update(dict.fromkeys(new, depth))
        return new

    def _entities_of(self, frontier: str) -> list[int]:
        """The rarest entities of each memory that were not followed yet."""
        rows = self._connection.execute(
            _ENTITIES_OF_MEMORIES,
            (frontier, self._bounds.min_mentions, self._bounds.max_mentions, self._bounds.entities_per_memory),
        )
        new = [row[0] for row in rows if row[0] not in self.entities]
        self.entities.update(
            load_entities(self._connection, "WHERE e.id IN (SELECT value FROM json_each(?))", (as_json(new),))
        )
        return new

    def _memories_of(self, entities: Sequence[int]) -> set[int]:
        """The newest memories of each entity."""
        limit = self._bounds.memories_per_entity
        large = [row for row in entities if self.entities[row].mention_count > _READ_WHOLE]
        times: dict[int, list[tuple[float, int]]] = {row: [] for row in set(entities).difference(large)}
        for entity, moment, memory in self._connection.execute(
            f"SELECT x.entity, x.timestamp, x.memory FROM mentions AS x{self._join} "
            "WHERE x.entity IN (SELECT value FROM json_each(?)) AND x.live = 1" + self._conditions.tail,
            (as_json(list(times)), *self._conditions.parameters),
        ):
            times[entity].append((moment, memory))
        reached: set[int] = set()
        for entity, found in times.items():
            self._mentioning[entity] = [memory for _, memory in found]
            reached.update(self._mentioning[entity] if len(found) <= limit else self._newest(found, limit))
        for entity in large:
            reached.update(
                column(
                    self._connection,
                    "SELECT x.memory FROM mentions AS x CROSS JOIN memories AS m ON m.id = x.memory "
                    f"WHERE x.entity = ? AND x.live = 1{self._conditions.tail} "
                    "ORDER BY x.timestamp DESC, m.memory_id LIMIT ?",
                    (entity, *self._conditions.parameters, limit),
                )
            )
        return reached

    def _newest(self, found: list[tuple[float, int]], limit: int) -> list[int]:
        """The ``limit`` newest of more memories (time, row id); of those that tie for the last place, by id."""
        found = sorted(found, reverse=True)
        last = found[limit - 1][0]
        if last != found[limit][0]:
            return [memory for _, memory in found[:limit]]
        newer = [memory for moment, memory in found if moment > last]
        return newer + column(
            self._connection,
            "SELECT id FROM memories WHERE id IN (SELECT value FROM json_each(?)) ORDER BY memory_id LIMIT ?",
            (as_json([memory for moment, memory in found if moment == last]), limit - len(newer)),
        )

    def _mentions(self) -> list[tuple[int, int]]:
        """Which of the memories reached mention which of the entities; others may be among them."""
        known = [(memory, entity) for entity, memories in self._mentioning.items() for memory in memories]
        rest = [row for row in self.entities if row not in self._mentioning]
        if not rest:
            return known
        return known + self._connection.execute(_MENTIONS, (as_json(list(self.depths)), as_json(rest))).fetchall()

    def neighbourhood(self) -> Neighbourhood:
        """What was reached, and the edges within it."""
        moments = self._connection.execute(_MOMENTS, (as_json(sorted(self.depths)),)).fetchall()
        memory_names = {row: name for row, name, _, _ in moments}
        entity_names = {row: node.key for row, node in self.entities.items()}
        last_of_each = _last_of_each_conversation(moments)
        earlier = as_json([row for row in memory_names if row not in last_of_each])
        follows = self._connection.execute(_FOLLOWS, {"rows": earlier, "steps": 1}).fetchall()
        titles = self._connection.execute(_TITLES, (as_json(list(entity_names)),))
        return Neighbourhood(
            depths={name: self.depths[row] for row, name in memory_names.items()},
            entities={node.key: node for node in self.entities.values()},
            mentions=_named(self._mentions(), memory_names, entity_names),
            follows=_named(follows, memory_names, memory_names),
            titles=frozenset(_named(titles, memory_names, entity_names)),
        )

    @property
    def _join(self) -> str:
        return " CROSS JOIN memories AS m ON m.id = x.memory" if self._conditions.sql else ""

    def _along_conversations(self, frontier: str) -> set[int]:
        """Memories around those of the frontier in their conversations."""
        steps = self._bounds.conversation_steps
        values = {"rows": frontier, "steps": steps}
        reached = {row for sql in _NEIGHBOURS for row in column(self._connection, sql, values)}
        if not self._conditions.sql or not reached:
            return reached
        text = "SELECT m.id FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value WHERE "
        parameters = (as_json(sorted(reached)), *self._conditions.parameters)
        return set(column(self._connection, text + self._conditions.sql, parameters))
