"""How well facts at the beginning, in the middle and at the end of long documents are found.

    python -m benchmarks.passages [--store embedded|neo4j|chroma] [--mode graph] [--among FOLDER] [--keep STORE]

Sixty documents of some 2,000 words are put together of `benchmarks/data/passages_facts.txt`, three facts each, and of
the paragraphs of `benchmarks/data/passages_fillers.txt`, which many of them share, and stored in one namespace. 180
questions are asked with passages and without. With ``--among`` the memories of the first group of a set in BEIR form
(`benchmarks.beir`) are stored beside them. With ``--keep`` the store stays, and the next run only asks.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import get_args

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


def documents() -> list[Document]:
    """The documents, always the same."""
    fillers = (DATA / "passages_fillers.txt").read_text(encoding="utf-8").strip().split("\n\n")
    lines = (DATA / "passages_facts.txt").read_text(encoding="utf-8").splitlines()
    blocks = "\n".join(line for line in lines if not line.startswith("#")).strip().split("\n\n")
    return [_document(block.splitlines(), fillers, seed) for seed, block in enumerate(blocks)]


def _document(lines: Sequence[str], fillers: Sequence[str], seed: int) -> Document:
    title, place, group, lead = lines[0].split(" | ")
    facts = [line.split(" | ") for line in lines[1:]]
    # What is asked differs in difficulty, so each fact of three documents in a row has another place.
    turn = seed % len(PLACES)
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


async def fill(memory: MemoryManager, among: Path | None) -> None:
    """Store everything that is not there yet."""
    for batch in _batches(among):
        await memory.store_memories_batch(batch)


async def ask(memory: MemoryManager, mode: RetrievalMode) -> dict[str, Measured]:
    """Ask everything; what was found by the place of the answer."""
    found: dict[str, Measured] = defaultdict(lambda: Measured([], [], []))
    seconds = []
    for document in documents():
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
    return dict(found)


def without_passages(memory: MemoryManager) -> None:
    """Let searches see no passages. Nobody can switch them off, so it is done behind the memory's back."""
    store = memory.services.resources.store
    store.passages.nearest = _nothing_nearest  # type: ignore[method-assign]
    store.passages.matches = _nothing_matches  # type: ignore[method-assign]


async def _nothing_nearest(*_: object, **__: object) -> list[tuple[str, float]]:
    return []


async def _nothing_matches(*_: object, **__: object) -> dict[str, list[PassageMatch]]:
    return {}


def _batches(among: Path | None) -> Iterator[list[dict[str, object]]]:
    rows: list[dict[str, object]] = [
        {"memory_id": one.title, "content": one.text, "type": "semantic", "metadata": {"title": one.title}}
        for one in documents()
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
    table = Table("", "", "R@1", "R@10", "excerpt holds the fact")
    with tempfile.TemporaryDirectory() as home:
        config = MemoryConfig(
            namespace="passages-benchmark",
            vector_store_type=asked.store,
            vector_store={"persist_directory": asked.keep or home},
            enable_auto_consolidation=False,
        )
        async with MemoryManager(config) as memory:
            await fill(memory, asked.among)
            for name in ("with passages", "without"):
                for place, one in (await ask(memory, asked.mode)).items():
                    shown = f"{mean(one.shown):.3f}" if one.shown else ""
                    table.add_row(name, place, f"{mean(one.at_1):.3f}", f"{mean(one.at_10):.3f}", shown)
                without_passages(memory)
            if asked.keep is None:
                await memory.forget(everything=True)
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
