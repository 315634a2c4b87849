"""Prints memories, and why they came."""

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.characters import visible
from coda_graphmem.cli.output import say, stdout, when
from coda_graphmem.cli.session import OpenMemory
from coda_graphmem.models import Explanation, GraphPath, Memory
from coda_graphmem.texts import excerpt

#: Paths named for one memory; the strongest come first.
SHOWN_PATHS = 2


def memory_json(memory: Memory) -> dict[str, Any]:
    """A memory for programs, without its vector."""
    return memory.model_dump(mode="json", exclude={"embedding"})


def print_memory(memory: Memory, why: Sequence[str] = (), *, brief: bool = False, marked: str | None = None) -> None:
    """Print a memory: relevance, who, when, where, and type and id unless ``brief``; its text; why it came.

    Of a long memory that was found for a question the passage is shown that answers it best.
    """
    from rich.padding import Padding
    from rich.text import Text

    head = Text()
    if memory.relevance_score is not None:
        head.append(f"{memory.relevance_score:.2f}  ", style="bold cyan")
    about = [memory.speaker, when(memory.timestamp), memory.conversation_id]
    if not brief:
        about += [memory.memory_type.value, memory.memory_id]
    head.append(" · ".join(visible(part) for part in about if part), style="dim")
    console = stdout()
    content = visible(_shown(memory), lines=True)
    # Without a terminal no line is broken, but each is indented all the same.
    body = Text(content if console.is_terminal else content.replace("\n", "\n      "))
    if marked:
        body.highlight_words([marked], style="bold green")
    console.print(head)
    console.print(Padding(body, (0, 0, 0, 6)) if console.is_terminal else Text("      ").append_text(body))
    if memory.valid_until is not None or memory.superseded_by is not None:
        say(f"      {_outdated(memory)}", style="yellow")
    for line in why:
        say(f"      {line}", style="yellow")


def _shown(memory: Memory) -> str:
    if not memory.passages:
        return memory.content
    best, length = memory.passages[0], len(memory.content)
    before, after = "… " if best.start > 0 else "", " …" if best.end < length else ""
    return f"{before}{best.text}{after}\n(characters {best.start:,} to {best.end:,} of {length:,})"


def _outdated(memory: Memory) -> str:
    """Since when a memory does not hold any more, and what does instead."""
    since = "in part" if memory.valid_until is None else f"since {when(memory.valid_until)}"
    by = "" if memory.superseded_by is None else f", by {memory.superseded_by}"
    return f"outdated {since}{by}"


async def seeds_of(memory: OpenMemory, found: Sequence[Memory]) -> dict[str, Memory]:
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
    """Why a memory came, a line for each reason; with ``factors`` also the numbers that make up its score."""
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
    if explanation.passage is not None:
        passage = explanation.passage
        lines.append(f"passage: characters {passage.start:,} to {passage.end:,} (cosine {passage.score:.2f})")
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
