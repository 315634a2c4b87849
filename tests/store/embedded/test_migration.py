"""A file of an older version is opened with everything in it."""

from __future__ import annotations

import json
import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import schema
from coda_graphmem.store.embedded.rows import encode
from coda_graphmem.store.protocol import MemoryChanges, NewItem, ReadMemory
from coda_graphmem.where import read_where
from tests.store.embedded.conftest import MakeStore, check_consistency, raw
from tests.store.factory import DIMENSION, MODEL, says, unit

ALL = MemoryFilter()

TABLES = ("meta", "namespaces", "memories", "entities", "mentions", "vectors", "removed_vectors")

_MEMORY = """
    INSERT INTO memories (namespace_id, memory_id, content, memory_type, timestamp, importance_score, metadata,
        conversation_id, created_at, updated_at, expires_at, archived_at, dedup_key, word_count, is_question)
    VALUES (?, ?, ?, 'episodic', ?, 0.5, ?, 'c', ?, ?, ?, ?, ?, 2, 0)
"""


def make_version_1(file: Path) -> None:
    """What version 1 of the package leaves behind."""
    file.parent.mkdir(parents=True)
    with raw(file) as db:
        db.execute("PRAGMA journal_mode = WAL")
        script = files("coda_graphmem.store.embedded").joinpath("schema.sql").read_text(encoding="utf-8")
        for statement in schema.statements(script):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        meta = {"vectors_in": "file", "embedding_model": MODEL, "dimension": DIMENSION}
        db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        db.execute("INSERT INTO namespaces VALUES (1, 'ns', 2, 3, 0), (2, 'emptied', 0, 5, 0)")
        rows = [
            (1, "m1", "first words", 10.0, '{"k":1}', 2000.0, None, None, None, "key"),
            (1, "m2", "second words", 20.0, "{}", 2000.0, 2500.0, None, None, None),
            (1, "m3", "third words", 30.0, "{}", 2000.0, None, None, 2600.0, None),
            (1, "s4", "fourth words", 40.0, "{}", 2000.0, None, 9000.0, None, None),
        ]
        db.executemany(_MEMORY, rows)
        db.execute("INSERT INTO entities VALUES (1, 1, 'anna', 'Anna', 'PERSON', 1)")
        db.execute("INSERT INTO mentions VALUES (1, 1, 'Anna', 'PERSON', 10.0, 1)")
        vectors = [(i, 1, i < 3, i, encode(unit(i), half=True)) for i in range(1, 5)]
        db.executemany("INSERT INTO vectors VALUES (?, ?, ?, ?, ?)", vectors)


def make_version_5(file: Path) -> None:
    """What version 5 of the schema leaves behind: two conversations that share a memory, and a merge."""
    make_version_1(file)
    with raw(file) as db:
        schema._run(db, 1, until=5)
        db.execute("PRAGMA user_version = 5")
        db.execute("UPDATE namespaces SET vector_revision = 4 WHERE name = 'ns'")
        sayings = [
            {"conversation_id": one, "timestamp": at, "created_at": 2000.0, "importance_score": 0.5}
            for one, at in (("c", 10.0), ("d", 90.0), ("e", 50.0))
        ]
        db.execute("UPDATE memories SET sayings = ? WHERE memory_id = 'm1'", (json.dumps(sayings),))
        db.execute("UPDATE memories SET consolidated_into = 'm2', run_id = 'run' WHERE memory_id = 'm3'")


def make_version_6(file: Path) -> None:
    """What version 6 of the schema leaves behind, with metadata of all sorts, of which one is damaged."""
    make_version_5(file)
    with raw(file) as db:
        schema._run(db, 5, until=6)
        db.execute("PRAGMA user_version = 6")
        for memory_id, metadata in METADATA.items():
            db.execute("UPDATE memories SET metadata = ? WHERE memory_id = ?", (metadata, memory_id))


#: Metadata of a file of version 6 by id of a memory.
METADATA = {
    "m1": '{"k":1,"deep":{"a.b":["x",{"y":null}]}}',
    "m2": '{"k":true,"deep":{"a.b":"x"}}',
    "m3": '{"k":1.0}',
    "s4": '{"k":',
}


def dump(file: Path, columns: dict[str, list[str]]) -> dict[str, list[object]]:
    with raw(file) as db:
        return {
            table: db.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2").fetchall()
            for table, names in columns.items()
        }


def columns_of(file: Path) -> dict[str, list[str]]:
    with raw(file) as db:
        return {table: [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})")] for table in TABLES}


