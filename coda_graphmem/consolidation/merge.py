"""Makes one memory of several that say the same."""

from collections.abc import Sequence
from typing import Any

from coda_graphmem.consolidation.links import age
from coda_graphmem.consolidation.readings import Reading
from coda_graphmem.models import EntityMention, Memory, MergedMemory

METADATA_KEY = "consolidated"
"""Where a merged memory's metadata says what it was made of."""


def merge(memories: Sequence[Memory], readings: Sequence[Reading], *, reinforcement: float) -> MergedMemory:
    """Unite memories that say the same.

    - The content is the most informative one's (`Reading.information`); of equals the newest, then the longest.
    - The importance is that of a memory stored n times: ``1 - (1 - m)(1 - reinforcement)^(n - 1)``
      with m the largest of the originals.
    - Access counts are added; n originals are n - 1 repetitions more than the originals counted themselves.
    - Time, conversation and last access are the latest; the earliest time is kept beside them.
    - Metadata: the kept original's values go first, the others add what it lacks, lists are joined.
      A value that gives way to another is kept in ``metadata["consolidated"]["other_values"]``.
    - Entities are united, the kept original's first.

    Args:
        memories: At least two, of one type.
        readings: What their contents say, in the same order.
        reinforcement: How far each repetition moves the importance towards 1, in [0, 1].
    """
    ranked = sorted(
        zip(memories, readings, strict=True),
        key=lambda pair: (-pair[1].information, -pair[0].timestamp, -len(pair[0].content), pair[0].memory_id),
    )
    by_worth = [memory for memory, _ in ranked]
    by_time = sorted(memories, key=age)
    kept, latest = by_worth[0], by_time[-1]
    strongest = max(memory.importance_score for memory in memories)
    accesses = [memory.last_accessed for memory in memories if memory.last_accessed is not None]
    first = min(_first_timestamp(memory) for memory in memories)
    return MergedMemory(
        source_ids=[memory.memory_id for memory in by_time],
        kept_id=kept.memory_id,
        content=kept.content,
        memory_type=kept.memory_type,
        timestamp=latest.timestamp,
        first_timestamp=first,
        importance_score=1.0 - (1.0 - strongest) * (1.0 - reinforcement) ** (len(memories) - 1),
        access_count=sum(memory.access_count for memory in memories),
        last_accessed=max(accesses, default=None),
        reinforcement_count=sum(memory.reinforcement_count for memory in memories) + len(memories) - 1,
        conversation_id=latest.conversation_id,
        metadata=_united(by_worth, first, latest.timestamp),
        entities=_entities(by_worth),
    )


def _united(memories: Sequence[Memory], first: float, last: float) -> dict[str, Any]:
    united: dict[str, Any] = {}
    others: dict[str, list[Any]] = {}
    originals = 0
    for memory in memories:
        before = memory.metadata.get(METADATA_KEY)
        if isinstance(before, dict):
            originals += before.get("count", 1)
            for key, values in before.get("other_values", {}).items():
                others.setdefault(key, []).extend(values)
        else:
            originals += 1
        for key, value in memory.metadata.items():
            if key == METADATA_KEY:
                continue
            if key not in united:
                united[key] = list(value) if isinstance(value, list) else value
            elif isinstance(united[key], list) and isinstance(value, list):
                united[key] += [item for item in value if item not in united[key]]
            elif not _equal(united[key], value):
                others.setdefault(key, []).append(value)
    record: dict[str, Any] = {"count": originals, "first_timestamp": first, "last_timestamp": last}
    if others:
        record["other_values"] = {key: _distinct(values) for key, values in others.items()}
    return united | {METADATA_KEY: record}


def _equal(x: object, y: object) -> bool:
    """Whether two values of JSON are the same; True is not 1."""
    return x == y and isinstance(x, bool) == isinstance(y, bool)


def _distinct(values: Sequence[Any]) -> list[Any]:
    distinct: list[Any] = []
    for value in values:
        if not any(_equal(value, known) for known in distinct):
            distinct.append(value)
    return distinct


def _first_timestamp(memory: Memory) -> float:
    before = memory.metadata.get(METADATA_KEY)
    first = before.get("first_timestamp") if isinstance(before, dict) else None
    return min(memory.timestamp, first) if isinstance(first, int | float) else memory.timestamp


def _entities(memories: Sequence[Memory]) -> list[EntityMention]:
    by_key: dict[str, EntityMention] = {}
    for memory in memories:
        for mention in memory.entities:
            by_key.setdefault(mention.key, mention)
    return list(by_key.values())
