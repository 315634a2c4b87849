"""What is asked of a few memories is found by an index, however many others there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.models import MemoryFilter, Scope, SortOrder
from coda_graphmem.store.embedded import facts, graph, records
from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.rows import everything
from coda_graphmem.store.embedded.settlement import STATED, conditions_of
from tests.store.embedded.conftest import raw

_SOME = {"namespace": 1, "scope": "ns1", "ids": "[]", "rows": "[]", "slots": "[]", "now": 5.0, "name": None, "limit": 5}


@pytest.mark.parametrize(
    ("sql", "values", "indexes"),
    [
        (facts._FACTS_BESIDE, {}, ["o USING PRIMARY KEY (namespace_id=? AND memory_id=?)"]),
        (
            facts._OF_SCOPE.format("m.agent_id = :agent_id"),
            {"agent_id": "a"},
            ["m USING INDEX memories_by_agent (scope=? AND agent_id=?)"] * 2,
        ),
        (
            records._ENDED,
            {},
            [
                "m USING INDEX memories_by_expiry (expires_at<?)",
                "m USING INDEX memories_by_end (namespace_id=? AND ends_at<?)",
            ],
        ),
        (
            STATED.format(*[conditions_of({"beginning": "u"})] * 2),
            {"beginning": "u"},
            ["s USING COVERING INDEX statements_by_slot (namespace_id=? AND subject_key>? AND subject_key<?)"],
        ),
        (
            STATED.format(*[conditions_of({"slots": "[]"})] * 2),
            {},
            ["s USING COVERING INDEX statements_by_slot (namespace_id=? AND subject_key=? AND attribute=?)"],
        ),
        (
            STATED.format(*[conditions_of({"rows": "[]"})] * 2),
            {},
            ["s USING PRIMARY KEY (memory=?)"],
        ),
    ],
)
@pytest.mark.usefixtures("store")
def test_a_few_are_found_by_an_index(file: Path, sql: str, values: dict[str, Any], indexes: list[str]) -> None:
    with raw(file) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", {**_SOME, **values})]
    for index in set(indexes):
        assert sum(step.startswith(f"SEARCH {index}") for step in plan) >= indexes.count(index), plan
    tables = {"SCAN m", "SCAN s", "SCAN o", "SCAN f"}
    assert not [step for step in plan if " ".join(step.split()[:2]) in tables], plan
    assert not [step for step in plan if step.startswith("SEARCH") and step.endswith("(namespace_id=?)")], plan


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", ["user", "agent", "session"])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_the_first_memories_of_an_owner_come_off_an_index_in_order(file: Path, name: str, order: SortOrder) -> None:
    owner = Namespace(1, "ns", live_count=0, revision=0, floor=0)
    meant = everything(owner, MemoryFilter(where=Scope(**{f"{name}_id": "x"}).condition), now=5.0)
    sql = f"SELECT m.id FROM memories AS m WHERE {meant.sql} ORDER BY {records._ORDERS[order]} LIMIT 20"
    with raw(file) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", meant.parameters)]
    assert plan == [f"SEARCH m USING INDEX memories_by_{name} (scope=? AND {name}_id=?)"]


@pytest.mark.usefixtures("store")
def test_the_entities_that_are_mentioned_most_come_off_an_index_in_order(file: Path) -> None:
    sql = f"SELECT e.id FROM entities AS e WHERE e.namespace_id = 1 {graph._OFTEN} {graph._MOST_MENTIONED}"
    with raw(file) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (20, 0))]
    assert plan == ["SEARCH e USING COVERING INDEX entities_by_mentions (namespace_id=? AND mention_count>?)"]
