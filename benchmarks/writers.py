"""Many writers at once: small writes a second, how long the slowest wait, and what failed.

    python -m benchmarks.writers [--store embedded] [--processes 1] [--writers 40] [--writes 25] [--real]

All writers share a namespace, a few conversations and the entities they mention. A writer stores its memories one after
the other. Neo4j is the server that ``NEO4J_URI`` names. Models are stand-ins that take next to no time, so that the
store is measured; ``--real`` takes the package's own. In the end every acknowledged memory is asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from coda_graphmem import EntityMention, GraphMemoryError, MemoryConfig, MemoryManager, MemoryType

NAMES = "Anna Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kiran Lena Mateo Nora Omar Pia".split()
CONVERSATIONS = 5


class RandomEmbedder:
    """A vector for each text that has nothing to do with it."""

    model = "random"
    dimension = 384

    def load(self) -> None:
        """Nothing to load."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), 384)."""
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimension))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class WordExtractor:
    """Capitalised words are entities."""

    def load(self) -> None:
        """Nothing to load."""

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """The names of each text."""
        return [
            [EntityMention(key=name.lower(), name=name, label="PERSON") for name in NAMES if name in text]
            for text in texts
        ]


@dataclass
class Figures:
    """What the writers of a process met."""

    seconds: list[float] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    first: float = 0.0
    last: float = 0.0


def manager(config: MemoryConfig, *, real: bool) -> MemoryManager:
    """A manager on the store to be measured."""
    return (
        MemoryManager(config) if real else MemoryManager(config, embedder=RandomEmbedder(), extractor=WordExtractor())
    )


async def write(config: MemoryConfig, name: str, writers: int, writes: int, start_at: float, *, real: bool) -> Figures:
    """Let writers store memories side by side; all begin at a time."""
    figures = Figures()

    async def writer(memory: MemoryManager, number: int) -> None:
        for i in range(writes):
            names = [NAMES[(number + i + step) % len(NAMES)] for step in (0, 3, 7, 11)]
            text = f"{', '.join(names[i % 2 :])} met on day {i} of writer {number} in {name}."
            began = time.perf_counter()
            try:
                figures.kept.append(
                    await memory.store_memory(text, MemoryType.EPISODIC, conversation_id=f"c{number % CONVERSATIONS}")
                )
            except GraphMemoryError as error:
                figures.errors[f"{type(error).__name__}: {error}"] += 1
            figures.seconds.append(time.perf_counter() - began)

    async with manager(config, real=real) as memory:
        await memory.store_memory(f"{name} begins with Anna and Ben.", MemoryType.EPISODIC)
        await asyncio.sleep(max(0.0, start_at - time.time()))
        figures.first = time.time()
        await asyncio.gather(*(writer(memory, number) for number in range(writers)))
        figures.last = time.time()
    return figures


def run(config: MemoryConfig, name: str, size: tuple[int, int], start_at: float, *, real: bool) -> Figures:
    """The same in a process of its own."""
    return asyncio.run(write(config, name, *size, start_at, real=real))


async def missing(config: MemoryConfig, kept: Sequence[str], *, real: bool) -> int:
    """How many acknowledged memories are not there."""
    async with manager(config, real=real) as memory:
        found = [one for one in kept if await memory.get_memory(one) is None]
        await memory.forget(everything=True)
    return len(found)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writers", description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=["embedded", "chroma", "neo4j"], default="embedded")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--writers", type=int, default=40, help="of all processes together")
    parser.add_argument("--writes", type=int, default=25, help="of each writer")
    parser.add_argument("--real", action="store_true", help="with the package's own models")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = MemoryConfig(
            vector_store_type=given.store,
            vector_store={"persist_directory": Path(folder)},
            namespace=f"writers-{uuid.uuid4().hex[:8]}",
        )
        start_at = time.time() + (3.0 if not given.real else 10.0)
        each = given.writers // given.processes
        with ProcessPoolExecutor(given.processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            running = [
                pool.submit(run, config, f"p{number}", (each, given.writes), start_at, real=given.real)
                for number in range(given.processes)
            ]
            found = [future.result() for future in running]
        seconds = np.array([value for one in found for value in one.seconds])
        span = max(one.last for one in found) - min(one.first for one in found)
        errors = sum((one.errors for one in found), Counter[str]())
        lost = asyncio.run(missing(config, [key for one in found for key in one.kept], real=given.real))
    table = Table(title=f"{given.store}: {each * given.processes} writers in {given.processes} processes")
    for title in ("writes", "a second", "median s", "99th of 100 s", "longest s", "failed", "lost"):
        table.add_column(title, justify="right")
    table.add_row(
        str(len(seconds)),
        f"{len(seconds) / span:.0f}",
        *(f"{value:.2f}" for value in (*np.percentile(seconds, [50, 99]), seconds.max())),
        str(errors.total()),
        str(lost),
    )
    Console().print(table)
    for text, number in errors.most_common(5):
        print(f"{number} × {text}")


if __name__ == "__main__":
    main()
