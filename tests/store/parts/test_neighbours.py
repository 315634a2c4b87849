"""The nearest memories of many memories, against all pairs computed plainly."""

from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem.store.protocol import MemoryStore
from tests.store.factory import new, towards, unit
from tests.store.parts.conftest import other, with_vectors


@with_vectors
async def test_neighbours_are_those_of_all_pairs(store: MemoryStore, ns: str) -> None:
    centres = [unit(1000 + i) for i in range(4)]
    vectors = np.array([towards(centres[i % 4], 0.5 + 0.01 * i, seed=i) for i in range(40)])
    await store.records.insert(ns, [new(f"m{i}", embedding=vectors[i]) for i in range(40)], reinforcement=0.1)
    await store.records.insert(other(ns), [new(f"m{i}", embedding=vectors[0]) for i in range(5)], reinforcement=0.1)
    cosines = vectors @ vectors.T
    wanted = [f"m{i}" for i in range(0, 40, 3)]
    found = await store.search.nearest(ns, wanted, limit=4, min_similarity=0.6)
    assert list(found) == wanted
    for memory_id, neighbours in found.items():
        own = int(memory_id[1:])
        expected = sorted(
            ((f"m{i}", cosines[own, i]) for i in range(40) if i != own and cosines[own, i] >= 0.6),
            key=lambda pair: -pair[1],
        )[:4]
        assert [pair[0] for pair in neighbours] == [pair[0] for pair in expected]
        assert [pair[1] for pair in neighbours] == pytest.approx([pair[1] for pair in expected], abs=2e-3)
    assert any(len(neighbours) < 4 for neighbours in found.values())


@with_vectors
async def test_only_live_memories_have_and_are_neighbours(store: MemoryStore, ns: str) -> None:
    rows = [new(f"m{i}", embedding=towards(unit(0), 0.9 + i / 100, seed=7)) for i in range(6)]
    rows += [new("s1", embedding=unit(0), expires_at=9000.0), new("n1", embedding=None)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.archive(ns, ["m1"], 3000.0)
    await store.records.delete(ns, ["m2"])
    wanted = ["m0", "m1", "m2", "s1", "n1", "nothing", "m0"]
    found = await store.search.nearest(ns, wanted, limit=9, min_similarity=-1.0)
    assert {key: {pair[0] for pair in pairs} for key, pairs in found.items()} == {"m0": {"m3", "m4", "m5"}}
    await store.records.unarchive(ns, ["m1"], 3500.0)
    assert len((await store.search.nearest(ns, ["m0"], limit=9, min_similarity=-1.0))["m0"]) == 4
    assert await store.search.nearest(f"{ns}-nothing", ["m0"], limit=9, min_similarity=0.0) == {}


@with_vectors
async def test_ties_go_by_id(store: MemoryStore, ns: str) -> None:
    near = towards(unit(0), 0.8, seed=1)
    rows = [new(f"t{i}", embedding=near) for i in (5, 3, 1, 4, 2)] + [new("q0", embedding=unit(0))]
    await store.records.insert(ns, rows, reinforcement=0.1)
    found = await store.search.nearest(ns, ["q0", "t3"], limit=3, min_similarity=0.5)
    assert [pair[0] for pair in found["q0"]] == ["t1", "t2", "t3"]
    assert [pair[0] for pair in found["t3"]] == ["t1", "t2", "t4"]
