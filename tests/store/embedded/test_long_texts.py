"""What the file does with passages by itself: older files, other processes, damage, and no byte that is left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coda_graphmem.language.excerpts import LONG, Stretch
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import passages
from coda_graphmem.store.embedded.schema import MIGRATIONS
from coda_graphmem.store.embedded.store import EmbeddedStore
from coda_graphmem.store.protocol import NewPassages
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.factory import DIMENSION, MODEL, new, towards, unit

ALL = MemoryFilter()
TEXT = "word " * 300
ASKED = unit(900)


def row(memory_id: str, *cosines: float) -> NewPassages:
    vectors = [towards(ASKED, cosine, seed) for seed, cosine in enumerate(cosines)]
    return NewPassages(memory_id, TEXT, [Stretch(0, 10)] * len(cosines), vectors)


def test_the_file_knows_the_same_texts_to_be_long() -> None:
    script = Path(passages.__file__).with_name(MIGRATIONS[9]).read_text(encoding="utf-8")
    assert f"length(content) > {LONG};" in script
    assert f"length(m.content) > {LONG} " in passages._PENDING


async def test_other_processes_follow_and_a_new_model_takes_all_away(opened: MakeStore) -> None:
    async with opened() as one, opened() as other, opened() as fresh:
        await follow(one, other, fresh)


async def follow(one: EmbeddedStore, other: EmbeddedStore, fresh: EmbeddedStore) -> None:
    await one.records.insert("ns", [new("m1", TEXT), new("m2", TEXT)], reinforcement=0.1, model=MODEL)
    await one.passages.save("ns", [row("m1", 0.5, 0.1)], model=MODEL)
    assert [name for name, _ in await other.passages.nearest("ns", ASKED, 5, ALL)] == ["m1"]
    await one.passages.save("ns", [row("m2", 0.9)], model=MODEL)
    found = await other.passages.nearest("ns", ASKED, 5, ALL)
    assert [name for name, _ in found] == ["m2", "m1"]
    assert [cosine for _, cosine in found] == pytest.approx([0.9, 0.5], abs=2e-3)
    # What cannot be compared is left out.
    with raw(one._database.path) as db:
        db.execute("UPDATE passages SET data = x'00' WHERE memory = (SELECT id FROM memories WHERE memory_id = 'm2')")
        db.execute("UPDATE namespaces SET passage_changes = passage_changes + 1")
    assert [name for name, _ in await fresh.passages.nearest("ns", ASKED, 5, ALL)] == ["m1"]

    # The same model again leaves them; another one does not.
    for model, left in ((MODEL, 3), ("other", 0)):
        while rows := await one.vectors.pending_reembed(model, DIMENSION, 10):
            await one.vectors.save_reembedded([(*about, unit(7)) for about in rows])
        await one.vectors.finish_reembed()
        with raw(one._database.path) as db:
            assert db.execute("SELECT count(*) FROM passages").fetchone() == (left,)


async def test_vectors_in_memory_are_bounded(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "MAX_BYTES", 1)
    for name in ("a", "b"):
        await store.records.insert(name, [new("m1", TEXT)], reinforcement=0.1, model=MODEL)
        await store.passages.save(name, [row("m1", 0.5)], model=MODEL)
    for name in ("a", "b", "a"):
        assert len(await store.passages.nearest(name, ASKED, 5, ALL)) == 1
        assert len(store.passages._held) == 1


async def test_no_byte_is_left(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1", TEXT), new("m2")], reinforcement=0.1, model=MODEL)
    mark = np.tile(np.frombuffer(b"\xab\x34", dtype="<f2").astype(np.float32), DIMENSION)
    await store.passages.save("ns", [NewPassages("m1", TEXT, [Stretch(0, 10)], [mark])], model=MODEL)
    blob = b"\xab\x34" * 20
    path = store._database.path

    def held() -> bool:
        return any(blob in file.read_bytes() for file in path.parent.iterdir())

    assert held()
    receipt = await store.records.delete("ns", ["m1"])
    assert receipt.pending == []
    assert not held()
