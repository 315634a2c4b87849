"""``backup`` and ``restore``."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.embedded.records import EmbeddedRecords
from coda_graphmem.store.embedded.traces import Traces
from coda_graphmem.store.embedded.transfer import EmbeddedTransfer
from coda_graphmem.store.protocol import MemoryStore
from tests.cli.conftest import Run, listed


def records_of(part: EmbeddedTransfer) -> EmbeddedRecords:
    return EmbeddedRecords(part._database, Traces(part._database), reinforcement=0.1)


def test_a_backup_comes_back_whole(filled: Run) -> None:
    filled("add", "Nora rows.", "-n", "two", "--id", "n1")
    told = filled("backup", "saved").out
    assert "Both stores hold the same" in told
    assert {path.name for path in Path.cwd().iterdir() if path.name.startswith("saved")} == {"saved"}
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


def test_what_an_interrupted_backup_left_goes_with_the_next_one_and_nothing_else_does(filled: Run) -> None:
    filled("backup", "saved")
    Path("saved").rename("saved.0123456789abcdef.part")
    for name in ("saved.part", "saved.0123456789abcdeg.part", "saved.00000000000000000.part", "saved.1.part"):
        Path(name).mkdir(0o700)
    Path("fedcba9876543210").mkdir(0o755)
    Path("fedcba9876543210").rename("saved.fedcba9876543210.part")
    filled("backup", "saved")
    assert listed(filled, "--dir", "saved") == listed(filled)
    assert sorted(path.name for path in Path.cwd().glob("saved*")) == [
        "saved", "saved.00000000000000000.part", "saved.0123456789abcdeg.part", "saved.1.part",
        "saved.fedcba9876543210.part", "saved.part",
    ]  # fmt: skip


def test_links_that_were_planted_are_neither_followed_nor_removed(filled: Run) -> None:
    filled("add", "Tom sings.", "--dir", "other", "--id", "t1")
    for name in ("saved.part", "saved.0123456789abcdef.part"):
        Path(name).symlink_to("other")
    filled("backup", "saved")
    assert Path("saved.part").is_symlink()
    assert Path("saved.0123456789abcdef.part").is_symlink()
    assert [item["memory_id"] for item in listed(filled, "--dir", "other")] == ["t1"]
    Path("dangling").symlink_to("nowhere")
    assert "exists already" in filled("backup", "dangling", code=1).err
    assert not Path("nowhere").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_backup_is_for_its_owner_alone(filled: Run) -> None:
    filled("backup", "new/saved")
    [folder] = Path("new").iterdir()
    [file] = folder.iterdir()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (Path("new"), folder, file)] == [0o700, 0o700, 0o600]


def test_a_backup_is_the_store_as_it_stood_at_one_moment(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = listed(filled)
    plain = EmbeddedTransfer.export_memories

    async def updating(self: EmbeddedTransfer, namespace: str, *, after: int, limit: int) -> Any:
        with sqlite3.connect("data/memory/vectors/coda_memories.sqlite3") as other:
            other.execute("UPDATE memories SET content = content || ' later'")
            other.execute("DELETE FROM memories WHERE memory_id = 'm7'")
        other.close()
        return await plain(self, namespace, after=after, limit=limit)

    started = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedTransfer, "export_memories", updating)
        report = filled("backup", "saved", "--json").json
    assert report["complete"]
    assert started - 1 <= datetime.fromisoformat(report["as_of"]).timestamp() <= time.time()
    assert listed(filled, "--dir", "saved") == before != listed(filled)


def test_what_can_only_be_read_as_it_goes_is_read_again_until_nothing_changes(
    filled: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = EmbeddedTransfer.export_memories
    gone = iter(["m3"])

    async def deleting(self: EmbeddedTransfer, namespace: str, *, after: int, limit: int) -> Any:
        rows = await plain(self, namespace, after=after, limit=limit)
        await records_of(self).delete(namespace, list(gone))
        return rows

    monkeypatch.setattr(EmbeddedTransfer, "export_memories", deleting)
    monkeypatch.setattr(EmbeddedStore, "frozen", MemoryStore.frozen)
    assert "Copied 6 memories" in filled("backup", "saved").out
    assert len(listed(filled, "--dir", "saved")) == 6
    always = iter(["m1", "m2", "m4", "m5", "m6"])

    async def changing(self: EmbeddedTransfer, namespace: str, *, after: int, limit: int) -> Any:
        rows = await plain(self, namespace, after=after, limit=limit)
        await records_of(self).delete(namespace, [next(always)] if rows else [])
        return rows

    monkeypatch.setattr(EmbeddedTransfer, "export_memories", changing)
    failed = filled("backup", "again", code=1)
    assert "of no one moment" in failed.out
    assert "again: is not the same as the store was at one moment" in failed.err
    assert list(Path.cwd().glob("again*")) == []


def test_a_copy_that_is_not_the_same_is_no_backup(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = EmbeddedTransfer.import_memories

    async def deleting(self: EmbeddedTransfer, namespace: str, *given: Any) -> int:
        count = await plain(self, namespace, *given)
        await records_of(self).delete(namespace, ["m3"])
        return count

    monkeypatch.setattr(EmbeddedTransfer, "import_memories", deleting)
    failed = filled("backup", "saved", code=1)
    assert "saved: is not the same as the store" in failed.err
    assert list(Path.cwd().glob("saved*")) == []


def test_what_was_not_finished_is_taken_for_no_backup(filled: Run) -> None:
    filled("backup", "saved")
    Path("saved").rename("saved.part")
    assert "saved.part: is a backup that was not finished" in filled("restore", "saved.part", code=1).err
    assert "ends in .part" in filled("backup", "other.part", code=1).err
