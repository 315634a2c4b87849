"""Changing the embedding model, with writers at work and interruptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.errors import EmbeddingMismatchError, MemoryStorageError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges, NewItem
from tests.store.embedded.conftest import MakeStore, check_consistency
from tests.store.factory import DIMENSION, MODEL, new, unit

ALL = MemoryFilter()
OTHER = "other/model"
SIZE = 16


async def round_(store: EmbeddedStore, limit: int = 100, model: str = OTHER, size: int = SIZE) -> int:
    rows = await store.vectors.pending_reembed(model, size, limit)
    kept = await store.vectors.save_reembedded([(ns, mid, text, unit(hash_of(text), size)) for ns, mid, text in rows])
    return sum(kept.values())


def hash_of(text: str) -> int:
    return sum(map(ord, text))


async def fill(store: EmbeddedStore) -> None:
    await store.records.insert("a", [new(f"m{i}") for i in range(5)], reinforcement=0.1)
    await store.records.insert(
        "b", [new("m1"), new("s1", expires_at=9.0), new("m9", embedding=None)], reinforcement=0.1
    )
    await store.records.archive("a", ["m4"], 1.0)


async def test_the_change_is_resumable_and_takes_effect_at_once(opened: MakeStore, file: Path) -> None:
    async with opened() as store:
        await fill(store)
        assert await store.vectors.reembed_progress() == (7, 8)
        assert await round_(store, 3) == 3
        assert await store.vectors.reembed_progress() == (3, 8)
        # Until it is finished, searches go on with the old vectors.
        assert (await store.search.search_vector("a", unit(2), 1, ALL))[0].memory_id == "m2"
    async with opened() as store:
        assert await store.vectors.reembed_progress() == (3, 8)
        with pytest.raises(MemoryStorageError, match="5 memories"):
            await store.vectors.finish_reembed()
        assert await round_(store) == 5
        assert await store.vectors.pending_reembed(OTHER, SIZE, 9) == []
        assert len(await store.search.search_vector("a", unit(2), 9, ALL)) == 4
        await store.vectors.finish_reembed()
        info = await store.info()
        assert (info.embedding_model, info.dimension) == (OTHER, SIZE)
        wanted = unit(hash_of("content of m2"), SIZE)
        best = (await store.search.search_vector("a", wanted, 1, ALL))[0]
        assert (best.memory_id, best.similarity) == ("m2", pytest.approx(1.0, abs=1e-3))
        assert len(await store.search.search_vector("a", wanted, 9, ALL)) == 4
        assert len(await store.search.search_vector("b", wanted, 9, ALL)) == 2
        assert len((await store.records.get("a", ["m4"], with_embedding=True))[0].embedding or []) == SIZE
        assert await store.vectors.reembed_progress() == (8, 8)
        await store.records.insert("a", [new("m50", embedding=unit(50, SIZE))], reinforcement=0.1)
        await store.vectors.finish_reembed()
        assert (await store.info()).embedding_model == OTHER
    check_consistency(file)


async def test_what_is_written_meanwhile_is_not_lost(opened: MakeStore) -> None:
    async with opened() as store, opened() as writer:
        await fill(store)
        await round_(store)
        await writer.records.insert("a", [new("m20")], reinforcement=0.1)
        await writer.records.update("a", "m1", MemoryChanges(content="changed", embedding=unit(70), updated_at=1.0))
        await writer.records.delete("a", ["m0"])
        assert await store.vectors.reembed_progress() == (6, 8)
        # New to the old vectors too, until the change.
        assert (await writer.search.search_vector("a", unit(20), 1, ALL))[0].memory_id == "m20"
        with pytest.raises(MemoryStorageError):
            await store.vectors.finish_reembed()
        assert {row[1] for row in await store.vectors.pending_reembed(OTHER, SIZE, 9)} == {"m20", "m1"}
        await round_(store)
        await store.vectors.finish_reembed()
        for name, text in (("m20", "content of m20"), ("m1", "changed")):
            best = (await store.search.search_vector("a", unit(hash_of(text), SIZE), 1, ALL))[0]
            assert (best.memory_id, best.similarity) == (name, pytest.approx(1.0, abs=1e-3))


async def test_a_vector_of_content_that_has_changed_is_not_kept(store: EmbeddedStore) -> None:
    await fill(store)
    rows = await store.vectors.pending_reembed(OTHER, SIZE, 1)
    await store.records.update("a", rows[0][1], MemoryChanges(content="newer", updated_at=1.0))
    assert await store.vectors.save_reembedded([(*rows[0], unit(1, SIZE))]) == {}
    assert (await store.vectors.pending_reembed(OTHER, SIZE, 1))[0][2] == "newer"


async def test_who_still_uses_the_old_model_is_told(opened: MakeStore) -> None:
    async with opened() as store, opened() as old:
        await fill(store)
        await old.search.search_vector("a", unit(1), 1, ALL)
        while await round_(store, size=DIMENSION):
            pass
        await store.vectors.finish_reembed()
        # Same length, so that nothing but the record tells them apart.
        for call in (
            old.search.search_vector("a", unit(1), 1, ALL),
            old.search.similarities("a", ["m1"], unit(1)),
            old.search.candidates("a", ["m1"], unit(1)),
            old.records.insert("a", [new("m30")], reinforcement=0.1),
            old.records.update("a", "m1", MemoryChanges(content="x", embedding=unit(1))),
        ):
            with pytest.raises(EmbeddingMismatchError):
                await call
        assert await old.records.get("a", ["m30"]) == []
        assert len((await old.search.search_text("a", ["content"], 9, ALL)).found) == 4
        assert [c.similarity for c in await old.search.candidates("a", ["m1"], None)] == [None]


async def test_another_target_starts_over(store: EmbeddedStore) -> None:
    await fill(store)
    await round_(store)
    assert len(await store.vectors.pending_reembed("third", SIZE, 99)) == 8
    assert await store.vectors.reembed_progress() == (0, 8)


async def test_gaps_are_filled_for_the_same_model(store: EmbeddedStore) -> None:
    await fill(store)
    assert [row[1] for row in await store.vectors.pending_reembed(MODEL, DIMENSION, 9)] == ["m9"]
    assert await round_(store, model=MODEL, size=DIMENSION) == 1
    await store.vectors.finish_reembed()
    assert len(await store.search.search_vector("b", unit(1), 9, ALL)) == 2
    best = (await store.search.search_vector("a", unit(2), 1, ALL))[0]
    assert (best.memory_id, best.similarity) == ("m2", pytest.approx(1.0, abs=1e-3))


async def test_vectors_nobody_asked_for_are_refused(store: EmbeddedStore) -> None:
    await fill(store)
    with pytest.raises(MemoryStorageError, match="under way"):
        await store.vectors.save_reembedded([("a", "m1", "content of m1", unit(1, SIZE))])
    await store.vectors.pending_reembed(OTHER, SIZE, 1)
    with pytest.raises(EmbeddingMismatchError):
        await store.vectors.save_reembedded([("a", "m1", "content of m1", unit(1, SIZE + 1))])


async def test_items_change_their_vectors_with_memories(opened: MakeStore) -> None:
    def item(key: str, texts: int = 1, **values: Any) -> NewItem:
        vectors = tuple(unit(hash_of(key) + n) for n in range(texts))
        return NewItem(("a",), key, {"text": key}, fields=("text",), texts=texts, **{"vectors": vectors, **values})

    async def held(store: EmbeddedStore) -> dict[str, list[int]]:
        rows = await store.items.export_items("a", after=0, limit=9)
        return {row.key: [len(vector) for vector in row.vectors] for row in rows}

    async with opened() as store, opened() as writer:
        foreign = item("foreign", embedder="another", vectors=(unit(1, 7),))
        await store.items.batch("a", [], [item("one"), item("two", 2), foreign], now=1.0, model=MODEL)
        rows = await store.items.pending_items(OTHER, 9)
        assert sorted(row.value["text"] for row in rows) == ["one", "two"]
        assert await store.vectors.pending_reembed(OTHER, SIZE, 9) == []
        vectors = [(row.namespace, row.position, [unit(hash_of(row.value["text"]), SIZE)]) for row in rows]
        assert await store.items.save_item_vectors(OTHER, vectors) == 2
        # Until it is finished, those of the old model are what there is.
        assert await held(store) == {"one": [DIMENSION], "two": [DIMENSION] * 2, "foreign": [7]}
        await writer.items.batch("a", [], [item("one")], now=2.0, model=MODEL)
        with pytest.raises(MemoryStorageError, match="1 memories and items"):
            await store.vectors.finish_reembed()
        [row] = await store.items.pending_items(OTHER, 9)
        await store.items.save_item_vectors(OTHER, [(row.namespace, row.position, [unit(1, SIZE)])])
        await store.vectors.finish_reembed()
        assert await held(store) == {"two": [SIZE], "foreign": [7], "one": [SIZE]}
        with pytest.raises(EmbeddingMismatchError):
            await writer.items.batch("a", [], [item("three")], now=3.0, model=MODEL)
