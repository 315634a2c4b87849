"""The whole inspector on every store: graph, question, care, merging and what happens, by its API and in a browser."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.inspector.changes import Watch
from tests.conftest import open_memory
from tests.fakes import Clock
from tests.inspector.conftest import Client, fill, make_clients
from tests.inspector.pages import find, opened, review
from tests.inspector.process import Settings, change, served
from tests.inspector.test_api import nodes
from tests.servers import Server


def neo4j_at(server: Server) -> Settings:
    """Settings for a namespace of its own on a server that tests share."""
    return {
        "vector_store_type": "neo4j",
        "namespace": f"inspected-{uuid.uuid4().hex}",
        "neo4j": {
            "uri": server.uri,
            "username": server.username,
            "password": server.password,
            "database": server.database,
        },
    }


@pytest.fixture(params=["neo4j_5", "neo4j_2026"])
async def memory(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[MemoryManager]:
    config = MemoryConfig(**neo4j_at(request.getfixturevalue(request.param)))
    async with open_memory(config, clock) as manager:
        yield manager
        await manager.forget(everything=True)


@pytest.mark.all_namespaces
async def test_the_api(memory: MemoryManager, clock: Clock, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `test_api` asks of an embedded memory, in one go."""
    await fill(memory)
    for i in range(2):
        await memory.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    await memory.store_memory("The kettle is not red", MemoryType.SEMANTIC, memory_id="not")
    async with make_clients(memory, page) as client:
        await _look(client, memory)
        await _care(client, memory)
        await _merge(client, memory)
    monkeypatch.setattr("coda_graphmem.inspector.changes.time.time", clock)
    watch = Watch(memory)
    await watch.begin()
    assert await watch.look() is None
    clock.advance(1)
    await memory.store_memory("Our Anna skis", memory_id="skis")
    assert (await watch.look())["new"] == ["skis"]
    await memory.delete_memory("skis")
    assert (await watch.look())["gone"] == ["skis"]


async def _look(client: Client, memory: MemoryManager) -> None:
    one = client()
    state = (await one.get("/api/state")).json()
    assert (state["store"], state["stats"]["total_memories"]) == ("neo4j", 7)
    drawn = (await one.get("/api/graph")).json()
    assert {"rows", "lives", "barks", "hostile"} < nodes(drawn, "memory")
    assert nodes((await one.get("/api/graph/rows")).json(), "memory") >= {"rows", "lives"}
    assert (await one.get("/api/entities/maria")).json()["in_all"] == 2
    answer = (await one.get("/api/ask", params={"q": "Maria rows", "limit": 2})).json()
    assert answer["results"][0]["memory_id"] == "rows"
    assert (await memory.get_memory("rows")).access_count == 0
    talk = (await one.get("/api/conversation", params={"id": "c1"})).json()
    assert [item["memory_id"] for item in talk["memories"]] == ["rows", "lives", "barks", "hostile"]


async def _care(client: Client, memory: MemoryManager) -> None:
    one = client()
    assert (await one.patch("/api/memories/rows", json={"importance_score": 0.9})).status_code == 200
    assert (await one.delete("/api/memories/hostile")).json() == {"deleted": True}
    await memory.services.resources.store.records.archive(memory.namespace, ["barks"], 1.0)
    assert (await one.get("/api/memories/barks")).json()["memory"]["archived_at"] == 1.0
    assert (await one.post("/api/memories/barks/unarchive")).json()["restored_ids"] == ["barks"]
    assert (await one.get("/api/memories/none")).status_code == 404


async def _merge(client: Client, memory: MemoryManager) -> None:
    one, ids = client(), ["k0", "k1"]
    refusals = "/api/consolidation/refusals"
    assert (await one.post(refusals, json={"memory_ids": ids, "refused": True})).json() == {"pairs": 1}
    planned = (await one.get("/api/consolidation", params={"hours": 1})).json()
    assert (planned["proposals"], {"refused", "negation"} <= {p["guard"] for p in planned["refused"]}) == ([], True)
    assert (await one.post(refusals, json={"memory_ids": ids, "refused": False})).json() == {"pairs": 1}
    done = (await one.post("/api/consolidation/merges", json={"memory_ids": ids})).json()
    told = (await one.get("/api/memories/k0")).json()
    assert (told["undo"], told["merged_into"][0]["merged_id"]) == (done["run_id"], done["proposal"]["merged_id"])
    undone = await one.post(f"/api/consolidation/runs/{done['run_id']}/undo")
    assert set(undone.json()["restored_ids"]) == set(ids)
    assert (await one.post("/api/jobs/decay/run")).json()["status"] == "done"
    assert (await one.get("/api/health")).status_code == 200


@pytest.fixture
def settings(neo4j_2026: Server) -> Iterator[Settings]:
    """Of a server; ``browser`` has the same in a file."""
    place = neo4j_at(neo4j_2026)
    yield place
    change(place, lambda memory: memory.forget(everything=True))


async def _fill_for_browser(memory: MemoryManager) -> None:
    await memory.store_memory("Our Maria rows in Berlin", memory_id="rows", conversation_id="c1")
    await memory.store_memory("Our Maria lives in Lisbon", memory_id="lives", conversation_id="c1")
    for i in range(2):
        await memory.store_memory("The ferry leaves at nine", MemoryType.SEMANTIC, memory_id=f"ferry{i}")


def test_in_a_browser(browser: Browser, settings: Settings) -> None:
    """The way through all parts, and what another process stores."""
    change(settings, _fill_for_browser)
    with served(settings) as addresses, opened(browser, next(addresses)) as page:
        expect(page.locator(".summary")).to_contain_text("4 memories")
        find(page, "rows in berlin")
        page.get_by_role("button", name="Edit").click()
        page.fill("#edit-content", "Our Maria rows in Rome")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_test_id("content")).to_have_text("Our Maria rows in Rome")
        page.locator(".chips").get_by_role("button", name="Maria").click()
        expect(page.locator("#panel-memory li")).to_have_count(2)
        page.fill("#question", "Maria")
        page.keyboard.press("Enter")
        expect(page.locator(".answers > li").first).to_contain_text("Maria")
        review(page)
        page.locator(".pair.proposed").get_by_role("button", name="Merge").click()
        expect(page.locator(".summary")).to_contain_text("3 memories")
        page.locator(".settled").get_by_role("button", name="Undo").click()
        expect(page.locator(".summary")).to_contain_text("4 memories")
        page.get_by_role("tab", name="Live").click()
        expect(page.locator(".live-dot.on")).to_be_visible()
        change(settings, lambda memory: memory.store_memory("Our Anna skis in Rome", memory_id="skis"))
        started = time.perf_counter()
        expect(page.locator(".log")).to_contain_text("Our Anna skis in Rome")
        # Half a second where nothing else is done (scripts/measure_inspector.py); the suite keeps all cores busy.
        assert time.perf_counter() - started < 5
        expect(page.locator(".summary")).to_contain_text("5 memories")
