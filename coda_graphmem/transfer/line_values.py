"""What the lines of an export may hold, and what is said of a line that holds something else."""

from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, Field, Strict

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import LinkKind, Memory, Operation, Statement
from coda_graphmem.models.memory import MemoryLifetime, Standing
from coda_graphmem.store.codec import KEPT, REQUIRED
from coda_graphmem.validation.arguments import explain, place_of
from coda_graphmem.validation.limits import LARGEST
from coda_graphmem.validation.types import Answer, Content, Id, Kind, Metadata, Namespace, Offset, Seconds, Unit

#: What is said of a line that no release of this package can have written.
DAMAGED = "Export again: the file is damaged."

Positive = Annotated[int, Field(ge=1, le=LARGEST)]


class Values(BaseModel):
    """Values as JSON has them: nothing is converted, so that ``"1"`` is no number."""

    # Built when first used: most processes neither export nor import.
    model_config = ConfigDict(strict=True, defer_build=True)


class HeaderValues(Values):
    """The line before the memories of a namespace, without what says that it is one."""

    namespace: Namespace
    sections: Positive
    embedding_model: Id | None = None
    dimension: Positive | None = None
    exported_at: Seconds


class EndValues(Values):
    """The line after the memories and items of a namespace."""

    end: Namespace
    memories: Offset = 0
    items: Offset = 0


class NameValues(Values):
    """What an entity is called."""

    name: Content
    label: Content


class EntityValues(NameValues):
    """An entity as a memory mentions it, and as it is known where that differs."""

    key: Content
    known_as: NameValues | None = None


class MentionValues(NameValues):
    """An entity as a saying mentions it."""

    key: Content


class LinkValues(Values):
    """A link to another memory."""

    kind: Annotated[LinkKind, Strict(False)]
    target_id: Id
    score: float
    guard: Content | None = None
    reason: Content | None = None
    created_at: Seconds
    run_id: Id | None = None


class SayingValues(Values):
    """What one conversation says of a memory that several share."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: Id | None = None
    timestamp: Seconds
    created_at: Seconds
    importance_score: Unit
    metadata: Metadata = {}
    content: Content | None = None
    mentions: list[MentionValues] = []
    repeated: Offset = 0
    is_changed: bool = False


class StatementValues(Values):
    """What was read in a memory."""

    model_config = ConfigDict(extra="forbid")

    subject: Answer
    subject_key: Answer
    attribute: Answer
    value: Answer
    value_key: Answer
    polarity: bool = True
    valid_from: Seconds | None = None
    valid_until: Seconds | None = None
    confidence: Unit = Statement.model_fields["confidence"].default


class ChangeValues(Values):
    """What made a version of a memory."""

    model_config = ConfigDict(extra="forbid")

    operation: Operation
    at: Seconds
    actor: Answer


class VersionValues(ChangeValues):
    """The line of an earlier version of the memory whose line comes next."""

    was: Id
    version: Positive
    content: Content
    memory_type: Kind
    importance_score: Unit
    metadata: Metadata = {}


class AttachedValues(Values):
    """What stands on the line of a memory beside its own fields; `MemoryValues` has those as well."""

    model_config = ConfigDict(extra="forbid")

    entities: list[EntityValues] = []
    run_id: Id | None = None
    dedup_key: Id | None = None
    replaced_by: Id | None = None
    to_read: bool = False
    statements: list[StatementValues] = []
    last_change: ChangeValues | None = None
    links: list[LinkValues] = []
    sayings: list[SayingValues] = []
    embedding: str | None = None


#: What a field of a memory may hold, by the type that `Memory` gives it: whole numbers count, others are times, and
#: text is an id.
_BY_TYPE: dict[Any, Any] = {
    **{int: Offset, float: Seconds, float | None: Seconds | None, str: Id, str | None: Id | None},
    Standing | None: Standing | None,
    MemoryLifetime: MemoryLifetime,
}

#: The same of fields that hold something else.
_BY_NAME: dict[str, Any] = {
    "content": Content,
    "memory_type": Kind,
    "importance_score": Unit,
    "metadata": Metadata,
    "decay_factor": Unit | None,
    "created_at": Seconds,
    "version": Positive,
    "refresh_seconds": Annotated[float, Field(gt=0)] | None,
    "tags": list[Id],
}


def _field(name: str) -> Any:
    """Type and default of a field of a memory; a field that is never null and has no other default must be there."""
    field = Memory.model_fields[name]
    default = field.get_default(call_default_factory=True)
    must_be_there = field.is_required() or (default is None and name in REQUIRED)
    return _BY_NAME[name] if name in _BY_NAME else _BY_TYPE[field.annotation], ... if must_be_there else default


#: Fields of a memory that are times.
TIMES = frozenset(name for name in KEPT if _field(name)[0] in (Seconds, Seconds | None))

MemoryValues = pydantic.create_model("MemoryValues", __base__=AttachedValues, **{name: _field(name) for name in KEPT})


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
        message, field=f"{place}, {place_of(location)}", remedy=remedy if first["type"] == "refused" else DAMAGED
    )
