"""``entities``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_entities_are_listed_by_mentions(filled: Run) -> None:
    found = filled("entities", "--limit", "2", "--json").json
    assert [(entity["name"], entity["mention_count"]) for entity in found] == [("boiler", 2), ("Margit", 2)]
    assert filled("entities", "--limit", "1", "--offset", "1", "--json").json == found[1:]
    assert filled("entities", "--limit", "1").out.split()[:2] == ["boiler", "2"]


def test_without_memories_nothing_is_mentioned(run: Run) -> None:
    assert "Nothing is mentioned" in run("entities").out
