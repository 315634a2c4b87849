"""Subscriptions and streams: what is heard, by whom, and that nobody waits for them."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryEvent, MemoryManager, MemoryType, SyncMemoryManager
from coda_graphmem.events.bus import MAX_LISTED, EventBus
from coda_graphmem.events.names import ALL
from coda_graphmem.events.receivers import Subscription
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder


async def heard(memory: MemoryManager, act: Callable[[], Awaitable[Any]], **options: Any) -> list[MemoryEvent]:
    """The events of some calls."""
    found: list[MemoryEvent] = []

    async def listen(event: MemoryEvent) -> None:
        found.append(event)

    async with memory.subscribe(listen, **options):
        await act()
    return found


async def test_storing_tells_what_was_stored(memory: MemoryManager, clock: Clock) -> None:
    [event] = await heard(
        memory,
        lambda: memory.store_memory(
            "Likes tea", MemoryType.PREFERENCE, importance_score=0.7, conversation_id="c", memory_id="m"
        ),
    )
    assert (event.name, event.namespace, event.time, event.count) == ("stored", "default", clock.now, 1)
    assert event.memory_ids == ["m"]
    assert event.details == {"created": 1}
    [told] = event.memories
    assert (told.memory_id, told.memory_type, told.importance_score) == ("m", MemoryType.PREFERENCE, 0.7)
    assert told.conversation_id == "c"
    assert told.content is None


async def test_a_repetition_tells_the_importance_it_led_to_and_a_retry_nothing(memory: MemoryManager) -> None:
    first = await memory.store_memory("Likes tea", MemoryType.PREFERENCE, importance_score=0.5)
    [event] = await heard(memory, lambda: memory.store_memory("likes TEA", MemoryType.PREFERENCE, importance_score=0.5))
    assert event.details == {"reinforced": 1}
    assert event.memories[0].memory_id == first
    assert event.memories[0].importance_score == pytest.approx(0.55)
    await memory.store_memory("Rent", memory_id="rent", timestamp=1.0)
    assert await heard(memory, lambda: memory.store_memory("Rent", memory_id="rent", timestamp=1.0)) == []


async def test_every_kind_of_call_tells(memory: MemoryManager, clock: Clock) -> None:
    async def act() -> None:
        await memory.store_memories_batch([{"content": f"Tea {i}", "memory_id": f"b{i}"} for i in range(3)])
        await memory.store_short_term_memory("Asked for tea", "c")
        await memory.update_memory("b0", importance_score=0.1)
        await memory.update_memory("nobody", importance_score=0.1)
        await memory.retrieve_memories("tea", min_relevance=0.0, limit=2)
        await memory.retrieve_memories("nothing at all", min_relevance=1.0)
        await memory.retrieve_recent_memories(limit=1)
        await memory.delete_memory("b1")
        await memory.delete_memory("b1")
        clock.advance(40 * 86_400)
        await memory.cleanup_old_memories(dry_run=True)
        await memory.cleanup_old_memories()
        await memory.forget(everything=True)
        await memory.forget(everything=True)

    found = await heard(memory, act)
    assert [(event.name, event.count) for event in found] == [
        ("stored", 3),
        ("stored", 1),
        ("updated", 1),
        ("retrieved", 2),
        ("retrieved", 1),
        ("deleted", 1),
        ("deleted", 1),
        ("deleted", 2),
    ]
    assert found[3].memories[0].relevance_score is not None
    assert found[5].memory_ids == ["b1"]
    assert found[6].details == {"cleanup": True}
    assert found[7].details == {"everything": True}
    assert found[7].memory_ids == []


async def test_promoting_tells_and_makes_searchable(memory: MemoryManager) -> None:
    short = await memory.store_short_term_memory("The code is 1234", "c")
    [event] = await heard(memory, lambda: memory.promote_memory(short))
    assert (event.name, event.memory_ids, event.details) == ("updated", [short], {"promoted": True})


async def test_contents_only_on_request(memory: MemoryManager) -> None:
    async def act() -> None:
        await memory.store_memory("Secret tea")
        await memory.retrieve_memories("tea", min_relevance=0.0)

    silent = await heard(memory, act)
    assert [m.content for event in silent for m in event.memories] == [None] * 2
    assert "Secret" not in str(silent)
    spoken = await heard(memory, act, include_content=True)
    assert {m.content for event in spoken for m in event.memories} == {"Secret tea"}
    assert spoken[1].as_data()["memories"][0]["content"] == "Secret tea"
    assert "content" not in silent[1].as_data()["memories"][0]


async def test_only_the_events_and_the_namespace_asked_for(memory: MemoryManager) -> None:
    alice = memory.for_namespace("alice")

    async def act() -> None:
        await memory.store_memory("mine", memory_id="m")
        await alice.store_memory("hers", memory_id="a")
        await memory.delete_memory("m")

    assert [(e.name, e.namespace) for e in await heard(alice, act)] == [("stored", "alice")]
    assert [e.name for e in await heard(memory, act, events=["deleted"])] == ["deleted"]
    assert [e.name for e in await heard(memory, act, events=["memory_deleted"])] == ["deleted"]


async def test_a_plain_function_has_a_thread_of_its_own_or_the_loop(memory: MemoryManager) -> None:
    threads: list[threading.Thread] = []
    async with memory.subscribe(lambda event: threads.append(threading.current_thread())):
        await memory.store_memory("tea")
    async with memory.subscribe(lambda event: threads.append(threading.current_thread()), in_thread=False):
        await memory.store_memory("tea")
    assert threads[0] is not threading.current_thread()
    assert threads[1] is threading.current_thread()


async def test_a_function_that_hangs_costs_nobody_anything(memory: MemoryManager) -> None:
    release = threading.Event()
    hung = memory.subscribe(lambda event: release.wait(60), timeout_seconds=0.001)
    heard_by_others: list[MemoryEvent] = []

    async def listen(event: MemoryEvent) -> None:
        heard_by_others.append(event)

    memory.subscribe(listen)
    try:
        for i in range(20):
            await memory.store_memory(f"tea {i}")
        await until(lambda: len(heard_by_others) == hung.timed_out == 20)
        assert sum(thread.name == "coda-graphmem-receiver" for thread in threading.enumerate()) == 1
    finally:
        release.set()
    assert hung.delivered == 0


async def test_a_slow_function_loses_the_oldest(memory: MemoryManager, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    gate = asyncio.Event()

    async def listen(event: MemoryEvent) -> None:
        await gate.wait()
        seen.extend(event.memory_ids)

    async with memory.subscribe(listen, queue_size=3) as subscription:
        await memory.store_memory("tea", memory_id="first")
        await until(lambda: not subscription._queue)
        for i in range(10):
            await memory.store_memory(f"tea {i}", memory_id=str(i))
        gate.set()
    assert seen == ["first", "7", "8", "9"]
    assert (subscription.dropped, subscription.delivered) == (7, 4)
    assert len([r for r in caplog.records if "too slow" in r.getMessage()]) == 1


async def test_a_function_that_raises_is_counted_and_goes_on(
    memory: MemoryManager, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: MemoryEvent) -> None:
        raise RuntimeError("tea is secret")

    def leaves(event: MemoryEvent) -> None:
        raise SystemExit(1)

    def stops(event: MemoryEvent) -> None:
        raise StopIteration

    async def gives_up(event: MemoryEvent) -> None:
        raise TimeoutError

    async def is_cancelled(event: MemoryEvent) -> None:
        raise asyncio.CancelledError

    subscriptions = [memory.subscribe(callback) for callback in (broken, leaves, stops, gives_up, is_cancelled)]
    with caplog.at_level(logging.INFO):
        for i in range(3):
            await memory.store_memory(f"tea {i}")
        for subscription in subscriptions:
            await subscription.close()
    assert [(s.failed, s.delivered, s.timed_out) for s in subscriptions] == 5 * [(3, 0, 0)]
    assert caplog.text.count("RuntimeError") == 3
    assert "secret" not in caplog.text


async def test_cancelling_delivers_what_is_queued_and_nothing_after(memory: MemoryManager) -> None:
    seen: list[str] = []

    async def listen(event: MemoryEvent) -> None:
        seen.extend(event.memory_ids)

    with memory.subscribe(listen):
        await memory.store_memory("tea", memory_id="before")
    await memory.store_memory("tea", memory_id="after")
    await until(lambda: bool(seen))
    assert seen == ["before"]


async def test_a_function_can_close_its_own_subscription(memory: MemoryManager) -> None:
    seen: list[str] = []

    async def once(event: MemoryEvent) -> None:
        await subscription.close()
        seen.extend(event.memory_ids)

    subscription = memory.subscribe(once, ["stored"])
    await memory.store_memory("tea", memory_id="first")
    await until(lambda: bool(seen))
    await memory.store_memory("more tea", memory_id="second")
    await subscription.close()
    assert (seen, subscription.delivered) == (["first"], 1)


async def test_cleanup_delivers_what_is_queued(config: MemoryConfig) -> None:
    seen: list[MemoryEvent] = []

    async def listen(event: MemoryEvent) -> None:
        await asyncio.sleep(0.001)
        seen.append(event)

    async with open_memory(config) as memory:
        memory.subscribe(listen)
        for i in range(20):
            await memory.store_memory(f"tea {i}")
    assert len(seen) == 20
    assert all(event.memories for event in seen)


async def test_cleanup_ends_within_two_seconds(config: MemoryConfig) -> None:
    release = threading.Event()

    async def hang(event: MemoryEvent) -> None:
        await asyncio.sleep(60)

    async def refuse_to_end(event: MemoryEvent) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.5)

    memory = open_memory(config)
    await memory.initialize()
    subscriptions = [memory.subscribe(callback) for callback in (hang, refuse_to_end, lambda event: release.wait(60))]
    await memory.store_memory("tea")
    await memory.store_memory("more tea")
    begin = time.perf_counter()
    try:
        await memory.cleanup()
        assert time.perf_counter() - begin < 2.0
    finally:
        release.set()
    assert [(s.timed_out, s.dropped) for s in subscriptions] == [(1, 1)] * 3


async def test_streams(config: MemoryConfig) -> None:
    async with open_memory(config) as memory:
        stream = memory.events(["stored", "deleted"], include_content=True, queue_size=3)
        for i in range(5):
            await memory.store_memory(f"tea {i}", memory_id=str(i))
        await memory.retrieve_memories("tea", min_relevance=0.0)
        event = await anext(stream)
        assert (event.memory_ids, event.memories[0].content, stream.dropped) == (["2"], "tea 2", 2)
        waiting = asyncio.create_task(_rest(stream))
        await asyncio.sleep(0)
        await memory.delete_memory("1")
    assert await asyncio.wait_for(waiting, 1) == [["3"], ["4"], ["1"]]


async def _rest(stream: Any) -> list[list[str]]:
    return [event.memory_ids async for event in stream]


async def test_a_stream_that_was_left_gathers_nothing(memory: MemoryManager) -> None:
    await memory.store_memory("tea")
    async with memory.events() as stream:
        await memory.store_memory("more tea", memory_id="m")
        assert (await anext(stream)).memory_ids == ["m"]
    await memory.store_memory("even more")
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    bus = memory.services.resources.events
    del stream
    memory.events()
    gc.collect()
    assert list(bus._all()) == []


async def test_large_events_list_the_first_hundred(memory: MemoryManager) -> None:
    [event] = await heard(
        memory, lambda: memory.store_memories_batch([{"content": f"tea {i}"} for i in range(MAX_LISTED + 1)])
    )
    assert (event.count, len(event.memory_ids), len(event.memories)) == (MAX_LISTED + 1, MAX_LISTED, MAX_LISTED)


async def test_what_was_handed_out_is_taken_down_at_once(memory: MemoryManager) -> None:
    await memory.store_memory("tea")

    async def act() -> None:
        [found] = await memory.retrieve_memories("tea", min_relevance=0.0)
        found.content = "changed by the caller"

    [event] = await heard(memory, act, include_content=True)
    assert event.memories[0].content == "tea"


async def test_a_store_that_cannot_be_read_costs_the_details_alone(clock: Clock) -> None:
    reads = []

    async def read(namespace: str, ids: Any) -> list[Any]:
        reads.append(ids)
        raise TimeoutError

    bus, seen = EventBus(read, clock), []

    async def listen(event: MemoryEvent) -> None:
        seen.append(event)

    for _ in range(2):
        bus.add(Subscription(listen, "n", ALL, include_content=False, queue_size=9, timeout=1))
    bus.emit("stored", "n", ["m"])
    bus.emit("deleted", "n", ["m"])
    bus.emit("decayed", "n", count=7, details={"run_id": "r"})
    await bus.close()
    assert len(reads) == 1
    assert sorted((e.name, e.count, e.memory_ids, e.details) for e in seen) == sorted(
        2 * [("stored", 1, ["m"], {}), ("deleted", 1, ["m"], {}), ("decayed", 7, [], {"run_id": "r"})]
    )


async def test_nobody_listening_costs_no_look_up(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = memory.services.resources.events
    monkeypatch.setattr(bus, "_read", None)
    monkeypatch.setattr(bus, "_clock", None)
    await memory.store_memory("tea")
    with memory.subscribe(print, ["deleted"]):
        await memory.store_memory("more tea")


def test_the_twin_hears_as_well(config: MemoryConfig) -> None:
    seen: list[MemoryEvent] = []
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        with memory.subscribe(seen.append):
            memory.store_memory("tea", memory_id="m")
        memory.store_memory("more")
        with pytest.raises(AttributeError):
            _ = memory.events  # type: ignore[attr-defined]
        assert "events" not in dir(memory)
    assert [event.memory_ids for event in seen] == [["m"]]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
