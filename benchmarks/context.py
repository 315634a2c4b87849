"""How much of the evidence for a question stands in a text for a prompt, beside the ten best memories cut to its size.

    python -m benchmarks.context FOLDER --questions 100 --home DIRECTORY

The folder is a set in BEIR form whose ``metadata.group`` names what is searched together. The questions are taken
evenly from all groups. A memory counts as in a text where all of it is there. The ten best are listed bare, or with the
day and the speaker as a context has them. ``--home`` keeps what was stored, so that the next run has only to ask;
``--tokenizer`` counts by a ``tokenizer.json`` in place of the estimate.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.beir import Group, Query, read_groups
from coda_graphmem import Memory, MemoryConfig, MemoryManager
from coda_graphmem.context.page import day_of
from coda_graphmem.context.quotation import cleaned, indented
from coda_graphmem.language.tokens import estimated_tokens

BATCH = 200
BUDGETS = (200, 1000, 4000)
Count = Callable[[str], int]


@dataclass(slots=True)
class Outcome:
    """What came of the questions with one budget and one way to make a text."""

    shares: list[float] = field(default_factory=list)
    """Of the evidence."""
    tokens: list[int] = field(default_factory=list)
    over: int = 0
    """Texts above the budget."""
    seconds: list[float] = field(default_factory=list)

    def add(self, text: str, wanted: Sequence[str], budget: int, count: Count, seconds: float) -> None:
        """Add up one text."""
        self.shares.append(sum(content in text for content in wanted) / len(wanted))
        self.tokens.append(count(text) if text else 0)
        self.over += self.tokens[-1] > budget
        self.seconds.append(seconds)


def cut(text: str, budget: int, count: Count) -> str:
    """The longest beginning of a text that fits."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= budget else (low, middle - 1)
    return text[:low]


def line(memory: Memory) -> str:
    """A memory with its day and its speaker."""
    speaker = f"{memory.speaker}: " if memory.speaker else ""
    return f"[{day_of(memory.timestamp)}] {speaker}{memory.content}"


async def ask(
    space: MemoryManager, query: Query, contents: dict[str, str], count: Count, outcomes: dict[tuple[int, str], Outcome]
) -> None:
    """Ask one question with every budget, and in every way."""
    wanted = [contents[memory_id] for memory_id in query.wanted]
    started = time.perf_counter()
    best = await space.retrieve_memories(query.text, limit=10, count_recall=False)
    searching = time.perf_counter() - started
    for budget in BUDGETS:
        bare = cut("\n".join(memory.content for memory in best), budget, count)
        dated = cut("\n".join(map(line, best)), budget, count)
        outcomes[budget, "ten best, bare"].add(bare, wanted, budget, count, searching)
        outcomes[budget, "ten best, dated"].add(dated, wanted, budget, count, searching)
        started = time.perf_counter()
        context = await space.build_context(query.text, max_tokens=budget, count_recall=False, tokenizer=count)
        seconds = time.perf_counter() - started
        quoted = [indented(cleaned(content)) for content in wanted]
        outcomes[budget, "context"].add(context.text, quoted, budget, count, seconds)


def chosen(groups: Sequence[Group], questions: int) -> list[tuple[Group, Query]]:
    """So many questions, evenly from all groups and from all of a group."""
    pairs = [(group, query) for group in groups for query in group.queries if query.wanted]
    step = max(1.0, len(pairs) / questions)
    return [pairs[int(i * step)] for i in range(min(questions, len(pairs)))]


async def run(groups: Sequence[Group], questions: int, home: Path, count: Count) -> dict[tuple[int, str], Outcome]:
    """Store the groups, unless they are there, and ask."""
    outcomes: dict[tuple[int, str], Outcome] = defaultdict(Outcome)
    config = MemoryConfig(
        vector_store={"persist_directory": home}, max_memories=1_000_000, enable_auto_consolidation=False
    )
    async with MemoryManager(config) as memory:
        for group in groups:
            space = memory.for_namespace(group.name)
            if await space.count() < len(group.memories):
                for start in range(0, len(group.memories), BATCH):
                    await space.store_memories_batch(group.memories[start : start + BATCH])
                await space.services.facts.reading.read_all(space.namespace)
        for group, query in chosen(groups, questions):
            contents = {item["memory_id"]: item["content"] for item in group.memories}
            await ask(memory.for_namespace(group.name), query, contents, count, outcomes)
    return outcomes


def show(outcomes: dict[tuple[int, str], Outcome], title: str) -> None:
    """Print the table."""
    table = Table(title=title)
    for name in ("budget", "text", "evidence", "all of it", "mean tokens", "over budget", "median ms"):
        table.add_column(name, justify="left" if name == "text" else "right")
    for (budget, name), outcome in sorted(outcomes.items()):
        table.add_row(
            f"{budget:,}",
            name,
            f"{statistics.mean(outcome.shares):.3f}",
            f"{statistics.mean(share == 1.0 for share in outcome.shares):.3f}",
            f"{statistics.mean(outcome.tokens):,.0f}",
            str(outcome.over),
            f"{1000 * statistics.median(outcome.seconds):.0f}",
        )
    Console(width=110).print(table)


def counter(path: Path | None) -> Count:
    """What counts tokens: a tokenizer, or the estimate."""
    if path is None:
        return estimated_tokens
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--groups", type=int, help="only so many groups of the set")
    parser.add_argument("--home", type=Path, help="where to keep what is stored")
    parser.add_argument("--tokenizer", type=Path, help="a tokenizer.json to count by")
    arguments = parser.parse_args()
    groups = read_groups(arguments.folder, arguments.groups)
    with tempfile.TemporaryDirectory() as home:
        work = run(groups, arguments.questions, arguments.home or Path(home), counter(arguments.tokenizer))
        outcomes = asyncio.run(work)
    show(outcomes, f"{arguments.questions} questions of {arguments.folder.name}")


if __name__ == "__main__":
    main()
