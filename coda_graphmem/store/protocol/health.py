"""Looks for what is wrong in a store, and puts it right."""

from dataclasses import dataclass, field
from typing import Protocol

from coda_graphmem.models import Trace


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found in a namespace by looking at all of it."""

    live: int
    """Live long-term memories, counted."""
    recorded_live: int
    """The same from the counter that is kept."""
    without_vector: int
    """Live memories without a vector, where the store has vectors at all."""
    wrong_vectors: int
    """Vectors of another length than the recorded dimension, or with values that are not finite."""
    without_text: int
    """Live memories missing in the full-text index; -1 where the store cannot tell."""
    orphan_entities: int
    """Entities nothing mentions."""
    wrong_mention_counts: int
    """Entities whose counter disagrees with their mentions."""
    isolated: int
    """Live memories without entity, conversation or link: no walk ever reaches them."""
    expired: int
    """Short-term memories whose time is over and that are still kept."""
    expired_items: int = 0
    """Items whose time is over and that are still kept."""
    items_without_vectors: int = 0
    """Items without vectors of the store's model, though they are to have some."""
    wrong_item_vectors: int = 0
    """Items with vectors of another length than the recorded dimension, or with values that are not finite."""
    facts_without_sources: int = 0
    """Facts that no memory says."""
    overlapping_facts: int = 0
    """Facts that hold while another value does, of an attribute that has one value at a time."""
    wrong_facts: int = 0
    """Facts that are others than the statements of memories make, are missing, or follow from none."""
    vectors_to_index: int = 0
    """Live memories that every search compares, though there should be an index that has them."""
    offline_indexes: list[str] = field(default_factory=list)
    """Names of indexes that are missing or not online."""
    damage: list[str] = field(default_factory=list)
    """What the store's own check of its files says; empty where all is well or there is no such check."""
    traces: list[Trace] = field(default_factory=list)
    """Where traces of removed memories are left, of any namespace, after another try to clean them."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What `Health.repair` put right."""

    counters: int = 0
    """Counters of namespaces and entities that were set right."""
    entities: int = 0
    """Entities removed that nothing mentions."""
    text_rows: int = 0
    """Rows of the full-text index that were made anew."""
    vectors: int = 0
    """Vectors removed that were lost, of the wrong length or not finite, of memories and of items: re-embedding makes
    them anew."""
    facts: int = 0
    """Facts that were made anew from what memories say."""


class Health(Protocol):
    """Looks for what is wrong in a store, and puts it right."""

    async def diagnose(self, namespace: str, *, now: float) -> Diagnosis:
        """Look at everything a namespace holds and compare it with what indexes and counters say."""

    async def repair(self, namespace: str) -> Repaired:
        """Set counters right, remove entities nothing mentions and vectors nothing can be compared with.

        Missing full-text rows are made anew; removed vectors are what `Vectors.pending_reembed` then asks for.
        """

    async def index_vectors(self, namespace: str) -> int:
        """Bring what finds near vectors of a large namespace up to date, where the store does not do so by itself.

        Searches go on meanwhile. Vectors that were added; 0 where another process is at it.

        Raises:
            MemoryStorageError: It could not be written.
        """

    async def compact(self) -> tuple[int, int] | None:
        """Give space back that deleted data held: bytes on disk before and after; None where the store cannot tell.

        What removals have given back since the last time counts as held before.
        """
