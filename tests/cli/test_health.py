"""``health``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_health(run: Run, filled: Run) -> None:
    assert "All is well." in run("health", "--namespace", "empty").out
    found = filled("health", "--json").json
    assert 0 < found["overall_score"] <= 1
    assert all(issue["remedy"] for issue in found["issues"])
    assert f"{found['overall_score']:.2f}" in filled("health").out
