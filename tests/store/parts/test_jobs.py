"""What maintenance remembers: runs, leases, settings and sums over retrievals."""

from __future__ import annotations

import asyncio

from coda_graphmem.store.protocol import MemoryStore, RetrievalTotals
from tests.store.factory import new
from tests.store.parts.build import run
from tests.store.parts.conftest import other


async def test_runs_are_found_by_all_that_is_given(store: MemoryStore, ns: str) -> None:
    job, twin = f"{ns}-decay", f"{ns}-expire"
    full = run(
        f"{ns}-1",
        job,
        ns,
        started_at=10.5,
        finished_at=12.25,
        status="failed",
        changed=3,
        summary={"kept": 3, "ids": ["é"], "nested": {"a": None}},
        error="MemoryStorageError: disk",
    )
    rest = [run(f"{ns}-2", job, other(ns), started_at=30.0), run(f"{ns}-3", twin, ns, started_at=20.0)]
    everywhere = run(f"{ns}-4", job, None, started_at=5.0)
    for one in (full, *rest, everywhere):
        await store.jobs.save_run(one)
    assert await store.jobs.find_runs(job=job) == [rest[0], full, everywhere]
    assert await store.jobs.find_runs(job=job, limit=1) == [rest[0]]
    assert await store.jobs.find_runs(namespace=ns) == [rest[1], full]
    assert await store.jobs.find_runs(namespace=ns, job=job) == [full]
    assert await store.jobs.find_runs(run_id=full.run_id) == [full]
    assert await store.jobs.find_runs(run_id=full.run_id, job=twin) == []
    assert (await store.jobs.find_runs())[0].started_at >= 30.0
    await store.jobs.save_run(full.model_copy(update={"status": "undone"}))
    assert [one.status for one in await store.jobs.find_runs(run_id=full.run_id)] == ["undone"]
    assert len(await store.jobs.find_runs(job=job)) == 3


async def test_a_lease_has_one_holder_until_it_runs_out(store: MemoryStore, ns: str) -> None:
    lease = f"{ns}-lease"
    assert await store.jobs.acquire_lease(lease, "one", 60.0)
    assert await store.jobs.acquire_lease(f"{ns}-another", "two", 60.0)
    assert not await store.jobs.acquire_lease(lease, "two", 60.0)
    await store.jobs.release_lease(lease, "two")
    assert not await store.jobs.acquire_lease(lease, "two", 60.0)
    # Renewed to a shorter time, it runs out.
    assert await store.jobs.acquire_lease(lease, "one", 0.05)
    await asyncio.sleep(0.06)
    assert await store.jobs.acquire_lease(lease, "two", 60.0)
    assert not await store.jobs.acquire_lease(lease, "one", 60.0)
    await store.jobs.release_lease(lease, "two")
    assert await store.jobs.acquire_lease(lease, "one", 60.0)
    for name in (lease, f"{ns}-another"):
        for holder in ("one", "two"):
            await store.jobs.release_lease(name, holder)


async def test_settings_are_kept_by_key(store: MemoryStore, ns: str) -> None:
    await store.jobs.save_setting(ns, "job.decay", {"rate": 0.1, "name": "ü", "list": [1, None]})
    await store.jobs.save_setting(ns, "job.expire", {})
    await store.jobs.save_setting(ns, "jobs", {"a": True})
    await store.jobs.save_setting(ns, "Job.x", {"a": 1})
    await store.jobs.save_setting(other(ns), "job.decay", {"rate": 9})
    assert await store.jobs.settings(ns, "job.") == {
        "job.decay": {"rate": 0.1, "name": "ü", "list": [1, None]},
        "job.expire": {},
    }
    assert set(await store.jobs.settings(ns)) == {"job.decay", "job.expire", "jobs", "Job.x"}
    await store.jobs.save_setting(ns, "job.decay", {"rate": 0.2})
    await store.jobs.save_setting(ns, "jobs", None)
    await store.jobs.save_setting(ns, "nothing", None)
    await store.jobs.save_setting(f"{ns}-nothing", "nothing", None)
    assert await store.jobs.settings(ns) == {"job.decay": {"rate": 0.2}, "job.expire": {}, "Job.x": {"a": 1}}
    assert await store.jobs.settings(ns, "job%") == {}
    assert await store.jobs.settings(f"{ns}-nothing") == {}


async def test_retrievals_add_up(store: MemoryStore, ns: str) -> None:
    assert await store.jobs.retrieval_totals(ns) == RetrievalTotals()
    one = RetrievalTotals(retrievals=2, empty=1, results=5, relevance=2.5, scored=4, seconds=0.25, last_at=100.0)
    two = RetrievalTotals(retrievals=1, results=3, relevance=1.25, scored=3, seconds=0.5, last_at=90.0)
    await store.jobs.record_retrievals(ns, RetrievalTotals(retrievals=1, empty=1))
    assert await store.jobs.retrieval_totals(ns) == RetrievalTotals(retrievals=1, empty=1)
    await asyncio.gather(*(store.jobs.record_retrievals(ns, totals) for totals in (one, two, RetrievalTotals())))
    assert await store.jobs.retrieval_totals(ns) == RetrievalTotals(retrievals=1, empty=1) + one + two
    assert await store.jobs.retrieval_totals(other(ns)) == RetrievalTotals()


async def test_a_forgotten_namespace_remembers_nothing(store: MemoryStore, ns: str) -> None:
    for name in (ns, other(ns)):
        await store.records.insert(name, [new("m1")], reinforcement=0.1)
        await store.jobs.save_setting(name, "key", {"a": 1})
        await store.jobs.record_retrievals(name, RetrievalTotals(retrievals=1))
        await store.jobs.save_run(run(f"{name}-run", f"{ns}-job", name))
    await store.jobs.save_run(run(f"{ns}-run-of-nothing", f"{ns}-job", f"{ns}-nothing"))
    await store.records.forget(ns, None)
    await store.records.forget(f"{ns}-nothing", None)
    assert await store.jobs.settings(ns) == {}
    assert await store.jobs.retrieval_totals(ns) == RetrievalTotals()
    assert [one.namespace for one in await store.jobs.find_runs(job=f"{ns}-job")] == [other(ns)]
    assert await store.jobs.settings(other(ns)) == {"key": {"a": 1}}
    assert (await store.jobs.retrieval_totals(other(ns))).retrievals == 1
