"""Memories with all that is kept of them, to be handed over or made anew."""

import sqlite3
from collections.abc import Mapping, Sequence

from coda_graphmem.store.codec import dump_metadata
from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.facts import versions_of
from coda_graphmem.store.embedded.rows import as_json, load_memories, read_sayings
from coda_graphmem.store.embedded.settlement import statements_of
from coda_graphmem.store.planning import has_own_words
from coda_graphmem.store.protocol import StoredMemory

_REST = """
    SELECT id, memory_id, dedup_key, run_id, sayings, to_read IS NOT 0, replaced_by,
        EXISTS (SELECT 1 FROM versions AS v WHERE v.memory = memories.id)
    FROM memories WHERE id IN (SELECT value FROM json_each(?))
"""

_INSERT_VERSION = """
    INSERT INTO versions (memory, version, operation, at, actor, content, memory_type, metadata, importance_score)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def load_stored(
    connection: sqlite3.Connection, namespace: Namespace, tail: str, parameters: Sequence[object]
) -> list[StoredMemory]:
    """Memories with all that is kept of them but their vectors; arguments as for `load_memories`."""
    memories = load_memories(connection, namespace, tail, parameters)
    wanted = as_json([row for row, _ in memories])
    rest = {row: (memory_id, *values) for row, memory_id, *values in connection.execute(_REST, (wanted,))}
    statements = statements_of(connection, list(rest))
    versions = versions_of(connection, {row: memory_id for row, (memory_id, *_, changed) in rest.items() if changed})
    found = []
    for row, memory in memories:
        _, key, run_id, sayings, to_read, replaced_by, _ = rest[row]
        found.append(
            StoredMemory(
                memory,
                embedding=None,
                dedup_key=key,
                position=row,
                run_id=run_id,
                sayings=read_sayings(memory.memory_id, sayings),
                to_read=bool(to_read),
                statements=statements.get(row, ()),
                replaced_by=replaced_by,
                versions=tuple(versions.get(memory.memory_id, ())),
            )
        )
    return found


def save_versions(connection: sqlite3.Connection, rows: Mapping[int, StoredMemory]) -> None:
    """Keep the versions of memories that are new, by row id."""
    for row, stored in rows.items():
        for one in stored.versions[:-1]:
            said = (one.content, one.memory_type.value, dump_metadata(one.metadata), one.importance_score)
            connection.execute(_INSERT_VERSION, (row, one.version, one.operation, one.at, one.actor, *said))
        for present in stored.versions[-1:]:
            named = (present.version, present.operation, present.at, present.actor)
            connection.execute(_INSERT_VERSION, (row, *named, None, None, None, None))
        if has_own_words(stored):
            connection.execute("UPDATE memories SET own_words = 1 WHERE id = ?", (row,))
