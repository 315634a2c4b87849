"""Conversations: order, short-term memory, and what the graph links to them."""

from __future__ import annotations

import asyncio

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from tests.conftest import open_memory
from tests.fakes import Clock


async def context(memory: MemoryManager, conversation: str = "c", **options: int) -> list[str]:
    return [m.memory_id for m in await memory.get_conversation_context(conversation, **options)]


async def test_memories_follow_one_another_by_time_then_by_arrival(memory: MemoryManager) -> None:
    await memory.store_memory("late", conversation_id="c", timestamp=30.0, memory_id="late")
    await memory.store_memories_batch(
        [
            {"content": "second", "conversation_id": "c", "timestamp": 10.0, "memory_id": "second"},
            {"content": "first", "conversation_id": "c", "timestamp": 5.0, "memory_id": "first"},
            {"content": "third", "conversation_id": "c", "timestamp": 10.0, "memory_id": "a third"},
        ]
    )
    assert await context(memory) == ["first", "second", "a third", "late"]
    assert await context(memory, max_memories=2) == ["a third", "late"]
    assert await context(memory, "other") == []


async def test_short_term_memories_end_exactly(memory: MemoryManager, clock: Clock) -> None:
    short = await memory.store_short_term_memory("User asked about Paris", "c", ttl_minutes=30)
    clock.advance(1)
    await memory.store_memory("User booked a flight", conversation_id="c", memory_id="flight")
    assert await context(memory) == [short, "flight"]
    stored = await memory.get_memory(short)
    assert stored is not None
    assert stored.memory_type is MemoryType.CONTEXTUAL
    assert stored.expires_at == clock.now - 1 + 30 * 60
    clock.advance(30 * 60 - 2)
    assert await context(memory) == [short, "flight"]
    clock.advance(1)
    assert await context(memory) == ["flight"]
    assert await memory.get_memory(short) is None
    assert (await memory.get_memory_stats()).short_term_memories == 0


async def test_short_term_memories_take_their_arguments(memory: MemoryManager, clock: Clock) -> None:
    short = await memory.store_short_term_memory("Tired", "c", 1, {"k": "v"}, 0.9, memory_type=MemoryType.EMOTIONAL)
    stored = await memory.get_memory(short)
    assert stored is not None
    assert (stored.metadata, stored.importance_score, stored.memory_type) == ({"k": "v"}, 0.9, MemoryType.EMOTIONAL)


async def test_long_term_search_never_sees_short_term_memories(memory: MemoryManager) -> None:
    await memory.store_short_term_memory("The code is 1234 says Maria", "c")
    await memory.store_memory("Maria lives here", memory_id="kept")
    for mode in ("graph", "hybrid", "vector", "text"):
        found = await memory.retrieve_memories("the code says Maria", mode=mode, min_relevance=0)
        assert [m.memory_id for m in found] == ["kept"]
    assert await memory.count() == 1
    assert [m.memory_id for m in await memory.list_memories()] == ["kept"]
    assert [m.memory_id for m in await memory.retrieve_recent_memories()] == ["kept"]


async def test_short_term_memories_survive_a_restart(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        short = await memory.store_short_term_memory("Back in a minute", "c", ttl_minutes=5)
    clock.advance(5 * 60 - 1)
    async with open_memory(config, clock) as memory:
        assert await context(memory) == [short]
        clock.advance(1)
        assert await context(memory) == []
    async with open_memory(config, clock) as memory:
        assert await context(memory) == []
        assert await memory.get_memory(short) is None


async def test_the_context_holds_the_newest_of_both_kinds_each_once(memory: MemoryManager, clock: Clock) -> None:
    ids = []
    for i in range(6):
        clock.advance(1)
        if i % 2:
            ids.append(await memory.store_short_term_memory(f"passing {i}", "c", ttl_minutes=1))
        else:
            ids.append(await memory.store_memory(f"lasting {i}", conversation_id="c"))
    assert await memory.promote_memory(ids[1])
    assert await context(memory) == ids
    assert await context(memory, max_memories=3) == ids[3:]
    clock.advance(60)
    assert await context(memory) == [ids[0], ids[1], ids[2], ids[4]]


async def test_promoting_keeps_a_memory_for_good(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        short = await memory.store_short_term_memory("The code is 1234 says Maria", "c", ttl_minutes=5)
        passing = await memory.store_short_term_memory("Nothing of importance", "c", ttl_minutes=5)
        clock.advance(5 * 60 - 1)
        assert await memory.promote_memory(short)
        assert await memory.promote_memory(short)
        assert not await memory.promote_memory("nobody")
        clock.advance(1)
        assert not await memory.promote_memory(passing)
        assert not await memory.update_memory(passing, importance_score=0.9)
    async with open_memory(config, clock) as memory:
        clock.advance(10**6)
        assert await context(memory) == [short]
        for mode in ("graph", "vector", "text"):
            found = await memory.retrieve_memories("which code does Maria say", mode=mode, min_relevance=0)
            assert [m.memory_id for m in found] == [short]
        [entity] = await memory.list_entities()
        assert (entity.name, entity.mention_count) == ("Maria", 1)


@pytest.mark.parametrize("deduplicate", [True, False])
async def test_what_was_promoted_is_known_when_it_is_said_again(
    config: MemoryConfig, clock: Clock, deduplicate: bool
) -> None:
    async with open_memory(config.model_copy(update={"deduplicate": deduplicate}), clock) as memory:
        said = ("Maria rows", "c", 5, {"speaker": " Nora "})
        short = await memory.store_short_term_memory(*said, memory_type=MemoryType.SEMANTIC)
        clock.advance(60)
        assert await memory.promote_memory(short)
        again = await memory.store_memory("maria  ROWS", MemoryType.SEMANTIC, {"speaker": "Nora"})
        assert (again == short) is deduplicate
        assert await memory.store_memory("Maria rows", MemoryType.SEMANTIC, {"speaker": "Ben"}) != short


async def test_promoting_keeps_to_the_limit(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config.model_copy(update={"max_memories": 1}), clock) as memory:
        await memory.store_memory("weak", importance_score=0.1, memory_id="weak")
        short = await memory.store_short_term_memory("strong", "c", importance_score=0.9)
        await memory.promote_memory(short)
        assert [m.memory_id for m in await memory.list_memories()] == [short]


@pytest.fixture
async def linked(memory: MemoryManager) -> MemoryManager:
    """c: talk — (Maria) — cello — (Anna) — anna — (Tom) — tom — (Rex) — rex."""
    turns = [
        ("talk", "Dinner with Maria", "c"),
        ("cello", "Maria teaches the cello to Anna", "d"),
        ("anna", "Anna is a neighbour of Tom", None),
        ("tom", "Tom walks Rex every day", "e"),
        ("rex", "Food for Rex costs a lot", None),
        ("apart", "Nothing in common with anybody", None),
    ]
    for i, (memory_id, content, conversation) in enumerate(turns):
        await memory.store_memory(content, memory_id=memory_id, conversation_id=conversation, timestamp=float(i))
    return memory


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0, {"talk"}),
        (1, {"talk", "cello"}),
        (2, {"talk", "cello", "anna"}),
        (3, {"talk", "cello", "anna", "tom"}),
        (4, {"talk", "cello", "anna", "tom", "rex"}),
    ],
)
async def test_each_step_of_depth_reaches_further(linked: MemoryManager, depth: int, expected: set[str]) -> None:
    found = await linked.retrieve_contextual_memories("c", max_depth=depth)
    assert {m.memory_id for m in found} == expected


