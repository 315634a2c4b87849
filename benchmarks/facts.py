"""Do questions find what holds now, what held before, and what held then? Through the public API.

usage: python -m benchmarks.facts [FILE] [--store embedded|neo4j] [--shuffled] [--show]

FILE holds dialogues as JSON lines: ``turns`` (speaker, text), one a day, and ``questions`` with the turn that is right,
those that are outdated, and whether they ask for the present (``current``), the ``past``, or a day (``as_of``).
``--shuffled`` stores the turns in another order than they were said.
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from coda_graphmem import Memory, MemoryConfig, MemoryManager

DIALOGUES = Path(__file__).parent / "data" / "dialogues.jsonl"
START, DAY = 1_700_000_000.0, 86_400.0


async def measure(dialogues: list[Any], *, store: str, shuffled: bool, show: bool) -> Counter[str]:
    """How many questions of each kind there are, and how many of them are answered rightly."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home:
        config = MemoryConfig(vector_store_type=store, vector_store={"persist_directory": home})
        async with MemoryManager(config) as memory:
            for dialogue in dialogues:
                space = memory.for_namespace(f"facts-{dialogue['id']}")
                await _tell(space, dialogue, shuffled=shuffled)
                for question in dialogue["questions"]:
                    await _ask(space, dialogue, question, counts, show=show)
                await space.forget(everything=True)
    return counts


async def _tell(space: MemoryManager, dialogue: dict[str, Any], *, shuffled: bool) -> None:
    places = list(range(len(dialogue["turns"])))
    if shuffled:
        random.Random(dialogue["id"]).shuffle(places)
    for place in places:
        turn = dialogue["turns"][place]
        await space.store_memory(
            turn["text"],
            memory_id=f"t{place}",
            timestamp=START + place * DAY,
            conversation_id="talk",
            metadata={"speaker": turn["speaker"]},
        )


async def _ask(
    space: MemoryManager, dialogue: dict[str, Any], question: dict[str, Any], counts: Counter[str], *, show: bool
) -> None:
    kind, at = question["kind"], question.get("as_of")
    found = await space.retrieve_memories(
        question["text"], limit=10, min_relevance=0.0, as_of=None if at is None else START + at * DAY + 1.0
    )
    texts = [turn["text"] for turn in dialogue["turns"]]
    right = _place(found, [question["right"]])
    outdated = _place(found, question["outdated"])
    counts[kind] += 1
    counts[f"{kind} first"] += right == 0
    counts[f"{kind} missing"] += right is None
    counts[f"{kind} outdated above"] += outdated is not None and (right is None or outdated < right)
    if show and right != 0:
        print(f"{kind}: {question['text']!r} gave {found[0].content[:60]!r}, not {texts[question['right']][:60]!r}")


def _place(found: list[Memory], turns: list[int]) -> int | None:
    """The best place at which one of some turns was found."""
    wanted = {f"t{turn}" for turn in turns}
    return next((i for i, memory in enumerate(found) if memory.memory_id in wanted), None)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=DIALOGUES)
    parser.add_argument("--store", default="embedded")
    for name in ("shuffled", "show"):
        parser.add_argument(f"--{name}", action="store_true")
    given = parser.parse_args()
    dialogues = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    counts = asyncio.run(measure(dialogues, store=given.store, shuffled=given.shuffled, show=given.show))
    for kind in ("current", "past", "as_of"):
        of = counts[kind] or 1
        shares = {name: counts[f"{kind} {name}"] / of for name in ("first", "outdated above", "missing")}
        print(f"{kind}: {counts[kind]} questions | " + ", ".join(f"{name} {s:.2f}" for name, s in shares.items()))


if __name__ == "__main__":
    main()
