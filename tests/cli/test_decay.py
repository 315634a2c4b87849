"""``decay``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_decay(filled: Run) -> None:
    said = filled("decay", "--dry-run", "--at", "2027-03-01")
    assert said.out.startswith("7 memories have")
    kept = filled("decay", "--at", "2027-03-01", "--json").json
    assert (kept["memories"], kept["saved"]) == (7, 7)
    assert 0 < kept["lowest"] < kept["mean"] < 1
    assert "Kept in" in filled("decay").out
    assert "strength" in filled("show", "m0").out
