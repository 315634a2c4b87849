"""Processes that write, index and search a large store are killed, again and again: what is lost, and what is wrong.

    python -m benchmarks.kills FOLDER... [--memories 300000] [--kills 200] [--keep FOLDER]

The folders are sets in BEIR form, the store is filled as by `benchmarks/scale.py`, and ``--keep`` is the same folder.
Three processes work on it side by side, and at a moment that chance chooses one of them gets SIGKILL and another takes
its place:

- one that writes: it stores, changes and deletes memories one call after the other, and says what was acknowledged;
- one that makes the file of near vectors anew for what came, and anew from nothing where chance wants it;
- one that searches by vector and by text, and compares with what a comparison of all vectors finds.

After each kill what was acknowledged is asked for by id, by its word and by its vector, what was deleted is asked for
as well, and questions are answered. At the end all of it is asked for once more, and the process that makes the file of
near vectors is killed before there is one, which has to come back by itself; then the store is looked at as a whole.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import pickle
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from coda_graphmem.config import MemoryConfig
from coda_graphmem.models import EntityMention, Memory, MemoryFilter, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.embedded.proximity_build import build, file_of
from coda_graphmem.store.protocol import MemoryChanges, NewMemory, Vector

FILE = "coda_memories.sqlite3"
NAMES = "Anna Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kiran Lena".split()
NEAREST = 10
#: Memories of an earlier process that are asked for after a kill, beside those of the one that was killed.
_SAMPLE = 8
ALL = MemoryFilter()


@dataclass(frozen=True)
class Question:
    """A question, and what a comparison of all vectors finds."""

    vector: Vector
    nearest: frozenset[str]


@dataclass(frozen=True)
class Ground:
    """What all processes know."""

    settings: dict[str, Any]
    """Of `MemoryConfig.vector_store`."""
    namespace: str
    questions: Sequence[Question]
    away: Vector
    """A unit vector away from all questions: what is written meanwhile lies there, and answers none of them."""

    @property
    def file(self) -> Path:
        """The store's file."""
        return Path(self.settings["persist_directory"]) / FILE

    async def open(self) -> EmbeddedStore:
        """The store."""
        store = EmbeddedStore(MemoryConfig(vector_store=self.settings))
        await store.open()
        return store

    def vector(self, memory_id: str, version: int) -> Vector:
        """The vector of a memory that is written here; another one once it was changed."""
        row = np.random.default_rng([version, *memory_id.encode()]).standard_normal(len(self.away))
        row = row / np.linalg.norm(row) + self.away
        unit: Vector = (row / np.linalg.norm(row)).astype(np.float32)
        return unit

    def memory(self, memory_id: str) -> NewMemory:
        """A memory that is written here, so that it can be checked without having been told more."""
        chance = random.Random(memory_id)
        names = sorted(chance.sample(NAMES, 3))
        return NewMemory(
            memory_id=memory_id,
            content=content(memory_id, 0),
            memory_type=MemoryType.EPISODIC,
            timestamp=1_000.0 + chance.randrange(1_000),
            importance_score=0.5,
            created_at=2_000.0,
            embedding=self.vector(memory_id, 0),
            conversation_id=f"c{chance.randrange(5)}",
            entities=tuple(EntityMention(key=name.lower(), name=name, label="PERSON") for name in names),
        )

    def is_whole(self, memory: Memory) -> bool:
        """Whether a memory is as it was written, or as its one change made it."""
        version = int(memory.updated_at is not None)
        vector = np.asarray(memory.embedding, dtype=np.float32)
        return (
            memory.content == content(memory.memory_id, version)
            and (version == 1 or tuple(memory.entities) == self.memory(memory.memory_id).entities)
            and vector.shape == self.away.shape
            and bool(np.allclose(vector, self.vector(memory.memory_id, version), atol=2e-3))
        )


def content(memory_id: str, version: int) -> str:
    """What a memory says: a word that is its own, and words that many have."""
    filler = " ".join(["row", "boat", "river"][: 1 + len(memory_id) % 3])
    return f"{word(memory_id)} {'changed' if version else 'written'} {filler}"


def word(memory_id: str) -> str:
    """The word that only this memory holds."""
    return f"own{memory_id.replace('-', 'x')}"


# ---------------------------------------------------------------------- those who are killed


def write(pipe: Connection, ground: Ground, name: str) -> None:
    """Store, change and delete without end; say before what is about to change, and after what was acknowledged."""
    asyncio.run(_write(pipe, ground, name))


