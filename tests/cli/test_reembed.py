"""``reembed``."""

from __future__ import annotations

from tests.cli.conftest import Run, listed_ids


def test_reembed_says_what_it_did(filled: Run) -> None:
    assert filled("reembed", "--json").json["dimension"] == 384
    assert "all-MiniLM-L6-v2" in filled("reembed").out


def test_reembed_to_a_model_that_is_not_there(filled: Run) -> None:
    failed = filled("reembed", "--model", "./no-such-folder", code=1)
    assert "no-such-folder" in failed.err
    assert len(listed_ids(filled)) == 7
