"""What an embedded store costs by its size: start, query, memory, and what of the nearest it finds.

    python -m benchmarks.scale FOLDER... [--sizes 10000,100000] [--originals 2400] [--questions 100] [--rounds 3]
        [--keep FOLDER] [--svg FILE] [--against CHECKOUT]

The folders are sets in BEIR form. Their texts are stored with the entities they mention, and again and again under
other names with a vector a little beside their own, see `benchmarks/filled.py`. Each size is measured in fresh
processes, one after the other, once with all vectors compared and once with the file of near vectors, so that whatever
else the machine does meanwhile weighs on both alike; a figure is the median of the rounds. With ``--against`` another
checkout of this project answers the same questions in turn, as it does by its own defaults.

- **start**: from the start of the process to its first answer in mode ``graph``, the interpreter included.
- **query**: one question after the other in mode ``graph``, another one each time.
- **CPU**: of the process until its first answer, and of a question on average; it depends less on what else runs.
- **resident**: after these questions, and the most there was at any time.
- **recall**: of the 100 nearest by vector, against a comparison of all, for filters that keep less and less.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.filled import NOW, fill, memories_of, opened, originals, questions_of
from coda_graphmem.models import MemoryFilter

NEAREST = 100
#: Never a file, and always one.
EXACT, FILE = 100_000_000, 0
_WAYS = {"all compared": EXACT, "file": FILE}
#: Shares that filters keep.
KEPT = (1.0, 0.5, 0.1, 0.01, 0.001)

Recalls = dict[float, tuple[float, float, float, float]]
"""By the share that a filter keeps: mean and least recall, milliseconds of CPU of all compared and of the file."""

#: What a fresh process does. It knows nothing of these benchmarks, so that another checkout can do it too.
_PROCESS = """
import asyncio, json, os, statistics, sys, time
home, settings, now = sys.argv[1], json.loads(sys.argv[2]), float(sys.argv[3])
questions = json.loads(sys.stdin.read())
from coda_graphmem import MemoryConfig, MemoryManager
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
async def main():
    config = MemoryConfig(max_memories=100_000_000, maintenance={"enabled": False},
                          vector_store={"persist_directory": home, **settings})
    async with MemoryManager(config, clock=lambda: now) as memory:
        await memory.retrieve_memories(questions[0], min_relevance=0.0)
        started, used, begun = time.monotonic(), time.process_time(), resident()
        spent = []
        for question in questions[1:]:
            before = time.perf_counter()
            await memory.retrieve_memories(question, min_relevance=0.0)
            spent.append(1000 * (time.perf_counter() - before))
        print(json.dumps({"answered": started, "used": used, "used_by_queries": time.process_time() - used,
                          "begun": begun, "resident": resident(), "query": spent}))
asyncio.run(main())
"""


def main() -> None:
    """Read the arguments, fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    add_store(parser)
    parser.add_argument("--sizes", default="10000,100000", help="memories, in rising order, with commas between")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes a size and way")
    parser.add_argument("--svg", type=Path, help="where the curves are drawn")
    parser.add_argument("--against", type=Path, help="another checkout of this project, which is measured as well")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    questions = questions_of(arguments.folders, arguments.questions + 1)
    with tempfile.TemporaryDirectory() as temporary:
        homes = arguments.keep or Path(temporary)
        contents = memories_of(arguments.folders, arguments.originals)
        asyncio.run(filled(homes, contents, sizes))
        rows: list[Row] = []
        recalls = {}
        for size in sizes:
            home = Path(temporary) / f"work-{size}"
            shutil.copytree(homes / str(size), home)
            recalls[size] = asyncio.run(recall(home, questions[1:]))
            ways = {name: Way(home, Path(__file__).resolve().parents[1], exact) for name, exact in _WAYS.items()}
            if arguments.against is not None:
                # With the file of near vectors; what cannot use it makes its own.
                other = shutil.copytree(home, Path(temporary) / f"other-{size}")
                ways[arguments.against.name] = Way(other, arguments.against.resolve(), None)
            rows += [Row(size, way, one) for way, one in in_turn(ways, questions, arguments.rounds).items()]
    show(rows, recalls)
    if arguments.svg is not None:
        draw(arguments.svg, rows, recalls)


