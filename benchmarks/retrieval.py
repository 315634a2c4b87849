"""How well and how fast retrieval finds evidence: a table of all modes, and plots of the ablation and of relevance.

    python -m benchmarks.retrieval FOLDER... --store embedded --mode all --plot ablation.svg

Each folder is a set in BEIR form whose ``metadata.group`` names what is searched together; every group
gets a namespace of its own. R@k is the share of the evidence among the best k, all@10 the share of
questions with all of their evidence among the best ten. With ``--relevance-plot`` each group is also
asked questions about others; of these, some name only what no memory of the group mentions. Neo4j is
taken from ``NEO4J_URI`` and the other usual variables; namespaces are removed again. Plots need
matplotlib.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table

from benchmarks.beir import Group, Query, read_groups
from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.language.words import stems
from coda_graphmem.models import RetrievalMode
from coda_graphmem.retrieval.terms import names, unknown_share

BATCH = 200
MEASURES = ("R@5", "R@10", "all@10", "nDCG@10")
FOREIGN_QUERIES = 300
"""Questions of other groups that the groups of a set are asked for the plot of relevance, together, evenly."""
THRESHOLD = 0.7
"""The relevance that questions about something else should not reach."""


@dataclass(slots=True)
class Outcome:
    """What one mode did on one set."""

    scores: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: list[float] = field(default_factory=list)
    evidence: list[float] = field(default_factory=list)
    """Relevance of results that are evidence."""
    others: list[float] = field(default_factory=list)
    """Relevance of results that are none."""
    foreign: list[float] = field(default_factory=list)
    """Relevance of the best result for a question about something else, 0 without a result."""
    unmentioned: list[float] = field(default_factory=list)
    """Those of them for questions that name only what no memory of the group mentions."""

    def mean(self, measure: str) -> float:
        return statistics.mean(self.scores[measure])


@dataclass(slots=True)
class Run:
    """What was measured on one set."""

    name: str
    stored: int = 0
    storing: float = 0.0
    """Seconds."""
    outcomes: dict[RetrievalMode, Outcome] = field(default_factory=dict)


def measure(found: Sequence[str], wanted: frozenset[str]) -> dict[str, float]:
    """The measures of one ranking; nDCG with binary gains."""
    gained = sum(1 / math.log2(place + 2) for place, name in enumerate(found[:10]) if name in wanted)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(wanted))))
    return {
        "R@5": len(wanted.intersection(found[:5])) / len(wanted),
        "R@10": len(wanted.intersection(found[:10])) / len(wanted),
        "all@10": float(wanted.issubset(found[:10])),
        "nDCG@10": gained / ideal,
    }


async def ask(space: MemoryManager, query: Query, mode: RetrievalMode, outcome: Outcome) -> None:
    """Ask one question and add up what came."""
    started = time.perf_counter()
    found = await space.retrieve_memories(query.text, limit=10, min_relevance=0.0, mode=mode)
    outcome.seconds.append(time.perf_counter() - started)
    for name, value in measure([memory.memory_id for memory in found], query.wanted).items():
        outcome.scores[name].append(value)
    for memory in found:
        kind = outcome.evidence if memory.memory_id in query.wanted else outcome.others
        kind.append(memory.relevance_score or 0.0)


async def run_group(
    space: MemoryManager, group: Group, modes: Sequence[RetrievalMode], foreign: Sequence[str], run: Run
) -> None:
    """Store a group and ask its questions in every mode."""
    started = time.perf_counter()
    for start in range(0, len(group.memories), BATCH):
        await space.store_memories_batch(group.memories[start : start + BATCH])
    run.storing += time.perf_counter() - started
    run.stored += len(group.memories)
    mentioned = words_of(group) if foreign else frozenset()
    for mode in modes:
        outcome = run.outcomes.setdefault(mode, Outcome())
        for query in group.queries:
            await ask(space, query, mode, outcome)
        for text in foreign:
            found = await space.retrieve_memories(text, limit=1, min_relevance=0.0, mode=mode)
            best = max((memory.relevance_score or 0.0 for memory in found), default=0.0)
            outcome.foreign.append(best)
            if unknown_share(names(text), [mentioned]) == 1.0:
                outcome.unmentioned.append(best)


def words_of(group: Group) -> frozenset[str]:
    """The stems of all words of a group's memories, titles and speakers included."""
    texts = [text for memory in group.memories for text in (memory["content"], *memory["metadata"].values())]
    return stems("\n".join(texts))


async def run_set(
    folder: Path, groups: Sequence[Group], modes: Sequence[RetrievalMode], store: str, foreign: dict[str, list[str]]
) -> Run:
    """Measure one set in a fresh store."""
    run = Run(folder.name)
    with tempfile.TemporaryDirectory() as home:
        config = MemoryConfig(
            vector_store_type=store,
            max_memories=1_000_000,
            enable_auto_consolidation=False,
            vector_store={"persist_directory": home},
        )
        async with MemoryManager(config) as memory:
            spaces = [memory.for_namespace(f"benchmark {folder.name} {group.name}") for group in groups]
            try:
                for space, group in zip(spaces, groups, strict=True):
                    await run_group(space, group, modes, foreign.get(group.name, []), run)
            finally:
                # A server outlives the run. Not before the end, as BM25 counts all texts of a store.
                if store == "neo4j":
                    for space in spaces:
                        await space.forget(everything=True)
    return run


