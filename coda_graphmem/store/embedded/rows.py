"""Reads rows of the file as the package's types."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.models import EntityMention, LinkKind, Memory, MemoryType
from coda_graphmem.store.embedded.conditions import as_json, scope_of
from coda_graphmem.store.protocol import EXCERPT_CHARACTERS, Candidate, EntityNode, Vector

_TYPES = {kind.value: kind for kind in MemoryType}
_OUTDATED = LinkKind.POSSIBLY_OUTDATED_BY.value

_MEMORY_COLUMNS = (
    "m.id, m.memory_id, m.content, m.memory_type, m.timestamp, m.importance_score, m.access_count, "
    "m.last_accessed, m.metadata, m.conversation_id, m.created_at, m.updated_at, m.reinforcement_count, "
    "m.expires_at, m.archived_at, m.decay_factor, m.consolidated_into, "
    f"EXISTS (SELECT 1 FROM memory_links AS x WHERE x.source = m.id AND x.kind = '{_OUTDATED}')"
)

_NEWER = f"""
    SELECT x.source, t.memory_id FROM json_each(?) AS wanted
    JOIN memory_links AS x ON x.source = wanted.value AND x.kind = '{_OUTDATED}'
    JOIN memories AS t ON t.id = x.target WHERE t.scope IS NOT NULL ORDER BY t.id
"""

# After the row id in the order of the fields of `Candidate`, without the two that a search computes.
_CANDIDATES = (
    "SELECT m.id, m.memory_id, m.timestamp, m.importance_score, m.created_at, m.access_count, m.last_accessed, "
    "m.reinforcement_count, m.memory_type, m.conversation_id, m.speaker, m.word_count, m.is_question, "
    f"substr(m.content, 1, {EXCERPT_CHARACTERS}) "
    "FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value"
)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A tenant's row."""

    id: int
    name: str
    live_count: int
    revision: int
    """Grows with every change of the vectors that searches see."""
    floor: int
    """Readers that know less than this have to load all vectors again."""

    @property
    def scope(self) -> str:
        """What the rows of its live long-term memories hold in ``scope``."""
        return scope_of(self.id)


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """The embedding model a file's vectors come from."""

    model: str | None
    dimension: int | None


def find_namespace(connection: sqlite3.Connection, name: str) -> Namespace | None:
    """The namespace of that name, None where nothing was ever kept in it."""
    row = connection.execute(
        "SELECT id, name, live_count, vector_revision, vector_floor FROM namespaces WHERE name = ?", (name,)
    ).fetchone()
    return None if row is None else Namespace(*row)


