"""What the page asks for is what the memory holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, StoreUnavailableError
from coda_graphmem.inspector.app import make_app
from coda_graphmem.inspector.changes import Watch
from coda_graphmem.inspector.security import Access
from tests.fakes import Clock
from tests.inspector.conftest import HOST, HOSTILE, Client

DAY = 86_400.0


def nodes(drawing: dict[str, Any], kind: str) -> set[str]:
    return {node["id"].partition(":")[2] for node in drawing["nodes"] if node["kind"] == kind}


async def test_state_says_what_there_is(client: Client, filled: MemoryManager) -> None:
    await filled.for_namespace("other").store_memory("Tom sings")
    told = (await client(read_only=True).get("/api/state")).json()
    assert told["namespaces"] == ["default", "other"]
    assert (told["namespace"], told["read_only"], told["stats"]["total_memories"]) == ("default", True, 4)
    assert (await client().get("/api/state", params={"namespace": "other"})).json()["stats"]["total_memories"] == 1


async def test_the_graph_is_placed_and_joined(client: Client, filled: MemoryManager) -> None:
    drawn = (await client().get("/api/graph")).json()
    assert nodes(drawn, "memory") == {"rows", "lives", "barks", "hostile"}
    assert {"maria", "berlin", "lisbon", "rex"} <= nodes(drawn, "entity")
    assert nodes(drawn, "conversation") == {"c1"}
    assert len({(node["x"], node["y"]) for node in drawn["nodes"]}) == len(drawn["nodes"])
    names = [node["id"] for node in drawn["nodes"]]
    assert ("memory:rows", "entity:maria", "MENTIONS") in {(names[a], names[b], kind) for a, b, kind in drawn["edges"]}
    assert [node["label"] for node in drawn["nodes"] if node["id"] == "memory:hostile"] == [HOSTILE]


async def test_the_graph_can_be_bounded(client: Client) -> None:
    drawn = (await client().get("/api/graph", params={"limit": 1})).json()
    assert (len(nodes(drawn, "memory")), drawn["left_out"]) == (1, 3)


async def test_large_graphs_leave_out_what_one_memory_mentions(client: Client, filled: MemoryManager) -> None:
    await filled.store_memories_batch([{"content": f"we ate soup, pot {i}"} for i in range(60)])
    assert nodes((await client().get("/api/graph")).json(), "entity") == {"maria"}


async def test_archived_memories_are_shown_where_asked(client: Client, filled: MemoryManager) -> None:
    for i in range(2):
        await filled.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    await filled.consolidate_memories(1)
    live, all_ = [(await client().get("/api/graph", params=p)).json() for p in ({}, {"archived": 1})]
    assert nodes(all_, "memory") - nodes(live, "memory") == {"k0", "k1"}


async def test_around_a_memory(client: Client) -> None:
    drawn = (await client().get("/api/graph/rows")).json()
    assert {"rows", "lives"} <= nodes(drawn, "memory")
    assert "x" not in drawn["nodes"][0]


async def test_a_question_is_answered_with_its_walk_and_counts_no_recall(client: Client, filled: MemoryManager) -> None:
    answer = (await client().get("/api/ask", params={"q": "who rows?", "limit": 2})).json()
    first = answer["results"][0]
    assert first["memory_id"] == "rows"
    assert sum(first["explanation"]["parts"].values()) == pytest.approx(first["relevance_score"])
    seeds = {p["seed_id"] for item in answer["results"] for p in item["explanation"]["paths"] if p["seed_id"]}
    assert {item["memory_id"] for item in answer["results"]} | seeds <= nodes(answer["graph"], "memory")
    assert (await filled.get_memory("rows")).access_count == 0
    assert (await filled.get_retrieval_stats()).total_retrievals == 0


async def test_a_time_of_the_address_is_seconds_or_iso_8601(client: Client, filled: MemoryManager) -> None:
    await filled.store_memory("I live in Rome", memory_id="rome", timestamp="2025-01-02T03:04:05Z")
    for path, key in (("/api/ask?q=rome", "results"), ("/api/facts?subject=User", "profile")):
        told = [
            (await client().get(f"{path}&as_of={time}")).json()[key]
            for time in ("1735787045", "2025-01-02T03:04:05Z", "2025-01-02T03:04:04Z")
        ]
        assert told[0] == told[1]
        assert "Rome" in str(told[0])
        assert "Rome" not in str(told[2])


async def test_a_node_says_how_its_memory_fades(client: Client, filled: MemoryManager, clock: Clock) -> None:
    await filled.retrieve_memories("who rows?", limit=1, min_relevance=0.0)
    born = clock.now
    drawn = (await client().get("/api/graph")).json()
    told = {node["id"].partition(":")[2]: node for node in drawn["nodes"] if node["kind"] == "memory"}
    for at in (born, born + 90 * DAY, born + 400 * DAY):
        for memory_id, node in told.items():
            days = (at - node["since"]) / DAY
            left = (1 + node["loss"] * days / drawn["exponent"]) ** -drawn["exponent"]
            found = await filled.get_memory(memory_id, as_of=at)
            assert left == pytest.approx(found.decay_factor, abs=1e-4)


async def test_older_memories_come_by_pages_that_lack_nothing(client: Client, filled: MemoryManager) -> None:
    pots = [{"content": f"we ate soup, pot {i}", "timestamp": 1000.0 + i} for i in range(60)]
    await filled.store_memories_batch(pots)
    await filled.store_memory("The old kettle hums", memory_id="hums", timestamp=500.0)
    await filled.link_similar(0.3)
    one = client()
    whole = (await one.get("/api/graph")).json()
    joined: set[tuple[str, str, str]] = set()
    seen: set[str] = set()
    for skip in range(0, 65, 20):
        page = (await one.get("/api/graph", params={"limit": 20, "skip": skip})).json()
        names = [node["id"] for node in page["nodes"]]
        seen |= set(names)
        joined |= {(names[a], names[b], kind) for a, b, kind in page["edges"]}
        assert page["left_out"] == max(0, 65 - skip - 20)
        assert all(("x" in node) == (skip == 0) for node in page["nodes"] if not node.get("lone"))
    assert seen >= {node["id"] for node in whole["nodes"]}
    names = [node["id"] for node in whole["nodes"]]
    missing = {(names[a], names[b], kind) for a, b, kind in whole["edges"]} - joined
    assert {kind for _, _, kind in missing} <= {"NEXT"}
    assert any(kind == "SIMILAR_TO" for _, _, kind in joined)


async def test_entities_of_one_memory_in_a_page_wait_for_another(client: Client, filled: MemoryManager) -> None:
    await filled.store_memories_batch([{"content": f"we ate soup, pot {i}"} for i in range(60)])
    await filled.store_memory("we met Maria", memory_id="met")
    drawn = (await client().get("/api/graph", params={"limit": 1})).json()
    [maria] = [node for node in drawn["nodes"] if node["kind"] == "entity"]
    assert (maria["id"], maria["lone"], "x" in maria) == ("entity:maria", True, False)


async def test_what_hangs_on_several_memories(client: Client, filled: MemoryManager) -> None:
    one = client()
    await filled.delete_memory("barks")
    drawn = (await one.get("/api/around", params={"id": ["rows", "barks"]})).json()
    assert {"rows", "lives"} <= nodes(drawn, "memory")
    assert "berlin" in nodes(drawn, "entity")
    assert (await one.get("/api/around", params={"id": ["none"]})).json()["nodes"] == []
    for ids in ([], ["x"] * 101):
        answer = await one.get("/api/around", params={"id": ids})
        assert (answer.status_code, answer.json()["field"]) == (422, "id")


async def test_a_conversation_comes_in_its_order(
    client: Client, filled: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i, second in enumerate((30.0, 10.0, 20.0)):
        await filled.store_memory(f"word {i}", memory_id=f"w{i}", timestamp=second, conversation_id="talk")
    one = client()
    told = (await one.get("/api/conversation", params={"id": "talk"})).json()
    assert [item["memory_id"] for item in told["memories"]] == ["w1", "w2", "w0"]
    monkeypatch.setattr("coda_graphmem.inspector.contents._TURNS", 2)
    told = (await one.get("/api/conversation", params={"id": "talk"})).json()
    assert ([item["memory_id"] for item in told["memories"]], told["left_out"]) == (["w1", "w2"], 1)
    assert (await one.get("/api/conversation")).status_code == 422


async def test_a_memory_has_its_page(client: Client, filled: MemoryManager) -> None:
    for i in range(2):
        await filled.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    await filled.store_memory("The kettle is not red", MemoryType.SEMANTIC, memory_id="not")
    done = await filled.consolidate_memories(1)
    merged_id, one = done.proposals[0].merged_id, client()
    told = (await one.get(f"/api/memories/{merged_id}")).json()
    assert told["memory"]["content"] == "The kettle is red"
    [merge] = told["merged_from"]
    assert ({item["memory_id"] for item in merge["originals"]}, merge["run_id"]) == ({"k0", "k1"}, done.run_id)
    assert (told["merged_into"], told["undo"]) == ([], None)
    assert [(x["kind"], x["guard"], x["memory"]["memory_id"]) for x in told["links"]] == [
        ("SIMILAR_TO", "negation", "not")
    ]
    original = (await one.get("/api/memories/k0")).json()
    assert (original["merged_into"][0]["merged"]["memory_id"], original["undo"]) == (merged_id, done.run_id)
    other = (await one.get("/api/memories/not")).json()["links"]
    assert {link["outgoing"] for link in told["links"] + other} == {True, False}
    assert (await one.get("/api/memories/none")).status_code == 404


async def test_what_was_merged_again_is_undone_from_the_last(client: Client, filled: MemoryManager) -> None:
    for i in range(3):
        await filled.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    first = await filled.merge_memories(["k0", "k1"])
    last = await filled.merge_memories([first.proposal.merged_id, "k2"])
    assert (await client().get("/api/memories/k0")).json()["undo"] == last.run_id


async def test_ids_may_hold_slashes(client: Client, filled: MemoryManager) -> None:
    await filled.store_memory("Our Anna skis", memory_id="a/b?c", conversation_id="on/ice")
    one = client()
    assert (await one.get("/api/memories/a%2Fb%3Fc")).json()["memory"]["content"] == "Our Anna skis"
    assert nodes((await one.get("/api/graph/a%2Fb%3Fc")).json(), "memory") >= {"a/b?c"}
    assert (await one.post("/api/memories/a%2Fb%3Fc/unarchive")).json()["live_ids"] == ["a/b?c"]
    talk = (await one.get("/api/conversation", params={"id": "on/ice"})).json()
    assert [item["memory_id"] for item in talk["memories"]] == ["a/b?c"]


async def test_an_archived_memory_is_brought_back(client: Client, filled: MemoryManager) -> None:
    await filled.services.resources.store.records.archive("default", ["rows"], 1.0)
    one = client()
    assert (await one.post("/api/memories/rows/unarchive")).json()["restored_ids"] == ["rows"]
    assert (await filled.get_memory("rows")).archived_at is None
    assert (await one.post("/api/memories/none/unarchive")).status_code == 404


async def test_an_entity_brings_its_memories(client: Client, filled: MemoryManager) -> None:
    for i in range(3):
        await filled.store_memory(f"Visit {i} of Maria", conversation_id="c2", timestamp=1000.0 + i)
    one = client()
    told = (await one.get("/api/entities/maria", params={"limit": 3})).json()
    assert (told["node"]["label"], told["in_all"]) == ("Maria", 5)
    assert [item["id"] for item in told["memories"]][:2] == ["memory:lives", "memory:rows"]
    assert (len(told["memories"]), nodes(told["graph"], "entity")) == (3, {"maria"})
    assert len((await one.get("/api/entities/maria")).json()["memories"]) == 5
    assert nodes((await one.get("/api/entities/rex")).json()["graph"], "entity") == {"rex"}
    assert (await one.get("/api/entities/nobody")).json()["field"] == "entity_keys"
    await filled.services.resources.store.records.archive("default", ["barks"], 1.0)
    assert (await one.get("/api/entities/rex")).json()["in_all"] == 0


async def test_editing(client: Client, filled: MemoryManager) -> None:
    one = client()
    answer = await one.patch("/api/memories/rows", json={"content": "Our Maria swims in Rome", "importance_score": 0.9})
    assert answer.json()["memory"]["content"] == "Our Maria swims in Rome"
    found = await filled.get_memory("rows")
    assert (found.importance_score, {e.key for e in found.entities}) == (0.9, {"maria", "rome"})
    assert (await one.patch("/api/memories/none", json={"content": "x"})).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b'{"importance_score": 2}', "importance_score"),
        (b'{"memory_id": "x"}', "memory_id"),
        (b"no json", "body"),
        (b'{"content": 5}', "content"),
        (b" " * 4_000_001, "body"),
    ],
)
async def test_edits_that_cannot_be_name_the_field(
    client: Client, filled: MemoryManager, sent: bytes, field: str
) -> None:
    before = await filled.get_revision()
    answer = await client().patch("/api/memories/rows", content=sent)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["remedy"]
    assert await filled.get_revision() == before


async def test_conditions_narrow_all_that_is_shown(client: Client, filled: MemoryManager) -> None:
    await filled.update_memory("rows", tags=["sport"])
    await filled.store_memory("Our Maria skis in Lisbon", memory_id="skis", user_id="nora", conversation_id="c1")
    one, sport = client(), {"where": '{"tags": "sport"}'}
    assert nodes((await one.get("/api/graph", params=sport)).json(), "memory") == {"rows"}
    assert (await one.get("/api/graph", params={**sport, "skip": 1})).json()["nodes"] == []
    assert nodes((await one.get("/api/graph/rows", params=sport)).json(), "memory") == {"rows"}
    for depth in (0, 1):
        asked = {"id": ["rows", "lives"], "depth": depth, **sport}
        assert nodes((await one.get("/api/around", params=asked)).json(), "memory") == {"rows"}
    told = (await one.get("/api/entities/maria", params=sport)).json()
    assert ([item["id"] for item in told["memories"]], told["in_all"]) == (["memory:rows"], 1)
    told = (await one.get("/api/conversation", params={"id": "c1", **sport})).json()
    assert [item["memory_id"] for item in told["memories"]] == ["rows"]
    told = (await one.get("/api/ask", params={"q": "Maria", "where": '{"user_id": "nora"}'})).json()
    assert [item["memory_id"] for item in told["results"]] == ["skis"]
    assert nodes(told["graph"], "memory") == {"skis"}
    both = {"where": ['{"conversation_id": "c1"}', '{"user_id": {"$exists": true}}']}
    assert nodes((await one.get("/api/graph", params=both)).json(), "memory") == {"skis"}


async def test_pages_bring_no_linked_memory_of_which_the_conditions_do_not_hold(
    client: Client, filled: MemoryManager
) -> None:
    for i in range(3):
        tags = [] if i == 2 else ["sport"]
        await filled.store_memory(f"we ate soup, pot {i}", memory_id=f"soup{i}", tags=tags, timestamp=1000.0 + i)
    await filled.link_similar(0.3)
    for where, found in (
        ('{"timestamp": {"$lt": 2000}}', {"soup1", "soup2"}),
        ('{"tags": "sport"}', {"soup0", "soup1"}),
    ):
        page = (await client().get("/api/graph", params={"limit": 1, "skip": 1, "where": where})).json()
        assert nodes(page, "memory") == found


async def test_at_depth_0_memories_come_alone(client: Client) -> None:
    drawn = (await client().get("/api/around", params={"id": "rows", "depth": 0})).json()
    assert nodes(drawn, "memory") == {"rows"}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("{tags: 1}", "is no JSON (Expecting property name enclosed in double quotes at character 2)."),
        ('{"tags": "a", "tags": "b"}', "names a key twice."),
        ("null", "must be a mapping, not NoneType."),
        ("{}", "is empty, so it asks for nothing."),
        ('{"colour": "red"}', "'colour' is no field that can be compared."),
        ("[" * 10_000, "has a number of thousands of digits, or too many levels."),
        ('{"importance_score": ' + "1" * 5_000 + "}", "has a number of thousands of digits, or too many levels."),
    ],
)
async def test_conditions_that_cannot_be_name_what_is_wrong(client: Client, where: str, said: str) -> None:
    for path in ("/api/graph", "/api/ask?q=x", "/api/conversation?id=c1", "/api/entities/maria", "/api/around?id=rows"):
        address = f"{path}{'&' if '?' in path else '?'}where={quote(where)}"
        told = await client().get(address)
        assert (told.status_code, told.json()["field"]) == (422, "where")
        assert said in told.json()["error"]
        assert told.json()["remedy"]


async def test_quick_filters_offer_what_there_is(client: Client, filled: MemoryManager) -> None:
    one = client()
    empty = {"tags": {}, "user_id": [], "agent_id": [], "session_id": []}
    assert (await one.get("/api/choices")).json() == empty
    for i, user in enumerate(("tom", "nora", "nora")):
        await filled.store_memory(f"Visit {i} of Maria", user_id=user, session_id=f"s{i % 2}", tags=["trip"])
    await filled.store_memory("Maria rests", agent_id="helper", tags=["rest", "trip"])
    told = (await one.get("/api/choices")).json()
    assert told["tags"] == {"trip": 4, "rest": 1}
    assert told["user_id"] == ["nora", "tom"]
    assert (told["agent_id"], set(told["session_id"])) == (["helper"], {"s0", "s1"})


async def test_tags_and_end_are_edited_and_taken_back(client: Client, filled: MemoryManager, clock: Clock) -> None:
    one, end = client(), clock.now + 3 * DAY
    told = (await one.patch("/api/memories/rows", json={"tags": ["b", "a"], "expires_at": end})).json()["memory"]
    assert (set(told["tags"]), told["expires_at"], told["lifetime"]) == ({"a", "b"}, end, "long_term")
    told = (await one.patch("/api/memories/rows", json={"tags": [], "expires_at": "never"})).json()["memory"]
    assert (told["tags"], told["expires_at"]) == ([], None)
    for sent, field in (({"tags": ["a\nb"]}, "tags"), ({"expires_at": clock.now - 1}, "expires_at")):
        refused = await one.patch("/api/memories/rows", json=sent)
        assert refused.status_code == 422
        assert refused.json()["field"].startswith(field)
    assert (await filled.get_memory("rows")).tags == []


async def test_arguments_that_cannot_be(client: Client) -> None:
    for path in ("/api/graph?limit=x", "/api/graph?skip=x", "/api/ask?q=x&as_of=x", "/api/ask", "/api/graph/none"):
        assert (await client().get(path)).status_code == 422, path
    assert (await client().get("/api/none")).json()["error"]


async def test_deleting(client: Client, filled: MemoryManager) -> None:
    one = client()
    assert (await one.delete("/api/memories/rows")).json() == {"deleted": True}
    assert (await one.delete("/api/memories/rows")).status_code == 404
    assert await filled.get_memory("rows") is None


async def test_reviewing_merging_and_undoing(client: Client, filled: MemoryManager) -> None:
    for i in range(2):
        await filled.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    await filled.store_memory("The kettle is not red", MemoryType.SEMANTIC, memory_id="not")
    one, before = client(), await filled.get_revision()
    review = (await one.get("/api/consolidation", params={"hours": 1})).json()
    assert await filled.get_revision() == before
    assert review["proposals"][0]["merged"]["source_ids"] == ["k0", "k1"]
    assert {pair["guard"] for pair in review["refused"] if "not" in (pair["first_id"], pair["second_id"])} == {
        "negation"
    }
    assert review["memories"]["k0"]["content"] == "The kettle is red"
    done = (await one.post("/api/consolidation", json={"hours": 1})).json()
    assert (await filled.get_memory("k0")).consolidated_into == done["proposals"][0]["merged_id"]
    [run] = (await one.get("/api/consolidation/runs")).json()
    back = (await one.post(f"/api/consolidation/runs/{run['run_id']}/undo")).json()
    assert set(back["restored_ids"]) == {"k0", "k1"}
    assert (await filled.get_memory("k0")).archived_at is None
    assert (await one.post("/api/consolidation/runs/none/undo")).status_code == 409


async def test_one_proposal_is_merged_or_refused(client: Client, filled: MemoryManager) -> None:
    for i in range(2):
        await filled.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    one, ids = client(), {"memory_ids": ["k0", "k1"]}

    async def decide(*, refused: bool) -> int:
        return (await one.post("/api/consolidation/refusals", json={**ids, "refused": refused})).json()["pairs"]

    assert await decide(refused=True) == 1
    review = (await one.get("/api/consolidation", params={"hours": 1})).json()
    assert review["proposals"] == []
    assert ("refused", "k0", "k1") in {(p["guard"], p["first_id"], p["second_id"]) for p in review["refused"]}
    refused = await one.post("/api/consolidation/merges", json=ids)
    assert (refused.status_code, refused.json()["field"]) == (409, "memory_ids")
    assert (await one.post("/api/consolidation/merges", json={**ids, "despite_guards": True})).status_code == 200
    [run] = (await one.get("/api/consolidation/runs")).json()
    await one.post(f"/api/consolidation/runs/{run['run_id']}/undo")
    assert await decide(refused=False) == 1
    done = (await one.post("/api/consolidation/merges", json=ids)).json()
    assert (await filled.get_memory("k0")).consolidated_into == done["proposal"]["merged_id"]


async def test_nothing_is_changed_where_only_looking_is_allowed(client: Client, filled: MemoryManager) -> None:
    one, before = client(read_only=True), await filled.get_revision()
    for method, path in (
        ("PATCH", "memories/rows"), ("DELETE", "memories/rows"), ("POST", "memories/rows/unarchive"),
        ("POST", "consolidation"), ("POST", "consolidation/merges"), ("POST", "consolidation/refusals"),
        ("POST", "consolidation/runs/x/undo"), ("POST", "jobs/decay/run"),
    ):  # fmt: skip
        answer = await one.request(method, f"/api/{path}", json={})
        assert (answer.status_code, "--read-only" in answer.json()["error"]) == (403, True), path
    assert await filled.get_revision() == before


async def test_jobs_and_health(client: Client) -> None:
    one = client()
    assert "decay" in {job["name"] for job in (await one.get("/api/jobs")).json()["jobs"]}
    assert (await one.post("/api/jobs/decay/run")).json()["status"] == "done"
    assert (await one.get("/api/jobs")).json()["runs"][0]["job"] == "scheduled decay"
    assert (await one.post("/api/jobs/none/run")).status_code == 422
    assert 0 < (await one.get("/api/health")).json()["overall_score"] <= 1


async def test_what_happens_is_told_once(filled: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.inspector.changes.time.time", clock)
    watch = Watch(filled)
    await watch.begin()
    assert await watch.look() is None
    clock.advance(1)
    await filled.store_memory("Our Anna skis", memory_id="skis")
    told = await watch.look()
    assert (told["changed"], told["new"], told["gone"]) == (["skis"], ["skis"], [])
    assert nodes(told["graph"], "memory") == {"skis"}
    assert await watch.look() is None
    clock.advance(1)
    await filled.update_memory("skis", importance_score=0.9)
    assert [(t["changed"], t["new"]) for t in [await watch.look()]] == [(["skis"], [])]
    await filled.delete_memory("rows")
    assert (await watch.look())["gone"] == ["rows"]
    await filled.retrieve_memories("who skis?", limit=1, min_relevance=0.0)
    told = await watch.look()
    assert (told["recalls"], told["recalled"], nodes(told["graph"], "memory")) == (1, ["skis"], {"skis"})
    assert await watch.look() is None
    clock.advance(1)
    await filled.retrieve_memories("who skis?", limit=1, min_relevance=0.0)
    assert (await watch.look())["recalled"] == ["skis"]


async def test_merging_is_told_as_one_new_and_two_gone(
    filled: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.inspector.changes.time.time", clock)
    for i in range(2):
        await filled.store_memory("The kettle is red", MemoryType.SEMANTIC, memory_id=f"k{i}")
    watch = Watch(filled)
    await watch.begin()
    done = await filled.consolidate_memories(1)
    told = await watch.look()
    assert (told["new"], sorted(told["gone"])) == ([done.proposals[0].merged_id], ["k0", "k1"])


async def test_many_changes_ask_for_a_new_graph(
    filled: MemoryManager, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.inspector.changes.time.time", clock)
    watch = Watch(filled)
    await watch.begin()
    await filled.store_memories_batch([{"content": f"we ate soup, pot {i}"} for i in range(201)])
    assert (await watch.look())["reload"] is True


def test_a_store_that_is_away_is_told_and_the_page_may_come_again(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(self: Watch) -> None:
        raise StoreUnavailableError("cannot be reached.", field="neo4j.uri", remedy="Start it.")

    monkeypatch.setattr(Watch, "begin", away)
    access = Access("127.0.0.1", 8777, session="session")
    app = make_app(MemoryManager(MemoryConfig()), access, page)
    headers, protocols = {"Origin": f"http://{HOST}"}, ["coda-graphmem", "session.session"]
    with TestClient(app).websocket_connect(f"ws://{HOST}/api/live", protocols, headers=headers) as socket:
        assert socket.receive_json() == {"error": "neo4j.uri: cannot be reached. Start it."}
        assert socket.receive() == {"type": "websocket.close", "code": 1013, "reason": ""}