async def test_a_file_of_version_1(opened: MakeStore, file: Path) -> None:
    make_version_1(file)
    columns = columns_of(file)
    before = dump(file, columns)
    async with opened() as store:
        assert (await store.info()).schema_version == schema.SCHEMA_VERSION
        assert dump(file, columns) == before
        assert await store.changes.revision("ns") > 0
        assert await store.changes.revision("emptied") == 0
        assert await store.changes.find_touched("ns", 0.0) == ["m1", "m2"]
        assert await store.changes.find_touched("ns", 2500.0) == ["m2"]
        memories = await store.records.get("ns", ["m1", "m2", "m3", "s4"])
        assert [m.content.split()[0] for m in memories] == ["first", "second", "third", "fourth"]
        assert {(m.decay_factor, m.consolidated_into, len(m.possibly_outdated_by)) for m in memories} == {
            (None, None, 0)
        }
        assert [c.memory_id for c in await store.search.search_vector("ns", unit(2), 1, ALL)] == ["m2"]
        assert [c.memory_id for c in (await store.search.search_text("ns", ["first"], 9, ALL)).found] == ["m1"]
        revision = await store.changes.revision("ns")
        assert await store.changes.save_decay("ns", ["m1"], [0.5]) == 1
        assert await store.records.unarchive("ns", ["m3"], 3000.0) == ["m3"]
        assert await store.changes.revision("ns") > revision
        diagnosis = await store.health.diagnose("ns", now=0.0)
        assert (diagnosis.offline_indexes, diagnosis.damage, diagnosis.live) == ([], [], 3)
    check_consistency(file)


async def test_what_memories_of_version_5_say_is_to_be_read(opened: MakeStore, file: Path) -> None:
    make_version_5(file)
    columns = columns_of(file)
    before = dump(file, columns)
    async with opened() as store:
        assert dump(file, columns) == before
        # What was merged says what its originals say.
        assert [memory.memory_id for memory in await store.facts.unread("ns", limit=9)] == ["m1", "m3", "s4"]
        memories = {memory.memory_id: memory for memory in await store.records.get("ns", ["m1", "m2", "m3", "s4"])}
        assert {memory.version for memory in memories.values()} == {1}
        assert {one: memory.last_said_at for one, memory in memories.items() if memory.last_said_at} == {"m1": 90.0}
        assert [one.operation for one in await store.facts.versions("ns", "m1")] == ["created"]
        statement = says("residence", "Rome")
        read = [ReadMemory(one, memory.content, (statement,)) for one, memory in memories.items() if one != "m2"]
        await store.facts.save_statements("ns", read)
        assert await store.facts.unread(None, limit=9) == []
        [fact] = await store.facts.find_facts("ns")
        assert (fact.known_from, fact.memory_ids) == (10.0, ["m1", "m2", "s4"])
        diagnosis = await store.health.diagnose("ns", now=0.0)
        assert (diagnosis.offline_indexes, diagnosis.damage, diagnosis.wrong_facts) == ([], [], 0)
    check_consistency(file)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"metadata.k": 1}, ["m1", "m3"]),
        ({"metadata.k": True}, ["m2"]),
        ({"metadata.k": {"$gt": 0}}, ["m1", "m3"]),
        ({"metadata.deep.a\\.b": "x"}, ["m1", "m2"]),
        ({"metadata.deep.a\\.b.y": None}, ["m1"]),
        ({"metadata.deep": {"$exists": False}}, ["m3"]),
        ({"tags": {"$exists": False}}, ["m1", "m2", "m3"]),
        ({"user_id": None, "expires_at": None}, ["m1", "m2", "m3"]),
    ],
)
async def test_filters_find_what_version_6_kept(
    opened: MakeStore, file: Path, where: dict[str, object], found: list[str]
) -> None:
    make_version_6(file)
    columns = columns_of(file)
    before = dump(file, columns)
    meant = MemoryFilter(where=read_where(where), archived=None)
    async with opened() as store:
        assert dump(file, columns) == before
        memories = await store.records.find("ns", meant, order="oldest", now=0.0)
        assert [memory.memory_id for memory in memories] == found
        assert {(memory.lifetime, memory.expires_at, len(memory.tags)) for memory in memories} == {
            ("long_term", None, 0)
        }
        live = await store.search.search_vector("ns", unit(1), 9, meant)
        assert {candidate.memory_id for candidate in live} == set(found) & {"m1", "m2"}
        # A value that is changed is found as it is now.
        await store.records.update("ns", "m1", MemoryChanges(updated_at=1.0, metadata={"new": "value"}))
        changed = MemoryFilter(where=read_where({"metadata.new": "value"}))
        assert await store.records.count("ns", changed, now=0.0) == 1
        assert await store.records.count("ns", MemoryFilter(where=read_where({"metadata.k": 1})), now=0.0) == 0
        assert (await store.health.diagnose("ns", now=0.0)).offline_indexes == []
    check_consistency(file)


async def test_what_expires_in_a_file_of_version_6_is_short_term_still(opened: MakeStore, file: Path) -> None:
    make_version_6(file)
    with raw(file) as db:
        db.execute("UPDATE memories SET metadata = '{}' WHERE memory_id = 's4'")
    async with opened() as store:
        [memory] = await store.records.get("ns", ["s4"])
        assert (memory.lifetime, memory.expires_at) == ("short_term", 9000.0)


