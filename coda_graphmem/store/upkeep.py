"""What maintenance asks of a store: decay, merging and its undoing, links, runs, leases, settings, health.

The same rules hold as in `coda_graphmem.store.protocol`, whose `MemoryStore` these calls are part of: every call
works in the namespace it takes, is atomic, and ranks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.models import JobRun, LinkKind, MemoryLink, MemoryType, MergedMemory, MergeRecord


@dataclass(frozen=True, slots=True)
class DecayRows:
    """What the forgetting curve needs to know of some live long-term memories; arrays of one length."""

    memory_ids: list[str]
    timestamp: NDArray[np.float64]
    last_accessed: NDArray[np.float64]
    """NaN where a memory was never recalled."""
    access_count: NDArray[np.int64]
    reinforcement_count: NDArray[np.int64]
    importance: NDArray[np.float64]
    memory_types: list[MemoryType]
    position: int
    """Arrival of the last one: what to pass as ``after`` for the next rows."""


@dataclass(frozen=True, slots=True)
class Merge:
    """One memory made of several, on its way into a store."""

    memory_id: str
    """Id of the merged memory."""
    merged: MergedMemory
    """The vector is that of ``merged.kept_id``. ``access_count`` and ``last_accessed`` are taken afresh from the
    originals, so that no recall in between is lost."""
    dedup_key: str | None
    versions: Mapping[str, float | None]
    """``updated_at`` of each original when it was read: one that has changed since is not merged."""


@dataclass(frozen=True, slots=True)
class UndoneMerge:
    """What undoing one merge did."""

    removed_id: str
    """The merged memory that is gone."""
    restored_ids: list[str]
    """The originals that are live again."""


@dataclass(frozen=True, slots=True)
class RetrievalTotals:
    """Sums over retrievals; two of them add up field by field."""

    retrievals: int = 0
    empty: int = 0
    """Retrievals without a result."""
    results: int = 0
    relevance: float = 0.0
    """Sum of the relevance of all results that have one."""
    scored: int = 0
    """Results that have a relevance."""
    seconds: float = 0.0
    """Sum of the times retrievals took."""
    last_at: float | None = None
    """When the last one was (seconds, UTC)."""

    def __add__(self, other: RetrievalTotals) -> RetrievalTotals:
        """Both together."""
        times = [at for at in (self.last_at, other.last_at) if at is not None]
        return RetrievalTotals(
            self.retrievals + other.retrievals,
            self.empty + other.empty,
            self.results + other.results,
            self.relevance + other.relevance,
            self.scored + other.scored,
            self.seconds + other.seconds,
            max(times, default=None),
        )


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
    offline_indexes: list[str] = field(default_factory=list)
    """Names of indexes that are missing or not online."""
    damage: list[str] = field(default_factory=list)
    """What the store's own check of its files says; empty where all is well or there is no such check."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What `UpkeepStore.repair` put right."""

    counters: int = 0
    """Counters of namespaces and entities that were set right."""
    entities: int = 0
    """Entities removed that nothing mentions."""
    text_rows: int = 0
    """Rows of the full-text index that were made anew."""
    vectors: int = 0
    """Vectors removed that were lost, of the wrong length or not finite: re-embedding makes them anew."""


