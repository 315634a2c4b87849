"""A condition means the same in every store and every way of reading as it means in Python."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coda_graphmem.conditions import holds
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.models.conditions import Condition, Without
from coda_graphmem.store.protocol import Bounds, MemoryStore
from tests.congruence.conditions import NOW, conditions, memories
from tests.store.factory import DIMENSION, MODEL, unit
from tests.store.parts.conftest import KINDS, make

#: More of them may be asked for: one takes some seconds on a server.
EXAMPLES = int(os.environ.get("CODA_GRAPHMEM_TEST_EXAMPLES", "3"))
MOST = 20
"""More memories than an example has."""
ALL = MemoryFilter(lifetime="any", archived=None)
WIDE = Bounds(entities_per_memory=9, memories_per_entity=MOST, conversation_steps=2, max_mentions=MOST, min_mentions=1)


@pytest.fixture(params=[*KINDS, "chroma"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[asyncio.Runner, MemoryStore]]:
    with asyncio.Runner() as runner:
        store = make(request.param, request, tmp_path / "memory")
        runner.run(store.open())
        runner.run(store.vectors.bind_model(MODEL, DIMENSION))
        yield runner, store
        runner.run(store.close())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_condition_means_the_same_everywhere(opened: tuple[asyncio.Runner, MemoryStore], data: st.DataObject) -> None:
    runner, store = opened
    rows = data.draw(memories())
    several = data.draw(st.lists(conditions(rows), min_size=1, max_size=3))
    archived = data.draw(st.sets(st.sampled_from([row.memory_id for row in rows]), max_size=1))

    async def example() -> None:
        ns = f"conditions-{uuid.uuid4().hex}"
        await store.records.insert(ns, rows, reinforcement=0.1)
        await store.records.archive(ns, sorted(archived), NOW)
        kept = await store.records.get(ns, [row.memory_id for row in rows])
        try:
            for condition in several:
                await reads_agree(store, ns, kept, condition)
                await reads_agree(store, ns, kept, Without(condition))
            await forgets_the_same(store, ns, kept, several[-1])
        finally:
            await store.records.forget(ns, None)

    runner.run(example())


async def reads_agree(store: MemoryStore, ns: str, kept: list[Memory], condition: Condition) -> None:
    there = [memory for memory in kept if memory.expires_at is None or memory.expires_at > NOW]
    met = {memory.memory_id for memory in there if holds(condition, memory)}
    live = met & {memory.memory_id for memory in there if is_live(memory)}
    for where, expected in ((MemoryFilter(where=condition), live), (ALL.model_copy(update={"where": condition}), met)):
        found = await store.records.find(ns, where, now=NOW)
        assert {memory.memory_id for memory in found} == expected, condition
        assert await store.records.count(ns, where, now=NOW) == expected.__len__(), condition
    where = MemoryFilter(where=condition)
    near = await store.search.search_vector(ns, unit(1), MOST, where, now=NOW)
    assert {candidate.memory_id for candidate in near} == live, condition
    holding = await store.search.search_text(ns, ["words", "number"], MOST, where, now=NOW)
    assert {candidate.memory_id for candidate in holding.found} == live, condition
    ids = [memory.memory_id for memory in kept]
    for start, depth in ((ids, 0), (ids[:1], 2)):
        around = await store.graph.neighbourhood(ns, start, [], bounds=WIDE, depth=depth, where=where, now=NOW)
        assert set(around.depths) <= live, condition
        assert set(around.depths) >= live & set(start), condition


async def forgets_the_same(store: MemoryStore, ns: str, kept: list[Memory], condition: Condition) -> None:
    """Memories that have ended and are not removed yet are forgotten with the others."""
    gone = {memory.memory_id for memory in kept if is_live(memory) and holds(condition, memory)}
    receipt = await store.records.forget(ns, MemoryFilter(where=condition))
    assert receipt.memories == len(gone), condition
    left = await store.records.get(ns, [memory.memory_id for memory in kept])
    assert {memory.memory_id for memory in left} == {memory.memory_id for memory in kept} - gone, condition


def is_live(memory: Memory) -> bool:
    return memory.lifetime == "long_term" and memory.archived_at is None
