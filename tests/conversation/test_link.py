"""Conversations of other programs: their messages are remembered in order, and nothing of ours is in their way."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, StoreUnavailableError, SyncMemoryManager
from coda_graphmem.conversation import link as link_module
from coda_graphmem.memories.conversations import MENTIONED_FOR
from tests.conftest import open_memory
from tests.conversation.managers import (
    AsyncSubscribing,
    Awaitables,
    Conversations,
    Listening,
    Notifying,
    OfOthers,
    OnMessage,
    PlainConversations,
    Subscribing,
)
from tests.fakes import Clock, NameExtractor, WordEmbedder

KINDS = [
    Conversations, PlainConversations, Awaitables, Subscribing, Listening, OnMessage, AsyncSubscribing, OfOthers,
]  # fmt: skip


async def say(conversations: Any, *messages: Any, conversation: str = "c") -> list[Any]:
    answers = []
    for message in messages:
        answer = conversations.add_message(conversation, message)
        answers.append(await answer if asyncio.iscoroutine(answer) else answer)
    return answers


async def contents(memory: MemoryManager, conversation: str = "c") -> list[str]:
    return [m.content for m in await memory.get_conversation_context(conversation, 1000)]


@pytest.mark.parametrize("kind", KINDS)
async def test_messages_are_remembered_until_the_integration_ends(memory: MemoryManager, kind: type) -> None:
    conversations = kind()
    link = await memory.enable_conversation_integration(
        conversation_manager=conversations, auto_store_messages=True, auto_extract_entities=True
    )
    first = {"role": "user", "content": "Maria was here", "timestamp": 5.0}
    assert await say(conversations, first, "Hello") == [1, 2]
    await link.flush()
    assert await contents(memory) == ["Maria was here", "Hello"]
    [kept, _] = await memory.get_conversation_context("c")
    assert (kept.speaker, kept.timestamp, kept.memory_type) == ("user", 5.0, MemoryType.EPISODIC)
    assert [entity.name for entity in kept.entities] == ["Maria"]
    assert await memory.disable_conversation_integration(conversations)
    assert not await memory.disable_conversation_integration(conversations)
    assert await say(conversations, "Not for us") == [3]
    assert await contents(memory) == ["Maria was here", "Hello"]
    assert "add_message" not in vars(conversations)
    if kind is not OnMessage:
        assert getattr(conversations, "listeners", []) == []
    assert [message for _, message in conversations.messages] == [first, "Hello", "Not for us"]
    assert (link.kept, link.failed, link.dropped) == (2, 0, 0)


async def test_an_error_of_the_conversation_is_its_own(memory: MemoryManager) -> None:
    conversations = Conversations()
    link = await memory.enable_conversation_integration(conversations)
    with pytest.raises(KeyError):
        await conversations.add_message("c", "refused")
    assert await conversations.add_message("c", message="taken") == 1
    await link.flush()
    assert await contents(memory) == ["taken"]
    assert conversations.add_message.__doc__ == "Keep a message."


async def test_wrappers_of_others_stay(memory: MemoryManager) -> None:
    conversations = PlainConversations()
    before: list[Any] = []
    original = conversations.add_message

    def logged(conversation_id: str, message: Any) -> int:
        before.append(message)
        return original(conversation_id, message)

    conversations.add_message = logged  # type: ignore[method-assign]
    await memory.enable_conversation_integration(conversations)
    await memory.disable_conversation_integration(conversations)
    assert conversations.add_message is logged

    await memory.enable_conversation_integration(conversations)
    ours, after = conversations.add_message, []

    def outer(conversation_id: str, message: Any) -> int:
        after.append(message)
        return ours(conversation_id, message)

    conversations.add_message = outer  # type: ignore[method-assign]
    await memory.disable_conversation_integration()
    assert await say(conversations, "Hello") == [1]
    assert (before, after, await contents(memory)) == (["Hello"], ["Hello"], [])


async def test_without_entities_messages_stay_unread(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    def extract(self: NameExtractor, texts: object) -> None:
        raise AssertionError("nothing is to be read")

    conversations = PlainConversations()
    await memory.enable_conversation_integration(conversations, auto_extract_entities=False)
    monkeypatch.setattr(NameExtractor, "extract", extract)
    await say(conversations, "Dinner with Maria")
    await memory.disable_conversation_integration()
    [kept] = await memory.get_conversation_context("c")
    assert (kept.content, kept.entities) == ("Dinner with Maria", [])
    assert await memory.retrieve_memories("dinner", min_relevance=0.0)


async def test_without_storing_only_what_is_mentioned_is_remembered_for_a_while(
    memory: MemoryManager, clock: Clock
) -> None:
    conversations = PlainConversations()
    await memory.enable_conversation_integration(conversations, auto_store_messages=False)
    await say(conversations, {"role": "user", "content": "The secret dinner with Maria in Lisbon"}, "Nothing here")
    await memory.disable_conversation_integration()
    [noted] = await memory.get_conversation_context("c")
    assert noted.content == "Mentioned: Maria, Lisbon"
    assert noted.metadata == {"speaker": "user", "mentioned": ["Maria", "Lisbon"]}
    assert noted.memory_type is MemoryType.CONTEXTUAL
    assert await memory.count() == 0
    clock.advance(MENTIONED_FOR)
    assert await memory.get_conversation_context("c") == []


async def test_enabling_twice_replaces_and_tenants_are_apart(memory: MemoryManager) -> None:
    conversations, alice = PlainConversations(), memory.for_namespace("alice")
    await memory.enable_conversation_integration(conversations, auto_extract_entities=False)
    await memory.enable_conversation_integration(conversations)
    await alice.enable_conversation_integration(conversations)
    await say(conversations, "Maria")
    await memory.disable_conversation_integration()
    await say(conversations, "Anna")
    await alice.disable_conversation_integration()
    assert await contents(memory) == ["Maria"]
    assert await contents(alice) == ["Maria", "Anna"]
    assert [e.name for e in await memory.list_entities()] == ["Maria"]
    assert "add_message" not in vars(conversations)


async def test_cleanup_keeps_what_is_queued_and_lets_go(config: MemoryConfig) -> None:
    conversations, texts = PlainConversations(), [f"turn {i}" for i in range(250)]
    async with open_memory(config) as memory:
        await memory.enable_conversation_integration(conversations)
        for text in texts:
            conversations.add_message("c", text)
    assert "add_message" not in vars(conversations)
    async with open_memory(config) as memory:
        assert await contents(memory) == texts


@pytest.fixture
async def failing(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Exception]]:
    """The next errors of the store, the first one first."""
    errors: list[Exception] = []
    store = memory.services.resources.store
    insert = store.records.insert

    async def maybe(*arguments: Any, **named: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return await insert(*arguments, **named)

    monkeypatch.setattr(store.records, "insert", maybe)
    return errors


async def test_an_error_of_ours_never_reaches_the_conversation(
    memory: MemoryManager, failing: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    conversations = PlainConversations()
    link = await memory.enable_conversation_integration(conversations)
    failing.append(RuntimeError("Hello is a secret"))
    assert await say(conversations, "Hello") == [1]
    await link.flush()
    assert await say(conversations, "Hello again") == [2]
    conversations.add_message(None, "To nobody")  # type: ignore[arg-type]
    await link.flush()
    assert await contents(memory) == ["Hello again"]
    assert (link.kept, link.failed) == (1, 2)
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


async def test_one_bad_message_does_not_take_the_others_with_it(memory: MemoryManager) -> None:
    conversations = PlainConversations()
    link = await memory.enable_conversation_integration(conversations)
    await say(conversations, "one", "bad \x00", "three", "x" * 1_000_001, "five")
    await link.flush()
    assert await contents(memory) == ["one", "three", "five"]
    assert (link.kept, link.failed) == (3, 2)


async def test_messages_wait_for_a_store_that_is_away(
    memory: MemoryManager, failing: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "RETRY", 0.001)
    conversations = PlainConversations()
    link = await memory.enable_conversation_integration(conversations)
    failing += [StoreUnavailableError("away")] * 3
    await say(conversations, "one", "two")
    await link.flush()
    assert await contents(memory) == ["one", "two"]
    assert (link.kept, link.failed, link.dropped) == (2, 0, 0)


async def test_a_message_kept_with_an_unclear_error_is_kept_once(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "RETRY", 0.001)
    store = memory.services.resources.store
    insert, lost = store.records.insert, [True]

    async def unclear(*arguments: Any, **named: Any) -> Any:
        done = await insert(*arguments, **named)
        if lost and lost.pop():
            raise StoreUnavailableError("the answer was lost")
        return done

    monkeypatch.setattr(store.records, "insert", unclear)
    conversations = PlainConversations()
    link = await memory.enable_conversation_integration(conversations)
    await say(conversations, "once")
    await link.flush()
    assert await contents(memory) == ["once"]


async def test_what_an_absent_store_cannot_take_in_the_end_is_counted(
    memory: MemoryManager, failing: list[Exception]
) -> None:
    conversations = PlainConversations()
    link = await memory.enable_conversation_integration(conversations)
    await say(conversations, "one", "two")
    failing += [StoreUnavailableError("away")] * 3
    await memory.disable_conversation_integration()
    assert (link.kept, link.dropped) == (0, 2)


async def test_a_full_queue_drops_what_comes_last(memory: MemoryManager, caplog: pytest.LogCaptureFixture) -> None:
    conversations = PlainConversations()
    link = await memory.enable_conversation_integration(conversations, queue_size=3)
    for i in range(10):
        conversations.add_message("c", f"turn {i}")
    await link.flush()
    assert await contents(memory) == ["turn 0", "turn 1", "turn 2"]
    assert (link.kept, link.dropped) == (3, 7)
    assert "dropped" in caplog.text


async def test_a_conversation_never_waits(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()
    insert = memory.services.resources.store.records.insert

    async def slow(*arguments: Any, **named: Any) -> Any:
        await gate.wait()
        return await insert(*arguments, **named)

    monkeypatch.setattr(memory.services.resources.store.records, "insert", slow)
    conversations = Conversations()
    link = await memory.enable_conversation_integration(conversations)
    assert await asyncio.wait_for(say(conversations, *(f"turn {i}" for i in range(50))), 5) == list(range(1, 51))
    gate.set()
    await link.flush()
    assert link.kept == 50


async def test_a_manager_that_does_not_let_go_keeps_nothing_from_ending(
    config: MemoryConfig, caplog: pytest.LogCaptureFixture
) -> None:
    class Clinging(Notifying):
        def subscribe(self, callback: Callable[..., Any]) -> Any:
            self.listeners.append(callback)

            def leave() -> None:
                raise RuntimeError("never")

            return leave

    conversations = Clinging()
    async with open_memory(config) as memory:
        await memory.enable_conversation_integration(conversations)
        await say(conversations, "Hello")
    await say(conversations, "Nobody hears this")
    assert "RuntimeError" in caplog.text
    async with open_memory(config) as memory:
        assert await contents(memory) == ["Hello"]


def test_messages_of_other_threads(config: MemoryConfig) -> None:
    conversations = PlainConversations()
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        memory.enable_conversation_integration(conversations)
        for i in range(5):
            conversations.add_message("mine", f"turn {i}")
        threads = [threading.Thread(target=conversations.add_message, args=("theirs", f"turn {i}")) for i in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        memory.disable_conversation_integration()
        assert [m.content for m in memory.get_conversation_context("mine")] == [f"turn {i}" for i in range(5)]
        assert len(memory.get_conversation_context("theirs")) == 10


async def test_what_learns_hears_every_message_in_order(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[str, str, str | None, str]] = []
    held: list[list[str]] = []

    async def observe(
        namespace: str,
        conversation_id: str,
        speaker: str | None,
        text: str,
        *,
        said_at: float | None = None,
        besides: Collection[str] = (),
    ) -> None:
        assert said_at is not None
        heard.append((namespace, conversation_id, speaker, text))
        found = [await memory.get_memory(memory_id) for memory_id in besides]
        held.append([kept.content for kept in found if kept is not None])
        if text == "two":
            raise StoreUnavailableError("away")

    memory.services.conversations.observe = observe
    await memory.enable_auto_learning("c")
    conversations = PlainConversations()
    for store in (True, False):
        await memory.enable_conversation_integration(
            conversations, auto_store_messages=store, auto_extract_entities=False
        )
        with caplog.at_level(logging.WARNING):
            await say(conversations, {"role": "user", "content": "one"}, "two", "three")
            await memory.disable_conversation_integration()
    assert heard == 2 * [
        ("default", "c", "user", "one"), ("default", "c", None, "two"), ("default", "c", None, "three"),
    ]  # fmt: skip
    assert held == [["one"], ["two"], ["three"], [], [], []]
    assert await contents(memory) == ["one", "two", "three"]
    assert "could be learned" in caplog.text


async def test_storing_messages_is_heard_as_an_event(memory: MemoryManager) -> None:
    seen: list[int] = []

    async def listen(event: Any) -> None:
        seen.append(event.count)

    conversations = PlainConversations()
    async with memory.subscribe(listen, ["stored"]):
        await memory.enable_conversation_integration(conversations)
        begin = time.perf_counter()
        await say(conversations, "one", "two")
        assert time.perf_counter() - begin < 1
        await memory.disable_conversation_integration()
    assert seen == [2]
