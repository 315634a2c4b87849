"""Passages of long memories: kept, found, and gone with their memories."""

from __future__ import annotations

import pytest

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.language.excerpts import LONG, Stretch
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, NewPassages, PassageMatch
from tests.store.factory import MODEL, new, towards, unit
from tests.store.parts.conftest import other, with_vectors

ALL = MemoryFilter()
TEXT = "word " * 300
ASKED = unit(900)


def row(memory_id: str, *cosines: float, content: str = TEXT) -> NewPassages:
    """Passages of ten characters with given cosines to `ASKED`."""
    return NewPassages(
        memory_id,
        content,
        [Stretch(10 * place, 10 * place + 10) for place in range(len(cosines))],
        [towards(ASKED, cosine, seed) for seed, cosine in enumerate(cosines)],
    )


async def nearest(store: MemoryStore, ns: str, limit: int = 10, where: MemoryFilter = ALL) -> list[tuple[str, float]]:
    found = await store.passages.nearest(ns, ASKED, limit, where, now=2500.0)
    return [(memory_id, round(cosine, 2)) for memory_id, cosine in found]


async def pending(store: MemoryStore, ns: str) -> list[str]:
    return [one.memory_id for one in await store.passages.pending(ns, after=0, limit=10)]


@with_vectors
async def test_passages_from_the_first_to_the_last(store: MemoryStore, ns: str) -> None:
    records, kept = store.records, store.passages
    assert await kept.nearest(ns, ASKED, 5, ALL) == []
    assert await kept.save(ns, [row("m1", 0.5)], model=MODEL) == 0
    await records.insert(
        ns,
        [
            new("m1", TEXT),
            new("m2", TEXT + "2", conversation_id="c"),
            new("m3", "short"),
            new("m4", TEXT + "4", metadata={"speaker": "Anna"}),
            new("m5", TEXT + "5"),
        ],
        reinforcement=0.1,
        model=MODEL,
    )
    # What somebody says has no passages, nor what is short.
    assert await pending(store, ns) == ["m1", "m2", "m5"]
    [first] = await kept.pending(ns, after=0, limit=1)
    assert first.content == TEXT
    assert [one.memory_id for one in await kept.pending(ns, after=first.position, limit=1)] == ["m2"]

    before = await store.changes.revision(ns)
    rows = [
        row("m1", 0.2, 0.9, 0.1),
        row("m2", 0.8, content=TEXT + "2"),
        row("m5", 0.3, content="another"),
        row("m9", 0.5),
    ]
    assert await kept.save(ns, rows, model=MODEL) == 2
    assert await store.changes.revision(ns) != before
    assert await pending(store, ns) == ["m5"]

    assert await nearest(store, ns) == [("m1", 0.9), ("m2", 0.8)]
    assert await nearest(store, ns, 1) == [("m1", 0.9)]
    assert await nearest(store, ns, 0) == []
    assert await nearest(store, ns, where=MemoryFilter(conversation_id="c")) == [("m2", 0.8)]
    assert await nearest(store, other(ns)) == []
    matches = await kept.matches(ns, ["m2", "m1", "m3", "none"], ASKED)
    assert matches.keys() == {"m1", "m2"}
    assert [(one.start, one.end) for one in matches["m1"]] == [(0, 10), (10, 20), (20, 30)]
    assert [one.similarity for one in matches["m1"]] == pytest.approx([0.2, 0.9, 0.1], abs=2e-3)
    assert isinstance(matches["m1"][0], PassageMatch)
    assert await kept.matches(other(ns), ["m1"], ASKED) == {}
    assert await kept.matches(ns, [], ASKED) == {}

    # They are replaced as a whole.
    assert await kept.save(ns, [row("m1", 0.4)], model=MODEL) == 1
    assert await nearest(store, ns) == [("m2", 0.8), ("m1", 0.4)]

    # What is not searched is not found by its passages, and is again when it comes back.
    await records.archive(ns, ["m2"], 2600.0)
    assert await nearest(store, ns) == [("m1", 0.4)]
    assert await kept.matches(ns, ["m2"], ASKED) == {}
    await records.unarchive(ns, ["m2"], 2700.0)
    assert await nearest(store, ns) == [("m2", 0.8), ("m1", 0.4)]
    await records.update(ns, "m2", MemoryChanges(expires_at=2400.0, updated_at=2800.0))
    assert await nearest(store, ns) == [("m1", 0.4)]

    # Another content takes them away, other changes do not.
    await records.update(ns, "m1", MemoryChanges(importance_score=0.9, updated_at=2900.0))
    assert await nearest(store, ns) == [("m1", 0.4)]
    await records.update(ns, "m1", MemoryChanges(content=TEXT + "new", embedding=unit(5), updated_at=2900.0))
    assert await nearest(store, ns) == []
    assert await pending(store, ns) == ["m1", "m5"]

    assert await kept.save(ns, [row("m1", 0.7, content=TEXT + "new")], model=MODEL) == 1
    await records.delete(ns, ["m1"])
    assert await nearest(store, ns) == []
    await records.insert(ns, [new("m1", TEXT)], reinforcement=0.1, model=MODEL)
    assert await nearest(store, ns) == []
    assert await kept.save(ns, [row("m1", 0.6)], model=MODEL) == 1
    await records.forget(ns, None)
    assert await nearest(store, ns) == []
    assert await pending(store, ns) == []


@with_vectors
async def test_passages_of_another_model_are_refused(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1", TEXT)], reinforcement=0.1, model=MODEL)
    with pytest.raises(EmbeddingMismatchError):
        await store.passages.save(ns, [NewPassages("m1", TEXT, [Stretch(0, LONG)], [unit(1, 12)])], model="other")
    assert await pending(store, ns) == ["m1"]
