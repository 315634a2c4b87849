"""One process writes into a large store, others search it: what each sees of it, and how long they take.

    python -m benchmarks.together FOLDER... [--memories 300000] [--searchers 3] [--seconds 300] [--pace 1.0]
        [--keep FOLDER]

The folders are sets in BEIR form, the store is filled as by `benchmarks/scale.py`, and ``--keep`` is the same folder.
First one process alone asks questions for a quarter of the time, then as many as are wanted do so while another stores
memories, each at its pace: one question, or one memory, in so many seconds. After each question a process asks for what
was acknowledged last before it began to ask; that has to be found. Models, extraction and the reading of facts are
those of the package.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.managers import ValueProxy
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.filled import memories_of, opened, questions_of
from benchmarks.scale import add_store, indexed_copy
from coda_graphmem import GraphMemoryError

#: Of what is asked first of all, nothing counts: models are loaded, and pages come from the disk.
_FIRST = 5


@dataclass
class Figures:
    """What a process met."""

    spent: list[float] = field(default_factory=list)
    """Seconds of each question, or of each memory that was stored."""
    looked: list[float] = field(default_factory=list)
    """Seconds of asking for what was stored last."""
    unseen: list[str] = field(default_factory=list)
    """What was acknowledged before it was asked for, and not found."""
    errors: list[str] = field(default_factory=list)


def written(number: int) -> tuple[str, str]:
    """The id of a memory that is stored, and the word that it alone holds."""
    return f"together-{number}", f"zanzi{number}quor"


async def write(home: Path, texts: Sequence[str], seconds: float, pace: float, stored: ValueProxy[int]) -> Figures:
    """Store one memory after the other."""
    figures = Figures()
    async with opened(home) as memory:
        await memory.warm_up()
        until = time.monotonic() + seconds
        while (began := time.monotonic()) < until:
            number = stored.value + 1
            memory_id, word = written(number)
            try:
                await memory.store_memory(f"{word}: {texts[number % len(texts)]}", memory_id=memory_id)
                stored.value = number
            except GraphMemoryError as error:
                figures.errors.append(f"{type(error).__name__}: {error}")
            figures.spent.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, began + pace - time.monotonic()))
    return figures


async def search(home: Path, texts: Sequence[str], seconds: float, pace: float, stored: ValueProxy[int]) -> Figures:
    """Ask one question after the other, and each time for what was stored last."""
    figures = Figures()
    async with opened(home) as memory:
        for text in texts[:_FIRST]:
            await memory.retrieve_memories(text, min_relevance=0.0)
        until, number = time.monotonic() + seconds, 0
        while (began := time.monotonic()) < until:
            number += 1
            last = stored.value
            try:
                await memory.retrieve_memories(texts[number % len(texts)], min_relevance=0.0)
                asked = time.monotonic()
                figures.spent.append(asked - began)
                if last:
                    memory_id, word = written(last)
                    found = await memory.retrieve_memories(f"What about {word}?", min_relevance=0.0)
                    figures.looked.append(time.monotonic() - asked)
                    if memory_id not in {one.memory_id for one in found}:
                        figures.unseen.append(memory_id)
            except GraphMemoryError as error:
                figures.errors.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(max(0.0, began + pace - time.monotonic()))
    return figures


def run(work: Callable[..., Any], *arguments: Any) -> Figures:
    """The same in a process of its own."""
    figures: Figures = asyncio.run(work(*arguments))
    return figures


def main() -> None:
    """Read the arguments, fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together", description=__doc__.splitlines()[0])
    add_store(parser)
    parser.add_argument("--memories", type=int, default=300_000)
    parser.add_argument("--searchers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds from one question, or memory, to the next")
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary, context.Manager() as shared:
        home = asyncio.run(indexed_copy(Path(temporary), given))
        questions = questions_of(given.folders, 200)
        stored = shared.Value("q", 0)
        with ProcessPoolExecutor(1 + given.searchers, mp_context=context) as pool:
            alone = pool.submit(run, search, home, questions, given.seconds / 4, given.pace, stored).result()
            texts = [one["content"] for one in memories_of(given.folders, given.originals)]
            writer = pool.submit(run, write, home, texts, given.seconds, given.pace, stored)
            searching: list[Future[Figures]] = [
                pool.submit(run, search, home, questions[number:], given.seconds, given.pace, stored)
                for number in range(given.searchers)
            ]
            found = [future.result() for future in searching]
            wrote = writer.result()
    show(given, alone, wrote, found)


def show(given: argparse.Namespace, alone: Figures, wrote: Figures, found: Sequence[Figures]) -> None:
    """Print what was measured."""
    table = Table(title=f"{given.memories:,} memories, one call in {given.pace} s each")
    for name in ("", "calls", "median ms", "95 % ms", "longest ms", "against alone"):
        table.add_column(name, justify="right" if name else "left")

    def row(name: str, spent: Sequence[float]) -> None:
        if not spent:
            return
        milliseconds = sorted(1000 * one for one in spent)
        median, slow = statistics.median(milliseconds), milliseconds[int(0.95 * (len(milliseconds) - 1))]
        ratio = f"{median / (1000 * statistics.median(alone.spent)):.2f}" if name.startswith("question") else ""
        table.add_row(name, f"{len(spent):,}", f"{median:.0f}", f"{slow:.0f}", f"{milliseconds[-1]:.0f}", ratio)

    row("question, alone", alone.spent)
    row(f"question, {len(found)} processes and a writer", [one for figures in found for one in figures.spent])
    row("asking for what was stored last", [one for figures in found for one in figures.looked])
    row("storing", wrote.spent)
    Console(width=120).print(table)
    looked = sum(len(figures.looked) for figures in found)
    unseen = [one for figures in found for one in figures.unseen]
    errors = [one for figures in (alone, wrote, *found) for one in figures.errors]
    print(f"of what was stored last {looked - len(unseen):,} of {looked:,} seen at the next call; {len(errors)} errors")
    for text in [*unseen, *errors][:10]:
        print(f"- {text}")


if __name__ == "__main__":
    main()
