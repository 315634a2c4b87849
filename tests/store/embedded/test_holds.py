"""A file that is open in this process stays locked, whoever else of it looks at the file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.embedded import EmbeddedStore, holds
from coda_graphmem.store.embedded.holds import beginning, hold, release
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.factory import new

#: Opens the file, changes something and closes it: as the only one who had it open, it would remove the log.
_OTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT OR REPLACE INTO meta VALUES ('of_another', '1')")
connection.commit()
connection.close()
"""


async def test_another_process_keeps_the_log_of_a_file_that_was_opened_twice(
    store: EmbeddedStore, opened: MakeStore, file: Path
) -> None:
    log = file.with_name(f"{file.name}-wal")
    await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    async with opened() as second:
        await second.records.namespaces()
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", _OTHER, str(file)], check=True)
        assert log.exists()
        await store.records.insert("ns", [new("m2")], reinforcement=0.1)
        await second.records.insert("ns", [new("m3")], reinforcement=0.1)
    await store.close()
    with raw(file) as db:
        assert [row[0] for row in db.execute("SELECT memory_id FROM memories ORDER BY id")] == ["m1", "m2", "m3"]
        assert db.execute("SELECT value FROM meta WHERE key = 'of_another'").fetchone() == ("1",)


async def test_what_was_held_is_let_go(store: EmbeddedStore, file: Path) -> None:
    await store.records.namespaces()
    assert beginning(file, 6) is None
    await store.close()
    assert beginning(file, 6) == b"SQLite"
    assert not holds._HELD


@pytest.fixture
def foreign(folder: Path, file: Path) -> None:
    folder.mkdir()
    file.write_bytes(b"something else that is long enough")


@pytest.mark.usefixtures("foreign")
async def test_what_is_no_database_is_refused_all_the_same(opened: MakeStore) -> None:
    with pytest.raises(VectorStoreError, match="no database"):
        async with opened():
            pass
    assert not holds._HELD


def test_each_hold_counts(tmp_path: Path) -> None:
    path = tmp_path / "file"
    release(hold(path))
    path.write_bytes(b"abcdef")
    first, second = hold(path), hold(path)
    release(first)
    assert beginning(path, 3) is None
    release(second)
    assert beginning(path, 3) == b"abc"