@pytest.mark.parametrize(
    ("content", "terms", "words", "asks"),
    [
        ("Am Straßenrand", ["STRASSENRAND"], 2, False),
        ("花生过敏吗\uff1f", ["花生"], 3, True),
        ("हिन्दी सीखना", ["हिन्दी"], 2, False),
    ],
)
async def test_texts_of_version_1_are_found_however_they_are_written(
    opened: MakeStore, file: Path, content: str, terms: list[str], words: int, asks: bool
) -> None:
    make_version_1(file)
    with raw(file) as db:
        db.execute("UPDATE memories SET content = ? WHERE memory_id = 'm2'", (content,))
    async with opened() as store:
        found = await store.search.search_text("ns", terms, 9, ALL)
        assert [c.memory_id for c in found.found] == ["m2"]
        assert (found.frequencies, found.found[0].word_count, found.found[0].is_question) == ([1], words, asks)
        assert (await store.health.diagnose("ns", now=0.0)).damage == []


async def test_texts_of_version_7_are_found_without_the_article(opened: MakeStore, file: Path) -> None:
    make_version_6(file)
    text = "وضعت المفتاح بالسيارة"
    with raw(file) as db:
        db.execute("UPDATE memories SET metadata = '{}'")
        schema._run(db, 6, until=7)
        db.execute("PRAGMA user_version = 7")
        # As the form of words was then.
        db.execute(
            "UPDATE memories SET content = ?, search_text = ? WHERE memory_id = 'm2'",
            (text, text.replace("\u0629", "\u0647")),
        )
    async with opened() as store:
        for term in ("مفتاح", "سياره"):
            found = await store.search.search_text("ns", [term], 9, ALL)
            assert ([c.memory_id for c in found.found], found.frequencies) == (["m2"], [1])
        assert (await store.search.search_text("ns", ["المفتاح"], 9, ALL)).frequencies == [1]
        assert [c.memory_id for c in (await store.search.search_text("ns", ["first"], 9, ALL)).found] == ["m1"]
        assert (await store.health.diagnose("ns", now=0.0)).damage == []
    with raw(file) as db:
        db.execute("INSERT INTO memory_text (memory_text, rank) VALUES ('integrity-check', 1)")


async def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(
    opened: MakeStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_version_1(file)
    with raw(file) as db:
        before = list(db.iterdump())
    whole = schema.statements
    monkeypatch.setattr(schema, "statements", lambda script: [*whole(script)[:2], "CREATE NONSENSE"])
    with pytest.raises(GraphMemoryError):
        async with opened():
            pass
    with raw(file) as db:
        assert list(db.iterdump()) == before
    monkeypatch.undo()
    async with opened() as store:
        assert await store.records.live_count("ns") == 2


def test_a_new_file_is_what_the_scripts_make(tmp_path: Path) -> None:
    new, stepwise = tmp_path / "new", tmp_path / "stepwise"
    with raw(new) as made, raw(stepwise) as led:
        schema.migrate(made, new)
        schema._run(led, 0)
        parts = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"
        assert made.execute(parts).fetchall() == led.execute(parts).fetchall()
        tables = [name for (name,) in led.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if not table.startswith("memory_text_"):
                rows = f"SELECT * FROM {table}"
                assert made.execute(rows).fetchall() == led.execute(rows).fetchall() == []
        held = "SELECT * FROM memory_text_config ORDER BY k"
        assert made.execute(held).fetchall() == led.execute(held).fetchall()
        assert made.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_decay_is_in_no_index_and_not_the_business_of_a_trigger(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "x", isolation_level=None)
    schema.migrate(db, tmp_path / "x")
    indexes = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")]
    indexed = {row[2] for name in indexes for row in db.execute(f"PRAGMA index_xinfo({json.dumps(name)})")}
    assert "touched_at" in indexed
    assert "decay_factor" not in indexed
    triggers = db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%UPDATE% ON memories%'")
    for (sql,) in triggers:
        assert "UPDATE OF" in sql
        assert "decay_factor" not in sql
    db.close()


async def test_a_file_of_version_7_takes_items(opened: MakeStore, file: Path) -> None:
    make_version_6(file)
    with raw(file) as db:
        db.execute("DELETE FROM memories WHERE memory_id = 's4'")  # its metadata is damaged
        schema._run(db, 6, until=7)
        db.execute("PRAGMA user_version = 7")
        kept = db.execute("SELECT memory_id, content, metadata FROM memories ORDER BY id").fetchall()
    async with opened() as store:
        assert (await store.info()).schema_version == schema.SCHEMA_VERSION
        assert await store.items.revision("ns") == 0
        item = NewItem(("a",), "k", {"n": 1}, fields=("n",), texts=1, vectors=(unit(1),))
        await store.items.batch("ns", [], [item], now=1.0, model=MODEL)
        assert [row.key for row in await store.items.export_items("ns", after=0, limit=9)] == ["k"]
    with raw(file) as db:
        assert db.execute("SELECT memory_id, content, metadata FROM memories ORDER BY id").fetchall() == kept
        assert schema.missing_parts(db) == []
