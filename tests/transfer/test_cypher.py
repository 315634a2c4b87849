"""A script makes the graph on a real server, whatever memories say."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from neo4j import GraphDatabase

from coda_graphmem.models import LinkKind, MemoryType
from coda_graphmem.store.protocol import StoredMemory
from coda_graphmem.transfer.cypher import (
    ROWS,
    comment,
    link_statements,
    literal,
    memory_statements,
    order_statements,
    schema_statements,
)
from tests.graphs.build import HOSTILE, entity, link, memory
from tests.servers import Server

TRICKY = HOSTILE + " \\ \\' \\u0027 \n\r\t\b\f\x85\u2028\u2029 ; // /* C:\\users \\\\u0041"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (0.1, "0.1"),
        (1e-07, "1e-07"),
        ("it's", "'it\\'s'"),
        ("a\\b\nc\x00", "'a\\\\b\\nc\\u0000'"),
        ([1, "a"], "[1, 'a']"),
        ({"a": 1, "b`c": []}, "{a: 1, `b``c`: []}"),
    ],
)
def test_literals(value: Any, written: str) -> None:
    assert literal(value) == written


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        literal(float("nan"))


def test_a_statement_holds_so_many_rows_and_stays_on_few_lines() -> None:
    rows = [StoredMemory(memory(f"m{i}", "$rows\n;"), None, None, i) for i in range(ROWS + 1)]
    statements = list(memory_statements("a", rows, {}))
    assert [text.count("memory_id: 'm") for text in statements] == [ROWS, 1]
    assert all(text.endswith(";\n") for text in statements)
    assert "content: '$rows\\n;'" in statements[0]
    assert comment(["a\nb"]) == "// a b\n"


def script(namespace: str) -> list[str]:
    rows = [
        memory(
            "m1",
            TRICKY,
            entities=("ann",),
            conversation_id="c'1",
            metadata={"a": TRICKY, "speaker": "Ann"},
            tags=["b", TRICKY],
            user_id="ida",
            expires_at=9e9,
            refresh_seconds=60.0,
        ),
        memory("m2", entities=("ann", "bob"), conversation_id="c'1", memory_type=MemoryType.PREFERENCE),
        memory("m0", conversation_id="c'1", timestamp=1.0),
        memory("old", archived_at=7.0, consolidated_into="m2", conversation_id="c'1"),
        memory("soon", expires_at=9e9, lifetime="short_term"),
    ]
    stored = [StoredMemory(m, None, "k", i, "run" if m.consolidated_into else None) for i, m in enumerate(rows)]
    links = [link("m1", "m2", reason="3 | 4"), link("m1", "m0", LinkKind.POSSIBLY_OUTDATED_BY, run_id="r")]
    entities = {key: entity(key, 2) for key in ("ann", "bob")}
    return [
        *schema_statements(),
        *memory_statements(namespace, stored, entities),
        *link_statements(namespace, stored, links),
        *order_statements(namespace),
    ]


def test_a_script_makes_the_graph_and_running_it_again_changes_nothing(neo4j_server: Server) -> None:
    namespace = f"script-{uuid.uuid4().hex}'\\"
    auth = (neo4j_server.username, neo4j_server.password)
    with GraphDatabase.driver(neo4j_server.uri, auth=auth, notifications_min_severity="OFF") as driver:
        try:
            for _ in range(2):
                for statement in script(namespace):
                    driver.execute_query(statement.rstrip().removesuffix(";"))
            memories = {
                row["m"]["memory_id"]: row
                for row in driver.execute_query(
                    "MATCH (m:Memory {namespace: $n}) RETURN m, labels(m) AS l", n=namespace
                )[0]
            }
            first = memories["m1"]["m"]
            assert (first["content"], first["speaker"]) == (TRICKY, "Ann")
            assert (first["tags"], first["user_id"]) == (["b", TRICKY], "ida")
            assert (first["ends_at"], first["refresh_seconds"], first.get("expires_at")) == (9e9, 60.0, None)
            assert memories["soon"]["m"]["expires_at"] == 9e9
            assert (first["epoch"], first["timestamp"].isoformat()) == (1000.5, "1970-01-01T00:16:40.000000000+00:00")
            assert set(memories) == {"m0", "m1", "m2", "old", "soon"}
            assert set(memories["m2"]["l"]) == {"Memory", "Preference"}
            assert {name for name, row in memories.items() if "scope" in row["m"]} == {"m0", "m1", "m2"}
            edges = driver.execute_query(
                "MATCH (a:Memory {namespace: $n})-[r]->(b) "
                "RETURN a.memory_id AS a, type(r) AS t, coalesce(b.memory_id, b.key, b.conversation_id) AS b, "
                "properties(r) AS p",
                n=namespace,
            )[0]
            assert sorted((row["a"], row["t"], row["b"]) for row in edges) == sorted(
                [
                    *((name, "PART_OF", "c'1") for name in ("m0", "m1", "m2", "old")),
                    ("m0", "NEXT", "m1"),
                    ("m1", "NEXT", "m2"),
                    ("m1", "MENTIONS", "ann"),
                    ("m2", "MENTIONS", "ann"),
                    ("m2", "MENTIONS", "bob"),
                    ("m1", "SIMILAR_TO", "m2"),
                    ("m1", "POSSIBLY_OUTDATED_BY", "m0"),
                    ("old", "CONSOLIDATED_INTO", "m2"),
                ]
            )
            kept = {(row["t"], row["b"]): row["p"] for row in edges}
            assert kept["SIMILAR_TO", "m2"] == {"score": 0.75, "reason": "3 | 4", "created_at": 9.5}
            assert kept["POSSIBLY_OUTDATED_BY", "m0"]["run_id"] == "r"
            assert kept["CONSOLIDATED_INTO", "m2"] == {"run_id": "run", "merged_at": 7.0}
            assert kept["MENTIONS", "bob"] == {"name": "Bob", "label": "PERSON"}
        finally:
            driver.execute_query("MATCH (n {namespace: $n}) DETACH DELETE n", n=namespace)
