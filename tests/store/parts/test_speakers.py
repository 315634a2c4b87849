"""Who speaks under a name, in every store."""

from __future__ import annotations

from coda_graphmem.store.protocol import MemoryStore
from tests.store.factory import new
from tests.store.parts.conftest import other


async def test_speakers_are_found_by_name_and_by_first_name(store: MemoryStore, ns: str) -> None:
    said = {
        "m1": "Nora",
        "m2": "Nora",
        "m3": "Nora Woo",
        "m4": "Nora Ek",
        "m5": "Norah",
        "m6": "tom",
        "m7": 'Al"s Bar!',
    }
    rows = [new(memory_id, metadata={"speaker": speaker}) for memory_id, speaker in said.items()]
    rows += [
        new("m8"),
        new("m9", metadata={"speaker": "Short"}, expires_at=9e9),
        new("m10", metadata={"speaker": "Gone"}),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.archive(ns, ["m10"], 2600.0)
    await store.records.insert(other(ns), [new("m1", metadata={"speaker": "Elsewhere"})], reinforcement=0.1)

    async def found(*names: str) -> set[str]:
        speakers = await store.graph.find_speakers(ns, names)
        assert len(speakers) == len(set(speakers))
        return set(speakers)

    assert await found("Nora", "content", "Nora") == {"Nora", "Nora Ek"}
    assert await found("Nora Woo", "tom", 'Al"s') == {"Nora Woo", "tom", 'Al"s Bar!'}
    assert await found("Tom", "Nor", "Short", "Gone", "Elsewhere", "%", "") == set()
    assert await found() == set()
    await store.records.delete(ns, ["m4", "m6"])
    assert await found("Nora", "tom") == {"Nora", "Nora Woo"}
    assert await store.graph.find_speakers(f"{ns}-none", ["Nora"]) == []