async def test_contextual_retrieval_explains_its_paths(linked: MemoryManager) -> None:
    found = await linked.retrieve_contextual_memories("c", explain=True)
    by_id = {m.memory_id: m for m in found}
    assert by_id["cello"].explanation is not None
    path = by_id["cello"].explanation.paths[0]
    assert (path.seed_id, path.via, path.entity_key, path.depth) == ("talk", "Maria", "maria", 1)
    assert by_id["anna"].explanation is not None
    assert by_id["anna"].explanation.paths[0].depth == 2
    plain = await linked.retrieve_contextual_memories("c")
    assert all(m.explanation is None for m in plain)


async def test_contextual_retrieval_narrows(linked: MemoryManager) -> None:
    own = await linked.retrieve_contextual_memories("c", include_related=False)
    assert [m.memory_id for m in own] == ["talk"]
    assert len(await linked.retrieve_contextual_memories("c", limit=1)) == 1
    await linked.store_memory("Maria likes dogs", MemoryType.PREFERENCE, memory_id="dogs")
    found = await linked.retrieve_contextual_memories("c", memory_types=["preference"])
    assert "cello" not in {m.memory_id for m in found}
    assert await linked.retrieve_contextual_memories("no such conversation") == []


async def test_neighbours_in_a_conversation_are_a_step(memory: MemoryManager) -> None:
    for i, text in enumerate(["We met Maria", "it was late", "then it rained", "so we left"]):
        await memory.store_memory(text, conversation_id="d", memory_id=str(i), timestamp=float(i))
    await memory.store_memory("Maria again", conversation_id="c", memory_id="start")
    one = await memory.retrieve_contextual_memories("c", max_depth=1)
    two = await memory.retrieve_contextual_memories("c", max_depth=2)
    assert {m.memory_id for m in one} == {"start", "0"}
    assert {m.memory_id for m in two} == {"start", "0", "1"}


async def test_concurrent_turns_keep_an_order(memory: MemoryManager) -> None:
    await asyncio.gather(
        *(memory.store_memory(f"turn {i}", conversation_id="c", timestamp=float(i % 7)) for i in range(30))
    )
    found = await memory.get_conversation_context("c", max_memories=100)
    assert len(found) == 30
    assert [m.timestamp for m in found] == sorted(m.timestamp for m in found)


async def test_what_was_learned_does_not_take_the_place_of_what_was_said(memory: MemoryManager) -> None:
    for i in range(6):
        await memory.store_memory(f"turn {i}", conversation_id="c", memory_id=f"t{i}", metadata={"speaker": "Nora"})
        await memory.store_memory(
            f"User has fact {i}", "semantic", {"learned": True}, conversation_id="c", memory_id=f"f{i}"
        )
    assert await context(memory, "c", max_memories=4) == ["t2", "t3", "t4", "t5"]
    assert await context(memory, "c") == [f"t{i}" for i in range(6)]
    await memory.store_memory("User has a dog", "semantic", {"learned": True}, conversation_id="d", memory_id="dog")
    assert await context(memory, "d") == ["dog"]
