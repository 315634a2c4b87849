"""``forget``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Run, listed_ids


def test_forget_a_conversation(filled: Run) -> None:
    receipt: dict[str, Any] = filled("forget", "--conversation", "trip", "--json").json
    assert receipt["memories"] == 3
    assert listed_ids(filled, "--conversation", "trip") == []
    assert "nothing to remove" in filled("forget", "--conversation", "trip").out


def test_forget_a_namespace_asks_first(filled: Run) -> None:
    filled("add", "x", "-n", "bob", "--id", "b")
    refused = filled("forget", "--all", stdin="n\n", code=1)
    assert "Remove all 7 memories" in refused.err
    assert len(listed_ids(filled)) == 7
    assert "nobody can be asked. Add --yes." in filled("forget", "--all", stdin="", code=1).err
    assert "Removed 7 memories" in filled("forget", "--all", stdin="y\n").out
    assert listed_ids(filled, "-n", "bob") == ["b"]
    filled("forget", "--all", "--yes", "-n", "bob")
    assert listed_ids(filled, "-n", "bob") == []


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--type", "preference", "--type", "procedural"], ["m0", "m1", "m2", "m5", "m6"]),
        (["--since", "2026-03-04"], ["m0", "m1"]),
        (["--until", "2026-03-04"], ["m2", "m3", "m4", "m5", "m6"]),
        (["--max-importance", "0.2"], ["m3", "m4", "m5", "m6"]),
        (["--meta", "speaker=Nora"], ["m0", "m1", "m3", "m4", "m5", "m6"]),
    ],
)
def test_forget_filters(filled: Run, options: list[str], left: list[str]) -> None:
    filled("forget", *options)
    assert sorted(listed_ids(filled)) == left


@pytest.mark.parametrize("options", [[], ["--all", "--conversation", "trip"]])
def test_forget_wants_filters_or_all(filled: Run, options: list[str]) -> None:
    filled("forget", *options, "--yes", code=2)
    assert len(listed_ids(filled)) == 7
