"""Links between memories, and which memories became one."""

from enum import Enum

from pydantic import BaseModel


class LinkKind(str, Enum):
    """What a link between two memories says. Links of a kind join two memories at most once."""

    SIMILAR_TO = "SIMILAR_TO"
    """Much alike, and yet not the same. Kept once a pair, from the older to the newer."""
    POSSIBLY_OUTDATED_BY = "POSSIBLY_OUTDATED_BY"
    """The target is a newer statement about the same thing, so the source may no longer hold."""


class MemoryLink(BaseModel, frozen=True, defer_build=True):
    """A link from one memory to another of the same namespace."""

    source_id: str
    target_id: str
    kind: LinkKind
    score: float
    """Cosine of the two memories' vectors in [-1, 1]."""
    guard: str | None = None
    """The guard that kept the two from being merged, ``refused`` where somebody did; None where none was asked."""
    reason: str | None = None
    """What differs, in a few words of the memories themselves."""
    created_at: float
    """Seconds since the Unix epoch, UTC."""
    run_id: str | None = None
    """The run that made it, so that undoing the run removes it; None for a link made outside of runs."""


class MergeRecord(BaseModel, frozen=True, defer_build=True):
    """Which memories became one."""

    merged_id: str
    source_ids: list[str]
    """The archived originals that are still kept, by arrival."""
    run_id: str
    merged_at: float
    """Seconds since the Unix epoch, UTC."""
