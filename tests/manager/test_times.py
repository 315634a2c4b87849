"""Every argument that is a time is taken in seconds, as a `datetime` and as ISO 8601, and means the same in each."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from coda_graphmem import DecayResult, Memory, MemoryConfig, MemoryManager
from coda_graphmem.validation.types import Moment
from tests.conftest import open_memory
from tests.fakes import Clock

DAY = 86_400.0
NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
"""A minute before the clock of these tests; memories are from three days around it."""

LATER = datetime(2060, 1, 2, 3, 4, tzinfo=UTC)

Call = Callable[[MemoryManager, Any], Any]

#: A call with a time, by method and argument, whose answer tells the time.
CALLS: dict[tuple[str, str], Call] = {
    ("store_memory", "timestamp"): lambda m, t: m.store_memory("Anna has a cat", timestamp=t, memory_id="new"),
    ("learn_from_interaction", "timestamp"): lambda m, t: m.learn_from_interaction(
        "I moved to Lisbon.", "", timestamp=t
    ),
    ("supersede_memory", "at"): lambda m, t: m.supersede_memory("day -3", "Anna has no dog", t),
    ("retract_memory", "at"): lambda m, t: m.retract_memory("day -3", t),
    ("reinstate_memory", "at"): lambda m, t: m.reinstate_memory("day -3", t),
    ("forget", "since"): lambda m, t: m.forget(since=t),
    ("forget", "until"): lambda m, t: m.forget(until=t),
    ("list_memories", "since"): lambda m, t: m.list_memories(since=t),
    ("list_memories", "until"): lambda m, t: m.list_memories(until=t),
    ("list_memories", "as_of"): lambda m, t: m.list_memories(as_of=t),
    ("count", "since"): lambda m, t: m.count(since=t),
    ("count", "until"): lambda m, t: m.count(until=t),
    ("get_memory", "as_of"): lambda m, t: m.get_memory("day -3", as_of=t),
    ("list_touched", "since"): lambda m, t: m.list_touched(t),
    ("list_recalled", "since"): lambda m, t: m.list_recalled(t),
    ("retrieve_memories", "since"): lambda m, t: m.retrieve_memories("dogs", min_relevance=0.0, since=t),
    ("retrieve_memories", "until"): lambda m, t: m.retrieve_memories("dogs", min_relevance=0.0, until=t),
    ("retrieve_memories", "as_of"): lambda m, t: m.retrieve_memories("dogs", min_relevance=0.0, as_of=t),
    ("retrieve_memories_multi_query", "as_of"): lambda m, t: m.retrieve_memories_multi_query(
        ["dogs"], min_relevance=0.0, as_of=t
    ),
    ("retrieve_contextual_memories", "as_of"): lambda m, t: m.retrieve_contextual_memories("c1", as_of=t),
    ("build_context", "since"): lambda m, t: m.build_context("dogs", min_relevance=0.0, since=t),
    ("build_context", "until"): lambda m, t: m.build_context("dogs", min_relevance=0.0, until=t),
    ("build_context", "as_of"): lambda m, t: m.build_context("dogs", min_relevance=0.0, as_of=t),
    ("get_facts", "as_of"): lambda m, t: m.get_facts(as_of=t),
    ("get_profile", "as_of"): lambda m, t: m.get_profile(as_of=t),
    ("apply_decay", "as_of"): lambda m, t: m.apply_decay(as_of=t, dry_run=True),
}


def is_a_time(kind: Any) -> bool:
    return kind == Moment or any(map(is_a_time, get_args(kind)))


def test_every_argument_that_is_a_time_is_tried() -> None:
    found = set()
    for name, method in inspect.getmembers(MemoryManager, inspect.isfunction):
        plain = inspect.unwrap(method)
        own = {argument: kind for argument, kind in plain.__annotations__.items() if argument != "return"}
        holder = type("Holder", (), {"__annotations__": own})
        kinds = get_type_hints(holder, globalns=plain.__globals__, include_extras=True) if name[0] != "_" else {}
        found |= {(name, argument) for argument, kind in kinds.items() if is_a_time(kind)}
    # Ends are yet to come, which the moment of these calls is not.
    assert {one for one in found if one[1] != "expires_at"} == set(CALLS)


@pytest.mark.parametrize("end", [LATER.timestamp(), LATER, LATER.isoformat()])
async def test_ends_are_taken_in_all_spellings(memory: MemoryManager, end: Any) -> None:
    memory_id = await memory.store_memory("Anna has a cat", expires_at=end)
    other = await memory.store_memory("Anna has a dog")
    assert await memory.update_memory(other, expires_at=end)
    assert {m.expires_at for m in await memory.get_memories([memory_id, other])} == {LATER.timestamp()}


def told(answer: object) -> object:
    """What an answer says, without what no two calls have in common."""
    if isinstance(answer, list):
        return [told(item) for item in answer]
    if isinstance(answer, DecayResult):
        return answer.model_copy(update={"seconds": 0.0})
    if isinstance(answer, Memory):
        return answer.model_dump(exclude={"memory_id", "namespace", "superseded_by"})
    return answer


#: One moment, written in four ways, and another one.
SPELLINGS: list[object] = [
    *(NOON.timestamp(), NOON, NOON.replace(tzinfo=None).isoformat(), "2025-06-15T14:00:00+02:00"),
    "2025-06-13T12:00:00Z",
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a store is kept that several tests begin with."""
    return tmp_path_factory.mktemp("kept") / "memory"


