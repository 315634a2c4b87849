"""``search`` and ``fetch``."""

from __future__ import annotations

import json

from coda_graphmem import MemoryManager
from tests.mcp.clients import calling, rendered, text_of


async def test_search_gives_ids_titles_and_addresses(memory: MemoryManager) -> None:
    async with calling(memory, "chatgpt") as call:
        assert json.loads(text_of(await call.result("search", query="plums"))) == {"results": []}
        await memory.store_memory("Maria likes ripe plums. " + "x" * 100, "preference", memory_id="m/1")
        result = await call.result("search", query="plums")
        [content] = result.content
        [found] = json.loads(content.text)["results"]
        assert set(found) == {"id", "title", "url"}
        assert (found["id"], found["url"]) == ("m/1", "memory://memories/m%2F1")
        assert found["title"].startswith("Maria likes ripe plums.")
        assert len(found["title"]) <= 80


async def test_fetch_gives_one_memory(memory: MemoryManager) -> None:
    await memory.store_memory(
        "Maria likes plums.", "preference", {"speaker": "Maria", "shelf": 7}, conversation_id="c", memory_id="m"
    )
    async with calling(memory, "chatgpt") as call:
        result = await call.result("fetch", id="m")
        [content] = result.content
        assert json.loads(content.text) == {
            "id": "m",
            "title": "Maria likes plums.",
            "text": "Maria likes plums.",
            "url": "memory://memories/m",
            "metadata": {
                "speaker": "Maria",
                "shelf": 7,
                "namespace": "default",
                "type": "preference",
                "date": "2025-06-15T15:06:40Z",
                "conversation_id": "c",
            },
        }
        assert 'no memory "x"' in await call.refused("fetch", id="x")


async def test_fetch_cuts_what_is_too_long_and_says_so(memory: MemoryManager) -> None:
    for name, text in (("words", "plums " * 5_000), ("quotes", '"' * 30_000), ("letters", "李" * 30_000)):
        await memory.store_memory(text, "semantic", {"large": "x" * 5_000}, memory_id=name)
    async with calling(memory, "chatgpt") as call:
        for name in ("words", "quotes", "letters"):
            result = await call.result("fetch", id=name)
            assert rendered(result) < 50_000
            fetched = json.loads(text_of(result))
            assert fetched["metadata"]["characters"] == 30_000
            assert fetched["metadata"]["characters_shown"] == len(fetched["text"]) > 1_000
            assert "large" not in fetched["metadata"]
