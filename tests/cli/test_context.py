"""``context``."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Run


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [item["memory_id"] for item in found]


def test_context_shows_the_turns_and_what_is_linked(filled: Run) -> None:
    both = filled("context", "baking", "--json").json
    assert ids(both["conversation"]) == ["m3", "m4"]
    assert "m0" in ids(both["related"])
    told = filled("context", "baking", "--explain").out
    assert told.index("The conversation baking") < told.index("Margit goes") < told.index("Related")
    assert "over Margit" in told


def test_context_options(filled: Run) -> None:
    assert ids(filled("context", "trip", "--limit", "1", "--json").json["conversation"]) == ["m2"]
    assert filled("context", "baking", "--depth", "0", "--json").json["related"] == []
    assert filled("context", "baking", "--no-related", "--json").json["related"] == []


def test_context_of_an_unknown_conversation(filled: Run) -> None:
    assert "Nothing of a conversation nowhere" in filled("context", "nowhere").out
    assert filled("context", "nowhere", "--json").json["conversation"] == []
