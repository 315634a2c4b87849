"""What the lines of an export may hold, and what is said of a line that holds something else."""

from __future__ import annotations

from typing import Annotated

import pydantic
from pydantic import BaseModel, ConfigDict, Field, Strict

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import LinkKind
from coda_graphmem.validation import (
    LARGEST,
    Content,
    Id,
    Kind,
    Metadata,
    Namespace,
    Offset,
    Seconds,
    Unit,
    explain,
    place_of,
)

#: What is said of a line that no release of this package can have written.
DAMAGED = "Export again: the file is damaged."

Positive = Annotated[int, Field(ge=1, le=LARGEST)]


class _Values(BaseModel):
    """Values as JSON has them: nothing is converted, so that ``"1"`` is no number."""

    # Built when first used: most processes neither export nor import.
    model_config = ConfigDict(strict=True, defer_build=True)


class HeaderValues(_Values):
    """The line before the memories of a namespace, without what says that it is one."""

    namespace: Namespace
    sections: Positive
    embedding_model: Id | None = None
    dimension: Positive | None = None
    exported_at: Seconds


class EndValues(_Values):
    """The line after the memories of a namespace."""

    end: Namespace
    memories: Offset = 0


class NameValues(_Values):
    """What an entity is called."""

    name: Content
    label: Content


class EntityValues(NameValues):
    """An entity as a memory mentions it, and as it is known where that differs."""

    key: Content
    known_as: NameValues | None = None


class LinkValues(_Values):
    """A link to another memory."""

    kind: Annotated[LinkKind, Strict(False)]
    target_id: Id
    score: float
    guard: Content | None = None
    reason: Content | None = None
    created_at: Seconds
    run_id: Id | None = None


class MemoryValues(_Values):
    """The line of a memory."""

    model_config = ConfigDict(extra="forbid")

    memory_id: Id
    content: Content
    memory_type: Kind
    timestamp: Seconds
    importance_score: Unit
    access_count: Offset = 0
    last_accessed: Seconds | None = None
    metadata: Metadata = {}
    conversation_id: Id | None = None
    entities: list[EntityValues] = []
    created_at: Seconds
    updated_at: Seconds | None = None
    reinforcement_count: Offset = 0
    decay_factor: Unit | None = None
    expires_at: Seconds | None = None
    archived_at: Seconds | None = None
    consolidated_into: Id | None = None
    run_id: Id | None = None
    dedup_key: Id | None = None
    links: list[LinkValues] = []
    embedding: str | None = None


def fault(error: pydantic.ValidationError, place: str) -> ValidationError:
    """The first fault of a line as an error of this package.

    Args:
        error: What pydantic found.
        place: File and line.
    """
    found = error.errors(include_url=False)
    # A key that nobody knows says more about a line than what else is wrong with it.
    first = next((item for item in found if item["type"] == "extra_forbidden"), found[0])
    message, remedy = explain(first)
    location = first["loc"]
    if first["type"] == "model_type" and isinstance(location[-1], int):
        message, location = "is not a list of objects.", location[:-1]
    return ValidationError(
        message,
        field=f"{place}, {place_of(location)}",
        remedy=remedy if first["type"] == "refused" else DAMAGED,
    )
