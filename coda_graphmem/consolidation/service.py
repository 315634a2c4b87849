"""Merges memories that say the same, and takes it back."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from coda_graphmem.boundary import to_its_end
from coda_graphmem.errors import MemoryConsolidationError
from coda_graphmem.memories.draft import new_id
from coda_graphmem.models import ConsolidationResult, JobRun, MergeRecord, UndoResult
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Recorded, Runs, round_of
from coda_graphmem.times import SECONDS_PER_HOUR

JOB = "consolidate"
BUILDS_ON = "builds_on"
"""Where the record of a run names earlier runs whose merged memories it merged again."""
CHOSEN = "chosen"
"""Where the record of a run says how many memories somebody chose to be merged: it looked at no others."""

#: Called with (done, total).
Progress = Callable[[int, int], None]

#: Runs among which the last one that was done is looked for.
_RECENT = 100
#: Runs that a store keeps of a job.
_HISTORY = 1_000
#: Merges that are read in one call.
_READ = 500


@dataclass(slots=True)
class _Undone:
    """What an undoing did so far."""

    restored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    links: int = 0

    @property
    def back(self) -> list[str]:
        """Originals that are live again. Where a run merged what it had merged before, one in between came and went."""
        gone = set(self.removed)
        return [memory_id for memory_id in self.restored if memory_id not in gone]


class ConsolidationService:
    """Consolidates namespaces. One run at a time works in a namespace, whichever process it is of."""

    def __init__(self, resources: Resources, runs: Runs, flush_recalls: Callable[[], Awaitable[None]]) -> None:
        self._resources = resources
        self._store = resources.store
        self._runs = runs
        self._flush_recalls = flush_recalls

    async def consolidate(
        self,
        namespace: str,
        *,
        since: float,
        threshold: float | None = None,
        dry_run: bool = False,
        keep_empty: bool = True,
        progress: Progress | None = None,
    ) -> ConsolidationResult:
        """Consolidate what was stored or changed since a time with all that is stored.

        Args:
            since: Seconds since the Unix epoch, UTC.
            threshold: Cosine from which two memories may be merged; None for `MemoryConfig.similarity_threshold`.
            dry_run: Whether only to say what would be done.
            keep_empty: Whether a run that changed nothing is recorded.
            progress: Called with (memories looked at, all touched memories).

        Raises:
            MemoryConsolidationError: Another run is working in the namespace.
        """
        clock = self._resources.clock
        started_at, started = clock(), time.perf_counter()
        threshold = self._resources.config.similarity_threshold if threshold is None else threshold
        touched = await self._store.changes.find_touched(namespace, since)

        async def work(run: Recorded | None) -> ConsolidationResult:
            # What compares texts is loaded when the first are compared.
            from coda_graphmem.consolidation.engine import Engine
            from coda_graphmem.consolidation.readings import shared_reader
            from coda_graphmem.consolidation.texts import Texts

            async with Texts(shared_reader()) as texts:
                engine = Engine(self._resources, texts, namespace, threshold=threshold, run=run)
                await engine.work(touched, progress)
            tally = engine.tally
            return ConsolidationResult(
                run_id=run.run_id if run else new_id(),
                dry_run=dry_run,
                started_at=started_at,
                seconds=time.perf_counter() - started,
                time_window_hours=max(1, math.ceil((started_at - since) / SECONDS_PER_HOUR)),
                similarity_threshold=threshold,
                memories_considered=tally.considered,
                pairs_compared=tally.compared,
                proposals=tally.proposals,
                refused=tally.refused,
                links=tally.links,
                changed_meanwhile=tally.changed_meanwhile,
            )

        if dry_run or not (touched or keep_empty):
            return await work(None)
        await self._flush_recalls()
        async with self._runs.alone(JOB, namespace), self._runs.recorded(JOB, namespace) as run:
            if keep_empty:
                await run.keep()
            return await work(run)

    async def history(self, namespace: str, limit: int) -> list[JobRun]:
        """Runs of the namespace, the newest first."""
        return await self._store.jobs.find_runs(job=JOB, namespace=namespace, limit=limit)

    async def last(self, namespace: str) -> float | None:
        """When the last run that was done began, of this namespace or of the schedule; None where there is none.

        Merging what somebody chose is no such run, as it looks at nothing else.
        """
        runs = await self.history(namespace, _RECENT) + await self._store.jobs.find_runs(
            job=round_of(JOB), limit=_RECENT
        )
        done = [run.started_at for run in runs if run.status == "done" and CHOSEN not in run.summary]
        return max(done, default=None)

    async def undo(self, namespace: str, run_id: str) -> UndoResult:
        """Bring the originals of a run back exactly as they were, and remove its merged memories and links.

        An undoing that was interrupted is continued by the next call.

        Args:
            namespace: Where the run worked.

        Raises:
            MemoryConsolidationError: There is no such run, a later one merged what it had merged, or another run is
                working in the namespace. Nothing was changed.
        """
        started = time.perf_counter()
        run = next(iter(await self._store.jobs.find_runs(job=JOB, namespace=namespace, run_id=run_id, limit=1)), None)
        if run is None:
            raise MemoryConsolidationError(
                f"no consolidation {run_id!r} of this namespace is known.",
                field="run_id",
                remedy="Take a run_id from list_consolidations(), or from coda-graphmem jobs.",
            )
        done = _Undone()
        try:
            async with self._runs.alone(JOB, namespace):
                await self._refuse_if_built_upon(namespace, run_id)
                await self._undo_merges(namespace, run_id, done)
                done.links = await self._store.links.delete_links(namespace, run_id)
                expected = run.summary.get("consolidated", len(done.restored))
                summary = {**run.summary, "restored": run.summary.get("restored", 0) + len(done.restored)}
                await self._store.jobs.save_run(run.model_copy(update={"status": "undone", "summary": summary}))
        finally:
            # One that is stopped has undone whole merges, which others hear of as well.
            if done.back or done.links:
                details = {"run_id": run_id, "removed": len(done.removed), "links": done.links}
                self._resources.events.emit("undone", namespace, done.back, details=details)
        return UndoResult(
            run_id=run_id,
            restored_ids=done.back,
            removed_ids=done.removed,
            changed_ids=done.changed,
            missing=max(0, expected - summary["restored"]) if run.status != "undone" else 0,
            removed_links=done.links,
            seconds=time.perf_counter() - started,
        )

    async def _undo_merges(self, namespace: str, run_id: str, done: _Undone) -> None:
        # What a run merged and then merged again comes to light once the second merge is undone.
        while records := await self._store.merges.find_merges(namespace, run_id=run_id, limit=_READ):
            done.changed += await self._changed_since(namespace, records)
            before = len(done.removed)
            for record in records:
                one, stopped = await to_its_end(self._store.merges.undo_merge(namespace, record.merged_id))
                if one is not None:
                    done.restored += one.restored_ids
                    done.removed.append(one.removed_id)
                if stopped is not None:
                    raise stopped
            if len(done.removed) == before:
                return

    async def _refuse_if_built_upon(self, namespace: str, run_id: str) -> None:
        """Refuse to undo what a later run merged again, before anything is changed."""
        for later in await self.history(namespace, _HISTORY):
            if run_id in later.summary.get(BUILDS_ON, ()) and later.status != "undone":
                raise MemoryConsolidationError(
                    "a later run merged what this one had merged.",
                    field="run_id",
                    remedy=f"Undo run {later.run_id} first.",
                )

    async def _changed_since(self, namespace: str, records: list[MergeRecord]) -> list[str]:
        merged_at = {record.merged_id: record.merged_at for record in records}
        return [
            memory.memory_id
            for memory in await self._store.records.get(namespace, list(merged_at))
            if memory.updated_at is not None and memory.updated_at > merged_at[memory.memory_id]
        ]
