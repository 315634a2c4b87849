"""What happened in a memory, as it is told to those who listen."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.memory import Memory, MemoryType

#: What can happen. Broadcasts put ``memory_`` before it.
EventName = Literal[
    "stored", "retrieved", "updated", "deleted", "decayed", "consolidated", "undone", "learned",
    "superseded", "retracted", "reinstated", "outdated",
]  # fmt: skip


class EventMemory(BaseModel, frozen=True):
    """What an event says of one memory."""

    memory_id: str
    memory_type: MemoryType
    importance_score: float
    """In [0, 1]."""
    conversation_id: str | None = None
    relevance_score: float | None = None
    """In [0, 1], where it was retrieved."""
    content: str | None = None
    """Only where the listener asked for it."""

    @classmethod
    def of(cls, memory: Memory) -> "EventMemory":
        """What there is to say of a memory, its content included."""
        return cls(**{name: getattr(memory, name) for name in cls.model_fields})


class MemoryEvent(BaseModel, frozen=True):
    """One thing that happened in one namespace."""

    name: EventName
    time: float
    """When it was done (seconds since the Unix epoch, UTC)."""
    namespace: str
    count: int
    """How many memories it is about."""
    memory_ids: list[str] = Field(default_factory=list)
    """Their ids, the first hundred; none where a call removes by a filter."""
    memories: list[EventMemory] = Field(default_factory=list)
    """Those of them that are still there: as they were handed out by a retrieval, else as they are
    when the event is delivered."""
    details: dict[str, Any] = Field(default_factory=dict)
    """What else the call has to say: counts and ids, JSON, never content."""

    def as_data(self) -> dict[str, Any]:
        """The event without its name, ready for JSON; ``content`` is a key only where it was asked for."""
        data = self.model_dump(mode="json", exclude={"name"})
        for memory in data["memories"]:
            if memory["content"] is None:
                del memory["content"]
        return data
