"""Learning: one answer from all stores, whatever the ids."""

from __future__ import annotations

from typing import Any

from coda_graphmem import MemoryManager
from tests.congruence.stores import Stores


async def shown(memory: MemoryManager) -> list[tuple[Any, ...]]:
    """All memories by content, links by the content of their targets."""
    found = {item.memory_id: item for item in await memory.list_memories(order="oldest")}
    return sorted(
        (
            item.content,
            item.memory_type.value,
            round(item.importance_score, 6),
            item.conversation_id or "",
            tuple(found[target].content for target in item.possibly_outdated_by),
        )
        for item in found.values()
    )


async def test_facts_feedback_and_settings(stores: Stores) -> None:
    async def talk(memory: MemoryManager) -> list[tuple[Any, ...]]:
        await memory.enable_auto_learning("c1", 0.2, 0.6)
        await memory.store_memory("I have asthma", conversation_id="c1")
        await memory.services.learning.auto.background.settle()
        await memory.learn_from_interaction("I love coffee", "ok")
        await memory.learn_from_interaction("I hate coffee", "ok")
        await memory.retrieve_memories("coffee", min_relevance=0.0)
        await memory.learn_from_interaction("thanks", "No coffee then", {"rating": 1}, "c1")
        assert await memory.disable_auto_learning("c1")
        assert not await memory.disable_auto_learning("c1")
        return await shown(memory)

    views = await stores.each(talk)
    first = next(iter(views.values()))
    assert all(view == first for view in views.values()), views
    by_content = {row[0]: row for row in first}
    assert by_content["User loves coffee."][4] == ("User hates coffee.",)
    assert by_content["User has asthma."][3] == "c1"
    assert by_content["User loves coffee."][2] < 0.65
