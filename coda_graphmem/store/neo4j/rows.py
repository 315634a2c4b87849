"""Translates between the package's types and what nodes, parameters and rows hold."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coda_graphmem.models import EntityMention, Memory, MemoryFilter, MemoryType, MemoryVersion, Statement
from coda_graphmem.store.codec import (
    CANDIDATE_REQUIRED,
    REQUIRED,
    TYPES,
    content_hash,
    dump_memory,
    dump_metadata,
    dump_traits,
    load_memory,
)
from coda_graphmem.store.neo4j.conditions import condition_steps
from coda_graphmem.store.neo4j.connection import Row
from coda_graphmem.store.neo4j.lucene import plain
from coda_graphmem.store.neo4j.values import value_properties
from coda_graphmem.store.protocol import Candidate, StoredMemory, Vector
from coda_graphmem.store.sayings import dump_sayings, load_sayings

#: How many values of a list of `read_candidate` are the candidate's; others may follow.
CANDIDATE_VALUES = len(Candidate._fields)

_REQUIRED_PLACES = [Candidate._fields.index(name) for name in CANDIDATE_REQUIRED]
_TYPE_PLACE = Candidate._fields.index("memory_type")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def node_properties(row: StoredMemory) -> dict[str, Any]:
    """The properties of a memory's node that follow from the memory alone; none is its vector."""
    memory = row.memory
    return {
        **dump_memory(memory),
        "tags": memory.tags or None,
        "search_text": plain(memory.content),
        **filtered_by(vars(memory), memory.metadata, memory.tags, [mention.key for mention in memory.entities]),
        # A time as Browser shows it; rounded to microseconds, so nothing computes with it.
        "timestamp": _EPOCH + timedelta(seconds=memory.timestamp),
        "epoch": memory.timestamp,
        "touched_at": memory.created_at if memory.last_accessed is None else memory.last_accessed,
        "changed_at": memory.created_at if memory.updated_at is None else memory.updated_at,
        "consolidation_run": row.run_id,
        "replaced_by": row.replaced_by,
        # Nothing is kept of a memory that was never changed.
        "version": None if memory.version == 1 else memory.version,
        "sayings": dump_sayings(row.sayings),
    }


