"""``list``."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run, listed_ids


def test_list_pages(filled: Run) -> None:
    assert listed_ids(filled, "--limit", "2") == ["m6", "m5"]
    assert listed_ids(filled, "--limit", "2", "--offset", "2") == ["m4", "m3"]
    assert listed_ids(filled, "--order", "oldest", "--limit", "1") == ["m0"]
    assert listed_ids(filled, "--order", "weakest", "--limit", "1") == ["m0"]
    assert "3 to 4 of 7" in filled("list", "--limit", "2", "--offset", "2").out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--type", "procedural"], ["m4"]),
        (["--since", "2026-03-10"], ["m6", "m5"]),
        (["--until", "2026-03-02"], ["m0"]),
        (["--conversation", "baking"], ["m4", "m3"]),
        (["--archived"], []),
    ],
)
def test_list_filters(filled: Run, options: list[str], expected: list[str]) -> None:
    assert listed_ids(filled, *options) == expected


def test_archived_memories_are_listed_apart(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORIES", "7")
    filled("add", "One too many.", "--id", "new", "--importance", "0.9")
    assert listed_ids(filled, "--archived") == ["m0"]
    assert "m0" not in listed_ids(filled)


def test_an_empty_list_says_so(run: Run) -> None:
    assert "Nothing to list" in run("list").out
