"""Jobs, health, optimisation and re-embedding know items."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, ValidationError
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder


async def counted(memory: MemoryManager, kind: str) -> list[int]:
    """How many things an issue of a kind is about, where there is one."""
    return [issue.count for issue in (await memory.check_memory_health()).issues if issue.kind == kind]


async def test_the_job_expire_removes_what_is_over_everywhere(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        for view in (memory, memory.for_namespace("other")):
            await view.put_item(("a",), "over", {}, ttl=10)
            await view.put_item(("a",), "ever", {})
        clock.advance(11)
        assert await counted(memory, "expired_items") == [1]
        run = await memory.run_job("expire")
        assert run is not None
        assert (run.changed, run.summary["items"]) == (2, 2)
        assert await counted(memory, "expired_items") == []


async def test_a_store_of_items_alone_has_jobs_that_are_due(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.put_item(("a",), "k", {}, ttl=10)
        clock.advance(2 * 3600)
        assert await memory.run_due_jobs(["expire"]) != []
        assert (await memory.get_memory_stats()).total_items == 0


async def test_optimisation_and_sweeping_remove_what_is_over(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.put_item(("a",), "k", {}, ttl=10)
        await memory.put_item(("a",), "l", {}, ttl=20)
        clock.advance(11)
        assert await memory.expire_items() == 1
        clock.advance(11)
        assert (await memory.optimize_storage()).expired_items == 1


async def test_optimisation_makes_wrong_vectors_anew(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.put_item(("a",), "k", {"text": "tea"}, fields=["text"])
        file = memory.services.resources.store._database.path  # type: ignore[attr-defined]
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE item_vectors SET data = x'00000000'")
        assert await counted(memory, "wrong_item_vectors") == [1]
        assert (await memory.optimize_storage()).repaired_vectors == 1
        assert [item.score for item in await memory.search_items((), "tea")] == [pytest.approx(1.0)]


async def test_a_change_of_the_model_changes_items(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.put_item(("a",), "k", {"text": "tea", "note": "rum"}, fields=["text", "note"])
        await memory.put_item(("a",), "plain", {"text": "tea"})
    options = {"embedder": WordEmbedder("others", 20), "extractor": NameExtractor(), "clock": clock}
    changed = MemoryManager(config, **options)  # type: ignore[arg-type]
    result = await changed.reembed()
    assert (result.items, result.embedded, result.dimension) == (1, 0, 20)
    assert (await changed.reembed()).items == 0
    assert [item.key for item in await changed.search_items((), "rum")] == ["k"]
    await changed.cleanup()


async def test_what_was_removed_leaves_no_byte(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        file = memory.services.resources.store._database.path  # type: ignore[attr-defined]
        await memory.put_item(("a",), "k", {"text": "unmistakable"}, fields=["text"])
        assert await memory.delete_item(("a",), "k")
    held = b"".join(path.read_bytes() for path in file.parent.iterdir() if path.is_file())
    assert b"unmistakable" not in held


async def test_without_a_model_items_are_kept_and_found_by_path(config: MemoryConfig, clock: Clock) -> None:
    plain = config.model_copy(update={"enable_semantic_search": False})
    async with MemoryManager(plain, extractor=NameExtractor(), clock=clock) as memory:
        await memory.put_item(("a",), "k", {"text": "tea"}, fields=["text"])
        assert [item.key for item in await memory.search_items(("a",))] == ["k"]
        with pytest.raises(ValidationError, match="semantic search is switched off") as caught:
            await memory.search_items((), "tea")
        assert caught.value.field == "query"
    # Once there is one, they get their vectors.
    async with open_memory(config, clock) as memory:
        assert (await memory.reembed()).items == 1
        assert [item.key for item in await memory.search_items((), "tea")] == ["k"]
