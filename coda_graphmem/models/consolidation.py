"""What a consolidation compared, merged and refused, and why."""

from collections import Counter
from typing import Any, Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.memory import EntityMention, MemoryType

Verdict = Literal["merge", "similar", "outdated", "unrelated"]


class PairVerdict(BaseModel, frozen=True, defer_build=True):
    """What became of two similar memories."""

    first_id: str
    """The older of the two; with ``outdated`` the one that may no longer hold."""
    second_id: str
    similarity: float
    """Cosine of their vectors in [-1, 1]."""
    verdict: Verdict
    """``merge``: they say the same. ``similar``: alike, but a guard found a difference that matters.
    ``outdated``: the second is newer and speaks of the same thing otherwise. ``unrelated``: not similar enough."""
    guard: str | None = None
    """The guard that refused to merge them (``numbers``, ``negation``, ``names``, …), ``refused`` where somebody did
    (`MemoryManager.refuse_merge`), None for ``merge``."""
    reason: str | None = None
    """What differs, in a few words of the memories themselves."""


class MergedMemory(BaseModel, frozen=True, defer_build=True):
    """One memory made of several that say the same. Times are seconds since the Unix epoch, UTC."""

    source_ids: list[str]
    """The originals, oldest first."""
    kept_id: str
    """The original that says most: its content and vector are those of the merged memory."""
    content: str
    memory_type: MemoryType
    timestamp: float
    """When it was last said or happened: the latest of the originals'."""
    first_timestamp: float
    """The earliest of the originals' times."""
    importance_score: float
    """In [0, 1]."""
    access_count: int
    last_accessed: float | None
    reinforcement_count: int
    conversation_id: str | None
    """That of the latest original."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """United; ``metadata["consolidated"]`` holds the range of times, the number of originals and what gave way."""
    entities: list[EntityMention] = Field(default_factory=list)
    user_id: str | None = None
    """Whose it is, as with the next two: memories of different owners are never merged."""
    agent_id: str | None = None
    session_id: str | None = None
    tags: list[str] = Field(default_factory=list)
    """All that the originals were filed under."""
    expires_at: float | None = None
    """When the last of the originals ends; None where one of them stays."""


class ConsolidationProposal(BaseModel, frozen=True, defer_build=True):
    """A group of memories that say the same, and what is or would be made of them."""

    merged: MergedMemory
    merged_id: str | None = None
    """Id of the merged memory once it is stored; None in a dry run."""
    lowest_similarity: float
    """Cosine of the least similar two of the group; every two of it were compared and passed all guards."""


class ConsolidationResult(BaseModel, frozen=True, defer_build=True):
    """What a run of `consolidate_memories` did, or with ``dry_run`` would do."""

    run_id: str
    """What `undo_consolidation` takes."""
    dry_run: bool
    started_at: float
    """Seconds since the Unix epoch, UTC."""
    seconds: float
    """How long it took."""
    time_window_hours: int
    similarity_threshold: float
    memories_considered: int
    """Memories touched in the window, each compared with its neighbours among all."""
    pairs_compared: int
    proposals: list[ConsolidationProposal] = Field(default_factory=list)
    """The groups that were merged."""
    refused: list[PairVerdict] = Field(default_factory=list)
    """Similar pairs that a guard kept apart (``similar``) or that are a newer and an older statement (``outdated``)."""
    links: int = 0
    """New ``SIMILAR_TO`` and ``POSSIBLY_OUTDATED_BY`` links between memories that stay apart; 0 in a dry run."""
    changed_meanwhile: int = 0
    """Groups that were not merged because one of them was changed or removed since it was read."""

    @property
    def consolidated_count(self) -> int:
        """Originals that were merged into others."""
        return sum(len(proposal.merged.source_ids) for proposal in self.proposals)

    @property
    def merged_count(self) -> int:
        """Memories that came out of merging."""
        return len(self.proposals)

    @property
    def refused_by_guard(self) -> dict[str, int]:
        """How many pairs each guard kept apart, most first."""
        return dict(Counter(pair.guard for pair in self.refused if pair.guard is not None).most_common())


class MergeResult(BaseModel, frozen=True, defer_build=True):
    """What `merge_memories` did."""

    run_id: str
    """What `undo_consolidation` takes."""
    proposal: ConsolidationProposal
    """The memory that came out of it (``proposal.merged_id``) and its originals."""
    links: int
    """Links of the originals that it took over."""
    seconds: float
    """How long it took."""


class UndoResult(BaseModel, frozen=True, defer_build=True):
    """What `undo_consolidation` took back."""

    run_id: str
    restored_ids: list[str] = Field(default_factory=list)
    """Originals that are live again, exactly as they were."""
    removed_ids: list[str] = Field(default_factory=list)
    """Merged memories that are gone."""
    changed_ids: list[str] = Field(default_factory=list)
    """Those of ``removed_ids`` whose content, metadata or importance was changed after the run: the change went too."""
    missing: int = 0
    """Originals that were removed for good after the run, so that nothing brings them back."""
    removed_links: int = 0
    seconds: float
