"""What is known, and what people say of a memory by hand, as the page asks for it."""

from __future__ import annotations

from typing import Any

from coda_graphmem import MemoryManager
from tests.inspector.conftest import Client


async def moved(memory: MemoryManager) -> None:
    """Somebody who moved."""
    await memory.store_memory("I live in Paris.", memory_id="paris", timestamp=1_700_000_000.0)
    await memory.store_memory("I live in Rome now.", memory_id="rome", timestamp=1_710_000_000.0)


async def get(client: Client, address: str, **values: Any) -> Any:
    return (await client().get(address, params=values)).json()


async def test_facts_are_told_with_the_past_and_the_profile_without(client: Client, filled: MemoryManager) -> None:
    await moved(filled)
    page = await get(client, "/api/facts", subject="User")
    told = [(f["value"], f["valid_until"] is None, f["memory_ids"]) for f in page["facts"]]
    assert told == [("Paris", False, ["paris"]), ("Rome", True, ["rome"])]
    assert [line["fact"]["value"] for line in page["profile"]["lines"]] == ["Rome"]
    assert ("user", 2) in [(subject["key"], subject["facts"]) for subject in page["subjects"]]


async def test_one_who_is_not_named_is_whom_most_is_known_of(client: Client, filled: MemoryManager) -> None:
    await moved(filled)
    assert (await get(client, "/api/facts"))["subject"] == "User"
    assert (await get(client, "/api/facts", subject="Nobody"))["facts"] == []


async def test_the_page_of_an_outdated_memory_leads_to_what_holds(client: Client, filled: MemoryManager) -> None:
    await moved(filled)
    old, new = [await get(client, f"/api/memories/{name}") for name in ("paris", "rome")]
    assert (old["successor"]["memory_id"], old["memory"]["valid_until"]) == ("rome", 1_710_000_000.0)
    assert [memory["memory_id"] for memory in new["replaced"]] == ["paris"]
    assert [fact["value"] for fact in old["facts"]] == ["Paris"]
    nodes = {node["id"]: node for node in (await get(client, "/api/graph"))["nodes"]}
    assert (nodes["memory:paris"]["until"], "until" in nodes["memory:rome"]) == (1_710_000_000.0, False)


async def test_memories_are_replaced_retracted_and_reinstated_by_hand(client: Client, filled: MemoryManager) -> None:
    done = await client().post("/api/memories/barks/supersede", json={"content": "The dog Rex howls"})
    new = done.json()["memory"]["memory_id"]
    page = await get(client, "/api/memories/barks")
    assert (page["memory"]["standing"], page["successor"]["memory_id"]) == ("superseded", new)
    assert [(one["operation"], one["actor"]) for one in page["versions"]][-1] == ("superseded", "inspector")
    for call, standing in (("reinstate", "reinstated"), ("retract", "retracted")):
        body = (await client().post(f"/api/memories/barks/{call}")).json()
        assert body["memory"]["standing"] == standing


async def test_what_cannot_be_done_is_said(client: Client) -> None:
    assert (await client().post("/api/memories/none/retract")).status_code == 404
    both = await client().post("/api/memories/barks/supersede", json={"content": "x", "new_id": "rows"})
    assert both.status_code == 422
    assert (await client(read_only=True).post("/api/memories/barks/retract")).status_code == 403
