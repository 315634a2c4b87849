"""What maintenance asks of a store, on Neo4j."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.models import JobRun, LinkKind, MemoryLink, MergeRecord
from coda_graphmem.store.neo4j import changing, decaying, health, jobs, linking, merging, reading
from coda_graphmem.store.neo4j.connection import Connection
from coda_graphmem.store.neo4j.dialect import Dialect
from coda_graphmem.store.neo4j.neighbours import Neighbours
from coda_graphmem.store.neo4j.searching import Searcher
from coda_graphmem.store.protocol import DecayRows, Diagnosis, Merge, Repaired, RetrievalTotals, UndoneMerge


@dataclass(frozen=True, slots=True)
class Open:
    """What an open store works with."""

    dialect: Dialect
    searcher: Searcher
    neighbours: Neighbours


class Neo4jUpkeep:
    """The part of `Neo4jStore` that maintenance works with; see `UpkeepStore` for its methods.

    Args:
        config: Says how to reach the server, and whether vector indexes are quantised.
    """

    # Until each part is a class of its own, the store is all of them.
    @property
    def records(self) -> Self:
        """This store."""
        return self

    @property
    def search(self) -> Self:
        """This store."""
        return self

    @property
    def graph(self) -> Self:
        """This store."""
        return self

    @property
    def links(self) -> Self:
        """This store."""
        return self

    @property
    def merges(self) -> Self:
        """This store."""
        return self

    @property
    def changes(self) -> Self:
        """This store."""
        return self

    @property
    def jobs(self) -> Self:
        """This store."""
        return self

    @property
    def transfer(self) -> Self:
        """This store."""
        return self

    @property
    def vectors(self) -> Self:
        """This store."""
        return self

    @property
    def health(self) -> Self:
        """This store."""
        return self

    def __init__(self, config: MemoryConfig) -> None:
        self._connection = Connection(config.neo4j)
        self._quantised = config.enable_compression
        self._state: Open | None = None

    @property
    def _open(self) -> Open:
        if self._state is None:
            raise NotInitializedError("The store is not open.", remedy="Call initialize() first.")
        return self._state

    # ------------------------------------------------------------------ change

    async def revision(self, namespace: str) -> int:
        """See `UpkeepStore.revision`."""
        return await reading.revision(self._connection, namespace)

    async def find_touched(self, namespace: str, since: float) -> list[str]:
        """See `UpkeepStore.find_touched`."""
        return await reading.find_touched(self._connection, namespace, since)

    async def find_recalled(self, namespace: str, since: float) -> list[str]:
        """See `UpkeepStore.find_recalled`."""
        return await reading.find_recalled(self._connection, namespace, since)

    async def unarchive(self, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
        """See `UpkeepStore.unarchive`."""
        return await changing.unarchive(self._connection, namespace, memory_ids, at)

    # ------------------------------------------------------------------ decay

    async def decay_rows(self, namespace: str, *, after: int, limit: int) -> DecayRows | None:
        """See `UpkeepStore.decay_rows`."""
        return await decaying.decay_rows(self._connection, namespace, after=after, limit=limit)

    async def save_decay(self, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
        """See `UpkeepStore.save_decay`."""
        return await decaying.save_decay(self._connection, namespace, memory_ids, factors)

    # ------------------------------------------------------------------ neighbours, links and merging

    async def nearest(
        self, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        """See `UpkeepStore.nearest`."""
        return await health.comparing(
            self._connection,
            namespace,
            lambda: self._open.neighbours.nearest(namespace, memory_ids, limit=limit, min_similarity=min_similarity),
        )

    async def save_links(self, namespace: str, links: Sequence[MemoryLink], *, replace: bool = False) -> int:
        """See `UpkeepStore.save_links`."""
        return await linking.link(self._connection, namespace, links, replace=replace)

    async def delete_links(self, namespace: str, run_id: str) -> int:
        """See `UpkeepStore.delete_links`."""
        return await linking.unlink(self._connection, namespace, run_id)

    async def find_links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None
    ) -> list[MemoryLink]:
        """See `UpkeepStore.find_links`."""
        return await linking.links(self._connection, namespace, memory_ids, kinds)

    async def merge(self, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float) -> list[bool]:
        """See `UpkeepStore.merge`. Each merge is a transaction of its own."""
        return await merging.merge(self._connection, namespace, merges, run_id=run_id, at=at)

    async def find_merges(self, namespace: str, *, run_id: str | None = None, limit: int = 1000) -> list[MergeRecord]:
        """See `UpkeepStore.find_merges`."""
        return await merging.merges(self._connection, namespace, run_id=run_id, limit=limit)

    async def find_merges_with(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        """See `UpkeepStore.find_merges_with`."""
        return await merging.merges_with(self._connection, namespace, memory_ids)

    async def undo_merge(self, namespace: str, merged_id: str) -> UndoneMerge | None:
        """See `UpkeepStore.undo_merge`."""
        return await merging.undo_merge(self._connection, namespace, merged_id)

    # ------------------------------------------------------------------ runs, leases, settings

    async def save_run(self, run: JobRun) -> None:
        """See `UpkeepStore.save_run`."""
        await jobs.save_run(self._connection, run)

    async def find_runs(
        self, *, job: str | None = None, namespace: str | None = None, run_id: str | None = None, limit: int = 100
    ) -> list[JobRun]:
        """See `UpkeepStore.find_runs`."""
        return await jobs.runs(self._connection, job=job, namespace=namespace, run_id=run_id, limit=limit)

    async def acquire_lease(self, name: str, holder: str, seconds: float) -> bool:
        """See `UpkeepStore.acquire_lease`."""
        return await jobs.acquire_lease(self._connection, name, holder, seconds)

    async def release_lease(self, name: str, holder: str) -> None:
        """See `UpkeepStore.release_lease`."""
        await jobs.release_lease(self._connection, name, holder)

    async def save_setting(self, namespace: str, key: str, value: Mapping[str, Any] | None) -> None:
        """See `UpkeepStore.save_setting`."""
        await jobs.save_setting(self._connection, namespace, key, value)

    async def settings(self, namespace: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """See `UpkeepStore.settings`."""
        return await jobs.settings(self._connection, namespace, prefix)

    async def record_retrievals(self, namespace: str, totals: RetrievalTotals) -> None:
        """See `UpkeepStore.record_retrievals`."""
        await jobs.record_retrievals(self._connection, namespace, totals)

    async def retrieval_totals(self, namespace: str) -> RetrievalTotals:
        """See `UpkeepStore.retrieval_totals`."""
        return await jobs.retrieval_totals(self._connection, namespace)

    # ------------------------------------------------------------------ health

    async def diagnose(self, namespace: str, *, now: float) -> Diagnosis:
        """See `UpkeepStore.diagnose`."""
        return await health.diagnose(self._connection, namespace, now=now)

    async def repair(self, namespace: str) -> Repaired:
        """See `UpkeepStore.repair`. Also makes indexes that are missing, which are those of all namespaces."""
        return await health.repair(self._connection, self._open.dialect, namespace, quantised=self._quantised)

    async def compact(self) -> tuple[int, int] | None:
        """See `UpkeepStore.compact`. The server uses freed space again by itself and does not tell its size."""
        return None