def described(content: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that change with content and metadata, but those of `filtered_by`."""
    return {
        "content": content,
        "search_text": plain(content),
        "metadata": dump_metadata(metadata),
        **dump_traits(content, metadata),
    }


def filtered_by(
    fields: Mapping[str, Any], metadata: Mapping[str, Any], tags: Iterable[str], entities: Iterable[str]
) -> dict[str, Any]:
    """The properties by which filters find a memory.

    Args:
        fields: What it has in the fields of `KEYED`.
        metadata: Its metadata.
        tags: Its tags.
        entities: Keys of what it mentions.
    """
    return {"metadata_index": metadata_tokens(metadata), **value_properties(metadata, tags, entities, fields)}


def type_label(kind: MemoryType) -> str:
    """The second label of a memory, which Browser colours it by."""
    return kind.value.capitalize()


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


def as_list(vector: Vector | None) -> list[float] | None:
    """A vector as a parameter."""
    return None if vector is None else vector.astype(float).tolist()


def unique(ids: Sequence[str]) -> list[str]:
    """The ids once each, in order."""
    return list(dict.fromkeys(ids))


def filter_parameters(where: MemoryFilter, *, now: float) -> dict[str, Any]:
    """Parameters of ``parts/filter``; no condition is left open. Memories that end at or before ``now`` match none."""
    return {
        "memory_types": [kind.value for kind in (MemoryType if where.memory_types is None else where.memory_types)],
        "min_importance": -math.inf if where.min_importance is None else where.min_importance,
        "max_importance": math.inf if where.max_importance is None else where.max_importance,
        "since": -math.inf if where.since is None else where.since,
        "until": math.inf if where.until is None else where.until,
        "conversation_id": where.conversation_id,
        "metadata": metadata_tokens(where.metadata),
        "condition": condition_steps(where.where),
        "now": now,
    }


def lifetime_parameters(where: MemoryFilter) -> dict[str, Any]:
    """Parameters of ``parts/lifetime``, which has the time from `filter_parameters`."""
    return {"lifetime": where.lifetime, "archived": where.archived}


def wants_live(where: MemoryFilter) -> bool:
    """Whether the filter is about live long-term memories only."""
    return where.lifetime == "long_term" and where.archived is False


def is_searchable(where: MemoryFilter) -> bool:
    """Whether any live long-term memory can match the filter."""
    return where.lifetime != "short_term" and where.archived is not True


def read_memory(row: Row, namespace: str) -> Memory | None:
    """A memory from a row with the columns of ``parts/memory``.

    None where another transaction removed it while the statement read it: of such a node the server gives null for
    whatever it had not read before.
    """
    node = row["memory"]
    if any(node[name] is None for name in REQUIRED):
        return None
    mentions = sorted((one for one in row["entities"] if None not in one.values()), key=lambda one: str(one["key"]))
    return load_memory(
        node,
        namespace=namespace,
        embedding=row["embedding"],
        entities=[EntityMention.model_construct(**mention) for mention in mentions],
        possibly_outdated_by=[memory_id for memory_id in row["newer_ids"] if memory_id is not None],
        valid_until=row["valid_until"],
        superseded_by=row["superseded_by"],
    )


def read_memories(rows: Iterable[Row], namespace: str) -> list[Memory]:
    """The memories that are still there, in order."""
    memories = (read_memory(row, namespace) for row in rows)
    return [memory for memory in memories if memory is not None]


def read_stored(row: Row, namespace: str) -> StoredMemory | None:
    """A memory with what is kept beside it, from a row that has that beside the columns of ``parts/memory``.

    None as in `read_memory`. Its vector, and columns that the row does not have, are left out.
    """
    memory = read_memory(row, namespace)
    if memory is None:
        return None
    versions = [read_version(memory.memory_id, kept) for kept in row.get("versions", ())]
    return StoredMemory(
        memory=memory,
        embedding=None,
        dedup_key=row["dedup_key"],
        position=row["arrival"],
        run_id=row["run_id"],
        sayings=load_sayings(row["sayings"]),
        to_read=row["to_read"],
        statements=tuple(Statement.model_construct(**one) for one in row.get("statements", ())),
        replaced_by=row["replaced_by"],
        versions=tuple(versions),
    )


def read_version(memory_id: str, kept: Row) -> MemoryVersion:
    """A version of a memory from a map as ``parts/versions`` gives it."""
    kind, metadata = TYPES[kept["memory_type"]], json.loads(kept["metadata"])
    return MemoryVersion(
        **{**kept, "memory_type": kind, "metadata": metadata},
        memory_id=memory_id,
        content_hash=content_hash(kept["content"], kind, metadata),
    )


def read_candidate(values: Sequence[Any]) -> Candidate | None:
    """A candidate from a list that begins with its fields, in their order, as ``parts/candidate`` gives them.

    None where the memory was removed meanwhile, as in `read_memory`.
    """
    if any(values[place] is None for place in _REQUIRED_PLACES):
        return None
    own = list(values[:CANDIDATE_VALUES])
    own[_TYPE_PLACE] = TYPES[own[_TYPE_PLACE]]
    return Candidate._make(own)


def read_candidates(lists: Sequence[Sequence[Any]]) -> list[Candidate]:
    """The candidates that are still there, in order."""
    found = map(read_candidate, lists)
    return [candidate for candidate in found if candidate is not None]


def complete(rows: Sequence[Row], *names: str) -> list[Row]:
    """Rows without a null, which is what the server gives of a node that is removed while a statement reads it.

    ``names`` are the columns that are never null otherwise; all where none is named.
    """
    return [row for row in rows if None not in ([row[name] for name in names] if names else row.values())]
