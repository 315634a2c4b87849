"""Items leave in a file and come back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, PutItem, SearchItems, ValidationError
from tests.fakes import Clock, NameExtractor, WordEmbedder


@asynccontextmanager
async def manager(folder: Path, model: str = "words", clock: Clock | None = None) -> AsyncIterator[MemoryManager]:
    config = MemoryConfig(vector_store={"persist_directory": folder})
    options: dict[str, Any] = {"embedder": WordEmbedder(model), "extractor": NameExtractor(), "clock": clock or Clock()}
    async with MemoryManager(config, **options) as memory:
        yield memory


async def fill(memory: MemoryManager) -> None:
    await memory.store_memory("Nora rows on Sundays")
    await memory.put_item(("users", "nora"), "k\n", {"text": "tea \ud800 \x00", "n": 10**30, "deep": {"é": [None]}},
                          fields=["text"])  # fmt: skip
    await memory.put_item(("users",), "", {}, ttl=100)
    foreign = PutItem(path=("x",), key="own", value={"text": "rum"}, fields=["text"])
    await memory.batch_items([foreign], embedder=WordEmbedder("another", 9))


async def everything(memory: MemoryManager) -> list[Any]:
    return await memory.search_items(refresh=False)


@pytest.mark.parametrize("with_embeddings", [True, False])
async def test_items_come_back_as_they_were(tmp_path: Path, with_embeddings: bool) -> None:
    file = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        result = await source.export_memories(file, with_embeddings=with_embeddings)
        assert (result.memories, result.items) == (1, 3)
        report = await target.import_memories(file)
        assert (report.items, report.new_items, report.new) == (3, 3, 1)
        assert report.embedded == (0 if with_embeddings else 2)
        assert await everything(target) == await everything(source)
        [found] = await target.search_items((), "tea")
        assert found.score == (await source.search_items((), "tea"))[0].score
        # What another model made could not be made anew, and is kept in any case.
        own = WordEmbedder("another", 9)
        [[rum]] = await target.batch_items([SearchItems(query="rum")], embedder=own)
        assert rum.score == pytest.approx(1.0)
        assert (await target.import_memories(file)).new_items == 0


async def test_items_get_vectors_of_the_model_they_come_to(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two", "others") as target:
        await fill(source)
        await source.export_memories(file)
        assert (await target.import_memories(file)).embedded == 2
        [found] = await target.search_items((), "tea")
        assert found.value["n"] == 10**30
        assert [issue for issue in (await target.check_memory_health()).issues if "item_vectors" in issue.kind] == []


async def test_conditions_are_about_memories(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as source:
        await fill(source)
        result = await source.export_memories(tmp_path / "some.jsonl", where={"memory_type": "episodic"})
        assert result.items == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": []}, "path: is empty"),
        ({"path": ["a", ""]}, "path[1]: is empty"),
        ({"value": [1]}, "value: must be a mapping"),
        ({"surprise": 1}, "surprise: is no key of this version"),
        ({"vectors": ["f4:AAAA"]}, "embedding: "),
        ({"created_at": "1"}, "created_at: must be a number"),
    ],
)
async def test_a_damaged_line_is_named_and_nothing_is_kept(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    file = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        await source.export_memories(file)
        lines = file.read_text().splitlines()
        lines[3] = json.dumps({**json.loads(lines[3]), **change})
        file.write_text("\n".join(lines))
        with pytest.raises(ValidationError) as caught:
            await target.import_memories(file)
        assert f"line 4, {said}" in str(caught.value)
        assert await everything(target) == []
        assert await target.count() == 0
        # One that lacks an item was cut off.
        del lines[3]
        file.write_text("\n".join(lines))
        with pytest.raises(ValidationError, match="cut off"):
            await target.import_memories(file)