async def _write(pipe: Connection, ground: Ground, name: str) -> None:
    store = await ground.open()
    chance = random.Random(name)
    kept: list[str] = []
    number = 0
    pipe.send(("ready", []))
    while True:
        ids = [f"{name}-{number + i}" for i in range(chance.randrange(1, 8))]
        number += len(ids)
        await store.records.insert(ground.namespace, [ground.memory(one) for one in ids], reinforcement=0.1)
        pipe.send(("kept", ids))
        kept += ids
        action, victim = chance.randrange(4), chance.choice(kept)
        if action == 0:
            kept.remove(victim)
            pipe.send(("deleting", [victim]))
            await store.records.delete(ground.namespace, [victim])
            pipe.send(("deleted", [victim]))
        elif action == 1:
            changes = MemoryChanges(content=content(victim, 1), embedding=ground.vector(victim, 1), updated_at=1.0)
            await store.records.update(ground.namespace, victim, changes)


def index(pipe: Connection, ground: Ground, name: str) -> None:
    """Make the file of near vectors for what came, again and again, and sometimes from nothing."""
    chance = random.Random(name)
    with contextlib.closing(sqlite3.connect(ground.file)) as connection:
        sql = "SELECT id FROM namespaces WHERE name = ?"
        [namespace] = connection.execute(sql, (ground.namespace,)).fetchone()
    pipe.send(("ready", []))
    while True:
        if chance.random() < 0.03:
            file_of(ground.file, namespace).unlink(missing_ok=True)
        # While a search that missed the file has it made, that is done by the store's own child.
        with contextlib.suppress(BlockingIOError):
            build(ground.file, namespace)
            pipe.send(("made", []))
        time.sleep(0.05)


def search(pipe: Connection, ground: Ground, name: str) -> None:
    """Ask questions without end, and say how many of the nearest were found."""
    asyncio.run(_search(pipe, ground, name))


async def _search(pipe: Connection, ground: Ground, name: str) -> None:
    store = await ground.open()
    chance = random.Random(name)
    pipe.send(("ready", []))
    while True:
        pipe.send(("answered", await answered(store, ground, chance.choice(ground.questions))))


async def answered(store: EmbeddedStore, ground: Ground, question: Question) -> tuple[int, int]:
    """How many of the nearest a search finds, and how many there are."""
    near = await store.search.search_vector(ground.namespace, question.vector, NEAREST, ALL)
    return len({one.memory_id for one in near} & question.nearest), len(question.nearest)


_ROLES: dict[str, Callable[[Connection, Ground, str], None]] = {"write": write, "index": index, "search": search}


# ---------------------------------------------------------------------- who kills them


@dataclass
class Outcome:
    """What the processes met."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    """Memories stored."""
    files: int = 0
    """How often the file of near vectors was made."""
    asked: int = 0
    found: int = 0
    """Of the nearest that were to be found."""
    faults: list[str] = field(default_factory=list)
    """Acknowledged and lost, deleted and found, half written, or a process that ended by itself."""
    repaired: float = 0.0
    """Seconds from the first search that missed the file until there was one."""
    seconds: float = 0.0

    def count(self, answer: tuple[int, int]) -> None:
        """Count what was found, and what was to be found."""
        self.found, self.asked = self.found + answer[0], self.asked + answer[1]


@dataclass
class _Worker:
    """A process, and what it says."""

    role: str
    process: Any
    pipe: Connection
    is_ready: bool = False
    kept: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    @property
    def sure(self) -> set[str]:
        """What was acknowledged, and is not about to go."""
        return self.kept - self.unsure

    def hear(self, outcome: Outcome) -> None:
        """Take what was said; a message that was being written when it was killed ends it."""
        try:
            while self.pipe.poll():
                self._take(*self.pipe.recv(), outcome=outcome)
        except (EOFError, OSError, pickle.UnpicklingError):
            return

    def _take(self, what: str, said: Any, *, outcome: Outcome) -> None:
        match what:
            case "ready":
                self.is_ready = True
            case "kept":
                self.kept |= set(said)
                outcome.acknowledged += len(said)
            case "deleting":
                self.unsure |= set(said)
            case "deleted":
                self.deleted |= set(said)
            case "made":
                outcome.files += 1
            case "answered":
                outcome.count(said)


class _Workers:
    """One process for each role."""

    def __init__(self, ground: Ground, outcome: Outcome, seed: int) -> None:
        self._ground = ground
        self._outcome = outcome
        self._seed = seed
        self._started = 0
        self.of: dict[str, _Worker] = {}

    def start(self, role: str) -> _Worker:
        """Start a process, in the place of one that was killed."""
        self._started += 1
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe(duplex=False)
        name = f"{self._seed}x{self._started}"
        process = context.Process(target=_ROLES[role], args=(theirs, self._ground, name), daemon=True)
        process.start()
        theirs.close()
        self.of[role] = _Worker(role, process, ours)
        return self.of[role]

    def listen(self, seconds: float) -> None:
        """Hear what they say for so long, and until all are ready."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 or not all(worker.is_ready for worker in self.of.values()):
            said = wait([worker.pipe for worker in self.of.values()], timeout=max(0.01, left))
            for worker in self.of.values():
                if worker.pipe in said:
                    worker.hear(self._outcome)
                if not worker.process.is_alive():
                    raise RuntimeError(f"the process that was to {worker.role} ended by itself")

    def kill(self, role: str) -> _Worker:
        """Kill one, and hear what it said before."""
        worker = self.of.pop(role)
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.join()
        worker.hear(self._outcome)
        worker.pipe.close()
        return worker