@pytest.fixture
async def alike(config: MemoryConfig, clock: Clock, kept: Path) -> AsyncIterator[MemoryManager]:
    """The same three memories in a namespace for each spelling."""
    clock.now = NOON.timestamp() + 60
    folder = config.vector_store.persist_directory
    if kept.exists():  # noqa: ASYNC240
        shutil.copytree(kept, folder)
    else:
        async with open_memory(config, clock) as memory:
            for number in range(len(SPELLINGS)):
                for day in (-3, -1, 0):
                    await memory.for_namespace(f"t{number}").store_memory(
                        f"Anna has a dog and I live in {['Rome', 'Berlin', 'Paris'][day]}",
                        memory_id=f"day {day}",
                        timestamp=NOON.timestamp() + day * DAY,
                        conversation_id="c1",
                    )
        shutil.copytree(folder, kept)
    async with open_memory(config, clock) as memory:
        yield memory


@pytest.mark.parametrize(("method", "argument"), CALLS)
async def test_a_time_is_the_same_however_it_is_written(alike: MemoryManager, method: str, argument: str) -> None:
    answers = []
    for number, given in enumerate(SPELLINGS):
        view = alike.for_namespace(f"t{number}")
        answer = await CALLS[method, argument](view, given)
        everything = sorted([told(m) for m in await view.list_memories()], key=str)  # type: ignore[type-var]
        answers.append(
            (told(answer) if method not in ("supersede_memory", "learn_from_interaction") else 0, everything)
        )
    *same, other = answers
    assert same == same[:1] * len(same)
    if method not in ("list_touched", "list_recalled", "apply_decay"):
        assert other != same[0], "the time makes no difference, so this test says nothing"


async def test_what_is_no_time_is_named(memory: MemoryManager) -> None:
    for (_, argument), call in CALLS.items():
        for given in (["2025-06-15"], "soon", float("nan"), True, 1e12, b"2025-06-15"):
            with pytest.raises(ValueError, match=f"^{argument}: "):
                await call(memory, given)


async def test_a_date_is_its_first_moment(memory: MemoryManager) -> None:
    await memory.store_memory("one", timestamp=date(2025, 6, 15), memory_id="day")
    await memory.store_memories_batch([{"content": "two", "timestamp": "2025-06-15", "memory_id": "iso"}])
    found = {m.memory_id: m.timestamp for m in await memory.list_memories()}
    assert found == {"day": datetime(2025, 6, 15).timestamp(), "iso": datetime(2025, 6, 15, tzinfo=UTC).timestamp()}
