"""A year of a memory in some minutes: what maintenance leaves of it, and whether evidence is still found.

    python -m benchmarks.year FOLDER [--groups 3] [--days 365]

The folder is a set in BEIR form. Its turns arrive in their order, spread over the year by a clock that jumps from day
to day; some questions are asked every day, some context is kept for an hour, and all jobs run when they are due. At
the end all questions are asked twice: of the memory as it is, and once more after every consolidation was undone. A
merged memory counts for its originals.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.beir import Group, read_groups
from coda_graphmem import JobRun, MemoryConfig, MemoryManager
from coda_graphmem.models import LinkKind, MemoryStats

DAY = 86_400.0
START = 1_700_000_000.0
ASKED_A_DAY = 3


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class State:
    """How much there is, and how well it is found."""

    stats: MemoryStats
    links: Counter[LinkKind]
    bytes_on_disk: int
    recall: float
    """R@10 of the evidence."""


async def main() -> None:
    """Read the arguments, live, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--groups", type=int, help="only so many groups of the set")
    parser.add_argument("--days", type=int, default=365)
    arguments = parser.parse_args()
    groups = read_groups(arguments.folder, arguments.groups)
    clock = Clock(START)
    with tempfile.TemporaryDirectory() as home:
        config = MemoryConfig(maintenance={"enabled": False}, vector_store={"persist_directory": home})
        async with MemoryManager(config, clock=clock) as memory:
            started = time.perf_counter()
            rounds = await live(memory, clock, groups, arguments.days)
            lived = time.perf_counter() - started
            after = await state(memory, groups)
            for group in groups:
                space = memory.for_namespace(group.name)
                for run in await space.list_consolidations(1_000):
                    await space.undo_consolidation(run.run_id)
            before = await state(memory, groups)
    show(before, after, rounds, lived, arguments.days)


async def live(memory: MemoryManager, clock: Clock, groups: Sequence[Group], days: int) -> list[JobRun]:
    """Store and ask day by day, and run what is due; the rounds that were run."""
    rounds: list[JobRun] = []
    for day in range(days):
        clock.now = START + day * DAY
        for group in groups:
            space = memory.for_namespace(group.name)
            first, last = (len(group.memories) * d // days for d in (day, day + 1))
            today = [{**turn, "timestamp": clock.now + 60.0 * i} for i, turn in enumerate(group.memories[first:last])]
            if today:
                await space.store_memories_batch(today)
                await space.store_short_term_memory(f"The talk of day {day} goes on.", f"{group.name}-{day}", 60)
            for i in range(ASKED_A_DAY):
                question = group.queries[(day * ASKED_A_DAY + i) % len(group.queries)]
                await space.retrieve_memories(question.text)
        clock.now += DAY / 2
        rounds += await memory.run_due_jobs()
        print(f"\rday {day + 1} of {days}", end="", flush=True)
    print()
    return rounds


async def state(memory: MemoryManager, groups: Sequence[Group]) -> State:
    """Count everything and ask all questions."""
    recalls: list[float] = []
    all_stats = []
    links: Counter[LinkKind] = Counter()
    store = memory.services.resources.store
    for group in groups:
        space = memory.for_namespace(group.name)
        all_stats.append(await space.get_memory_stats())
        live = [item.memory_id for item in await space.list_memories(10_000)]
        links.update(link.kind for link in await store.links.find_links(group.name, live))
        became = {item.memory_id: item.consolidated_into for item in await space.list_memories(10_000, archived=True)}
        for query in group.queries:
            found = {item.memory_id for item in await space.retrieve_memories(query.text, limit=10, min_relevance=0.0)}
            wanted = [last(memory_id, became) for memory_id in query.wanted]
            recalls.append(sum(memory_id in found for memory_id in wanted) / len(wanted))
    sizes = await store.health.compact()
    added = all_stats[0].model_copy(
        update={
            name: sum(getattr(one, name) for one in all_stats)
            for name in ("total_memories", "archived_memories", "short_term_memories", "total_entities")
        }
    )
    return State(added, links, sizes[1] if sizes else 0, statistics.mean(recalls))


def last(memory_id: str, became: dict[str, str | None]) -> str:
    """What a memory is by now."""
    while (into := became.get(memory_id)) is not None:
        memory_id = into
    return memory_id


def show(before: State, after: State, rounds: Sequence[JobRun], lived: float, days: int) -> None:
    """Print the table, and what the jobs did."""
    table = Table(title=f"{days} days")
    for name in ("", "all undone", "as it is"):
        table.add_column(name, justify="left" if not name else "right")
    rows: dict[str, Callable[[State], str]] = {
        "live memories": lambda s: f"{s.stats.total_memories:,}",
        "archived originals": lambda s: f"{s.stats.archived_memories:,}",
        "short-term memories": lambda s: f"{s.stats.short_term_memories:,}",
        "entities": lambda s: f"{s.stats.total_entities:,}",
        "SIMILAR_TO": lambda s: f"{s.links[LinkKind.SIMILAR_TO]:,}",
        "POSSIBLY_OUTDATED_BY": lambda s: f"{s.links[LinkKind.POSSIBLY_OUTDATED_BY]:,}",
        "MB on disk": lambda s: f"{s.bytes_on_disk / 1e6:.1f}",
        "R@10": lambda s: f"{s.recall:.4f}",
    }
    for name, written in rows.items():
        table.add_row(name, written(before), written(after))
    Console(width=100).print(table)
    for job in dict.fromkeys(run.job for run in rounds):
        own = [run for run in rounds if run.job == job]
        print(
            f"{job}: {len(own)} rounds, changed {sum(run.changed for run in own):,}, "
            f"{sum(run.status != 'done' for run in own)} failed"
        )
    print(f"lived in {lived:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
