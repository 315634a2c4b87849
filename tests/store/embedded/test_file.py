"""The file: what is recorded in it, what is refused, what happens when it is damaged or gone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import (
    EmbeddingMismatchError,
    GraphMemoryError,
    MemoryStorageError,
    NotInitializedError,
    StoreUnavailableError,
    VectorStoreError,
)
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore, schema
from coda_graphmem.store.embedded.database import Database
from coda_graphmem.store.protocol import StoreInfo
from tests.store.embedded.conftest import MakeStore, check_consistency, raw
from tests.store.factory import DIMENSION, MODEL, new, unit

ALL = MemoryFilter()
FIELD = "vector_store.persist_directory"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def place(file: Path, data: bytes = b"") -> None:
    """Put a file there before any store does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def damage(file: Path) -> None:
    """Overwrite the beginning of every page in the second half."""
    data = bytearray(file.read_bytes())
    pages = len(data) // 4096
    for page in range(pages // 2, pages):
        data[page * 4096 : page * 4096 + 200] = bytes(range(200))
    file.write_bytes(data)


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: 3 * 4096])


async def refused(folder: Path, *words: str, **settings: str) -> VectorStoreError:
    """Opening fails, by name, with a remedy, twice the same, and leaves all files as they are."""
    root = folder.parent
    before = contents(root)
    for _ in range(2):
        store = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": folder, **settings}))
        with pytest.raises(VectorStoreError) as caught:
            await store.open()
        with pytest.raises(NotInitializedError):
            await store.records.live_count("ns")
    assert contents(root) == before
    assert caught.value.field == FIELD
    assert caught.value.remedy
    for word in words:
        assert word in str(caught.value)
    return caught.value


async def test_a_store_opens_again_with_everything_in_it(opened: MakeStore, file: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new("m1", "text", entities=["e"])], reinforcement=0.1)
        assert await store.info() == StoreInfo(schema.SCHEMA_VERSION, MODEL, DIMENSION, str(file))
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    async with opened() as store:
        assert [c.memory_id for c in await store.search.search_vector("ns", unit(1), 9, ALL)] == ["m1"]
        assert [c.memory_id for c in (await store.search.search_text("ns", ["text"], 9, ALL)).found] == ["m1"]


async def test_the_file_lies_where_the_settings_say(tmp_path: Path) -> None:
    where = {"persist_directory": tmp_path / "a" / "b", "collection_name": "other.name"}
    store = EmbeddedStore(MemoryConfig(vector_store=where))
    await store.open()
    await store.close()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["other.name.sqlite3"]


async def test_opening_and_closing_twice(opened: MakeStore) -> None:
    async with opened() as store:
        await store.open()
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
        await store.close()
        await store.close()
        for call in (
            store.records.live_count("ns"),
            store.records.delete("ns", ["m1"]),
            store.info(),
            store.records.forget("ns", None),
        ):
            with pytest.raises(NotInitializedError):
                await call
        await store.open()
        assert await store.records.live_count("ns") == 1


async def test_a_file_that_is_no_database(folder: Path, file: Path) -> None:
    place(file, b"a letter to somebody, long enough for a header of SQLite to fit into it " * 40)
    await refused(folder, "is no database")


async def test_a_database_of_another_program(folder: Path, file: Path) -> None:
    place(file)
    with raw(file) as db:
        db.execute("CREATE TABLE theirs (x)")
    await refused(folder, "another program")


async def test_a_database_with_another_programs_mark(folder: Path, file: Path) -> None:
    place(file)
    with raw(file) as db:
        db.execute("PRAGMA application_id = 12345")
        db.execute("VACUUM")
    await refused(folder, "another program")


async def test_an_empty_file_is_taken(opened: MakeStore, file: Path) -> None:
    place(file)
    async with opened() as store:
        assert (await store.info()).schema_version == schema.SCHEMA_VERSION


async def test_a_newer_schema(opened: MakeStore, folder: Path, file: Path) -> None:
    async with opened():
        pass
    with raw(file) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await refused(folder, "schema version 99", "Upgrade")


async def test_a_truncated_file(opened: MakeStore, folder: Path, file: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new(f"m{i}") for i in range(200)], reinforcement=0.1)
    truncate(file)
    await refused(folder, "damaged")


