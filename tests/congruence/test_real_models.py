"""On the real models both stores give nearly the same answers, and what programs write runs on both."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

import coda_graphmem
from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.demo.sample import QUESTIONS, read_sample
from coda_graphmem.importing import Loader
from scripts.neo4j_server import JavaServer
from tests.docs.blocks import Page, blocks
from tests.servers import describe

#: Of the best ten, at least so many are the same.
SHARED = {"vector": 9, "text": 8, "hybrid": 9, "graph": 9}


#: The older generation; ``cli/test_servers`` has the demo, which is much of the same, on the other.
on_one = pytest.mark.parametrize("private_neo4j", ["5"], indirect=True)


@pytest.fixture
async def pair(tmp_path: Path, private_neo4j: JavaServer) -> AsyncIterator[tuple[MemoryManager, MemoryManager]]:
    """The sample in a file and on a server of its own, whose one database has one model."""
    configs = (
        MemoryConfig(vector_store={"persist_directory": tmp_path}),
        MemoryConfig(vector_store_type="neo4j", neo4j=describe("", private_neo4j).config()),
    )
    async with AsyncExitStack() as stack:
        managers = [await stack.enter_async_context(MemoryManager(config)) for config in configs]
        for manager in managers:
            await Loader(manager).load(read_sample())
        yield managers[0], managers[1]


@on_one
async def test_the_best_ten_of_both_stores(pair: tuple[MemoryManager, MemoryManager]) -> None:
    embedded, neo4j = pair
    assert (await embedded.get_memory_stats()).total_memories == len(read_sample())
    for mode, shared in SHARED.items():
        for question in QUESTIONS:
            ids = [
                {m.memory_id for m in await store.retrieve_memories(question.text, mode=mode, min_relevance=0.0)}
                for store in pair
            ]
            assert len(ids[0]) == len(ids[1])
            assert len(ids[0] & ids[1]) >= min(shared, len(ids[0])), (mode, question.text)
    one, other = await embedded.list_entities(limit=1000), await neo4j.list_entities(limit=1000)
    assert one == other


class Sockets:
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def broadcast_event(self, event_type: str, data: dict[str, Any]) -> None:
        self.heard.append(event_type)


class Conversations:
    async def add_message(self, conversation_id: str, message: object) -> None: ...


def run_snippets() -> None:
    """Run what programs write, in its order, in one process."""
    page, sockets = Page(), Sockets()
    page.names |= {name: getattr(coda_graphmem, name) for name in coda_graphmem.__all__}
    page.names |= {"websocket_manager": sockets, "conversation_manager": Conversations()}
    page.names |= {"logger": logging.getLogger("snippets"), "query": "morning"}
    try:
        for i, (_, text) in enumerate(blocks(Path(__file__).parents[1] / "api" / "snippets.md")):
            page.python(text, f"snippet {i}")
        page.python("await memory_manager.cleanup()", "the end")
    finally:
        page.close()
    assert page.names["memories"], "a retrieval found what was stored before"
    assert page.names["stats"].total_memories > 0
    assert [info.info_type for info in page.names["extracted_info"]] == ["job", "company", "project"]
    assert {"memory_retrieved", "memory_stored"} <= set(sockets.heard)


def test_what_programs_write_runs_on_one_file(tmp_path: Path) -> None:
    run_snippets()
    assert (tmp_path / "data" / "memory" / "vectors" / "coda_memories.sqlite3").exists()


@on_one
def test_what_programs_write_runs_on_neo4j(private_neo4j: JavaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server = describe("", private_neo4j)
    for name, value in {"URI": server.uri, "USERNAME": server.username, "PASSWORD": server.password}.items():
        monkeypatch.setenv(f"NEO4J_{name}", value)
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE_TYPE", "neo4j")
    monkeypatch.setenv("CODA_GRAPHMEM_NAMESPACE", "snippets")
    run_snippets()
