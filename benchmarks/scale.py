"""What maintenance costs on a large memory: a decay pass, a consolidation, and searches meanwhile.

    python -m benchmarks.scale FOLDER... [--memories 100000] [--new 2000]

The folders are sets in BEIR form. Each text is stored many times over, about other people and with a vector a little
beside its own, so that every memory has as many near neighbours as in a long life. They are put straight into the
store: how fast memories are read is not measured here. Of the new ones a tenth say what is stored already.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.beir import read_groups
from coda_graphmem import EntityMention, MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.store.protocol import NewMemory

BATCH = 1_000
NOISE = 0.75
"""Length of what is added to a vector of length 1: the cosine to its origin becomes 0.8."""
DAY = 86_400.0
NAMES = (
    "Anna Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kiran Lena Mateo Nora Omar Pia Quinn Rosa Sven Tara".split()
)
#: Ways to say the same once more.
ECHOES = ("{}", "Well, {}", "{} That is it.", "As I said: {}")


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def texts(folders: list[Path], seed: int = 7) -> list[str]:
    """Contents of all sets, in random order."""
    found = [memory["content"] for folder in folders for group in read_groups(folder) for memory in group.memories]
    random.Random(seed).shuffle(found)
    return found


def variant(text: str, number: int) -> str:
    """The same text about somebody else at another time."""
    chance = random.Random(number)
    return f"{chance.choice(NAMES)} and {chance.choice(NAMES)}, number {number}: {text}"


async def fill(memory: MemoryManager, contents: list[str], count: int) -> None:
    """Put so many memories into the store, beginning with the contents as they are."""
    resources = memory._services.resources
    base = np.asarray(await resources.embedding.embed_documents(contents))
    await resources.store.bind_model(resources.embedding.model, await resources.embedding.dimension())
    chance = np.random.default_rng(1)
    for start in range(0, count, BATCH):
        numbers = np.arange(start, min(start + BATCH, count))
        vectors = base[numbers % len(contents)]
        noise = chance.standard_normal(vectors.shape) * (numbers >= len(contents))[:, None]
        vectors = vectors + NOISE * noise / np.sqrt(vectors.shape[1])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [
            NewMemory(
                memory_id=f"m{i}",
                content=contents[i] if i < len(contents) else variant(contents[i % len(contents)], i),
                memory_type=MemoryType.SEMANTIC,
                timestamp=float(i),
                importance_score=0.5,
                created_at=resources.clock(),
                embedding=vector.astype(np.float32),
                entities=_people(i),
            )
            for i, vector in zip(numbers.tolist(), vectors, strict=True)
        ]
        await resources.store.insert(memory.namespace, rows, reinforcement=0.1)
        print(f"\rstored {start + len(rows):,} of {count:,}", end="", flush=True)
    print()


def _people(number: int) -> tuple[EntityMention, ...]:
    names = sorted({NAMES[number % len(NAMES)], NAMES[number // len(NAMES) % len(NAMES)]})
    return tuple(EntityMention(key=name.lower(), name=name, label="PERSON") for name in names)


@asynccontextmanager
async def searches(memory: MemoryManager, questions: list[str], into: list[float]) -> AsyncIterator[None]:
    """Search all the time, one question after the other, with a little rest between them."""

    async def search() -> None:
        chance = random.Random(3)
        while True:
            started = time.perf_counter()
            await memory.retrieve_memories(chance.choice(questions), min_relevance=0.0)
            into.append(time.perf_counter() - started)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(search())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def timed(
    memory: MemoryManager, questions: list[str], into: list[float], work: Awaitable[Any]
) -> tuple[Any, float]:
    """Do something while searches go on: what came of it, and how long it took."""
    async with searches(memory, questions, into):
        started = time.perf_counter()
        result = await work
        return result, time.perf_counter() - started


async def main() -> None:
    """Read the arguments, fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=2_000)
    arguments = parser.parse_args()
    contents = texts(arguments.folders)
    questions = [query.text for folder in arguments.folders for group in read_groups(folder) for query in group.queries]
    questions = random.Random(5).sample(questions, min(200, len(questions)))
    with tempfile.TemporaryDirectory() as temporary:
        config = MemoryConfig(
            max_memories=10_000_000,
            maintenance={"enabled": False},
            vector_store={"persist_directory": temporary},
        )
        clock = Clock(1_800_000_000.0)
        async with MemoryManager(config, clock=clock) as memory:
            await memory.warm_up()
            await fill(memory, contents, arguments.memories)
            await measure(memory, clock, contents, questions, arguments.new)


async def measure(memory: MemoryManager, clock: Clock, contents: list[str], questions: list[str], new: int) -> None:
    """Measure and print."""
    table = Table(title=f"{await memory.count():,} memories, embedded store")
    for name in ("", "seconds", "search, median ms", "95 % ms", "against alone"):
        table.add_column(name, justify="left" if not name else "right")
    alone: list[float] = []
    await timed(memory, questions, [], asyncio.sleep(3))
    await timed(memory, questions, alone, asyncio.sleep(15))
    base = statistics.median(alone)

    def row(name: str, seconds: float, spent: list[float]) -> None:
        spent = sorted(spent) or [float("nan")]
        median = statistics.median(spent)
        table.add_row(
            name, f"{seconds:.1f}", f"{1000 * median:.0f}", f"{1000 * spent[int(0.95 * (len(spent) - 1))]:.0f}",
            f"{median / base:.2f}",
        )  # fmt: skip
        print(f"{name}: {seconds:.1f} s", flush=True)

    row("nothing else", 15.0, alone)
    _, seconds = await timed(memory, questions, [], memory.apply_decay())
    spent: list[float] = []
    _, meanwhile = await timed(memory, questions, spent, memory.apply_decay())
    row("decay", min(seconds, meanwhile), spent)
    clock.now += DAY * 30
    chance = random.Random(11)
    await memory.store_memories_batch(
        [
            {
                "content": chance.choice(ECHOES).format(contents[i])
                if i % 10 == 0
                else variant(contents[-1 - i % len(contents)], 10_000_000 + i),
                "type": MemoryType.SEMANTIC,
                "timestamp": clock.now,
            }
            for i in range(new)
        ]
    )
    started = time.perf_counter()
    planned = await memory.consolidate_memories(dry_run=True)
    row("consolidation, dry run without searches", time.perf_counter() - started, [])
    spent = []
    done, seconds = await timed(memory, questions, spent, memory.consolidate_memories())
    row("consolidation", seconds, spent)
    undone = await memory.undo_consolidation(done.run_id)
    row("undoing it", undone.seconds, [])
    Console(width=110).print(table)
    print(
        f"{done.memories_considered:,} memories considered, {done.pairs_compared:,} pairs compared, "
        f"{done.consolidated_count:,} became {done.merged_count:,} (planned {planned.merged_count:,}), "
        f"{len(done.refused):,} pairs kept apart {done.refused_by_guard}"
    )


if __name__ == "__main__":
    asyncio.run(main())
