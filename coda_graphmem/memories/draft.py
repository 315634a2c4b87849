"""A memory as a caller describes it, checked, and its identity."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Required

from typing_extensions import TypedDict

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.repeats import repeat_form
from coda_graphmem.models import Memory, MemoryLifetime, MemoryType, Scope
from coda_graphmem.validation import Content, Id, Kind, Metadata, Moment, Unit, check

NOBODYS = Scope()
"""The scope of a memory that belongs to nobody in particular."""

CALLER = "caller"
"""Who changes a memory where nobody else is named."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a caller wants to keep; None where the caller left it to us."""

    content: str
    memory_type: MemoryType
    metadata: dict[str, Any]
    importance_score: float | None = None
    conversation_id: str | None = None
    timestamp: float | None = None
    memory_id: str | None = None
    expires_at: float | None = None
    lifetime: MemoryLifetime = "long_term"
    refresh_seconds: float | None = None
    """How far each recall puts off its end; None where it does not."""
    tags: tuple[str, ...] = ()
    owner: Scope = NOBODYS
    """Whose it is."""
    read_entities: bool = True
    """Whether the content is searched for entities; a title is one anyway."""

    @property
    def speaker(self) -> str | None:
        """Who said it, from the metadata."""
        return speaker_of(self.metadata)

    @property
    def title(self) -> str | None:
        """The title of what it is from, which counts as an entity."""
        return _text_or_none(self.metadata.get("title"))

    @property
    def explicit(self) -> frozenset[str]:
        """Which of the fields that default to something were given."""
        given = {"memory_id": self.memory_id, "timestamp": self.timestamp, "importance_score": self.importance_score}
        return frozenset(name for name, value in given.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a caller wants to be different; None where it stays as it is."""

    content: str | None = None
    metadata: dict[str, Any] | None = None
    importance_score: float | None = None
    memory_type: MemoryType | None = None
    tags: tuple[str, ...] | None = None
    expires_at: float | None = None
    """When it is to end; infinity for never."""
    expected_version: int | None = None
    """The version that was seen; None for any."""
    actor: str = CALLER
    """Who wants it, for the history of the memory."""

    def applied_to(self, memory: Memory) -> Draft:
        """The memory as it shall be."""
        return Draft(
            content=memory.content if self.content is None else self.content,
            memory_type=memory.memory_type if self.memory_type is None else self.memory_type,
            metadata=memory.metadata if self.metadata is None else self.metadata,
            expires_at=memory.expires_at,
            lifetime=memory.lifetime,
            owner=scope_of(memory),
        )


class _Entry(TypedDict, total=False):
    """One memory of a batch: the arguments of `store_memory`, ``type`` meaning ``memory_type``."""

    content: Required[Content]
    type: Kind
    memory_type: Kind
    metadata: Metadata | None
    importance_score: Unit | None
    conversation_id: Id | None
    timestamp: Moment | None
    memory_id: Id | None


def read_batch(items: object) -> list[Draft]:
    """The memories of a batch, each a mapping with the arguments of `store_memory` as keys.

    Raises:
        ValidationError: An entry is not acceptable; the field names it, as in ``memories[3].content``.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise ValidationError("must be a list of mappings.", field="memories", remedy="Pass a list.")
    return [read_entry(item, f"memories[{i}]") for i, item in enumerate(items)]


def read_entry(item: object, field: str) -> Draft:
    """One memory of a batch; ``field`` is what an error calls it."""
    if not isinstance(item, Mapping):
        raise ValidationError(
            f"must be a mapping, not {type(item).__name__}.", field=field, remedy="Pass dictionaries."
        )
    known = _Entry.__annotations__.keys()
    unknown = sorted(str(key) for key in item.keys() - known)
    if unknown:
        raise ValidationError(
            "no such key.", field=f"{field}.{unknown[0]}".lstrip("."), remedy=f"Known keys: {', '.join(sorted(known))}."
        )
    entry: dict[str, Any] = check(_Entry, dict(item), field)
    kinds = {entry.pop(key) for key in ("type", "memory_type") if key in entry}
    if len(kinds) > 1:
        raise ValidationError(
            "contradicts memory_type.", field=f"{field}.type".lstrip("."), remedy="Give one of the two."
        )
    entry["metadata"] = entry.get("metadata") or {}
    return Draft(memory_type=kinds.pop() if kinds else MemoryType.EPISODIC, **entry)


def speaker_of(metadata: Mapping[str, Any]) -> str | None:
    """Who said it, without white space around the name; None where nobody is named."""
    return _text_or_none(metadata.get("speaker"))


def key_of(draft: Draft) -> str | None:
    """The `dedup_key` of a memory; short-term ones pass and have none."""
    if draft.lifetime == "short_term":
        return None
    return dedup_key(draft.content, draft.memory_type, draft.speaker, draft.owner)


def dedup_key(content: str, memory_type: MemoryType, speaker: str | None, owner: Scope = NOBODYS) -> str | None:
    """What two long-term memories share that are one and the same; None where repeats are separate.

    The same words of the same type, said by the same person, are one memory; letter case and white space count only
    where they carry meaning, see `repeat_form`. Episodic memories are events and have no key.

    Args:
        content: What the memory says.
        memory_type: Its type.
        speaker: Who said it, without white space around the name; None where nobody is named.
        owner: Whose it is: what two of them say is not one and the same.
    """
    if memory_type is MemoryType.EPISODIC:
        return None
    identity = "\n".join((memory_type.value, speaker or "", repeat_form(content)))
    if owner:
        identity += f"\n{json.dumps(owner.ids, sort_keys=True)}"
    return hashlib.sha256(identity.encode()).hexdigest()


def scope_of(memory: Memory) -> Scope:
    """Whose a memory is."""
    return Scope(user_id=memory.user_id, agent_id=memory.agent_id, session_id=memory.session_id)


def new_id() -> str:
    """A fresh id."""
    return uuid.uuid4().hex


def _text_or_none(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
