"""Upkeep as the file shows it: what undoing restores, what is found damaged, what forgetting leaves."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore, jobs, neighbours
from coda_graphmem.store.embedded import records as read
from coda_graphmem.store.embedded.matrix_index import Snapshot
from coda_graphmem.store.embedded.vector_index import RowIds
from coda_graphmem.store.protocol import MemoryChanges, Repaired, RetrievalTotals
from tests.store.embedded import processes
from tests.store.embedded.conftest import MakeStore, check_consistency, raw
from tests.store.embedded.test_removal import holds
from tests.store.factory import DIMENSION, MODEL, new, towards, unit
from tests.store.parts.build import OUTDATED, link, merge, merge_one, run

ALL = MemoryFilter()

#: Columns that only count changes, and what grows with them.
COUNTERS = {("namespaces", "changes"), ("namespaces", "vector_revision"), ("vectors", "revision")}
GROWING = {"sqlite_sequence", "removed_vectors"}


def size(file: Path) -> tuple[int, int]:
    """Bytes of the file and of its log."""
    return file.stat().st_size, file.with_name(file.name + "-wal").stat().st_size


def dump(file: Path) -> dict[str, list[object]]:
    """All rows of all tables, apart from counters and the inside of the full-text index."""
    found = {}
    with raw(file) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table in GROWING or table.startswith("memory_text"):
                continue
            columns = [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})")]
            names = ", ".join(name for name in columns if (table, name) not in COUNTERS)
            found[table] = db.execute(f"SELECT {names} FROM {table} ORDER BY 1, 2").fetchall()
        text = db.execute("SELECT rowid, rank FROM memory_text WHERE memory_text MATCH 'words OR merged OR ns1'")
        found["memory_text"] = sorted(text.fetchall())
    return found


async def test_undoing_restores_every_row(store: EmbeddedStore, file: Path) -> None:
    rows = [
        new(
            f"m{i}",
            f"some words of {i % 4}",
            entities=[f"e{i % 3}", f"only{i}"],
            conversation_id=f"c{i % 2}",
            timestamp=float(i // 3),
            dedup_key=f"k{i}" if i % 3 else None,
            embedding=unit(i) if i != 5 else None,
            metadata={"speaker": "Anna"} if i % 2 else {},
        )
        for i in range(12)
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.insert("other", rows, reinforcement=0.1)
    await store.records.update("ns", "m2", MemoryChanges(importance_score=0.9, updated_at=2500.0))
    await store.records.record_access("ns", {"m1": 2, "m2": 1}, 2600.0)
    await store.changes.save_decay("ns", ["m1", "m4"], [0.5, 0.25])
    await store.links.save_links(
        "ns", [link("m1", "m2"), link("m3", "m7", OUTDATED, run_id="r"), link("m8", "m1", OUTDATED)]
    )
    before, steps = (
        dump(file),
        await store.records.find("ns", MemoryFilter(conversation_id="c1"), order="oldest", now=0.0),
    )
    merges = [
        merge(
            "a",
            ["m1", "m2"],
            kept="m2",
            dedup_key="k1",
            entities=["e1", "e2", "new"],
            conversation_id="c1",
            versions={"m1": None, "m2": 2500.0},
        ),
        merge("b", ["m3", "m5", "m7"], kept="m5", entities=["e0"], conversation_id="c1"),
        merge("c", ["a", "m4"], dedup_key="k2"),
    ]
    assert await store.merges.merge("ns", merges, run_id="run", at=4000.0) == [True, True, True]
    check_consistency(file)
    await store.links.save_links("ns", [link("b", "m8"), link("c", "m9", OUTDATED)])
    await store.changes.save_decay("ns", ["c"], [0.125])
    assert dump(file) != before
    for merged_id in ("c", "b", "a"):
        assert await store.merges.undo_merge("ns", merged_id) is not None
    assert dump(file) == before
    assert await store.records.find("ns", MemoryFilter(conversation_id="c1"), order="oldest", now=0.0) == steps
    check_consistency(file)


@pytest.mark.parametrize("before", [True, False])
async def test_the_vector_of_a_merged_memory_is_the_same_bit_for_bit(
    opened: MakeStore, file: Path, before: bool
) -> None:
    async with opened(enable_compression=before) as store:
        await store.records.insert("ns", [new("m1"), new("m2")], reinforcement=0.1)
    # Also where vectors are kept in another precision by now.
    async with opened(enable_compression=not before) as store:
        await merge_one(store, "ns", "merged", ["m1", "m2"], kept="m2")
        with raw(file) as db:
            [(kept, merged)] = db.execute(
                "SELECT v.data, w.data FROM vectors AS v, vectors AS w WHERE v.memory = 2 AND w.memory = 3"
            ).fetchall()
        assert kept == merged
        (found,) = await store.search.search_vector("ns", unit(2), 9, ALL)
        assert (found.memory_id, found.similarity) == ("merged", pytest.approx(1.0, abs=1e-3))


async def test_a_process_killed_while_merging_leaves_whole_clusters(
    opened: MakeStore, folder: Path, file: Path
) -> None:
    number = 150
    async with opened() as store:
        await store.records.insert("ns", [new(f"m{i}", entities=["e"]) for i in range(3 * number)], reinforcement=0.1)
    process, pipe = processes.start(processes.merge_until_killed, folder, number)
    for _ in range(random.Random(1).randrange(5, 15)):
        assert await asyncio.to_thread(pipe.recv) == "merged"
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.join)
    async with opened() as store:
        records = await store.merges.find_merges("ns")
        assert len(records) >= 5
        assert all(len(record.source_ids) == 3 for record in records)
        assert await store.records.live_count("ns") == 3 * number - 2 * len(records)
        check_consistency(file)
        for record in records:
            await store.merges.undo_merge("ns", record.merged_id)
        assert await store.records.live_count("ns") == 3 * number
    check_consistency(file)


async def test_links_cost_a_read_one_statement_and_nothing_where_there_are_none(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new(f"m{i}") for i in range(20)], reinforcement=0.1)
    ids = [f"m{i}" for i in range(20)]

    def statements(connection: sqlite3.Connection) -> int:
        found: list[str] = []
        connection.set_trace_callback(found.append)
        read.get(connection, store._index, "ns", ids, with_embedding=False)
        connection.set_trace_callback(None)
        return len(found)

    without = await store._database.read(statements)
    await store.links.save_links("ns", [link("m1", "m2", OUTDATED), link("m3", "m2", OUTDATED), link("m4", "m5")])
    assert await store._database.read(statements) == without + 1


async def test_one_of_many_stores_gets_a_lease(opened: MakeStore) -> None:
    async with opened() as one, opened() as two, opened() as three:
        for round_ in range(5):
            asked = [
                store.jobs.acquire_lease(f"lease{round_}", f"{number}", 60.0)
                for number, store in enumerate((one, two, three))
            ]
            assert sum(await asyncio.gather(*asked)) == 1


async def test_leases_that_ran_out_are_not_kept(store: EmbeddedStore, file: Path) -> None:
    for number in range(5):
        assert await store.jobs.acquire_lease(f"lease{number}", "one", 0.0)
    with raw(file) as db:
        assert db.execute("SELECT count(*) FROM leases").fetchone() == (1,)


async def test_the_newest_runs_of_a_job_are_kept(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs.MAX_RUNS == 1000
    monkeypatch.setattr(jobs, "MAX_RUNS", 3)
    await store.jobs.save_run(run("x", "another", "ns", started_at=0.0))
    for number in (4, 1, 5, 2, 3):
        await store.jobs.save_run(run(f"r{number}", "job", "ns", started_at=float(number)))
    assert [one.run_id for one in await store.jobs.find_runs()] == ["r5", "r4", "r3", "x"]


async def test_neighbours_are_looked_for_in_small_parts(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [new(f"m{i}", embedding=towards(unit(0), 0.5 + i / 100, seed=i)) for i in range(40)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.delete("ns", ["m7", "m8"])
    wanted = [f"m{i}" for i in range(40)]
    whole = await store.search.nearest("ns", wanted, limit=3, min_similarity=0.2)
    assert len(whole) == 38
    sizes = []
    once = Snapshot.neighbours

    def counted(self: Snapshot, ids: RowIds, limit: int, floor: float) -> dict[int, dict[int, float]]:
        sizes.append(len(ids))
        return once(self, ids, limit, floor)

    monkeypatch.setattr(Snapshot, "neighbours", counted)
    monkeypatch.setattr(neighbours, "_COSINES", 38 * 7)
    assert await store.search.nearest("ns", wanted, limit=3, min_similarity=0.2) == whole
    assert sizes == [7, 7, 7, 7, 7, 3]
    # What a search says of a neighbour is what `nearest` says.
    (own,) = await store.records.get("ns", ["m3"], with_embedding=True)
    found = await store.search.search_vector("ns", np.array(own.embedding, dtype=np.float32), 4, ALL)
    assert [(c.memory_id, c.similarity) for c in found[1:]] == whole["m3"]


async def break_everything(store: EmbeddedStore, file: Path) -> None:
    rows = [new(f"m{i}", f"word{i}", entities=["e", f"e{i}"]) for i in range(6)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.insert("other", rows, reinforcement=0.1)
    with raw(file) as db:
        db.execute("UPDATE namespaces SET live_count = 99")
        db.execute("UPDATE entities SET mention_count = 7 WHERE key = 'e'")
        db.execute(
            "DELETE FROM mentions WHERE memory IN (1, 7) AND entity IN (SELECT id FROM entities WHERE key = 'e0')"
        )
        db.execute("INSERT INTO memory_text (memory_text, rowid, content, scope) VALUES ('delete', 2, 'word1', 'ns1')")
        db.execute("DROP INDEX memories_by_weakness")


async def test_damage_is_found_and_repaired(store: EmbeddedStore, file: Path) -> None:
    await break_everything(store, file)
    found = await store.health.diagnose("ns", now=0.0)
    assert (found.live, found.recorded_live, found.without_text) == (6, 99, 1)
    assert (found.orphan_entities, found.wrong_mention_counts) == (1, 2)
    assert found.offline_indexes == ["memories_by_weakness"]
    assert [line.partition(" (")[0] for line in found.damage] == ["the full-text index disagrees with the memories"]
    revision = await store.changes.revision("ns")
    # The entity that nothing mentions goes, so that its counter needs no repair.
    assert await store.health.repair("ns") == Repaired(counters=2, entities=1, text_rows=1)
    assert await store.changes.revision("ns") != revision
    assert [c.memory_id for c in (await store.search.search_text("ns", ["word1"], 9, ALL)).found] == ["m1"]
    after = await store.health.diagnose("ns", now=0.0)
    assert (after.recorded_live, after.without_text, after.orphan_entities, after.wrong_mention_counts) == (6, 0, 0, 0)
    assert after.damage == []
    # The other namespace is another's business.
    assert (await store.health.diagnose("other", now=0.0)).recorded_live == 99
    await store.health.repair("other")
    assert await store.health.repair("ns") == Repaired()


async def test_vectors_of_the_wrong_length_are_found_and_made_anew(
    store: EmbeddedStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await store.records.insert("ns", [new(f"m{i}") for i in range(5)], reinforcement=0.1)
    with raw(file) as db:
        db.execute("DELETE FROM vectors WHERE memory = 1")
        db.execute("UPDATE vectors SET data = zeroblob(10) WHERE memory = 2")
        infinite = np.full(DIMENSION, np.inf, dtype="<f2").tobytes()
        [(sound,)] = db.execute("SELECT data FROM vectors WHERE memory = 3").fetchall()
        db.execute("UPDATE vectors SET data = ? WHERE memory = 3", (infinite,))
        found = await store.health.diagnose("ns", now=0.0)
        assert (found.without_vector, found.wrong_vectors) == (1, 2)
        db.execute("UPDATE vectors SET data = ? WHERE memory = 3", (sound,))
    assert {c.memory_id for c in await store.search.search_vector("ns", unit(4), 9, ALL)} == {"m2", "m3", "m4"}
    assert "1 vectors of namespace 'ns'" in caplog.text
    assert (await store.records.get("ns", ["m1"], with_embedding=True))[0].embedding is None
    pending = await store.vectors.pending_reembed(MODEL, DIMENSION, 9)
    assert [memory_id for _, memory_id, _ in pending] == ["m0", "m1"]
    await store.vectors.save_reembedded([(*row, unit(i)) for i, row in enumerate(pending)])
    await store.vectors.finish_reembed()
    assert {c.memory_id for c in await store.search.search_vector("ns", unit(4), 9, ALL)} == {f"m{i}" for i in range(5)}
    assert (await store.health.diagnose("ns", now=0.0)).wrong_vectors == 0


async def test_a_text_index_with_other_words_is_made_anew(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert("ns", [new(f"m{i}", f"word{i}") for i in range(3)], reinforcement=0.1)
    with raw(file) as db:
        db.execute("INSERT INTO memory_text (memory_text, rowid, content, scope) VALUES ('delete', 2, 'word1', 'ns1')")
        db.execute("INSERT INTO memory_text (rowid, content, scope) VALUES (2, 'other', 'ns1')")
    found = await store.health.diagnose("ns", now=0.0)
    assert (found.without_text, len(found.damage)) == (0, 1)
    assert (await store.health.repair("ns")).text_rows == 3
    assert [c.memory_id for c in (await store.search.search_text("ns", ["word1"], 9, ALL)).found] == ["m1"]
    assert (await store.health.diagnose("ns", now=0.0)).damage == []


async def test_mentions_that_disagree_with_their_memory_are_set_right(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert("ns", [new("m1", entities=["e"]), new("m2", entities=["e"])], reinforcement=0.1)
    with raw(file) as db:
        db.execute("UPDATE mentions SET live = 0, timestamp = 1.0 WHERE memory = 1")
        db.execute("UPDATE entities SET mention_count = 1")
    assert (await store.health.repair("ns")).counters == 1
    check_consistency(file)


async def test_compacting_is_measured_on_disk_with_the_log(
    opened: MakeStore, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new(f"m{i}", f"text {i} " * 500) for i in range(200)], reinforcement=0.1)
        await store.records.delete("ns", [f"m{i}" for i in range(5, 200)])
        on_disk = sum(size(file))
        before, after = await store.health.compact()
        assert before == on_disk
        assert size(file) == (after, 0)
        assert after < before / 5
        monkeypatch.setattr("coda_graphmem.store.embedded.space._CHECKPOINT_WAIT", 50)
        with raw(file) as reader, caplog.at_level(logging.WARNING):
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM memories").fetchone()
            before, after = await store.health.compact()
            assert "write-ahead log is in use elsewhere" in caplog.text
            assert after == sum(size(file)) > size(file)[0]
        assert await store.records.live_count("ns") == 5
    check_consistency(file)


async def test_no_byte_of_upkeep_is_left_after_forgetting(store: EmbeddedStore, file: Path) -> None:
    tenant = "xyzzytenant"
    await store.records.insert(tenant, [new(f"plughid{i}", f"quux{i}") for i in range(5)], reinforcement=0.1)
    await store.links.save_links(tenant, [link("plughid0", "plughid1", reason="frobreason", run_id="wobblerun")])
    await merge_one(store, tenant, "plughmerged", ["plughid2", "plughid3"])
    await store.jobs.save_setting(tenant, "snarfkey", {"snarfname": "snarfvalue"})
    await store.jobs.record_retrievals(tenant, RetrievalTotals(retrievals=1))
    await store.jobs.save_run(run("wobblerun", "job", tenant, summary={"ids": ["plughid1"]}))
    # Its holder died.
    await store.jobs.acquire_lease(f"job of {tenant}", "plughholder", 0.0)
    secrets = ["xyzzytenant", "plugh", "quux", "frobreason", "wobblerun", "snarf"]
    assert all(holds(file, text) for text in secrets)
    receipt = await store.records.forget(tenant, None)
    assert (receipt.memories, receipt.links) == (6, 1)
    assert [text for text in secrets if holds(file, text)] == []
    check_consistency(file)
