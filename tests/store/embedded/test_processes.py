"""Several processes on one file, and processes that are killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from pathlib import Path

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges
from tests.store.embedded import processes
from tests.store.embedded.conftest import MakeStore, check_consistency
from tests.store.factory import new, unit

pytestmark = pytest.mark.slow

ALL = MemoryFilter()


async def test_the_next_call_sees_what_another_store_committed(opened: MakeStore) -> None:
    async with opened() as one, opened() as other:
        for i in range(5):
            await one.records.insert("ns", [new(f"m{i}", f"text{i}", entities=[f"e{i}"])], reinforcement=0.1)
            assert (await other.search.search_vector("ns", unit(i), 1, ALL))[0].memory_id == f"m{i}"
            assert [c.memory_id for c in (await other.search.search_text("ns", [f"text{i}"], 1, ALL)).found] == [
                f"m{i}"
            ]
            assert len(await other.graph.find_entities("ns", [f"e{i}"])) == 1
        await other.records.update("ns", "m3", MemoryChanges(content="x", embedding=unit(77), updated_at=1.0))
        assert (await one.search.search_vector("ns", unit(77), 1, ALL))[0].memory_id == "m3"
        await one.records.delete("ns", ["m3"])
        assert (await other.search.search_vector("ns", unit(77), 1, ALL))[0].memory_id != "m3"
        await one.records.archive("ns", ["m2"], 1.0)
        assert {c.memory_id for c in await other.search.search_vector("ns", unit(2), 9, ALL)} == {"m0", "m1", "m4"}
        await one.records.forget("ns", None)
        assert await other.search.search_vector("ns", unit(1), 9, ALL) == []
        await one.records.insert("ns", [new("m1")], reinforcement=0.1)
        assert len(await other.search.search_vector("ns", unit(1), 9, ALL)) == 1


async def test_two_processes_and_twenty_tasks_lose_nothing(opened: MakeStore, folder: Path, file: Path) -> None:
    tasks, rounds = 20, 4
    started = [processes.start(processes.write_with_tasks, folder, name, tasks, rounds) for name in ("p1", "p2")]
    for process, pipe in started:
        assert await asyncio.to_thread(pipe.recv) == "done"
        await asyncio.to_thread(process.join)
        assert process.exitcode == 0
    async with opened() as store:
        memories = {m.memory_id: m for m in await store.records.find("ns", ALL, now=0.0)}
        own = {f"{name}t{t}r{r}" for name in ("p1", "p2") for t in range(tasks) for r in range(rounds)}
        facts = {key: m for key, m in memories.items() if key not in own}
        assert own <= memories.keys()
        # Each fact is one memory, whoever came first, and every other arrival reinforced it.
        assert sorted(m.content for m in facts.values()) == [f"fact {r}" for r in range(rounds)]
        assert {m.reinforcement_count for m in facts.values()} == {2 * tasks - 1}
        (everybody,) = await store.graph.find_entities("ns", ["everybody"])
        assert everybody.mention_count == len(own)
        assert len(await store.search.search_vector("ns", unit(0), 999, ALL)) == len(memories)
        conversation = MemoryFilter(conversation_id="c7")
        times = [m.timestamp for m in await store.records.find("ns", conversation, order="oldest", now=0.0)]
        assert times == sorted(float(r) for r in range(rounds) for _ in ("p1", "p2"))
    check_consistency(file)


async def test_what_was_acknowledged_survives_fifty_kills(opened: MakeStore, folder: Path, file: Path) -> None:
    chosen = random.Random(0)
    kept: set[str] = set()
    for round_ in range(50):
        process, pipe = processes.start(processes.write_until_killed, folder, round_ * 100_000)
        assert await asyncio.to_thread(pipe.recv) == ("ready", [])
        time.sleep(chosen.uniform(0.0, 0.12))  # noqa: ASYNC251
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.join)
        acknowledged: set[str] = set()
        # A message the process was writing when it died ends the stream.
        try:
            while pipe.poll():
                word, ids = pipe.recv()
                acknowledged = acknowledged | set(ids) if word == "kept" else acknowledged - set(ids)
        except (EOFError, OSError):
            pass
        kept |= acknowledged
        async with opened() as store:
            await _check(store, acknowledged)
            if round_ % 10 == 9:
                check_consistency(file)
    assert len(kept) > 50
    async with opened() as store:
        await _check(store, kept)
        # What was not acknowledged is there as a whole or not at all.
        memories = await store.records.find("ns", ALL, now=0.0, with_embedding=True)
        for memory in memories:
            processes.check_whole(memory)
        assert len(await store.search.search_vector("ns", unit(1), 10**6, ALL)) == len(memories)
    check_consistency(file)


async def _check(store: EmbeddedStore, ids: set[str]) -> None:
    memories = await store.records.get("ns", sorted(ids), with_embedding=True)
    assert {m.memory_id for m in memories} == ids
    for memory in memories:
        processes.check_whole(memory)
    for memory in memories[:3]:
        (found,) = (
            await store.search.search_text("ns", [memory.content.removeprefix("changed ").split()[0]], 5, ALL)
        ).found
        assert found.memory_id == memory.memory_id
        assert memory.embedding is not None
        best = (await store.search.search_vector("ns", processes.np.array(memory.embedding, dtype="f4"), 1, ALL))[0]
        assert best.memory_id == memory.memory_id
