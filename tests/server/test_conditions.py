"""What the document says of bodies and conditions is what the server takes: no more, and no less."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.validation.arguments import check
from coda_graphmem.where import Where
from tests.server.conftest import DOCUMENT, Serve

jsonschema = pytest.importorskip("jsonschema")


def allows(name: str, value: Any) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def nested(levels: int) -> dict[str, Any]:
    """Conditions in one another."""
    return {"tags": "a"} if levels == 1 else {"$not": nested(levels - 1)}


GOOD: list[dict[str, Any]] = [
    {"tags": "work"},
    {"tags": {"$in": ["a", None]}, "entities": {"$contains": "Ida"}},
    {"memory_type": {"$ne": "episodic"}},
    {"importance_score": {"$gte": 0.5, "$lt": 1}},
    {"timestamp": {"$gt": "2026-03-02", "$lte": 1_800_000_000}},
    {"expires_at": None},
    {"speaker": {"$exists": False}},
    {"metadata.": 1},
    {"metadata.a.b\\.c\\\\": [1, {"a": None}]},
    {"metadata.a": {}},
    {"metadata.a": {"b": 1, "": 2}},
    {"metadata.a": {"$eq": {"$b": 1}}},
    {"metadata.a": True},
    {"metadata.a": {"$contains": None, "$nin": []}},
    {"$and": [{"tags": "a"}, {"$not": {"$or": [{"tags": "b"}]}}]},
    nested(20),
]
BAD: list[Any] = [
    {},
    [],
    None,
    {"$and": []},
    {"$or": [{}]},
    {"$not": []},
    {"$nor": [{"tags": "a"}]},
    {"content": "a"},
    {"metadata": "a"},
    {"metadata.a\\b": 1},
    {"metadata.a": "\0"},
    {"metadata.a\0": 1},
    {"metadata.a": {"b": "\0"}},
    {"metadata.a": {"$gt": True}},
    {"metadata.a": {"$like": "b"}},
    {"metadata.a": {"$eq": 1, "b": 2}},
    {"metadata.a": {"$exists": 1}},
    {"metadata.a": {"$in": "b"}},
    {"tags": 1},
    {"tags": {}},
    {"tags": {"$in": list(range(1_001))}},
    {"memory_type": "semantics"},
    {"memory_type": {"$gt": None}},
    {"importance_score": "a"},
    {"importance_score": True},
    {"timestamp": True},
    {"timestamp": 1e12},
]


@pytest.mark.parametrize(("where", "good"), [*((one, True) for one in GOOD), *((one, False) for one in BAD)])
def test_conditions_are_what_the_document_says(where: Any, good: bool) -> None:
    assert allows("Conditions", where) is good
    if good:
        check(Where, where, "where")
    else:
        with pytest.raises(ValidationError):
            check(Where, where, "where")


def test_every_field_of_conditions_is_there_and_json_in_addresses_is_said_to_be_it() -> None:
    parameters = {one["name"]: one for one in DOCUMENT["paths"]["/memories"]["get"]["parameters"]}
    assert parameters["where"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Conditions"}}
    }
    assert list(parameters["metadata"]["content"]) == ["application/json"]
    assert "schema" not in parameters["where"]


#: Bodies by their path and schema, each with whether it is acceptable.
BODIES: list[tuple[str, str, dict[str, Any], bool]] = [
    ("/memories", "StoreBody", {"content": "a", "ttl": 60}, True),
    ("/memories", "StoreBody", {"content": "a", "ttl": 60, "refresh_on_read": True}, True),
    ("/memories", "StoreBody", {"content": "a", "ttl": 60, "expires_at": None}, True),
    ("/memories", "StoreBody", {"content": "a", "ttl": 60, "expires_at": "9000-01-01"}, False),
    ("/memories", "StoreBody", {"content": "a", "refresh_on_read": True}, False),
    ("/memories", "StoreBody", {"content": "a", "metadata": {"a": [{"b": "\0"}]}}, False),
    ("/memories/batch", "BatchBody", {"memories": [{"content": "a", "ttl": 1, "expires_at": "9000-01-01"}]}, False),
    ("/forget", "ForgetBody", {}, False),
    ("/forget", "ForgetBody", {"since": None}, False),
    ("/forget", "ForgetBody", {"metadata": {}}, False),
    ("/forget", "ForgetBody", {"user_id": "nora", "since": None}, False),
    ("/forget", "ForgetBody", {"user_id": "nora"}, True),
    ("/forget", "ForgetBody", {"metadata": {"a": 1}}, True),
    ("/forget", "ForgetBody", {"user_id": "nora", "until": 0}, True),
    ("/search/multi", "MultiSearchBody", {"queries": ["a", "b"], "weights": [0, 1]}, True),
    ("/search/multi", "MultiSearchBody", {"queries": ["a", "b"], "weights": [0, 0]}, False),
    ("/search/multi", "MultiSearchBody", {"queries": ["a", "b"], "weights": [-1, 1]}, False),
    ("/search", "SearchBody", {"query": "a", "where": {"tag": "b"}}, False),
    ("/search", "SearchBody", {"query": "a", "where": {"$or": [{"$or": [{"$or": [{"tag": "b"}]}]}]}}, False),
    ("/search", "SearchBody", {"query": "a", "where": nested(20)}, True),
    ("/search", "SearchBody", {"query": "a", "namespaces": ["default"]}, True),
    ("/search", "SearchBody", {"query": "a", "namespaces": ["default"], "user_id": None}, True),
    ("/search", "SearchBody", {"query": "a", "namespaces": ["default"], "user_id": "nora"}, False),
    ("/search", "SearchBody", {"query": "a", "scopes": [{"user_id": "nora"}]}, True),
    ("/search", "SearchBody", {"query": "a", "scopes": [{"user_id": "\u0007"}]}, False),
    ("/search", "SearchBody", {"query": "a", "limit": 2.0, "max_depth": 0.0}, True),
    ("/search", "SearchBody", {"query": "a", "limit": 2.5}, False),
    ("/search", "SearchBody", {"query": "a", "metadata": {"a": 2**70, "b": -1e300, "c": -(2**63)}}, True),
    ("/search", "SearchBody", {"query": "a", "metadata": {"a": [1]}}, False),
    ("/consolidations", "ConsolidateBody", {"time_window_hours": 1e12}, True),
    ("/consolidations", "ConsolidateBody", {"time_window_hours": 0}, False),
    ("/search", "SearchBody", {"query": "a", "limit": 0.0}, False),
    ("/search", "SearchBody", {"query": "a", "limit": True}, False),
    ("/context", "ContextBody", {"query": "a", "max_tokens": 300.0}, True),
    ("/extract", "ExtractBody", {"text": "I live in Rome.", "extract_types": ["place"]}, True),
    ("/extract", "ExtractBody", {"text": "I live in Rome.", "extract_types": ["places"]}, False),
    ("/extract", "ExtractBody", {"text": "I live in Rome.", "extract_types": []}, False),
    ("/interactions", "InteractionBody", {"user_input": "a", "user_feedback": {}}, True),
    ("/interactions", "InteractionBody", {"user_input": "a", "user_feedback": {"rating": 5.0}}, True),
    ("/interactions", "InteractionBody", {"user_input": "a", "user_feedback": {"rating": 6}}, False),
]


async def test_fields_that_exclude_or_need_one_another_are_said_to(serve: Serve) -> None:
    async with serve() as served, served.client() as client:
        for path, name, body, good in BODIES:
            assert allows(name, body) is good, (name, body)
            answer = await client.post(path, json=body)
            assert (answer.status_code != 422) is good, (name, body, answer.text)
        kept = (await client.post("/memories", json={"content": "a"})).json()["memory_id"]
        for body, good in (({}, False), ({"content": None}, False), ({"actor": "a"}, False), ({"tags": []}, True)):
            assert allows("UpdateBody", body) is good, body
            assert ((await client.put(f"/memories/{kept}", json=body)).status_code != 422) is good, body
        for body, good in (({}, False), ({"content": "b", "new_id": "c"}, False), ({"content": "b"}, True)):
            assert allows("SupersedeBody", body) is good, body
            answer = await client.post(f"/memories/{kept}/supersede", json=body)
            assert (answer.status_code != 422) is good, body


async def test_whole_numbers_in_addresses_may_have_a_point(serve: Serve) -> None:
    async with serve() as served, served.client() as client:
        for number in range(3):
            await client.post("/memories", json={"content": f"The number {number}."})
        for written, status in (("2", 200), ("2.0", 200), ("2.5", 422), ("2.", 422), ("1e1", 422), ("-1", 422)):
            answer = await client.get("/memories", params={"limit": written})
            assert answer.status_code == status, (written, answer.text)
            assert status == 422 or len(answer.json()["results"]) == 2


async def test_numbers_beyond_64_bits_are_compared(serve: Serve) -> None:
    async with serve() as served, served.client() as client:
        await client.post("/memories", json={"content": "Far away.", "metadata": {"distance": 2.0**70}})
        for number, found in ((2**70, 1), (2**71, 0), (-(2**70), 0)):
            wanted = {"metadata": json.dumps({"distance": number})}
            assert (await client.get("/count", params=wanted)).json() == {"count": found}, number
            body = {"query": "far", "min_relevance": 0, "metadata": {"distance": number}}
            assert len((await client.post("/search", json=body)).json()["results"]) == found, number
