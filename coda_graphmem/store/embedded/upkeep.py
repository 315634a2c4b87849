"""The part of the embedded store that maintenance works with."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

import numpy as np

from coda_graphmem.models import JobRun, LinkKind, MemoryLink, MergeRecord
from coda_graphmem.store.embedded import changes as decay
from coda_graphmem.store.embedded import health, jobs, neighbours, settings, space
from coda_graphmem.store.embedded import links as linking
from coda_graphmem.store.embedded import merges as merging
from coda_graphmem.store.embedded import records as read
from coda_graphmem.store.embedded import writes as change
from coda_graphmem.store.embedded.connection import Database
from coda_graphmem.store.embedded.health import Unusable, Vectors
from coda_graphmem.store.embedded.matrix_index import Snapshot
from coda_graphmem.store.embedded.vector_index import Part, VectorIndex
from coda_graphmem.store.protocol import DecayRows, Diagnosis, Merge, Repaired, RetrievalTotals, UndoneMerge

T = TypeVar("T")


class Upkeep:
    """See `UpkeepStore` for its methods.

    Args:
        database: The store's file.
        index: Where its vectors are kept and searched.
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

    def __init__(self, database: Database, index: VectorIndex) -> None:
        self._database = database
        self._index = index

    # ------------------------------------------------------------------ change

    async def revision(self, namespace: str) -> int:
        """See `UpkeepStore.revision`."""
        return await self._database.read(lambda connection: read.revision(connection, namespace))

    async def find_touched(self, namespace: str, since: float) -> list[str]:
        """See `UpkeepStore.find_touched`."""
        return await self._database.read(lambda connection: read.find_touched(connection, namespace, since))

    async def find_recalled(self, namespace: str, since: float) -> list[str]:
        """See `UpkeepStore.find_recalled`."""
        return await self._database.read(lambda connection: read.find_recalled(connection, namespace, since))

    async def unarchive(self, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
        """See `UpkeepStore.unarchive`."""
        return await self._write(
            lambda connection: change.unarchive(connection, self._index, namespace, memory_ids, at)
        )

    # ------------------------------------------------------------------ decay

    async def decay_rows(self, namespace: str, *, after: int, limit: int) -> DecayRows | None:
        """See `UpkeepStore.decay_rows`."""
        return await self._database.read(
            lambda connection: decay.decay_rows(connection, namespace, after=after, limit=limit)
        )

    async def save_decay(self, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
        """See `UpkeepStore.save_decay`."""
        return await self._database.write(
            lambda connection: decay.save_decay(connection, namespace, memory_ids, factors)
        )

    # ------------------------------------------------------------------ neighbours, links and merging

    async def nearest(
        self, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        """See `UpkeepStore.nearest`."""
        vectors = await self._gather(namespace) if limit > 0 else None
        if vectors is None:
            return {}
        rows = await self._database.read(lambda connection: neighbours.find_rows(connection, namespace, memory_ids))
        size = neighbours.batch_size(vectors)
        found: dict[int, dict[int, float]] = {}
        pause = 0.0
        for start in range(0, len(rows), size):
            # Between two blocks searches have the processor to themselves for as long as a block took.
            await asyncio.sleep(pause)
            began = time.perf_counter()
            part = np.array(rows[start : start + size], dtype=np.int64)
            found |= await asyncio.to_thread(vectors.neighbours, part, limit, min_similarity)
            pause = time.perf_counter() - began
        result = await self._database.read(lambda connection: neighbours.named(connection, found, limit))
        return {memory_id: result[memory_id] for memory_id in dict.fromkeys(memory_ids) if memory_id in result}

    async def _gather(self, namespace: str) -> Snapshot | None:
        """The vectors of all live memories, gathered in parts where they are not in memory."""
        parts: list[Part] = []
        while (part := await self._gather_part(namespace, parts[-1].position if parts else 0)) is not None:
            parts.append(part)
        return await asyncio.to_thread(neighbours.join, parts)

    async def _gather_part(self, namespace: str, after: int) -> Part | None:
        return await self._read_vectors(lambda connection: self._index.gather(connection, namespace, after))

    async def save_links(self, namespace: str, links: Sequence[MemoryLink], *, replace: bool = False) -> int:
        """See `UpkeepStore.save_links`."""
        return await self._database.write(
            lambda connection: linking.link(connection, namespace, links, replace=replace)
        )

    async def delete_links(self, namespace: str, run_id: str) -> int:
        """See `UpkeepStore.delete_links`."""
        return await self._database.write(lambda connection: linking.unlink(connection, namespace, run_id))

    async def find_links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None
    ) -> list[MemoryLink]:
        """See `UpkeepStore.find_links`."""
        return await self._database.read(lambda connection: linking.links(connection, namespace, memory_ids, kinds))

    async def merge(self, namespace: str, merges: Sequence[Merge], *, run_id: str, at: float) -> list[bool]:
        """See `UpkeepStore.merge`. Each merge is a transaction of its own, so that others write in between."""
        return [await self._merge(namespace, one, run_id, at) for one in merges]

    async def _merge(self, namespace: str, one: Merge, run_id: str, at: float) -> bool:
        return await self._write(
            lambda connection: merging.merge(connection, self._index, namespace, one, run_id=run_id, at=at)
        )

    async def find_merges(self, namespace: str, *, run_id: str | None = None, limit: int = 1000) -> list[MergeRecord]:
        """See `UpkeepStore.find_merges`."""
        return await self._database.read(
            lambda connection: merging.merges(connection, namespace, run_id=run_id, limit=limit)
        )

    async def find_merges_with(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        """See `UpkeepStore.find_merges_with`."""
        return await self._database.read(lambda connection: merging.merges_with(connection, namespace, memory_ids))

    async def undo_merge(self, namespace: str, merged_id: str) -> UndoneMerge | None:
        """See `UpkeepStore.undo_merge`."""
        return await self._write(lambda connection: merging.undo_merge(connection, self._index, namespace, merged_id))

    # ------------------------------------------------------------------ runs, leases, settings

    async def save_run(self, run: JobRun) -> None:
        """See `UpkeepStore.save_run`."""
        await self._database.write(lambda connection: jobs.save_run(connection, run))

    async def find_runs(
        self, *, job: str | None = None, namespace: str | None = None, run_id: str | None = None, limit: int = 100
    ) -> list[JobRun]:
        """See `UpkeepStore.find_runs`."""
        return await self._database.read(
            lambda connection: jobs.runs(connection, job=job, namespace=namespace, run_id=run_id, limit=limit)
        )

    async def acquire_lease(self, name: str, holder: str, seconds: float) -> bool:
        """See `UpkeepStore.acquire_lease`."""
        return await self._database.write(lambda connection: jobs.acquire_lease(connection, name, holder, seconds))

    async def release_lease(self, name: str, holder: str) -> None:
        """See `UpkeepStore.release_lease`."""
        await self._database.write(lambda connection: jobs.release_lease(connection, name, holder))

    async def save_setting(self, namespace: str, key: str, value: Mapping[str, Any] | None) -> None:
        """See `UpkeepStore.save_setting`."""
        await self._database.write(lambda connection: settings.save_setting(connection, namespace, key, value))

    async def settings(self, namespace: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """See `UpkeepStore.settings`."""
        return await self._database.read(lambda connection: settings.settings(connection, namespace, prefix))

    async def record_retrievals(self, namespace: str, totals: RetrievalTotals) -> None:
        """See `UpkeepStore.record_retrievals`."""
        await self._database.write(lambda connection: settings.record_retrievals(connection, namespace, totals))

    async def retrieval_totals(self, namespace: str) -> RetrievalTotals:
        """See `UpkeepStore.retrieval_totals`."""
        return await self._database.read(lambda connection: settings.retrieval_totals(connection, namespace))

    # ------------------------------------------------------------------ health

    async def diagnose(self, namespace: str, *, now: float) -> Diagnosis:
        """See `UpkeepStore.diagnose`. Writers wait while the full-text index checks itself."""
        offline, damage = await self._database.read(health.check_file)
        damage += await self._database.outside(health.check_text)
        counts = await self._database.read(lambda connection: health.count(connection, namespace, now=now))
        missing, wrong, position = 0, 0, 0
        while (part := await self._check_vectors(namespace, position)) is not None:
            missing, wrong, position = missing + part.missing, wrong + part.wrong, part.position
        return Diagnosis(
            live=counts.live,
            recorded_live=counts.recorded_live,
            without_vector=missing,
            wrong_vectors=wrong,
            without_text=counts.without_text,
            orphan_entities=counts.orphan_entities,
            wrong_mention_counts=counts.wrong_mention_counts,
            isolated=counts.isolated,
            expired=counts.expired,
            offline_indexes=offline,
            damage=damage,
        )

    async def _check_vectors(self, namespace: str, after: int) -> Vectors | None:
        return await self._read_vectors(
            lambda connection: health.check_vectors(connection, self._index, namespace, after=after)
        )

    async def repair(self, namespace: str) -> Repaired:
        """See `UpkeepStore.repair`."""
        vectors = position = 0
        while (part := await self._find_unusable(namespace, position)) is not None:
            vectors += await self._remove_unusable(namespace, part.ids) if part.ids else 0
            position = part.position
        repaired = await self._database.write(lambda connection: health.repair(connection, namespace))
        return replace(repaired, vectors=vectors)

    async def _find_unusable(self, namespace: str, after: int) -> Unusable | None:
        return await self._read_vectors(
            lambda connection: health.find_unusable(connection, self._index, namespace, after=after)
        )

    async def _remove_unusable(self, namespace: str, ids: Sequence[int]) -> int:
        return await self._write(lambda connection: health.remove_unusable(connection, self._index, namespace, ids))

    async def compact(self) -> tuple[int, int] | None:
        """See `UpkeepStore.compact`. The file is written anew, which takes as long as copying it a few times."""
        return await self._database.outside(lambda connection: space.compact(connection, self._database.path))

    # ------------------------------------------------------------------ common

    async def _read_vectors(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Read what needs vectors; a store that keeps them elsewhere brings that up to date first."""
        return await self._database.read(work)

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._database.write(work, after=self._index.committed)
