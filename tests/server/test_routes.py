"""What routes do beyond what `tests.manager` tests of the calls behind them: shapes, statuses, parameters, errors."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from coda_graphmem import errors
from coda_graphmem.server.problems import problem_answer
from tests.server.conftest import Served


@pytest.fixture
async def client(served: Served):
    async with served.client() as made:
        yield made


async def stored(client: httpx.AsyncClient, content: str = "Maria likes plums.", **more: object) -> str:
    answer = await client.post("/memories", json={"content": content, **more})
    assert answer.status_code == 201, answer.text
    memory_id: str = answer.json()["memory_id"]
    return memory_id


async def test_the_life_of_a_memory(client: httpx.AsyncClient) -> None:
    memory_id = await stored(client, memory_type="semantic", tags=["food"], timestamp="2025-06-01T12:00:00Z")
    found = (await client.get(f"/memories/{memory_id}")).json()
    assert (found["content"], found["tags"], found["timestamp"]) == ("Maria likes plums.", ["food"], 1748779200.0)
    assert "embedding" not in found
    [hit] = (await client.post("/search", json={"query": "plums"})).json()["results"]
    assert hit["memory_id"] == memory_id
    assert 0 < hit["relevance_score"] <= 1
    change = {"content": "Maria likes pears.", "expected_version": found["version"]}
    assert (await client.put(f"/memories/{memory_id}", json=change)).json() == {"changed": True}
    conflict = await client.put(f"/memories/{memory_id}", json=change)
    assert (conflict.status_code, conflict.json()["field"]) == (409, "expected_version")
    history = (await client.get(f"/memories/{memory_id}/history")).json()["results"]
    assert [version["content"] for version in history] == ["Maria likes plums.", "Maria likes pears."]
    assert (await client.post("/memories/archive", json={"memory_ids": [memory_id]})).json()["archived_ids"]
    assert (await client.get("/memories", params={"archived": "true"})).json()["results"][0]["memory_id"] == memory_id
    assert (await client.post("/memories/unarchive", json={"memory_ids": [memory_id]})).json()["restored_ids"]
    gone = await client.delete(f"/memories/{memory_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/history"), ("POST", "/promote")):
        assert (await client.request(method, f"/memories/{memory_id}{path}")).status_code == 404
    assert (await client.put(f"/memories/{memory_id}", json={"content": "x"})).status_code == 404
    for path in ("supersede", "retract", "reinstate"):
        body = {"content": "x"} if path == "supersede" else {}
        assert (await client.post(f"/memories/{memory_id}/{path}", json=body)).status_code == 404


async def test_ids_may_hold_what_addresses_hold(client: httpx.AsyncClient) -> None:
    for memory_id in ("a/b", "a/history/c", "ä ?&#%", "batch"):
        await stored(client, f"Text of {memory_id}", memory_id=memory_id)
        quoted = quote(memory_id, safe="")
        assert (await client.get(f"/memories/{quoted}")).json()["memory_id"] == memory_id
        assert len((await client.get(f"/memories/{quoted}/history")).json()["results"]) == 1
        assert (await client.delete(f"/memories/{quoted}")).status_code == 204


async def test_what_belongs_to_somebody_is_theirs_in_every_call(client: httpx.AsyncClient) -> None:
    """The addresses and parameters that clients of mem0 know."""
    anna = await stored(client, "I like plums", user_id="anna")
    await stored(client, "I like plums", user_id="tom")
    assert [one["memory_id"] for one in (await client.get("/memories?user_id=anna")).json()["results"]] == [anna]
    found = await client.post("/search", json={"query": "plums", "user_id": "anna"})
    assert [one["memory_id"] for one in found.json()["results"]] == [anna]
    assert (await client.get(f"/memories/{anna}?user_id=tom")).status_code == 404
    assert (await client.delete(f"/memories/{anna}?user_id=tom")).status_code == 404
    assert (await client.put(f"/memories/{anna}", json={"content": "x", "user_id": "tom"})).status_code == 404
    assert (await client.get("/count?user_id=anna")).json() == {"count": 1}
    refused = await client.get("/stats?user_id=anna")
    assert (refused.status_code, refused.json()["field"]) == (422, "user_id")
    assert (await client.post("/forget", json={"user_id": "anna"})).json()["memories"] == 1
    assert (await client.post("/reset")).json()["memories"] == 1


async def test_filters_of_addresses_are_those_of_the_facade(client: httpx.AsyncClient) -> None:
    for year, kind in ((2019, "semantic"), (2021, "procedural"), (2022, "episodic")):
        await stored(client, f"Of {year}", memory_type=kind, metadata={"year": year}, timestamp=f"{year}-01-01")

    async def count(**query: object) -> int:
        answer = await client.get("/count", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["count"]

    assert await count(where=json.dumps({"metadata.year": {"$gte": 2020}})) == 2
    assert await count(metadata=json.dumps({"year": 2019})) == 1
    assert await count(memory_types=["semantic", "episodic"]) == 2
    assert await count(since="2021-01-01T00:00:00Z", until=1640995200) == 1
    assert await count(min_importance="0", max_importance="1.0") == 3
    listed = (await client.get("/memories", params={"order": "oldest", "limit": 1, "offset": 1})).json()["results"]
    assert [one["content"] for one in listed] == ["Of 2021"]


#: Requests, and what of them is wrong.
WRONG: list[tuple[str, str, dict[str, Any], int, str | None]] = [
    ("GET", "/memories?limt=1", {}, 422, "limt"),
    ("GET", "/memories?limit=1&limit=2", {}, 422, "limit"),
    ("GET", "/memories?limit=0", {}, 422, "limit"),
    ("GET", "/memories?limit=1_0", {}, 422, "limit"),
    ("GET", "/memories?archived=yes", {}, 422, "archived"),
    ("GET", "/memories?min_importance=inf", {}, 422, "min_importance"),
    ("GET", "/memories?order=best", {}, 422, "order"),
    ("GET", '/memories?where={"tagz":"a"}', {}, 422, "where"),
    ("GET", "/memories?where=[]", {}, 422, "where"),
    ("GET", '/memories?metadata={"a":1,"a":2}', {}, 422, "metadata"),
    ("GET", "/memories?namespace=" + "x" * 201, {}, 422, "namespace"),
    ("GET", "/memories?since=2026-01-01&until=2025-01-01", {}, 422, "since"),
    ("POST", "/search", {"json": {"query": "x", "limt": 1}}, 422, "limt"),
    ("POST", "/search", {"json": {"query": "x", "limit": True}}, 422, "limit"),
    ("POST", "/search", {"json": {"query": " "}}, 422, "query"),
    ("POST", "/search", {"json": {}}, 422, "query"),
    ("POST", "/search", {"json": {"query": "x", "where": {"tags": {"$near": 1}}}}, 422, "where"),
    ("POST", "/search", {"json": {"query": "x", "scopes": [{"team": "a"}]}}, 422, "scopes"),
    ("POST", "/search", {"content": "{", "headers": {"Content-Type": "application/json"}}, 400, "body"),
    ("POST", "/search", {"content": "[" * 100_000, "headers": {"Content-Type": "application/json"}}, 400, None),
    ("POST", "/search", {"content": '{"query": "x"}', "headers": {"Content-Type": "text/plain"}}, 422, "body"),
    ("POST", "/memories", {"json": {"content": "a\u0000b"}}, 422, "content"),
    ("POST", "/memories", {"json": {"content": "a", "ttl": 5, "expires_at": "2099-01-01"}}, 422, "ttl"),
    ("POST", "/memories/batch", {"json": {"memories": [{"content": "a"}, {}]}}, 422, "memories[1].content"),
    ("POST", "/forget", {"json": {}}, 422, "body"),
    ("POST", "/interactions", {"json": {"user_input": "x", "user_feedback": {"rating": 6}}}, 422,
     "user_feedback.rating"),
    ("POST", "/consolidations/none/undo", {}, 404, "run_id"),
    ("POST", "/import", {"content": b"no line"}, 422, None),
    ("GET", "/nothing", {}, 404, None),
    ("GET", "/memories/", {}, 422, "memory_id"),
    ("PATCH", "/search", {}, 405, None),
    ("GET", "/docs", {}, 404, None),
]  # fmt: skip


async def test_what_is_wrong_is_a_problem_with_its_field(client: httpx.AsyncClient) -> None:
    for method, path, options, status, field in WRONG:
        answer = await client.request(method, path, **options)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert problem["title"]
        if field is not None:
            assert problem["field"] == field, path
            assert problem["remedy"]
        if path in ("/nothing", "/docs") or status == 405:
            assert "/openapi.json" in problem["remedy"]


async def test_an_id_that_is_taken_is_a_conflict(client: httpx.AsyncClient) -> None:
    await stored(client, memory_id="a")
    taken = await client.post("/memories", json={"content": "Other", "memory_id": "a"})
    assert (taken.status_code, taken.json()["field"]) == (409, "memory_id")
    assert (await client.post("/memories", json={"content": "x", "memory_id": "a", "on_conflict": "keep"})).is_success
    batch = {"memories": [{"content": "New", "memory_id": "b"}, {"content": "Other", "memory_id": "a"}]}
    assert (await client.post("/memories/batch", json=batch)).status_code == 409
    # All or none.
    assert (await client.get("/memories/b")).status_code == 404


def test_each_error_has_its_status() -> None:
    for error, status in (
        (errors.ValidationError("x"), 422),
        (errors.NotInitializedError("x"), 503),
        (errors.StoreUnavailableError("x"), 503),
        (errors.VectorStoreError("x"), 500),
        (errors.EmbeddingError("x"), 503),
        (errors.EmbeddingMismatchError("x"), 500),
        (errors.ExtractionError("x"), 503),
        (errors.MissingPackageError("x"), 501),
        (errors.MemoryStorageError("x"), 500),
        (errors.MemoryRetrievalError("x"), 500),
        (errors.MemoryConsolidationError("x"), 409),
        (errors.GraphMemoryError("x"), 500),
    ):
        answer = problem_answer(error)
        assert answer.status_code == status, error
        assert ("retry-after" in answer.headers) == (status == 503)
    foreign = problem_answer(RuntimeError("a secret"))
    assert foreign.status_code == 500
    assert b"secret" not in foreign.body
    assert b"RuntimeError" in foreign.body


async def test_what_nobody_expected_is_answered_and_not_logged_in_words(
    served: Served, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Maria's secret")

    monkeypatch.setattr("coda_graphmem.server.state.ServerState.memory_of", fail)
    caplog.set_level(logging.INFO, "coda_graphmem")
    answer = await client.get("/stats")
    assert answer.status_code == 500
    assert "secret" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


async def test_memories_leave_and_come_back_as_lines(client: httpx.AsyncClient) -> None:
    await stored(client, memory_id="a", tags=["food"])
    await stored(client, "Tom likes pears.", memory_id="b")
    exported = await client.get("/export", params={"with_embeddings": "true"})
    assert exported.headers["content-type"] == "application/jsonl"
    lines = [json.loads(line) for line in exported.text.splitlines()]
    assert {line.get("memory_id") for line in lines} >= {"a", "b"}
    part = await client.get("/export", params={"where": '{"tags": "food"}'})
    assert "Tom" not in part.text
    other = {"namespace": "other"}
    report = (await client.post("/import", params=other, content=exported.content)).json()
    assert (report["memories"], report["new"]) == (2, 2)
    assert (await client.post("/import", params=other, content=exported.content)).json()["new"] == 0
    assert (await client.get("/memories/a", params=other)).json()["tags"] == ["food"]


async def test_a_consolidation_is_a_dry_run_unless_asked_and_is_undone(client: httpx.AsyncClient) -> None:
    for number in range(2):
        await stored(client, "I prefer meetings in the morning.", memory_id=f"m{number}", memory_type="preference")
    dry = (await client.post("/consolidations", json={})).json()
    assert (dry["dry_run"], len(dry["proposals"])) == (True, 1)
    assert (await client.get("/count")).json() == {"count": 2}
    done = (await client.post("/consolidations", json={"dry_run": False})).json()
    assert (await client.get("/count")).json() == {"count": 1}
    assert [run["run_id"] for run in (await client.get("/consolidations")).json()["results"]] == [done["run_id"]]
    undone = await client.post(f"/consolidations/{done['run_id']}/undo")
    assert sorted(undone.json()["restored_ids"]) == ["m0", "m1"]


async def test_conversations_and_what_is_learned_from_them(client: httpx.AsyncClient) -> None:
    assert (await client.put("/conversations/a/b/learning", json={})).json() == {"changed": True}
    assert (await client.delete("/conversations/a/b/learning")).json() == {"changed": True}
    assert (await client.delete("/conversations/a/b/learning")).json() == {"changed": False}
    kept = await client.post("/conversations/a/b/short-term", json={"content": "Maria is on the phone."})
    assert kept.status_code == 201
    turn = {"user_input": "I live in Rome.", "conversation_id": "a/b", "user_feedback": {"helpful": True}}
    learned = (await client.post("/interactions", json=turn)).json()
    assert len(learned["stored"]) == 1
    said = (await client.get("/conversations/a%2Fb")).json()["results"]
    assert "Maria is on the phone." in [one["content"] for one in said]
    assert (await client.get("/conversations/a%2Fb/related", params={"max_depth": 0})).status_code == 200
    assert (await client.post(f"/memories/{kept.json()['memory_id']}/promote")).json() == {"changed": True}
    [fact] = (await client.get("/facts", params={"attribute": "residence"})).json()["results"]
    assert fact["value"] == "Rome"
    assert "Rome" in (await client.get("/profile")).json()["text"]
    context = (await client.post("/context", json={"query": "Where do I live?", "max_tokens": 200})).json()
    assert "Rome" in context["text"]
    [extracted] = (await client.post("/extract", json={"text": "I live in Rome."})).json()
    assert extracted["value"] == "Rome"
    assert (await client.get("/recent", params={"hours": "1e6"})).json()["results"]
