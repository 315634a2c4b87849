"""Decides what becomes of memories on their way into a store, given those that are there; pure functions."""

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from coda_graphmem.errors import MemoryStorageError, ValidationError
from coda_graphmem.language.words import describe
from coda_graphmem.models import Memory, MemoryLink, MergedMemory, OnConflict
from coda_graphmem.store.codec import make_memory, same_metadata
from coda_graphmem.store.families import Removal
from coda_graphmem.store.protocol import (
    MemoryChanges,
    Merge,
    NewMemory,
    Outcome,
    OutdatedChangesError,
    Saying,
    Stored,
    StoredMemory,
)
from coda_graphmem.store.sayings import Said, can_share, lifted, tell_again
from coda_graphmem.store.union import carried, unite

# What a new and what a merged memory have in common with a memory, name by name.
_GIVEN = tuple(one.name for one in fields(NewMemory) if one.name in Memory.model_fields and one.name != "embedding")
_MERGED = tuple(name for name in MergedMemory.model_fields if name in Memory.model_fields)

# What somebody said of a memory by hand.
_STANDING = ("standing", "standing_at")

#: Fields of a memory that the same content, stored again, changes.
REINFORCED = (
    *("importance_score", "metadata", "updated_at", "reinforcement_count", "last_said_at"),
    *("tags", "ends_at", "refresh_seconds"),
)


class Original(NamedTuple):
    """What a merge needs to know of a live memory that is to be merged."""

    updated_at: float | None
    access_count: int
    last_accessed: float | None


@dataclass(frozen=True, slots=True)
class Remade:
    """A merged memory as it is without those of its originals that are gone."""

    row: StoredMemory
    """Without a vector."""
    kept_id: str
    """The original whose content it has, and whose vector it is to have."""
    says_the_same: bool
    """Whether its content is what it was."""


class InsertPlan:
    """What some inserts write, one after the other.

    Args:
        by_id: The memories that have the id of a row.
        by_key: The live long-term memories that have one of the deduplication keys `keys_of` the rows; those that are
            reinforced are changed.
        sayings: Those of the memories ``by_key`` that several conversations share, by memory id.
    """

    def __init__(
        self,
        by_id: Mapping[str, Memory],
        by_key: Mapping[str, Memory],
        sayings: Mapping[str, tuple[Saying, ...]] | None = None,
    ) -> None:
        self._created: list[StoredMemory] = []
        self._said: dict[str, Said] = {
            memory_id: {one.conversation_id: one for one in found} for memory_id, found in (sayings or {}).items()
        }
        self._known: dict[str, NewMemory | Memory] = dict(by_id)
        self._holders = dict(by_key)
        self._new_ids: set[str] = set()
        self._reinforced: dict[str, Memory] = {}
        self.changed: dict[str, MemoryChanges] = {}
        """What becomes of memories whose id was there with something else, by id."""

    @property
    def created(self) -> list[StoredMemory]:
        """Memories that are new."""
        return [replace(row, sayings=self.sayings_of(row.memory.memory_id)) for row in self._created]

    def sayings_of(self, memory_id: str) -> tuple[Saying, ...]:
        """What each conversation says of a memory of the plan, where there is more than one."""
        return tuple(self._said.get(memory_id, {}).values())

    @property
    def reinforced(self) -> list[Memory]:
        """Memories that were there already, as they are to be."""
        return list(self._reinforced.values())

    def add(self, rows: Sequence[NewMemory], reinforcement: float, on_conflict: OnConflict = "error") -> list[Stored]:
        """Decide for each row of an insert whether it is new, reinforces another, or was there before.

        Args:
            rows: In the order given.
            reinforcement: Share of the way to 1 by which a repetition lifts the importance.
            on_conflict: What becomes of a memory whose id exists with something else.

        Raises:
            ValidationError: An id exists with other content; nothing of the insert is in the plan then.
        """
        given: dict[str, NewMemory] = {}
        for row in rows:
            known = self._known.get(row.memory_id, given.get(row.memory_id))
            if known is not None and on_conflict == "error":
                _check_retry(row, known)
            elif known is not None and on_conflict == "update" and not _is_same(row, known):
                _check_update(row, known, is_new=row.memory_id in given or row.memory_id in self._new_ids)
            given[row.memory_id] = row
        return [self._add(row, reinforcement, on_conflict) for row in rows]

    def _add(self, row: NewMemory, reinforcement: float, on_conflict: OnConflict) -> Stored:
        known = self._known.get(row.memory_id)
        if known is not None:
            if on_conflict == "update" and not _is_same(row, known):
                self.changed[row.memory_id] = _changes(row, known)
                return Stored(row.memory_id, Outcome.UPDATED)
            return Stored(row.memory_id, Outcome.UNCHANGED)
        key = row.dedup_key if row.lifetime == "long_term" else None
        holder = self._holders.get(key) if key is not None else None
        own = "memory_id" in row.explicit
        if key is not None and holder is not None and not own and not self._can_share(holder, row):
            key = own_key(key, row)
            holder = self._holders.get(key)
        if holder is not None and not own:
            said = self._said.setdefault(holder.memory_id, {})
            tell_again(said, holder, row, reinforcement=reinforcement)
            _reinforce(holder, row, reinforcement)
            if holder.memory_id not in self._new_ids:
                self._reinforced[holder.memory_id] = holder
            return Stored(holder.memory_id, Outcome.REINFORCED)
        memory = _made(row)
        kept_key = (key or row.dedup_key) if holder is None else None
        stored = StoredMemory(memory, row.embedding, dedup_key=kept_key, position=0, to_read=row.to_read)
        self._created.append(stored)
        self._new_ids.add(row.memory_id)
        if key is not None and holder is None:
            self._holders[key] = memory
        self._known[row.memory_id] = row
        return Stored(row.memory_id, Outcome.CREATED)

    def _can_share(self, holder: Memory, row: NewMemory) -> bool:
        return can_share(holder, self._said.get(holder.memory_id, {}), row)


