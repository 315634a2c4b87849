"""What a filter costs a search: of a large memory it keeps half, a hundredth, or ten.

    python -m benchmarks.filters [--memories 100000] [--rounds 15] [--keep FOLDER | --neo4j NAMESPACE]

With ``--neo4j`` the store is the server that ``NEO4J_URI`` and its like name, and what was put there stays for the next
time. Nothing is downloaded: texts are words drawn at random, rare ones seldom, and vectors are random as well.
Searches with and without filters come in turn, so that what else the machine does falls on all alike; each is compared
with the unfiltered one of its round. ``changed`` searches come after a write, which what filters select has to follow.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from coda_graphmem import EntityMention, MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.models import RetrievalMode
from coda_graphmem.store.protocol import NewMemory

DIMENSION = 384
BATCH = 5_000
WORDS = 20_000
NOW = 1_802_592_000.0
#: What each filter asks for, and how many memories it keeps of so many.
FILTERS: dict[str, tuple[dict[str, Any] | None, Callable[[int], int]]] = {
    "none": (None, lambda count: count),
    "half": ({"metadata.half": 0}, lambda count: count // 2),
    "twentieth": ({"metadata.part": {"$lt": 5}}, lambda count: count // 20),
    "hundredth": ({"metadata.part": {"$lt": 1}}, lambda count: count // 100),
    "ten": ({"metadata.ten": True, "user_id": "u"}, lambda _: 10),
    "all but a hundredth": ({"metadata.part": {"$ne": 0}}, lambda count: count - count // 100),
}
MODES: tuple[RetrievalMode, ...] = ("vector", "text", "hybrid", "graph")


class RandomEmbedder:
    """A direction for each text, by its hash."""

    model = "random"
    dimension = DIMENSION

    def load(self) -> None:
        """Nothing to load."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text."""
        rows = [np.random.default_rng(_seed(text)).standard_normal(DIMENSION) for text in texts]
        return np.asarray([row / np.linalg.norm(row) for row in rows], dtype=np.float32).reshape(-1, DIMENSION)


class NoEntities:
    """Finds nothing in texts."""

    def load(self) -> None:
        """Nothing to load."""

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """Nothing of each."""
        return [[] for _ in texts]


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def sentence(chance: np.random.Generator) -> str:
    """Some words, rare ones seldom."""
    numbers = np.minimum(chance.zipf(1.3, size=14), WORDS)
    return " ".join(f"w{number}" for number in numbers)


async def fill(memory: MemoryManager, count: int) -> None:
    """Put so many memories into the store."""
    resources = memory.services.resources
    await resources.store.vectors.bind_model(RandomEmbedder.model, DIMENSION)
    chance = np.random.default_rng(1)
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        vectors = chance.standard_normal((size, DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [
            NewMemory(
                memory_id=f"m{i}",
                content=sentence(chance),
                memory_type=MemoryType.SEMANTIC,
                timestamp=float(i),
                importance_score=0.5,
                created_at=NOW,
                embedding=vector,
                entities=(EntityMention(key=f"e{i % 997}", name=f"E{i % 997}", label="NAME"),),
                conversation_id=f"c{i // 20}",
                user_id="u",
                metadata={"half": i % 2, "part": i % 100, "ten": i % (count // 10) == 0, "source": {"page": i}},
            )
            for i, vector in zip(range(start, start + size), vectors, strict=True)
        ]
        await resources.store.records.insert(memory.namespace, rows, reinforcement=0.1)
        print(f"\rstored {start + size:,} of {count:,}", end="", flush=True)
    print()


def opened(home: Path, namespace: str | None = None) -> MemoryManager:
    """A memory in a folder, or in the namespace of a server."""
    where: dict[str, Any] = {"vector_store": {"persist_directory": home}}
    if namespace is not None:
        where = {"vector_store_type": "neo4j", "namespace": namespace}
    config = MemoryConfig(max_memories=10_000_000, maintenance={"enabled": False}, **where)
    return MemoryManager(config, embedder=RandomEmbedder(), extractor=NoEntities(), clock=lambda: NOW + 1.0)


async def _timed(work: Awaitable[Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return await work, time.perf_counter() - started


async def measure(memory: MemoryManager, rounds: int, modes: Sequence[RetrievalMode]) -> None:
    """Measure and print."""
    count = await memory.count()
    store = memory.config.vector_store_type
    table = Table(title=f"{count:,} memories, {store} store: ms, and times the unfiltered search (medians)")
    for name in ("", *(f"{mode}{how}" for how in ("", ", changed") for mode in modes)):
        table.add_column(name, justify="left" if not name else "right")
    spent: dict[tuple[str, str, bool], list[float]] = {}
    chance = np.random.default_rng(2)
    for number in range(rounds + 2):
        question = sentence(chance)
        for mode in modes:
            for changed in (False, True):
                for name, (where, keeps) in FILTERS.items():
                    if changed:
                        await memory.update_memory("m1", importance_score=float(chance.random()))
                    found, seconds = await _timed(
                        memory.retrieve_memories(question, mode=mode, where=where, min_relevance=0.0, diverse=False)
                    )
                    if mode == "vector" and len(found) < min(10, keeps(count)):
                        raise AssertionError(f"{name} finds {len(found)} in mode {mode}")
                    if number >= 2:  # The first ones load what the others use.
                        spent.setdefault((name, mode, changed), []).append(seconds)
    for name in FILTERS:
        cells = []
        for changed in (False, True):
            for mode in modes:
                own, plain = spent[name, mode, changed], spent["none", mode, changed]
                ratio = statistics.median(a / b for a, b in zip(own, plain, strict=True))
                cells.append(f"{1000 * statistics.median(own):.0f} ({ratio:.2f})")
        table.add_row(name, *cells)
    Console(width=150).print(table)


async def main() -> None:
    """Read the arguments, fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.filters", description=__doc__.splitlines()[0])
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--keep", type=Path, help="where the filled memory is kept, for the next time")
    place.add_argument("--neo4j", metavar="NAMESPACE", help="measure a server; filled where the namespace is empty")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES, help="of search")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home: Path = arguments.keep or Path(temporary) / "filled"
        async with opened(home, arguments.neo4j) as memory:
            if not await memory.count():
                await fill(memory, arguments.memories)
            await memory.warm_up()
            await measure(memory, arguments.rounds, arguments.modes)


if __name__ == "__main__":
    asyncio.run(main())
