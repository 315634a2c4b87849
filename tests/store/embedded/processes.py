"""Other processes that use the same file; run by `multiprocessing`'s fork server, which starts them quickly."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import numpy as np

from coda_graphmem.config import MemoryConfig
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges, NewMemory
from tests.store.factory import DIMENSION, MODEL, mention, new, unit
from tests.store.parts.build import merge

#: Added to the seed of a vector by its update.
UPDATED = 100_000_000


def context() -> ForkServerContext:
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.store.embedded.processes"])
    return found


def start(target: Callable[..., None], *arguments: Any) -> tuple[ForkServerProcess, Connection]:
    """A process and the end of the pipe it writes to."""
    ours, theirs = context().Pipe(duplex=False)
    process = context().Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    return process, ours


async def _open(folder: Path) -> EmbeddedStore:
    store = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": folder}))
    await store.open()
    await store.vectors.bind_model(MODEL, DIMENSION)
    return store


# ---------------------------------------------------------------------- many writers at once


def write_with_tasks(pipe: Connection, folder: Path, name: str, tasks: int, rounds: int) -> None:
    """Many tasks that insert memories of their own and facts that all processes share."""
    asyncio.run(_write_with_tasks(pipe, folder, name, tasks, rounds))


async def _write_with_tasks(pipe: Connection, folder: Path, name: str, tasks: int, rounds: int) -> None:
    store = await _open(folder)

    async def task(number: int) -> None:
        for i in range(rounds):
            own = f"{name}t{number}r{i}"
            rows = [
                new(own, entities=["everybody", f"e{i}"], conversation_id=f"c{number}", timestamp=float(i)),
                new(f"{own}fact", f"fact {i}", dedup_key=f"fact{i}", created_at=3000.0),
            ]
            await store.records.insert("ns", rows, reinforcement=0.1)
            found = await store.search.search_vector("ns", unit(i), 3, MemoryFilter())
            assert found

    await asyncio.gather(*(task(i) for i in range(tasks)))
    await store.close()
    pipe.send("done")


# ---------------------------------------------------------------------- a writer that gets killed


def planned(memory_id: str) -> NewMemory:
    """The memory that belongs to an id, so that it can be checked without having been told more."""
    seed = int(memory_id.rpartition("-")[2])
    chosen = random.Random(seed)
    keys = sorted({f"e{chosen.randrange(40)}" for _ in range(4)})
    return new(
        memory_id,
        f"token{memory_id.replace('-', 'x')} " + "filling words " * chosen.randrange(60),
        entities=keys,
        embedding=unit(seed),
        conversation_id=f"c{chosen.randrange(5)}",
        metadata={"seed": seed},
    )


def check_whole(memory: Memory) -> None:
    """A memory is as it was planned, or as its one update made it."""
    plan = planned(memory.memory_id)
    changed = memory.updated_at is not None
    assert memory.content == (f"changed {plan.content}" if changed else plan.content)
    assert memory.entities == ([mention("changed")] if changed else list(plan.entities))
    assert memory.metadata == plan.metadata
    expected = unit(plan.metadata["seed"] + (UPDATED if changed else 0))
    assert np.allclose(memory.embedding, expected, atol=1e-3)


def write_until_killed(pipe: Connection, folder: Path, first: int) -> None:
    """Insert, change and delete without end; say before what may be gone, and after what was kept."""
    asyncio.run(_write_until_killed(pipe, folder, first))


async def _write_until_killed(pipe: Connection, folder: Path, first: int) -> None:
    store = await _open(folder)
    pipe.send(("ready", []))
    chosen = random.Random(first)
    kept: list[str] = []
    number = first
    while True:
        ids = [f"p{os.getpid()}-{number + i}" for i in range(chosen.randrange(1, 8))]
        number += len(ids)
        await store.records.insert("ns", [planned(i) for i in ids], reinforcement=0.1)
        pipe.send(("kept", ids))
        kept += ids
        action = chosen.randrange(4)
        victim = chosen.choice(kept)
        if action == 0:
            pipe.send(("may be gone", [victim]))
            await store.records.delete("ns", [victim])
            kept.remove(victim)
        elif action == 1:
            plan = planned(victim)
            changes = MemoryChanges(
                content=f"changed {plan.content}",
                embedding=unit(plan.metadata["seed"] + UPDATED),
                entities=(mention("changed"),),
                updated_at=1.0,
            )
            await store.records.update("ns", victim, changes)


# ---------------------------------------------------------------------- a merger that gets killed


def merge_until_killed(pipe: Connection, folder: Path, number: int) -> None:
    """Merge memories by threes, all in one call after another; say when one is done."""
    asyncio.run(_merge_until_killed(pipe, folder, number))


async def _merge_until_killed(pipe: Connection, folder: Path, number: int) -> None:
    store = await _open(folder)
    for i in range(number):
        one = merge(f"merged{i}", [f"m{3 * i + j}" for j in range(3)], entities=["e"])
        assert await store.merges.merge("ns", [one], run_id="run", at=4000.0) == [True]
        pipe.send("merged")
