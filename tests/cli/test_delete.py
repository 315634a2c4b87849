"""``delete``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_delete_by_id(filled: Run) -> None:
    assert "Removed 2 memories" in filled("delete", "m0", "m1").out
    filled("show", "m0", code=1)
    failed = filled("delete", "m2", "m0", code=1)
    assert "Removed 1 memory" in failed.out
    assert "there is no memory m0" in failed.err


def test_delete_as_json(filled: Run) -> None:
    assert filled("delete", "m0", "m99", "--json", code=1).json == {"deleted": ["m0"], "missing": ["m99"]}
