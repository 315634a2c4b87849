"""``unarchive``."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


def test_what_was_archived_comes_back(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORIES", "6")
    filled("add", "Eels are in season.")
    archived = [item["memory_id"] for item in filled("list", "--archived", "--json").json]
    assert sorted(archived) == ["m0", "m1"]
    back = filled("unarchive", archived[0], "m6")
    assert back.out == "Brought back 1 memory.\nNot archived: m6.\n"
    assert filled("unarchive", archived[1], "--json").json["restored_ids"] == [archived[1]]
    assert filled("list", "--archived", "--json").json == []
    assert "no memory nothing" in filled("unarchive", "nothing", code=1).err
