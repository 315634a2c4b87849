"""Puts merged memories in the place of their originals, and takes that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from coda_graphmem.models import MergedMemory, MergeRecord


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


class Merges(Protocol):
    """Puts merged memories in the place of their originals, and takes that back."""

    async def merge(self, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float) -> list[bool]:
        """Put merged memories in the place of their originals, each merge whole or not at all.

        The merged memory is live, was created at ``at`` and mentions ``merged.entities``; the originals are
        archived at ``at``, keep everything of their own, and have `Memory.consolidated_into` and the run's id.

        Returns:
            For each merge whether it was done: False where an original is not live any more or has another
            ``updated_at`` than in ``versions``.
        """

    async def find_merges(self, namespace: str, *, run_id: str | None = None, limit: int = 1000) -> list[MergeRecord]:
        """Merges that can still be undone, the newest first; those of one run where given."""

    async def find_merges_with(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        """Merges that the memories came out of or were merged by, also of what was merged again since.

        By time, then id of the merged memory.
        """

    async def undo_merge(self, namespace: str, merged_id: str) -> UndoneMerge | None:
        """Take a merge back: the originals are live again exactly as they were, the merged memory is gone.

        None where there is no such merge, or where the merged memory was itself merged into another since.
        An original whose ``dedup_key`` a live memory has by now comes back without it.
        """
