"""Merges as the file shows them: what undoing restores, and what a killed process leaves."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from tests.store.embedded import processes
from tests.store.embedded.conftest import MakeStore, check_consistency, raw
from tests.store.factory import new, unit
from tests.store.parts.build import MERGES, OUTDATED, fill_for_merges, link, merge_one

ALL = MemoryFilter()

#: Columns that only count changes, and what grows with them.
COUNTERS = {("namespaces", "changes"), ("namespaces", "vector_revision"), ("vectors", "revision")}
GROWING = {"sqlite_sequence", "removed_vectors", "changed_memories"}


def dump(file: Path) -> dict[str, list[object]]:
    """All rows of all tables, apart from counters and the inside of the full-text index."""
    found: dict[str, list[Any]] = {}
    with raw(file) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table in GROWING or table.startswith("memory_text"):
                continue
            columns = [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})")]
            names = ", ".join(name for name in columns if (table, name) not in COUNTERS)
            found[table] = db.execute(f"SELECT {names} FROM {table} ORDER BY 1, 2").fetchall()
        found["meta"] = [row for row in found["meta"] if row[0] != "traces_freed"]
        text = db.execute("SELECT rowid, rank FROM memory_text WHERE memory_text MATCH 'words OR merged OR ns1'")
        found["memory_text"] = sorted(text.fetchall())
    return found


async def test_undoing_restores_every_row(store: EmbeddedStore, file: Path) -> None:
    for namespace in ("ns", "other"):
        await fill_for_merges(store, namespace)
    before, steps = (
        dump(file),
        await store.records.find("ns", MemoryFilter(conversation_id="c1"), order="oldest", now=0.0),
    )
    assert await store.merges.merge("ns", MERGES, run_id="run", at=4000.0) == [True, True, True]
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
