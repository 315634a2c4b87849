"""Links between memories and entities, and the counts that follow from them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from coda_graphmem.models import EntityMention
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.namespaces import Namespace


@dataclass(frozen=True, slots=True)
class Addition:
    """The mentions of one memory."""

    memory: int
    timestamp: float
    live: bool
    entities: Sequence[EntityMention]


def add(connection: sqlite3.Connection, namespace: Namespace, additions: Sequence[Addition]) -> None:
    """Link memories to entities; an entity keeps the name and label it was first mentioned with."""
    first: dict[str, EntityMention] = {}
    counts: Counter[str] = Counter()
    for addition in additions:
        for mention in addition.entities:
            first.setdefault(mention.key, mention)
            counts[mention.key] += addition.live
    if not first:
        return
    connection.executemany(
        "INSERT INTO entities (namespace_id, key, name, label, mention_count) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (namespace_id, key) DO UPDATE SET mention_count = mention_count + excluded.mention_count",
        [(namespace.id, key, mention.name, mention.label, counts[key]) for key, mention in first.items()],
    )
    ids = dict(
        connection.execute(
            "SELECT key, id FROM entities WHERE namespace_id = ? AND key IN (SELECT value FROM json_each(?))",
            (namespace.id, as_json(list(first))),
        ).fetchall()
    )
    connection.executemany(
        "INSERT INTO mentions (memory, entity, name, label, timestamp, live) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (addition.memory, ids[mention.key], mention.name, mention.label, addition.timestamp, addition.live)
            for addition in additions
            for mention in addition.entities
        ],
    )


def set_live(connection: sqlite3.Connection, ids: Sequence[int], live: bool) -> None:
    """Count the mentions of memories among those of live long-term ones, or no longer."""
    wanted = as_json(ids)
    connection.execute(
        "UPDATE entities SET mention_count = mention_count + ? * c.n FROM ("
        "SELECT entity, count(*) AS n FROM mentions WHERE memory IN (SELECT value FROM json_each(?)) AND live = ? "
        "GROUP BY entity) AS c WHERE entities.id = c.entity",
        (1 if live else -1, wanted, not live),
    )
    connection.execute("UPDATE mentions SET live = ? WHERE memory IN (SELECT value FROM json_each(?))", (live, wanted))


def remove(connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Unlink memories from everything they mention; the entity of each link that is gone."""
    wanted = as_json(ids)
    connection.execute(
        "UPDATE entities SET mention_count = mention_count - c.n FROM ("
        "SELECT entity, count(*) AS n FROM mentions WHERE memory IN (SELECT value FROM json_each(?)) AND live "
        "GROUP BY entity) AS c WHERE entities.id = c.entity",
        (wanted,),
    )
    return [
        row[0]
        for row in connection.execute(
            "DELETE FROM mentions WHERE memory IN (SELECT value FROM json_each(?)) RETURNING entity", (wanted,)
        ).fetchall()
    ]


def drop_orphans(connection: sqlite3.Connection, entities: Sequence[int]) -> int:
    """Delete those of the entities that no memory mentions any more; how many."""
    return connection.execute(
        "DELETE FROM entities WHERE id IN (SELECT value FROM json_each(?)) "
        "AND NOT EXISTS (SELECT 1 FROM mentions WHERE mentions.entity = entities.id)",
        (as_json(sorted(set(entities))),),
    ).rowcount
