"""``optimize``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_optimize(alike: Run) -> None:
    small = alike("optimize", "--no-consolidate", "--json").json
    assert (small["consolidated_count"], small["bytes_after"] > 0) == (0, True)
    merged = alike("optimize")
    assert "2 memories were merged" in merged.out
    assert "MB are left" in merged.out
    run_id = merged.out.split("undo ")[1].split()[0]
    assert len(alike("undo", run_id, "--json").json["restored_ids"]) == 2
