"""A few memories of which some say the same."""

from __future__ import annotations

from coda_graphmem import MemoryManager, MemoryType
from tests.fakes import Clock


async def fill(memory: MemoryManager, clock: Clock) -> None:
    """Two that say the same, one of another number, and an older and a newer statement."""
    await memory.store_memory("I like ripe plums.", MemoryType.PREFERENCE, {"a": 1}, 0.4, memory_id="like")
    await memory.store_memory("I bought three plums.", MemoryType.SEMANTIC, memory_id="three")
    await memory.store_memory("I live in Paris.", MemoryType.SEMANTIC, memory_id="paris")
    clock.advance(60)
    await memory.store_memory(
        "I love ripe plums.", MemoryType.PREFERENCE, {"b": 2}, 0.6, memory_id="love", conversation_id="c"
    )
    await memory.store_memory("I bought five plums.", MemoryType.SEMANTIC, memory_id="five")
    await memory.store_memory("I live in Rome now.", MemoryType.SEMANTIC, memory_id="rome")
