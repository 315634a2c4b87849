"""Which way a search with a filter goes, and that each finds all of what matches."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j import reads, search
from coda_graphmem.where import read_where
from tests.store.factory import new, unit
from tests.store.neo4j.tenancy import Tenancy


@pytest.fixture
def asked(store: Tenancy, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the statements that look for vectors, as they are run."""
    for module in (reads, search):
        monkeypatch.setattr(module, "EXACT_BELOW", 2)
    monkeypatch.setattr(search, "_MOST_AMONG", 3)
    monkeypatch.setattr(search, "_MOST_AT_LAST", 6)
    # The index finds too few, as it does of a large memory of which few match.
    monkeypatch.setattr(search, "index_fetch", lambda *_, **__: 1)
    names: list[str] = []
    connection = store.search._part._connection
    read = connection.read

    async def noted(name: str, **parameters: Any) -> Any:
        if name.startswith("search_vector"):
            names.append(name.removeprefix("search_vector_").replace("embedding_filtered", "index"))
        return await read(name, **parameters)

    monkeypatch.setattr(connection, "read", noted)
    return names


async def test_each_way_finds_all_of_what_matches(store: Tenancy, asked: list[str]) -> None:
    rows = [new(f"m{i}", metadata={"part": i % 6, "half": i % 2, "n": i}) for i in range(12)]
    await store.records.insert("ns", rows, reinforcement=0.1)

    async def found(where: dict[str, Any]) -> tuple[set[str], list[str]]:
        asked.clear()
        some = await store.search.search_vector("ns", unit(1), 9, MemoryFilter(where=read_where(where)))
        return {one.memory_id for one in some}, list(asked)

    assert await found({"metadata.part": 1}) == ({"m1", "m7"}, ["among"])
    odd = {f"m{i}" for i in range(1, 12, 2)}
    assert await found({"metadata.half": 1}) == (odd, ["among", "index", "among"])
    # For a while it is known that so many match, and that the index did not find enough of them.
    assert await found({"metadata.half": 1}) == (odd, ["among"])
    most = {f"m{i}" for i in range(8)}
    assert await found({"metadata.n": {"$lt": 8}}) == (most, ["among", "index", "among", "exact"])
    assert await found({"metadata.n": {"$ne": 8}, "metadata.part": 2}) == ({"m2"}, ["among"])
    assert await found({"metadata.half": {"$ne": 1}}) == ({f"m{i}" for i in range(0, 12, 2)}, ["index", "exact"])
