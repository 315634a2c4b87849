"""``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.store.embedded.records import EmbeddedRecords
from coda_graphmem.store.embedded.transfer import EmbeddedTransfer
from tests.cli.conftest import Run, listed


def test_a_backup_comes_back_whole(filled: Run) -> None:
    filled("add", "Nora rows.", "-n", "two", "--id", "n1")
    told = filled("backup", "saved").out
    assert "Both stores hold the same" in told
    assert not Path("saved.part").exists()
    before = listed(filled), listed(filled, "-n", "two")
    filled("forget", "--all", "--yes")
    filled("restore", "saved", "-n", "two")
    assert listed(filled) == []
    assert filled("restore", "saved", "--json").json["complete"]
    assert (listed(filled), listed(filled, "-n", "two")) == before


def test_a_backup_replaces_nothing_and_a_restore_needs_one(filled: Run) -> None:
    assert filled("backup", "saved", "--json").json["complete"]
    assert "exists already" in filled("backup", "saved", code=1).err
    Path("empty").mkdir()
    assert "holds no backup" in filled("restore", "empty", code=1).err
    assert list(Path("empty").iterdir()) == []


def test_a_backup_begins_anew_where_the_store_changed_since_it_was_interrupted(filled: Run) -> None:
    filled("backup", "saved")
    Path("saved").rename("saved.part")
    filled("delete", "m3")
    told = filled("backup", "saved").out
    assert "Copied 6 memories" in told
    assert not Path("saved.part").exists()
    assert listed(filled, "--dir", "saved") == listed(filled)


def test_a_backup_of_what_changes_meanwhile_is_no_backup(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = EmbeddedTransfer.import_memories

    async def deleting(self: EmbeddedTransfer, namespace: str, *given: Any) -> int:
        count = await plain(self, namespace, *given)
        await EmbeddedRecords(self._database).delete(namespace, ["m3"])
        return count

    monkeypatch.setattr(EmbeddedTransfer, "import_memories", deleting)
    failed = filled("backup", "saved", code=1)
    assert "saved.part: is not the same as the store" in failed.err
    assert not Path("saved").exists()


def test_what_was_not_finished_is_taken_for_no_backup(filled: Run) -> None:
    filled("backup", "saved")
    Path("saved").rename("saved.part")
    assert "saved.part: is a backup that was not finished" in filled("restore", "saved.part", code=1).err
    assert "ends in .part" in filled("backup", "other.part", code=1).err
