"""Keeps new memories: decides what each row is, then writes all of them with few statements."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.words import describe
from coda_graphmem.store.embedded import mentions
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.records import (
    Namespace,
    check_dimension,
    dump_metadata,
    make_namespace,
    read_model,
    same_metadata,
    write_meta,
)
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.protocol import NewMemory, Outcome, Stored

_EXISTING = """
    SELECT memory_id, content, memory_type, metadata, conversation_id, timestamp, importance_score
    FROM memories WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?))
"""

_HOLDERS = """
    SELECT dedup_key, id, memory_id, content, importance_score, metadata
    FROM memories WHERE scope = ? AND dedup_key IN (SELECT value FROM json_each(?))
"""

_INSERT = """
    INSERT INTO memories (
        id, namespace_id, memory_id, content, memory_type, timestamp, importance_score, metadata, conversation_id,
        created_at, updated_at, reinforcement_count, expires_at, dedup_key, speaker, word_count, is_question
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_REINFORCE = """
    UPDATE memories SET importance_score = ?, metadata = ?, speaker = ?, word_count = ?, is_question = ?,
        updated_at = ?, reinforcement_count = reinforcement_count + ?
    WHERE id = ?
"""


@dataclass(slots=True)
class _Known:
    """What a row is compared with when its id exists."""

    content: str
    memory_type: str
    metadata: str
    conversation_id: str | None
    timestamp: float
    importance_score: float


@dataclass(slots=True)
class _Draft:
    """A memory as it will be, new or reinforced."""

    id: int
    memory_id: str
    content: str
    importance_score: float
    metadata: dict[str, Any]
    row: NewMemory | None
    """None for one that is in the file already."""
    dedup_key: str | None = None
    reinforced: int = 0
    updated_at: float | None = None

    def reinforce(self, row: NewMemory, reinforcement: float) -> None:
        larger = max(self.importance_score, row.importance_score)
        self.importance_score = larger + reinforcement * (1.0 - larger)
        self.metadata = {**row.metadata, **self.metadata}
        self.updated_at = row.created_at
        self.reinforced += 1


def insert(
    connection: sqlite3.Connection, index: VectorIndex, name: str, rows: Sequence[NewMemory], reinforcement: float
) -> list[Stored]:
    """See `MemoryStore.insert`; runs in a write transaction."""
    if not rows:
        return []
    namespace = make_namespace(connection, name)
    known = _known(connection, namespace, rows)
    holders = _holders(connection, namespace, rows)
    next_id = _next_id(connection)
    created: list[_Draft] = []
    touched: dict[int, _Draft] = {}
    answers: list[Stored] = []
    for row in rows:
        if row.memory_id in known:
            _check_retry(known[row.memory_id], row)
            answers.append(Stored(row.memory_id, Outcome.UNCHANGED))
            continue
        key = row.dedup_key if row.expires_at is None else None
        holder = holders.get(key) if key is not None else None
        if holder is not None and "memory_id" not in row.explicit:
            holder.reinforce(row, reinforcement)
            if holder.row is None:
                touched[holder.id] = holder
            answers.append(Stored(holder.memory_id, Outcome.REINFORCED))
            continue
        draft = _Draft(
            id=next_id + len(created),
            memory_id=row.memory_id,
            content=row.content,
            importance_score=row.importance_score,
            metadata=dict(row.metadata),
            row=row,
            dedup_key=row.dedup_key if holder is None else None,
        )
        if key is not None and holder is None:
            holders[key] = draft
        created.append(draft)
        known[row.memory_id] = _known_of(row)
        answers.append(Stored(row.memory_id, Outcome.CREATED))
    _write_created(connection, namespace, index, created)
    _write_reinforced(connection, list(touched.values()))
    return answers


def _known(connection: sqlite3.Connection, namespace: Namespace, rows: Sequence[NewMemory]) -> dict[str, _Known]:
    found = connection.execute(_EXISTING, (namespace.id, as_json([row.memory_id for row in rows])))
    return {row[0]: _Known(*row[1:]) for row in found}


def _known_of(row: NewMemory) -> _Known:
    return _Known(
        content=row.content,
        memory_type=row.memory_type.value,
        metadata=dump_metadata(row.metadata),
        conversation_id=row.conversation_id,
        timestamp=row.timestamp,
        importance_score=row.importance_score,
    )


def _check_retry(known: _Known, row: NewMemory) -> None:
    same = (
        known.content == row.content
        and known.memory_type == row.memory_type.value
        and known.conversation_id == row.conversation_id
        and same_metadata(known.metadata, row.metadata)
        and ("timestamp" not in row.explicit or known.timestamp == row.timestamp)
        and ("importance_score" not in row.explicit or known.importance_score == row.importance_score)
    )
    if not same:
        raise ValidationError(
            f"a memory with the id {row.memory_id!r} exists and is not the same.",
            field="memory_id",
            remedy="Use another id, leave it out, or change the memory with update_memory().",
        )


def _holders(connection: sqlite3.Connection, namespace: Namespace, rows: Sequence[NewMemory]) -> dict[str, _Draft]:
    keys = [row.dedup_key for row in rows if row.dedup_key is not None]
    if not keys:
        return {}
    return {
        key: _Draft(memory, memory_id, content, importance, json.loads(metadata), row=None, dedup_key=key)
        for key, memory, memory_id, content, importance, metadata in connection.execute(
            _HOLDERS, (namespace.scope, as_json(keys))
        )
    }


def _next_id(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'memories'").fetchone()
    return 1 if row is None else int(row[0]) + 1


def _write_created(
    connection: sqlite3.Connection, namespace: Namespace, index: VectorIndex, drafts: Sequence[_Draft]
) -> None:
    values = []
    additions: list[mentions.Addition] = []
    vectors = {}
    live: list[int] = []
    for draft in drafts:
        row = draft.row
        assert row is not None
        speaker = draft.metadata.get("speaker")
        speaker = speaker if isinstance(speaker, str) else None
        traits = describe(draft.content, speaker)
        values.append(
            (
                draft.id,
                namespace.id,
                draft.memory_id,
                draft.content,
                row.memory_type.value,
                row.timestamp,
                draft.importance_score,
                dump_metadata(draft.metadata),
                row.conversation_id,
                row.created_at,
                draft.updated_at,
                draft.reinforced,
                row.expires_at,
                draft.dedup_key,
                speaker,
                traits.word_count,
                traits.is_question,
            )
        )
        if row.expires_at is None:
            live.append(draft.id)
        if row.embedding is not None:
            vectors[draft.id] = row.embedding
        additions.append(mentions.Addition(draft.id, row.timestamp, row.expires_at is None, row.entities))
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


def _write_reinforced(connection: sqlite3.Connection, drafts: Sequence[_Draft]) -> None:
    values = []
    for draft in drafts:
        speaker = draft.metadata.get("speaker")
        speaker = speaker if isinstance(speaker, str) else None
        traits = describe(draft.content, speaker)
        values.append(
            (
                draft.importance_score,
                dump_metadata(draft.metadata),
                speaker,
                traits.word_count,
                traits.is_question,
                draft.updated_at,
                draft.reinforced,
                draft.id,
            )
        )
    connection.executemany(_REINFORCE, values)
