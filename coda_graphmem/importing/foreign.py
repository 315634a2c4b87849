"""A memory as another program kept it, and the records it becomes here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from coda_graphmem.importing.belongings import OWNERS, belongings
from coda_graphmem.importing.chats import NO_WORDS, acceptable, name_of
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.models import MemoryType
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH
from coda_graphmem.validation.moments import any_unit, parse_time

#: Under which keys programs say when something was made, the best first.
CREATED = ("created_at", "createdAt", "created")

#: Words for the types of memories, beside their own names.
_TYPES = {
    **{kind.value: kind for kind in MemoryType},
    **{f"{kind.value}_memory": kind for kind in MemoryType},
    **{"fact": MemoryType.SEMANTIC, "episode": MemoryType.EPISODIC, "procedure": MemoryType.PROCEDURAL},
    **{"preferences": MemoryType.PREFERENCE, "user_preference": MemoryType.PREFERENCE},
    **{"user_preferences": MemoryType.PREFERENCE},
}


@dataclass(frozen=True, slots=True)
class Foreign:
    """One memory of another program."""

    program: str
    """Which, so that equal ids of two programs are two."""
    key: str | None
    """Its id there; None where it has none."""
    content: object
    """What it says; anything but text says nothing."""
    kind: MemoryType = MemoryType.SEMANTIC
    at: float | None = None
    """When it was said, in seconds since the Unix epoch."""
    importance: float | None = None
    conversation_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What else is kept of it; what is None or empty is left out."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """What the program says of it, for whose it is (`coda_graphmem.importing.belongings`)."""
    tags: object = None
    """What it is filed under."""


def records_of_foreign(foreign: Foreign, place: str | int, maker: RecordMaker) -> Iterator[Record]:
    """The memory as records: one, or several where it is longer than a memory may be; none where it says nothing.

    Its id follows from its id there and from what it says: the same export, imported again, adds nothing, and what
    was changed there since comes in beside what it was before. Without an id there it follows from all of it.

    Args:
        foreign: The memory.
        place: Where it stands in the file.
        maker: Of that file.

    Raises:
        ValidationError: It is not acceptable; the field names the place.
    """
    content = acceptable(foreign.content).strip() if isinstance(foreign.content, str) else ""
    if not content:
        maker.account.pass_over("records", NO_WORDS, maker.place(place))
        return
    owned = belongings(foreign.said, foreign.tags)
    told = {name for name, ours in (*OWNERS.items(), ("tags", "tags")) if ours in owned}
    kept = {
        name: value for name, value in foreign.metadata.items() if value not in (None, "", [], {}) and name not in told
    }
    for number, start in enumerate(range(0, len(content), MAX_CONTENT_LENGTH)):
        if not (part := content[start : start + MAX_CONTENT_LENGTH].strip()):
            continue
        memory: dict[str, Any] = {
            **owned,
            "content": part,
            "type": foreign.kind,
            "metadata": kept,
            "timestamp": foreign.at,
            "importance_score": foreign.importance,
            "conversation_id": name_of(foreign.conversation_id or "") or None,
        }
        if foreign.key is not None:
            memory["memory_id"] = digest(foreign.program, foreign.key, content, *([number] if number else []))
        yield maker.make(place, memory, once=True)
    maker.account.take("records")


def key_of(value: object) -> str | None:
    """An id of another program as text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return value if isinstance(value, str) else str(value) if abs(value) < 10**30 else None


def kind_of(value: object, otherwise: MemoryType = MemoryType.SEMANTIC) -> MemoryType:
    """The type that a word of another program stands for."""
    return _TYPES.get(value.strip().casefold().replace(" ", "_"), otherwise) if isinstance(value, str) else otherwise


def unit_of(value: object) -> float | None:
    """An importance in [0, 1]; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None  # type: ignore[operator,arg-type] # a number by then


def time_of(said: Mapping[str, Any], place: str | int, maker: RecordMaker, *names: str) -> float | None:
    """When something was said: the first of the times that it has.

    Args:
        said: What the program says of it.
        place: Where it stands in the file.
        maker: Of that file.
        names: Keys of times, the best first; seconds, milliseconds and so on, or ISO 8601.

    Raises:
        ValidationError: One is no time; the field names the place and the key.
    """
    for name in names or CREATED:
        value = said.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise maker.fault(place, f"{name} is not a time.", "Use ISO 8601, or seconds since 1970.")
        try:
            # A number that no float holds is no time either.
            return any_unit(float(parse_time(value)))
        except (ValueError, OverflowError):
            raise maker.fault(
                place, f"{name} is not a time.", "Use ISO 8601 such as 2026-03-02T19:12:00Z, or seconds since 1970."
            ) from None
    return None
