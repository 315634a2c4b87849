"""A look at everything a namespace holds, where nothing is broken."""

from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import Diagnosis, MemoryStore, Repaired
from tests.store.factory import DIMENSION, MODEL, new, unit
from tests.store.parts.build import link, merge_one
from tests.store.parts.conftest import other, with_vectors

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
    assert told(await store.health.diagnose(ns, now=0.0)) == {}
    rows = [
        new("m0", entities=["e", "f"]),
        new("m1", conversation_id="c"),
        *[new(f"m{i}") for i in range(2, 7)],
        new("n1", embedding=None, entities=["e"]),
        new("s1", expires_at=50.0),
        new("s2", expires_at=150.0),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.insert(other(ns), [new("m1"), new("s1", expires_at=50.0)], reinforcement=0.1)
    await store.links.save_links(ns, [link("m2", "m3")])
    await merge_one(store, ns, "merged", ["m5", "m6"], entities=["e"])
    found = await store.health.diagnose(ns, now=100.0)
    assert told(found) == {"live": 7, "recorded_live": 7, "without_vector": 1, "isolated": 1, "expired": 1}
    assert await store.health.repair(ns) == Repaired()
    assert await store.health.repair(f"{ns}-nothing") == Repaired()
    assert await store.health.diagnose(ns, now=100.0) == found


@pytest.mark.all_namespaces
@pytest.mark.parametrize("store", ["embedded", "chroma"], indirect=True)
async def test_vectors_that_are_not_finite_are_passed_over_and_made_anew(store: MemoryStore, ns: str) -> None:
    """Neo4j takes no such vectors; what others may write there is in its own tests."""
    rows = [new(f"m{i}", "words") for i in range(5)]
    rows += [
        new("nan", "words", embedding=unit(1) * np.float32("nan")),
        new("inf", "words", embedding=unit(1) * np.float32("inf")),
    ]
    with np.errstate(all="ignore"):
        await store.records.insert(ns, rows, reinforcement=0.1)
    sound = {f"m{i}" for i in range(5)}
    for limit in (3, 99):
        found = await store.search.search_vector(ns, unit(3), limit, MemoryFilter())
        assert found[0].memory_id == "m3"
        assert len(found) == min(limit, 5)
        assert {c.memory_id for c in found} <= sound
    found = (await store.search.search_text(ns, ["words"], 99, MemoryFilter())).found
    assert len(found) > len(sound)
    assert set(await store.search.similarities(ns, [c.memory_id for c in found], unit(3))) == sound
    nearest = await store.search.nearest(ns, ["m0", "nan"], limit=9, min_similarity=-1.0)
    assert {key: {other for other, _ in pairs} for key, pairs in nearest.items()} == {"m0": sound - {"m0"}}
    before = await store.health.diagnose(ns, now=0.0)
    # Chroma does not take them, so that they are missing there.
    assert before.wrong_vectors + before.without_vector == 2
    assert await store.health.repair(ns) == Repaired(vectors=2)
    found_now = await store.health.diagnose(ns, now=0.0)
    assert (found_now.without_vector, found_now.wrong_vectors) == (2, 0)
    pending = await store.vectors.pending_reembed(MODEL, DIMENSION, 9)
    assert [memory_id for _, memory_id, _ in pending] == ["nan", "inf"]
    await store.vectors.save_reembedded([(*row, unit(3)) for row in pending])
    await store.vectors.finish_reembed()
    found = await store.search.search_vector(ns, unit(3), 3, MemoryFilter())
    assert {c.memory_id for c in found} == {"m3", "nan", "inf"}
    assert await store.health.repair(ns) == Repaired()


@pytest.mark.parametrize("store", ["chroma"], indirect=True)
async def test_what_chroma_has_lost_is_made_anew(store: EmbeddedStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}") for i in range(3)], reinforcement=0.1)
    rows = await store._database.read(lambda connection: connection.execute("SELECT id FROM memories").fetchall())
    store._database.index._collection.drop([rows[1][0]])
    assert (await store.health.diagnose(ns, now=0.0)).without_vector == 1
    assert await store.health.repair(ns) == Repaired(vectors=1)
    pending = await store.vectors.pending_reembed(MODEL, DIMENSION, 9)
    assert [memory_id for _, memory_id, _ in pending] == ["m1"]
    await store.vectors.save_reembedded([(*row, unit(1)) for row in pending])
    await store.vectors.finish_reembed()
    assert (await store.search.search_vector(ns, unit(1), 1, MemoryFilter()))[0].memory_id == "m1"
    assert await store.health.repair(ns) == Repaired()


async def test_compacting_changes_nothing_but_the_size(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}", f"text {i} " * 200) for i in range(100)], reinforcement=0.1)
    await store.records.delete(ns, [f"m{i}" for i in range(10, 100)])
    before = [await store.transfer.export_memories(ns, after=0, limit=99), await store.changes.revision(ns)]
    sizes = await store.health.compact()
    assert sizes is None or sizes[0] > sizes[1] > 0
    rows = await store.transfer.export_memories(ns, after=0, limit=99)
    assert [row.memory for row in rows] == [row.memory for row in before[0]]
    assert await store.changes.revision(ns) == before[1]
