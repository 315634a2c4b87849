"""Which memories a call is about, and how they are found."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.conditions import Condition
from coda_graphmem.models.memory import MemoryType

#: A value metadata can be compared with.
MetadataValue = str | int | float | bool | None

Lifetime = Literal["long_term", "short_term", "any"]
SortOrder = Literal["oldest", "newest", "weakest"]

OnConflict = Literal["error", "update", "keep"]
"""What becomes of a memory whose id exists with something else."""

#: How memories are found and ranked: by all three ways, without the graph, by vectors alone, by text alone.
RetrievalMode = Literal["graph", "hybrid", "vector", "text"]

#: How the rankings of several queries become one.
AggregationMethod = Literal["weighted_average", "max", "reciprocal_rank"]


class MemoryFilter(BaseModel, frozen=True, extra="forbid"):
    """Conditions that all must hold. An empty filter selects every live long-term memory of a namespace."""

    memory_types: tuple[MemoryType, ...] | None = None
    """One of these types; None for all."""
    min_importance: float | None = None
    """Importance of at least this, in [0, 1]."""
    max_importance: float | None = None
    """Importance of at most this, in [0, 1]."""
    since: float | None = None
    """Timestamp at or after this (seconds, UTC)."""
    until: float | None = None
    """Timestamp before this (seconds, UTC)."""
    conversation_id: str | None = None
    metadata: dict[str, MetadataValue] = Field(default_factory=dict)
    """Top-level metadata keys and the values they must equal; numbers compare by value, True is not 1."""
    where: Condition | None = None
    """What else has to hold; None for nothing."""
    lifetime: Lifetime = "long_term"
    """Long-term memories, short-term ones that have not expired, or both."""
    archived: bool | None = False
    """False for live memories, True for archived ones, None for both."""

    def _values(self) -> tuple[Any, ...]:
        """What two filters that select the same have in common; to Python alone True equals 1."""
        equal = frozenset((key, isinstance(value, bool), value) for key, value in self.metadata.items())
        return (*(value for name, value in vars(self).items() if name != "metadata"), equal)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemoryFilter) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    @property
    def is_default(self) -> bool:
        """Whether only the default conditions hold, so that a store may skip the filter."""
        return self == _DEFAULT


_DEFAULT = MemoryFilter()
