"""How well facts at the beginning, in the middle and at the end of long documents are found.

    python -m benchmarks.passages [--store embedded|neo4j|chroma] [--mode graph] [--among FOLDER] [--keep STORE]

Sixty documents of some 2,000 words are put together of `benchmarks/data/passages_facts.txt`, three facts each, and of
the paragraphs of `benchmarks/data/passages_fillers.txt`, which many of them share, and stored in one namespace. 180
questions are asked with passages and without, three times, each in a namespace of its own, and every fact moves on
to the next place: what is asked differs in difficulty, and so all of it is asked of every place. With ``--among`` the
memories of the first group of a set in BEIR form (`benchmarks.beir`) are stored beside them. With ``--keep`` the store
stays, and the next run only asks.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import get_args
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from benchmarks.beir import read_groups
from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.models import RetrievalMode
from coda_graphmem.store.protocol import PassageMatch

DATA = Path(__file__).parent / "data"
WORDS = 1_930
"""About so many words a document has."""
PLACES = ("beginning", "middle", "end")
BATCH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and where its answer is."""

    text: str
    fact: str
    place: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document with what is asked of it."""

    title: str
    text: str
    questions: tuple[Question, ...]


def documents(turn: int) -> list[Document]:
    """The documents, always the same but for the places of their facts.

    Args:
        turn: By how many places each fact has moved on.
    """
    fillers = (DATA / "passages_fillers.txt").read_text(encoding="utf-8").strip().split("\n\n")
    lines = (DATA / "passages_facts.txt").read_text(encoding="utf-8").splitlines()
    blocks = "\n".join(line for line in lines if not line.startswith("#")).strip().split("\n\n")
    return [_document(block.splitlines(), fillers, seed, turn) for seed, block in enumerate(blocks)]


def _document(lines: Sequence[str], fillers: Sequence[str], seed: int, turn: int) -> Document:
    title, place, group, lead = lines[0].split(" | ")
    facts = [line.split(" | ") for line in lines[1:]]
    turn = (seed + turn) % len(PLACES)
    questions = tuple(
        Question(question, fact, where)
        for (fact, question), where in zip(facts[turn:] + facts[:turn], PLACES, strict=True)
    )
    random.Random(seed).shuffle(shuffled := list(fillers))
    chosen: list[str] = []
    words = 0
    for filler in shuffled:
        chosen.append(filler.format(place=place, group=group, lead=lead))
        words += len(chosen[-1].split())
        if words >= WORDS:
            break
    # All facts stand alike, behind the first sentence of a paragraph.
    for number, question in zip((0, len(chosen) // 2, -1), questions, strict=True):
        chosen[number] = _inserted(chosen[number], question.fact)
    return Document(title, "\n\n".join(_capitalised(part) for part in [title, *chosen]), questions)


def _inserted(paragraph: str, fact: str) -> str:
    """A paragraph with a fact behind its first sentence."""
    head, _, rest = paragraph.partition(". ")
    return f"{head}. {fact} {rest}"


def _capitalised(paragraph: str) -> str:
    return paragraph[0].upper() + paragraph[1:]


@dataclass(slots=True)
class Measured:
    """What was found of the questions on one part of the documents."""

    at_1: list[float]
    at_10: list[float]
    shown: list[float]
    """Of what was found, whether the first passage holds the fact."""


async def fill(memory: MemoryManager, stored: Sequence[Document], among: Path | None) -> None:
    """Store everything that is not there yet."""
    for batch in _batches(stored, among):
        await memory.store_memories_batch(batch)


async def ask(
    memory: MemoryManager, asked: Sequence[Document], mode: RetrievalMode, found: dict[str, Measured]
) -> None:
    """Ask everything, and add what was found to that of the place of the answer."""
    seconds = []
    for document in asked:
        for question in document.questions:
            started = perf_counter()
            results = await memory.retrieve_memories(question.text, limit=10, min_relevance=0.0, mode=mode)
            seconds.append(perf_counter() - started)
            ids = [one.memory_id for one in results]
            one = found[question.place]
            one.at_1.append(float(ids[:1] == [document.title]))
            one.at_10.append(float(document.title in ids))
            if document.title in ids and (shown := results[ids.index(document.title)].passages):
                one.shown.append(float(question.fact in shown[0].text))
    Console(stderr=True).print(f"median {1000 * median(seconds):.0f} ms a question")


@contextmanager
def without_passages(memory: MemoryManager) -> Iterator[None]:
    """Let searches see no passages. Nobody can switch them off, so it is done behind the memory's back."""
    passages = memory.services.resources.store.passages
    with (
        patch.object(passages, "nearest", _nothing_nearest),
        patch.object(passages, "matches", _nothing_matches),
    ):
        yield


async def _nothing_nearest(*_: object, **__: object) -> list[tuple[str, float]]:
    return []


async def _nothing_matches(*_: object, **__: object) -> dict[str, list[PassageMatch]]:
    return {}


def _batches(stored: Sequence[Document], among: Path | None) -> Iterator[list[dict[str, object]]]:
    rows: list[dict[str, object]] = [
        {"memory_id": one.title, "content": one.text, "type": "semantic", "metadata": {"title": one.title}}
        for one in stored
    ]
    if among is not None:
        rows += read_groups(among)[0].memories
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=("embedded", "neo4j", "chroma"), default="embedded")
    parser.add_argument("--mode", choices=get_args(RetrievalMode), default="graph")
    parser.add_argument("--among", type=Path)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    measured: dict[str, dict[str, Measured]] = {
        name: defaultdict(lambda: Measured([], [], [])) for name in ("with passages", "without")
    }
    with tempfile.TemporaryDirectory() as home:
        for turn in range(len(PLACES)):
            config = MemoryConfig(
                namespace=f"passages-benchmark-{turn}",
                vector_store_type=asked.store,
                vector_store={"persist_directory": asked.keep or home},
                enable_auto_consolidation=False,
            )
            stored = documents(turn)
            async with MemoryManager(config) as memory:
                await fill(memory, stored, asked.among)
                await ask(memory, stored, asked.mode, measured["with passages"])
                with without_passages(memory):
                    await ask(memory, stored, asked.mode, measured["without"])
                if asked.keep is None:
                    await memory.forget(everything=True)
    table = Table("", "", "R@1", "R@10", "excerpt holds the fact")
    for name, places in measured.items():
        for place, one in places.items():
            shown = f"{mean(one.shown):.3f}" if one.shown else ""
            table.add_row(name, place, f"{mean(one.at_1):.3f}", f"{mean(one.at_10):.3f}", shown)
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
