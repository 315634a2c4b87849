"""What a long life leaves behind: memory, threads, open files and child processes over many mixed operations.

    python -m benchmarks.life [--operations 20000] [--store embedded|chroma|neo4j] [--models] [--kept 1000]

Memories are stored, changed, searched, listed, learned from, merged and removed in a random order that is the same
each time. So many of them stay at most, so that what grows is not the data. Without ``--models`` words stand in for the
models. Linux only, as the figures come from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from coda_graphmem import EntityMention, MemoryConfig, MemoryManager, MemoryType

NAMES = "Anna Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kiran Lena Mateo Nora Omar Pia".split()
THINGS = "tea coffee chess rowing music bread maps plants trains birds films rain soup poems stars ships".split()
KINDS = list(MemoryType)


class Words:
    """The sum of one fixed random direction a word, and every name as an entity."""

    model = "words"
    dimension = 64

    def load(self) -> None:
        """Nothing to load."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors."""
        rows = [np.sum([_direction(word) for word in text.lower().split()], axis=0) for text in texts]
        array = np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimension)
        unit: NDArray[np.float32] = array / np.linalg.norm(array, axis=1, keepdims=True)
        return unit

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """Names."""
        return [
            [EntityMention(key=name.lower(), name=name, label="PERSON") for name in NAMES if name in text]
            for text in texts
        ]


def _direction(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(Words.dimension)


def figures() -> tuple[float, int, int, int]:
    """Megabytes of memory, threads, open files and children of this process."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return (
        int(found[1]) / 1024 if found else 0.0,
        threading.active_count(),
        len(list(Path("/proc/self/fd").iterdir())),
        len(children),
    )


class Life:
    """Random calls, and what is known of what they left."""

    def __init__(self, memory: MemoryManager, kept: int) -> None:
        self._views = [memory.for_namespace(name) for name in ("one", "two", "three")]
        self._ids: list[list[str]] = [[] for _ in self._views]
        self._kept = kept
        self._random = random.Random(7)

    def _text(self) -> str:
        draw = self._random
        return f"{draw.choice(NAMES)} likes {draw.choice(THINGS)} and {draw.choice(THINGS)} on day {draw.randrange(99)}"

    async def step(self) -> None:
        """One call."""
        draw = self._random
        place = draw.randrange(len(self._views))
        view, ids = self._views[place], self._ids[place]
        if len(ids) > self._kept // len(self._views):
            await view.delete_memory(ids.pop(draw.randrange(len(ids))))
            return
        call = draw.random()
        conversation = f"c{draw.randrange(20)}"
        if call < 0.45 or not ids:
            kind = draw.choice(KINDS)
            ids.append(await view.store_memory(self._text(), kind, {"n": draw.random()}, conversation_id=conversation))
        elif call < 0.7:
            await view.retrieve_memories(self._text(), limit=5, min_relevance=0.0)
        elif call < 0.8:
            await view.update_memory(draw.choice(ids), self._text())
        elif call < 0.85:
            await view.get_conversation_context(conversation)
        elif call < 0.9:
            await view.list_memories(limit=20)
        elif call < 0.95:
            await view.store_short_term_memory(self._text(), conversation, ttl_minutes=0.001)
        elif call < 0.97:
            await self._listen(view)
        elif call < 0.99:
            await view.get_memory_stats()
        elif call < 0.995:
            await view.learn_from_interaction(f"I like {draw.choice(THINGS)}.", "", {"helpful": True}, conversation)
        elif call < 0.999:
            await view.run_job("expire")
        else:
            await view.consolidate_memories(1)

    async def _listen(self, view: MemoryManager) -> None:
        async with view.subscribe(lambda _: None):
            await view.store_short_term_memory(self._text(), "listening", ttl_minutes=0.001)


async def live(memory: MemoryManager, operations: int, kept: int) -> list[tuple[str, tuple[float, int, int, int]]]:
    """Do them all; figures at the start, along the way and after the end."""
    rows = [("before", figures())]
    await memory.initialize()
    rows.append(("opened", figures()))
    life = Life(memory, kept)
    marks = {operations // 8, operations // 4, operations // 2, 3 * operations // 4, operations}
    for done in range(1, operations + 1):
        await life.step()
        if done in marks:
            rows.append((f"{done:,}", figures()))
    await memory.cleanup()
    await asyncio.sleep(0.5)
    rows.append(("closed", figures()))
    for _ in range(20):
        async with memory:
            await memory.count()
    await asyncio.sleep(0.5)
    rows.append(("opened and closed 20 times more", figures()))
    return rows


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--store", default="embedded", choices=["embedded", "chroma", "neo4j"])
    parser.add_argument("--models", action="store_true", help="the models that come with the package")
    parser.add_argument("--kept", type=int, default=1_000, help="memories that stay at most")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = MemoryConfig(
            vector_store_type=options.store,
            vector_store={"persist_directory": folder},
            maintenance={"enabled": False},
        )
        words = Words()
        parts: dict[str, Any] = {} if options.models else {"embedder": words, "extractor": words}
        started = time.perf_counter()
        rows = asyncio.run(live(MemoryManager(config, **parts), options.operations, options.kept))
        seconds = time.perf_counter() - started
        rows.append(("the event loop ended", figures()))
    table = Table(title=f"{options.operations:,} operations on {options.store} in {seconds:,.0f} s")
    for column in ("after", "memory (MB)", "threads", "open files", "children"):
        table.add_column(column, justify="left" if column == "after" else "right")
    for name, (memory, threads, files, children) in rows:
        table.add_row(name, f"{memory:,.0f}", str(threads), str(files), str(children))
    Console().print(table)


if __name__ == "__main__":
    main()
