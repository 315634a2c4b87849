"""Rows of the file: which ones a filter means, what comes before and after, and how they are read as our types."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import numpy as np

from coda_graphmem.conditions import value_of
from coda_graphmem.models import EntityMention, LinkKind, Memory, MemoryFilter
from coda_graphmem.models.memory import USES
from coda_graphmem.store.codec import FIELDS, SEALED, TYPES, checksum, load_memory
from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.checksums import damaged
from coda_graphmem.store.embedded.conditions import Lookup, Parameter, Part, condition_sql, metadata_sql
from coda_graphmem.store.protocol import EXCERPT_CHARACTERS, Candidate, EntityNode, Saying, Vector
from coda_graphmem.store.sayings import load_sayings

#: How often a memory was used, as SQL over its columns.
TIMES_USED = " + ".join(USES)
_LARGEST_INTEGER = 2**63 - 1

_OUTDATED = LinkKind.POSSIBLY_OUTDATED_BY.value

# What is read of a memory's own row, the checksum of it at the end.
_FIELD_COLUMNS = ", ".join(f"m.{name}" for name in (*FIELDS, "checksum"))
_SEALED = itemgetter(*map(FIELDS.index, SEALED))

_MEMORY_COLUMNS = (
    f"m.id, EXISTS (SELECT 1 FROM memory_links AS x WHERE x.source = m.id AND x.kind = '{_OUTDATED}'), "
    f"CASE WHEN m.over_share = 1.0 THEN m.over_since END, m.over_by, {_FIELD_COLUMNS}"
)

_NEWER = f"""
    SELECT x.source, t.memory_id FROM json_each(?) AS wanted
    JOIN memory_links AS x ON x.source = wanted.value AND x.kind = '{_OUTDATED}'
    JOIN memories AS t ON t.id = x.target WHERE t.scope IS NOT NULL ORDER BY t.id
