"""A span is a child of the caller's, in whichever loop and thread the call is done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

from coda_graphmem import MemoryConfig, MemoryManager, SyncMemoryManager
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder
from tests.telemetry.conftest import Watch

tracer = trace.get_tracer("tests")


class TracingClock(Clock):
    """A clock that notes in which span and thread it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.read_in: list[tuple[int, str]] = []

    def __call__(self) -> float:
        self.read_in.append((trace.get_current_span().get_span_context().span_id, threading.current_thread().name))
        return super().__call__()


def is_child(span: ReadableSpan, parent: trace.Span) -> bool:
    context = parent.get_span_context()
    return span.parent is not None and (span.parent.span_id, span.parent.trace_id) == (
        context.span_id,
        context.trace_id,
    )


async def test_a_call_is_a_child_of_the_span_that_is_current(memory: MemoryManager, watch: Watch) -> None:
    with tracer.start_as_current_span("chat") as parent:
        await memory.store_memory("Anna has a dog")
        stored = watch.last
        assert trace.get_current_span() is parent
    assert is_child(stored, parent)
    await memory.store_memory("Anna has a cat")
    assert watch.last.parent is None


async def test_calls_at_once_are_children_of_their_own_callers(memory: MemoryManager, watch: Watch) -> None:
    async def turn(i: int) -> int:
        with tracer.start_as_current_span(f"turn {i}") as parent:
            await memory.store_memory(f"Anna has {i} dogs", memory_id=f"m{i}")
        return parent.get_span_context().span_id

    parents = await asyncio.gather(*(turn(i) for i in range(8)))
    children = {
        (span.attributes or {})["gen_ai.memory.record.id"]: span.parent.span_id
        for span in watch.spans
        if span.name == "upsert_memory" and span.parent is not None
    }
    assert children == {f"m{i}": parent for i, parent in enumerate(parents)}


def test_a_call_that_is_done_in_another_loop_is_a_child_and_current_there(config: MemoryConfig, watch: Watch) -> None:
    clock = TracingClock()
    memory = open_memory(config, clock)
    asyncio.run(memory.initialize())

    async def ask() -> trace.Span:
        with tracer.start_as_current_span("chat") as parent:
            clock.read_in.clear()
            await memory.store_memory("Anna has a dog")
        return parent

    parent = asyncio.run(ask())
    [stored] = [span for span in watch.spans if span.name == "upsert_memory"]
    assert is_child(stored, parent)
    assert stored.context is not None
    assert (stored.context.span_id, "coda-graphmem") in clock.read_in
    asyncio.run(memory.cleanup())


def _plainly(work: Callable[[], None]) -> None:
    work()


def _in_a_running_loop(work: Callable[[], None]) -> None:
    async def cell() -> None:
        work()

    asyncio.run(cell())


@pytest.mark.parametrize("place", [_plainly, _in_a_running_loop])
def test_the_synchronous_twin_nests_too(
    config: MemoryConfig, watch: Watch, place: Callable[[Callable[[], None]], None]
) -> None:
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:

        def work() -> None:
            with tracer.start_as_current_span("cell") as parent:
                memory.store_memory("Anna has a dog")
            assert is_child(watch.spans[-2], parent)

        place(work)


async def test_jobs_are_no_part_of_the_call_that_starts_the_schedule(
    memory: MemoryManager, clock: Clock, watch: Watch
) -> None:
    current: asyncio.Future[trace.Span] = asyncio.get_running_loop().create_future()
    await memory.store_memory("Anna has a dog")
    clock.advance(2 * 86_400)
    with tracer.start_as_current_span("start"):
        await memory.start_maintenance(jobs=["decay"], on_run=lambda _: current.set_result(trace.get_current_span()))
        span = await asyncio.wait_for(current, 60)
    assert not span.get_span_context().is_valid
