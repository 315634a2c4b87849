"""Keeps apart what several conversations say of one memory, so that each can go alone; pure functions.

The same content stored again makes the memory that is there stronger. Once that comes from another conversation the
memory has a list of sayings, one for each conversation, its own first.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from coda_graphmem.models import EntityMention, Memory, MemoryFilter
from coda_graphmem.models.memory import REPETITIONS, TITLE_LABEL
from coda_graphmem.store.protocol import NewMemory, Saying, StoredMemory
from coda_graphmem.store.union import METADATA_KEY, same_value

#: Fields of a memory that change where some of its sayings go, beside its entities.
RETOLD = (
    *("content", "conversation_id", "timestamp", "created_at", "updated_at"),
    *("importance_score", REPETITIONS, "metadata", "last_said_at"),
)

#: The sayings of one memory by conversation, its own first.
Said = dict[str | None, Saying]


#: The conditions of a filter that each saying meets or not; the others are about the memory.
_OWN: dict[str, Any] = {"since": None, "until": None, "conversation_id": None, "metadata": {}}


def dump_sayings(sayings: Sequence[Saying]) -> str | None:
    """What is kept of sayings; None where a memory has none."""
    if not sayings:
        return None
    return _kept().dump_json(tuple(sayings), exclude_defaults=True).decode()


def load_sayings(kept: str | None) -> tuple[Saying, ...]:
    """Sayings from what is kept of them."""
    return () if kept is None else _kept().validate_json(kept)


@functools.cache
def _kept() -> TypeAdapter[tuple[Saying, ...]]:
    return TypeAdapter(tuple[Saying, ...])


def can_share(holder: Memory, said: Said, row: NewMemory) -> bool:
    """Whether a repetition may make a memory stronger.

    One of another conversation may not where the memory was merged or its content was changed since: what the
    conversation said could not be told from it any more. Of a merged memory it may where it has nothing of its own,
    neither conversation nor metadata.
    """
    if row.conversation_id == holder.conversation_id:
        return True
    if _is_merged(holder):
        return row.conversation_id is None and not row.metadata
    first = next(iter(said.values()), None)
    return first is None or not first.is_changed


def tell_again(said: Said, holder: Memory, row: NewMemory, *, reinforcement: float) -> None:
    """Add a repetition to the sayings of a memory, unless one conversation alone says it or it was merged.

    Args:
        said: Those it has; changed.
        holder: The memory as it is before.
        row: The repetition.
        reinforcement: Share of the way to 1 by which a repetition lifts the importance.
    """
    if not said:
        if row.conversation_id == holder.conversation_id or _is_merged(holder):
            return
        said[holder.conversation_id] = _first(holder)
    talk = row.conversation_id
    one = said.get(talk)
    if one is not None:
        changes = {
            "importance_score": lifted(one.importance_score, row.importance_score, reinforcement),
            "metadata": {**row.metadata, **one.metadata},
            "repeated": one.repeated + 1,
        }
        said[talk] = one.model_copy(update=changes)
        return
    is_same = row.content == holder.content
    said[talk] = Saying(
        conversation_id=talk,
        timestamp=row.timestamp,
        created_at=row.created_at,
        importance_score=row.importance_score,
        metadata=dict(row.metadata),
        content=None if is_same else row.content,
        mentions=tuple(mention for mention in row.entities if not is_same or mention.label == TITLE_LABEL),
    )


def lifted(importance: float, other: float, reinforcement: float) -> float:
    """The importance of what was said twice, of the importance of both."""
    larger = max(importance, other)
    return larger + reinforcement * (1.0 - larger)


def changed(sayings: Sequence[Saying]) -> tuple[Saying, ...]:
    """The sayings of a memory whose content is another from now on."""
    return (sayings[0].model_copy(update={"is_changed": True}), *sayings[1:]) if sayings else ()


def whole(where: MemoryFilter) -> MemoryFilter:
    """What a filter asks of a memory whatever of it is said in which conversation."""
    return where.model_copy(update=_OWN)


def what_is_left(shared: Mapping[str, Sequence[Saying]], where: MemoryFilter) -> dict[str, tuple[Saying, ...]]:
    """What is left of sayings where those go that match a filter; those of which none goes are not in it.

    Where the content was changed since, it stands for the first saying, and nothing is left without that.

    Args:
        shared: The sayings of memories that match ``whole(where)``, by memory id.
        where: The filter.
    """
    found = {}
    for memory_id, sayings in shared.items():
        left = tuple(one for one in sayings if not _matches(one, where))
        if len(left) < len(sayings):
            found[memory_id] = () if sayings[0].is_changed and sayings[0] not in left else left
    return found


def retold(row: StoredMemory, left: Sequence[Saying], *, reinforcement: float, at: float) -> StoredMemory:
    """A memory as it is where only some of its sayings are left.

    What was changed of its metadata since stays as long as the first saying does.

    Args:
        row: As it is.
        left: At least one of its sayings.
        reinforcement: Share of the way to 1 by which a repetition lifts the importance.
        at: When that is (seconds since the Unix epoch, UTC).
    """
    memory, before, first = row.memory, row.sayings, left[0]
    content = memory.content
    metadata: Mapping[str, Any] = _united(left)
    entities = list(memory.entities)
    importance = first.importance_score
    for one in left[1:]:
        importance = lifted(importance, one.importance_score, reinforcement)
    if first == before[0]:
        if memory.metadata != _united(before):
            gone = [one.metadata for one in before if one not in left]
            metadata = {
                key: value
                for key, value in memory.metadata.items()
                if _holds(metadata, key, value) or not any(_holds(one, key, value) for one in gone)
            }
    else:
        old = [one for one in entities if one.label != TITLE_LABEL]
        entities = _together([] if first.content is not None else old, first.mentions)
        if first.content is not None:
            content = first.content
            left = [first, *(_spelled_out(one, memory.content, old) for one in left[1:])]
        left = [first.model_copy(update={"content": None, "mentions": ()}), *left[1:]]
    values: dict[str, Any] = {
        "content": content,
        "conversation_id": first.conversation_id,
        "timestamp": first.timestamp,
        "created_at": first.created_at,
        "updated_at": at,
        "importance_score": importance,
        REPETITIONS: len(left) - 1 + sum(one.repeated for one in left),
        "metadata": dict(metadata),
        "last_said_at": max(one.timestamp for one in left) if len(left) > 1 or first.repeated else None,
        "entities": entities,
    }
    return replace(row, memory=memory.model_copy(update=values), sayings=tuple(left) if len(left) > 1 else ())


def _spelled_out(saying: Saying, content: str, mentions: Sequence[EntityMention]) -> Saying:
    """A saying of a memory that has been written as ``content`` and is not any more."""
    if saying.content is not None:
        return saying
    return saying.model_copy(update={"content": content, "mentions": tuple(_together(mentions, saying.mentions))})


def _together(some: Sequence[EntityMention], others: Sequence[EntityMention]) -> list[EntityMention]:
    """Each key once."""
    return list({one.key: one for one in (*others, *some)}.values())


def _is_merged(memory: Memory) -> bool:
    return METADATA_KEY in memory.metadata


def _first(holder: Memory) -> Saying:
    return Saying(
        conversation_id=holder.conversation_id,
        timestamp=holder.timestamp,
        created_at=holder.created_at or 0.0,
        importance_score=holder.importance_score,
        metadata=dict(holder.metadata),
        repeated=getattr(holder, REPETITIONS),
    )


def _united(sayings: Sequence[Saying]) -> dict[str, Any]:
    united: dict[str, Any] = {}
    for one in sayings:
        united = {**one.metadata, **united}
    return united


def _matches(saying: Saying, where: MemoryFilter) -> bool:
    return (
        (where.conversation_id is None or saying.conversation_id == where.conversation_id)
        and (where.since is None or saying.timestamp >= where.since)
        and (where.until is None or saying.timestamp < where.until)
        and all(_holds(saying.metadata, key, value) for key, value in where.metadata.items())
    )


def _holds(metadata: Mapping[str, Any], key: str, value: object) -> bool:
    return key in metadata and same_value(metadata[key], value)
