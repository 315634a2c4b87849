"""Reads rows of the file as the package's types."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache

from coda_graphmem.models import EntityMention, LinkKind, Memory
from coda_graphmem.models.memory import USES
from coda_graphmem.store.codec import FIELDS, TYPES, load_memory
from coda_graphmem.store.embedded.conditions import as_json
from coda_graphmem.store.embedded.namespaces import Namespace
from coda_graphmem.store.protocol import EXCERPT_CHARACTERS, Candidate, EntityNode, Vector

#: How often a memory was used, as SQL over its columns.
TIMES_USED = " + ".join(USES)

_OUTDATED = LinkKind.POSSIBLY_OUTDATED_BY.value

_FIELD_COLUMNS = ", ".join(f"m.{name}" for name in FIELDS)

_MEMORY_COLUMNS = (
    f"m.id, EXISTS (SELECT 1 FROM memory_links AS x WHERE x.source = m.id AND x.kind = '{_OUTDATED}'), {_FIELD_COLUMNS}"
)

_NEWER = f"""
    SELECT x.source, t.memory_id FROM json_each(?) AS wanted
    JOIN memory_links AS x ON x.source = wanted.value AND x.kind = '{_OUTDATED}'
    JOIN memories AS t ON t.id = x.target WHERE t.scope IS NOT NULL ORDER BY t.id
"""

_COMPUTED = {"excerpt": f"substr(m.content, 1, {EXCERPT_CHARACTERS})", "uses": TIMES_USED}

# The row id, then the fields of `Candidate` in order, without the similarity, which is the second of them: from the
# third on a value has the same place in the row and in the candidate.
_CANDIDATES = "SELECT m.id, {} FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value".format(
    ", ".join(_COMPUTED.get(name, f"m.{name}") for name in Candidate._fields if name != "similarity")
)
_TYPE, _IS_QUESTION = Candidate._fields.index("memory_type"), Candidate._fields.index("is_question")
_BEFORE, _BETWEEN, _AFTER = slice(2, _TYPE), slice(_TYPE + 1, _IS_QUESTION), slice(_IS_QUESTION + 1, None)


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
    newer = _newer(connection, [row[0] for row in rows if row[1]])
    return [
        (
            row[0],
            load_memory(
                zip(FIELDS, row[2:], strict=True),
                namespace=namespace.name,
                embedding=vectors[row[0]].tolist() if row[0] in vectors else None,
                entities=entities[row[0]],
                possibly_outdated_by=newer.get(row[0], []),
            ),
        )
        for row in rows
    ]


def load_by_id(connection: sqlite3.Connection, namespace: Namespace, ids: Sequence[str]) -> dict[str, Memory]:
    """Memories by id, of their own row alone: without vector, entities and links."""
    return _load_rows(connection, "memory_id", "namespace_id", namespace.id, ids)


def load_by_key(connection: sqlite3.Connection, namespace: Namespace, keys: Sequence[str]) -> dict[str, Memory]:
    """Live long-term memories by deduplication key, of their own row alone."""
    return _load_rows(connection, "dedup_key", "scope", namespace.scope, keys)


def _load_rows(
    connection: sqlite3.Connection, by: str, owner: str, value: int | str, wanted: Sequence[str]
) -> dict[str, Memory]:
    if not wanted:
        return {}
    rows = connection.execute(
        f"SELECT m.{by}, {_FIELD_COLUMNS} FROM memories AS m "
        f"WHERE m.{owner} = ? AND m.{by} IN (SELECT value FROM json_each(?))",
        (value, as_json(wanted)),
    )
    return {row[0]: load_memory(zip(FIELDS, row[1:], strict=True)) for row in rows}


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
    make, similarity, types = tuple.__new__, similarities.get, TYPES
    before, kind, between, asks, after = _BEFORE, _TYPE, _BETWEEN, _IS_QUESTION, _AFTER
    return {
        row[0]: make(
            Candidate,
            (
                row[1],
                similarity(row[0]),
                *row[before],
                types[row[kind]],
                *row[between],
                row[asks] == 1,
                *row[after],
            ),
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
