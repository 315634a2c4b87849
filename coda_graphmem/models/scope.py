"""Whose memories, inside a namespace."""

from pydantic import BaseModel

from coda_graphmem.models.conditions import Comparison, Condition, Every, Value


class Scope(BaseModel, frozen=True, extra="forbid"):
    """Whose memories: those that carry all the ids that are given."""

    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None

    def __bool__(self) -> bool:
        """Whether it names anybody."""
        return bool(self.ids)

    @property
    def ids(self) -> dict[str, str]:
        """The ids that are given, by name."""
        return {name: value for name, value in self if value is not None}

    @property
    def condition(self) -> Condition:
        """What holds for its memories. Of a scope that names nobody that is everything: ask first."""
        return Every(tuple(Comparison(name, "eq", (Value("text", value),)) for name, value in self.ids.items()))

    def covers(self, other: "Scope") -> bool:
        """Whether the memories of another scope are among its own."""
        return self.ids.items() <= other.ids.items()


NOBODYS = Scope()
"""Names nobody: of a memory that belongs to nobody in particular, or of a view of a whole namespace."""
