"""Translates between the package's types and what nodes, parameters and rows hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coda_graphmem.language.words import describe
from coda_graphmem.models import EntityMention, Memory, MemoryFilter, MemoryType
from coda_graphmem.store.neo4j.connection import Row
from coda_graphmem.store.neo4j.lucene import plain
from coda_graphmem.store.protocol import Candidate, EntityNode, Vector

_TYPES = {kind.value: kind for kind in MemoryType}

# What every memory has: properties of its node, and places in a list of `read_candidate`.
_NEVER_NULL = (
    "memory_id", "content", "memory_type", "epoch", "importance_score", "access_count", "metadata", "created_at",
    "reinforcement_count",
)  # fmt: skip
_NEVER_NULL_PLACES = (0, 2, 3, 4, 5, 7, 8, 11, 12, 13)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def type_label(kind: MemoryType) -> str:
    """The second label of a memory, which Browser colours it by."""
    return kind.value.capitalize()


def as_datetime(seconds: float) -> datetime:
    """A time as Browser shows it; rounded to microseconds, so nothing computes with it."""
    return _EPOCH + timedelta(seconds=seconds)


def dump_metadata(metadata: Mapping[str, Any]) -> str:
    """Metadata as it is kept."""
    return json.dumps(dict(metadata), ensure_ascii=False, separators=(",", ":"))


def same_metadata(kept: str, given: Mapping[str, Any]) -> bool:
    """Whether metadata says the same, in any order of keys; 1, 1.0 and True are three different values."""
    return json.dumps(json.loads(kept), sort_keys=True) == json.dumps(dict(given), sort_keys=True)


def metadata_tokens(metadata: Mapping[str, Any]) -> list[str]:
    """``key=value`` of each value that a filter can ask for, the value as JSON.

    Numbers that are equal have one token, so that 1 finds 1.0; lists and objects have none.
    """
    tokens = []
    for key, value in metadata.items():
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # noqa: PLW2901
        if value is None or isinstance(value, str | int | float):
            tokens.append(f"{key}={json.dumps(value, ensure_ascii=False)}")
    return tokens


def described(content: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that follow from content and metadata."""
    speaker = metadata.get("speaker")
    speaker = speaker if isinstance(speaker, str) else None
    traits = describe(content, speaker)
    return {
        "content": content,
        "search_text": plain(content),
        "metadata": dump_metadata(metadata),
        "metadata_index": metadata_tokens(metadata),
        "speaker": speaker,
        "word_count": traits.word_count,
        "is_question": traits.is_question,
    }


def as_list(vector: Vector | None) -> list[float] | None:
    """A vector as a parameter."""
    return None if vector is None else vector.astype(float).tolist()


def filter_parameters(where: MemoryFilter) -> dict[str, Any]:
    """Parameters of the conditions that all statements with a filter share; no condition is left open."""
    return {
        "memory_types": [kind.value for kind in (MemoryType if where.memory_types is None else where.memory_types)],
        "min_importance": -math.inf if where.min_importance is None else where.min_importance,
        "max_importance": math.inf if where.max_importance is None else where.max_importance,
        "since": -math.inf if where.since is None else where.since,
        "until": math.inf if where.until is None else where.until,
        "conversation_id": where.conversation_id,
        "metadata": metadata_tokens(where.metadata),
    }


def lifetime_parameters(where: MemoryFilter, now: float) -> dict[str, Any]:
    """Parameters of the conditions on lifetime and archiving."""
    return {"lifetime": where.lifetime, "archived": where.archived, "now": now}


def wants_live(where: MemoryFilter) -> bool:
    """Whether the filter is about live long-term memories only."""
    return where.lifetime == "long_term" and where.archived is False


def is_searchable(where: MemoryFilter) -> bool:
    """Whether any live long-term memory can match the filter."""
    return where.lifetime != "short_term" and where.archived is not True


def read_memory(row: Row, namespace: str) -> Memory | None:
    """A memory from a row of the statements that return memories.

    None where another transaction removed it while the statement read it: of such a node the server gives null for
    whatever it had not read before.
    """
    node = row["memory"]
    if any(node[name] is None for name in _NEVER_NULL):
        return None
    mentions = sorted((one for one in row["entities"] if None not in one.values()), key=lambda one: str(one["key"]))
    return Memory.model_construct(
        memory_id=node["memory_id"],
        content=node["content"],
        memory_type=_TYPES[node["memory_type"]],
        timestamp=node["epoch"],
        importance_score=node["importance_score"],
        access_count=node["access_count"],
        last_accessed=node["last_accessed"],
        metadata=json.loads(node["metadata"]),
        embedding=row["embedding"],
        namespace=namespace,
        conversation_id=node["conversation_id"],
        entities=[EntityMention.model_construct(**mention) for mention in mentions],
        created_at=node["created_at"],
        updated_at=node["updated_at"],
        reinforcement_count=node["reinforcement_count"],
        expires_at=node["expires_at"],
        archived_at=node["archived_at"],
        consolidated_into=node["consolidated_into"],
        possibly_outdated_by=[memory_id for memory_id in row["newer_ids"] if memory_id is not None],
        decay_factor=node["decay_factor"],
    )


def read_candidate(values: Sequence[Any]) -> Candidate | None:
    """A candidate from a list of the statements that find memories; all begin with the same values.

    None where the memory was removed meanwhile, as in `read_memory`.
    """
    if any(values[place] is None for place in _NEVER_NULL_PLACES):
        return None
    return Candidate(
        memory_id=values[0],
        similarity=values[1],
        excerpt=values[13],
        timestamp=values[2],
        importance_score=values[3],
        created_at=values[4],
        access_count=values[5],
        last_accessed=values[6],
        reinforcement_count=values[7],
        memory_type=_TYPES[values[8]],
        conversation_id=values[9],
        speaker=values[10],
        word_count=values[11],
        is_question=values[12],
    )


def read_candidates(lists: Sequence[Sequence[Any]]) -> list[Candidate]:
    """The candidates that are still there, in order."""
    found = map(read_candidate, lists)
    return [candidate for candidate in found if candidate is not None]


def complete(rows: Sequence[Row], *names: str) -> list[Row]:
    """Rows without a null, which is what the server gives of a node that is removed while a statement reads it.

    Args:
        rows: Of any statement.
        names: The columns that are never null otherwise; all where none is named.
    """
    return [row for row in rows if None not in ([row[name] for name in names] if names else row.values())]


def read_entity(row: Row) -> EntityNode:
    """An entity from a row."""
    return EntityNode(key=row["key"], name=row["name"], label=row["label"], mention_count=row["mention_count"])


def unique(ids: Sequence[str]) -> list[str]:
    """The ids once each, in order."""
    return list(dict.fromkeys(ids))
