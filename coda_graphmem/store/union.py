"""Makes one memory of several that say the same; pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coda_graphmem.models import EntityMention, LinkKind, Memory, MemoryLink, MergedMemory

METADATA_KEY = "consolidated"
"""Where a merged memory's metadata says what it was made of."""


def age(memory: Memory) -> tuple[float, float, str]:
    """Sorts memories from the oldest on: by when they happened, then by when they were stored, then by id."""
    return memory.timestamp, memory.created_at or 0.0, memory.memory_id


def last_said(memory: Memory) -> float:
    """When a memory was said last (seconds, UTC)."""
    return memory.timestamp if memory.last_said_at is None else max(memory.timestamp, memory.last_said_at)


def recency(memory: Memory) -> tuple[float, float, str]:
    """Sorts memories by when they were said last, then as `age` does."""
    return last_said(memory), *age(memory)[1:]


def unite(by_worth: Sequence[Memory], *, reinforcement: float) -> MergedMemory:
    """Unite memories that say the same.

    - The content is that of the first.
    - The importance is that of a memory stored n times: ``1 - (1 - m)(1 - reinforcement)^(n - 1)``
      with m the largest of the originals.
    - Access counts are added; n originals are n - 1 repetitions more than the originals counted themselves.
    - Time, conversation and last access are the latest; the earliest time is kept beside them.
    - Metadata: the first original's values go first, the others add what it lacks, lists are joined.
      A value that gives way to another is kept in ``metadata["consolidated"]["other_values"]``.
    - Entities and tags are united, the first original's first.
    - It ends when the last of the originals does: never where one of them stays, as that goes on saying it. An original
      that ends before is removed then, and with it what it said, as with `Records.delete`. Recalls put off no end.
    - It belongs to whom the originals belong, which is one owner.

    Args:
        by_worth: At least two, of one type, the one that says most first.
        reinforcement: How far each repetition moves the importance towards 1, in [0, 1].
    """
    by_time = sorted(by_worth, key=age)
    kept, latest = by_worth[0], by_time[-1]
    strongest = max(memory.importance_score for memory in by_worth)
    accesses = [memory.last_accessed for memory in by_worth if memory.last_accessed is not None]
    first = min(_first_timestamp(memory) for memory in by_worth)
    return MergedMemory(
        source_ids=[memory.memory_id for memory in by_time],
        kept_id=kept.memory_id,
        content=kept.content,
        memory_type=kept.memory_type,
        timestamp=latest.timestamp,
        first_timestamp=first,
        importance_score=1.0 - (1.0 - strongest) * (1.0 - reinforcement) ** (len(by_worth) - 1),
        access_count=sum(memory.access_count for memory in by_worth),
        last_accessed=max(accesses, default=None),
        reinforcement_count=sum(memory.reinforcement_count for memory in by_worth) + len(by_worth) - 1,
        conversation_id=latest.conversation_id,
        metadata=_united(by_worth, first, latest.timestamp),
        entities=_entities(by_worth),
        user_id=kept.user_id,
        agent_id=kept.agent_id,
        session_id=kept.session_id,
        tags=list(dict.fromkeys(tag for memory in by_worth for tag in memory.tags)),
        expires_at=_last_end(by_worth),
    )


def carried(
    links: Iterable[MemoryLink], merged_into: Mapping[str, str], times: Mapping[str, float], *, run_id: str, at: float
) -> list[MemoryLink]:
    """The links of originals, for the memories they were merged into; the originals keep their own.

    Args:
        links: Links from or to originals.
        merged_into: What each original was merged into.
        times: Timestamps of live memories; links to others are left out. A merged memory is as new as its newest
            original, so it may not be the older one of two any more: then nothing is outdated.
        run_id: The run that merged them.
        at: When (seconds since the Unix epoch, UTC).
    """
    found: dict[tuple[str, str, LinkKind], MemoryLink] = {}
    for link in links:
        source, target = now(link.source_id, merged_into), now(link.target_id, merged_into)
        if (source, target) == (link.source_id, link.target_id) or not {source, target} <= times.keys():
            continue
        if source != target and (link.kind is LinkKind.SIMILAR_TO or times[source] < times[target]):
            found.setdefault(
                (source, target, link.kind),
                link.model_copy(update={"source_id": source, "target_id": target, "run_id": run_id, "created_at": at}),
            )
    return list(found.values())


def now(memory_id: str, merged_into: Mapping[str, str]) -> str:
    """What a memory is by now, over as many merges as there were."""
    while memory_id in merged_into:
        memory_id = merged_into[memory_id]
    return memory_id


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
            elif not same_value(united[key], value):
                others.setdefault(key, []).append(value)
    record: dict[str, Any] = {"count": originals, "first_timestamp": first, "last_timestamp": last}
    if others:
        record["other_values"] = {key: _distinct(values) for key, values in others.items()}
    return united | {METADATA_KEY: record}


def same_value(x: object, y: object) -> bool:
    """Whether two values of JSON are the same; True is not 1."""
    return x == y and isinstance(x, bool) == isinstance(y, bool)


def _distinct(values: Sequence[Any]) -> list[Any]:
    distinct: list[Any] = []
    for value in values:
        if not any(same_value(value, known) for known in distinct):
            distinct.append(value)
    return distinct


def _last_end(memories: Sequence[Memory]) -> float | None:
    ends = [memory.expires_at for memory in memories if memory.expires_at is not None]
    return max(ends) if len(ends) == len(memories) else None


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
