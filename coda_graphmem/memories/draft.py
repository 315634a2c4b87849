"""A memory as a caller describes it, checked, and its identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.identity import dedup_key
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.validation import (
    check_id,
    check_memory_type,
    check_metadata,
    check_optional_id,
    check_optional_time,
    check_optional_unit,
    check_text,
)

_KEYS = frozenset(
    {"content", "type", "memory_type", "metadata", "importance_score", "conversation_id", "timestamp", "memory_id"}
)


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
        given = {
            "memory_id": self.memory_id,
            "timestamp": self.timestamp,
            "importance_score": self.importance_score,
        }
        return frozenset(name for name, value in given.items() if value is not None)


def check_draft(
    content: object,
    memory_type: object,
    metadata: object,
    importance_score: object,
    *,
    conversation_id: object = None,
    timestamp: object = None,
    memory_id: object = None,
    prefix: str = "",
) -> Draft:
    """Check the arguments of one memory; ``prefix`` stands before field names in errors."""
    return Draft(
        content=check_text(content, f"{prefix}content"),
        memory_type=check_memory_type(memory_type, f"{prefix}memory_type"),
        metadata=check_metadata(metadata, f"{prefix}metadata"),
        importance_score=check_optional_unit(importance_score, f"{prefix}importance_score"),
        conversation_id=check_optional_id(conversation_id, f"{prefix}conversation_id"),
        timestamp=check_optional_time(timestamp, f"{prefix}timestamp"),
        memory_id=check_optional_id(memory_id, f"{prefix}memory_id"),
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What a caller wants to be different; None where it stays as it is."""

    content: str | None
    metadata: dict[str, Any] | None
    importance_score: float | None

    def applied_to(self, memory: Memory) -> Draft:
        """The memory as it shall be."""
        return Draft(
            content=memory.content if self.content is None else self.content,
            memory_type=memory.memory_type,
            metadata=memory.metadata if self.metadata is None else self.metadata,
            expires_at=memory.expires_at,
        )


def check_changes(content: object, metadata: object, importance_score: object) -> Changes:
    """Check what is to be changed, which has to be something."""
    if content is None and metadata is None and importance_score is None:
        raise ValidationError("nothing to change was given.", remedy="Give content, metadata or importance_score.")
    return Changes(
        content=None if content is None else check_text(content, "content"),
        metadata=None if metadata is None else check_metadata(metadata),
        importance_score=check_optional_unit(importance_score, "importance_score"),
    )


def check_batch(items: object) -> list[Draft]:
    """Check the entries of a batch, each a mapping with the arguments of `store_memory` as keys."""
    if isinstance(items, str | Mapping) or not isinstance(items, Sequence):
        raise ValidationError("must be a list of mappings.", field="memories", remedy="Pass a list.")
    return [_check_entry(item, f"memories[{i}].") for i, item in enumerate(items)]


def _check_entry(item: object, prefix: str) -> Draft:
    if not isinstance(item, Mapping):
        raise ValidationError(
            f"must be a mapping, not {type(item).__name__}.", field=prefix[:-1], remedy="Pass dictionaries."
        )
    unknown = sorted(str(key) for key in item.keys() - _KEYS)
    if unknown:
        raise ValidationError(
            "no such key.", field=prefix + unknown[0], remedy=f"Known keys: {', '.join(sorted(_KEYS))}."
        )
    if "content" not in item:
        raise ValidationError("is missing.", field=f"{prefix}content", remedy="Give each entry a content.")
    kinds = [check_memory_type(item[key], prefix + key) for key in ("type", "memory_type") if key in item]
    if len(set(kinds)) > 1:
        raise ValidationError("contradicts memory_type.", field=f"{prefix}type", remedy="Give one of the two.")
    return check_draft(
        item["content"],
        kinds[0] if kinds else MemoryType.EPISODIC,
        item.get("metadata"),
        item.get("importance_score"),
        conversation_id=item.get("conversation_id"),
        timestamp=item.get("timestamp"),
        memory_id=item.get("memory_id"),
        prefix=prefix,
    )


def short_term(draft: Draft, conversation_id: object, expires_at: float) -> Draft:
    """The same memory, bound to a conversation and to an end."""
    return replace(draft, conversation_id=check_id(conversation_id, "conversation_id"), expires_at=expires_at)


def speaker_of(metadata: Mapping[str, Any]) -> str | None:
    """Who said it, without white space around the name; None where nobody is named."""
    return _text_or_none(metadata.get("speaker"))


def key_of(draft: Draft) -> str | None:
    """The `dedup_key` of a memory; short-term ones pass and have none."""
    return None if draft.expires_at is not None else dedup_key(draft.content, draft.memory_type, draft.speaker)


def _text_or_none(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
