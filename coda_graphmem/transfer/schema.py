"""What the lines of an export may hold, and what is said of a line that holds something else."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, Strict, StringConstraints

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import LinkKind, MemoryType
from coda_graphmem.validation import (
    MAX_CONTENT_LENGTH,
    MAX_ID_LENGTH,
    MAX_NAMESPACE_LENGTH,
    MAX_TIME,
    MIN_TIME,
    check_metadata,
)

#: What is said of a line that no release of this package can have written.
DAMAGED = "Export again: the file is damaged."

# Patterns without flags, as pydantic's engine reads them: something that is no white space, and nothing forbidden.
_WORDS = r"^[^\x00]*[^\s\x00][^\x00]*$"
_PRINTABLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"

Text = Annotated[str, StringConstraints(max_length=MAX_CONTENT_LENGTH, pattern=_WORDS)]
Id = Annotated[str, StringConstraints(max_length=MAX_ID_LENGTH, pattern=_PRINTABLE)]
Namespace = Annotated[str, StringConstraints(max_length=MAX_NAMESPACE_LENGTH, pattern=_PRINTABLE)]
Time = Annotated[float, Field(ge=MIN_TIME, le=MAX_TIME, allow_inf_nan=False)]
Unit = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Positive = Annotated[int, Field(ge=1, le=2**53)]
Metadata = Annotated[dict[str, Any], PlainValidator(check_metadata)]


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
    exported_at: Time


class EndValues(_Values):
    """The line after the memories of a namespace."""

    end: Namespace
    memories: Count = 0


class NameValues(_Values):
    """What an entity is called."""

    name: Text
    label: Text


class EntityValues(NameValues):
    """An entity as a memory mentions it, and as it is known where that differs."""

    key: Text
    known_as: NameValues | None = None


class LinkValues(_Values):
    """A link to another memory."""

    kind: Annotated[LinkKind, Strict(False)]
    target_id: Id
    score: float
    guard: Text | None = None
    reason: Text | None = None
    created_at: Time
    run_id: Id | None = None


class MemoryValues(_Values):
    """The line of a memory."""

    model_config = ConfigDict(extra="forbid")

    memory_id: Id
    content: Text
    memory_type: Annotated[MemoryType, Strict(False)]
    timestamp: Time
    importance_score: Unit
    access_count: Count = 0
    last_accessed: Time | None = None
    metadata: Metadata = {}
    conversation_id: Id | None = None
    entities: list[EntityValues] = []
    created_at: Time
    updated_at: Time | None = None
    reinforcement_count: Count = 0
    decay_factor: Unit | None = None
    expires_at: Time | None = None
    archived_at: Time | None = None
    consolidated_into: Id | None = None
    run_id: Id | None = None
    dedup_key: Id | None = None
    links: list[LinkValues] = []
    embedding: str | None = None


#: What is said of a fault, by pydantic's type of it; of others pydantic's own words.
_SAID = {
    "missing": "is missing.",
    "extra_forbidden": "is no key of this version.",
    "string_type": "must be a string.",
    "string_unicode": "holds a lone surrogate, which is no text.",
    "string_pattern_mismatch": "is empty, or holds a character that has no place in it.",
    "float_type": "must be a number.",
    "finite_number": "is not a finite number.",
    "int_type": "must be a whole number.",
    "list_type": "is not a list of objects.",
    "dict_type": "is not an object.",
    "model_type": "is not an object.",
}

_SHOULD = re.compile(r"^\w+ should")


def fault(error: pydantic.ValidationError, place: str) -> ValidationError:
    """The first fault of a line as an error of this package, without the value, which is somebody's.

    Args:
        error: What pydantic found.
        place: File and line.
    """
    found = error.errors(include_url=False, include_input=False)
    # A key that nobody knows says more about a line than what else is wrong with it.
    first = next((item for item in found if item["type"] == "extra_forbidden"), found[0])
    own = first.get("ctx", {}).get("error")
    location = first["loc"]
    message, remedy = _SAID.get(first["type"]) or f"{_SHOULD.sub('must', first['msg'])}.", DAMAGED
    if isinstance(own, ValidationError):
        message, remedy = own.message, own.remedy or DAMAGED
    elif first["type"] == "model_type" and isinstance(location[-1], int):
        message, location = _SAID["list_type"], location[:-1]
    return ValidationError(message, field=f"{place}, {_field(location)}", remedy=remedy)


def _field(location: tuple[int | str, ...]) -> str:
    """Where in a line something stands, such as ``entities[0].label``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
