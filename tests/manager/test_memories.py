"""Keeping, changing, archiving and removing memories through the façade, and what tells that something is new."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem import (
    MemoryConfig,
    MemoryEvent,
    MemoryManager,
    MemoryType,
    NotInitializedError,
    ValidationError,
)
from tests.conftest import open_memory
from tests.fakes import Clock


async def test_a_stored_memory_comes_back_with_every_field(memory: MemoryManager, clock: Clock) -> None:
    memory_id = await memory.store_memory(
        "Lunch with Maria in Lisbon",
        MemoryType.EMOTIONAL,
        {"mood": "glad", "nested": {"list": [1, None, True]}},
        0.7,
        conversation_id="c1",
        timestamp=123.5,
        memory_id="lunch",
    )
    assert memory_id == "lunch"
    found = await memory.get_memory("lunch", with_embedding=True)
    assert found is not None
    assert found.content == "Lunch with Maria in Lisbon"
    assert found.memory_type is MemoryType.EMOTIONAL
    assert found.timestamp == 123.5
    assert found.importance_score == pytest.approx(0.7)
    assert found.metadata == {"mood": "glad", "nested": {"list": [1, None, True]}}
    assert found.namespace == "default"
    assert found.conversation_id == "c1"
    assert [entity.name for entity in found.entities] == ["Lisbon", "Maria"]
    assert found.created_at == clock.now
    assert found.access_count == 0
    assert found.last_accessed is None
    assert found.embedding is not None
    assert sum(x * x for x in found.embedding) == pytest.approx(1, abs=1e-3)


async def test_defaults(memory: MemoryManager, clock: Clock) -> None:
    found = await memory.get_memory(await memory.store_memory("Rain all day"))
    assert found is not None
    assert found.memory_type is MemoryType.EPISODIC
    assert found.timestamp == clock.now
    assert found.importance_score == 0.5
    assert found.metadata == {}
    assert found.embedding is None


async def test_the_same_fact_twice_is_one_memory_that_matters_more(memory: MemoryManager) -> None:
    first = await memory.store_memory("User likes green tea", MemoryType.PREFERENCE, {"a": 1}, 0.4)
    again = await memory.store_memory("  user LIKES green   tea ", MemoryType.PREFERENCE, {"a": 2, "b": 3}, 0.6)
    assert again == first
    assert await memory.count() == 1
    found = await memory.get_memory(first)
    assert found is not None
    assert found.content == "User likes green tea"
    assert found.importance_score == pytest.approx(0.6 + 0.1 * 0.4)
    assert found.metadata == {"a": 1, "b": 3}
    assert found.reinforcement_count == 1


async def test_the_learning_rate_is_how_far_a_repetition_lifts(tmp_path: Path) -> None:
    config = MemoryConfig(learning_rate=0.5, vector_store={"persist_directory": tmp_path})
    async with open_memory(config) as memory:
        for _ in range(2):
            memory_id = await memory.store_memory("Water boils at 100 degrees", MemoryType.SEMANTIC, None, 0.6)
        found = await memory.get_memory(memory_id)
        assert found is not None
        assert found.importance_score == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("memory_type", "metadata"),
    [(MemoryType.SEMANTIC, {}), (MemoryType.PREFERENCE, {"speaker": "Anna"})],
)
async def test_another_type_or_speaker_is_another_memory(
    memory: MemoryManager, memory_type: MemoryType, metadata: dict[str, str]
) -> None:
    await memory.store_memory("I like tea", MemoryType.PREFERENCE, {"speaker": "Tom"})
    await memory.store_memory("I like tea", memory_type, metadata)
    assert await memory.count() == 2


async def test_what_is_typed_as_it_is_written_is_no_repeat(memory: MemoryManager) -> None:
    for one, other in (
        ("The door code is aB3x.", "The door code is Ab3X."),
        ("if x:\n    a()\n    b()", "if x:\n    a()\nb()"),
    ):
        kept = [await memory.store_memory(text, MemoryType.SEMANTIC) for text in (one, other, one)]
        assert len(set(kept)) == 2
        assert kept[0] == kept[2]


async def test_events_repeat(memory: MemoryManager) -> None:
    ids = {await memory.store_memory("Went for a run") for _ in range(3)}
    assert len(ids) == await memory.count() == 3


async def test_deduplication_can_be_turned_off(tmp_path: Path) -> None:
    config = MemoryConfig(deduplicate=False, vector_store={"persist_directory": tmp_path})
    async with open_memory(config) as memory:
        ids = {await memory.store_memory("Likes tea", MemoryType.PREFERENCE) for _ in range(2)}
        assert len(ids) == 2


async def test_a_retry_with_the_same_id_is_harmless(memory: MemoryManager) -> None:
    for _ in range(2):
        await memory.store_memory("Paid the rent", memory_id="rent", timestamp=5.0, metadata={"x": 1})
    assert await memory.count() == 1
    found = await memory.get_memory("rent")
    assert found is not None
    assert found.reinforcement_count == 0


@pytest.mark.parametrize(
    "change",
    [
        {"content": "Paid the bill"},
        {"timestamp": 6.0},
        {"metadata": {"x": 2}},
        {"importance_score": 0.9},
        {"conversation_id": "c"},
        {"memory_type": MemoryType.SEMANTIC},
    ],
)
async def test_an_id_that_exists_with_anything_else_is_refused(
    memory: MemoryManager, change: dict[str, object]
) -> None:
    before = {"content": "Paid the rent", "memory_id": "rent", "timestamp": 5.0, "metadata": {"x": 1}}
    await memory.store_memory(**before)
    with pytest.raises(ValidationError) as caught:
        await memory.store_memory(**{**before, **change})
    assert caught.value.field == "memory_id"
    found = await memory.get_memory("rent")
    assert found is not None
    assert found.content == "Paid the rent"
    assert found.metadata == {"x": 1}


async def test_a_batch_keeps_all_keys(memory: MemoryManager) -> None:
    ids = await memory.store_memories_batch(
        [
            {"content": "User likes coffee", "type": MemoryType.PREFERENCE},
            {"content": "Meeting at 2pm", "memory_type": "episodic", "timestamp": 9.0, "conversation_id": "c"},
            {"content": "Berlin is in Germany", "type": "semantic", "importance_score": 0.9, "memory_id": "geo"},
            {"content": "user likes coffee", "type": MemoryType.PREFERENCE, "metadata": {"k": "v"}},
        ]
    )
    assert ids[0] == ids[3]
    assert ids[2] == "geo"
    found = [await memory.get_memory(memory_id) for memory_id in ids]
    assert [m.memory_type.value for m in found if m] == ["preference", "episodic", "semantic", "preference"]
    assert found[0] is not None
    assert found[0].metadata == {"k": "v"}
    assert found[1] is not None
    assert (found[1].timestamp, found[1].conversation_id) == (9.0, "c")


async def test_an_empty_batch_is_nothing(memory: MemoryManager) -> None:
    assert await memory.store_memories_batch([]) == []


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"content": ""}, "memories[1].content"),
        ({"type": "semantic"}, "memories[1].content"),
        ({"content": "x", "type": "dream"}, "memories[1].type"),
        ({"content": "x", "type": "semantic", "memory_type": "episodic"}, "memories[1].type"),
        ({"content": "x", "importance_score": 2}, "memories[1].importance_score"),
        ({"content": "x", "colour": "red"}, "memories[1].colour"),
        ("x", "memories[1]"),
    ],
)
async def test_one_bad_entry_keeps_the_whole_batch_out(memory: MemoryManager, entry: object, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        await memory.store_memories_batch([{"content": "fine"}, entry])
    assert caught.value.field == field
    assert caught.value.remedy
    assert await memory.count() == 0


async def test_a_conflict_inside_a_batch_keeps_all_of_it_out(memory: MemoryManager) -> None:
    with pytest.raises(ValidationError):
        await memory.store_memories_batch(
            [{"content": "one", "memory_id": "same"}, {"content": "two", "memory_id": "same"}]
        )
    assert await memory.count() == 0


async def test_update_changes_what_is_given_and_nothing_else(memory: MemoryManager, clock: Clock) -> None:
    memory_id = await memory.store_memory("Tom lives in Berlin", MemoryType.SEMANTIC, {"source": "chat"}, 0.3)
    clock.advance(60)
    assert await memory.update_memory(memory_id, importance_score=0.8)
    assert await memory.update_memory(memory_id, metadata={"checked": True})
    found = await memory.get_memory(memory_id)
    assert found is not None
    assert (found.content, found.importance_score, found.metadata) == ("Tom lives in Berlin", 0.8, {"checked": True})
    assert found.updated_at == clock.now
    assert await memory.update_memory(memory_id, content="Tom lives in Rome")
    found = await memory.get_memory(memory_id)
    assert found is not None
    assert [entity.name for entity in found.entities] == ["Rome", "Tom"]
    assert {entity.name for entity in await memory.list_entities()} == {"Tom", "Rome"}
    [best] = await memory.retrieve_memories("lives in Rome", limit=1, mode="vector")
    assert best.relevance_score is not None
    assert best.relevance_score > 0.85
    assert await memory.retrieve_memories("Berlin", mode="text", min_relevance=0) == []


async def test_an_update_of_the_type(memory: MemoryManager) -> None:
    await memory.store_memory("Tea is hot", "semantic", memory_id="fact")
    await memory.store_memory("Tea is hot", "preference", memory_id="taste")
    revision = await memory.get_revision()
    assert await memory.update_memory("fact", memory_type="procedural")
    assert await memory.get_revision() != revision
    found = await memory.get_memory("fact")
    assert found is not None
    assert (found.content, found.memory_type) == ("Tea is hot", MemoryType.PROCEDURAL)
    assert await memory.count(memory_types=["semantic"]) == 0
    assert (await memory.get_memory_stats()).memory_type_distribution == {"procedural": 1, "preference": 1}
    # It is the same as what is stored as this type, and no longer as the type it was.
    assert await memory.store_memory("Tea is hot", "procedural") == "fact"
    assert await memory.store_memory("Tea is hot", "semantic") not in ("fact", "taste")
    assert await memory.update_memory("fact", memory_type="preference")
    assert await memory.count(memory_types=["preference"]) == 2


async def test_update_of_a_title_changes_the_entities(memory: MemoryManager) -> None:
    memory_id = await memory.store_memory("A long walk", metadata={"title": "Alps"})
    assert await memory.update_memory(memory_id, metadata={"title": "Andes"})
    assert [entity.name for entity in await memory.list_entities()] == ["Andes"]


async def test_update_and_delete_of_what_is_not_there(memory: MemoryManager) -> None:
    assert await memory.update_memory("nobody", content="x") is False
    assert await memory.delete_memory("nobody") is False


async def test_an_update_without_changes_is_refused(memory: MemoryManager) -> None:
    with pytest.raises(ValidationError):
        await memory.update_memory("any")


async def test_a_failed_update_changes_nothing(memory: MemoryManager) -> None:
    memory_id = await memory.store_memory("Tea", MemoryType.SEMANTIC)
    with pytest.raises(ValidationError):
        await memory.update_memory(memory_id, content="Coffee", importance_score=float("nan"))
    found = await memory.get_memory(memory_id)
    assert found is not None
    assert found.content == "Tea"


async def test_delete_takes_everything_along(memory: MemoryManager) -> None:
    gone = await memory.store_memory("Maria met Tom", conversation_id="c")
    await memory.store_memory("Tom went home")
    assert await memory.delete_memory(gone)
    assert await memory.get_memory(gone) is None
    assert [entity.name for entity in await memory.list_entities()] == ["Tom"]
    for mode in ("graph", "hybrid", "vector", "text"):
        found = await memory.retrieve_memories("Maria met Tom", mode=mode, min_relevance=0)
        assert gone not in [m.memory_id for m in found]
    stats = await memory.get_memory_stats()
    assert (stats.total_memories, stats.total_conversations, stats.total_mentions) == (1, 0, 1)


async def test_forget_says_what_it_removed(memory: MemoryManager) -> None:
    await memory.store_memory("Maria met Tom", conversation_id="c")
    await memory.store_short_term_memory("Asked about Rome in passing", "c")
    await memory.store_memory("Tom sleeps", conversation_id="d")
    receipt = await memory.forget(conversation_id="c")
    assert (receipt.memories, receipt.vectors, receipt.mentions, receipt.conversations) == (2, 2, 3, 1)
    assert receipt.entities == 2
    assert await memory.count() == 1
    assert (await memory.forget(conversation_id="c")).memories == 0


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"memory_types": ["semantic"]}, {"b", "c"}),
        ({"max_importance": 0.2}, {"a", "c"}),
        ({"since": 200.0}, {"a", "b"}),
        ({"until": 150.0}, {"b", "c"}),
        ({"metadata": {"k": 1}}, {"a", "b"}),
        ({"everything": True}, set()),
    ],
)
async def test_forget_by_each_filter(memory: MemoryManager, chosen: dict[str, object], left: set[str]) -> None:
    await memory.store_memory("one", MemoryType.SEMANTIC, memory_id="a", timestamp=100.0)
    await memory.store_memory("two", memory_id="b", timestamp=150.0, importance_score=0.1)
    await memory.store_memory("three", memory_id="c", timestamp=200.0, metadata={"k": 1})
    await memory.forget(**chosen)
    assert {m.memory_id for m in await memory.list_memories()} == left


@pytest.mark.parametrize("arguments", [{}, {"everything": True, "conversation_id": "c"}])
async def test_forget_wants_to_know_exactly(memory: MemoryManager, arguments: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        await memory.forget(**arguments)
    assert caught.value.field == "everything"


async def test_the_limit_archives_the_weakest_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = MemoryConfig(max_memories=3, vector_store={"persist_directory": tmp_path})
    async with open_memory(config) as memory:
        for i, importance in enumerate((0.9, 0.1, 0.5, 0.8)):
            await memory.store_memory(f"secret number {i}", memory_id=str(i), importance_score=importance)
        other = memory.for_namespace("other")
        await other.store_memory("unhurt")
        assert {m.memory_id for m in await memory.list_memories()} == {"0", "2", "3"}
        assert [m.memory_id for m in await memory.list_memories(archived=True)] == ["1"]
        assert (await memory.get_memory_stats()).archived_memories == 1
        assert await other.count() == 1
        found = await memory.retrieve_memories("secret number 1", min_relevance=0)
        assert "1" not in {m.memory_id for m in found}
    assert "max_memories" in caplog.text
    assert "secret" not in caplog.text


async def test_calls_outside_the_life_of_a_manager(config: MemoryConfig) -> None:
    manager = open_memory(config)
    with pytest.raises(NotInitializedError):
        await manager.store_memory("too early")
    await manager.initialize()
    await manager.initialize()
    await manager.store_memory("in time")
    await manager.cleanup()
    await manager.cleanup()
    with pytest.raises(NotInitializedError):
        await manager.count()


async def test_many_tasks_store_at_once(memory: MemoryManager) -> None:
    ids = await asyncio.gather(*(memory.store_memory(f"Note {i} about Maria") for i in range(40)))
    assert len(set(ids)) == await memory.count() == 40
    [maria] = [entity for entity in await memory.list_entities() if entity.name == "Maria"]
    assert maria.mention_count == 40


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
    assert back == archived.model_copy(
        update={"archived_at": None, "updated_at": clock.now, "version": archived.version + 1}
    )
    assert (await full.retrieve_memories("who rows in Berlin?", min_relevance=0.0))[0].memory_id == "m0"
    assert [m.memory_id for m in await full.get_conversation_context("c")] == ["m0", "m2"]
    assert [(e.name, e.memory_ids, e.details) for e in heard] == [("updated", ["m0"], {"unarchived": True})]
    assert (await full.unarchive_memories(["m0"])).live_ids == ["m0"]


async def test_a_memory_is_archived_by_hand_and_comes_back(memory: MemoryManager, clock: Clock) -> None:
    for name in ("Maria rows in Berlin.", "Tom sings in Paris."):
        await memory.store_memory(name, memory_id=name[:3])
    clock.advance(60)
    heard: list[MemoryEvent] = []
    async with memory.subscribe(heard.append):
        done = await memory.archive_memories(["Mar", "nothing", "Mar"])
    assert (done.archived_ids, done.archived_before_ids, done.missing_ids) == (["Mar"], [], ["nothing"])
    assert done.archived_at == clock.now == (await memory.get_memory("Mar")).archived_at
    assert [(e.name, e.memory_ids, e.details) for e in heard] == [("updated", ["Mar"], {"archived": True})]
    assert [m.memory_id for m in await memory.retrieve_memories("Who rows in Berlin?", min_relevance=0.0)] == ["Tom"]
    assert [m.memory_id for m in await memory.list_memories(archived=True)] == ["Mar"]
    clock.advance(60)
    again = await memory.archive_memories(["Mar"])
    assert (again.archived_ids, again.archived_at, again.archived_before_ids) == ([], None, ["Mar"])
    await memory.unarchive_memories(["Mar"])
    assert (await memory.retrieve_memories("Who rows in Berlin?"))[0].memory_id == "Mar"
    assert [v.operation for v in await memory.get_history("Mar")] == ["created", "archived", "unarchived"]


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


async def test_the_revision_differs_after_every_change_and_after_nothing_else(memory: MemoryManager) -> None:
    assert await memory.get_revision() == 0
    seen = {0}
    for change in (
        memory.store_memory("Rex barks", memory_id="m"),
        memory.update_memory("m", importance_score=0.9),
        memory.delete_memory("m"),
    ):
        await change
        revision = await memory.get_revision()
        assert revision not in seen
        seen.add(revision)
    await memory.for_namespace("other").store_memory("Tom sings")
    await memory.retrieve_memories("Rex")
    assert await memory.get_revision() == revision


async def test_what_was_touched_since_a_time(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Rex barks", memory_id="old")
    await memory.store_memory("Tom sings", memory_id="changed")
    clock.advance(60)
    since = clock.now
    await memory.store_memory("Anna skis", memory_id="new", timestamp=since - 1e6)
    await memory.update_memory("changed", metadata={"voice": "bass"})
    assert [item.memory_id for item in await memory.list_touched(since)] == ["changed", "new"]
    assert await memory.list_touched(since + 1) == []


async def test_what_was_recalled_since_a_time(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Rex barks", memory_id="barks")
    await memory.store_memory("Tom sings", memory_id="sings")
    clock.advance(60)
    await memory.retrieve_memories("who sings?", limit=1, min_relevance=0.0)
    assert [item.memory_id for item in await memory.list_recalled(clock.now)] == ["sings"]
    assert await memory.list_recalled(clock.now + 1) == []


async def test_looking_without_recalling(memory: MemoryManager) -> None:
    await memory.store_memory("Rex barks", memory_id="m")
    for counted in (False, True):
        [found] = await memory.retrieve_memories("Rex", min_relevance=0.0, count_recall=counted)
        assert found.memory_id == "m"
        kept = await memory.get_memory("m")
        assert kept is not None
        assert kept.access_count == int(counted)


async def test_changes_at_the_same_time_leave_entities_of_the_content_there_is(memory: MemoryManager) -> None:
    contents = {"We met Maria in Lisbon": {"maria", "lisbon"}, "We met Anna in Rome": {"anna", "rome"}}
    await memory.store_memory("We met nobody", metadata={"title": "Berlin"}, memory_id="m")

    async def change(number: int) -> None:
        if number % 2:
            assert await memory.update_memory("m", content=list(contents)[number // 2 % 2])
        else:
            assert await memory.update_memory("m", metadata={"title": ("Berlin", "Paris")[number // 2 % 2]})

    for _ in range(4):
        await asyncio.gather(*map(change, range(8)))
        found = await memory.get_memory("m")
        assert found is not None
        keys = {entity.key for entity in found.entities}
        assert keys == contents[found.content] | {found.metadata["title"].lower()}


async def test_reads_go_on_while_another_program_holds_the_write_lock(
    memory: MemoryManager, caplog: pytest.LogCaptureFixture
) -> None:
    await memory.store_memory("Maria sings in Lisbon", memory_id="m")
    file = memory.config.vector_store.persist_directory
    with contextlib.closing(sqlite3.connect(f"{file}/coda_memories.sqlite3", isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert len(await memory.retrieve_memories("Maria", min_relevance=0.0)) == 1
            began = time.monotonic()
            assert await memory.get_memory("m") is not None
            assert len(await memory.list_memories()) == 1
            assert time.monotonic() - began < 5.0
        writing = asyncio.create_task(memory.store_memory("Tom sings in Rome"))
        await asyncio.sleep(0.05)
        program.execute("ROLLBACK")
    await writing
    # The recorder tries again each second.
    for _ in range(40):
        found = await memory.get_memory("m")
        if found is not None and found.access_count == 3:
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("recalls were never counted")
    assert not caplog.records
