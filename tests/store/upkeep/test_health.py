"""A look at everything a namespace holds, where nothing is broken."""

from __future__ import annotations

from coda_graphmem.store.protocol import MemoryStore
from coda_graphmem.store.upkeep import Diagnosis, Repaired
from tests.store.factory import new
from tests.store.upkeep.conftest import other, with_vectors
from tests.store.upkeep.making import link, merge_one

WELL = Diagnosis(
    live=0,
    recorded_live=0,
    without_vector=0,
    wrong_vectors=0,
    without_text=0,
    orphan_entities=0,
    wrong_mention_counts=0,
    isolated=0,
    expired=0,
)


def told(diagnosis: Diagnosis) -> dict[str, object]:
    """What differs from an empty namespace in good health; a store may not know of rows without text."""
    found = {name: getattr(diagnosis, name) for name in Diagnosis.__dataclass_fields__}
    return {
        name: value
        for name, value in found.items()
        if value != getattr(WELL, name) and (name, value) != ("without_text", -1)
    }


@with_vectors
async def test_what_a_diagnosis_tells(store: MemoryStore, ns: str) -> None:
    assert told(await store.diagnose(ns, now=0.0)) == {}
    rows = [
        new("m0", entities=["e", "f"]),
        new("m1", conversation_id="c"),
        *[new(f"m{i}") for i in range(2, 7)],
        new("n1", embedding=None, entities=["e"]),
        new("s1", expires_at=50.0),
        new("s2", expires_at=150.0),
    ]
    await store.insert(ns, rows, reinforcement=0.1)
    await store.insert(other(ns), [new("m1"), new("s1", expires_at=50.0)], reinforcement=0.1)
    await store.link(ns, [link("m2", "m3")])
    await merge_one(store, ns, "merged", ["m5", "m6"], entities=["e"])
    found = await store.diagnose(ns, now=100.0)
    assert told(found) == {"live": 7, "recorded_live": 7, "without_vector": 1, "isolated": 1, "expired": 1}
    assert await store.repair(ns) == Repaired()
    assert await store.repair(f"{ns}-nothing") == Repaired()
    assert await store.diagnose(ns, now=100.0) == found


async def test_compacting_changes_nothing_but_the_size(store: MemoryStore, ns: str) -> None:
    await store.insert(ns, [new(f"m{i}", f"text {i} " * 200) for i in range(100)], reinforcement=0.1)
    await store.delete(ns, [f"m{i}" for i in range(10, 100)])
    before = [await store.export_memories(ns, after=0, limit=99), await store.revision(ns)]
    sizes = await store.compact()
    assert sizes is None or sizes[0] > sizes[1] > 0
    rows = await store.export_memories(ns, after=0, limit=99)
    assert [row.memory for row in rows] == [row.memory for row in before[0]]
    assert await store.revision(ns) == before[1]