async def drill(ground: Ground, *, kills: int, longest: float, seed: int = 0) -> Outcome:
    """Kill so many processes.

    Args:
        ground: The store and the questions.
        kills: How many.
        longest: Seconds from one kill to the next at most, counted from when all are ready.
        seed: Of chance.
    """
    began = time.monotonic()
    outcome, chance = Outcome(), random.Random(seed)
    workers = _Workers(ground, outcome, seed)
    kept: set[str] = set()
    deleted: set[str] = set()
    store = await ground.open()
    try:
        for role in _ROLES:
            workers.start(role)
        for number in range(kills):
            await asyncio.to_thread(workers.listen, chance.uniform(0.0, longest))
            # Those that write twice as often.
            worker = await asyncio.to_thread(workers.kill, chance.choice([*_ROLES, "write"]))
            outcome.kills[worker.role] += 1
            if number % 10 == 9:
                # Whoever opens it anew sees the same.
                await store.close()
                store = await ground.open()
                print(f"\r{number + 1} of {kills} killed, {len(outcome.faults)} faults", end="", flush=True)
            some = chance.sample(sorted(kept), min(_SAMPLE, len(kept)))
            gone = chance.sample(sorted(deleted), min(_SAMPLE, len(deleted)))
            outcome.faults += await check(store, ground, worker.sure | set(some), worker.deleted | set(gone))
            kept |= worker.sure
            deleted |= worker.deleted
            for question in chance.sample(list(ground.questions), min(3, len(ground.questions))):
                outcome.count(await answered(store, ground, question))
            workers.start(worker.role)
    finally:
        for role in list(workers.of):
            worker = workers.kill(role)
            kept |= worker.sure
            deleted |= worker.deleted
        await store.close()
    outcome.faults += await _at_the_end(ground, workers, outcome, kept, deleted)
    outcome.seconds = time.monotonic() - began
    return outcome


async def check(store: EmbeddedStore, ground: Ground, kept: set[str], deleted: set[str]) -> list[str]:
    """What is not as it was acknowledged."""
    faults = []
    there = await store.records.get(ground.namespace, sorted(kept | deleted), with_embedding=True)
    ids = {memory.memory_id for memory in there}
    faults += [f"{one} is lost" for one in sorted(kept - ids)]
    faults += [f"{one} was deleted and is there" for one in sorted(deleted & ids)]
    faults += [f"{memory.memory_id} is not whole" for memory in there if not ground.is_whole(memory)]
    for memory in there[:_SAMPLE]:
        name = memory.memory_id
        by_word = await store.search.search_text(ground.namespace, [word(name)], 3, ALL)
        if [one.memory_id for one in by_word.found] != [name]:
            faults.append(f"{name} is not what its word finds")
        vector = np.asarray(memory.embedding, dtype=np.float32)
        near = await store.search.search_vector(ground.namespace, vector, 1, ALL)
        if [one.memory_id for one in near] != [name]:
            faults.append(f"{name} is not what its vector finds")
    for name in sorted(deleted)[:_SAMPLE]:
        if (await store.search.search_text(ground.namespace, [word(name)], 3, ALL)).found:
            faults.append(f"{name} was deleted, and its word finds something")
        near = await store.search.search_vector(ground.namespace, ground.vector(name, 0), 5, ALL)
        if name in {one.memory_id for one in near}:
            faults.append(f"{name} was deleted, and its vector finds it")
    return faults


