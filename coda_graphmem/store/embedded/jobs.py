"""Runs of maintenance jobs, leases, settings, and sums over retrievals."""

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import astuple, fields
from typing import Any

from typing_extensions import override

from coda_graphmem.models import JobRun
from coda_graphmem.store.embedded.catalog import Namespace, make_namespace, within
from coda_graphmem.store.embedded.database import COUNTING
from coda_graphmem.store.embedded.indexed_database import StorePart
from coda_graphmem.store.protocol import Jobs, RetrievalTotals

#: Runs of a job that are kept, the newest.
MAX_RUNS = 1000

_COLUMNS = ", ".join(JobRun.model_fields)
_VALUES = ", ".join(f":{name}" for name in JobRun.model_fields)
_NEWEST = "ORDER BY started_at DESC, run_id DESC LIMIT"

_LEASE = """
    INSERT INTO leases (name, holder, expires_at) VALUES (:name, :holder, :until)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE leases.holder = excluded.holder
"""

_TOTALS = ", ".join(field.name for field in fields(RetrievalTotals))

_ADD_TOTALS = f"""
    INSERT INTO retrieval_totals (namespace_id, {_TOTALS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (namespace_id) DO UPDATE SET
        retrievals = retrievals + excluded.retrievals, empty = empty + excluded.empty,
        results = results + excluded.results, relevance = relevance + excluded.relevance,
        scored = scored + excluded.scored, seconds = seconds + excluded.seconds,
        last_at = max(coalesce(last_at, excluded.last_at), coalesce(excluded.last_at, last_at))
"""


class EmbeddedJobs(StorePart, Jobs):
    """Leases run by the clock of this machine; a write transaction gives each to one process."""

    @override
    async def save_run(self, run: JobRun) -> None:
        values = run.model_dump() | {"summary": json.dumps(run.summary, ensure_ascii=False)}

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(f"INSERT OR REPLACE INTO runs ({_COLUMNS}) VALUES ({_VALUES})", values)
            connection.execute(
                f"DELETE FROM runs WHERE run_id IN (SELECT run_id FROM runs WHERE job = ? {_NEWEST} -1 OFFSET ?)",
                (run.job, MAX_RUNS),
            )

        await self._database.write(work)

    @override
    async def find_runs(
        self, *, job: str | None = None, namespace: str | None = None, run_id: str | None = None, limit: int = 100
    ) -> list[JobRun]:
        given = {"job": job, "namespace": namespace, "run_id": run_id}
        given = {column: value for column, value in given.items() if value is not None}
        matching = "WHERE " + " AND ".join(f"{column} = ?" for column in given) if given else ""

        def work(connection: sqlite3.Connection) -> list[JobRun]:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM runs {matching} {_NEWEST} ?", (*given.values(), limit))
            found = [dict(zip(JobRun.model_fields, row, strict=True)) for row in rows]
            return [JobRun(**one | {"summary": json.loads(one["summary"])}) for one in found]

        return await self._database.read(work)

    @override
    async def acquire_lease(self, name: str, holder: str, seconds: float) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            now = time.time()
            _drop_leases(connection, now)
            taken = connection.execute(_LEASE, {"name": name, "holder": holder, "until": now + seconds}).rowcount
            return taken == 1

        return await self._database.write(work)

    @override
    async def release_lease(self, name: str, holder: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))

        await self._database.write(work)

    @override
    async def save_setting(self, namespace: str, key: str, value: Mapping[str, Any] | None) -> None:
        def save(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO settings (namespace_id, key, value) VALUES (?, ?, ?) "
                "ON CONFLICT (namespace_id, key) DO UPDATE SET value = excluded.value",
                (make_namespace(connection, namespace).id, key, json.dumps(dict(value or {}), ensure_ascii=False)),
            )

        def remove(connection: sqlite3.Connection, owner: Namespace) -> None:
            connection.execute("DELETE FROM settings WHERE namespace_id = ? AND key = ?", (owner.id, key))

        await self._database.write(within(namespace, None, remove) if value is None else save)

    @override
    async def settings(self, namespace: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        def work(connection: sqlite3.Connection, owner: Namespace) -> dict[str, dict[str, Any]]:
            rows = connection.execute(
                "SELECT key, value FROM settings "
                "WHERE namespace_id = ? AND key >= ? AND substr(key, 1, ?) = ? ORDER BY key",
                (owner.id, prefix, len(prefix), prefix),
            )
            return {key: json.loads(value) for key, value in rows}

        return await self._database.read(within(namespace, {}, work))

    @override
    async def record_retrievals(self, namespace: str, totals: RetrievalTotals) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_ADD_TOTALS, (make_namespace(connection, namespace).id, *astuple(totals)))

        if not self._database.read_only:
            await self._database.write(work, patience=COUNTING)

    @override
    async def retrieval_totals(self, namespace: str) -> RetrievalTotals:
        def work(connection: sqlite3.Connection, owner: Namespace) -> RetrievalTotals:
            row = connection.execute(
                f"SELECT {_TOTALS} FROM retrieval_totals WHERE namespace_id = ?", (owner.id,)
            ).fetchone()
            return RetrievalTotals() if row is None else RetrievalTotals(*row)

        return await self._database.read(within(namespace, RetrievalTotals(), work))


def forget_runs(connection: sqlite3.Connection, name: str) -> None:
    """Remove the runs of a namespace, and leases nobody holds any more, whose names may hold its name."""
    connection.execute("DELETE FROM runs WHERE namespace = ?", (name,))
    _drop_leases(connection, time.time())


def _drop_leases(connection: sqlite3.Connection, now: float) -> None:
    connection.execute("DELETE FROM leases WHERE expires_at <= ?", (now,))
