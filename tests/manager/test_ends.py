"""Memories that end, and ids that exist."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coda_graphmem import MemoryManager, MemoryType, ValidationError
from tests.fakes import Clock


async def test_a_memory_is_there_until_its_end_exactly(memory: MemoryManager, clock: Clock) -> None:
    now = clock()
    ids = [
        await memory.store_memory("Maria likes tea", MemoryType.SEMANTIC, expires_at=now + 10),
        await memory.store_memory("Maria likes wine", MemoryType.SEMANTIC, ttl=10),
        await memory.store_memory("Maria likes milk", MemoryType.SEMANTIC, ttl=timedelta(seconds=10)),
    ]
    lasting = await memory.store_memory("Maria likes water", MemoryType.SEMANTIC)
    found = await memory.get_memories(ids)
    assert [(m.expires_at, m.lifetime) for m in found] == [(now + 10, "long_term")] * 3
    clock.now = now + 9.999
    assert await memory.count() == 4
    for mode in ("graph", "vector", "text"):
        assert len(await memory.retrieve_memories("Maria", mode=mode, min_relevance=0)) == 4
    clock.now = now + 10
    assert await memory.count() == 1
    assert [m.memory_id for m in await memory.list_memories()] == [lasting]
    assert await memory.get_memory(ids[0]) is None
    assert await memory.update_memory(ids[0], content="again") is False
    for mode in ("graph", "vector", "text"):
        found = await memory.retrieve_memories("Maria tea wine", mode=mode, min_relevance=0)
        assert [m.memory_id for m in found] == [lasting]


async def test_an_end_goes_from_cached_results(memory: MemoryManager, clock: Clock) -> None:
    await memory.enable_caching()
    await memory.store_memory("Maria likes tea", ttl=10)
    assert len(await memory.retrieve_memories("Maria", min_relevance=0)) == 1
    clock.now += 10
    assert await memory.retrieve_memories("Maria", min_relevance=0) == []


async def test_recalls_put_off_an_end_where_that_is_asked_for(memory: MemoryManager, clock: Clock) -> None:
    for content, refresh in (("Maria likes tea", True), ("Tom likes wine", False)):
        await memory.store_memory(content, ttl=10, refresh_on_read=refresh, memory_id=content[:3])
    start = clock()
    for _ in range(3):
        clock.now += 8
        assert [m.memory_id for m in await memory.retrieve_memories("Maria", mode="text")] == ["Mar"]
        await memory.get_memory("Mar")
    assert await memory.get_memory("Tom") is None
    kept = await memory.get_memory("Mar")
    assert kept is not None
    assert kept.expires_at == start + 34
    clock.now += 10
    assert await memory.retrieve_memories("Maria", min_relevance=0) == []


async def test_ends_that_make_no_sense(memory: MemoryManager, clock: Clock) -> None:
    with pytest.raises(ValidationError, match="over already"):
        await memory.store_memory("x", expires_at=clock())
    with pytest.raises(ValidationError, match="excludes"):
        await memory.store_memory("x", expires_at=clock() + 5, ttl=5)
    with pytest.raises(ValidationError, match="needs a ttl"):
        await memory.store_memory("x", refresh_on_read=True)
    for wrong in (0, -1, float("inf"), True, "soon", timedelta(0)):
        with pytest.raises(ValidationError, match="ttl"):
            await memory.store_memory("x", ttl=wrong)  # type: ignore[arg-type]
    assert await memory.count() == 0


async def test_an_end_can_be_given_and_taken_away(memory: MemoryManager, clock: Clock) -> None:
    memory_id = await memory.store_memory("Maria likes tea")
    assert await memory.update_memory(memory_id, expires_at=clock() + 5)
    kept = await memory.get_memory(memory_id)
    assert kept is not None
    assert kept.expires_at == clock() + 5
    assert await memory.update_memory(memory_id, expires_at="never")
    clock.now += 10
    kept = await memory.get_memory(memory_id)
    assert kept is not None
    assert kept.expires_at is None
    with pytest.raises(ValidationError, match="over already"):
        await memory.update_memory(memory_id, expires_at=clock() - 1)
    passing = await memory.store_short_term_memory("now", "c")
    with pytest.raises(ValidationError, match="promote_memory"):
        await memory.update_memory(passing, expires_at="never")


async def test_an_id_that_exists(memory: MemoryManager) -> None:
    events: list[str] = []
    memory.subscribe(lambda event: events.append(event.name))
    await memory.store_memory("Maria likes tea", MemoryType.SEMANTIC, {"a": 1}, memory_id="x", tags=["t"])
    with pytest.raises(ValidationError, match="memory_id"):
        await memory.store_memory("Maria likes wine", MemoryType.SEMANTIC, memory_id="x")
    assert await memory.store_memory("Maria likes wine", memory_id="x", on_conflict="keep") == "x"
    kept = await memory.get_memory("x")
    assert kept is not None
    assert (kept.content, kept.version) == ("Maria likes tea", 1)
    stored = await memory.store_memories_batch(
        [{"content": "Maria likes wine", "memory_id": "x", "metadata": {"b": 2}, "importance_score": 0.9},
         {"content": "new", "memory_id": "y"}],
        on_conflict="update",
    )  # fmt: skip
    assert stored == ["x", "y"]
    kept = await memory.get_memory("x")
    assert kept is not None
    assert (kept.content, kept.metadata, kept.importance_score) == ("Maria likes wine", {"b": 2}, 0.9)
    assert (kept.memory_type, kept.tags, kept.version) == (MemoryType.EPISODIC, ["t"], 2)
    assert [m.memory_id for m in await memory.retrieve_memories("wine", mode="text")] == ["x"]
    assert await memory.retrieve_memories("tea", mode="text") == []
    assert (await memory.get_history("x"))[0].content == "Maria likes tea"
    # The same again changes nothing.
    await memory.store_memory("Maria likes wine", metadata={"b": 2}, memory_id="x", on_conflict="update")
    kept = await memory.get_memory("x")
    assert kept is not None
    assert kept.version == 2


async def test_what_an_update_never_changes(memory: MemoryManager) -> None:
    await memory.store_memory("one", memory_id="x", conversation_id="c", user_id="anna", timestamp=5)
    for field, given in (
        ("conversation_id", {"conversation_id": "d", "user_id": "anna"}),
        ("user_id", {"conversation_id": "c", "user_id": "bob"}),
        ("timestamp", {"conversation_id": "c", "user_id": "anna", "timestamp": 6}),
    ):
        with pytest.raises(ValidationError, match=field):
            await memory.store_memory("two", memory_id="x", on_conflict="update", **given)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="given twice"):
        await memory.store_memories_batch(
            [{"content": "a", "memory_id": "z"}, {"content": "b", "memory_id": "z"}], on_conflict="update"
        )
    assert await memory.count() == 1
