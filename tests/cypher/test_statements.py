"""Every statement of the store can be found, is put together from parts, and starts at an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase

from coda_graphmem.store.codec import FIELDS
from coda_graphmem.store.neo4j.statements import asked, folder, names, parts_of, statement
from coda_graphmem.store.protocol import Candidate
from tests.servers import Server
from tests.store.neo4j.conftest import opened

ROOT = Path(__file__).parents[2]
STORE = names("store")
SCHEMA = names("schema")
EXPORT = names("export")
PARTS = names("parts")

#: Re-embedding is about all memories there are, and no index knows which lack a property.
ABOUT_ALL_MEMORIES = {"store/pending_reembed", "store/reembed_progress", "store/finish_reembed", "store/clear_vectors"}

_CONDITIONS = """
    m.memory_type IN $p.memory_types
    AND $p.min_importance <= m.importance_score <= $p.max_importance
    AND $p.since <= m.epoch < $p.until
    AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
    AND coalesce(m.ends_at > $p.now, true)
    AND all(token IN $p.metadata WHERE token IN m.metadata_index)
    AND CASE WHEN $p.condition = [] THEN true ELSE last(reduce(results = [], step IN $p.condition |
"""


def test_statements_are_found_in_a_checkout() -> None:
    assert Path(str(folder())) == ROOT / "cypher"
    assert {f"store/{path.stem}" for path in (ROOT / "cypher" / "store").glob("*.cypher")} == set(STORE)


def test_comments_and_the_end_are_left_out() -> None:
    for name in [*STORE, *SCHEMA]:
        text = statement(name)
        assert "//" not in text
        assert not text.endswith(";")
    assert statement("store/live_count").startswith("MATCH (n:Namespace {name: $p.namespace})")


def source(name: str) -> str:
    """A file as it is written, before parts are put in."""
    return (folder() / f"{name}.cypher").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*STORE, *SCHEMA, *EXPORT])
def test_a_statement_says_first_what_it_does(name: str) -> None:
    text = source(name)
    assert text.startswith("// ")
    assert text.endswith(";\n")
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", PARTS)
def test_a_part_says_first_what_it_is(name: str) -> None:
    text = source(name)
    assert text.startswith("// Part: ")
    assert not text.endswith(";\n")
    assert max(map(len, text.splitlines())) <= 120


def test_names_are_those_of_all_whole_statements() -> None:
    assert set(names()) == {*STORE, *SCHEMA, *EXPORT, *names("explore")}


def test_each_part_is_used() -> None:
    """Those of the queries to explore would not reach whoever drags a file into Browser."""
    assert set().union(*map(parts_of, names())) == {name.removeprefix("parts/") for name in PARTS}
    assert not any(parts_of(name) for name in names("explore"))


def test_parts_are_put_in_whole_and_as_deep_as_the_line_that_names_them() -> None:
    assert "include" in source("store/find_newest")
    for name in names():
        assert "include" not in statement(name)
    text = statement("store/find_newest")
    assert "\n  AND m.memory_type IN $p.memory_types\n  AND $p.min_importance" in text
    assert "RETURN m {\n    .memory_id, .content," in text


def test_a_condition_is_left_out_where_none_is_asked_for() -> None:
    whole = asked("find_newest", {"condition": [{"kind": "held"}]})
    assert whole == asked("find_newest", {}) == statement("store/find_newest")
    short = asked("find_newest", {"condition": []})
    assert "$p.condition" in whole
    assert "$p.condition" not in short
    lines = [line.strip() for line in whole.splitlines()]
    assert [line for line in lines if line in {one.strip() for one in short.splitlines()}] == [
        line.strip() for line in short.splitlines()
    ]


@pytest.mark.parametrize("name", [name for name in PARTS if len(source(name).splitlines()) > 2])
def test_nothing_repeats_a_part(name: str) -> None:
    part = " ".join(statement(name).split())
    for other in [*STORE, *PARTS]:
        if other != name:
            assert part not in " ".join(source(other).split()), other


@pytest.mark.parametrize("name", STORE)
def test_each_statement_is_used(name: str) -> None:
    """By its name, or by one that is put together from a property or an order."""
    stem = name.removeprefix("store/")
    patterns = {
        stem,
        re.sub(r"_(newest|oldest|weakest)$", "_{order}", stem),
        re.sub(r"^(search_vector|nearest)_embedding(_alternate)?_", r"\1_{vector_property}_", stem),
    }
    sources = "\n".join(path.read_text() for path in (ROOT / "coda_graphmem" / "store" / "neo4j").glob("*.py"))
    assert any(f'"{pattern}"' in sources for pattern in patterns)


def _values(text: str) -> list[str]:
    """The values of a list or a map; a comma inside of a call parts none."""
    return re.split(r",\s+(?![^()]*\))", text)


def test_a_memory_is_read_with_all_its_fields() -> None:
    named = [value.partition(":")[0].removeprefix(".") for value in _values(statement("parts/fields"))]
    assert sorted(named) == sorted(FIELDS)


def test_a_candidate_is_read_in_the_order_of_its_fields() -> None:
    elsewhere = {"left(m.content, $p.excerpt)": "excerpt", "m.epoch": "timestamp", statement("parts/uses"): "uses"}
    named = [elsewhere.get(value, value.removeprefix("m.")) for value in _values(statement("parts/candidate"))]
    assert ("memory_id", "similarity", *named) == Candidate._fields


def test_all_filters_are_the_same() -> None:
    plain = " ".join(_CONDITIONS.split())
    found = 0
    for name in STORE:
        text = " ".join(statement(name).split())
        count = text.count("$p.memory_types")
        assert text.count(plain) == count, name
        found += count
    assert found >= 10


def test_no_value_is_written_into_a_statement() -> None:
    """All values are parameters, in one map: the server plans anew for each new type of parameter."""
    for name in STORE:
        assert set(re.findall(r"\$(?!\()(\w+)", statement(name))) <= {"p"}, name


@pytest.fixture
async def driver(neo4j_server: Server) -> Any:
    async with opened(neo4j_server):
        with GraphDatabase.driver(
            neo4j_server.uri, auth=(neo4j_server.username, neo4j_server.password), notifications_min_severity="OFF"
        ) as found:
            yield found


def operators(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield plan["operatorType"].split("@")[0], plan["args"].get("Details", "")
    for child in plan.get("children", ()):
        yield from operators(child)


def explain(driver: Driver, name: str) -> list[tuple[str, str]]:
    text = statement(name)
    text = text.replace("CYPHER 25", "CYPHER 25 EXPLAIN") if text.startswith("CYPHER 25") else f"EXPLAIN {text}"
    summary = driver.execute_query(text, p={}).summary
    assert summary.plan is not None
    return list(operators(summary.plan))


def can_run(name: str, server: Server) -> bool:
    if "_filtered" in name:
        # The alternate index is made when the model changes.
        return server.generation == "2026" and "alternate" not in name
    return True


def test_the_server_understands_every_statement(driver: Driver, neo4j_server: Server) -> None:
    for name in STORE:
        if can_run(name, neo4j_server):
            assert explain(driver, name), name


def test_no_statement_looks_at_all_nodes(driver: Driver, neo4j_server: Server) -> None:
    for name in STORE:
        if name in ABOUT_ALL_MEMORIES or not can_run(name, neo4j_server):
            continue
        plan = explain(driver, name)
        scans = [found for found in plan if re.search("AllNodes|NodeByLabelScan|AllRelationships|TypeScan", found[0])]
        assert scans == [], name


@pytest.mark.parametrize(
    "name", ["find_live_newest", "find_live_oldest", "find_live_weakest", "chain_conversations", "neighbourhood"]
)
def test_what_has_a_limit_ends_at_it(driver: Driver, name: str) -> None:
    """Order and limit come off an index: nothing reads a whole namespace, conversation or hub to sort it."""
    plan = explain(driver, f"store/{name}")
    for operator, details in plan:
        # The entities of one memory, or what was found within the limit, may be sorted.
        if operator == "Top":
            assert "e.mention_count" in details
    limits = [operator for operator, _ in plan if operator in ("Limit", "PartialTop")]
    assert len(limits) >= {"chain_conversations": 2, "neighbourhood": 3}.get(name, 1)


def test_every_search_names_its_namespace_first(driver: Driver, neo4j_server: Server) -> None:
    """Where memories are found, the scope or the namespace leads the index."""
    for name in STORE:
        if name in ABOUT_ALL_MEMORIES or not can_run(name, neo4j_server):
            continue
        for operator, details in explain(driver, name):
            if "IndexSeek" in operator and re.search(r":(Memory|Entity|Conversation|MENTIONS|Fact|SAYS_OF)\(", details):
                assert re.search(r":\w+\((namespace|scope|unread_in)\b", details), (name, details)
