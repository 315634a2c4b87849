"""Several processes on one store: a job is done by one of them at a time, and by another when that one dies."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from coda_graphmem import JobRun, MemoryManager
from coda_graphmem.runs import DIED
from tests.fakes import NameExtractor, WordEmbedder
from tests.maintenance.worker import INTERVAL, WORK, settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROCESSES = 3
ROUNDS = 3


def start(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.maintenance.worker", str(directory)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


async def rounds(memory: MemoryManager, count: int) -> list[JobRun]:
    """Wait for so many finished rounds; those there are then, the oldest first."""
    give_up = time.monotonic() + 60
    while True:
        found = (await memory.list_runs("scheduled decay"))[::-1]
        if sum(run.finished_at is not None for run in found) >= count:
            return found
        assert time.monotonic() < give_up
        await asyncio.sleep(0.05)


async def kill_one_at_work(memory: MemoryManager, workers: dict[int, subprocess.Popen[str]]) -> JobRun:
    """Kill the process that is at it, in the middle of its work; the run that it leaves behind."""
    while True:
        [newest] = await memory.list_runs("scheduled decay", 1)
        if newest.status == "running":
            worker = workers[int(newest.holder.split()[-1])]
            worker.send_signal(signal.SIGSTOP)
            [still] = [run for run in await memory.list_runs("scheduled decay") if run.run_id == newest.run_id]
            if still.status == "running":
                worker.kill()
                return still
            worker.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="a process is stopped by a POSIX signal here")
async def test_three_processes_and_one_lease(tmp_path: Path) -> None:
    manager = MemoryManager(settings(str(tmp_path)), embedder=WordEmbedder(), extractor=NameExtractor())
    await manager.initialize()
    await manager.store_memory("Anna likes tea")
    workers = [start(tmp_path) for _ in range(PROCESSES)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        before = len(await rounds(manager, 0))
        found = await rounds(manager, before + ROUNDS)
        dead = await kill_one_at_work(manager, {worker.pid: worker for worker in workers})
        killed = time.time()
        await rounds(manager, len(found) + 2)
    finally:
        for worker in workers:
            worker.communicate()
    found = (await manager.list_runs("scheduled decay"))[::-1]
    await manager.cleanup()
    [lost] = [run for run in found if run.run_id == dead.run_id]
    assert (lost.status, lost.error) == ("failed", DIED)
    done = [run for run in found if run.status == "done"]
    assert all((run.seconds or 0.0) >= WORK for run in done)
    for earlier, later in pairwise(done):
        assert (earlier.finished_at or 0.0) <= later.started_at
        assert later.started_at - earlier.started_at >= INTERVAL
    # Nobody waited much longer than for the lease to run out.
    assert min(run.started_at for run in done if run.started_at > lost.started_at) < killed + 10
