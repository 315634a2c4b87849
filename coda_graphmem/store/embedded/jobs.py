"""Remembers runs of maintenance jobs, and lends each job to one process at a time."""

from __future__ import annotations

import json
import sqlite3
import time

from coda_graphmem.models import JobRun

#: Runs of a job that are kept, the newest.
MAX_RUNS = 1000

_COLUMNS = "run_id, job, namespace, holder, started_at, finished_at, status, changed, summary, error"
_NEWEST = "ORDER BY started_at DESC, run_id DESC LIMIT"

_LEASE = """
    INSERT INTO leases (name, holder, expires_at) VALUES (:name, :holder, :until)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE leases.holder = excluded.holder
"""


def save_run(connection: sqlite3.Connection, run: JobRun) -> None:
    """See `MemoryStore.save_run`; runs in a write transaction."""
    connection.execute(
        f"INSERT OR REPLACE INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.run_id,
            run.job,
            run.namespace,
            run.holder,
            run.started_at,
            run.finished_at,
            run.status,
            run.changed,
            json.dumps(run.summary, ensure_ascii=False),
            run.error,
        ),
    )
    connection.execute(
        f"DELETE FROM runs WHERE run_id IN (SELECT run_id FROM runs WHERE job = ? {_NEWEST} -1 OFFSET ?)",
        (run.job, MAX_RUNS),
    )


def forget(connection: sqlite3.Connection, name: str) -> None:
    """Remove the runs of a namespace, and leases nobody holds any more, whose names may hold its name."""
    connection.execute("DELETE FROM runs WHERE namespace = ?", (name,))
    drop_leases(connection, time.time())


def runs(
    connection: sqlite3.Connection, *, job: str | None, namespace: str | None, run_id: str | None, limit: int
) -> list[JobRun]:
    """See `MemoryStore.runs`; runs in a read transaction."""
    given = {"job": job, "namespace": namespace, "run_id": run_id}
    given = {column: value for column, value in given.items() if value is not None}
    matching = " AND ".join(f"{column} = ?" for column in given)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM runs {'WHERE ' if given else ''}{matching} {_NEWEST} ?", (*given.values(), limit)
    )
    return [
        JobRun(
            run_id=row[0],
            job=row[1],
            namespace=row[2],
            holder=row[3],
            started_at=row[4],
            finished_at=row[5],
            status=row[6],
            changed=row[7],
            summary=json.loads(row[8]),
            error=row[9],
        )
        for row in rows
    ]


def acquire_lease(connection: sqlite3.Connection, name: str, holder: str, seconds: float) -> bool:
    """See `MemoryStore.acquire_lease`; runs in a write transaction, one at a time in all processes."""
    now = time.time()
    drop_leases(connection, now)
    taken = connection.execute(_LEASE, {"name": name, "holder": holder, "until": now + seconds}).rowcount
    return taken == 1


def drop_leases(connection: sqlite3.Connection, now: float) -> None:
    """Remove the leases that have run out; runs in a write transaction."""
    connection.execute("DELETE FROM leases WHERE expires_at <= ?", (now,))


def release_lease(connection: sqlite3.Connection, name: str, holder: str) -> None:
    """See `MemoryStore.release_lease`; runs in a write transaction."""
    connection.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))
