"""Neighbours of many memories, looked for a few at a time."""

from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore, search
from coda_graphmem.store.embedded.vector_index import RowIds, Snapshot
from tests.store.factory import new, towards, unit

ALL = MemoryFilter()


async def test_neighbours_are_looked_for_in_small_parts(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [new(f"m{i}", embedding=towards(unit(0), 0.5 + i / 100, seed=i)) for i in range(40)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.delete("ns", ["m7", "m8"])
    wanted = [f"m{i}" for i in range(40)]
    whole = await store.search.nearest("ns", wanted, limit=3, min_similarity=0.2)
    assert len(whole) == 38
    sizes = []
    once = Snapshot.neighbours

    def counted(self: Snapshot, ids: RowIds, limit: int, floor: float) -> dict[int, dict[int, float]]:
        sizes.append(len(ids))
        return once(self, ids, limit, floor)

    monkeypatch.setattr(Snapshot, "neighbours", counted)
    monkeypatch.setattr(search, "_COSINES", 38 * 7)
    assert await store.search.nearest("ns", wanted, limit=3, min_similarity=0.2) == whole
    assert sizes == [7, 7, 7, 7, 7, 3]
    # What a search says of a neighbour is what `nearest` says.
    (own,) = await store.records.get("ns", ["m3"], with_embedding=True)
    found = await store.search.search_vector("ns", np.array(own.embedding, dtype=np.float32), 4, ALL)
    assert [(c.memory_id, c.similarity) for c in found[1:]] == whole["m3"]
