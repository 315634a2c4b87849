"""What links between memories cost a read."""

from __future__ import annotations

import asyncio

from coda_graphmem.store.embedded import EmbeddedStore
from tests.store.factory import new
from tests.store.parts.build import OUTDATED, link


async def test_links_cost_a_read_one_statement_and_nothing_where_there_are_none(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new(f"m{i}") for i in range(20)], reinforcement=0.1)
    ids = [f"m{i}" for i in range(20)]

    async def statements() -> int:
        found: list[str] = []
        for connection in store._database._session.connections:
            connection.set_trace_callback(found.append)
        assert len(await store.records.get("ns", ids)) == 20
        for connection in store._database._session.connections:
            connection.set_trace_callback(None)
        return len(found)

    # Both readers are connected by now.
    await asyncio.gather(*(store.records.get("ns", ids) for _ in range(20)))
    without = await statements()
    await store.links.save_links("ns", [link("m1", "m2", OUTDATED), link("m3", "m2", OUTDATED), link("m4", "m5")])
    assert await statements() == without + 1
