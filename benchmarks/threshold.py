"""What the default threshold keeps: memories that answer a question, and memories of another group that do not.

    python -m benchmarks.threshold FOLDER... --keep STORES

Each folder is a set in BEIR form (`benchmarks.beir`). Of each set some slices are stored by themselves: so many
memories of a group in their order, with the questions whose evidence they hold. Every slice is asked its own
questions and questions of other slices, half of them of the same set, half of others, which nothing there answers.
`benchmarks/data/handful.json` adds stores of seven memories with questions that they answer and that they do not.
With ``--keep`` the stores stay, and the next run only asks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from benchmarks.beir import Group, Query, read_groups
from coda_graphmem import MemoryConfig, MemoryManager

LIMIT = 10
"""Results a question is asked for."""
BATCH = 100
HANDFUL = Path(__file__).parent / "data" / "handful.json"
FIRST_SAID = 1_750_000_000.0
"""When the first turn of a chat of seven was said, in seconds; the others follow by the minute."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice:
    """Memories that are stored and asked by themselves."""

    kind: str
    """The set they are of."""
    name: str
    memories: list[dict[str, Any]]
    answered: list[Query]
    """Questions that they answer."""
    unanswered: list[str] = field(default_factory=list)
    """Questions that they do not."""


@dataclass(slots=True)
class Kept:
    """What was measured on one set."""

    evidence: list[float] = field(default_factory=list)
    """Relevance of the evidence among the best ten."""
    wanted: int = 0
    """Memories that are evidence, wherever they came."""
    own: list[int] = field(default_factory=list)
    """Results of each question of the slice itself at the threshold."""
    foreign: list[int] = field(default_factory=list)
    """The same of each question that nothing there answers."""


def slices(folder: Path, count: int, size: int, questions: int) -> list[Slice]:
    """The first slices of a set: the first of each group, then the second of each, and so on.

    Args:
        count: Slices.
        size: Memories of each.
        questions: Questions of each at most, evenly taken.
    """
    groups = read_groups(folder)
    found: list[Slice] = []
    for start in range(0, max(len(group.memories) for group in groups), size):
        for group in groups:
            one = slice_of(folder.name, group, start, size, questions)
            if one.answered and len(found) < count:
                found.append(one)
    return found


def slice_of(kind: str, group: Group, start: int, size: int, questions: int) -> Slice:
    """So many memories of a group from one on, and the questions all of whose evidence is there."""
    memories = group.memories[start : start + size]
    there = {memory["memory_id"] for memory in memories}
    own = [query for query in group.queries if query.wanted and query.wanted <= there]
    return Slice(kind, f"{group.name} {start}", memories, evenly(own, questions))


def evenly(items: Sequence[T], count: int) -> list[T]:
    """So many of them at most, at even distances."""
    return [items[i * len(items) // count] for i in range(count)] if len(items) > count else list(items)


def with_foreign(every: Sequence[Slice], questions: int) -> list[Slice]:
    """The slices with questions of others: half of the same set, half of the other sets."""
    found = []
    for one in every:
        near = [q.text for other in every if other.kind == one.kind and other is not one for q in other.answered]
        far = [q.text for other in every if other.kind != one.kind for q in other.answered]
        foreign = evenly(near, questions // 2) + evenly(far, questions - questions // 2)
        found.append(Slice(one.kind, one.name, one.memories, one.answered, foreign))
    return found


def handfuls() -> list[Slice]:
    """Stores of seven memories, with questions written for them."""
    return [
        Slice(
            HANDFUL.stem,
            row["name"],
            [_memory(place, text, said="conversation" in row) for place, text in enumerate(row["memories"])],
            [Query(one["question"], frozenset({str(one["memory"])})) for one in row["answered"]],
            row["unanswered"],
        )
        for row in json.loads(HANDFUL.read_text(encoding="utf-8"))
    ]


def _memory(place: int, text: str, *, said: bool) -> dict[str, Any]:
    memory: dict[str, Any] = {"content": text, "memory_id": str(place)}
    if said:
        memory |= {"conversation_id": "chat", "type": "episodic", "metadata": {"speaker": text.partition(":")[0]}}
        memory["timestamp"] = FIRST_SAID + 60.0 * place
    return memory


async def store(one: Slice, home: Path) -> MemoryManager:
    """A manager of a slice's own file, which is filled where it is not."""
    config = MemoryConfig(
        enable_auto_consolidation=False,
        maintenance={"enabled": False},
        vector_store={"persist_directory": home / f"{one.kind} {one.name} {len(one.memories)}"},
    )
    memory = MemoryManager(config)
    await memory.initialize()
    if (await memory.get_memory_stats()).total_memories == 0:
        for start in range(0, len(one.memories), BATCH):
            await memory.store_memories_batch(one.memories[start : start + BATCH])
    return memory


async def ask(one: Slice, memory: MemoryManager, kept: Kept) -> None:
    """Ask a slice all its questions and add up what came."""
    threshold = memory.config.min_relevance_threshold
    for query in one.answered:
        found = await memory.retrieve_memories(query.text, limit=LIMIT, min_relevance=0.0, count_recall=False)
        scores = {result.memory_id: result.relevance_score or 0.0 for result in found}
        kept.evidence += [score for memory_id, score in scores.items() if memory_id in query.wanted]
        kept.wanted += len(query.wanted)
        kept.own.append(sum(score >= threshold for score in scores.values()))
    for text in one.unanswered:
        found = await memory.retrieve_memories(text, limit=LIMIT, count_recall=False)
        kept.foreign.append(len(found))


async def measure(every: Sequence[Slice], home: Path) -> dict[str, Kept]:
    """What is kept, by set."""
    kept: dict[str, Kept] = {}
    for one in every:
        memory = await store(one, home)
        try:
            await ask(one, memory, kept.setdefault(one.kind, Kept()))
        finally:
            await memory.cleanup()
    return kept


def show(kept: dict[str, Kept], threshold: float) -> None:
    """Print the table."""
    table = Table(title=f"What min_relevance = {threshold} keeps of the best {LIMIT}")
    for name in ("set", "evidence found", "kept", "results", "asked of others", "nothing", "results"):
        table.add_column(name, justify="left" if name == "set" else "right")
    for name, one in kept.items():
        table.add_row(
            name,
            f"{len(one.evidence) / one.wanted:.3f}",
            f"{sum(score >= threshold for score in one.evidence) / max(1, len(one.evidence)):.3f}",
            f"{statistics.mean(one.own):.1f}",
            str(len(one.foreign)),
            f"{sum(count == 0 for count in one.foreign) / len(one.foreign):.3f}",
            f"{statistics.mean(one.foreign):.1f}",
        )
    Console(width=110).print(table)


async def main() -> None:
    """Read the arguments, store what is not yet stored, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.threshold", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    parser.add_argument("--slices", type=int, default=2, help="slices of each set (default 2)")
    parser.add_argument("--memories", type=int, default=400, help="memories of each (default 400)")
    parser.add_argument("--questions", type=int, default=30, help="questions of each at most (default 30)")
    parser.add_argument("--keep", type=Path, metavar="STORES", help="where the stores stay")
    arguments = parser.parse_args()
    cut = [slices(folder, arguments.slices, arguments.memories, arguments.questions) for folder in arguments.folders]
    every = with_foreign([one for some in cut for one in some], arguments.questions) + handfuls()
    with tempfile.TemporaryDirectory() as passing:
        kept = await measure(every, arguments.keep or Path(passing))
    show(kept, MemoryConfig().min_relevance_threshold)


if __name__ == "__main__":
    asyncio.run(main())
