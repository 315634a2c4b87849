"""Tools that write."""

from __future__ import annotations

from datetime import UTC, datetime

from coda_graphmem import MemoryManager
from tests.fakes import Clock
from tests.mcp.clients import calling


async def test_remember_keeps_all_that_was_given(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        kept = await call(
            "memory_remember",
            content="Maria prefers trains.",
            memory_type="preference",
            importance=0.7,
            happened_at="2025-03-02",
            conversation_id="c1",
            speaker="Maria",
            source="notes.md",
            metadata={"project": "x"},
        )
    stored = await memory.get_memory(kept["memory_id"])
    assert stored is not None
    assert (stored.content, stored.memory_type.value, stored.importance_score) == (
        "Maria prefers trains.",
        "preference",
        0.7,
    )
    assert stored.metadata == {"project": "x", "speaker": "Maria", "source": "notes.md"}
    assert stored.conversation_id == "c1"
    assert datetime.fromtimestamp(stored.timestamp, UTC).date().isoformat() == "2025-03-02"
    assert (kept["is_new"], kept["version"], kept["namespace"]) == (True, 1, "default")
    assert kept["memory_id"] in kept["text"]


async def test_remember_says_what_was_known(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        first = await call("memory_remember", content="The team meets on Monday.")
        assert first["similar"] == []
        again = await call("memory_remember", content="the team meets on monday.")
        assert (again["memory_id"], again["is_new"]) == (first["memory_id"], False)
        assert "known already and was said 2 times" in again["note"]
        other = await call("memory_remember", content="The team meets on Tuesday.")
        assert [one["memory_id"] for one in other["similar"]] == [first["memory_id"]]
        assert "> The team meets on Monday." in other["text"]
        assert "memory_supersede" in other["note"]
    stored = await memory.get_memory(first["memory_id"])
    assert stored is not None
    assert stored.access_count == 0


async def test_remember_refuses_what_it_cannot_keep(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        assert "content: is empty" in await call.refused("memory_remember", content=" ")
        assert "memory_type" in await call.refused("memory_remember", content="x", memory_type="dream")
        assert "importance: 2" in await call.refused("memory_remember", content="x", importance=2)
        assert "speaker" in await call.refused("memory_remember", content="x", speaker="A", metadata={"speaker": "B"})
    assert await memory.count() == 0


async def test_update_changes_the_version_that_was_seen_and_no_other(memory: MemoryManager) -> None:
    await memory.store_memory("Maria rows.", "semantic", {"a": 1}, 0.4, memory_id="m")
    async with calling(memory) as call:
        done = await call(
            "memory_update",
            memory_id="m",
            expected_version=1,
            content="Maria rows in Berlin.",
            memory_type="preference",
            importance=0.9,
            metadata={"b": 2},
        )
        assert done["version"] == 2
        stored = await memory.get_memory("m")
        assert stored is not None
        assert (stored.content, stored.memory_type.value, stored.importance_score, stored.metadata) == (
            "Maria rows in Berlin.",
            "preference",
            0.9,
            {"b": 2},
        )
        late = await call.refused("memory_update", memory_id="m", expected_version=1, content="Maria swims.")
        assert "has version 2 by now, not 1" in late
        assert "memory_get" in late
        assert "expected_version: is missing" in await call.refused("memory_update", memory_id="m", content="x")
        assert "nothing to change" in await call.refused("memory_update", memory_id="m", expected_version=2)
        nobody = await call.refused("memory_update", memory_id="n", expected_version=1, content="x")
        assert 'no memory "n" in namespace "default"' in nobody
    assert (await memory.get_history("m"))[-1].actor == "mcp"
    assert (await memory.get_memory("m")).content == "Maria rows in Berlin."


async def test_supersede_by_a_text_or_by_a_memory(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("The office is in Paris.", "semantic", memory_id="paris")
    clock.advance(86_400)
    async with calling(memory) as call:
        done = await call("memory_supersede", old_id="paris", content="The office is in Rome.", at="2025-06-16")
        old = await memory.get_memory("paris")
        assert (old.standing, old.superseded_by) == ("superseded", done["new_id"])
        assert datetime.fromtimestamp(old.standing_at, UTC).date().isoformat() == "2025-06-16"
        await memory.store_memory("The office is in Berlin.", "semantic", memory_id="berlin")
        done = await call("memory_supersede", old_id=done["new_id"], new_id="berlin")
        assert done["new_id"] == "berlin"
        assert 'no memory "x"' in await call.refused("memory_supersede", old_id="x", content="y")
        assert 'new_id: there is no memory "x"' in await call.refused("memory_supersede", old_id="paris", new_id="x")
        assert "content: is missing" in await call.refused("memory_supersede", old_id="paris")
        assert "excludes" in await call.refused("memory_supersede", old_id="paris", content="y", new_id="berlin")
        assert "yet to come" in await call.refused("memory_supersede", old_id="paris", content="y", at="2099-01-01")


async def test_forget_takes_memories_and_their_facts_out_until_it_is_taken_back(
    memory: MemoryManager, clock: Clock
) -> None:
    await memory.store_memory("I live in Rome.", "semantic", memory_id="rome")
    await memory.store_memory("I like plums.", "preference", memory_id="plums")
    clock.advance(60)

    async def known() -> list[str]:
        return sorted(fact.value for fact in await memory.get_facts("User"))

    before = await known()
    assert before == ["Rome", "plums"]
    async with calling(memory) as call:
        gone = await call("memory_forget", memory_ids=["rome", "nothing"])
        assert (gone["forgotten"], gone["missing"]) == (["rome"], ["nothing"])
        assert gone["undo_id"] in gone["text"]
        assert await known() == ["plums"]
        found = await call("memory_search", query="Where do I live, in Rome?")
        assert "rome" not in [one["memory_id"] for one in found["memories"]]
        assert (await memory.get_memory("rome")).archived_at == clock.now
        clock.advance(60)
        again = await call("memory_forget", memory_ids=["rome"])
        assert (again["forgotten"], again["forgotten_before"], again["undo_id"]) == ([], ["rome"], gone["undo_id"])
        other = await call("memory_forget", memory_ids=["plums"])
        assert other["undo_id"] != gone["undo_id"]
        back = await call("memory_forget", undo_id=gone["undo_id"])
        assert back["restored"] == ["rome"]
        assert await known() == ["Rome"]
        assert "works once" in await call.refused("memory_forget", undo_id=gone["undo_id"])
        assert (await call("memory_forget", undo_id=other["undo_id"]))["restored"] == ["plums"]
    assert await known() == before
    assert (await memory.get_memory("rome")).standing is None


async def test_forget_does_not_bring_back_what_the_limit_archived_or_somebody_retracted(
    memory: MemoryManager, clock: Clock
) -> None:
    for name in ("weak", "wrong", "gone"):
        await memory.store_memory(f"Plums, {name}.", "semantic", memory_id=name)
    await memory.retract_memory("wrong")
    clock.advance(60)
    await memory.archive_memories(["weak"])
    async with calling(memory) as call:
        done = await call("memory_forget", memory_ids=["gone", "wrong"])
        back = await call("memory_forget", undo_id=done["undo_id"])
    assert back["restored"] == ["gone", "wrong"]
    assert (await memory.get_memory("weak")).archived_at is not None
    assert (await memory.get_memory("wrong")).standing == "retracted"


async def test_forget_wants_ids_or_an_undo_id(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        assert "memory_ids: is missing" in await call.refused("memory_forget")
        assert "excludes undo_id" in await call.refused("memory_forget", memory_ids=["m"], undo_id="x")
        assert 'No such memory in namespace "default": "m"' in await call.refused("memory_forget", memory_ids=["m"])
        assert "undo_id" in await call.refused("memory_forget", undo_id="forget-1")
