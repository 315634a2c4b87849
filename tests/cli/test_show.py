"""``show``."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_show_prints_everything(filled: Run) -> None:
    told = filled("show", "m3").out
    for part in ("Margit goes through", "baking", "preference", "importance 0.30", "Margit (", "entities"):
        assert part in " ".join(told.split())


def test_show_of_an_unknown_id_fails(filled: Run) -> None:
    failed = filled("show", "m99", code=1)
    assert "there is no memory m99" in failed.err
