"""Archived memories come back as they were, but for what another memory says by now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryEvent, MemoryManager, MemoryType
from tests.conftest import open_memory
from tests.fakes import Clock


@pytest.fixture
async def full(tmp_path: Path, clock: Clock) -> AsyncIterator[MemoryManager]:
    """Three memories, of which two are archived as the weakest."""
    config = MemoryConfig(
        max_memories=1, similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "memory"}
    )
    async with open_memory(config, clock) as memory:
        for i, content in enumerate(["Maria rows in Berlin.", "Tom sings.", "Rex barks."]):
            await memory.store_memory(content, importance_score=0.2 + i / 10, memory_id=f"m{i}", conversation_id="c")
        yield memory


async def test_an_archived_memory_is_found_again(full: MemoryManager, clock: Clock) -> None:
    archived = await full.get_memory("m0", as_of=clock.now)
    assert archived is not None
    assert archived.archived_at is not None
    assert [m.memory_id for m in await full.retrieve_memories("who rows in Berlin?", min_relevance=0.0)] == ["m2"]
    clock.advance(60)
    heard: list[MemoryEvent] = []
    async with full.subscribe(heard.append):
        result = await full.unarchive_memories(["m0", "m2", "nothing", "m0"])
    assert (result.restored_ids, result.live_ids, result.merged, result.missing_ids) == (
        ["m0"],
        ["m2"],
        {},
        ["nothing"],
    )
    back = await full.get_memory("m0", as_of=clock.now - 60)
    assert back == archived.model_copy(update={"archived_at": None, "updated_at": clock.now})
    assert (await full.retrieve_memories("who rows in Berlin?", min_relevance=0.0))[0].memory_id == "m0"
    assert [m.memory_id for m in await full.get_conversation_context("c")] == ["m0", "m2"]
    assert [(e.name, e.memory_ids, e.details) for e in heard] == [("updated", ["m0"], {"unarchived": True})]
    assert (await full.unarchive_memories(["m0"])).live_ids == ["m0"]


async def test_the_limit_holds_for_what_came_back(full: MemoryManager) -> None:
    await full.unarchive_memories(["m0", "m1"])
    assert await full.count() == 3
    await full.run_job("limit")
    assert [m.memory_id for m in await full.list_memories()] == ["m2"]


async def test_originals_of_a_merge_name_the_run_to_undo(memory: MemoryManager, clock: Clock) -> None:
    for memory_id, content in (("like", "I like ripe plums."), ("love", "I love ripe plums.")):
        await memory.store_memory(content, MemoryType.PREFERENCE, memory_id=memory_id)
    first = await memory.merge_memories(["like", "love"], similarity_threshold=0.6)
    result = await memory.unarchive_memories(["like"])
    assert (result.restored_ids, result.merged) == ([], {"like": first.run_id})
    assert (await memory.get_memory("like")).archived_at is not None
    clock.advance(60)
    await memory.store_memory("I adore ripe plums.", MemoryType.PREFERENCE, memory_id="adore")
    merged = first.proposal.merged_id or ""
    second = await memory.merge_memories([merged, "adore"], similarity_threshold=0.6)
    result = await memory.unarchive_memories(["like", merged, "adore"])
    assert result.merged == dict.fromkeys(["like", merged, "adore"], second.run_id)
    await memory.undo_consolidation(second.run_id)
    assert (await memory.unarchive_memories(["like", "adore"])).merged == {"like": first.run_id}
    await memory.undo_consolidation(first.run_id)
    assert (await memory.unarchive_memories(["like"])).live_ids == ["like"]


async def test_an_original_of_an_import_that_was_stopped_before_the_merged_memory(
    memory: MemoryManager, tmp_path: Path
) -> None:
    for memory_id, content in (("like", "I like ripe plums."), ("love", "I love ripe plums.")):
        await memory.store_memory(content, MemoryType.PREFERENCE, memory_id=memory_id)
    done = await memory.merge_memories(["like", "love"], similarity_threshold=0.6)
    # An import goes on in order of arrival, and the merged memory is the last.
    rows = await memory.services.resources.store.transfer.export_memories(memory.namespace, after=0, limit=9)
    assert [row.memory.memory_id for row in rows] == ["like", "love", done.proposal.merged_id]
    other = memory.for_namespace("other")
    await other.services.resources.store.transfer.import_memories("other", rows[:2], [])
    result = await other.unarchive_memories(["like"])
    assert (result.restored_ids, result.merged, result.missing_ids) == ([], {"like": None}, [])
