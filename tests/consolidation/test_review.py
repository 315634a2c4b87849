"""What people decide about memories that sound alike: this group now, that one never."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import (
    LinkKind,
    MemoryConfig,
    MemoryConsolidationError,
    MemoryEvent,
    MemoryManager,
    MemoryType,
    ValidationError,
)
from tests.conftest import open_memory
from tests.consolidation.test_service import everything, fill
from tests.fakes import Clock

DAY = 86_400.0


@pytest.fixture
async def memory(tmp_path: Path, clock: Clock) -> AsyncIterator[MemoryManager]:
    config = MemoryConfig(similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "memory"})
    async with open_memory(config, clock) as manager:
        await fill(manager, clock)
        yield manager


async def similar(memory: MemoryManager, *ids: str) -> list[tuple[str, str, str | None]]:
    return [(x.source_id, x.target_id, x.guard) for x in await memory.list_links(ids, [LinkKind.SIMILAR_TO])]


async def proposed(memory: MemoryManager) -> list[list[str]]:
    return [p.merged.source_ids for p in (await memory.consolidate_memories(dry_run=True)).proposals]


async def test_one_group_is_merged_as_a_run_of_its_own(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("I bought ripe plums.", MemoryType.SEMANTIC, memory_id="ripe")
    await memory.store_memory("I bought ripe red plums.", MemoryType.SEMANTIC, memory_id="red")
    before = await everything(memory)
    planned = await memory.consolidate_memories(dry_run=True)
    [proposal] = [p for p in planned.proposals if "love" in p.merged.source_ids]
    heard: list[MemoryEvent] = []
    async with memory.subscribe(heard.append):
        done = await memory.merge_memories(proposal.merged.source_ids)
    assert done.proposal.merged == proposal.merged
    assert done.proposal.lowest_similarity == pytest.approx(proposal.lowest_similarity)
    merged_id = done.proposal.merged_id
    assert merged_id is not None
    assert (await memory.get_memory("love")).consolidated_into == merged_id
    assert (await memory.get_memory("red")).archived_at is None
    assert [(e.name, e.memory_ids, e.details) for e in heard] == [
        ("consolidated", [merged_id], {"run_id": done.run_id, "originals": 2})
    ]
    [run] = await memory.list_consolidations()
    assert (run.run_id, run.status, run.changed, run.summary["chosen"]) == (done.run_id, "done", 2, 2)
    await memory.undo_consolidation(done.run_id)
    assert await everything(memory) == before


async def test_merging_a_few_is_no_look_at_all(memory: MemoryManager) -> None:
    """What was stored since the last consolidation still has to be looked at by the next."""
    await memory.merge_memories(["like", "love"])
    assert await memory.services.maintenance.consolidation.last("default") is None
    await memory.consolidate_memories()
    assert await memory.services.maintenance.consolidation.last("default") is not None


@pytest.mark.parametrize(
    ("ids", "guard"),
    [
        (["three", "five"], "guard numbers"),
        (["paris", "rome"], "guard update"),
        (["three", "paris"], "a cosine of only"),
    ],
)
async def test_what_is_kept_apart_is_merged_only_despite_it(memory: MemoryManager, ids: list[str], guard: str) -> None:
    before = await everything(memory)
    with pytest.raises(MemoryConsolidationError, match=guard) as caught:
        await memory.merge_memories(ids)
    assert caught.value.field == "memory_ids"
    assert "plums" not in str(caught.value)
    assert await everything(memory) == before
    assert await memory.list_consolidations() == []
    done = await memory.merge_memories(ids, despite_guards=True)
    assert set(done.proposal.merged.source_ids) == set(ids)
    await memory.undo_consolidation(done.run_id)
    assert await everything(memory) == before


async def test_the_threshold_is_that_of_the_call(memory: MemoryManager) -> None:
    with pytest.raises(MemoryConsolidationError, match="a cosine of only"):
        await memory.merge_memories(["like", "love"], similarity_threshold=0.99)
    assert (await memory.merge_memories(["like", "love"], similarity_threshold=0.5)).proposal.merged_id


async def test_what_cannot_be_merged_names_why(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("plum " * 1_200, MemoryType.SEMANTIC, memory_id="long")
    await memory.store_short_term_memory("I bought plums", "c")
    for user in ("anna", "ben"):
        await memory.store_memory("I bought plums", MemoryType.SEMANTIC, memory_id=user, user_id=user)
    before = await everything(memory)
    for ids, message in (
        (["like", "nothing"], "no live memory nothing"),
        (["like", "three"], "several types"),
        (["anna", "ben"], "different users"),
        (["three", "long"], "5,000 characters"),
    ):
        with pytest.raises(ValidationError, match=message) as caught:
            await memory.merge_memories(ids, despite_guards=True)
        assert (caught.value.field, bool(caught.value.remedy)) == ("memory_ids", True)
    assert await everything(memory) == before
    done = await memory.merge_memories(["like", "love"])
    with pytest.raises(ValidationError, match="no live memory like"):
        await memory.merge_memories(["like", "love"])
    with pytest.raises(ValidationError, match="no live memory love"):
        await memory.refuse_merge(["love", done.proposal.merged_id or ""])


async def test_without_vectors_nothing_is_compared(tmp_path: Path, clock: Clock) -> None:
    config = MemoryConfig(enable_semantic_search=False, vector_store={"persist_directory": tmp_path / "plain"})
    async with open_memory(config, clock) as plain:
        ids = [await plain.store_memory(f"We rowed to isle {i}.") for i in range(2)]
        with pytest.raises(ValidationError, match="no vector"):
            await plain.merge_memories(ids)


async def test_what_changes_meanwhile_is_not_merged(
    memory: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = memory.services.resources.store
    merge = store.merges.merge

    async def late(*arguments: Any, **options: Any) -> list[bool]:
        clock.advance(1)
        await memory.update_memory("like", content="I hate ripe plums.")
        return await merge(*arguments, **options)

    monkeypatch.setattr(store.merges, "merge", late)
    with pytest.raises(MemoryConsolidationError, match="changed or removed meanwhile"):
        await memory.merge_memories(["like", "love"])
    assert await memory.count() == 6


async def test_what_was_refused_is_not_proposed_nor_merged_again(memory: MemoryManager, clock: Clock) -> None:
    assert await proposed(memory) == [["like", "love"]]
    assert await memory.refuse_merge(["love", "like"]) == 1
    assert await memory.refuse_merge(["like", "love"]) == 0
    review = await memory.consolidate_memories(dry_run=True)
    assert review.proposals == []
    assert [(v.first_id, v.second_id, v.verdict) for v in review.refused if v.guard == "refused"] == [
        ("like", "love", "similar")
    ]
    clock.advance(60)
    assert (await memory.consolidate_memories()).consolidated_count == 0
    await memory.run_job("consolidate")
    await memory.link_similar(min_similarity=0.5)
    with pytest.raises(MemoryConsolidationError, match="guard refused"):
        await memory.merge_memories(["like", "love"])
    assert ("like", "love", "refused") in await similar(memory, "like")
    assert await memory.count() == 6
    assert await memory.allow_merge(["like", "love", "five"]) == 1
    assert await memory.allow_merge(["like", "love"]) == 0
    assert [x for x in await similar(memory, "like") if "love" in x] == [("like", "love", None)]
    assert (await memory.consolidate_memories()).consolidated_count == 2


async def test_a_refusal_takes_the_place_of_what_a_run_linked(memory: MemoryManager, clock: Clock) -> None:
    linked = await memory.link_similar(min_similarity=0.5)
    assert ("like", "love", None) in await similar(memory, "like")
    await memory.refuse_merge(["like", "love"])
    assert linked.links
    assert ("like", "love", "refused") in await similar(memory, "like")
    assert await proposed(memory) == []


async def test_what_was_refused_can_be_merged_despite_it_and_undone(memory: MemoryManager) -> None:
    await memory.refuse_merge(["like", "love"])
    before = await everything(memory)
    done = await memory.merge_memories(["like", "love"], despite_guards=True)
    assert done.links == 0
    await memory.undo_consolidation(done.run_id)
    assert await everything(memory) == before


async def test_a_refusal_goes_with_what_it_spoke_of(memory: MemoryManager, clock: Clock) -> None:
    await memory.refuse_merge(["like", "love"])
    clock.advance(1)
    await memory.update_memory("like", content="I really love ripe plums.")
    assert await similar(memory, "like", "love") == []
    assert await proposed(memory) == [["like", "love"]]


async def test_a_merged_memory_takes_refusals_over(memory: MemoryManager, clock: Clock) -> None:
    """Else the next run would merge what came out of the first with what was refused."""
    await memory.store_memory("I love ripe plums!", MemoryType.PREFERENCE, memory_id="third", importance_score=0.5)
    assert await memory.refuse_merge(["like", "love"]) == 1
    before = await everything(memory)
    done = await memory.merge_memories(["love", "third"])
    merged = done.proposal.merged_id or ""
    assert done.links >= 1
    assert ("like", merged, "refused") in await similar(memory, merged)
    await memory.undo_consolidation(done.run_id)
    assert await everything(memory) == before
    assert ("like", "love", "refused") in await similar(memory, "love")
    again = (await memory.merge_memories(["love", "third"])).proposal.merged_id or ""
    clock.advance(60)
    assert await proposed(memory) == []
    assert (await memory.consolidate_memories()).consolidated_count == 0
    assert (await memory.get_memory(again)).archived_at is None


async def test_a_run_that_merges_two_of_three_keeps_the_refusal(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("I love ripe plums!", MemoryType.PREFERENCE, memory_id="third")
    await memory.refuse_merge(["like", "love"])
    result = await memory.consolidate_memories()
    [proposal] = result.proposals
    assert "third" in proposal.merged.source_ids
    assert len(proposal.merged.source_ids) == 2
    [left] = {"like", "love"} - set(proposal.merged.source_ids)
    merged = proposal.merged_id or ""
    assert {g for a, b, g in await similar(memory, merged) if {a, b} == {left, merged}} == {"refused"}
    clock.advance(60)
    assert (await memory.consolidate_memories()).consolidated_count == 0


async def test_refusals_survive_a_restart_and_an_export(memory: MemoryManager, tmp_path: Path, clock: Clock) -> None:
    await memory.refuse_merge(["like", "love"])
    await memory.export_memories(tmp_path / "kept.jsonl")
    await memory.cleanup()
    await memory.initialize(warm_up=False)
    assert await proposed(memory) == []
    config = MemoryConfig(similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "other"})
    async with open_memory(config, clock) as other:
        await other.import_memories(tmp_path / "kept.jsonl")
        assert await proposed(other) == []
        await other.allow_merge(["like", "love"])
        assert await proposed(other) == [["like", "love"]]


async def test_nothing_is_chosen_while_a_run_goes_on(memory: MemoryManager) -> None:
    async with memory.services.maintenance.consolidation._runs.alone("consolidate", "default"):
        for call in (memory.merge_memories, memory.refuse_merge, memory.allow_merge):
            with pytest.raises(MemoryConsolidationError, match="going on"):
                await call(["like", "love"])
    assert await memory.count() == 6


async def test_links_and_merges_are_listed(memory: MemoryManager) -> None:
    await memory.consolidate_memories()
    [merge] = await memory.list_merges(["like"])
    assert set(merge.source_ids) == {"like", "love"}
    assert await memory.list_merges([merge.merged_id, "rome"]) == [merge]
    assert [x.kind for x in await memory.list_links(["three", "rome"])] == [
        LinkKind.POSSIBLY_OUTDATED_BY,
        LinkKind.SIMILAR_TO,
    ]
    [link] = await memory.list_links(["three", "rome"], ["SIMILAR_TO"])  # type: ignore[list-item]
    assert (link.source_id, link.target_id, link.guard) == ("three", "five", "numbers")
