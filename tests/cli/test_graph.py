"""``graph``."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


def test_a_tree_leads_over_what_is_mentioned(filled: Run) -> None:
    told = filled("graph", "--memory", "m0").out
    assert told.splitlines()[0].startswith("Our tent went mouldy")
    assert "mentions Margit" in told
    assert "mentioned in Margit goes through a jar" in told
    [tree] = filled("graph", "--memory", "m0", "--depth", "0", "--json").json
    assert "memory:m3" not in str(tree)


def test_a_tree_may_begin_at_words(filled: Run) -> None:
    trees = filled("graph", "boiler", "--roots", "2", "--json").json
    assert {tree["node"]["node_id"] for tree in trees} == {"memory:m5", "memory:m6"}
    assert "more memories were left out" in filled("graph", "boiler", "--limit", "2").err
    assert "Nothing is stored" in filled("graph", "boiler", "-n", "nobody").out


@pytest.mark.parametrize("arguments", [[], ["boiler", "--memory", "m0"]])
def test_a_tree_begins_at_one_thing(filled: Run, arguments: list[str]) -> None:
    filled("graph", *arguments, code=2)
