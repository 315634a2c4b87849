"""A memory as a caller describes it, checked, and its identity."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Required

from typing_extensions import TypedDict

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.repeats import repeat_form
from coda_graphmem.models import NOBODYS, Memory, MemoryLifetime, MemoryType, Scope
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.checked import seconds_of
from coda_graphmem.validation.types import Content, Duration, Flag, Id, Kind, Metadata, Moment, Tags, Unit

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
    tags: tuple[str, ...] | None = None
    """None for none, and for what there was."""
    from_ttl: bool = False
    """Whether the end was given as a length of time from now."""
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
        names = ("memory_id", "timestamp", "importance_score", "tags")
        given = {name for name in names if getattr(self, name) is not None}
        # From a length of time follows another end with each try.
        return frozenset(given | ({"expires_at"} if self.expires_at is not None and not self.from_ttl else set()))


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
            owner=memory.scope,
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
    user_id: Id | None
    agent_id: Id | None
    session_id: Id | None
    tags: Tags | None
    expires_at: Moment | None
    ttl: Duration | None
    refresh_on_read: Flag


def make_draft(
    content: str,
    memory_type: MemoryType = MemoryType.EPISODIC,
    *,
    now: float,
    within: Scope = NOBODYS,
    field: str = "",
    metadata: Mapping[str, Any] | None = None,
    importance_score: float | None = None,
    conversation_id: str | None = None,
    timestamp: Moment | None = None,
    memory_id: str | None = None,
    user_id: str | None = None,
    agent_id: str | None = None,
    session_id: str | None = None,
    tags: Sequence[str] | None = None,
    expires_at: Moment | None = None,
    ttl: float | None = None,
    refresh_on_read: bool = False,
) -> Draft:
    """A memory of the checked arguments of `store_memory`.

    Args:
        now: The clock (seconds, UTC), from which ``ttl`` counts.
        within: The scope of the view it is stored by.
        field: What stands before the name of an argument in an error.

    Raises:
        ValidationError: Arguments contradict one another, or the scope.
    """
    owner = owner_within(within, field, user_id=user_id, agent_id=agent_id, session_id=session_id)
    return Draft(
        content=content,
        memory_type=memory_type,
        metadata=dict(metadata or {}),
        importance_score=importance_score,
        conversation_id=conversation_id,
        timestamp=seconds_of(timestamp),
        memory_id=memory_id,
        expires_at=_end(seconds_of(expires_at), ttl, field, now=now, refresh_on_read=refresh_on_read),
        refresh_seconds=ttl if refresh_on_read else None,
        tags=None if tags is None else tuple(tags),
        from_ttl=ttl is not None,
        owner=owner,
    )


def owner_within(scope: Scope, field: str = "", **ids: str | None) -> Scope:
    """Whose a memory is that is stored by a view of a scope, with the ids that the call gives.

    Raises:
        ValidationError: The call gives another id than the view is bound to.
    """
    for name, value in ids.items():
        bound = scope.ids.get(name)
        if value is not None and bound not in (None, value):
            raise ValidationError(
                f"is {value!r}, and this view is bound to {bound!r}.",
                field=f"{field}.{name}".lstrip("."),
                remedy="Leave it out, or use a view of the other one.",
            )
    return Scope(**{name: value if value is not None else scope.ids.get(name) for name, value in ids.items()})


def _end(expires_at: float | None, ttl: float | None, field: str, *, now: float, refresh_on_read: bool) -> float | None:
    """When a memory ends; None where it stays."""
    if refresh_on_read and ttl is None:
        raise ValidationError(
            "needs a ttl to begin anew.", field=f"{field}.refresh_on_read".lstrip("."), remedy="Give ttl as well."
        )
    if ttl is not None and expires_at is not None:
        raise ValidationError("excludes expires_at.", field=f"{field}.ttl".lstrip("."), remedy="Give one of the two.")
    if expires_at is not None and expires_at <= now:
        raise ValidationError(
            "is over already.", field=f"{field}.expires_at".lstrip("."), remedy="Give a time that is yet to come."
        )
    return expires_at if ttl is None else now + ttl


def read_batch(items: object, *, now: float = 0.0, within: Scope = NOBODYS) -> list[Draft]:
    """The memories of a batch, each a mapping with the arguments of `store_memory` as keys.

    Args:
        items: The mappings.
        now: As in `make_draft`, as is ``within``; 0 where only the form counts.

    Raises:
        ValidationError: An entry is not acceptable; the field names it, as in ``memories[3].content``.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise ValidationError("must be a list of mappings.", field="memories", remedy="Pass a list.")
    return [read_entry(item, f"memories[{i}]", now=now, within=within) for i, item in enumerate(items)]


def read_entry(item: object, field: str, *, now: float = 0.0, within: Scope = NOBODYS) -> Draft:
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
    kind = kinds.pop() if kinds else MemoryType.EPISODIC
    return make_draft(memory_type=kind, now=now, within=within, field=field, **entry)


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


def new_id() -> str:
    """A fresh id."""
    return uuid.uuid4().hex


def _text_or_none(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
