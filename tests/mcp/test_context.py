"""``memory_context``."""

from __future__ import annotations

from coda_graphmem import MemoryManager
from tests.fakes import Clock
from tests.mcp.clients import calling


async def test_context_holds_the_profile_what_is_relevant_and_what_was_said_last(
    memory: MemoryManager, clock: Clock
) -> None:
    await memory.store_memory("I live in Rome.", "semantic", memory_id="rome")
    await memory.store_memory("Plums ripen in August.", "semantic", memory_id="plums")
    for i in range(3):
        clock.advance(60)
        await memory.store_memory(f"Good morning, number {i}.", conversation_id="c1", memory_id=f"turn{i}")
    async with calling(memory) as call:
        told = await call("memory_context", about="When do plums ripen?")
        assert [(line["text"], line["memory_id"]) for line in told["profile"]] == [
            ("Lives in Rome [15 Jun 2025]", "rome")
        ]
        assert told["memories"][0]["memory_id"] == "plums"
        assert [one["memory_id"] for one in told["turns"]] == ["turn0", "turn1", "turn2"]
        assert told["text"].index("Lives in Rome") < told["text"].index("Plums ripen")
        assert told["text"].index("Plums ripen") < told["text"].index("Good morning, number 0")
        assert '1. "rome" 2. "plums" 3. "turn0"' in told["text"]
        of_one = await call("memory_context", conversation_id="c1")
        assert [one["memory_id"] for one in of_one["turns"]] == ["turn0", "turn1", "turn2"]
        assert of_one["memories"] == []
        assert "Say what the user wants" in of_one["note"]
        of_none = await call("memory_context", conversation_id="other")
        assert of_none["turns"] == []


async def test_context_keeps_to_its_size_and_says_what_it_left_out(memory: MemoryManager, clock: Clock) -> None:
    for i in range(12):
        await memory.store_memory(f"Plums, number {i}. " + "Ripe ones taste best. " * 20, "semantic")
    async with calling(memory) as call:
        small = await call("memory_context", about="plums", max_tokens=300)
        large = await call("memory_context", about="plums", max_tokens=3_000)
    assert len(small["memories"]) < len(large["memories"]) == 12
    assert len(small["text"]) < 4 * 300 + 400
    assert f"{12 - len(small['memories'])} more memories have no room: raise max_tokens" in small["note"]
    assert small["note"] in small["text"]


async def test_an_empty_memory_says_so(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        told = await call("memory_context", about="plums")
    assert (told["profile"], told["memories"], told["turns"]) == ([], [], [])
    assert "Nothing is remembered yet" in told["text"]
