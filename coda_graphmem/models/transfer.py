"""What copying memories from one store to another did."""

from pydantic import BaseModel, Field


class Inventory(BaseModel, frozen=True, defer_build=True):
    """What a namespace holds, counted by looking at all of it; expired short-term memories included."""

    memories: int
    """Of any lifetime, archived ones included."""
    live: int
    """Live long-term memories."""
    short_term: int
    archived: int
    vectors: int
    entities: int
    mentions: int
    """Links between memories and entities."""
    conversations: int
    links: int
    """Pairs of live long-term memories that follow one another in a conversation."""
    memory_links: int = 0
    """Links of the kinds of `coda_graphmem.models.LinkKind` between memories."""
    merged: int = 0
    """Archived originals that were merged into another memory."""
    access_count: int
    """Sum over all memories."""
    reinforcement_count: int
    """Sum over all memories."""
    items: int = 0
    """Expired ones included."""
    item_vectors: int = 0
    """Vectors of items."""


class NamespaceCopy(BaseModel, frozen=True, defer_build=True):
    """What was copied of one namespace, and what both stores hold of it now."""

    namespace: str
    copied: int
    """Memories this call wrote."""
    present: int
    """Memories that the target had already, from an interrupted call for example."""
    linked: int = 0
    """Links between memories this call wrote."""
    items: int = 0
    """Items this call wrote."""
    differing: tuple[str, ...] = ()
    """Ids of memories that are not the same in both stores after all, or whose links are not, and paths and keys of
    items that are not the same, joined by slashes; at most a hundred."""
    source: Inventory
    target: Inventory

    @property
    def complete(self) -> bool:
        """Whether both stores hold the same: by kind, and memory by memory."""
        return self.source == self.target and not self.differing


class CopyReport(BaseModel, frozen=True, defer_build=True):
    """The proof that nothing was lost of what the source held at one moment."""

    namespaces: list[NamespaceCopy] = Field(default_factory=list)
    seconds: float
    as_of: float | None = None
    """The moment of the source that all of this is true of, in seconds since the Unix epoch: what was acknowledged by
    then was copied. None where the source was changed while it was copied and cannot be read as of one moment."""

    @property
    def complete(self) -> bool:
        """Whether all namespaces of the target are the same as those of the source were at ``as_of``."""
        return self.as_of is not None and all(namespace.complete for namespace in self.namespaces)