def check_changes(changes: MemoryChanges, content: str, metadata: Mapping[str, Any]) -> None:
    """Refuse changes that were made of something else than what a memory is.

    Raises:
        OutdatedChangesError: They are to be made anew.
    """
    seen = changes.seen_metadata
    named = seen is not None and any(seen.get(key) != metadata.get(key) for key in ("title", "speaker"))
    if named or changes.seen_content not in {None, content}:
        raise OutdatedChangesError


def check_version(changes: MemoryChanges, version: int) -> None:
    """Refuse changes of another version than a memory is of.

    Raises:
        MemoryStorageError: Another change came first.
    """
    if changes.expected_version not in {None, version}:
        raise MemoryStorageError(
            f"the memory is of version {version} by now, not {changes.expected_version}.",
            field="expected_version",
            remedy="Read it again, and change what it is now.",
        )


def end_of(changes: MemoryChanges, *, is_short_term: bool) -> float | None:
    """When a memory is to end whose end is changed; None for never.

    Raises:
        ValidationError: A short-term memory is to have no end.
    """
    if is_short_term and changes.expires_at == math.inf:
        raise ValidationError(
            "cannot be never for a short-term memory.", field="expires_at", remedy="Call promote_memory."
        )
    return None if changes.expires_at == math.inf else changes.expires_at


def says_otherwise(changes: MemoryChanges, content: str, metadata: Mapping[str, Any]) -> bool:
    """Whether a memory is to be read again: its content is another then, or somebody else says it."""
    speaker = metadata.get("speaker")
    other = changes.metadata is not None and changes.metadata.get("speaker") != speaker
    return other or changes.content not in {None, content}


def has_own_words(row: StoredMemory) -> bool:
    """Whether a memory was changed, so that it does not say any more what the originals say that it was merged from."""
    content = row.memory.content
    changed = any(one.content != content for one in row.versions[:-1])
    return bool(row.versions) and bool(row.to_read or row.statements or changed)


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
    return StoredMemory(make_memory(values), embedding=None, dedup_key=merge.dedup_key, position=0)


def succeed(plan: Removal, rows: Mapping[str, StoredMemory]) -> dict[str, StoredMemory]:
    """Those that take the place of a merged memory that ends, as they are then, by id: live or archived as it was.

    Args:
        plan: Says which.
        rows: Those of ``plan.read`` as they are kept, without vectors.
    """
    found = {}
    for heir, ended in plan.places.items():
        place, own = rows[ended], rows[heir]
        names: tuple[str, ...] = ("archived_at", "consolidated_into")
        replaced_by = own.replaced_by
        if place.memory.standing is not None:
            # What was said by hand of the merged memory was said of what it says.
            names, replaced_by = (*names, *_STANDING), place.replaced_by
        memory = own.memory.model_copy(update={name: getattr(place.memory, name) for name in names})
        found[heir] = replace(own, memory=memory, run_id=place.run_id, replaced_by=replaced_by)
    return found


