"""What calls give back besides memories."""

from typing import Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.memory import MemoryType


class MemoryStats(BaseModel, frozen=True, defer_build=True):
    """Counts of one namespace. Short-term memories that have expired are not counted."""

    total_memories: int
    """Live long-term memories."""
    memory_type_distribution: dict[MemoryType, int]
    """Live long-term memories by type; types without memories are absent."""
    avg_importance_score: float
    """Mean importance of the live long-term memories, 0.0 where there are none."""
    tags: dict[str, int] = Field(default_factory=dict)
    """Long-term memories of each tag, the most used first, ties by name; at most a hundred tags."""
    short_term_memories: int
    archived_memories: int
    total_entities: int
    total_conversations: int
    total_mentions: int
    """Links between live long-term memories and entities."""
    total_items: int = 0
    """Items that are not over."""
    oldest_timestamp: float | None
    newest_timestamp: float | None
    most_accessed_memory_id: str | None
    """None where nothing was ever retrieved."""
    storage_bytes: int | None
    """Size of the whole store on disk, of all namespaces; None where the store cannot tell."""


class Entity(BaseModel, frozen=True, defer_build=True):
    """Something that memories of a namespace mention."""

    key: str
    """Normalised name, unique in its namespace."""
    name: str
    """The name as it was first written."""
    label: str
    """spaCy's entity label, ``CONCEPT`` for a noun chunk, ``TITLE`` for a title."""
    mention_count: int
    """Live long-term memories that mention it."""


Trace = Literal["file", "log", "vectors"]
"""Where traces of what was removed can be left for a while."""


class DeletionReceipt(BaseModel, frozen=True, defer_build=True):
    """What a deletion removed, by kind."""

    memories: int = 0
    """Memories, of any lifetime, archived ones included."""
    vectors: int = 0
    text_rows: int = 0
    """Rows of the full-text index."""
    mentions: int = 0
    """Links between memories and entities."""
    links: int = 0
    """Steps from one live memory to the next of its conversation, and links of `LinkKind`, to or from what went."""
    entities: int = 0
    """Entities that nothing mentions any more."""
    conversations: int = 0
    """Conversations that are empty now."""
    items: int = 0
    """Items, where all of a namespace went."""
    restored_ids: list[str] = Field(default_factory=list)
    """Originals of merges that are live again, as what they were merged with is gone."""
    rebuilt_ids: list[str] = Field(default_factory=list)
    """Merged memories that were made anew from those of their originals that remain, and memories that several
    conversations share and that say only what the others said; ``memories`` counts none of them."""
    unmerged_ids: list[str] = Field(default_factory=list)
    """Merged memories that are gone, as fewer than two of their originals remain; ``memories`` counts them."""
    pending: list[Trace] = Field(default_factory=list)
    """Where traces of what was removed are left until the store can be cleaned. ``file``: its free space, as there is
    too little room to write it anew, or it is too large to do so for a few memories. ``log``: another program reads an
    older state. ``vectors``: Chroma, or the index beside the file, has yet to hear of it. Later removals,
    `optimize_storage`, `check_memory_health`, the job ``expire`` and closing try again, and `check_memory_health` tells
    as long as something is left."""

    def __add__(self, other: "DeletionReceipt") -> "DeletionReceipt":
        """What two deletions removed together."""
        both = {name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields}
        return DeletionReceipt(**both | {"pending": other.pending})


class ArchiveResult(BaseModel, frozen=True, defer_build=True):
    """What `archive_memories` took out of search, and what it did not, each id in one place."""

    archived_ids: list[str] = Field(default_factory=list)
    """Memories that are archived now and were not before."""
    archived_at: float | None = None
    """When that was (seconds since the Unix epoch, UTC), as `Memory.archived_at` of each of them has it; None where
    nothing was archived."""
    archived_before_ids: list[str] = Field(default_factory=list)
    """Those that were archived already."""
    missing_ids: list[str] = Field(default_factory=list)
    """Ids of no memory."""


class UnarchiveResult(BaseModel, frozen=True, defer_build=True):
    """What `unarchive_memories` brought back, and what it did not, each id in one place."""

    restored_ids: list[str] = Field(default_factory=list)
    """Memories that are live again."""
    live_ids: list[str] = Field(default_factory=list)
    """Those that were not archived."""
    merged: dict[str, str | None] = Field(default_factory=dict)
    """Originals of a merge, which stay archived as another memory says the same, each with the run to undo
    (`undo_consolidation`); of several that built on one another, the last. None where the memory that says the same
    is not in this store, as after an import that was stopped."""
    missing_ids: list[str] = Field(default_factory=list)
    """Ids of no memory."""


class CleanupResult(BaseModel, frozen=True, defer_build=True):
    """What `cleanup_old_memories` removed, or with ``dry_run`` would remove."""

    dry_run: bool
    memory_ids: list[str]
    """The memories that went or would go, the oldest first."""
    removed: DeletionReceipt
    """What went, by kind; nothing in a dry run."""


class CachePartStatistics(BaseModel, frozen=True, defer_build=True):
    """One kind of values, since the memory was opened."""

    hits: int
    """Look-ups that found a value."""
    misses: int
    """Look-ups that found none, or one that was outdated."""
    entries: int
    """Values that are kept, of all namespaces."""

    @property
    def hit_rate(self) -> float:
        """Share of look-ups that found a value, in [0, 1]; 0.0 where there was none."""
        return self.hits / max(self.hits + self.misses, 1)


class CacheStatistics(BaseModel, frozen=True, defer_build=True):
    """The cache of this process, which all namespaces share; hits and misses of results and memories are of one."""

    queries: CachePartStatistics
    """Vectors of queries."""
    results: CachePartStatistics
    """Results of searches."""
    memories: CachePartStatistics
    """Memories by id."""
    entries: int
    max_entries: int
    bytes: int
    """About how much memory is taken."""
    max_bytes: int
    ttl_minutes: float | None
    """Minutes after which a value is not used any more; None for no end."""


class RetrievalStats(BaseModel, frozen=True, defer_build=True):
    """How a namespace was searched, over its whole life and all processes."""

    total_retrievals: int
    """Calls of ``retrieve_…``."""
    empty_retrievals: int
    """Calls that found nothing."""
    avg_results: float
    """Memories a call returned, 0.0 where there was none."""
    avg_relevance_score: float
    """Mean relevance of all memories returned with one, in [0, 1]; 0.0 where there was none."""
    avg_seconds: float
    """Time a call took, 0.0 where there was none."""
    last_retrieval: float | None
    """When the last one was (seconds since the Unix epoch, UTC)."""
    cache: CacheStatistics
    """How often the cache helped since the memory was opened, in this process alone."""


class ReembedResult(BaseModel, frozen=True, defer_build=True):
    """What a change of the embedding model did."""

    embedded: int
    """Memories that got a new vector in this call."""
    resumed: int
    """Memories that an interrupted call had done before."""
    items: int = 0
    """Items whose fields got new vectors in this call."""
    model: str
    dimension: int
    seconds: float