def foreign_queries(sets: Sequence[Sequence[Group]]) -> dict[str, list[str]]:
    """For each group questions about other groups, evenly taken from all of them."""
    every = [group for groups in sets for group in groups]
    chosen = {}
    for groups in sets:
        count = math.ceil(FOREIGN_QUERIES / len(groups))
        for group in groups:
            others = [query.text for other in every if other is not group for query in other.queries]
            chosen[group.name] = others[:: max(1, len(others) // count)][:count]
    return chosen


def show(runs: Sequence[Run], store: str) -> None:
    """Print the table."""
    table = Table(title=f"Retrieval, {store} store")
    for name in ("set", "mode", *MEASURES, "stored/s", "median ms", "p95 ms"):
        table.add_column(name, justify="left" if name in {"set", "mode"} else "right")
    for run in runs:
        for mode, outcome in run.outcomes.items():
            spent = sorted(1000 * seconds for seconds in outcome.seconds)
            table.add_row(
                run.name,
                mode,
                *(f"{outcome.mean(name):.3f}" for name in MEASURES),
                f"{run.stored / run.storing:.0f}",
                f"{statistics.median(spent):.1f}",
                f"{spent[int(0.95 * (len(spent) - 1))]:.1f}",
            )
    Console(width=110).print(table)


def show_relevance(runs: Sequence[Run]) -> None:
    """Print how often the best result of a question about something else is called relevant all the same."""
    table = Table(title=f"Questions about something else whose best result reaches {THRESHOLD}")
    for name in (
        "set",
        "mode",
        "asked",
        f"at least {THRESHOLD}",
        "naming only what is not mentioned",
        f">= {THRESHOLD}",
    ):
        table.add_column(name, justify="left" if name in {"set", "mode"} else "right")
    for run in runs:
        for mode, outcome in run.outcomes.items():
            row = [run.name, mode]
            for values in (outcome.foreign, outcome.unmentioned):
                reached = sum(value >= THRESHOLD for value in values)
                row += [str(len(values)), f"{reached} ({reached / max(1, len(values)):.1%})"]
            table.add_row(*row)
    Console(width=110).print(table)


def plot_ablation(runs: Sequence[Run], path: Path) -> None:
    """Bars of R@10 and all@10 of each mode on each set."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
    modes = list(runs[0].outcomes)
    width = 0.8 / len(modes)
    for axis, name in zip(axes, ("R@10", "all@10"), strict=True):
        for place, mode in enumerate(modes):
            heights = [run.outcomes[mode].mean(name) for run in runs]
            at = [i + (place - (len(modes) - 1) / 2) * width for i in range(len(runs))]
            bars = axis.bar(at, heights, width * 0.92, label=mode, color=f"C{place}")
            axis.bar_label(bars, fmt="%.2f", fontsize=6.5)
        axis.set_xticks(range(len(runs)), [run.name for run in runs])
        axis.set_title(name)
        # Room for the legend above the highest bar.
        axis.set_ylim(0, 1.2)
        axis.set_yticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, ncols=len(modes), fontsize=8, loc="upper left")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def plot_relevance(runs: Sequence[Run], path: Path) -> None:
    """How evidence, other results and the best of unrelated questions fall on the scale, in the last mode run."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(runs), figsize=(3.4 * len(runs), 3.0), sharey=True, squeeze=False)
    for axis, run in zip(axes[0], runs, strict=True):
        outcome = list(run.outcomes.values())[-1]
        kinds = {
            "evidence": outcome.evidence,
            "other results": outcome.others,
            "best for an unrelated question": outcome.foreign,
        }
        for label, values in kinds.items():
            if values:
                axis.hist(values, bins=[i / 40 for i in range(16, 41)], density=True, alpha=0.5, label=label)
        for threshold in (0.5, 0.6, 0.7, 0.8):
            axis.axvline(threshold, color="grey", linewidth=0.5, linestyle=":")
        axis.set_title(run.name)
        axis.set_xlabel("relevance")
        axis.set_yticks([])
    axes[0][0].legend(frameon=False, fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


async def main() -> None:
    """Read the arguments, measure, print, draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--store", choices=("embedded", "neo4j", "chroma"), default="embedded")
    parser.add_argument("--mode", choices=(*get_args(RetrievalMode), "all"), default="graph")
    parser.add_argument("--groups", type=int, help="only so many groups of each set")
    parser.add_argument("--plot", type=Path, help="where to draw the ablation")
    parser.add_argument("--relevance-plot", type=Path, help="where to draw how results fall on the scale")
    arguments = parser.parse_args()
    modes: list[RetrievalMode] = ["vector", "text", "hybrid", "graph"] if arguments.mode == "all" else [arguments.mode]
    sets = [read_groups(folder, arguments.groups) for folder in arguments.folders]
    foreign = foreign_queries(sets) if arguments.relevance_plot else {}
    runs = []
    for folder, groups in zip(arguments.folders, sets, strict=True):
        runs.append(await run_set(folder, groups, modes, arguments.store, foreign))
        show(runs[-1:], arguments.store)
    if len(runs) > 1:
        show(runs, arguments.store)
    if arguments.plot:
        plot_ablation(runs, arguments.plot)
    if arguments.relevance_plot:
        show_relevance(runs)
        plot_relevance(runs, arguments.relevance_plot)


if __name__ == "__main__":
    asyncio.run(main())
