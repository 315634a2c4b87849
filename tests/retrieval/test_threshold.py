"""The default threshold on the real models: what answers is kept, and what does not is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager

pytestmark = pytest.mark.slow

SEVEN = (
    "Dad's birthday is on the third of May, he turns seventy.",
    "I keep the spare key under the blue flowerpot.",
    "My physiotherapist says no running until the ankle has healed.",
    "We are saving for a trip to Lisbon next spring.",
    "User prefers morning meetings",
    "The old laptop was sold to Ravi for 220 euros.",
    "I finished the evening course in pottery and made two bowls.",
)
ANSWERED = {
    "schedule a meeting": 4,
    "Where is the spare key?": 1,
    "May I go jogging again?": 2,
    "Which journey are we saving for?": 3,
    "How old will my father be?": 0,
    "Who bought my computer?": 5,
    "What have I learned to make out of clay?": 6,
}
UNANSWERED = (
    "Which planet has the most moons?",
    "How do I sharpen a chisel?",
    "What is the boiling point of ethanol?",
    "Did the goalkeeper save the penalty?",
    "Which wine goes with mushrooms?",
    "Who painted the ceiling of the chapel?",
)


@pytest.fixture(params=["notes", "chat"])
async def seven(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryManager]:
    """Seven memories by themselves, and as a conversation, whose turns are linked with one another."""
    async with MemoryManager(MemoryConfig(vector_store={"persist_directory": tmp_path})) as memory:
        rows = [{"content": text, "memory_id": str(place)} for place, text in enumerate(SEVEN)]
        if request.param == "chat":
            for row in rows:
                row |= {"conversation_id": "chat", "type": "episodic"}
        await memory.store_memories_batch(rows)
        yield memory


async def test_seven_memories(seven: MemoryManager) -> None:
    for question, place in ANSWERED.items():
        assert str(place) in [found.memory_id for found in await seven.retrieve_memories(question)], question
    counts = [len(await seven.retrieve_memories(question)) for question in UNANSWERED]
    # A vector cannot always tell: pottery is near to a painted chapel, and "save" to "saving".
    assert counts.count(0) >= len(UNANSWERED) // 2


async def test_nothing_linked_with_what_does_not_answer_comes(seven: MemoryManager) -> None:
    assert await seven.retrieve_memories("Which planet has the most moons?") == []
    [best, *_] = await seven.retrieve_memories("Which planet has the most moons?", min_relevance=0.0, explain=True)
    assert best.explanation is not None
    assert best.explanation.parts["chance"] < -0.2


async def test_a_threshold_of_nothing_finds_them_all(seven: MemoryManager) -> None:
    for question in (*ANSWERED, *UNANSWERED):
        assert len(await seven.retrieve_memories(question, min_relevance=0.0)) == len(SEVEN)