def add_store(parser: argparse.ArgumentParser) -> None:
    """The arguments that say of which texts stores are filled, and where."""
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--originals", type=int, default=2_400, help="texts that are embedded and read for entities")
    parser.add_argument("--keep", type=Path, help="where the filled stores are kept, for the next time")


async def indexed_copy(folder: Path, given: argparse.Namespace) -> Path:
    """A store to do things to, with its file of near vectors, in a folder that is there for a while.

    Args:
        given: The arguments of `add_store`, and ``memories``, how many it holds.
    """
    homes = given.keep or folder
    await filled(homes, memories_of(given.folders, given.originals), [given.memories])
    home = folder / "work"
    await asyncio.to_thread(shutil.copytree, homes / str(given.memories), home)
    async with opened(home) as memory:
        await memory.services.resources.store.health.index_vectors(memory.namespace)
    return home


async def filled(homes: Path, contents: list[dict[str, Any]], sizes: list[int]) -> None:
    """Make the stores that are missing, each from the one before."""
    made = None
    before: int | None = None
    for size in sizes:
        home = homes / str(size)
        if not await asyncio.to_thread(home.exists):
            growing = homes / f"{size}.part"
            await asyncio.to_thread(shutil.rmtree, growing, ignore_errors=True)
            if before is not None:
                await asyncio.to_thread(shutil.copytree, homes / str(before), growing)
            async with opened(growing) as memory:
                made = made or await originals(memory, contents)
                await fill(memory, made, before or 0, size)
            growing.rename(home)
        before = size


async def recall(home: Path, questions: list[str]) -> Recalls:
    """By the share that a filter keeps: mean and least recall, milliseconds of CPU of all compared and of the file."""
    found = {}
    async with opened(home, exact_up_to=EXACT) as whole, opened(home, exact_up_to=FILE) as part:
        started = time.perf_counter()
        await part.services.resources.store.health.index_vectors(part.namespace)
        print(f"the file of near vectors: {time.perf_counter() - started:.1f} s", flush=True)
        vectors = [one for one in await part.services.resources.embedding.embed_documents(questions) if one is not None]
        live = await part.count()
        for kept in KEPT:
            where = MemoryFilter()
            if kept < 1.0:
                where = MemoryFilter(until=await _moment(whole, round(kept * live)))
            shares: list[float] = []
            spent: dict[str, list[float]] = {"all": [], "file": []}
            for vector in vectors:
                ids = {}
                for name, memory in (("all", whole), ("file", part)):
                    began = time.process_time()
                    near = await memory.services.resources.store.search.search_vector(
                        memory.namespace, vector, NEAREST, where
                    )
                    spent[name].append(1000 * (time.process_time() - began))
                    ids[name] = {one.memory_id for one in near}
                shares.append(len(ids["all"] & ids["file"]) / max(1, len(ids["all"])))
            whole_ms, part_ms = statistics.median(spent["all"]), statistics.median(spent["file"])
            found[kept] = (statistics.mean(shares), min(shares), whole_ms, part_ms)
    return found


async def _moment(memory: Any, place: int) -> float:
    """The time of the memory of that place, in order of time."""
    found = await memory.services.resources.store.records.find(
        memory.namespace, MemoryFilter(), order="oldest", limit=1, offset=place, now=NOW
    )
    return float(found[0].timestamp)


class Figures(NamedTuple):
    """What one process costs."""

    start: float
    """Seconds from its start to its first answer."""
    start_cpu: float
    """Seconds of processor time until then."""
    query_cpu: float
    """Milliseconds of processor time a question, the mean."""
    query: float
    """Milliseconds a question, the median."""
    slow: float
    """Milliseconds that one question in twenty takes, or more."""
    begun: float
    """Megabytes resident at the first answer."""
    resident: float
    """Megabytes resident after the last one."""