async def test_damage_inside_is_found_when_it_is_read(opened: MakeStore, file: Path) -> None:
    async with opened() as store:
        # So many that the schema lies in the first half.
        await store.records.insert("ns", [new(f"m{i}") for i in range(1_000)], reinforcement=0.1)
    damage(file)
    async with opened() as store:
        with pytest.raises(VectorStoreError, match="damaged") as caught:
            await store.records.find("ns", ALL, now=0.0)
        assert caught.value.field == FIELD


async def test_the_directory_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("x")
    await refused(tmp_path / "memory")
    await refused(tmp_path / "memory" / "below")


async def test_the_file_is_a_directory(folder: Path, file: Path) -> None:
    place(file / "anything")
    await refused(folder, "is a directory")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system nobody can write to")
async def test_a_directory_that_cannot_be_made() -> None:
    store = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": "/proc/coda/memory"}))
    with pytest.raises(VectorStoreError) as caught:
        await store.open()
    assert caught.value.field == FIELD
    assert "may write to" in str(caught.value)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system nobody can write to")
async def test_a_directory_that_cannot_be_written() -> None:
    store = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": "/proc/self/net"}))
    with pytest.raises(VectorStoreError) as caught:
        await store.open()
    assert caught.value.field == FIELD
    assert caught.value.remedy


