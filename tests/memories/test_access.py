"""Recalls are counted off the caller's path, and a read afterwards sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from coda_graphmem.memories.access import AccessRecorder
from coda_graphmem.store.protocol import RetrievalTotals


class SlowStore:
    """Takes its time to write."""

    def __init__(self) -> None:
        self.recalls: dict[str, int] = {}
        self.retrievals = 0
        self.records = self.jobs = self

    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        await asyncio.sleep(0.05)
        self.recalls.update(counts)

    async def record_retrievals(self, namespace: str, totals: RetrievalTotals) -> None:
        await asyncio.sleep(0.05)
        self.retrievals += totals.retrievals


async def test_a_read_waits_for_a_write_that_is_under_way() -> None:
    store: Any = SlowStore()
    access = AccessRecorder(store, lambda: 0.0)
    access.note_retrieval("n", [], 0.1)
    access.note("n", ["m"])
    first = asyncio.create_task(access.flush())
    await asyncio.sleep(0.07)  # the recalls are written, the retrieval is being written
    await access.flush()
    assert (store.recalls, store.retrievals) == ({"m": 1}, 1)
    await first
    await access.close()
