"""A file that can be read and not written is opened for reading, and stays as it is."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import readonly, schema
from coda_graphmem.store.embedded.store import EmbeddedStore
from coda_graphmem.store.protocol import RetrievalTotals
from coda_graphmem.where import read_where
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.embedded.test_migration import make_version_6
from tests.store.factory import new, unit

ALL = MemoryFilter()


@pytest.fixture
def no_right_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a read-only mount; the user who runs the tests may write whatever modes say."""
    monkeypatch.setattr(readonly.os, "access", lambda *_: False)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def make_version_1(file: Path) -> None:
    file.parent.mkdir()
    script = Path(schema.__file__).with_name(schema.MIGRATIONS[0]).read_text()
    with raw(file) as db:
        for statement in schema.statements(script):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO namespaces (name) VALUES ('ns')")
        db.execute("INSERT INTO meta (key, value) VALUES ('vectors_in', 'file')")


async def read(store: EmbeddedStore) -> list[str]:
    """What every way of reading finds."""
    found = [memory.memory_id for memory in await store.records.find("ns", ALL, order="oldest", now=0.0)]
    assert sorted(c.memory_id for c in await store.search.search_vector("ns", unit(1), 9, ALL)) == sorted(found)
    assert len((await store.search.search_text("ns", ["words"], 9, ALL)).found) == len(found)
    assert len(await store.transfer.export_memories("ns", after=0, limit=9)) == len(found)
    assert (await store.health.diagnose("ns", now=0.0)).live == len(found)
    return found


async def test_it_is_read_and_refuses_to_be_written(
    opened: MakeStore, folder: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new("m1", "words"), new("m2", "words")], reinforcement=0.1)
    before = contents(folder)
    request.getfixturevalue("no_right_to_write")
    async with opened(bind=False) as store:
        assert await read(store) == ["m1", "m2"]
        await store.records.record_access("ns", {"m1": 1}, 1.0)
        await store.jobs.record_retrievals("ns", RetrievalTotals(retrievals=1))
        for write in (
            store.records.insert("ns", [new("m3")], reinforcement=0.1),
            store.records.delete("ns", ["m1"]),
            store.records.forget("ns", None),
            store.health.compact(),
        ):
            with pytest.raises(MemoryStorageError, match="cannot be written") as caught:
                await write
            assert caught.value.field == "vector_store.persist_directory"
        assert await read(store) == ["m1", "m2"]
    assert contents(folder) == before
    assert ["opened for reading" in record.message for record in caplog.records] == [True]


async def test_what_is_in_the_log_alone_is_read_too(
    opened: MakeStore, folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """As where a live store was copied, or a program was killed before the medium was made."""
    medium = tmp_path / "medium"
    async with opened() as store:
        await store.records.insert("ns", [new("m1", "words")], reinforcement=0.1)
        shutil.copytree(folder, medium)
    (medium / "coda_memories.sqlite3-shm").unlink()
    before = contents(medium)
    assert len(before["coda_memories.sqlite3-wal"]) > 0
    request.getfixturevalue("no_right_to_write")
    async with opened(bind=False, vector_store={"persist_directory": medium}) as store:
        assert await read(store) == ["m1"]
    assert contents(medium).items() >= before.items()


async def test_a_file_of_an_earlier_version_is_read(
    opened: MakeStore, folder: Path, file: Path, request: pytest.FixtureRequest
) -> None:
    make_version_1(file)
    before = contents(folder)
    request.getfixturevalue("no_right_to_write")
    async with opened(bind=False) as store:
        assert await store.links.find_links("ns", ["m1"]) == []
        with pytest.raises(MemoryStorageError):
            await store.jobs.save_setting("ns", "key", {})
        assert (await store.info()).schema_version == schema.SCHEMA_VERSION
    assert contents(folder) == before
    with contextlib.closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


async def test_filters_find_what_a_file_of_version_6_holds_that_cannot_be_written(
    opened: MakeStore, folder: Path, file: Path, request: pytest.FixtureRequest
) -> None:
    make_version_6(file)
    with raw(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = contents(folder)
    request.getfixturevalue("no_right_to_write")
    async with opened(bind=False) as store:
        where = MemoryFilter(where=read_where({"metadata.deep.a\\.b": "x"}))
        assert [one.memory_id for one in await store.records.find("ns", where, now=0.0)] == ["m2", "m1"]
    assert contents(folder) == before
