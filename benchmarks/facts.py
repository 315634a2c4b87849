"""How well memories tell what holds now, what held before, and as of a day, in dialogues whose facts change.

    python -m benchmarks.facts [--half held_out] [--show] [--store neo4j] [--shuffled] [--learned]

``data/dialogues.jsonl`` has a dialogue a line: ``turns``, and ``questions`` with the turns that say what ``holds`` and
those that are ``outdated``, the ``validity`` that the words ask for, and ``as_of``, the end of a day. Rules were
developed on one half (``develop``); the other (``held_out``) was first tried when they were done. ``data/beside.jsonl``
has pairs that hold side by side: what they outdate is outdated wrongly.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from coda_graphmem import Memory, MemoryConfig, MemoryManager

DATA = Path(__file__).parent / "data"
#: Results that are asked for; what is not among them is missing.
LIMIT = 10

_NOON, _END = 12 * 3600, 24 * 3600 - 1

Counts = dict[str, Counter[str]]


def read(name: str) -> list[dict[str, Any]]:
    """The lines of a file of `DATA`."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def midnight(date: str) -> float:
    """When a day begins, UTC."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


def said_at(turn: dict[str, Any]) -> float:
    """When a turn was said; no two of a dialogue at once, so that what was learned of a turn is known by it."""
    return midnight(turn["date"]) + _NOON + float(turn["turn"])


async def store(memory: MemoryManager, turns: list[dict[str, Any]], *, learned: bool) -> None:
    """Store turns in their order, and learn from them as well."""
    if learned:
        await memory.enable_auto_learning("talk")
    for turn in turns:
        await memory.store_memory(
            turn["text"], conversation_id="talk", timestamp=said_at(turn), metadata={"speaker": turn["role"]}
        )


def positions(found: list[Memory], turns: list[dict[str, Any]]) -> dict[int, int]:
    """Where each turn, or what was learned of it, comes first."""
    by_time = {said_at(turn): turn["turn"] for turn in turns}
    places: dict[int, int] = {}
    for place, memory in enumerate(found):
        if memory.timestamp in by_time:
            places.setdefault(by_time[memory.timestamp], place)
    return places


async def ask(memory: MemoryManager, dialogue: dict[str, Any], counts: Counts, show: Console | None) -> None:
    """Ask the questions of a dialogue and count what comes first."""
    for question in dialogue["questions"]:
        day = question["as_of"]
        found = await memory.retrieve_memories(
            question["question"],
            limit=LIMIT,
            min_relevance=0.0,
            as_of=None if day is None else midnight(day) + _END,
            count_recall=False,
        )
        places = positions(found, dialogue["turns"])
        right = min((places[turn] for turn in question["holds"] if turn in places), default=LIMIT)
        over = min((places[turn] for turn in question["outdated"] if turn in places), default=LIMIT)
        kind = "as_of" if day else question["validity"]
        counts.setdefault(kind, Counter()).update(
            {"asked": 1, "first": right == 0, "above": over < right, "missing": right == LIMIT}
        )
        if show and right:
            words = [memory.content[:45] for memory in found[:3]]
            show.print(f"{dialogue['id']} {kind}: {question['question']} {day or ''} got {words}", markup=False)


async def pairs(memory: MemoryManager, space: str, show: Console | None) -> int:
    """How many of the pairs that hold side by side have an outdated memory."""
    wrong = 0
    for pair in read("beside.jsonl"):
        view = memory.for_namespace(f"{space}-{pair['id']}")
        for name in ("first", "second"):
            await view.store_memory(pair[name], memory_id=f"{pair['id']}-{name}", conversation_id="talk")
        found = await view.retrieve_memories(pair["first"], limit=2, min_relevance=0.0, count_recall=False)
        over = [one.content for one in found if one.valid_until is not None or one.superseded_by is not None]
        wrong += bool(over)
        if show and over:
            show.print(f"{pair['id']} wrongly outdated: {over} of {pair['first']} {pair['second']}", markup=False)
    return wrong


async def run(
    dialogues: list[dict[str, Any]], config: MemoryConfig, *, shuffled: bool, learned: bool, show: bool
) -> None:
    console = Console()
    counts: Counts = {}
    shown_to = console if show else None
    space = f"facts-{uuid.uuid4().hex[:8]}"
    kept = [f"{space}-{one['id']}" for one in (*dialogues, *read("beside.jsonl"))]
    try:
        async with MemoryManager(config) as memory:
            for dialogue in dialogues:
                turns = list(dialogue["turns"])
                if shuffled:
                    random.Random(dialogue["id"]).shuffle(turns)
                await store(memory.for_namespace(f"{space}-{dialogue['id']}"), turns, learned=learned)
        async with MemoryManager(config) as memory:  # closing has waited for what is learned
            for dialogue in dialogues:
                await ask(memory.for_namespace(f"{space}-{dialogue['id']}"), dialogue, counts, shown_to)
            wrong = await pairs(memory, space, shown_to)
    finally:  # a server outlives the run
        async with MemoryManager(config) as memory:
            for name in kept:
                await memory.for_namespace(name).forget(everything=True)
    table = Table("questions", "asked", "right first", "outdated above", "missing", title=f"{len(dialogues)} dialogues")
    for kind, found in sorted(counts.items()):
        asked = found["asked"]
        shares = (f"{found[name]} ({found[name] / asked:.2f})" for name in ("first", "above", "missing"))
        table.add_row(kind, str(asked), *shares)
    console.print(table)
    console.print(f"pairs that hold side by side: {wrong} of {len(read('beside.jsonl'))} wrongly outdated")


def main(
    half: Annotated[str | None, typer.Option(help="Only one half: develop or held_out.")] = None,
    show: Annotated[bool, typer.Option(help="Print what does not come first and what is wrongly outdated.")] = False,
    kind: Annotated[Literal["embedded", "chroma", "neo4j"], typer.Option("--store", help="Which store.")] = "embedded",
    shuffled: Annotated[bool, typer.Option(help="Store turns in another order than they were said in.")] = False,
    learned: Annotated[bool, typer.Option(help="Learn from the turns as well.")] = False,
) -> None:
    dialogues = [one for one in read("dialogues.jsonl") if half in (None, one["half"])]
    with tempfile.TemporaryDirectory() as home:
        config = MemoryConfig(
            vector_store_type=kind, vector_store={"persist_directory": home}, enable_auto_consolidation=False
        )
        asyncio.run(run(dialogues, config, shuffled=shuffled, learned=learned, show=show))


if __name__ == "__main__":
    typer.run(main)
