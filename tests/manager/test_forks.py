"""A process that is forked after a memory was used: the child works with it, and takes nothing from its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable

import pytest

from coda_graphmem import MemoryConfig, NotInitializedError, SyncMemoryManager
from tests.conftest import open_memory
from tests.fakes import NameExtractor, WordEmbedder

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def forked(work: Callable[[], object]) -> int:
    """Status of a child that does something; it is ended after ten seconds."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def twin(config: MemoryConfig) -> SyncMemoryManager:
    return SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())


def test_the_synchronous_twin_works_in_the_child(config: MemoryConfig) -> None:
    with twin(config) as memory:
        memory.store_memory("Anna likes tea")

        def work() -> None:
            memory.store_memory("Tom likes tea")
            assert len(memory.retrieve_memories("likes tea")) == 2
            memory.for_namespace("other").store_memory("of another")
            memory.cleanup()
            memory.initialize()
            assert memory.count() == 2

        assert forked(work) == 0
        assert memory.count() == 2


def test_children_are_forked_while_threads_write(config: MemoryConfig) -> None:
    with twin(config) as memory:
        ended = threading.Event()

        def write() -> None:
            while not ended.is_set():
                memory.store_memory("said by the parent")

        threads = [threading.Thread(target=write) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            assert [forked(lambda: memory.store_memory("said by a child")) for _ in range(5)] == [0] * 5
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        assert sum(found.content == "said by a child" for found in memory.list_memories(limit=10_000)) == 5


def test_the_manager_works_in_the_child(config: MemoryConfig) -> None:
    async def parent() -> None:
        async with open_memory(config) as memory:
            await memory.store_memory("Anna likes tea")

            async def child() -> None:
                with pytest.raises(NotInitializedError):
                    memory.subscribe(print)
                await memory.store_memory("Tom likes tea")
                await memory.cleanup()

            assert forked(lambda: asyncio.run(child())) == 0
            assert await asyncio.to_thread(forked, lambda: asyncio.run(child())) == 0
            assert await memory.count() == 3

    asyncio.run(parent())


def test_many_calls_at_once_are_the_first_in_the_child(config: MemoryConfig) -> None:
    memory = open_memory(config)

    async def several(name: str) -> None:
        await asyncio.gather(*(memory.store_memory(f"{name} says {number}") for number in range(5)))

    def work() -> None:
        failed: list[BaseException] = []

        def talk(name: str) -> None:
            try:
                asyncio.run(several(name))
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=talk, args=(name,)) for name in ("Anna", "Tom", "Maria")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asyncio.run(memory.cleanup())
        assert not failed

    asyncio.run(memory.initialize())
    assert forked(lambda: asyncio.run(several("Rex"))) == 0
    assert forked(work) == 0
    assert asyncio.run(memory.count()) == 20
    asyncio.run(memory.cleanup())


def test_what_was_closed_before_the_fork_is_closed_in_the_child(config: MemoryConfig) -> None:
    with twin(config) as memory:
        memory.store_memory("Anna likes tea")

    def work() -> None:
        with pytest.raises(NotInitializedError):
            memory.count()

    assert forked(work) == 0


def test_a_child_that_closes_leaves_the_parent_alone(config: MemoryConfig) -> None:
    with twin(config) as memory:
        memory.store_memory("Anna likes tea")
        assert forked(memory.cleanup) == 0
        memory.store_memory("Tom likes tea")
        assert memory.count() == 2
