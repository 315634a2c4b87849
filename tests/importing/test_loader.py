"""Records are stored batch by batch, and an import that broke off is continued."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from coda_graphmem import EmbeddingError, MemoryConfig, MemoryManager, MemoryStorageError, ValidationError
from coda_graphmem.importing import Loader, Record, Source, read_jsonl
from tests.conftest import open_memory
from tests.fakes import WordEmbedder


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


def with_ids(*entries: tuple[str, str]) -> list[Record]:
    lines = [json.dumps({"text": text, "memory_id": memory_id}) for memory_id, text in entries]
    return list(read_jsonl(lines, "talk.jsonl"))


async def test_an_id_that_stands_twice_for_different_things_stores_nothing(memory: MemoryManager) -> None:
    many = [("same", "one"), *((f"m{i}", f"Turn {i}") for i in range(400)), ("same", "another")]
    with pytest.raises(ValidationError, match=r"stands at talk\.jsonl, line 1 already") as caught:
        await Loader(memory).load(with_ids(*many))
    assert caught.value.field == "talk.jsonl, line 402"
    assert await memory.count() == 0
    assert (await Loader(memory).load(with_ids(("same", "one"), ("same", "one")))).new == 1


async def test_an_id_that_the_memory_has_for_something_else_stores_nothing(memory: MemoryManager) -> None:
    await memory.store_memory("one", memory_id="same")
    many = [*((f"m{i}", f"Turn {i}") for i in range(400)), ("same", "another")]
    with pytest.raises(ValidationError, match="is in the memory with other content") as caught:
        await Loader(memory).load(with_ids(*many))
    assert caught.value.field == "talk.jsonl, line 401"
    assert await memory.count() == 1
    assert (await Loader(memory).load(with_ids(("same", "one"), ("other", "two")))).new == 1


async def test_the_result_accounts_for_what_was_read(memory: MemoryManager, tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Preamble\nNora: Hello.\n\nIda: Hi.\n")
    account = (await Loader(memory).load(Source(tmp_path / "talk.txt"))).account
    assert (account.taken("lines"), account.read("lines")) == (2, 4)
    assert (await Loader(memory).load(records(2))).account.units == ()


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


class Embedder(WordEmbedder):
    """Notes what it has embedded, and fails at a text."""

    def __init__(self, fails_at: str = "nothing") -> None:
        super().__init__()
        self.fails_at = fails_at
        self.texts = 0
        self._seen: set[str] = set()
        self._sees = threading.Condition()

    def sees(self, text: str) -> bool:
        """Whether a text is embedded within some seconds."""
        with self._sees:
            return self._sees.wait_for(lambda: text in self._seen, 10)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.fails_at in texts:
            raise OSError("broken")
        with self._sees:
            self._seen.update(texts)
            self.texts += len(texts)
            self._sees.notify_all()
        return super().embed(texts)


def in_twos(folder: Path) -> MemoryConfig:
    return MemoryConfig(batch_size=1, vector_store={"persist_directory": folder / "m", "batch_size": 1})


async def test_a_batch_is_embedded_while_the_one_before_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = Embedder()
    async with open_memory(in_twos(tmp_path), embedder=embedder) as memory:
        records_of_store = memory.services.resources.store.records
        insert = records_of_store.insert
        embedded: list[bool] = []

        async def slow(namespace: str, rows: Sequence[Any], **named: Any) -> Any:
            following = int(rows[-1].content.split()[1]) + 1
            last = following == 5
            embedded.append(last or await asyncio.to_thread(embedder.sees, f"Turn {following} about Berlin"))
            return await insert(namespace, rows, **named)

        monkeypatch.setattr(records_of_store, "insert", slow)
        await Loader(memory).load(records(5))
        assert await memory.count() == 5
    assert embedded == [True, True, True]
    assert embedder.texts == 5, "what was made ready is not made again"


async def test_what_was_read_before_a_failure_is_stored(tmp_path: Path) -> None:
    embedder = Embedder("Turn 5 about Berlin")
    async with open_memory(in_twos(tmp_path), embedder=embedder) as memory:
        loader = Loader(memory)
        with pytest.raises(EmbeddingError):
            await loader.load(records(9))
        assert loader.done == 4 == await memory.count()
        embedder.fails_at = "nothing"
        assert (await Loader(memory).load(records(9))).new == 5


async def test_a_cancelled_import_leaves_whole_batches_and_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_memory(in_twos(tmp_path), embedder=Embedder()) as memory:
        records_of_store = memory.services.resources.store.records
        insert = records_of_store.insert
        begun = asyncio.Event()

        async def stuck(namespace: str, rows: Sequence[Any], **named: Any) -> Any:
            if any("Turn 4 " in row.content for row in rows):
                begun.set()
                await asyncio.Event().wait()
            return await insert(namespace, rows, **named)

        monkeypatch.setattr(records_of_store, "insert", stuck)
        before = asyncio.all_tasks()
        loader = Loader(memory)
        task = asyncio.create_task(loader.load(records(9)))
        await asyncio.wait_for(begun.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert loader.done == 4 == await memory.count()
        assert {one.get_name() for one in asyncio.all_tasks() - before} <= {"coda-graphmem-facts"}
        monkeypatch.setattr(records_of_store, "insert", insert)
        assert (await Loader(memory).load(records(9))).new == 5


async def test_what_the_batch_before_has_brought_is_passed_over(tmp_path: Path) -> None:
    [one, two, three] = [replace(record, once=True) for record in records(3)]
    again = replace(one, memory={**one.memory, "metadata": {"position": 7}})
    async with open_memory(in_twos(tmp_path)) as memory:
        result = await Loader(memory).load([one, two, again, three])
        assert (result.memories, result.new) == (4, 3)
        [kept] = await memory.get_memories([one.memory["memory_id"]])
        assert "position" not in kept.metadata
