"""``cleanup``."""

from __future__ import annotations

from tests.cli.conftest import Run, listed_ids


def test_cleanup_can_be_looked_at_first(filled: Run) -> None:
    always = ("cleanup", "--days", "0.000000001")
    assert "m0\nm1\nm2\n3 memories would go." in filled(*always, "--dry-run").out
    assert filled(*always, "--below", "0.1", "--dry-run", "--json").json["memory_ids"] == ["m0"]
    assert len(listed_ids(filled)) == 7
    filled("search", "tent", "--limit", "1", "--mode", "text")
    done = filled(*always, "--recalls", "0", "--json").json
    assert (done["memory_ids"], done["removed"]["memories"]) == (["m1", "m2"], 2)
    assert "Removed 1 memory" in filled(*always).out
    assert "nothing to remove" in filled("cleanup").out
