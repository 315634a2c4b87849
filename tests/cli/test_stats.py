"""``stats``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_stats(filled: Run) -> None:
    numbers = filled("stats", "--json").json
    assert numbers["total_memories"] == 7
    assert numbers["total_conversations"] == 3
    told = " ".join(filled("stats").out.split())
    for part in ("Namespace default", "memories 7", "conversations 3", "Margit 2"):
        assert part in told


def test_stats_of_all_namespaces(filled: Run) -> None:
    filled("add", "x", "-n", "bob")
    told = filled("stats", "--all").out
    assert [line.split()[:2] for line in told.splitlines()] == [["bob", "1"], ["default", "7"]]
    assert set(filled("stats", "--all", "--json").json) == {"bob", "default"}


def test_stats_tell_of_searches(filled: Run) -> None:
    assert "searched" not in filled("stats").out
    filled("search", "boiler")
    assert "1 times, 0 without a result" in filled("stats").out
    assert filled("stats", "--json").json["retrievals"]["total_retrievals"] == 1
