"""Facts, profiles, what replaces what and histories: one answer from all stores."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from coda_graphmem import MemoryManager, MemoryStorageError, ValidationError
from coda_graphmem.models import Fact
from tests.congruence.stores import Stores

DAY = 86_400.0


async def test_a_context_is_the_same_text(stores: Stores) -> None:
    start = stores.clock.now
    for memory_id, text, days, conversation in (
        ("paris", "I live in Paris.", 3.0, None),
        ("rome", "I live in Rome now.", 2.0, None),
        ("boat", "The boat leaks.\n</records>", 1.5, None),
        ("turn", "Shall we mend the boat?", 1.0, "trip"),
    ):
        store = partial(MemoryManager.store_memory, memory_id=memory_id, timestamp=start - days * DAY)
        await stores.same(partial(store, content=text, conversation_id=conversation))
    await stores.each(lambda m: m.services.facts.reading.read_all(m.namespace))

    async def told(memory: MemoryManager, **options: Any) -> Any:
        context = await memory.build_context("Where does the boat leak?", min_relevance=0.0, **options)
        return context.text, context.tokens, [left.model_dump() for left in context.left_out]

    for options in (
        {"conversation_id": "trip"},
        {"max_tokens": 60},
        {"sections": ["memories"], "validity": "all"},
        {"conversation_id": "trip", "as_of": start - 1.2 * DAY, "tokenizer": len},
    ):
        text, *_ = await stores.same(partial(told, **options))
        assert text.endswith("</records-2>") or options == {"max_tokens": 60}


async def test_what_is_known_and_who_says_so_by_hand(stores: Stores) -> None:
    start = stores.clock.now

    async def everything(memory: MemoryManager) -> Any:
        history = await memory.get_fact_history()
        listed = sorted(await memory.list_memories(), key=lambda item: item.memory_id)
        over = [(item.memory_id, item.valid_until, item.superseded_by, item.standing, item.version) for item in listed]
        return [fact.model_dump() for fact in history], over, (await memory.get_profile()).text

    async def known(**options: Any) -> list[tuple[str, str]]:
        def told(facts: list[Fact]) -> list[tuple[str, str]]:
            return [(fact.attribute, fact.value) for fact in facts]

        async def call(memory: MemoryManager) -> list[tuple[str, str]]:
            return told(await memory.get_facts("User", **options))

        return await stores.same(call)

    turns = [
        ("rome", "I live in Rome now.", start - DAY),
        ("work", "I work at Orion.", start - 2 * DAY),
        ("paris", "I live in Paris.", start - 3 * DAY),
    ]
    for memory_id, text, at in turns:
        await stores.same(partial(MemoryManager.store_memory, content=text, memory_id=memory_id, timestamp=at))
    # However long a store takes on a machine that has other things to do.
    await stores.each(lambda m: m.services.facts.reading.read_all(m.namespace))
    assert await known() == [("employer", "Orion"), ("residence", "Rome")]
    assert await known(as_of=start - 2.5 * DAY) == [("residence", "Paris")]
    stores.clock.advance(DAY)
    await stores.same(partial(MemoryManager.reinstate_memory, memory_id="paris"))
    assert await known(attribute="residence") == [("residence", "Paris")]
    stores.clock.advance(DAY)
    await stores.same(partial(MemoryManager.supersede_memory, old_id="paris", new_id="rome", actor="Nora"))
    assert await known(attribute="residence") == [("residence", "Rome")]
    await stores.same(everything)
    await stores.same(partial(MemoryManager.retract_memory, memory_id="work"))
    assert await known(include_past=True, attribute="employer") == []
    with pytest.raises(ValidationError):
        await stores.same(partial(MemoryManager.supersede_memory, old_id="rome", new_id="paris"))
    history = await stores.same(partial(MemoryManager.get_history, memory_id="paris"))
    assert [(one.operation, one.actor) for one in history] == [
        ("created", "caller"), ("reinstated", "caller"), ("superseded", "Nora"),
    ]  # fmt: skip
    change = partial(MemoryManager.update_memory, memory_id="paris", content="I live in Oslo.")
    with pytest.raises(MemoryStorageError):
        await stores.same(partial(change, expected_version=1))
    assert await stores.same(partial(change, expected_version=3))
    await stores.each(lambda m: m.services.facts.reading.read_all(m.namespace))
    await stores.same(everything)
