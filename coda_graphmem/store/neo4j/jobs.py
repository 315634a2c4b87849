"""Keeps runs of jobs, leases, settings, and what is known of retrievals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from coda_graphmem.models import JobRun
from coda_graphmem.store.neo4j.connection import Change, Connection, Row, Transaction
from coda_graphmem.store.protocol import RetrievalTotals

#: Runs of each job that are kept.
KEPT_RUNS = 1_000


async def save_run(connection: Connection, run: JobRun) -> None:
    """See `UpkeepStore.save_run`. A run in one namespace goes with it when it is forgotten."""
    properties = {**run.model_dump(), "summary": json.dumps(run.summary)}
    parameters = {"run_id": run.run_id, "properties": properties, "kept": KEPT_RUNS}

    async def work(transaction: Transaction) -> Change:
        await transaction.run("save_run", **parameters)
        return Change(revised=False)

    async def work_everywhere(transaction: Any) -> None:
        await connection.run_in(transaction, "save_run", **parameters)

    if run.namespace is None:
        await connection.execute_write(work_everywhere)
    else:
        await connection.write(run.namespace, work, create=True)


async def runs(
    connection: Connection, *, job: str | None, namespace: str | None, run_id: str | None, limit: int
) -> list[JobRun]:
    """See `UpkeepStore.runs`."""
    rows = await connection.read("runs", job=job, of_namespace=namespace, run_id=run_id, limit=limit)
    kept = [dict(row["run"]) for row in rows]
    return [JobRun(**{"namespace": None, **run, "summary": json.loads(run["summary"])}) for run in kept]


async def acquire_lease(connection: Connection, name: str, holder: str, seconds: float) -> bool:
    """See `UpkeepStore.acquire_lease`. Asking again as the same holder renews it, so a repeated try is harmless."""

    async def work(transaction: Any) -> bool:
        rows: list[Row] = []
        while not rows:
            rows = await connection.run_in(
                transaction, "acquire_lease", lease=name, holder=holder, milliseconds=round(1000 * seconds)
            )
        return bool(rows[0]["acquired"])

    return bool(await connection.execute_write(work))


async def release_lease(connection: Connection, name: str, holder: str) -> None:
    """See `UpkeepStore.release_lease`."""

    async def work(transaction: Any) -> None:
        await connection.run_in(transaction, "release_lease", lease=name, holder=holder)

    await connection.execute_write(work)


async def save_setting(connection: Connection, namespace: str, key: str, value: Mapping[str, Any] | None) -> None:
    """See `UpkeepStore.save_setting`."""

    async def work(transaction: Transaction) -> Change:
        if value is None:
            [done] = await transaction.run("delete_setting", key=key)
            return Change(revised=done["settings"] > 0)
        await transaction.run("save_setting", key=key, value=json.dumps(dict(value), ensure_ascii=False))
        return Change()

    await connection.write(namespace, work, create=value is not None)


async def settings(connection: Connection, namespace: str, prefix: str) -> dict[str, dict[str, Any]]:
    """See `UpkeepStore.settings`."""
    rows = await connection.read("settings", namespace=namespace, prefix=prefix)
    return {row["key"]: json.loads(row["value"]) for row in rows}


async def record_retrievals(connection: Connection, namespace: str, totals: RetrievalTotals) -> None:
    """See `UpkeepStore.record_retrievals`."""

    async def work(transaction: Transaction) -> Change:
        await transaction.run("record_retrievals", **asdict(totals))
        return Change(revised=False)

    await connection.write(namespace, work, create=True)


async def retrieval_totals(connection: Connection, namespace: str) -> RetrievalTotals:
    """See `UpkeepStore.retrieval_totals`."""
    rows = await connection.read("retrieval_totals", namespace=namespace)
    return RetrievalTotals(**dict(rows[0])) if rows else RetrievalTotals()
