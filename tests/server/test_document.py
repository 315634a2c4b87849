"""The OpenAPI document says all that a client has to know, and what the façade can do."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from coda_graphmem import MemoryManager
from coda_graphmem.server import bodies
from coda_graphmem.server.descriptions import PLAIN
from tests.server.conftest import BODIES, DOCUMENT, OPERATIONS, Operation

#: Arguments of the façade that REST has otherwise, or not at all, and why.
ELSEWHERE = {
    "tokenizer": "a function",
    "progress": "a function",
    "with_embedding": "vectors are of no use to clients; exports have them",
    "everything": "POST /reset",
    "target": "the body of the answer",
    "source": "the body of the request",
    "format": "lines alone can be streamed without loss",
    "query": "of exports, for graphs alone",
    "max_depth": "of exports, for graphs alone",
    "max_memories": "of exports, for graphs alone",
    "memory_ids": "of exports, for graphs alone",
    "include_archived": "of exports, for graphs alone",
    "every_namespace": "an export is of one namespace",
    "queue_size": "of events, the server's affair",
    "memories": "of a batch, the body",
}
#: Operations that are no call of the façade.
OWN = {"reset", "open_inspector", "health", "ready", "metrics"}
#: What an argument of the façade is called in REST, where that differs.
NAMES = {("events", "events"): "kinds", ("supersede_memory", "old_id"): "memory_id"}
SCOPE = {"namespace", *bodies.OWNERS}


def schema_of(one: Operation) -> dict[str, Any]:
    content = one.raw.get("requestBody", {}).get("content", {}).get("application/json")
    return {} if content is None else resolved(content["schema"])


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][name] if name else schema


@pytest.mark.parametrize("one", [one for one in OPERATIONS if one.name not in OWN], ids=lambda one: one.name)
def test_an_operation_takes_what_its_call_takes(one: Operation) -> None:
    parameters = inspect.signature(getattr(MemoryManager, one.name)).parameters
    fields = schema_of(one).get("properties", {})
    offered = {**{each["name"]: each.get("schema", {}) for each in one.raw.get("parameters", ())}, **fields}
    for name, parameter in parameters.items():
        said = NAMES.get((one.name, name), name)
        if name == "self" or (said not in offered and name in ELSEWHERE):
            continue
        assert said in offered, f"{one.name} lacks {name}"
        if "default" in offered[said] and parameter.default is not inspect.Parameter.empty:
            expected = getattr(parameter.default, "value", parameter.default)
            default = list(expected) if isinstance(expected, tuple) else expected
            # Merging is not what a request does by mistake, and vectors are large.
            if (one.name, name) not in {("consolidate_memories", "dry_run"), ("export_memories", "with_embeddings")}:
                assert offered[said]["default"] == default, name
    known = {NAMES.get((one.name, name), name) for name in parameters}
    assert offered.keys() <= known | SCOPE | {"memories", "memory_ids"}, one.name


def test_operations_are_described_and_named_plainly() -> None:
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)
    for one in OPERATIONS:
        assert one.raw["summary"], one.name
        assert one.raw["description"].endswith("."), one.name
        assert one.name.replace("_", "").isalpha()
        assert one.raw["tags"]
        for parameter in one.raw.get("parameters", ()):
            assert parameter["description"], (one.name, parameter["name"])
        for status, answer in one.raw["responses"].items():
            assert answer["description"], (one.name, status)
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (one.name, status)


def undocumented() -> Iterator[str]:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            if not about.get("description"):
                yield f"{name}.{field}"


def test_every_field_is_described() -> None:
    assert list(undocumented()) == []


def test_no_text_is_of_a_field_that_there_is_not() -> None:
    fields = {name for schema in DOCUMENT["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert PLAIN.keys() <= fields


def test_bodies_of_the_tests_are_what_the_document_asks_for() -> None:
    for one in OPERATIONS:
        needed = set(schema_of(one).get("required", ()))
        assert needed <= BODIES.get(one.name, {}).keys(), one.name
        if schema_of(one):
            assert schema_of(one)["additionalProperties"] is False, one.name


def test_it_names_both_ways_to_show_a_key_and_what_needs_none() -> None:
    assert DOCUMENT["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    assert DOCUMENT["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in str(DOCUMENT)