class UpkeepStore(Protocol):
    """The part of a store that maintenance works with."""

    # ------------------------------------------------------------------ change

    async def revision(self, namespace: str) -> int:
        """A number that differs after every committed change of the namespace by any process.

        Recalls that are counted (`record_access`, `record_retrievals`), persisted decay, runs and leases are no
        such change. 0 for a namespace that holds nothing. Costs one look-up.
        """

    async def find_touched(self, namespace: str, since: float) -> list[str]:
        """Ids of live long-term memories that were stored or changed at or after a time, by arrival.

        A change is one of content, metadata or importance, a reinforcement, a promotion or a return from the
        archive. Comes off an index, so that the cost is that of what was touched.
        """

    async def find_recalled(self, namespace: str, since: float) -> list[str]:
        """Ids of live long-term memories whose last counted recall was at or after a time, by arrival.

        `find_touched` says nothing of them, as a recall is no change. Looks through an index of the namespace.
        """

    async def unarchive(self, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
        """Bring archived memories back into search; ids of those that are live again.

        Those that were merged into another stay: `undo_merge` is their way back. One whose ``dedup_key`` a live
        memory has comes back without it. ``updated_at`` becomes ``at``.
        """

    # ------------------------------------------------------------------ decay

    async def decay_rows(self, namespace: str, *, after: int, limit: int) -> DecayRows | None:
        """Up to ``limit`` live long-term memories in order of arrival, those whose position is above ``after``.

        None where there are no more; ``after`` is 0 for the first ones.
        """

    async def save_decay(self, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
        """Persist decay factors, in a property that is part of no index; how many were kept.

        Unknown ids are passed over, and ``updated_at`` stays. `MemoryStore.get` and `MemoryStore.find` give the
        value back as `Memory.decay_factor`.
        """

    # ------------------------------------------------------------------ neighbours, links and merging

    async def nearest(
        self, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        """The nearest live long-term memories of many, each with its cosine, best first, ties by id.

        A memory is not its own neighbour. Ids that are not live or have no vector are left out. Works in blocks,
        so that searches go on meanwhile.
        """

    async def link(self, namespace: str, links: Sequence[MemoryLink], *, replace: bool = False) -> int:
        """Keep links between memories that exist; how many are new.

        A link of the same kind between the same two (for ``SIMILAR_TO`` in either direction) stays as it was, or
        with ``replace`` gives way. Of such links in one call the first is kept.
        """

    async def unlink(self, namespace: str, run_id: str) -> int:
        """Remove the links that a run made; how many."""

    async def links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None
    ) -> list[MemoryLink]:
        """Links from or to any of the memories, by source, target and kind. None for all kinds."""

    async def merge(self, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float) -> list[bool]:
        """Put merged memories in the place of their originals, each merge whole or not at all.

        The merged memory is live, was created at ``at`` and mentions ``merged.entities``; the originals are
        archived at ``at``, keep everything of their own, and have `Memory.consolidated_into` and the run's id.

        Returns:
            For each merge whether it was done: False where an original is not live any more or has another
            ``updated_at`` than in ``versions``.
        """

    async def merges(self, namespace: str, *, run_id: str | None = None, limit: int = 1000) -> list[MergeRecord]:
        """Merges that can still be undone, the newest first; those of one run where given."""

    async def merges_with(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        """Merges that the memories came out of or were merged by, also of what was merged again since.

        By time, then id of the merged memory.
        """

    async def undo_merge(self, namespace: str, merged_id: str) -> UndoneMerge | None:
        """Take a merge back: the originals are live again exactly as they were, the merged memory is gone.

        None where there is no such merge, or where the merged memory was itself merged into another since.
        An original whose ``dedup_key`` a live memory has by now comes back without it.
        """

    # ------------------------------------------------------------------ runs, leases, settings

    async def save_run(self, run: JobRun) -> None:
        """Keep a run, or its new state. Of each job at most the newest 1,000 runs are kept."""

    async def runs(
        self, *, job: str | None = None, namespace: str | None = None, run_id: str | None = None, limit: int = 100
    ) -> list[JobRun]:
        """Runs that match all that is given, the newest first."""

    async def acquire_lease(self, name: str, holder: str, seconds: float) -> bool:
        """Take or renew a lease; False where another holder's has not run out.

        It runs for so many seconds from now by the store's own clock: the server's for Neo4j, the machine's for
        the embedded file.
        """

    async def release_lease(self, name: str, holder: str) -> None:
        """Give a lease back; nothing happens where it is not held by this holder."""

    async def save_setting(self, namespace: str, key: str, value: Mapping[str, Any] | None) -> None:
        """Keep a JSON object under a key; None removes it."""

    async def settings(self, namespace: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Settings whose keys begin so."""

    async def record_retrievals(self, namespace: str, totals: RetrievalTotals) -> None:
        """Add to what is known of a namespace's retrievals."""

    async def retrieval_totals(self, namespace: str) -> RetrievalTotals:
        """What is known of a namespace's retrievals."""

    # ------------------------------------------------------------------ health

    async def diagnose(self, namespace: str, *, now: float) -> Diagnosis:
        """Look at everything a namespace holds and compare it with what indexes and counters say."""

    async def repair(self, namespace: str) -> Repaired:
        """Set counters right, remove entities nothing mentions and vectors nothing can be compared with.

        Missing full-text rows are made anew; removed vectors are what `MemoryStore.pending_reembed` then asks for.
        """

    async def compact(self) -> tuple[int, int] | None:
        """Give space back that deleted data held: bytes on disk before and after; None where the store cannot tell."""
