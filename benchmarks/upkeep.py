"""What maintenance costs on a large memory: a decay pass, a consolidation, and searches meanwhile.

    python -m benchmarks.upkeep FOLDER... [--memories 100000] [--new 2000] [--keep FOLDER]

The folders are sets in BEIR form. Each text is stored many times over, about other people and with a vector a little
beside its own, so that every memory has as many near neighbours as in a long life. They are put straight into the
store: how fast memories are read is not measured here. Of the new ones a tenth say what is stored already.

Searches come at two paces: one every 100 ms, as of a few people who talk, and one right after the other. CPU is that
of this process and of those it started, searches included.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
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
from benchmarks.filled import BATCH, NOISE, NOW, opened
from coda_graphmem import EntityMention, MemoryManager, MemoryType
from coda_graphmem.store.protocol import NewMemory

#: Seconds from one search to the next; 0 is right after the last one.
PACES = {"every 100 ms": 0.1, "without a pause": 0.0}
NAMES = (
    "Anna Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kiran Lena Mateo Nora Omar Pia Quinn Rosa Sven Tara".split()
)
#: Ways to say the same once more.
ECHOES = ("{}", "Well, {}", "{} That is it.", "As I said: {}")


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
    resources = memory.services.resources
    base = np.asarray(await resources.embedding.embed_documents(contents))
    await resources.store.vectors.bind_model(resources.embedding.model, await resources.embedding.dimension())
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
                created_at=NOW - 30 * 86_400.0,
                embedding=vector.astype(np.float32),
                entities=_people(i),
            )
            for i, vector in zip(numbers.tolist(), vectors, strict=True)
        ]
        await resources.store.records.insert(memory.namespace, rows, reinforcement=0.1)
        print(f"\rstored {start + len(rows):,} of {count:,}", end="", flush=True)
    print()


def _people(number: int) -> tuple[EntityMention, ...]:
    names = sorted({NAMES[number % len(NAMES)], NAMES[number // len(NAMES) % len(NAMES)]})
    return tuple(EntityMention(key=name.lower(), name=name, label="PERSON") for name in names)


@asynccontextmanager
async def searches(memory: MemoryManager, questions: list[str], into: list[float], pace: float) -> AsyncIterator[None]:
    """Search all the time, one question after the other; where a search takes longer than the pace, the next waits."""

    async def search() -> None:
        chance = random.Random(3)
        while True:
            started = time.perf_counter()
            await memory.retrieve_memories(chance.choice(questions), min_relevance=0.0)
            spent = time.perf_counter() - started
            into.append(spent)
            await asyncio.sleep(max(0.0, pace - spent))

    task = asyncio.create_task(search())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def timed(
    memory: MemoryManager, questions: list[str], into: list[float], pace: float, work: Awaitable[Any]
) -> tuple[Any, float]:
    """Do something while searches go on: what came of it, and how long it took."""
    async with searches(memory, questions, into, pace):
        started = time.perf_counter()
        result = await work
        return result, time.perf_counter() - started


async def main() -> None:
    """Read the arguments, fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upkeep", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=2_000)
    parser.add_argument("--keep", type=Path, help="where the filled memory is kept, for the next time")
    arguments = parser.parse_args()
    contents = texts(arguments.folders)
    questions = [query.text for folder in arguments.folders for group in read_groups(folder) for query in group.queries]
    questions = random.Random(5).sample(questions, min(200, len(questions)))
    with tempfile.TemporaryDirectory() as temporary:
        home: Path = arguments.keep or Path(temporary) / "filled"
        if not await asyncio.to_thread(home.exists):
            async with opened(home) as memory:
                await fill(memory, contents, arguments.memories)
                await memory.store_memories_batch(fresh(contents, arguments.new))
        work = Path(temporary) / "work"
        shutil.copytree(home, work)
        async with opened(work) as memory:
            await memory.warm_up()
            await measure(memory, questions)


def fresh(contents: list[str], count: int) -> list[dict[str, Any]]:
    """What was stored last, a month after the rest."""
    chance = random.Random(11)
    return [
        {
            "content": chance.choice(ECHOES).format(contents[i])
            if i % 10 == 0
            else variant(contents[-1 - i % len(contents)], 10_000_000 + i),
            "type": MemoryType.SEMANTIC,
            "timestamp": NOW,
        }
        for i in range(count)
    ]


async def measure(memory: MemoryManager, questions: list[str]) -> None:
    """Measure and print."""
    table = Table(title=f"{await memory.count():,} memories, embedded store")
    for name in ("", "searches", "seconds", "CPU", "median ms", "95 % ms", "against alone"):
        table.add_column(name, justify="left" if name in ("", "searches") else "right")
    alone: dict[str, float] = {}
    used = sum(os.times()[:4])

    def row(name: str, pace: str, seconds: float, spent: list[float]) -> None:
        nonlocal used
        before, used = used, sum(os.times()[:4])
        cells = ["", "", ""]
        if spent:
            median, slow = statistics.median(spent), sorted(spent)[int(0.95 * (len(spent) - 1))]
            alone.setdefault(pace, median)
            cells = [f"{1000 * median:.0f}", f"{1000 * slow:.0f}", f"{median / alone[pace]:.2f}"]
        table.add_row(name, pace, f"{seconds:.1f}", f"{used - before:.1f}", *cells)
        print(f"{name}, {pace}: {seconds:.1f} s, {used - before:.1f} s CPU, {cells}", flush=True)

    await timed(memory, questions, [], 0.0, asyncio.sleep(3))
    row("warming up", "without a pause", 3.0, [])
    for pace, wait in PACES.items():
        spent: list[float] = []
        await timed(memory, questions, spent, wait, asyncio.sleep(15))
        row("nothing else", pace, 15.0, spent)
    started = time.perf_counter()
    await memory.apply_decay()
    row("decay", "none", time.perf_counter() - started, [])
    started = time.perf_counter()
    planned = await memory.consolidate_memories(dry_run=True)
    row("consolidation, dry run", "none", time.perf_counter() - started, [])
    for pace, wait in PACES.items():
        spent = []
        done, seconds = await timed(memory, questions, spent, wait, memory.consolidate_memories())
        row("consolidation", pace, seconds, spent)
        undone = await memory.undo_consolidation(done.run_id)
        row("undoing it", "none", undone.seconds, [])
    Console(width=110).print(table)
    print(
        f"{done.memories_considered:,} memories considered, {done.pairs_compared:,} pairs compared, "
        f"{done.consolidated_count:,} became {done.merged_count:,} (planned {planned.merged_count:,}), "
        f"{len(done.refused):,} pairs kept apart {done.refused_by_guard}"
    )


if __name__ == "__main__":
    asyncio.run(main())