def remake_all(
    plan: Removal, rows: Mapping[str, StoredMemory], held: Collection[str], *, reinforcement: float, at: float
) -> list[Remade]:
    """Make merged memories anew from the originals that remain, innermost first.

    What was changed of them since they were merged goes with what is gone: it may hold the same.

    Args:
        plan: Says which, and from what.
        rows: Those of ``plan.read`` as they are kept, without vectors.
        held: Deduplication keys that other live memories have.
        reinforcement: How far each repetition moves the importance towards 1, in [0, 1].
        at: When that is (seconds since the Unix epoch, UTC).
    """
    present = {**rows, **succeed(plan, rows)}
    made: list[Remade] = []
    for merged_id, remaining in plan.remade.items():
        before = present[merged_id]
        uses = sum(rows[one].memory.access_count for one in plan.made_of[merged_id])
        one = _remake(before, [present[one] for one in remaining], uses, reinforcement=reinforcement, at=at)
        made.append(one)
        present[merged_id] = one.row
    kept = with_free_keys([one.row for one in made], held)
    return [replace(one, row=row) for one, row in zip(made, kept, strict=True)]


def _remake(
    merged: StoredMemory, originals: Sequence[StoredMemory], uses: int, *, reinforcement: float, at: float
) -> Remade:
    """One of `remake_all`; ``uses`` says how often its originals had been recalled when they were merged.

    No text is parsed, as this runs while a store is locked: of what remains the original that had the say keeps it,
    else the one of most words has it.
    """
    before = merged.memory
    by_worth = sorted((row.memory for row in originals), key=lambda memory: _worth(memory, before.content))
    made = unite(by_worth, reinforcement=reinforcement)
    since = max(0, before.access_count - uses)
    values = {name: getattr(made, name) for name in _MERGED}
    values["access_count"] = made.access_count + since
    if since:
        values["last_accessed"] = before.last_accessed
    for name in ("memory_id", "namespace", "created_at", "archived_at", "consolidated_into", *_STANDING):
        values[name] = getattr(before, name)
    values["updated_at"] = at
    key = next(row.dedup_key for row in originals if row.memory.memory_id == made.kept_id)
    memory = make_memory(values)
    row = StoredMemory(
        memory, embedding=None, dedup_key=key, position=0, run_id=merged.run_id, replaced_by=merged.replaced_by
    )
    return Remade(row, made.kept_id, made.content == before.content)


def inherited_links(
    plan: Removal,
    rows: Mapping[str, StoredMemory],
    made: Sequence[Remade],
    links: Iterable[MemoryLink],
    *,
    times: Mapping[str, float],
    at: float,
) -> list[MemoryLink]:
    """The links of what was made anew, and of what takes the place of another, beside its own.

    Where such a memory says what the one before it said, it keeps that one's links, without their reasons: they may
    quote what is gone. One that was made anew has those of its originals, too.

    Args:
        plan: Says which.
        rows: Those of ``plan.read`` as they were.
        made: Those that were made anew.
        links: All links of ``plan.read`` as they were.
        times: Timestamps of live memories, as for `carried`.
        at: When that is (seconds since the Unix epoch, UTC).
    """
    same = {one.row.memory.memory_id: one.row.memory.memory_id for one in made if one.says_the_same}
    same |= {
        ended: heir
        for heir, ended in plan.places.items()
        if heir not in plan.remade and rows[heir].memory.content == rows[ended].memory.content
    }
    lost = {*plan.gone, *plan.remade} - same.keys()
    kept = [
        link.model_copy(
            update={
                "source_id": same.get(link.source_id, link.source_id),
                "target_id": same.get(link.target_id, link.target_id),
                "reason": None,
            }
        )
        for link in links
        if not {link.source_id, link.target_id}.isdisjoint(same) and lost.isdisjoint({link.source_id, link.target_id})
    ]
    for one in made:
        memory_id = one.row.memory.memory_id
        into = dict.fromkeys(plan.remade[memory_id], memory_id)
        own = [link for link in links if lost.isdisjoint({link.source_id, link.target_id})]
        kept += carried(own, into, times, run_id=rows[plan.made_of[memory_id][0]].run_id or "", at=at)
    return [link for link in kept if link.source_id != link.target_id]


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
    return memory.lifetime == "long_term" and memory.archived_at is None


def _worth(memory: Memory, content: str) -> tuple[bool, int, float, int, str]:
    words = describe(memory.content, memory.speaker).word_count
    return memory.content != content, -words, -memory.timestamp, -len(memory.content), memory.memory_id


def _made(row: NewMemory) -> Memory:
    values = {name: getattr(row, name) for name in _GIVEN}
    values["metadata"] = dict(row.metadata)
    values["entities"] = list(row.entities)
    values["tags"] = list(row.tags)
    return make_memory(values)


