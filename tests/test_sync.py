"""The synchronous twin."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, NotInitializedError, SyncMemoryManager, ValidationError
from tests.fakes import NameExtractor, WordEmbedder

ROOT = Path(__file__).resolve().parent.parent


def make(config: MemoryConfig) -> SyncMemoryManager:
    return SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())


def test_every_method_waits(config: MemoryConfig) -> None:
    with make(config) as memory:
        memory_id = memory.store_memory("User prefers morning meetings")
        [found] = memory.retrieve_memories("morning meetings")
        assert found.memory_id == memory_id
        for name, method in inspect.getmembers(MemoryManager, inspect.iscoroutinefunction):
            if not name.startswith("_"):
                assert not inspect.iscoroutinefunction(getattr(memory, name))
                assert name in dir(memory)
                assert getattr(memory, name).__doc__ == (method.__doc__ or "") or name in {"initialize", "cleanup"}


def test_views_errors_and_attributes(config: MemoryConfig) -> None:
    with make(config) as memory:
        alice = memory.for_namespace("alice")
        alice.store_memory("mine")
        assert (alice.count(), memory.count()) == (1, 0)
        assert alice.namespace == "alice"
        with pytest.raises(ValidationError):
            memory.store_memory("")
        with pytest.raises(AttributeError):
            _ = memory.no_such_method  # type: ignore[attr-defined]


def test_its_life(config: MemoryConfig) -> None:
    memory = make(config)
    with pytest.raises(NotInitializedError):
        memory.count()
    memory.initialize()
    assert "coda-graphmem" in {thread.name for thread in threading.enumerate()}
    memory.cleanup()
    memory.cleanup()
    assert "coda-graphmem" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(NotInitializedError):
        memory.count()


async def test_it_works_where_a_loop_runs(config: MemoryConfig) -> None:
    with make(config) as memory:
        memory.store_memory("in a notebook")
        assert memory.count() == 1
    await asyncio.sleep(0)


def test_calls_from_several_threads(config: MemoryConfig) -> None:
    with make(config) as memory:
        threads = [threading.Thread(target=memory.store_memory, args=(f"note {i}",)) for i in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert memory.count() == 10


def test_the_types_are_those_of_the_manager() -> None:
    script = ROOT / "scripts" / "generate_sync_stub.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True, cwd=ROOT)
