"""Prints memories for people, or as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from coda_graphmem.models import Explanation, GraphPath, Memory

if TYPE_CHECKING:
    from rich.console import Console

    from coda_graphmem.manager import MemoryManager

#: Paths named for one memory; the strongest come first.
SHOWN_PATHS = 2
_EXCERPT = 60


@cache
def stdout() -> Console:
    """Where results go; colours and wrapping only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


@cache
def stderr() -> Console:
    """Where progress and remarks go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def say(text: str = "", style: str | None = None) -> None:
    """Print a line of the result."""
    stdout().print(text, style=style)


def remark(text: str) -> None:
    """Print a line that is not part of the result."""
    stderr().print(text, style="dim")


def print_json(value: Any) -> None:
    """Print one JSON value, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def as_json(memory: Memory) -> dict[str, Any]:
    """A memory for programs, without its vector."""
    return memory.model_dump(mode="json", exclude={"embedding"})


def when(timestamp: float) -> str:
    """A time in the zone of this machine."""
    try:
        moment = datetime.fromtimestamp(timestamp).astimezone()
    except (ValueError, OverflowError, OSError):  # years the platform's clock does not know
        return f"{timestamp:.0f} s"
    return f"{moment.day} {moment:%b %Y %H:%M}"


def excerpt(text: str, length: int = _EXCERPT) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def print_memory(memory: Memory, why: Sequence[str] = (), *, brief: bool = False, marked: str | None = None) -> None:
    """Print a memory: relevance, who, when, where, type and id; its text; why it came.

    Args:
        memory: What to print.
        why: Lines of `explain`.
        brief: Whether type and id are left out.
        marked: A part of the text that is emphasised.
    """
    from rich.padding import Padding
    from rich.text import Text

    head = Text()
    if memory.relevance_score is not None:
        head.append(f"{memory.relevance_score:.2f}  ", style="bold cyan")
    about = [memory.speaker, when(memory.timestamp), memory.conversation_id]
    if not brief:
        about += [memory.memory_type.value, memory.memory_id]
    head.append(" · ".join(part for part in about if part), style="dim")
    body = Text(memory.content)
    if marked:
        body.highlight_words([marked], style="bold green")
    console = stdout()
    console.print(head)
    console.print(Padding(body, (0, 0, 0, 6)) if console.is_terminal else Text("      ").append_text(body))
    for line in why:
        console.print(Text(f"      {line}", style="yellow"))


async def seeds_of(memory: MemoryManager, found: Sequence[Memory]) -> dict[str, Memory]:
    """The memories that the shown paths of others start at, by id."""
    seeds = {item.memory_id: item for item in found}
    for item in found:
        for path in item.explanation.paths[:SHOWN_PATHS] if item.explanation else ():
            if path.seed_id and path.seed_id not in seeds and (seed := await memory.get_memory(path.seed_id)):
                seeds[path.seed_id] = seed
    return seeds


def explain(
    explanation: Explanation | None, seeds: Mapping[str, Memory], *, paths: int = SHOWN_PATHS, factors: bool = True
) -> list[str]:
    """Why a memory came, a line for each reason.

    Args:
        explanation: What retrieval said about it.
        seeds: The memories its paths start at, by id.
        paths: How many paths through the graph are shown.
        factors: Whether the numbers that make up the score are shown as well.
    """
    if explanation is None:
        return []
    reasons = []
    if "vector" in explanation.sources and explanation.similarity is not None:
        reasons.append(f"vector (cosine {explanation.similarity:.2f})")
    if "text" in explanation.sources:
        reasons.append(f"text (BM25 {explanation.text_score:.1f})")
    if "graph" in explanation.sources:
        reasons.append("graph")
    lines = [f"why: {', '.join(reasons)}"] if reasons else []
    lines += [f"graph: {_path(path, seeds)}" for path in explanation.paths[:paths]]
    if factors and explanation.parts:
        lines.append("score: " + ", ".join(f"{name} {value:.2f}" for name, value in explanation.parts.items()))
    return lines


def _path(path: GraphPath, seeds: Mapping[str, Memory]) -> str:
    steps = "" if path.depth == 1 else f", {path.depth} steps"
    seed = seeds.get(path.seed_id) if path.seed_id else None
    if path.entity_key is None:
        start = f"“{excerpt(seed.content)}”" if seed else "another memory"
        return f"said next to {start}{steps}"
    start = f"also in “{excerpt(seed.content)}”" if seed else "named in the question"
    return f"over {path.via}, {start}{steps}"