def _reinforce(memory: Memory, row: NewMemory, reinforcement: float) -> None:
    """Let the same content, stored again, make a memory stronger; changes `REINFORCED`."""
    memory.importance_score = lifted(memory.importance_score, row.importance_score, reinforcement)
    memory.metadata = {**row.metadata, **memory.metadata}
    memory.updated_at = row.created_at
    memory.reinforcement_count += 1
    memory.tags = list(dict.fromkeys((*memory.tags, *row.tags)))
    # What is said to last longer does, and what stays does not begin to end.
    if memory.expires_at is not None:
        memory.expires_at = None if row.expires_at is None else max(memory.expires_at, row.expires_at)
        given = [one for one in (memory.refresh_seconds, row.refresh_seconds) if one is not None]
        memory.refresh_seconds = None if memory.expires_at is None else max(given, default=None)
    memory.last_said_at = max(memory.timestamp, memory.last_said_at or memory.timestamp, row.timestamp)


def _check_retry(row: NewMemory, known: NewMemory | Memory) -> None:
    """Accept a row whose id exists if everything the caller gave is equal."""
    if not _is_same(row, known):
        raise ValidationError(
            f"a memory with the id {row.memory_id!r} exists and is not the same.",
            field="memory_id",
            remedy="Use another id, leave it out, or change the memory with update_memory() or on_conflict='update'.",
        )


def _check_update(row: NewMemory, known: NewMemory | Memory, *, is_new: bool) -> None:
    """Refuse to change of a memory what is never changed, or one that the same call makes."""
    if is_new:
        raise ValidationError(
            f"the id {row.memory_id!r} is given twice, with different contents.",
            field="memory_id",
            remedy="Give each memory once.",
        )
    for name in ("conversation_id", "user_id", "agent_id", "session_id", "lifetime"):
        if getattr(known, name) != getattr(row, name):
            raise ValidationError(
                f"a memory with the id {row.memory_id!r} exists and has another {name}, which never changes.",
                field=name,
                remedy="Use another id, or delete the memory first.",
            )
    if "timestamp" in row.explicit and known.timestamp != row.timestamp:
        raise ValidationError(
            f"a memory with the id {row.memory_id!r} exists and has another timestamp, which never changes.",
            field="timestamp",
            remedy="Leave it out, use another id, or delete the memory first.",
        )


def _changes(row: NewMemory, known: NewMemory | Memory) -> MemoryChanges:
    """What makes a memory that is there what a row says."""
    return MemoryChanges(
        content=row.content if row.content != known.content else None,
        metadata=row.metadata if not same_metadata(known.metadata, row.metadata) else None,
        importance_score=row.importance_score if "importance_score" in row.explicit else None,
        memory_type=row.memory_type if row.memory_type != known.memory_type else None,
        tags=row.tags if "tags" in row.explicit and row.tags != tuple(known.tags) else None,
        expires_at=row.expires_at if "expires_at" in row.explicit else None,
        embedding=row.embedding if row.content != known.content else None,
        entities=row.entities,
        dedup_key=row.dedup_key,
        updated_at=row.created_at,
    )


def _is_same(row: NewMemory, known: NewMemory | Memory) -> bool:
    """Whether a memory that is there says what the caller gave."""
    return (
        known.content == row.content
        and known.memory_type == row.memory_type
        and known.conversation_id == row.conversation_id
        and (known.user_id, known.agent_id, known.session_id) == (row.user_id, row.agent_id, row.session_id)
        and same_metadata(known.metadata, row.metadata)
        and ("timestamp" not in row.explicit or known.timestamp == row.timestamp)
        and ("importance_score" not in row.explicit or known.importance_score == row.importance_score)
        and ("tags" not in row.explicit or tuple(known.tags) == row.tags)
        and ("expires_at" not in row.explicit or known.expires_at == row.expires_at)
    )


def keys_of(rows: Sequence[NewMemory]) -> list[str]:
    """Deduplication keys of memories that the rows may repeat, each once."""
    keyed = [(row.dedup_key, row) for row in rows if row.dedup_key is not None]
    return list(dict.fromkeys(one for key, row in keyed for one in (key, own_key(key, row))))


def own_key(key: str, row: NewMemory) -> str:
    """The key of what a conversation says that cannot share the memory that has the key itself."""
    talk = json.dumps(row.conversation_id).encode()
    return f"{key}:{hashlib.blake2b(talk, digest_size=16).hexdigest()}"
