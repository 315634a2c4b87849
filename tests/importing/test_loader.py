"""Records are stored batch by batch, and an import that broke off is continued."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryStorageError
from coda_graphmem.importing import Loader, Record, read_jsonl
from tests.conftest import open_memory


def records(count: int, namespace: str | None = None) -> list[Record]:
    lines = (f'{{"text": "Turn {i} about Berlin", "conversation_id": "c", "timestamp": {i}}}' for i in range(count))
    return [Record(record.memory, namespace) for record in read_jsonl(lines, "talk.jsonl")]


async def test_everything_is_stored_in_order_and_once(memory: MemoryManager) -> None:
    result = await Loader(memory).load(records(5))
    assert (result.memories, result.new, result.namespaces) == (5, 5, ("default",))
    assert result.rate > 0
    assert [item.content[5] for item in await memory.list_memories(order="oldest")] == list("01234")
    again = await Loader(memory).load(records(6))
    assert (again.memories, again.new) == (6, 1)
    assert await memory.count() == 6


async def test_each_record_goes_into_its_namespace(memory: MemoryManager) -> None:
    mixed = [*records(2, "a"), *records(3, "b"), *records(1)]
    result = await Loader(memory).load(mixed)
    assert result.namespaces == ("a", "b", "default")
    counts = [await memory.for_namespace(name).count() for name in result.namespaces]
    assert counts == [2, 3, 1]


async def test_what_can_be_read_only_once_is_stored_too(memory: MemoryManager) -> None:
    result = await Loader(memory).load(iter(records(3)))
    assert (result.memories, result.new) == (3, 3)
    assert await memory.count() == 3


async def test_nothing_to_store_is_no_error(memory: MemoryManager) -> None:
    result = await Loader(memory).load([])
    assert (result.memories, result.new, result.namespaces) == (0, 0, ())


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({"batch_size": 2}, [4, 8, 9]),
        ({"batch_size": 2, "vector_store": {"max_batch_size": 3, "batch_size": 1}}, [3, 6, 9]),
    ],
)
async def test_progress_comes_with_each_batch(tmp_path: Any, settings: dict[str, Any], steps: list[int]) -> None:
    vector_store = {"persist_directory": tmp_path / "m", **settings.pop("vector_store", {})}
    seen: list[tuple[int, int]] = []
    async with open_memory(MemoryConfig(vector_store=vector_store, **settings)) as memory:
        await Loader(memory).load(records(9), lambda done, total: seen.append((done, total)))
    assert seen == [(step, 9) for step in steps]


async def test_an_import_that_broke_off_is_continued(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = MemoryConfig(batch_size=2, vector_store={"persist_directory": tmp_path / "m"})
    async with open_memory(config) as memory:
        store = MemoryManager.store_memories_batch
        calls = 0

        async def failing(self: MemoryManager, batch: Any) -> list[str]:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise MemoryStorageError("disk full")
            return await store(self, batch)

        monkeypatch.setattr(MemoryManager, "store_memories_batch", failing)
        loader = Loader(memory)
        with pytest.raises(MemoryStorageError):
            await loader.load(records(9))
        assert loader.done == 4 == await memory.count()
        result = await Loader(memory).load(records(9))
        assert (result.memories, result.new) == (9, 5)
        assert await memory.count() == 9
