"""Decay: what it is computed from, and that it is kept beside everything else."""

from __future__ import annotations

import numpy as np

from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.protocol import MemoryStore
from tests.store.factory import new
from tests.store.parts.conftest import other


async def test_rows_come_by_arrival_and_only_live_ones(store: MemoryStore, ns: str) -> None:
    rows = [
        new("m5", timestamp=1.5, importance_score=0.25, memory_type=MemoryType.PREFERENCE),
        new("m4", dedup_key="k"),
        new("s1", expires_at=9000.0),
        new("m3"),
        new("m2"),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.insert(other(ns), [new("m9")], reinforcement=0.1)
    await store.records.insert(ns, [new("again", dedup_key="k"), new("m1")], reinforcement=0.1)
    await store.records.archive(ns, ["m3"], 3000.0)
    await store.records.record_access(ns, {"m5": 3}, 3000.0)
    first = await store.changes.decay_rows(ns, after=0, limit=3)
    assert first is not None
    assert first.memory_ids == ["m5", "m4", "m2"]
    assert first.timestamp.tolist() == [1.5, 1004.0, 1002.0]
    assert first.uses.tolist() == [3, 1, 0]
    assert first.importance[0] == 0.25
    assert first.memory_types == [MemoryType.PREFERENCE, MemoryType.EPISODIC, MemoryType.EPISODIC]
    assert first.last_accessed[0] == 3000.0
    assert np.isnan(first.last_accessed[1:]).all()
    last = await store.changes.decay_rows(ns, after=first.position, limit=3)
    assert last is not None
    assert last.memory_ids == ["m1"]
    assert await store.changes.decay_rows(ns, after=last.position, limit=3) is None
    assert await store.changes.decay_rows(f"{ns}-nothing", after=0, limit=3) is None


async def test_factors_are_kept_and_nothing_else_changes(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1"), new("m2"), new("m3")], reinforcement=0.1)
    await store.records.insert(other(ns), [new("m1")], reinforcement=0.1)
    before = {m.memory_id: m for m in await store.records.get(ns, ["m1", "m2", "m3"])}
    assert {m.decay_factor for m in before.values()} == {None}
    assert await store.changes.save_decay(ns, ["m1", "nothing", "m3"], [0.125, 0.5, 1.0]) == 2
    after = {m.memory_id: m for m in await store.records.find(ns, MemoryFilter(), now=0.0)}
    assert {key: m.decay_factor for key, m in after.items()} == {"m1": 0.125, "m2": None, "m3": 1.0}
    assert {key: m.model_copy(update={"decay_factor": None}) for key, m in after.items()} == before
    assert [m.decay_factor for m in await store.records.get(ns, ["m1"])] == [0.125]
    assert [m.decay_factor for m in await store.records.get(other(ns), ["m1"])] == [None]
    assert [c.memory_id for c in (await store.search.search_text(ns, ["m1"], 9, MemoryFilter())).found] == ["m1"]
