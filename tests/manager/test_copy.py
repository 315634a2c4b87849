"""Copying into the store of another configuration through the façade."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coda_graphmem import (
    EmbeddingMismatchError,
    MemoryConfig,
    MemoryManager,
    SyncMemoryManager,
    ValidationError,
)
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder

Place = Callable[..., MemoryConfig]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The configuration of a folder of that name."""

    def place(name: str, **values: object) -> MemoryConfig:
        return MemoryConfig(vector_store={"persist_directory": tmp_path / name, **values})

    return place


async def fill(memory: MemoryManager, *names: str) -> None:
    for name in names:
        space = memory.for_namespace(name)
        for i in range(5):
            await space.store_memory(f"Note {i} about Maria", memory_id=f"m{i}", conversation_id="c", timestamp=i + 1.0)


async def test_everything_arrives(memory: MemoryManager, place: Place, clock: Clock) -> None:
    await fill(memory, "one", "two")
    one = memory.for_namespace("one")
    await one.retrieve_memories("note 3", limit=1, min_relevance=0)
    report = await memory.copy_to(place("other"))
    assert report.complete
    assert [(part.namespace, part.copied, part.present) for part in report.namespaces] == [("one", 5, 0), ("two", 5, 0)]
    # The recall before the call was counted by then.
    assert report.namespaces[0].target.access_count == 1
    async with open_memory(place("other"), clock) as other:
        assert await other.list_namespaces() == ["one", "two"]
        there = other.for_namespace("one")
        assert await there.list_memories() == await one.list_memories()
        assert await there.get_memory("m2", with_embedding=True) == await one.get_memory("m2", with_embedding=True)
        [best] = await there.retrieve_memories("note 2", limit=1, mode="vector")
        assert best.memory_id == "m2"
    again = await memory.copy_to(place("other"))
    assert [(part.copied, part.present) for part in again.namespaces] == [(0, 5), (0, 5)]


async def test_only_some_namespaces_in_batches_as_large_as_the_target_takes(
    memory: MemoryManager, place: Place
) -> None:
    await fill(memory, "one", "two", "three")
    seen: list[tuple[int, int]] = []
    report = await memory.copy_to(
        place("other", batch_size=2, max_batch_size=2),
        namespaces=["three", "one", "three"],
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [part.namespace for part in report.namespaces] == ["three", "one"]
    assert [done for done, _ in seen] == [0, 2, 4, 5, 5, 7, 9, 10]
    assert {total for _, total in seen} == {10}


async def test_a_target_that_holds_more_is_no_copy(memory: MemoryManager, place: Place) -> None:
    await fill(memory, "one")
    async with open_memory(place("other")) as other:
        await other.for_namespace("one").store_memory("mine")
    report = await memory.copy_to(place("other"))
    assert not report.complete
    assert report.namespaces[0].differing == ()


async def test_no_model_is_needed(config: MemoryConfig, memory: MemoryManager, place: Place) -> None:
    """Vectors are copied as they are, also where another model is configured by now."""
    await fill(memory, "one")
    await memory.cleanup()
    changed = MemoryManager(config, embedder=WordEmbedder("other words"), extractor=NameExtractor())
    with pytest.raises(EmbeddingMismatchError):
        await changed.initialize()
    try:
        assert (await changed.copy_to(place("other"))).complete
    finally:
        await changed.cleanup()
    async with open_memory(place("third")) as third:
        await third.store_memory("mine")
        await third.cleanup()
        different = MemoryManager(place("fourth"), embedder=WordEmbedder("other words"), extractor=NameExtractor())
        async with different:
            await different.store_memory("theirs")
            with pytest.raises(EmbeddingMismatchError):
                await different.copy_to(place("third"))


async def test_not_onto_itself(config: MemoryConfig, memory: MemoryManager, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / ".." / "memory"
    for same in (config, MemoryConfig(vector_store_type="chroma", vector_store={"persist_directory": folder})):
        with pytest.raises(ValidationError) as caught:
            await memory.copy_to(same)
        assert caught.value.field == "target"
    graph = MemoryConfig(vector_store_type="neo4j", neo4j={"uri": "bolt://127.0.0.1:1"})
    with pytest.raises(ValidationError):
        await MemoryManager(graph).copy_to(MemoryConfig(**{**graph.model_dump(), "namespace": "other"}))


def test_without_await(config: MemoryConfig, place: Place) -> None:
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        memory.store_memory("Note about Maria")
        assert memory.copy_to(place("other")).complete
