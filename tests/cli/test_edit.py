"""``edit``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_edit_changes_what_is_named(filled: Run) -> None:
    changed = filled("edit", "m3", "Margit eats quince jelly.", "-i", "0.9", "-m", "n=1", "-m", "k=v", "--json").json
    assert (changed["content"], changed["importance_score"]) == ("Margit eats quince jelly.", 0.9)
    assert changed["metadata"] == {"n": 1, "k": "v"}
    assert "Changed m3" in filled("edit", "m3", "--without", "n").out
    kept = filled("show", "m3", "--json").json
    assert (kept["content"], kept["metadata"]) == ("Margit eats quince jelly.", {"k": "v"})
    assert filled("search", "quince", "--limit", "1", "--json").json[0]["memory_id"] == "m3"


def test_edit_reads_standard_input(filled: Run) -> None:
    filled("edit", "m5", "-", stdin="The boiler is fine.\n")
    assert filled("show", "m5", "--json").json["content"] == "The boiler is fine."


def test_edit_of_nothing_fails(filled: Run) -> None:
    assert "m99" in filled("edit", "m99", "x", code=1).err
    assert "nothing to change" in filled("edit", "m3", code=1).err
