"""A memory with something of everything, and its page in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from coda_graphmem import MemoryManager, MemoryType
from tests.inspector.conftest import HOSTILE
from tests.inspector.pages import opened
from tests.inspector.process import Settings, change, embedded_in, served


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small memory."""
    place = embedded_in(tmp_path_factory.mktemp("inspected"))

    async def fill(memory: MemoryManager) -> None:
        for memory_id, content in (
            ("rows", "Our Maria rows in Berlin"),
            ("lives", "Our Maria lives in Lisbon"),
            ("visits", "In Lisbon our Tom visits the fair"),
            ("barks", "The dog Rex barks at night"),
            ("edited", "The kettle is blue"),
            ("hostile", HOSTILE),
        ):
            await memory.store_memory(content, memory_id=memory_id, conversation_id="c1")
        for i in range(2):
            await memory.store_memory("The ferry leaves at nine", MemoryType.SEMANTIC, memory_id=f"ferry{i}")
        await memory.store_memory("The ferry leaves at ten", MemoryType.SEMANTIC, memory_id="ten")
        await memory.for_namespace("other").store_memory("Tom sings")
        for days, speaker, content in ((9, "Anna", "Do you sail?"), (6, "Tom", "I only row")):
            when = time.time() - days * 86_400
            await memory.store_memory(content, metadata={"speaker": speaker}, timestamp=when, conversation_id="talk")
        crowd = memory.for_namespace("crowd")
        await crowd.store_memories_batch([{"content": f"Visit {i} of Tom", "timestamp": i} for i in range(70)])

    change(place, fill)
    return place


@pytest.fixture(scope="module")
def addresses(browser: Browser, settings: Settings) -> Iterator[Iterator[str]]:
    with served(settings) as found:
        yield found


@pytest.fixture(params=["light"])
def page(request: pytest.FixtureRequest, browser: Browser, addresses: Iterator[str]) -> Iterator[Page]:
    with opened(browser, next(addresses), theme=request.param) as found:
        yield found
