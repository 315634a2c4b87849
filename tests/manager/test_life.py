"""Opened, closed and opened again, in whichever loop and thread: it works, or fails at once with an error of ours."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, NotInitializedError, SyncMemoryManager, VectorStoreError
from coda_graphmem.store.embedded.store import file_of
from tests.conftest import open_memory
from tests.fakes import NameExtractor, WordEmbedder


def in_threads(*works: Callable[[], object]) -> list[BaseException]:
    """Do all at once; what they raised."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return errors


def own_threads() -> set[str]:
    """Names of threads of ours that do not end by themselves in a moment."""
    own = [t for t in threading.enumerate() if t.name.startswith(("graphmem", "embed-", "extract-", "coda-graphmem"))]
    for thread in own:
        thread.join(2)
    return {thread.name for thread in own if thread.is_alive()}


async def test_open_close_and_open_again(config: MemoryConfig) -> None:
    memory = open_memory(config)
    for i in range(3):
        await memory.initialize()
        await memory.store_memory(f"Anna has {i} dogs")
        assert len(await memory.retrieve_memories("Anna dogs", min_relevance=0.0)) == i + 1
        await memory.cleanup()
        with pytest.raises(NotInitializedError):
            await memory.count()
    assert own_threads() == set()


def test_the_synchronous_twin_opens_again(config: MemoryConfig) -> None:
    memory = SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())
    for i in range(3):
        with memory:
            memory.store_memory(f"Anna has {i} dogs")
            assert memory.count() == i + 1


async def test_an_initialisation_that_failed_is_made_up_for(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder")
    memory = open_memory(MemoryConfig(vector_store={"persist_directory": tmp_path / "folder" / "memory"}))
    for _ in range(2):
        with pytest.raises(VectorStoreError):
            await memory.initialize()
    (tmp_path / "folder").unlink()
    async with memory:
        await memory.store_memory("It is there now")
        assert await memory.count() == 1


@pytest.mark.parametrize("how", ["cancelled", "timed out"])
async def test_nobody_waits_for_an_initialisation_that_was_given_up(config: MemoryConfig, how: str) -> None:
    async with open_memory(config) as memory:
        await memory.store_memory("kept")
    other = sqlite3.connect(file_of(config))
    other.execute("BEGIN IMMEDIATE")
    memory = open_memory(config)
    opening = asyncio.create_task(memory.initialize())
    await asyncio.wait({opening}, timeout=0.2)
    try:
        if how == "cancelled" and not opening.done():
            opening.cancel()
            await asyncio.wait({opening}, timeout=5)
        elif not opening.done():
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(opening, 0.1)
        assert opening.done()
    finally:
        other.rollback()
        other.close()
    async with memory:
        await memory.store_memory("again")
        assert await memory.count() == 2


def test_three_loops_use_one_memory_at_once(config: MemoryConfig) -> None:
    memory = open_memory(config)

    async def use(name: str) -> None:
        await memory.initialize()
        for i in range(10):
            await memory.store_memory(f"{name} likes tea {i}")
            await memory.retrieve_memories(f"tea {i}")

    assert in_threads(*(lambda name=name: asyncio.run(use(name)) for name in ("Anna", "Tom", "Maria"))) == []
    assert asyncio.run(memory.count()) == 30
    asyncio.run(memory.cleanup())
    assert not memory.lifecycle.is_open


def test_a_loop_for_each_call(config: MemoryConfig) -> None:
    memory = open_memory(config)
    asyncio.run(memory.initialize())
    asyncio.run(memory.store_memory("Anna likes tea"))
    assert len(asyncio.run(memory.retrieve_memories("tea"))) == 1
    asyncio.run(memory.cleanup())
    asyncio.run(memory.cleanup())
    with pytest.raises(NotInitializedError):
        asyncio.run(memory.count())


def test_opened_in_one_loop_and_closed_in_another(config: MemoryConfig) -> None:
    memory = open_memory(config)
    asyncio.run(memory.initialize())
    asyncio.run(memory.cleanup())
    assert not memory.lifecycle.is_open
    assert own_threads() == set()


def test_eight_threads_open_the_synchronous_twin(config: MemoryConfig) -> None:
    memory = SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())

    def use() -> None:
        memory.initialize()
        memory.store_memory("Anna likes tea")

    assert in_threads(*[use] * 8) == []
    assert memory.count() == 8
    memory.cleanup()


def test_eight_threads_fail_to_open_the_synchronous_twin(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder")
    broken = MemoryConfig(vector_store={"persist_directory": tmp_path / "folder" / "memory"})
    memory = SyncMemoryManager(broken, embedder=WordEmbedder(), extractor=NameExtractor())
    for _ in range(4):
        errors = in_threads(*[memory.initialize] * 8)
        assert len(errors) == 8
        assert all(isinstance(error, VectorStoreError | NotInitializedError) for error in errors)
    assert "coda-graphmem" not in own_threads()


def test_events_reach_the_loop_they_were_asked_for_in(config: MemoryConfig) -> None:
    memory = open_memory(config)
    heard: list[tuple[str, asyncio.AbstractEventLoop]] = []

    async def listen() -> None:
        await memory.initialize()
        arrived = asyncio.Event()

        async def hear(event: object) -> None:
            heard.append((event.name, asyncio.get_running_loop()))  # type: ignore[attr-defined]
            arrived.set()

        memory.subscribe(hear, events=["stored"])
        await asyncio.to_thread(asyncio.run, memory.store_memory("said in another loop"))
        await asyncio.wait_for(arrived.wait(), 10)
        assert heard == [("stored", asyncio.get_running_loop())]
        await memory.cleanup()

    asyncio.run(listen())


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        ("store_memory", {"content": "x", "metdata": {}}, "metdata"),
        ("retrieve_memories", {"query": "x", "limt": 3}, "limt"),
        ("retrieve_memories", {}, "query"),
        ("get_memory", {"id": "m"}, "id"),
        ("subscribe", {"callback": print, "queue": 3}, "queue"),
        ("consolidate_memories", {"hours": 3}, "hours"),
    ],
)
async def test_a_misspelt_argument_is_a_plain_type_error(
    memory: MemoryManager, method: str, arguments: dict[str, object], name: str
) -> None:
    with pytest.raises(TypeError, match=f"'{name}'"):
        await getattr(memory, method)(**arguments)


def test_a_misspelt_argument_of_the_twin(config: MemoryConfig) -> None:
    with (
        SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory,
        pytest.raises(TypeError, match="metdata"),
    ):
        memory.store_memory("x", metdata={})  # type: ignore[call-arg]