def make_namespace(connection: sqlite3.Connection, name: str) -> Namespace:
    """The namespace of that name, made where it is missing."""
    connection.execute("INSERT INTO namespaces (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    found = find_namespace(connection, name)
    assert found is not None
    return found


def read_meta(connection: sqlite3.Connection, key: str) -> Any:
    """One value the file records about itself, None where it does not."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def write_meta(connection: sqlite3.Connection, **values: str | int | None) -> None:
    """Record values; None removes one."""
    for key, value in values.items():
        if value is None:
            connection.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def read_model(connection: sqlite3.Connection) -> ModelRecord:
    """The recorded embedding model."""
    return ModelRecord(read_meta(connection, "embedding_model"), read_meta(connection, "dimension"))


def check_dimension(dimension: int | None, vector: Vector) -> None:
    """Refuse a vector that cannot be compared with those in the file.

    Raises:
        EmbeddingMismatchError: The lengths differ.
    """
    if dimension is not None and vector.shape != (dimension,):
        raise EmbeddingMismatchError(
            f"the store holds vectors of {dimension} numbers, this one has shape {vector.shape}.",
            field="embedding_model",
            remedy="Use the model the store was filled with, or re-embed the store.",
        )


def dump_metadata(metadata: Mapping[str, Any]) -> str:
    """Metadata as it is kept."""
    return json.dumps(dict(metadata), ensure_ascii=False, separators=(",", ":"))


def same_metadata(kept: str, given: Mapping[str, Any]) -> bool:
    """Whether metadata says the same, in any order of keys; 1, 1.0 and True are three different values."""
    return json.dumps(json.loads(kept), sort_keys=True) == json.dumps(dict(given), sort_keys=True)


def load_memories(
    connection: sqlite3.Connection,
    namespace: Namespace,
    tail: str,
    parameters: Sequence[object],
    embeddings: Mapping[int, Vector] | None = None,
) -> list[tuple[int, Memory]]:
    """Memories with their entities, each with its row id.

    Args:
        connection: In a transaction.
        namespace: Theirs.
        tail: What follows ``SELECT … FROM memories AS m``.
        parameters: Values for its placeholders.
        embeddings: Vectors by row id, where they are wanted.
    """
    rows = connection.execute(f"SELECT {_MEMORY_COLUMNS} FROM memories AS m {tail}", parameters).fetchall()
    entities: dict[int, list[EntityMention]] = {row[0]: [] for row in rows}
    for memory, key, name, label in connection.execute(
        "SELECT x.memory, e.key, x.name, x.label FROM json_each(?) AS wanted "
        "JOIN mentions AS x ON x.memory = wanted.value JOIN entities AS e ON e.id = x.entity ORDER BY e.key",
        (as_json(list(entities)),),
    ):
        entities[memory].append(_mention(key, name, label))
    vectors = embeddings or {}
    newer = _newer(connection, [row[0] for row in rows if row[17]])
    return [
        (
            row[0],
            Memory.model_construct(
                memory_id=row[1],
                content=row[2],
                memory_type=_TYPES[row[3]],
                timestamp=row[4],
                importance_score=row[5],
                access_count=row[6],
                last_accessed=row[7],
                metadata=json.loads(row[8]),
                embedding=vectors[row[0]].tolist() if row[0] in vectors else None,
                namespace=namespace.name,
                conversation_id=row[9],
                entities=entities[row[0]],
                created_at=row[10],
                updated_at=row[11],
                reinforcement_count=row[12],
                expires_at=row[13],
                archived_at=row[14],
                decay_factor=row[15],
                consolidated_into=row[16],
                possibly_outdated_by=newer.get(row[0], []),
            ),
        )
        for row in rows
    ]


@lru_cache(maxsize=16_384)
def _mention(key: str, name: str, label: str) -> EntityMention:
    """A mention, frozen and so shared: making one takes longer than reading its row."""
    return EntityMention.model_construct(key=key, name=name, label=label)


def _newer(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Ids of the live memories that may outdate each of the memories given, by arrival."""
    found: dict[int, list[str]] = {}
    if ids:
        for memory, memory_id in connection.execute(_NEWER, (as_json(ids),)):
            found.setdefault(memory, []).append(memory_id)
    return found


def load_candidates(
    connection: sqlite3.Connection, similarities: Mapping[int, float], ids: Sequence[int]
) -> dict[int, Candidate]:
    """Candidates by row id, in the order of ``ids``.

    Args:
        connection: In a transaction.
        similarities: Cosines by row id; None in the result for those that are missing.
        ids: Which memories.
    """
    # As `Candidate._make` does, without its call: a query reads hundreds.
    make, similarity = tuple.__new__, similarities.get
    return {
        row[0]: make(
            Candidate,
            (row[1], similarity(row[0]), row[13], *row[2:8], _TYPES[row[8]], *row[9:12], row[12] == 1),
        )
        for row in connection.execute(_CANDIDATES, (as_json(ids),))
    }


def load_entities(connection: sqlite3.Connection, tail: str, parameters: Sequence[object]) -> dict[int, EntityNode]:
    """Entities by row id; ``tail`` follows ``SELECT … FROM entities AS e``."""
    return {
        row[0]: EntityNode(key=row[1], name=row[2], label=row[3], mention_count=row[4])
        for row in connection.execute(
            f"SELECT e.id, e.key, e.name, e.label, e.mention_count FROM entities AS e {tail}", parameters
        )
    }
