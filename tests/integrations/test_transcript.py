"""Items of a conversation come back exactly, in order, whatever becomes of the memories they are."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryRetrievalError, MemoryType, ValidationError
from coda_graphmem.integrations.transcript import Item, Transcript
from coda_graphmem.integrations.verbatim import read, written
from tests.conftest import open_memory
from tests.fakes import Clock


def said(text: str, speaker: str = "user") -> Item:
    return Item(value={"says": text}, text=text, speaker=speaker)


def texts(values: list[Any]) -> list[str]:
    return [value["says"] for value in values]


@pytest.fixture
async def full(config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    """A memory that keeps three memories at most."""
    async with open_memory(config.model_copy(update={"max_memories": 3}), clock) as manager:
        yield manager


VALUES: list[Any] = [
    {"b": 1, "a": [None, True, 1.5, "ß"]},
    "NUL \x00, a lone surrogate \ud800, and an emoji \U0001f600",
    {"": {"deep": [[[["x"]]]]}},
    [math.inf],
    'quote " and \\ backslash' * 20_000,
]


@pytest.mark.parametrize("value", VALUES)
async def test_any_value_comes_back_exactly(plain: MemoryManager, value: Any) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [Item(value, "text", "user"), said("next")])
    assert await transcript.read(plain) == [value, {"says": "next"}]
    assert await transcript.read(plain, 1) == [{"says": "next"}]


def test_keys_keep_their_order() -> None:
    assert list(read(written({"b": 1, "a": 2}, "x"))) == ["b", "a"]


async def test_what_json_cannot_hold_is_refused_and_nothing_is_kept(plain: MemoryManager) -> None:
    transcript = Transcript("c", "test")
    with pytest.raises(ValidationError) as error:
        await transcript.add(plain, [said("one"), Item(object(), "two", "user")])
    assert error.value.field == "items[1]"
    assert await transcript.read(plain) == []


@pytest.mark.parametrize("session", ["", "two\nlines", "x" * 513])
def test_an_id_that_cannot_be_is_refused(session: str) -> None:
    with pytest.raises(ValidationError) as error:
        Transcript(session, "test")
    assert error.value.field == "session_id"


async def test_the_newest_are_read_in_the_order_they_were_added(plain: MemoryManager, clock: Clock) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [said(str(n)) for n in range(4)])  # all at one time
    clock.advance(1)
    await transcript.add(plain, [said("4")])
    assert texts(await transcript.read(plain)) == ["0", "1", "2", "3", "4"]
    assert texts(await transcript.read(plain, 2)) == ["3", "4"]
    assert await transcript.read(plain, 0) == []
    assert len(await transcript.read(plain, 99)) == 5


async def test_pop_takes_the_newest(plain: MemoryManager) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [said("one"), Item({"says": "x" * 200_000}, "two", "tool")])
    assert (await transcript.pop(plain))["says"] == "x" * 200_000
    assert await plain.count() == 1
    assert await transcript.pop(plain) == {"says": "one"}
    assert await transcript.pop(plain) is None


async def test_one_item_is_popped_once(plain: MemoryManager) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [said(str(n)) for n in range(8)])
    popped = await asyncio.gather(*(transcript.pop(plain) for _ in range(10)))
    assert sorted(texts([one for one in popped if one])) == [str(n) for n in range(8)]


async def test_clear_leaves_other_memories_alone(plain: MemoryManager) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [said("one"), Item("y" * 300_000, "", "tool")])
    await Transcript("d", "test").add(plain, [said("other conversation")])
    await Transcript("c", "other").add(plain, [said("other kind")])
    kept = await plain.store_memory("A memory of the conversation", conversation_id="c")
    await transcript.clear(plain)
    assert await transcript.read(plain) == []
    assert await plain.get_memory(kept) is not None
    assert len(await Transcript("d", "test").read(plain)) == 1
    assert len(await Transcript("c", "other").read(plain)) == 1
    assert await plain.count() == 3


async def test_what_people_say_is_found_and_tools_are_told_apart(plain: MemoryManager) -> None:
    await Transcript("c", "test").add(
        plain,
        [said("Margit sings alto"), said("She sings well", "assistant"), Item({"out": 1}, "sings 1", "tool")],
    )
    [best, *_] = await plain.retrieve_memories("who sings alto", memory_types=[MemoryType.EPISODIC])
    assert best.content == "Margit sings alto"
    assert best.speaker == "user"
    kinds = {one.speaker: (one.memory_type, one.importance_score) for one in await plain.list_memories()}
    assert kinds["assistant"][0] is MemoryType.EPISODIC
    assert kinds["tool"] == (MemoryType.CONTEXTUAL, 0.0)


async def test_items_outlive_merging(plain: MemoryManager, clock: Clock) -> None:
    transcript = Transcript("c", "test")
    for _ in range(3):
        await transcript.add(plain, [said("Margit sings alto in the choir")])
        clock.advance(1)
    await transcript.add(plain, [said("Good")])
    done = await plain.consolidate_memories()
    assert done.proposals
    assert texts(await transcript.read(plain)) == ["Margit sings alto in the choir"] * 3 + ["Good"]
    assert texts(await transcript.read(plain, 2)) == ["Margit sings alto in the choir", "Good"]
    for _ in range(4):
        assert await transcript.pop(plain) is not None
    assert await transcript.read(plain) == []
    assert await plain.count() == 0


async def test_items_outlive_the_limit_of_a_namespace(full: MemoryManager, clock: Clock) -> None:
    transcript = Transcript("c", "test")
    for n in range(6):
        await transcript.add(full, [said(str(n))])
        clock.advance(1)
    assert await full.count() == 3
    assert texts(await transcript.read(full)) == ["0", "1", "2", "3", "4", "5"]
    assert texts(await transcript.read(full, 4)) == ["2", "3", "4", "5"]


async def test_a_piece_that_is_gone_is_told(plain: MemoryManager) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [Item("z" * 100_000, "", "tool")])
    [piece] = [one.memory_id for one in await plain.list_memories() if one.memory_id.endswith(".1")]
    await plain.delete_memory(piece)
    with pytest.raises(MemoryRetrievalError, match="piece of an item"):
        await transcript.read(plain)


async def test_a_long_result_of_a_tool_is_shown_in_part_and_kept_whole(plain: MemoryManager) -> None:
    transcript = Transcript("c", "test")
    await transcript.add(plain, [Item("w" * 50_000, "w" * 50_000, "tool"), said("\x00 u" * 2_000)])
    [tool, user] = sorted(await plain.list_memories(), key=lambda one: one.speaker or "")[-2:]
    assert len(tool.content) == 2_000
    assert len(user.content) == 6_000
    assert "\x00" not in user.content
    assert (await transcript.read(plain))[0] == "w" * 50_000
