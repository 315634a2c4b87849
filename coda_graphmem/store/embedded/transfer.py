"""Hands memories over to another store as they are, takes them in, and counts them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from coda_graphmem.language.words import describe
from coda_graphmem.models import Inventory
from coda_graphmem.store.embedded import mentions
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.records import (
    Namespace,
    check_dimension,
    dump_metadata,
    find_namespace,
    load_memories,
    make_namespace,
    read_model,
    write_meta,
)
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import EntityNode, StoredMemory, Vector

_INSERT = """
    INSERT INTO memories (
        id, namespace_id, memory_id, content, memory_type, timestamp, importance_score, access_count, last_accessed,
        metadata, conversation_id, created_at, updated_at, reinforcement_count, expires_at, archived_at, dedup_key,
        decay_factor, consolidated_into, run_id, speaker, word_count, is_question
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_COUNTS = """
    SELECT count(*), count(scope), coalesce(sum(expires_at IS NOT NULL AND archived_at IS NULL), 0),
        count(archived_at), coalesce(sum(access_count), 0), coalesce(sum(reinforcement_count), 0),
        count(DISTINCT conversation_id),
        coalesce(sum(scope IS NOT NULL AND conversation_id IS NOT NULL), 0)
            - count(DISTINCT CASE WHEN scope IS NOT NULL THEN conversation_id END),
        count(consolidated_into)
    FROM memories WHERE namespace_id = ?
"""


def export_memories(
    connection: sqlite3.Connection, index: VectorIndex, name: str, *, after: int, limit: int
) -> list[StoredMemory]:
    """See `MemoryStore.export_memories`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return []
    tail = "WHERE m.namespace_id = ? AND m.id > ? ORDER BY m.id LIMIT ?"
    memories = load_memories(connection, namespace, tail, (namespace.id, after, limit))
    ids = [row for row, _ in memories]
    rest = {
        row: (dedup_key, run_id)
        for row, dedup_key, run_id in connection.execute(
            "SELECT id, dedup_key, run_id FROM memories WHERE id IN (SELECT value FROM json_each(?))", (as_json(ids),)
        )
    }
    vectors = index.embeddings(connection, ids)
    return [
        StoredMemory(memory, vectors.get(row), dedup_key=rest[row][0], position=row, run_id=rest[row][1])
        for row, memory in memories
    ]


def import_memories(
    connection: sqlite3.Connection,
    index: VectorIndex,
    name: str,
    rows: Sequence[StoredMemory],
    entities: Sequence[EntityNode],
) -> int:
    """See `MemoryStore.import_memories`; runs in a write transaction."""
    namespace = make_namespace(connection, name)
    wanted = as_json([row.memory.memory_id for row in rows])
    known = {
        row[0]
        for row in connection.execute(
            "SELECT memory_id FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))",
            (namespace.id, wanted),
        )
    }
    new = [row for row in rows if row.memory.memory_id not in known]
    mentioned = {mention.key for row in new for mention in row.memory.entities}
    connection.executemany(
        "INSERT INTO entities (namespace_id, key, name, label) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(namespace.id, entity.key, entity.name, entity.label) for entity in entities if entity.key in mentioned],
    )
    keep(connection, index, namespace, new)
    return len(new)


def keep(
    connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, rows: Sequence[StoredMemory]
) -> list[int]:
    """Keep memories that are new as they are; their row ids. Runs in a write transaction."""
    held = {
        row[0]
        for row in connection.execute(
            "SELECT dedup_key FROM memories WHERE scope = ? AND dedup_key IN (SELECT value FROM json_each(?))",
            (namespace.scope, as_json([row.dedup_key for row in rows if row.dedup_key is not None])),
        )
    }
    first = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'memories'")
    next_id = int(first.fetchone()[0])
    values: list[tuple[object, ...]] = []
    additions: list[mentions.Addition] = []
    vectors: dict[int, Vector] = {}
    live: list[int] = []
    for number, row in enumerate(rows, start=next_id):
        memory = row.memory
        is_live = memory.expires_at is None and memory.archived_at is None
        key = None if is_live and row.dedup_key in held else row.dedup_key
        if is_live:
            live.append(number)
            held.update(key for key in (row.dedup_key,) if key is not None)
        if row.embedding is not None:
            vectors[number] = row.embedding
        additions.append(mentions.Addition(number, memory.timestamp, is_live, tuple(memory.entities)))
        values.append(_values(number, namespace.id, row, key))
    connection.executemany(_INSERT, values)
    connection.execute("UPDATE namespaces SET live_count = live_count + ? WHERE id = ?", (len(live), namespace.id))
    mentions.add(connection, namespace, additions)
    if vectors:
        dimension = read_model(connection).dimension
        if dimension is None:
            dimension = len(next(iter(vectors.values())))
            write_meta(connection, dimension=dimension)
        for vector in vectors.values():
            check_dimension(dimension, vector)
        index.put(connection, namespace, vectors, live)
    return list(range(next_id, next_id + len(rows)))


def _values(number: int, namespace_id: int, row: StoredMemory, dedup_key: str | None) -> tuple[object, ...]:
    memory = row.memory
    speaker = memory.metadata.get("speaker")
    speaker = speaker if isinstance(speaker, str) else None
    traits = describe(memory.content, speaker)
    return (
        number,
        namespace_id,
        memory.memory_id,
        memory.content,
        memory.memory_type.value,
        memory.timestamp,
        memory.importance_score,
        memory.access_count,
        memory.last_accessed,
        dump_metadata(memory.metadata),
        memory.conversation_id,
        memory.created_at,
        memory.updated_at,
        memory.reinforcement_count,
        memory.expires_at,
        memory.archived_at,
        dedup_key,
        memory.decay_factor,
        memory.consolidated_into,
        row.run_id,
        speaker,
        traits.word_count,
        traits.is_question,
    )


def inventory(connection: sqlite3.Connection, index: VectorIndex, name: str) -> Inventory:
    """See `MemoryStore.inventory`; runs in a read transaction."""
    namespace = find_namespace(connection, name)
    if namespace is None:
        return Inventory.model_validate(dict.fromkeys(Inventory.model_fields, 0))
    memories, live, short_term, archived, accesses, reinforcements, conversations, links, merged = connection.execute(
        _COUNTS, (namespace.id,)
    ).fetchone()
    ids = [row[0] for row in connection.execute("SELECT id FROM memories WHERE namespace_id = ?", (namespace.id,))]
    [entities] = connection.execute("SELECT count(*) FROM entities WHERE namespace_id = ?", (namespace.id,)).fetchone()
    [mentioned] = connection.execute(
        "SELECT count(*) FROM mentions AS x JOIN memories AS m ON m.id = x.memory WHERE m.namespace_id = ?",
        (namespace.id,),
    ).fetchone()
    [linked] = connection.execute(
        "SELECT count(*) FROM memory_links AS x JOIN memories AS m ON m.id = x.source WHERE m.namespace_id = ?",
        (namespace.id,),
    ).fetchone()
    return Inventory(
        memories=memories,
        live=live,
        short_term=short_term,
        archived=archived,
        vectors=len(index.embeddings(connection, ids)),
        entities=entities,
        mentions=mentioned,
        conversations=conversations,
        links=links,
        memory_links=linked,
        merged=merged,
        access_count=accesses,
        reinforcement_count=reinforcements,
    )
