"""Decides what becomes of memories on their way into a store, given those that are there; pure functions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import Memory, MergedMemory
from coda_graphmem.store.codec import same_metadata
from coda_graphmem.store.protocol import (
    MemoryChanges,
    Merge,
    NewMemory,
    Outcome,
    OutdatedChangesError,
    Stored,
    StoredMemory,
)

# What a new and what a merged memory have in common with a memory, name by name.
_GIVEN = tuple(one.name for one in fields(NewMemory) if one.name in Memory.model_fields and one.name != "embedding")
_MERGED = tuple(name for name in MergedMemory.model_fields if name in Memory.model_fields)

#: Fields of a memory that the same content, stored again, changes.
REINFORCED = ("importance_score", "metadata", "updated_at", "reinforcement_count")


class Original(NamedTuple):
    """What a merge needs to know of a live memory that is to be merged."""

    updated_at: float | None
    access_count: int
    last_accessed: float | None


class InsertPlan:
    """What some inserts write, one after the other.

    Args:
        by_id: The memories that have the id of a row.
        by_key: The live long-term memories that have the deduplication key of a row; those that are reinforced
            are changed.
    """

    def __init__(self, by_id: Mapping[str, Memory], by_key: Mapping[str, Memory]) -> None:
        self.created: list[StoredMemory] = []
        self._known: dict[str, NewMemory | Memory] = dict(by_id)
        self._holders = dict(by_key)
        self._new_ids: set[str] = set()
        self._reinforced: dict[str, Memory] = {}

    @property
    def reinforced(self) -> list[Memory]:
        """Memories that were there already, as they are to be."""
        return list(self._reinforced.values())

    def add(self, rows: Sequence[NewMemory], reinforcement: float) -> list[Stored]:
        """Decide for each row of an insert whether it is new, reinforces another, or was there before.

        Args:
            rows: In the order given.
            reinforcement: Share of the way to 1 by which a repetition lifts the importance.

        Raises:
            ValidationError: An id exists with other content; nothing of the insert is in the plan then.
        """
        given: dict[str, NewMemory] = {}
        for row in rows:
            if (known := self._known.get(row.memory_id, given.get(row.memory_id))) is not None:
                _check_retry(row, known)
            given[row.memory_id] = row
        return [self._add(row, reinforcement) for row in rows]

    def _add(self, row: NewMemory, reinforcement: float) -> Stored:
        if row.memory_id in self._known:
            return Stored(row.memory_id, Outcome.UNCHANGED)
        key = row.dedup_key if row.expires_at is None else None
        holder = self._holders.get(key) if key is not None else None
        if holder is not None and "memory_id" not in row.explicit:
            _reinforce(holder, row, reinforcement)
            if holder.memory_id not in self._new_ids:
                self._reinforced[holder.memory_id] = holder
            return Stored(holder.memory_id, Outcome.REINFORCED)
        memory = _made(row)
        kept_key = row.dedup_key if holder is None else None
        self.created.append(StoredMemory(memory, row.embedding, dedup_key=kept_key, position=0))
        self._new_ids.add(row.memory_id)
        if key is not None and holder is None:
            self._holders[key] = memory
        self._known[row.memory_id] = row
        return Stored(row.memory_id, Outcome.CREATED)


def check_changes(changes: MemoryChanges, content: str, metadata: Mapping[str, Any]) -> None:
    """Refuse changes that were made of something else than what a memory is.

    Raises:
        OutdatedChangesError: They are to be made anew.
    """
    seen = changes.seen_metadata
    named = seen is not None and any(seen.get(key) != metadata.get(key) for key in ("title", "speaker"))
    if named or changes.seen_content not in {None, content}:
        raise OutdatedChangesError


def plan_merge(merge: Merge, originals: Mapping[str, Original], at: float) -> StoredMemory | None:
    """The merged memory as it is to be kept, without a vector.

    Args:
        merge: What to merge.
        originals: Those of ``merge.merged.source_ids`` that are live, by id.
        at: When it is merged (seconds, UTC).

    Returns:
        None where an original is not live any more or has changed since it was read.
    """
    versions = {memory_id: original.updated_at for memory_id, original in originals.items()}
    if versions.keys() != set(merge.merged.source_ids) or versions != dict(merge.versions):
        return None
    values = {name: getattr(merge.merged, name) for name in _MERGED}
    recalls = [original.last_accessed for original in originals.values() if original.last_accessed is not None]
    values["memory_id"] = merge.memory_id
    values["access_count"] = sum(original.access_count for original in originals.values())
    values["last_accessed"] = max(recalls, default=None)
    values["created_at"] = at
    return StoredMemory(Memory.model_construct(**values), embedding=None, dedup_key=merge.dedup_key, position=0)


def with_free_keys(rows: Sequence[StoredMemory], held: Collection[str]) -> list[StoredMemory]:
    """The rows, live ones without a ``dedup_key`` that a live memory or an earlier row of them has.

    Args:
        rows: None of them is in the store.
        held: Keys of live long-term memories that are there.
    """
    taken: set[str | None] = set(held)
    kept = []
    for row in rows:
        if is_live(row.memory) and row.dedup_key is not None:
            if row.dedup_key in taken:
                row = replace(row, dedup_key=None)  # noqa: PLW2901
            else:
                taken.add(row.dedup_key)
        kept.append(row)
    return kept


def is_live(memory: Memory) -> bool:
    """Whether it is long-term and not archived, so that searches find it."""
    return memory.expires_at is None and memory.archived_at is None


def _made(row: NewMemory) -> Memory:
    values = {name: getattr(row, name) for name in _GIVEN}
    values["metadata"] = dict(row.metadata)
    values["entities"] = list(row.entities)
    return Memory.model_construct(**values)


def _reinforce(memory: Memory, row: NewMemory, reinforcement: float) -> None:
    """Let the same content, stored again, make a memory stronger; changes `REINFORCED`."""
    larger = max(memory.importance_score, row.importance_score)
    memory.importance_score = larger + reinforcement * (1.0 - larger)
    memory.metadata = {**row.metadata, **memory.metadata}
    memory.updated_at = row.created_at
    memory.reinforcement_count += 1


def _check_retry(row: NewMemory, known: NewMemory | Memory) -> None:
    """Accept a row whose id exists if everything the caller gave is equal."""
    same = (
        known.content == row.content
        and known.memory_type == row.memory_type
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
