"""Consolidation of a store: merging, refusing, links, dry runs, undoing, interruptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import (
    ConsolidationResult,
    LinkKind,
    MemoryConfig,
    MemoryConsolidationError,
    MemoryEvent,
    MemoryManager,
    MemoryType,
)
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import UndoneMerge
from tests.conftest import open_memory
from tests.consolidation.sample import fill
from tests.fakes import Clock

DAY = 86_400.0
#: Cosines of the stand-in vectors are shares of words in common.
THRESHOLD = 0.6


@pytest.fixture
def config(tmp_path: Path) -> MemoryConfig:
    return MemoryConfig(similarity_threshold=THRESHOLD, vector_store={"persist_directory": tmp_path / "memory"})


@pytest.fixture
async def memory(config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    async with open_memory(config, clock) as manager:
        yield manager


async def everything(memory: MemoryManager) -> dict[str, Any]:
    """All that a namespace holds: every field, vector, key, edge, counter and index."""
    store, namespace = memory.services.resources.store, memory.namespace
    await memory.services.access.flush()
    await memory.services.facts.reading.settled(namespace)
    rows = await store.transfer.export_memories(namespace, after=0, limit=1000)
    ids = [row.memory.memory_id for row in rows]
    return {
        "memories": [
            (row.memory, row.dedup_key, row.run_id, None if row.embedding is None else row.embedding.tobytes())
            for row in rows
        ],
        "entities": sorted((e.key, e.name, e.label, e.mention_count) for e in await memory.list_entities()),
        "links": await store.links.find_links(namespace, ids),
        "inventory": await store.transfer.inventory(namespace),
        "stats": (await memory.get_memory_stats()).model_copy(update={"storage_bytes": None}),
        "live": await store.records.live_count(namespace),
        "nearest": await store.search.nearest(namespace, ids, limit=10, min_similarity=-1.0),
        "text": [
            (c.memory_id, c.excerpt)
            for c in (await store.search.search_text(namespace, ["plums"], 10, MemoryFilter())).found
        ],
        "context": [m.memory_id for m in await memory.get_conversation_context("c")],
        "diagnosis": await store.health.diagnose(namespace, now=0.0),
    }


async def test_what_says_the_same_becomes_one(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    result = await memory.consolidate_memories()
    [proposal] = result.proposals
    assert (proposal.merged.source_ids, result.consolidated_count, result.merged_count) == (["like", "love"], 2, 1)
    assert (result.memories_considered, result.time_window_hours, result.dry_run) == (6, 24, False)
    merged = await memory.get_memory(proposal.merged_id or "")
    assert merged is not None
    assert (merged.content, merged.conversation_id) == ("I love ripe plums.", "c")
    assert (merged.metadata["a"], merged.metadata["b"]) == (1, 2)
    assert merged.importance_score == pytest.approx(0.64)
    original = await memory.get_memory("like")
    assert original is not None
    assert original.consolidated_into == merged.memory_id
    found = await memory.retrieve_memories("ripe plums", min_relevance=0.0, mode="vector", limit=2)
    assert found[0].memory_id == merged.memory_id
    assert await memory.count() == 5


async def test_a_repetition_of_the_merged_text_reinforces_it(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    [proposal] = (await memory.consolidate_memories()).proposals
    assert await memory.store_memory("I love ripe PLUMS.", MemoryType.PREFERENCE) == proposal.merged_id


async def test_what_a_guard_refuses_is_linked(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    result = await memory.consolidate_memories()
    assert result.refused_by_guard == {"numbers": 1, "update": 1}
    links = await memory.services.resources.store.links.find_links("default", ["three", "paris"])
    assert [(x.source_id, x.target_id, x.kind, x.guard) for x in links] == [
        ("paris", "rome", LinkKind.POSSIBLY_OUTDATED_BY, "update"),
        ("three", "five", LinkKind.SIMILAR_TO, "numbers"),
    ]
    assert result.links == 2
    paris = await memory.get_memory("paris")
    assert paris is not None
    assert paris.possibly_outdated_by == ["rome"]
    assert (await memory.consolidate_memories()).links == 0


async def test_a_dry_run_says_the_same_and_changes_nothing(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    before = await everything(memory)
    planned = await memory.consolidate_memories(dry_run=True)
    assert await everything(memory) == before
    assert await memory.list_consolidations() == []
    done = await memory.consolidate_memories()
    assert planned.dry_run
    assert [p.merged for p in planned.proposals] == [p.merged for p in done.proposals]
    assert planned.proposals[0].merged_id is None
    assert (planned.refused, planned.pairs_compared) == (done.refused, done.pairs_compared)


async def test_the_window_and_the_threshold(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    assert (await memory.consolidate_memories(similarity_threshold=0.99, dry_run=True)).proposals == []
    clock.advance(2 * 3600)
    assert (await memory.consolidate_memories(2, dry_run=True)).memories_considered == 3
    assert len((await memory.consolidate_memories(2, dry_run=True)).proposals) == 1
    assert (await memory.consolidate_memories(1.9, dry_run=True)).memories_considered == 0
    assert (await memory.consolidate_memories(1.9, dry_run=True)).pairs_compared == 0


async def test_progress_is_told(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    heard: list[tuple[int, int]] = []
    await memory.consolidate_memories(dry_run=True, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(6, 6)]


async def test_undoing_restores_exactly_what_was_there(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    await memory.retrieve_memories("plums", min_relevance=0.0)
    before = await everything(memory)
    clock.advance(60)
    done = await memory.consolidate_memories()
    assert await everything(memory) != before
    clock.advance(60)
    undone = await memory.undo_consolidation(done.run_id)
    assert await everything(memory) == before
    assert (sorted(undone.restored_ids), undone.removed_ids) == (["like", "love"], [done.proposals[0].merged_id])
    assert (undone.removed_links, undone.missing, undone.changed_ids) == (2, 0, [])
    [run] = await memory.list_consolidations()
    assert (run.run_id, run.status, run.summary["restored"]) == (done.run_id, "undone", 2)
    again = await memory.undo_consolidation(done.run_id)
    assert (again.restored_ids, again.removed_links, again.missing) == ([], 0, 0)
    assert await everything(memory) == before


async def test_undoing_says_what_was_changed_or_removed_since(memory: MemoryManager, clock: Clock) -> None:
    for i, fruit in enumerate(["plums", "pears", "limes"]):
        await memory.store_memory(f"I like ripe {fruit}.", MemoryType.PREFERENCE, memory_id=f"like{i}")
        await memory.store_memory(f"I love ripe {fruit}.", MemoryType.PREFERENCE, memory_id=f"love{i}")
    done = await memory.consolidate_memories()
    merged = {p.merged.source_ids[0][-1]: p.merged_id or "" for p in done.proposals}
    assert sorted(merged) == ["0", "1", "2"]
    clock.advance(60)
    await memory.update_memory(merged["0"], importance_score=0.9)
    await memory.delete_memory(merged["1"])
    await memory.delete_memory("like2")
    undone = await memory.undo_consolidation(done.run_id)
    assert undone.changed_ids == [merged["0"]]
    # With its fellow deleted, "love2" had come back before.
    assert sorted(undone.restored_ids) == ["like0", "love0"]
    assert undone.missing == 3
    assert sorted(m.memory_id for m in await memory.list_memories()) == ["like0", "love0", "love2"]


async def test_a_later_run_is_undone_first(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    before = await everything(memory)
    first = await memory.consolidate_memories()
    clock.advance(DAY)
    await memory.store_memory("I enjoy ripe plums.", MemoryType.PREFERENCE, memory_id="enjoy")
    second = await memory.consolidate_memories()
    [proposal] = second.proposals
    assert proposal.merged.source_ids == [first.proposals[0].merged_id, "enjoy"]
    assert proposal.merged.metadata["consolidated"]["count"] == 3
    with pytest.raises(MemoryConsolidationError, match=second.run_id) as caught:
        await memory.undo_consolidation(first.run_id)
    assert caught.value.field == "run_id"
    await memory.undo_consolidation(second.run_id)
    await memory.undo_consolidation(first.run_id)
    await memory.delete_memory("enjoy")
    assert await everything(memory) == before


async def test_unknown_runs_and_those_of_others(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    done = await memory.consolidate_memories()
    for space, run_id in ((memory, "nothing"), (memory.for_namespace("other"), done.run_id)):
        with pytest.raises(MemoryConsolidationError) as caught:
            await space.undo_consolidation(run_id)
        assert caught.value.field == "run_id"
    assert await memory.for_namespace("other").list_consolidations() == []


async def test_three_become_one_where_only_the_third_is_new(memory: MemoryManager, clock: Clock) -> None:
    for i, verb in enumerate(["like", "love"]):
        await memory.store_memory(f"I {verb} ripe plums.", MemoryType.PREFERENCE, memory_id=f"old{i}")
    clock.advance(2 * DAY)
    await memory.store_memory("I enjoy ripe plums.", MemoryType.PREFERENCE, memory_id="new")
    [proposal] = (await memory.consolidate_memories()).proposals
    assert proposal.merged.source_ids == ["old0", "old1", "new"]


async def test_links_of_originals_pass_on_to_what_they_become(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("I live in Paris.", MemoryType.SEMANTIC, memory_id="paris")
    clock.advance(60)
    await memory.store_memory("I live in Rome now.", MemoryType.SEMANTIC, memory_id="rome")
    await memory.consolidate_memories()
    clock.advance(60)
    # Told late: it happened before the move, so it is as outdated as the other.
    await memory.store_memory("I am living in Paris.", MemoryType.SEMANTIC, memory_id="late", timestamp=clock.now - 121)
    clock.advance(60)
    done = await memory.consolidate_memories(0.02)
    [proposal] = done.proposals
    assert sorted(proposal.merged.source_ids) == ["late", "paris"]
    merged = await memory.get_memory(proposal.merged_id or "")
    assert merged is not None
    assert merged.possibly_outdated_by == ["rome"]
    await memory.undo_consolidation(done.run_id)
    paris = await memory.get_memory("paris")
    assert paris is not None
    assert paris.possibly_outdated_by == ["rome"]


async def test_memories_of_other_types_and_long_texts_stay(memory: MemoryManager) -> None:
    await memory.store_memory("I like ripe plums.", MemoryType.PREFERENCE)
    await memory.store_memory("I love ripe plums.", MemoryType.EMOTIONAL)
    for word in ("long", "large"):
        await memory.store_memory(f"{word} " + "plum " * 1_200, MemoryType.SEMANTIC)
    result = await memory.consolidate_memories()
    assert result.proposals == []
    assert result.refused_by_guard == {"type": 1}


async def test_what_changes_meanwhile_is_not_merged(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(memory, clock)
    store = memory.services.resources.store
    merge = store.merges.merge

    async def late(*arguments: Any, **options: Any) -> list[bool]:
        clock.advance(1)
        await memory.update_memory("like", content="I hate ripe plums.")
        return await merge(*arguments, **options)

    monkeypatch.setattr(store.merges, "merge", late)
    result = await memory.consolidate_memories()
    assert (result.proposals, result.changed_meanwhile) == ([], 1)
    assert await memory.count() == 6


async def many(memory: MemoryManager, count: int) -> None:
    fruits = ["plums", "pears", "limes", "grapes", "melons", "lemons", "peaches", "cherries"][:count]
    for fruit in fruits:
        for verb in ("like", "love"):
            await memory.store_memory(f"I {verb} ripe {fruit}.", MemoryType.PREFERENCE)


async def test_an_interrupted_run_leaves_whole_groups(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.consolidation.engine._PAGE", 4)
    await many(memory, 6)
    before = await everything(memory)
    seen = asyncio.Event()
    heard: list[MemoryEvent] = []

    def progress(done: int, total: int) -> None:
        seen.set()

    async def listen(event: MemoryEvent) -> None:
        heard.append(event)

    async with memory.subscribe(listen):
        work = asyncio.create_task(memory.consolidate_memories(progress=progress))
        await seen.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    [run] = await memory.list_consolidations()
    assert run.status == "failed"
    assert run.error is not None
    merges = await memory.services.resources.store.merges.find_merges("default")
    assert 0 < len(merges) < 6
    assert all(len(record.source_ids) == 2 for record in merges)
    [event] = heard
    assert sorted(event.memory_ids) == sorted(record.merged_id for record in merges)
    assert event.details == {"run_id": run.run_id, "originals": 2 * len(merges)}
    assert await memory.count() == 12 - len(merges)
    await memory.undo_consolidation(run.run_id)
    assert await everything(memory) == before


async def test_an_interrupted_undoing_tells_what_it_did_and_goes_on_later(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many(memory, 4)
    before = await everything(memory)
    run = await memory.consolidate_memories()
    heard: list[MemoryEvent] = []
    store = memory.services.resources.store
    undo = store.merges.undo_merge
    begun = asyncio.Event()

    async def slowly(namespace: str, merged_id: str) -> UndoneMerge | None:
        done = await undo(namespace, merged_id)
        begun.set()
        await asyncio.sleep(0.05)
        return done

    async def listen(event: MemoryEvent) -> None:
        heard.append(event)

    monkeypatch.setattr(store.merges, "undo_merge", slowly)
    async with memory.subscribe(listen):
        undoing = asyncio.create_task(memory.undo_consolidation(run.run_id))
        await begun.wait()
        undoing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await undoing
        rest = await memory.undo_consolidation(run.run_id)
    assert [(event.name, event.count) for event in heard] == [("undone", 2), ("undone", 6)]
    assert sorted([*heard[0].memory_ids, *rest.restored_ids]) == sorted(
        i for proposal in run.proposals for i in proposal.merged.source_ids
    )
    assert await everything(memory) == before


async def test_two_runs_do_not_overlap(memory: MemoryManager, config: MemoryConfig, clock: Clock) -> None:
    await many(memory, 8)
    results = await asyncio.gather(*(memory.consolidate_memories() for _ in range(2)), return_exceptions=True)
    done = [r for r in results if isinstance(r, ConsolidationResult)]
    [refused] = [r for r in results if isinstance(r, MemoryConsolidationError)]
    assert refused.remedy
    assert len(done) == 1
    assert done[0].consolidated_count == 16


async def test_runs_hold_no_content(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    await memory.consolidate_memories()
    [run] = await memory.list_consolidations()
    written = run.model_dump_json()
    assert run.changed == 2
    assert run.summary["refused"] == 2
    assert not any(word in written for word in ("plums", "Paris", "Rome", "three"))


async def test_a_failure_is_on_record(memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(memory, clock)

    async def broken(*arguments: Any, **options: Any) -> list[bool]:
        raise RuntimeError("I love ripe plums.")

    monkeypatch.setattr(memory.services.resources.store.merges, "merge", broken)
    with pytest.raises(MemoryConsolidationError):
        await memory.consolidate_memories()
    [run] = await memory.list_consolidations()
    assert (run.status, run.error) == ("failed", "RuntimeError: failed unexpectedly")


async def test_who_listens_hears_of_merges_their_undoing_and_decay(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    heard: list[MemoryEvent] = []
    async with memory.subscribe(heard.append, events=["consolidated", "undone", "decayed"]):
        await memory.consolidate_memories(dry_run=True)
        result = await memory.consolidate_memories()
        await memory.consolidate_memories()
        await memory.undo_consolidation(result.run_id)
        await memory.apply_decay(dry_run=True)
        await memory.apply_decay()
        await memory.run_job("consolidate")
    merged = [proposal.merged_id for proposal in result.proposals]
    assert [(event.name, event.count) for event in heard] == [
        ("consolidated", 1), ("undone", 2), ("decayed", 6), ("consolidated", 1),
    ]  # fmt: skip
    assert heard[0].memory_ids == merged
    assert heard[0].details == {"run_id": result.run_id, "originals": 2}
    assert set(heard[1].memory_ids) == {"like", "love"}
    assert heard[2].details == {"as_of": clock.now}