class Way(NamedTuple):
    """How questions are answered."""

    home: Path
    root: Path
    """The checkout that answers."""
    exact_up_to: int | None
    """None for the default of that checkout."""


class Row(NamedTuple):
    """Figures of a size and way."""

    memories: int
    way: str
    figures: Figures


def in_turn(ways: dict[str, Way], questions: list[str], rounds: int) -> dict[str, Figures]:
    """Fresh processes of each way, one after the other, round by round; the first round does not count."""
    found: dict[str, list[Figures]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            figures = one_process(way, questions if number else questions[:3])
            if number:
                found[name].append(figures)
                print(f"{way.home.name}, {name}: {figures.start:.2f} s, {figures.query:.1f} ms", flush=True)
    return {name: Figures(*map(statistics.median, zip(*some, strict=True))) for name, some in found.items()}


def one_process(way: Way, questions: list[str]) -> Figures:
    """Answer the questions in a fresh process."""
    settings = {} if way.exact_up_to is None else {"exact_up_to": way.exact_up_to}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _PROCESS, str(way.home), json.dumps(settings), str(NOW)],
        input=json.dumps(questions), text=True, stdout=subprocess.PIPE, check=True, cwd=way.root,
        env=environment | {"PYTHONPATH": str(way.root)},
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    spent = sorted(answer["query"])
    slow = spent[int(0.95 * (len(spent) - 1))]
    cpu = 1000 * answer["used_by_queries"] / len(spent)
    median = statistics.median(spent)
    return Figures(answer["answered"] - began, answer["used"], cpu, median, slow, answer["begun"], answer["resident"])


def show(rows: list[Row], recalls: dict[int, Recalls]) -> None:
    """Print what was measured."""
    table = Table(title="Fresh processes")
    for name in ("memories", "vectors", "start s", "CPU s", "query ms", "95 % ms", "CPU ms", "MB at first", "MB after"):
        table.add_column(name, justify="left" if name == "vectors" else "right")
    for row in rows:
        one = row.figures
        times = (f"{one.query:.1f}", f"{one.slow:.1f}", f"{one.query_cpu:.1f}")
        memory = (f"{one.begun:.0f}", f"{one.resident:.0f}")
        table.add_row(f"{row.memories:,}", row.way, f"{one.start:.2f}", f"{one.start_cpu:.2f}", *times, *memory)
    Console(width=120).print(table)
    table = Table(title=f"The {NEAREST} nearest by vector")
    for name in ("memories", "filter keeps", "recall", "least", "all compared ms", "file ms"):
        table.add_column(name, justify="right")
    for size, found in recalls.items():
        for kept, (mean, least, whole, part) in found.items():
            table.add_row(f"{size:,}", f"{kept:.1%}", f"{mean:.4f}", f"{least:.2f}", f"{whole:.1f}", f"{part:.1f}")
    Console(width=120).print(table)


def draw(path: Path, rows: list[Row], recalls: dict[int, Recalls]) -> None:
    """Draw size against start, query, memory and recall."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3))
    axes = figure.subplots(1, 4)
    for axis, (name, title) in zip(
        axes, (("start", "start, s"), ("query", "query, ms"), ("resident", "resident, MB")), strict=False
    ):
        for way in _WAYS:
            some = [row for row in rows if row.way == way]
            axis.plot(
                [row.memories for row in some], [getattr(row.figures, name) for row in some], marker="o", label=way
            )
        axis.set(xscale="log", title=title, ylim=0)
    for kept in KEPT:
        axes[3].plot(list(recalls), [found[kept][0] for found in recalls.values()], marker="o", label=f"{kept:.1%}")
    axes[3].set(xscale="log", title=f"recall of {NEAREST} by filter", ylim=(0.9, 1.002))
    for axis in (axes[0], axes[3]):
        axis.legend(fontsize="x-small")
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
