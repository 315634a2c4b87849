"""Walks the graph of memories and entities, level by level, each bounded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import sequence
from coda_graphmem.store.embedded.conditions import Conditions, as_json, searchable
from coda_graphmem.store.embedded.records import Namespace, load_candidates, load_entities
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import Bounds, Candidate, EntityNode, Neighbourhood, Vector

#: All mentions of an entity with no more than this are read at once, which is quicker than asking for the newest
#: and then for those of the memories that were reached.
_READ_WHOLE = 200

_NOTHING = Neighbourhood(memories={}, entities={}, mentions=(), follows=(), depths={})

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
    for around in (sequence.AFTER, sequence.BEFORE)
)

_FOLLOWS = (
    f"SELECT m.id, ({sequence.AFTER}) FROM json_each(:rows) AS wanted JOIN memories AS m ON m.id = wanted.value "
    "WHERE m.conversation_id IS NOT NULL"
)

# The unary plus keeps SQLite from probing every pair of memory and entity.
_MENTIONS = """
    SELECT x.memory, x.entity FROM json_each(?) AS wanted JOIN mentions AS x ON x.memory = wanted.value
    WHERE +x.entity IN (SELECT value FROM json_each(?))
"""


def neighbourhood(
    connection: sqlite3.Connection,
    index: VectorIndex,
    name: str,
    memory_ids: Sequence[str],
    entity_keys: Sequence[str],
    *,
    bounds: Bounds,
    depth: int,
    vector: Vector | None,
    where: MemoryFilter,
) -> Neighbourhood:
    """See `MemoryStore.neighbourhood`; runs in a read transaction."""
    view = index.view(connection, name)
    conditions = searchable(where)
    if view is None or conditions is None:
        return _NOTHING
    walk = _Walk(connection, view.namespace, conditions, bounds)
    walk.start(memory_ids, entity_keys)
    for step in range(1, depth + 1):
        walk.step(step)
    similarities = {} if vector is None else view.similarities(vector, list(walk.depths))
    candidates = load_candidates(connection, similarities, sorted(walk.depths))
    memory_names = {row: candidate.memory_id for row, candidate in candidates.items()}
    entity_names = {row: node.key for row, node in walk.entities.items()}
    last_of_each = _last_of_each_conversation(candidates)
    earlier = as_json([row for row in candidates if row not in last_of_each])
    return Neighbourhood(
        memories={candidate.memory_id: candidate for candidate in candidates.values()},
        entities={node.key: node for node in walk.entities.values()},
        mentions=_named(walk.mentions(), memory_names, entity_names),
        follows=_named(
            connection.execute(_FOLLOWS, {"rows": earlier, "steps": 1}).fetchall(), memory_names, memory_names
        ),
        depths={memory_names[row]: level for row, level in walk.depths.items()},
    )


def _named(
    pairs: Iterable[tuple[int, int]], first: Mapping[int, str], second: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Pairs of row ids as pairs of names in order, without those that are not among the names."""
    # Names are put in order once and pairs by their places, as there are many more pairs than names.
    first_row, second_row = (sorted(names, key=names.__getitem__) for names in (first, second))
    places = {row: place * len(second_row) for place, row in enumerate(first_row)}
    others = {row: place for place, row in enumerate(second_row)}
    chosen = sorted(places[one] + others[other] for one, other in pairs if one in places and other in others)
    return [
        (first[first_row[place]], second[second_row[other]])
        for place, other in (divmod(number, len(second_row)) for number in chosen)
    ]


def _last_of_each_conversation(candidates: Mapping[int, Candidate]) -> set[int]:
    """Rows after which no other of the candidates can follow, those without a conversation included."""
    last: dict[str, tuple[float, int]] = {}
    for row, candidate in candidates.items():
        if candidate.conversation_id is not None:
            moment = (candidate.timestamp, row)
            last[candidate.conversation_id] = max(last.get(candidate.conversation_id, moment), moment)
    alone = {row for row, candidate in candidates.items() if candidate.conversation_id is None}
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
        rows = self._connection.execute(
            "SELECT m.id FROM memories AS m WHERE m.namespace_id = ? "
            f"AND m.memory_id IN (SELECT value FROM json_each(?)) AND +m.scope = ?{self._conditions.tail}",
            (self._namespace.id, as_json(memory_ids), self._namespace.scope, *self._conditions.parameters),
        )
        self._memories = self._reach([row[0] for row in rows], 0)
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
                row[0]
                for row in self._connection.execute(
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
        tied = self._connection.execute(
            "SELECT id FROM memories WHERE id IN (SELECT value FROM json_each(?)) ORDER BY memory_id LIMIT ?",
            (as_json([memory for moment, memory in found if moment == last]), limit - len(newer)),
        )
        return newer + [row[0] for row in tied]

    def mentions(self) -> list[tuple[int, int]]:
        """Which of the memories reached mention which of the entities; others may be among them."""
        known = [(memory, entity) for entity, memories in self._mentioning.items() for memory in memories]
        rest = [row for row in self.entities if row not in self._mentioning]
        if not rest:
            return known
        return known + self._connection.execute(_MENTIONS, (as_json(list(self.depths)), as_json(rest))).fetchall()

    @property
    def _join(self) -> str:
        return " CROSS JOIN memories AS m ON m.id = x.memory" if self._conditions.sql else ""

    def _along_conversations(self, frontier: str) -> set[int]:
        """Memories around those of the frontier in their conversations."""
        steps = self._bounds.conversation_steps
        reached = {
            row[0] for sql in _NEIGHBOURS for row in self._connection.execute(sql, {"rows": frontier, "steps": steps})
        }
        if not self._conditions.sql or not reached:
            return reached
        rows = self._connection.execute(
            "SELECT m.id FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value "
            f"WHERE {self._conditions.sql}",
            (as_json(sorted(reached)), *self._conditions.parameters),
        )
        return {row[0] for row in rows}