"""

_COMPUTED = {"excerpt": f"substr(m.content, 1, {EXCERPT_CHARACTERS})", "uses": TIMES_USED}
_FELLOWS = (
    "SELECT s.timestamp AS timestamp, s.id AS id FROM memories AS s WHERE s.namespace_id = m.namespace_id "
    "AND s.conversation_id = m.conversation_id AND s.scope = m.scope "
)


def _around(sign: str, direction: str) -> str:
    moment = f"{_FELLOWS} AND s.timestamp = m.timestamp AND s.id {sign} m.id ORDER BY s.id {direction} LIMIT :steps"
    other = (
        f"{_FELLOWS} AND s.timestamp {sign} m.timestamp ORDER BY s.timestamp {direction}, s.id {direction} LIMIT :steps"
    )
    return (
        f"SELECT id FROM (SELECT * FROM ({moment}) UNION ALL SELECT * FROM ({other})) "
        f"ORDER BY timestamp {direction}, id {direction} LIMIT :steps"
    )


#: Subqueries over ``memories AS m``: row ids of the ``:steps`` memories after and before it in its conversation, live
#: long-term ones by timestamp, then by arrival. The order is not stored; it is read off ``memories_by_conversation``.
#: Memories of the same moment are told apart by a second look, so that a conversation without times costs no more.
AFTER = _around(">", "ASC")
BEFORE = _around("<", "DESC")

# The row id, then the fields of `Candidate` in order, without the similarity, which is the second of them: from the
# third on a value has the same place in the row and in the candidate.
_CANDIDATES = "SELECT m.id, {} FROM json_each(?) AS wanted JOIN memories AS m ON m.id = wanted.value".format(
    ", ".join(_COMPUTED.get(name, f"m.{name}") for name in Candidate._fields if name != "similarity")
)
_TYPE, _IS_QUESTION = Candidate._fields.index("memory_type"), Candidate._fields.index("is_question")
_BEFORE, _BETWEEN, _AFTER = slice(2, _TYPE), slice(_TYPE + 1, _IS_QUESTION), slice(_IS_QUESTION + 1, None)


@dataclass(frozen=True, slots=True)
class Conditions:
    """A conjunction: SQL text with placeholders and the values that go into them."""

    sql: str
    parameters: tuple[Parameter, ...]

    @property
    def tail(self) -> str:
        """The text to append to other conditions."""
        return f" AND {self.sql}" if self.sql else ""


def is_searchable(where: MemoryFilter) -> bool:
    """Whether any live long-term memory can match."""
    return where.lifetime != "short_term" and where.archived is not True


def searchable(connection: sqlite3.Connection, namespace: Namespace, where: MemoryFilter, *, now: float) -> Conditions:
    """Conditions beyond being live and long-term, to be asked of few memories that are known already.

    Args:
        connection: In a transaction.
        namespace: The namespace.
        where: A filter that `is_searchable`.
        now: Memories that end at or before this are not found.
    """
    return _join(_lasting(connection, namespace, now) + _common(where, Lookup(namespace.id, row_by_row=True)))


def matching(namespace: Namespace, where: MemoryFilter) -> Conditions:
    """Those of `filtered`, to be asked of few memories that are known already."""
    return _join(_common(where, Lookup(namespace.id, row_by_row=True)))


def filtered(namespace: Namespace, where: MemoryFilter) -> Conditions:
    """Conditions of a filter that `is_searchable`, whether memories have ended or not."""
    return _join(_common(where, Lookup(namespace.id)))


def _lasting(connection: sqlite3.Connection, namespace: Namespace, now: float) -> list[Part]:
    """What keeps out memories that have ended, where there are any: they are rarely there for long."""
    ended = connection.execute(
        "SELECT 1 FROM memories WHERE namespace_id = ? AND ends_at <= ? LIMIT 1", (namespace.id, now)
    ).fetchone()
    return [("(m.ends_at IS NULL OR m.ends_at > ?)", (now,))] if ended else []


def everything(namespace: Namespace, where: MemoryFilter, *, now: float) -> Conditions:
    """All conditions, namespace and lifetime included.

    Args:
        namespace: The namespace.
        where: The filter.
        now: Memories that end at or before this have expired.
    """
    last = ("(m.ends_at IS NULL OR m.ends_at > ?)", (now,))
    if where.lifetime == "long_term" and where.archived is False:
        parts: list[Part] = [("m.scope = ?", (namespace.scope,)), last]
    else:
        parts = [("m.namespace_id = ?", (namespace.id,))]
        if where.lifetime == "long_term":
            parts += [("m.expires_at IS NULL", ()), last]
        elif where.lifetime == "short_term":
            parts.append(("m.expires_at > ?", (now,)))
        else:
            parts += [("(m.expires_at IS NULL OR m.expires_at > ?)", (now,)), last]
        if where.archived is not None:
            parts.append((f"m.archived_at IS {'NOT ' if where.archived else ''}NULL", ()))
    return _join(parts + _common(where, Lookup(namespace.id)))


def as_json(values: Sequence[int] | Sequence[str]) -> str:
    """A list as the one parameter that ``json_each`` unfolds."""
    return json.dumps(list(values))


def column(connection: sqlite3.Connection, sql: str, parameters: Sequence[object] | Mapping[str, object]) -> list[Any]:
    """The first column of an answer."""
    return [row[0] for row in connection.execute(sql, parameters)]


def encode(vector: Vector, *, half: bool) -> bytes:
    """A vector as a row keeps it, little-endian, in half or single precision; a vector index decodes either."""
    return np.asarray(vector, dtype="<f2" if half else "<f4").tobytes()


def _common(where: MemoryFilter, lookup: Lookup) -> list[Part]:
    parts: list[Part] = []
    if where.memory_types is not None:
        types = as_json([kind.value for kind in where.memory_types])
        parts.append(("m.memory_type IN (SELECT value FROM json_each(?))", (types,)))
    for text, value in (
        ("m.importance_score >= ?", where.min_importance),
        ("m.importance_score <= ?", where.max_importance),
        ("m.timestamp >= ?", where.since),
        ("m.timestamp < ?", where.until),
    ):
        if value is not None:
            parts.append((text, (value,)))
    if where.conversation_id is not None:
        # With the namespace, which the index over conversations begins with; else the one over times is walked.
        parts.append(("m.namespace_id = ? AND m.conversation_id = ?", (lookup.namespace_id, where.conversation_id)))
    for key, wanted in where.metadata.items():
        parts.append(metadata_sql(key, value_of(wanted), lookup))
        if isinstance(wanted, int | float) and not isinstance(wanted, bool):
            parts.append(_exactly(key, wanted))
    if where.where is not None:
        parts.append(condition_sql(where.where, lookup))
    return parts


def _exactly(key: str, value: float) -> Part:
    """That metadata hold a number under a key, of whole ones each digit, of which floats hold some sixteen."""
    # A path such as $."key" cannot hold every key; json_each compares the key as a value.
    number = float(value) if abs(value) > _LARGEST_INTEGER else value
    sql = (
        "EXISTS (SELECT 1 FROM json_each(m.metadata) AS j "
        "WHERE j.key = ? AND j.type IN ('integer', 'real') AND j.atom = ?)"
    )
    return sql, (key, number)


def _join(parts: list[Part]) -> Conditions:
    return Conditions(
        sql=" AND ".join(text for text, _ in parts), parameters=tuple(value for _, values in parts for value in values)
    )


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
            _load(
                row[4:],
                namespace=namespace.name,
                embedding=vectors[row[0]].tolist() if row[0] in vectors else None,
                entities=entities[row[0]],
                possibly_outdated_by=newer.get(row[0], []),
                valid_until=row[2],
                superseded_by=row[3],
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


def load_shared(
    connection: sqlite3.Connection, tail: str, parameters: Sequence[object]
) -> dict[str, tuple[Saying, ...]]:
    """The sayings of memories that several conversations share, by memory id.

    Args:
        connection: In a transaction.
        tail: Conditions on ``memories AS m``.
        parameters: Values for its placeholders.
    """
    rows = connection.execute(
        f"SELECT m.memory_id, m.sayings FROM memories AS m WHERE m.sayings IS NOT NULL AND {tail}", parameters
    )
    return {memory_id: read_sayings(memory_id, sayings) for memory_id, sayings in rows}


def read_sayings(memory_id: str, kept: str | None) -> tuple[Saying, ...]:
    """The sayings of a memory from its row."""
    try:
        return load_sayings(kept)
    except (ValueError, TypeError):
        raise damaged(memory_id) from None


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
    return {row[0]: _load(row[1:]) for row in rows}


def _load(row: Sequence[Any], **apart: Any) -> Memory:
    """A memory from its own row, which is what was kept."""
    if row[-1] not in (None, checksum(_SEALED(row))):
        raise damaged(row[FIELDS.index("memory_id")])
    try:
        return load_memory(zip(FIELDS, row, strict=False), **apart)
    except (KeyError, ValueError):  # A row without a checksum may be damaged as well.
        raise damaged(row[FIELDS.index("memory_id")]) from None


@lru_cache(maxsize=16_384)
def _mention(key: str, name: str, label: str) -> EntityMention:
    """A mention, frozen and so shared: making one takes longer than reading its row."""
    # To be checked takes pydantic half as long as to be taken unchecked.
    return EntityMention(key=key, name=name, label=label)


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
            (row[1], similarity(row[0]), *row[before], types[row[kind]], *row[between], row[asks] == 1, *row[after]),
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
