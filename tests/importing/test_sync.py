"""The loader for programs without an event loop, and for notebooks with one that runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryStorageError, SyncMemoryManager, ValidationError
from coda_graphmem.importing import Loader, Record, Source, SyncLoader
from tests.conftest import open_memory
from tests.fakes import NameExtractor, WordEmbedder

LINES = """\
{"text": "Anna lives in Rome", "speaker": "Anna", "timestamp": "2025-01-02T10:00:00Z", "conversation_id": "c"}
{"text": "Tom lives in Oslo", "speaker": "Tom", "timestamp": 1735898400, "conversation_id": "c"}
"""


def open_sync(config: MemoryConfig) -> SyncMemoryManager:
    return SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())


def in_a_script(work: Callable[[], None]) -> None:
    work()


def in_a_cell(work: Callable[[], None]) -> None:
    """As in a notebook, whose loop runs while a cell is at work."""

    async def cell() -> None:
        work()

    asyncio.run(cell())


def in_a_thread(work: Callable[[], None]) -> None:
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert errors == []


@pytest.mark.parametrize("place", [in_a_script, in_a_cell, in_a_thread])
@pytest.mark.parametrize("path_of", [str, Path])
def test_it_loads_a_file_wherever_it_is_called(
    config: MemoryConfig, tmp_path: Path, place: Callable[[Callable[[], None]], None], path_of: Callable[[str], Any]
) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_text(LINES, encoding="utf-8")
    with open_sync(config) as memory:

        def work() -> None:
            for new in (2, 0):
                result = SyncLoader(memory).load(Source(path_of(str(file))))
                assert (result.memories, result.new, result.account.passed_over) == (2, new, ())
            assert [m.content for m in memory.list_memories(order="oldest")] == [
                "Anna lives in Rome",
                "Tom lives in Oslo",
            ]

        place(work)


@pytest.mark.slow
def test_a_script_of_its_own_loads_and_ends(tmp_path: Path) -> None:
    (tmp_path / "chat.jsonl").write_text(LINES, encoding="utf-8")
    script = """
from coda_graphmem import MemoryConfig, SyncMemoryManager
from coda_graphmem.importing import Source, SyncLoader

memory = SyncMemoryManager(MemoryConfig(enable_semantic_search=False))
memory.initialize(warm_up=False)
print(SyncLoader(memory).load(Source("chat.jsonl")).new)
memory.cleanup()
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "2", "")


def test_what_was_interrupted_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = MemoryConfig(batch_size=2, vector_store={"persist_directory": tmp_path / "m"})
    records = [Record({"content": f"Anna has {i} dogs", "memory_id": str(i)}, once=True) for i in range(9)]
    store = MemoryManager.store_memories_batch
    calls = 0

    async def failing(self: MemoryManager, batch: Any) -> list[str]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise MemoryStorageError("disk full")
        return await store(self, batch)

    monkeypatch.setattr(MemoryManager, "store_memories_batch", failing)
    with open_sync(config) as memory:
        loader = SyncLoader(memory)
        with pytest.raises(MemoryStorageError):
            loader.load(records)
        assert (loader.done, loader.total) == (4, 9)
        assert memory.count() == 4
        assert loader.load(records).new == 5
        assert (loader.done, loader.total) == (9, 9)


async def test_a_loader_counts_each_load_anew(config: MemoryConfig) -> None:
    records = [Record({"content": f"Anna has {i} dogs", "memory_id": str(i)}, once=True) for i in range(3)]
    async with open_memory(config) as memory:
        loader = Loader(memory)
        for part in (records, records[:2]):
            await loader.load(part)
            assert (loader.done, loader.total) == (len(part), len(part))


async def test_the_memory_is_of_the_loader_s_kind(config: MemoryConfig) -> None:
    with pytest.raises(ValidationError, match=r"must be a MemoryManager, not SyncMemoryManager.*use SyncLoader"):
        Loader(open_sync(config))  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match=r"must be a SyncMemoryManager, not MemoryManager.*use Loader for"):
        SyncLoader(open_memory(config))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [5, None, ["chat.jsonl"]])
def test_a_source_is_a_path_or_a_file(path: Any, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="must be a path or an open binary file"):
        Source(path)
    (tmp_path / "chat.jsonl").write_text(LINES, encoding="utf-8")
    with (
        (tmp_path / "chat.jsonl").open(encoding="utf-8") as text,
        pytest.raises(ValidationError, match="open the file with 'b'"),
    ):
        Source(text)  # type: ignore[arg-type]


def test_it_stores_records_and_counts_them(config: MemoryConfig) -> None:
    records = [Record({"content": f"Anna has {i} dogs", "memory_id": str(i)}, once=True) for i in range(3)]
    seen: list[tuple[int, int]] = []
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        loader = SyncLoader(memory.for_namespace("dogs"))
        assert (loader.done, loader.total) == (0, 0)
        result = loader.load(records, progress=lambda *step: seen.append(step))
        assert (result.memories, result.new, result.namespaces) == (3, 3, ("dogs",))
        assert (loader.done, loader.total, seen) == (3, 3, [(3, 3)])
        assert SyncLoader(memory.for_namespace("dogs")).load(records).new == 0
        assert (memory.count(), memory.for_namespace("dogs").count()) == (0, 3)


def test_sections_that_a_document_holds_no_more_are_removed_where_that_is_asked_for(
    config: MemoryConfig, tmp_path: Path
) -> None:
    text = tmp_path / "pegs.txt"
    with open_sync(config) as memory:
        text.write_text("Pegs are made of titanium.")
        with Source(text, format="documents") as source:
            SyncLoader(memory).load(source)
            text.write_text("Pegs are made of steel.")
            assert SyncLoader(memory).load(source).outdated == 1
            assert memory.count() == 2
            assert SyncLoader(memory).load(source, replace=True).removed == 1
            assert memory.count() == 1
