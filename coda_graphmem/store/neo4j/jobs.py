"""Keeps runs of jobs, leases, settings, and what is known of retrievals."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from typing_extensions import override

from coda_graphmem.models import JobRun
from coda_graphmem.store.neo4j.connection import LEASES, Change, Transaction, lost_locks
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.protocol import Jobs, RetrievalTotals

#: Runs of each job that are kept.
KEPT_RUNS = 1_000

#: How often a lease is asked for whose node somebody removes meanwhile, before it is the lock that is missing.
_TRIES = 5


class Neo4jJobs(StorePart, Jobs):
    """Runs, leases and settings are nodes; sums over retrievals are properties of the namespace's node."""

    @override
    async def save_run(self, run: JobRun) -> None:
        # A run in one namespace goes with it when it is forgotten.
        properties = {**run.model_dump(), "summary": json.dumps(run.summary)}
        parameters = {"run_id": run.run_id, "properties": properties, "kept": KEPT_RUNS, "lock": LEASES}

        async def work(transaction: Transaction) -> Change:
            await transaction.run("save_run", **parameters)
            return Change(revised=False)

        if run.namespace is None:
            if not await self._connection.run("save_run", **parameters):
                raise lost_locks()
        else:
            await self._connection.write(run.namespace, work, create=True)

    @override
    async def find_runs(
        self, *, job: str | None = None, namespace: str | None = None, run_id: str | None = None, limit: int = 100
    ) -> list[JobRun]:
        rows = await self._connection.read("runs", job=job, of_namespace=namespace, run_id=run_id, limit=limit)
        kept = [dict(row["run"]) for row in rows]
        return [JobRun(**{"namespace": None, **run, "summary": json.loads(run["summary"])}) for run in kept]

    @override
    async def acquire_lease(self, name: str, holder: str, seconds: float) -> bool:
        # Asking again as the same holder renews it, so a repeated try is harmless.
        for _ in range(_TRIES):
            rows = await self._connection.run(
                "acquire_lease", lock=LEASES, lease=name, holder=holder, milliseconds=round(1000 * seconds)
            )
            if rows:
                return bool(rows[0]["acquired"])
        raise lost_locks()

    @override
    async def release_lease(self, name: str, holder: str) -> None:
        await self._connection.run("release_lease", lock=LEASES, lease=name, holder=holder)

    @override
    async def save_setting(self, namespace: str, key: str, value: Mapping[str, Any] | None) -> None:
        async def work(transaction: Transaction) -> Change:
            if value is None:
                [done] = await transaction.run("delete_setting", key=key)
                return Change(revised=done["settings"] > 0)
            await transaction.run("save_setting", key=key, value=json.dumps(dict(value), ensure_ascii=False))
            return Change()

        await self._connection.write(namespace, work, create=value is not None)

    @override
    async def settings(self, namespace: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        rows = await self._connection.read("settings", namespace=namespace, prefix=prefix)
        return {row["key"]: json.loads(row["value"]) for row in rows}

    @override
    async def record_retrievals(self, namespace: str, totals: RetrievalTotals) -> None:
        async def work(transaction: Transaction) -> Change:
            await transaction.run("record_retrievals", **asdict(totals))
            return Change(revised=False)

        await self._connection.write(namespace, work, create=True)

    @override
    async def retrieval_totals(self, namespace: str) -> RetrievalTotals:
        rows = await self._connection.read("retrieval_totals", namespace=namespace)
        return RetrievalTotals(**dict(rows[0])) if rows else RetrievalTotals()
