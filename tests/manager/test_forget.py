"""Forgetting by the façade: nothing comes back, and everybody keeps what is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from tests.conftest import open_memory
from tests.fakes import Clock

FIRST = "I prefer meetings early in the morning, before the xyzzy office fills up."
SECOND = "I prefer meetings early in the morning, before the plugh office fills up."


@pytest.fixture
def folder(config: MemoryConfig) -> Path:
    return Path(config.vector_store.persist_directory)


def holds(folder: Path, text: str) -> bool:
    return any(text.encode() in part.read_bytes() for part in folder.iterdir())


async def merge_two(memory: MemoryManager, *, latest: str = "c2") -> str:
    for conversation, text in (("c1", FIRST), ("c2", SECOND)):
        await memory.store_memory(
            text, MemoryType.PREFERENCE, {"mine": f"value-of-{conversation}"}, memory_id=f"of-{conversation}",
            conversation_id=conversation, timestamp=200.0 if conversation == latest else 100.0,
        )  # fmt: skip
    merged = await memory.merge_memories(["of-c1", "of-c2"], despite_guards=True)
    assert merged.proposal.merged_id is not None
    return merged.proposal.merged_id


@pytest.mark.parametrize("gone", ["c1", "c2"])
@pytest.mark.parametrize("latest", ["c1", "c2"])
async def test_forgetting_a_conversation_leaves_what_the_other_said(
    memory: MemoryManager, folder: Path, gone: str, latest: str
) -> None:
    kept = {"c1": "c2", "c2": "c1"}[gone]
    words = {"c1": "xyzzy", "c2": "plugh"}
    merged_id = await merge_two(memory, latest=latest)
    before = await memory.get_memory(f"of-{kept}")
    assert before is not None
    receipt = await memory.forget(conversation_id=gone)
    assert (receipt.restored_ids, receipt.unmerged_ids, receipt.pending) == ([f"of-{kept}"], [merged_id], [])
    assert [m.memory_id for m in await memory.list_memories()] == [f"of-{kept}"]
    back = await memory.get_memory(f"of-{kept}")
    assert back == before.model_copy(update={"archived_at": None, "consolidated_into": None})
    [found] = await memory.retrieve_memories("meetings early in the morning", min_relevance=0.0)
    assert (found.memory_id, found.metadata) == (f"of-{kept}", {"mine": f"value-of-{kept}"})
    for word in (words[gone], f"value-of-{gone}", f"of-{gone}", merged_id):
        assert not holds(folder, word)
    assert holds(folder, words[kept])


@pytest.mark.parametrize(("gone", "travelled"), [("alpha", False), ("omega", True)])
async def test_of_what_two_conversations_said_each_goes_alone(
    memory: MemoryManager, config: MemoryConfig, clock: Clock, folder: Path, gone: str, travelled: bool
) -> None:
    kept = {"alpha": "omega", "omega": "alpha"}[gone]
    ids = [
        await memory.store_memory(
            text, MemoryType.PREFERENCE, {f"key-of-{talk}": f"value-of-{talk}", "title": f"Volume {talk}"},
            conversation_id=f"talk-{talk}", timestamp=at,
        )
        for talk, text, at in (("alpha", "I prefer Tea", 100.0), ("omega", "i PREFER tea", 200.0))
    ]  # fmt: skip
    assert ids == [ids[0]] * 2
    assert await memory.count() == 1
    if travelled:
        await memory.export_memories(folder.parent / "all.jsonl")
        await memory.forget(everything=True)
        await memory.import_memories(folder.parent / "all.jsonl")
    receipt = await memory.forget(conversation_id=f"talk-{gone}")
    assert (receipt.memories, receipt.rebuilt_ids, receipt.pending) == (0, [ids[0]], [])
    [found] = await memory.retrieve_memories("prefer tea", min_relevance=0.0)
    assert (found.memory_id, found.conversation_id) == (ids[0], f"talk-{kept}")
    said = {"alpha": ("I prefer Tea", 100.0), "omega": ("i PREFER tea", 200.0)}
    assert (found.content, found.timestamp) == said[kept]
    assert found.metadata == {f"key-of-{kept}": f"value-of-{kept}", "title": f"Volume {kept}"}
    assert [one.memory_id for one in await memory.get_conversation_context(f"talk-{kept}", 5)] == ids[:1]
    assert not holds(folder, gone)
    assert holds(folder, f"talk-{kept}")
    assert (await memory.forget(conversation_id=f"talk-{kept}")).memories == 1
    assert not holds(folder, kept)


async def test_deleting_an_original_takes_its_words_out_of_the_merged_memory(
    memory: MemoryManager, folder: Path
) -> None:
    await merge_two(memory)
    assert await memory.delete_memory("of-c2")
    assert not holds(folder, "plugh")
    assert [m.content for m in await memory.list_memories()] == [FIRST]
    [run] = await memory.list_consolidations()
    undone = await memory.undo_consolidation(run.run_id)
    assert (undone.restored_ids, undone.missing) == ([], 1)
    assert await memory.delete_memory("of-c1")
    assert not holds(folder, "xyzzy")
    assert await memory.list_memories(archived=True) == await memory.list_memories() == []


async def test_undoing_a_merge_leaves_nothing_of_what_the_merged_memory_became(
    memory: MemoryManager, folder: Path
) -> None:
    merged_id = await merge_two(memory)
    await memory.update_memory(merged_id, content="I prefer meetings at frobozz.")
    [run] = await memory.list_consolidations()
    assert (await memory.undo_consolidation(run.run_id)).removed_ids == [merged_id]
    assert not holds(folder, "frobozz")
    assert holds(folder, "xyzzy")


async def test_deleting_the_merged_memory_takes_its_originals(memory: MemoryManager, folder: Path) -> None:
    merged_id = await merge_two(memory)
    assert await memory.delete_memory(merged_id)
    assert await memory.count() + await memory.count(archived=True) == 0
    assert not holds(folder, "xyzzy")
    assert not holds(folder, "plugh")


async def test_what_is_counted_and_learned_late_brings_nothing_back(
    config: MemoryConfig, clock: Clock, folder: Path
) -> None:
    async with open_memory(config, clock) as memory:
        tenant = memory.for_namespace("xyzzytenant")
        await tenant.enable_auto_learning("plughtalk")
        await tenant.store_memory("I work as a nurse at Frobozz Hospital.", conversation_id="plughtalk")
        await tenant.retrieve_memories("nurse", min_relevance=0.0)
        # What waits to be learned from is, and then goes as well.
        assert (await tenant.forget(conversation_id="plughtalk")).memories >= 2
        assert await tenant.list_memories() == []
        assert not holds(folder, "Frobozz")
        assert not holds(folder, "plughtalk")
        await tenant.store_memory("The last one")
        await tenant.retrieve_memories("last", min_relevance=0.0)
        await tenant.forget(everything=True)
    assert not holds(folder, "xyzzytenant")


async def test_a_conversation_is_learned_from_still_where_only_a_part_of_it_went(memory: MemoryManager) -> None:
    await memory.enable_auto_learning("c")
    await memory.store_memory("I work as a nurse.", conversation_id="c", timestamp=5.0)
    await memory.forget(conversation_id="c", until=10.0)
    assert await memory.disable_auto_learning("c")


async def test_caches_and_waiting_events_let_go(memory: MemoryManager) -> None:
    await memory.enable_caching()
    await memory.store_memory("xyzzy likes tea", memory_id="a", importance_score=0.9, conversation_id="c")
    await memory.store_memory("plugh likes tea", memory_id="b", importance_score=0.9)
    await memory.preload_important_memories()
    stream = memory.events(include_content=True)
    assert len(await memory.retrieve_memories("likes tea", min_relevance=0.0)) == 2
    cache = memory.services.resources.cache
    assert "xyzzy" in repr(cache._values)
    await memory.delete_memory("a")
    assert "xyzzy" not in repr(cache._values)
    assert "plugh" in repr(cache._values)
    heard = [await anext(stream) for _ in range(2)]
    assert [event.name for event in heard] == ["retrieved", "deleted"]
    assert [memory.content for memory in heard[0].memories] == ["plugh likes tea"]


async def test_listeners_hear_of_what_came_back(memory: MemoryManager) -> None:
    merged_id = await merge_two(memory)
    stream = memory.events(["deleted", "updated"])
    await memory.delete_memory("of-c1")
    heard = [await anext(stream) for _ in range(2)]
    assert [(event.name, event.memory_ids) for event in heard] == [
        ("deleted", ["of-c1", merged_id]),
        ("updated", ["of-c2"]),
    ]


async def test_cleaning_up_makes_merged_memories_anew(memory: MemoryManager, clock: Clock) -> None:
    merged_id = await merge_two(memory)
    await memory.update_memory(merged_id, importance_score=0.01)
    clock.advance(400 * 86_400)
    result = await memory.cleanup_old_memories(max_age_days=30, min_importance=0.3, max_access_count=1)
    assert (result.memory_ids, result.removed.memories, result.removed.pending) == ([merged_id], 3, [])
