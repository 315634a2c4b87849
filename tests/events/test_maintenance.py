"""What scheduled jobs do is told like what calls do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryEvent, MemoryManager, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from tests.conftest import open_memory
from tests.fakes import Clock


@pytest.fixture
async def memory(tmp_path: Path, clock: Clock) -> AsyncIterator[MemoryManager]:
    config = MemoryConfig(similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "memory"})
    async with open_memory(config, clock) as manager:
        await manager.store_memory("I like ripe plums.", MemoryType.PREFERENCE, memory_id="like")
        await manager.store_memory("I love ripe plums.", MemoryType.PREFERENCE, memory_id="love")
        await manager.store_memory("Tom walks.", memory_id="old", importance_score=0.1)
        yield manager


async def test_scheduled_jobs_tell_as_well(memory: MemoryManager, clock: Clock) -> None:
    seen: list[tuple[str, int]] = []

    async def listen(event: MemoryEvent) -> None:
        seen.append((event.name, event.count))

    async with memory.subscribe(listen):
        for job in ("decay", "consolidate"):
            await memory.run_job(job)
        clock.advance(400 * 86_400)
        await memory.run_job("cleanup")
    assert seen == [("decayed", 3), ("consolidated", 1), ("deleted", 1)]


async def test_what_comes_back_from_a_file_is_told_batch_by_batch(
    memory: MemoryManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.transfer.restore.BATCH", 2)
    await memory.export_memories(tmp_path / "all.jsonl")
    await memory.delete_memory("like")
    tenant = memory.for_namespace("tenant")
    seen: list[tuple[str, str, list[str], dict[str, object]]] = []

    async def listen(event: MemoryEvent) -> None:
        seen.append((event.namespace, event.name, event.memory_ids, event.details))

    async with memory.subscribe(listen), tenant.subscribe(listen):
        await memory.import_memories(tmp_path / "all.jsonl")
        await tenant.import_memories(tmp_path / "all.jsonl")
        await tenant.import_memories(tmp_path / "all.jsonl")
    assert sorted(seen, key=lambda told: (told[0], told[2])) == [
        ("default", "stored", ["like"], {"imported": 1}),
        ("tenant", "stored", ["like", "love"], {"imported": 2}),
        ("tenant", "stored", ["old"], {"imported": 1}),
    ]


async def test_new_vectors_are_told_of_once_for_each_namespace(memory: MemoryManager) -> None:
    tenant = memory.for_namespace("tenant")
    await tenant.store_memory("Anna walks.")
    store = memory.services.resources.store
    assert isinstance(store, EmbeddedStore)
    seen: list[tuple[str, str, int, list[str], dict[str, object]]] = []

    async def listen(event: MemoryEvent) -> None:
        seen.append((event.namespace, event.name, event.count, event.memory_ids, event.details))

    async with memory.subscribe(listen), tenant.subscribe(listen):
        await memory.reembed()
        await store._database.write(lambda connection: connection.execute("DELETE FROM vectors"))
        await memory.reembed()
    assert sorted(seen) == [
        ("default", "updated", 3, [], {"reembedded": "words"}),
        ("tenant", "updated", 1, [], {"reembedded": "words"}),
    ]