async def _at_the_end(
    ground: Ground, workers: _Workers, outcome: Outcome, kept: set[str], deleted: set[str]
) -> list[str]:
    """Look at all of it; a file that a killed process left unmade comes back without being asked for."""
    await asyncio.to_thread(_leave_unmade, ground, workers)
    store = await ground.open()
    try:
        faults = await check(store, ground, kept, deleted)
        began = time.monotonic()
        while not await asyncio.to_thread(_made, ground):
            outcome.count(await answered(store, ground, ground.questions[0]))
            await asyncio.sleep(0.1)
        outcome.repaired = time.monotonic() - began
        for question in ground.questions:
            outcome.count(await answered(store, ground, question))
        found = await store.health.diagnose(ground.namespace, now=0.0)
    finally:
        await store.close()
    counted = {
        "memories are counted wrongly": found.live - found.recorded_live,
        "vectors are missing": found.without_vector,
        "vectors are wrong": found.wrong_vectors,
        "vectors are not in the file": found.vectors_to_index,
        "texts are missing": found.without_text,
        "entities are counted wrongly": found.wrong_mention_counts,
        "entities are left over": found.orphan_entities,
    }
    # A file so large is written anew only where somebody asks for it, so that it holds traces.
    traces = [f"traces are left in {where}" for where in found.traces if where == "vectors"]
    return [*faults, *found.damage, *traces, *(f"{number} {what}" for what, number in counted.items() if number)]


def _leave_unmade(ground: Ground, workers: _Workers) -> None:
    """Remove the file of near vectors, and kill a process while it makes it."""
    for path in _made(ground):
        path.unlink()
    workers.start("index")
    while not any(path.suffix != ".lock" for path in ground.file.parent.glob(f"{FILE}-near-*")):
        time.sleep(0.001)
    workers.kill("index")
    for path in _made(ground):
        path.unlink()


def _made(ground: Ground) -> list[Path]:
    """The files of near vectors that are there."""
    return [path for path in ground.file.parent.glob(f"{FILE}-near-*") if not path.suffix.strip(".").isalpha()]


async def ground_of(settings: dict[str, Any], namespace: str, vectors: Sequence[Vector], exact_up_to: int) -> Ground:
    """Ask a store all questions, all vectors compared, before anything happens to it.

    Args:
        settings: Of the store, as the processes open it.
        namespace: Where the memories are.
        vectors: Of the questions.
        exact_up_to: So many memories that there are not more of them.
    """
    store = EmbeddedStore(MemoryConfig(vector_store={**settings, "exact_up_to": exact_up_to}))
    await store.open()
    try:
        questions = []
        for vector in vectors:
            near = await store.search.search_vector(namespace, vector, NEAREST, ALL)
            questions.append(Question(vector, frozenset(one.memory_id for one in near)))
    finally:
        await store.close()
    middle = -np.mean(np.asarray(vectors), axis=0)
    return Ground(settings, namespace, questions, (middle / np.linalg.norm(middle)).astype(np.float32))


async def main() -> None:
    """Read the arguments, fill, kill, print."""
    from benchmarks.filled import opened, questions_of
    from benchmarks.scale import add_store, indexed_copy

    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__.splitlines()[0])
    add_store(parser)
    parser.add_argument("--memories", type=int, default=300_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds from one kill to the next at most")
    given = parser.parse_args()
    multiprocessing.get_context("forkserver").set_forkserver_preload(["coda_graphmem.store.embedded"])
    with tempfile.TemporaryDirectory() as temporary:
        home = await indexed_copy(Path(temporary), given)
        async with opened(home) as memory:
            texts = questions_of(given.folders, 60)
            vectors = [
                one for one in await memory.services.resources.embedding.embed_documents(texts) if one is not None
            ]
            namespace = memory.namespace
        ground = await ground_of({"persist_directory": home}, namespace, vectors, 100_000_000)
        outcome = await drill(ground, kills=given.kills, longest=given.longest)
    print()
    killed = ", ".join(f"{number} that {role}" for role, number in sorted(outcome.kills.items()))
    print(f"{outcome.kills.total()} processes killed ({killed}) in {outcome.seconds:.0f} s")
    print(f"{outcome.acknowledged:,} memories acknowledged, the file of near vectors made {outcome.files} times")
    print(f"of the {NEAREST} nearest {outcome.found / max(1, outcome.asked):.4f} found ({outcome.asked:,} in all)")
    print(f"without a file: there again after {outcome.repaired:.1f} s")
    print(f"{len(outcome.faults)} faults")
    for fault in outcome.faults[:20]:
        print(f"- {fault}")


if __name__ == "__main__":
    asyncio.run(main())
