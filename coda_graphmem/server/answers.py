"""What requests are answered with, beside the public models."""

from pydantic import BaseModel, ConfigDict

from coda_graphmem.inspector.responses import ShownMemory
from coda_graphmem.models import Entity, Fact, JobRun, Memory, MemoryVersion


class Answer(BaseModel):
    """What a request is answered with."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class MemoryList(Answer):
    """Memories, without their vectors."""

    results: list[ShownMemory]
    """In the order that was asked for."""

    @classmethod
    def of(cls, found: list[Memory]) -> "MemoryList":
        """The answer that shows some memories."""
        return cls(results=[ShownMemory.of(memory) for memory in found])


class Stored(Answer):
    """Where a memory was kept."""

    memory_id: str
    """The id of the memory: another one than the one that was given, if any, where the same is known already."""


class StoredBatch(Answer):
    """Where memories were kept."""

    memory_ids: list[str]
    """The id of each memory, in the order of the request."""


class Count(Answer):
    """How many there are."""

    count: int
    """How many memories match."""


class EntityList(Answer):
    """What memories mention."""

    results: list[Entity]
    """The most mentioned first."""


class FactList(Answer):
    """Facts."""

    results: list[Fact]
    """By subject, attribute and time."""


class VersionList(Answer):
    """How a memory was."""

    results: list[MemoryVersion]
    """The present state last."""


class RunList(Answer):
    """Consolidations."""

    results: list[JobRun]
    """The newest first."""


class NamespaceList(Answer):
    """Namespaces."""

    results: list[str]
    """Names of those that hold something and that the key is for."""


class Changed(Answer):
    """Whether something was changed."""

    changed: bool
    """False where it was so already."""


class Health(Answer):
    """Whether the server lives."""

    status: str
    """`ok`: it answers."""
    ready: bool
    """Whether the memory is open and its store answers."""


class InspectorPage(Answer):
    """Where the inspector is."""

    address: str
    """Opens the page once, in a browser. Whoever has it can look into every namespace."""
