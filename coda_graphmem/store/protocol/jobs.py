"""Keeps runs of jobs, leases, settings, and sums over retrievals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from coda_graphmem.models import JobRun


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

    def __add__(self, other: "RetrievalTotals") -> "RetrievalTotals":
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


class Jobs(Protocol):
    """Keeps runs of jobs, leases, settings, and sums over retrievals."""

    async def save_run(self, run: JobRun) -> None:
        """Keep a run, or its new state. Of each job at most the newest 1,000 runs are kept."""

    async def find_runs(
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
