"""No answer of any tool is larger than what clients take, whatever memories hold."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.mcp.bounds import LONGEST, Allowance
from coda_graphmem.mcp.tool import Answer
from tests.conftest import open_memory
from tests.fakes import Clock
from tests.mcp.clients import calling, rendered

#: Clients cut at 25,000 tokens; texts of codes and of rare scripts take a token for some one and a half bytes.
MOST = 25_000 * 1.5

#: What an answer may be made of: words, many lines, what is written out as escapes, letters of several bytes.
KINDS = {
    "words": "plums " * 333,
    "lines": "plums\n" * 333,
    "hidden": "plums" + "\u202e" * 1_995,
    "chinese": "plums" + "李" * 1_995,
    "emoji": "plums" + "🍑" * 1_995,
    "quotes": "plums" + '"' * 1_995,
}


@pytest.fixture(params=KINDS)
async def large(request: pytest.FixtureRequest, config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    """A hundred memories of 2,000 characters; more are never rendered."""
    text = KINDS[request.param]
    entry = {
        "type": "semantic",
        "metadata": {"speaker": text[:200], "source": text[:500], "title": text[:300], "more": text[:900]},
        "conversation_id": "plums" * 100,
    }
    async with open_memory(config, clock) as memory:
        await memory.store_memories_batch(
            [{**entry, "content": f"{i} {text}", "memory_id": f"{i:0>500}"} for i in range(100)]
        )
        yield memory


async def test_every_tool_that_reads_keeps_to_the_bound(large: MemoryManager) -> None:
    ids = [f"{i:0>500}" for i in range(20)]
    async with calling(large, "extended") as call:
        for how in ("concise", "detailed"):
            for tool, arguments in (
                ("memory_search", {"query": "plums", "limit": 50}),
                ("memory_get", {"memory_ids": ids}),
                ("memory_get", {"memory_ids": ids[:1]}),
                ("memory_entities", {"limit": 100}),
                ("memory_entities", {"name": "plums", "limit": 100}),
                ("memory_related", {"memory_id": ids[0], "limit": 50}),
            ):
                result = await call.result(tool, **arguments, response_format=how)
                assert not result.is_error, result
                assert rendered(result) < MOST, (tool, how)
        for tool, arguments in (
            ("memory_context", {"about": "plums", "conversation_id": "plums" * 100, "max_tokens": 3_000}),
            ("memory_consolidate", {}),
            ("memory_stats", {}),
            ("memory_remember", {"content": "plums plums"}),
            ("memory_forget", {"memory_ids": ids}),
        ):
            result = await call.result(tool, **arguments)
            assert not result.is_error, result
            assert rendered(result) < MOST, tool
        for uri in ("memory://profile", "memory://statistics", f"memory://memories/{ids[0]}"):
            read = await call.client.read_resource(uri)
            assert len(read.model_dump_json().encode()) < MOST
    async with calling(large, "chatgpt") as call:
        for tool, arguments in (("search", {"query": "plums"}), ("fetch", {"id": ids[0]})):
            assert rendered(await call.result(tool, **arguments)) < MOST, tool


async def test_what_has_no_room_is_counted_and_hides_nothing_behind_it(memory: MemoryManager) -> None:
    for i in range(40):
        await memory.store_memory(f"Plums {i}. " + "Ripe ones taste best of all. " * 20, "semantic", memory_id=f"m{i}")
    async with calling(memory) as call:
        found = await call("memory_search", query="plums", limit=40)
        shown = len(found["memories"])
        assert 0 < shown < found["found"] == 40
        assert f"{40 - shown} more were found that the answer has no room for: narrow it by" in found["text"]
        many = await call("memory_get", memory_ids=[f"m{i}" for i in range(20)])
        read = [one["memory_id"] for one in many["memories"]]
        assert 0 < len(read) < 20
        assert [*read, *many["left_out"]] == [f"m{i}" for i in range(20)]
        assert f'{20 - len(read)} more have no room in the answer: ask for them alone, the first is "m' in many["text"]
    assert len(found["text"].encode()) < LONGEST["concise"] + 500


def test_a_part_that_is_too_large_leaves_room_for_the_next() -> None:
    class Part(Answer):
        text: str

    room = Allowance(20)
    assert not room.take("x" * 30, Part(text=""))
    assert not room.take("x", Part(text="x" * 30))
    assert room.take("x", Part(text=""))
    assert not room.take("xxxxx", Part(text="xxxxxxxx"))
