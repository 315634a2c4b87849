"""Which memories become a graph, and how many."""

from dataclasses import dataclass

from coda_graphmem.errors import ValidationError
from coda_graphmem.models.conditions import Condition

#: Memories that a picture, a page or a notebook's graph holds where the caller does not say: more cannot be told apart.
DRAWN = 150

#: Memories a picture or a page may hold: placing more takes minutes.
MOST_DRAWN = 2_000

#: Memories a graph for programs holds where the caller does not say.
LISTED = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which memories become a graph; without a place to begin the newest of the namespace."""

    query: str | None = None
    memory_ids: tuple[str, ...] = ()
    entity_keys: tuple[str, ...] = ()
    max_depth: int = 1
    max_memories: int | None = None
    include_archived: bool = False
    skip: int = 0
    """Newest memories to pass over."""
    where: Condition | None = None
    """What has to hold of all its memories."""

    def __post_init__(self) -> None:
        """Refuse what would mean nothing.

        Raises:
            ValidationError: Something is asked for that only a graph without a place to begin has, or a walk from
                entities without a step.
        """
        if self.entity_keys and self.max_depth < 1:
            raise ValidationError(
                "is 0, and memories are one step away from entities.", field="max_depth", remedy="Pass 1 or more."
            )
        if self.starts and (self.skip or self.include_archived):
            raise ValidationError(
                "means nothing with query, memory_ids or entity_keys: a walk goes over live memories from there.",
                field="skip" if self.skip else "include_archived",
                remedy="Leave one of them out.",
            )

    @property
    def starts(self) -> bool:
        """Whether it begins at some memories or entities, instead of taking the newest."""
        return self.query is not None or bool(self.memory_ids or self.entity_keys)

    @property
    def is_part(self) -> bool:
        """Whether it asks for anything but all that is live."""
        return self != Selection(max_depth=self.max_depth, where=self.where)
