"""Tools of the extended profile."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.conftest import open_memory
from tests.fakes import Clock
from tests.mcp.clients import calling


@pytest.fixture
async def pair(tmp_path: Path, clock: Clock) -> AsyncIterator[MemoryManager]:
    """A memory in which two memories may be merged."""
    config = MemoryConfig(similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "memory"})
    async with open_memory(config, clock) as memory:
        await memory.store_memory("I like ripe plums.", "preference", memory_id="like")
        await memory.store_memory("I love ripe plums.", "preference", memory_id="love")
        yield memory


async def test_stats_count(memory: MemoryManager) -> None:
    await memory.store_memory("Maria rows.", "semantic", conversation_id="c")
    await memory.store_memory("It rains.", memory_id="gone")
    await memory.archive_memories(["gone"])
    async with calling(memory, "extended") as call:
        told = await call("memory_stats")
    assert (told["memories"], told["archived"], told["by_type"]) == (1, 1, {"semantic": 1})
    assert (told["entities"], told["conversations"], told["oldest"]) == (1, 1, "2025-06-15")
    assert "1 memories (1 semantic), 0 short-term, 1 archived" in told["text"]


async def test_consolidate_only_says_what_it_would_do_unless_told_otherwise_and_undo_takes_it_back(
    pair: MemoryManager,
) -> None:
    async with calling(pair, "extended") as call:
        dry = await call("memory_consolidate")
        assert (dry["dry_run"], dry["merged"], dry.get("undo_id")) == (True, 1, None)
        assert sorted(dry["proposals"][0]["source_ids"]) == ["like", "love"]
        assert "Call again with dry_run false" in dry["text"]
        assert await pair.count() == 2
        assert (await call("memory_consolidate", time_window_hours=0.000001))["considered"] == 2
        done = await call("memory_consolidate", dry_run=False)
        assert await pair.count() == 1
        assert done["undo_id"] in done["text"]
        back = await call("memory_undo", undo_id=done["undo_id"])
        assert sorted(back["restored"]) == ["like", "love"]
        assert back["removed"] == [done["proposals"][0]["merged_id"]]
        assert await pair.count() == 2
        assert await call.refused("memory_undo", undo_id="nothing")


async def test_consolidate_looks_as_far_back_as_it_is_told(pair: MemoryManager, clock: Clock) -> None:
    clock.advance(7_200)
    async with calling(pair, "extended") as call:
        assert (await call("memory_consolidate", time_window_hours=1))["considered"] == 0
        assert (await call("memory_consolidate", time_window_hours=3))["considered"] == 2


async def test_undo_takes_forgetting_back_too(pair: MemoryManager) -> None:
    async with calling(pair, "extended") as call:
        gone = await call("memory_forget", memory_ids=["like"])
        assert (await call("memory_undo", undo_id=gone["undo_id"]))["restored"] == ["like"]


async def test_related_follows_entities_and_conversations(memory: MemoryManager) -> None:
    for name, text in (("a", "Maria rows."), ("b", "Maria sings to Tom."), ("c", "Tom paints."), ("d", "Rex barks.")):
        await memory.store_memory(text, "semantic", memory_id=name)
    async with calling(memory, "extended") as call:
        near = await call("memory_related", memory_id="a")
        assert [one["memory_id"] for one in near["memories"]] == ["b"]
        assert near["shared"] == {"b": ["Maria"]}
        assert '  shares "Maria"' in near["text"]
        far = await call("memory_related", memory_id="a", max_depth=2)
        assert sorted(one["memory_id"] for one in far["memories"]) == ["b", "c"]
        one = await call("memory_related", memory_id="a", max_depth=2, limit=1)
        assert len(one["memories"]) == 1
        assert "1 more" in one["note"]
        long = await call("memory_related", memory_id="a", response_format="detailed")
        assert long["memories"][0]["entities"] == ["Maria", "Tom"]
        assert 'no memory "x"' in await call.refused("memory_related", memory_id="x")


async def test_export_writes_a_new_file_of_its_own_each_time(memory: MemoryManager) -> None:
    await memory.store_memory("Maria rows.", "semantic", memory_id="m")
    async with calling(memory, "extended") as call:
        first, second = await call("memory_export"), await call("memory_export")
        assert "no argument 'path'" in await call.refused("memory_export", path="/etc/passwd")
    assert first["path"] != second["path"]
    folder = Path(memory.config.vector_store.persist_directory) / "exports"
    assert first["memories"] == 1
    check_export(Path(first["path"]), folder, first["bytes"])


def check_export(path: Path, folder: Path, size: int) -> None:
    """That an export is where and as it should be."""
    assert path.parent == folder
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert size == path.stat().st_size
    assert any(json.loads(row).get("memory_id") == "m" for row in path.read_text(encoding="utf-8").splitlines())


async def test_the_default_profile_has_none_of_them(memory: MemoryManager) -> None:
    async with calling(memory, "default") as call:
        names = [tool.name for tool in (await call.client.list_tools()).tools]
    assert len(names) == 8
    assert not {"memory_stats", "memory_related", "memory_consolidate", "memory_undo", "memory_export"} & set(names)
