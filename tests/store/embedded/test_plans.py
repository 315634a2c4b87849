"""What is asked of a few memories is found by an index, however many others there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.store.embedded import facts, records
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
