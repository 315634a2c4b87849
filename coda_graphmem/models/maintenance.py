"""What decay, linking and optimising did, and how healthy a memory is."""

from typing import Literal

from pydantic import BaseModel, Field

Severity = Literal["critical", "warning", "info"]


class DecayResult(BaseModel, frozen=True, defer_build=True):
    """What `apply_decay` kept, or with ``dry_run`` would keep."""

    dry_run: bool
    as_of: float
    """The time the factors are for (seconds since the Unix epoch, UTC)."""
    memories: int
    """Live long-term memories."""
    saved: int
    """Memories whose factor was kept; 0 in a dry run."""
    lowest: float
    """The smallest factor, 1.0 where there are no memories."""
    mean: float
    """The mean factor, 1.0 where there are no memories."""
    seconds: float


class LinkResult(BaseModel, frozen=True, defer_build=True):
    """What `link_similar` linked."""

    run_id: str
    considered: int
    """Memories touched in the window."""
    links: int
    """New links."""
    seconds: float


class HealthIssue(BaseModel, frozen=True, defer_build=True):
    """Something that is not as it should be."""

    kind: str
    """``damage``, ``index_offline``, ``wrong_vectors``, ``missing_vectors``, ``missing_text``, ``wrong_counters``,
    ``wrong_mention_counts``, ``orphan_entities``, ``isolated_memories``, ``wrong_facts``, ``facts_without_sources``,
    ``overlapping_facts``, ``expired_memories``, ``expired_items``, ``wrong_item_vectors``, ``missing_item_vectors``,
    ``duplicates_waiting``, ``near_limit``, ``traces_left``, ``vectors_not_indexed``, ``job_failed`` or
    ``job_stale``."""
    severity: Severity
    count: int
    """How many memories, items, entities, indexes or jobs it is about."""
    share: float
    """Which part of all such things that is, in [0, 1]; 1 where it concerns the whole store."""
    message: str
    remedy: str


class MemoryHealth(BaseModel, frozen=True, defer_build=True):
    """How well a namespace is."""

    overall_score: float
    """In [0, 1]: the product of ``1 - w * max(share, 0.05)`` over all issues, with w = 0.9 for ``critical``,
    0.5 for ``warning`` and 0.1 for ``info``; 1 without issues."""
    issues: list[HealthIssue] = Field(default_factory=list)
    """The most severe first."""
    checked_at: float
    """Seconds since the Unix epoch, UTC."""
    seconds: float


class OptimizationResult(BaseModel, frozen=True, defer_build=True):
    """What `optimize_storage` did."""

    freed_space_mb: float
    """Bytes on disk before less those after the file was written anew, in millions; 0 where the store cannot tell."""
    bytes_before: int | None
    """Size of the whole store on disk, with what removals have given back since the last time; None where it cannot
    tell."""
    bytes_after: int | None
    consolidated_count: int
    """Memories that were merged into others; `undo_consolidation` brings them back."""
    consolidation_run_id: str | None
    """The run that merged them; None where nothing was looked at."""
    expired: int
    """Short-term memories that were over."""
    expired_items: int = 0
    """Items that were over."""
    repaired_counters: int
    removed_entities: int
    """Entities that nothing mentioned."""
    repaired_text_rows: int
    """Rows of the full-text index that were made anew."""
    repaired_facts: int = 0
    """Facts that were made anew from what memories say."""
    repaired_vectors: int
    """Vectors of memories, and items with vectors, of another length than the model's, or not finite, that were removed
    and made anew; where semantic search is switched off they are only removed."""
    indexed_vectors: int = 0
    """Vectors that were added to the index of a large namespace, where the store does not do so by itself."""
    seconds: float
