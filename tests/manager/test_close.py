"""`cleanup` ends within ten seconds, whatever store, models and receivers do."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from coda_graphmem import (
    EmbeddingError,
    GraphMemoryError,
    MemoryConfig,
    MemoryManager,
    MemoryRetrievalError,
    SyncMemoryManager,
    lifecycle,
    loops,
    sync,
)
from coda_graphmem.store.embedded.store import file_of
from tests.conftest import open_memory
from tests.fakes import NameExtractor, WordEmbedder


class Stuck(WordEmbedder):
    """Does not answer while it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.answers.set()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.answers.wait(30)
        return super().embed(texts)


class Chat:
    async def add_message(self, conversation_id: str, message: object) -> None: ...


@pytest.fixture
def embedder() -> Iterator[Stuck]:
    stuck = Stuck()
    yield stuck
    stuck.answers.set()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of the end take less long here than they may."""
    monkeypatch.setattr(lifecycle, "CLOSING", 1.0)
    for name in ("_MESSAGES", "_LEARNING", "_COUNTING", "_MODELS", "_CALLS"):
        monkeypatch.setattr(lifecycle, name, 0.1)


async def ends(memory: MemoryManager) -> None:
    """Close it, which has to take at most a while."""
    started = time.monotonic()
    await memory.cleanup()
    assert time.monotonic() - started < 6.0
    assert not memory.lifecycle.is_open


async def test_a_model_that_does_not_answer(
    config: MemoryConfig, embedder: Stuck, caplog: pytest.LogCaptureFixture
) -> None:
    memory = MemoryManager(config, embedder=embedder, extractor=NameExtractor())
    await memory.initialize()
    await memory.store_memory("Anna likes tea")
    embedder.answers.clear()
    calls = [asyncio.create_task(memory.store_memory("Tom")), asyncio.create_task(memory.retrieve_memories("Tom"))]
    await asyncio.sleep(0.05)
    await ends(memory)
    assert "The embedding model does not answer" in caplog.text
    for error in await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5):
        assert isinstance(error, EmbeddingError)
    embedder.answers.set()
    async with memory:
        await memory.store_memory("Maria")
        assert len(await memory.retrieve_memories("Tom", min_relevance=0.0)) == 2


async def test_a_reranker_that_does_not_answer(config: MemoryConfig, caplog: pytest.LogCaptureFixture) -> None:
    asked, answers = threading.Event(), threading.Event()

    class Slow:
        def load(self) -> None:
            """Nothing to load."""

        def score(self, query: str, texts: Sequence[str]) -> Sequence[float]:
            asked.set()
            answers.wait(30)
            return [float(len(text)) for text in texts]

    memory = MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor(), reranker=Slow())
    await memory.initialize()
    await memory.store_memory("Anna likes tea")
    call = asyncio.create_task(memory.retrieve_memories("tea"))
    await asyncio.to_thread(asked.wait, 10)
    await ends(memory)
    assert "The reranker does not answer" in caplog.text
    with pytest.raises(MemoryRetrievalError, match="closed"):
        await asyncio.wait_for(call, 5)
    answers.set()
    async with memory:
        assert len(await memory.retrieve_memories("tea")) == 1


async def test_messages_that_cannot_be_kept(config: MemoryConfig, embedder: Stuck) -> None:
    memory = MemoryManager(config, embedder=embedder, extractor=NameExtractor())
    await memory.initialize()
    chat = Chat()
    link = await memory.enable_conversation_integration(chat)
    embedder.answers.clear()
    for i in range(3):
        await chat.add_message("c", f"message {i}")
    await asyncio.sleep(0.05)
    await ends(memory)
    assert (link.kept, link.dropped) == (0, 3)


async def test_receivers_that_do_not_end(config: MemoryConfig) -> None:
    memory = open_memory(config)
    await memory.initialize()
    done = threading.Event()

    async def stubborn(event: object) -> None:
        while not done.is_set():
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue

    memory.subscribe(lambda _: done.wait(30), timeout_seconds=1000)
    memory.subscribe(stubborn, timeout_seconds=1000)
    await memory.store_memory("Anna likes tea")
    await ends(memory)
    done.set()
    await asyncio.sleep(1.1)


async def test_a_file_that_another_program_writes_to(config: MemoryConfig, caplog: pytest.LogCaptureFixture) -> None:
    memory = open_memory(config)
    await memory.initialize()
    await memory.store_memory("Anna likes tea")
    other = sqlite3.connect(file_of(config))
    other.execute("BEGIN IMMEDIATE")
    await memory.retrieve_memories("tea")
    writing = asyncio.create_task(memory.store_memory("Tom likes tea"))
    await asyncio.sleep(0.05)
    try:
        await ends(memory)
    finally:
        other.rollback()
        other.close()
    assert "The store is still at work" in caplog.text
    await asyncio.gather(writing, return_exceptions=True)
    async with memory:
        await memory.store_memory("Maria likes tea")


async def test_calls_that_go_on_come_to_their_end(config: MemoryConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "_CALLS", 10.0)
    memory = open_memory(config)
    await memory.initialize()
    calls = [asyncio.create_task(memory.store_memory(f"note {i}")) for i in range(5)]
    await asyncio.sleep(0)
    await memory.cleanup()
    ids = await asyncio.gather(*calls)
    async with memory:
        assert len(await memory.get_memories(ids)) == 5


async def test_the_loop_that_it_lives_in_is_blocked(config: MemoryConfig) -> None:
    memory = open_memory(config)
    is_open, over = threading.Event(), threading.Event()

    async def block() -> None:
        await memory.initialize()
        is_open.set()
        over.wait(30)

    thread = threading.Thread(target=asyncio.run, args=(block(),), daemon=True)
    thread.start()
    await asyncio.to_thread(is_open.wait, 10)
    await ends(memory)
    over.set()
    await asyncio.to_thread(thread.join, 10)


async def test_a_step_that_fails_keeps_no_other_from_its_turn(
    config: MemoryConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    memory = open_memory(config)
    await memory.initialize()

    async def fail(*_: Any) -> None:
        raise RuntimeError("content of a memory")

    for part in (memory.services.links, memory.services.access, memory.services.resources.events):
        monkeypatch.setattr(type(part), "close", fail)
    with caplog.at_level(logging.WARNING):
        await ends(memory)
    assert caplog.text.count("RuntimeError") == 3
    assert "content of a memory" not in caplog.text
    monkeypatch.undo()
    async with memory:
        assert await memory.count() == 0


def test_errors_of_a_loop_that_ended_are_ours(config: MemoryConfig) -> None:
    """A long call that was brought to another loop fails at once where that loop ends."""
    memory = open_memory(config)
    begun, ready = threading.Event(), threading.Event()

    async def host() -> None:
        await memory.initialize()
        with memory.lifecycle.home.guard:
            memory.lifecycle.home.calls += 1  # a call that goes on and on keeps the memory here
        ready.set()
        await asyncio.to_thread(begun.wait, 10)

    async def slow(*_: Any, **__: Any) -> int:
        begun.set()
        await asyncio.sleep(30)
        return 0

    memory.services.reader.count = slow  # type: ignore[method-assign]
    thread = threading.Thread(target=asyncio.run, args=(host(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    started = time.monotonic()
    with pytest.raises(GraphMemoryError, match="event loop"):
        asyncio.run(memory.count())
    assert time.monotonic() - started < 10
    thread.join(10)
    asyncio.run(memory.cleanup())


def test_the_thread_of_the_twin_is_blocked(config: MemoryConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "_CLOSING", 0.5)
    monkeypatch.setattr(loops, "_STOPPING", 0.2)
    gate = threading.Event()
    memory = SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())
    memory.initialize()
    memory.subscribe(lambda _: gate.wait(30), in_thread=False)
    memory.store_memory("The kettle is blue")  # which states nothing that would be read on in a thread
    started = time.monotonic()
    memory.cleanup()
    assert time.monotonic() - started < 6
    gate.set()
    with memory:
        assert memory.count() == 1