async def test_a_schema_that_fails_half_way_leaves_nothing(
    opened: MakeStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_RANKING", "CREATE NONSENSE")
    with pytest.raises(GraphMemoryError):
        async with opened():
            pass
    with raw(file) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    monkeypatch.undo()
    async with opened() as store:
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    check_consistency(file)


async def test_ten_stores_open_a_new_file_at_once(opened: MakeStore, file: Path) -> None:
    async def use(number: int) -> None:
        async with opened() as store:
            await store.records.insert("ns", [new(f"m{number}")], reinforcement=0.1)

    await asyncio.gather(*(use(i) for i in range(10)))
    async with opened() as store:
        assert await store.records.live_count("ns") == 10
    check_consistency(file)


def test_a_file_that_another_process_makes_while_it_is_looked_at(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with raw(file) as one, raw(file) as other:
        one.execute("PRAGMA journal_mode = WAL")
        made = []

        def between(statement: str) -> None:
            if "user_version" in statement and not made:
                made.append(statement)
                schema.migrate(other, file)

        one.set_trace_callback(between)
        assert schema.recognise(one, file) == 0
        assert made
        assert schema.recognise(one, file) == schema.SCHEMA_VERSION


async def test_a_lock_that_lasts(opened: MakeStore, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.store.embedded.database.BUSY_TIMEOUT", 0.2)
    async with opened() as store, opened() as other:
        with raw(file) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailableError, match="locked") as caught:
                await store.records.insert("ns", [new("m1")], reinforcement=0.1)
            assert caught.value.field == FIELD
            # Readers need no lock.
            assert await other.records.live_count("ns") == 0
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
        assert await other.records.live_count("ns") == 1


async def test_a_full_disk_is_a_storage_error_and_keeps_nothing(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert("ns", [new("m1")], reinforcement=0.1)

    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    await store._database.outside(limit)
    with pytest.raises(MemoryStorageError, match="full") as caught:
        await store.records.insert("ns", [new(f"x{i}", "private words " * 500) for i in range(50)], reinforcement=0.1)
    assert "private" not in str(caught.value)
    assert await store.records.live_count("ns") == 1
    check_consistency(file)


async def test_a_full_disk_fails_those_writes_that_need_room(store: EmbeddedStore, file: Path) -> None:
    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")

    await store._database.outside(limit)
    large = [new(f"x{i}", "private words " * 500) for i in range(50)]
    calls = [[new("m0")], large, [new("m1")], [new("m2")]]
    answers = await asyncio.gather(
        *(store.records.insert("ns", rows, reinforcement=0.1) for rows in calls), return_exceptions=True
    )
    assert [isinstance(answer, MemoryStorageError) for answer in answers] == [False, True, False, False]
    assert sorted(m.memory_id for m in await store.records.find("ns", MemoryFilter(), now=0.0)) == ["m0", "m1", "m2"]
    check_consistency(file)


async def test_a_read_only_file_is_a_storage_error(store: EmbeddedStore) -> None:
    await store._database.outside(lambda connection: connection.execute("PRAGMA query_only = ON"))
    with pytest.raises(MemoryStorageError, match="cannot be written"):
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)


async def test_a_cancelled_write_leaves_no_lock_and_no_half(store: EmbeddedStore, file: Path) -> None:
    for round_ in range(20):
        rows = [new(f"r{round_}x{i}", entities=["e"]) for i in range(50)]
        task = asyncio.create_task(store.records.insert("ns", rows, reinforcement=0.1))
        await asyncio.sleep(0.001 * (round_ % 7))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    assert (await store.records.live_count("ns") - 1) % 50 == 0
    check_consistency(file)


async def test_a_failed_call_ends_its_transaction(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.sqlite3")
    await database.open()
    try:

        def fail(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO meta VALUES ('k', 1)")
            raise ZeroDivisionError

        for call in (database.write, database.read):
            with pytest.raises(ZeroDivisionError):
                await call(fail)
        assert await database.read(lambda c: c.execute("SELECT count(*) FROM meta").fetchone()) == (0,)
    finally:
        await database.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("graphmem")]


async def test_the_model_is_recorded_and_checked(opened: MakeStore) -> None:
    async with opened(bind=False) as store:
        assert (await store.info()).embedding_model is None
        await store.vectors.bind_model("one", DIMENSION)
        await store.vectors.bind_model("one", DIMENSION)
        # Nothing holds a vector yet, so nothing can be mixed.
        await store.vectors.bind_model("two", DIMENSION)
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    async with opened(bind=False) as store:
        for model, dimension in (("one", DIMENSION), ("two", DIMENSION + 1)):
            with pytest.raises(EmbeddingMismatchError) as caught:
                await store.vectors.bind_model(model, dimension)
            assert caught.value.field == "embedding_model"
            assert "reembed" in str(caught.value)
        await store.vectors.bind_model("two", DIMENSION)
        info = await store.info()
        assert (info.embedding_model, info.dimension) == ("two", DIMENSION)


async def test_half_precision_saves_half_and_costs_little(tmp_path: Path) -> None:
    """`enable_compression`: what it saves on disk, and what it costs in accuracy, at 384 dimensions."""
    dimension, number = 384, 400
    vectors = [unit(i, dimension) for i in range(number)]
    query = unit(12345, dimension)
    exact = np.array(vectors) @ query
    sizes, found = {}, {}
    for half in (True, False):
        config = MemoryConfig(vector_store={"persist_directory": tmp_path / str(half)}, enable_compression=half)
        store = EmbeddedStore(config)
        await store.open()
        rows = [new(f"m{i}", "x", embedding=vector) for i, vector in enumerate(vectors)]
        await store.records.insert("ns", rows, reinforcement=0.1)
        candidates = await store.search.search_vector("ns", query, number, ALL)
        found[half] = {c.memory_id: c.similarity for c in candidates}
        await store.close()
        sizes[half] = (tmp_path / str(half) / "coda_memories.sqlite3").stat().st_size
        with raw(tmp_path / str(half) / "coda_memories.sqlite3") as db:
            lengths = {row[0] for row in db.execute("SELECT length(data) FROM vectors")}
        assert lengths == {dimension * (2 if half else 4)}
    assert sizes[False] - sizes[True] > 0.8 * number * dimension * 2
    errors = {half: max(abs(found[half][f"m{i}"] - exact[i]) for i in range(number)) for half in found}
    assert errors[True] < 1e-4
    assert errors[False] < 1e-6


async def test_vectors_of_both_precisions_live_side_by_side(opened: MakeStore) -> None:
    async with opened(enable_compression=True) as store:
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    async with opened(enable_compression=False) as store:
        await store.records.insert("ns", [new("m2")], reinforcement=0.1)
        for number in (1, 2):
            best = (await store.search.search_vector("ns", unit(number), 2, ALL))[0]
            assert (best.memory_id, best.similarity) == (f"m{number}", pytest.approx(1.0, abs=1e-3))
