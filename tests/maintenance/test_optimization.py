"""A store is made small and right again."""

from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.times import SECONDS_PER_HOUR as HOUR
from tests.conftest import open_memory
from tests.fakes import Clock
from tests.store.factory import DIMENSION


async def test_optimising_gives_space_back_and_merges(memory: MemoryManager, clock: Clock) -> None:
    ids = await memory.store_memories_batch([{"content": f"Note {i} " + "filler " * 200} for i in range(150)])
    await memory.store_memory("I like ripe juicy sweet yellow plums.", MemoryType.PREFERENCE, memory_id="a")
    await memory.store_memory("I love ripe juicy sweet yellow plums.", MemoryType.PREFERENCE, memory_id="b")
    await memory.store_short_term_memory("For now", "c", 10)
    await memory.services.resources.store.records.delete("default", ids)
    clock.advance(HOUR)
    only = await memory.optimize_storage(consolidate=False)
    assert (only.consolidated_count, only.consolidation_run_id, only.expired) == (0, None, 1)
    assert only.bytes_before is not None
    assert only.bytes_after is not None
    assert only.freed_space_mb == pytest.approx((only.bytes_before - only.bytes_after) / 1e6)
    assert only.freed_space_mb > 0.1
    both = await memory.optimize_storage()
    assert both.consolidated_count == 2
    assert (await memory.undo_consolidation(both.consolidation_run_id or "")).restored_ids
    clock.advance(HOUR)
    [newest, _] = await memory.list_runs("optimize")
    assert newest.summary.keys() >= {"bytes_before", "expired", "consolidated"}


async def test_optimising_repairs(memory: MemoryManager) -> None:
    await memory.store_memory("Tom met Anna")
    database = memory.services.resources.store._database  # type: ignore[attr-defined]
    await database.write(lambda connection: connection.execute("UPDATE namespaces SET live_count = 7"))
    assert "wrong_counters" in {item.kind for item in (await memory.check_memory_health()).issues}
    assert (await memory.optimize_storage(consolidate=False)).repaired_counters == 1
    assert "wrong_counters" not in {item.kind for item in (await memory.check_memory_health()).issues}


@pytest.mark.parametrize("semantic", [True, False])
async def test_optimising_makes_vectors_anew_that_are_of_no_use(
    config: MemoryConfig, clock: Clock, semantic: bool
) -> None:
    async with open_memory(config, clock) as memory:
        for text in ("Tom met Anna", "Nobody came", "The tent leaks"):
            await memory.store_memory(text, memory_id=text)
        store = memory.services.resources.store
        assert isinstance(store, EmbeddedStore)
        damage = "UPDATE vectors SET data = CASE memory WHEN 1 THEN zeroblob(10) ELSE ? END WHERE memory < 3"
        infinite = np.full(DIMENSION, np.inf, dtype="<f2").tobytes()
        await store._database.write(lambda connection: connection.execute(damage, (infinite,)))
        [issue] = [i for i in (await memory.check_memory_health()).issues if i.kind == "wrong_vectors"]
        assert issue.count == 2
        assert "optimize" in issue.remedy
    async with open_memory(config.model_copy(update={"enable_semantic_search": semantic}), clock) as memory:
        assert (await memory.optimize_storage()).repaired_vectors == 2
        assert (await memory.optimize_storage()).repaired_vectors == 0
    async with open_memory(config, clock) as memory:
        kinds = {issue.kind for issue in (await memory.check_memory_health()).issues}
        assert ("missing_vectors" in kinds, "wrong_vectors" in kinds) == (not semantic, False)
        found = await memory.retrieve_memories("tom met", mode="vector", min_relevance=0.0, limit=1)
        assert [m.memory_id for m in found] == (["Tom met Anna"] if semantic else ["The tent leaks"])
