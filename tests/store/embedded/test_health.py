"""What is found damaged in a file, how it is set right, and what compacting gives back."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import numpy as np
import pytest

from coda_graphmem.models import MemoryFilter, Statement
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import ReadMemory, Repaired
from tests.store.embedded.conftest import MakeStore, check_consistency, raw
from tests.store.factory import DIMENSION, MODEL, new, says, unit

ALL = MemoryFilter()


def size(file: Path) -> tuple[int, int]:
    """Bytes of the file and of its log."""
    return file.stat().st_size, file.with_name(file.name + "-wal").stat().st_size


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


async def test_all_else_is_told_while_another_program_writes(
    store: EmbeddedStore, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("coda_graphmem.store.embedded.health._PATIENCE", 50)
    await break_everything(store, file)
    with raw(file) as other:
        other.execute("BEGIN IMMEDIATE")
        found = await asyncio.wait_for(store.health.diagnose("ns", now=0.0), 10)
        other.execute("ROLLBACK")
    assert (found.live, found.recorded_live, found.offline_indexes) == (6, 99, ["memories_by_weakness"])
    assert not found.damage
    assert "The full-text index was not checked" in caplog.text
    assert (await store.health.diagnose("ns", now=0.0)).damage


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


async def test_facts_that_are_not_what_memories_say_are_made_anew(store: EmbeddedStore, file: Path) -> None:
    places = {"m1": "Paris", "m2": "Rome", "m3": "Oslo"}
    for ns in ("ns", "other"):
        await store.records.insert(ns, [new(one) for one in places], reinforcement=0.1)
        await store.facts.save_statements(
            ns, [ReadMemory(one, f"content of {one}", (says("residence", place),)) for one, place in places.items()]
        )
    sound = await store.facts.find_facts("ns"), await store.facts.outdated("ns", list(places))
    assert len(sound[1]) == 2
    with raw(file) as db:
        db.execute("UPDATE facts SET valid_until = NULL WHERE value = 'Paris'")
        db.execute("DELETE FROM fact_sources WHERE memory_id = 'm3'")
        db.execute("DELETE FROM facts WHERE value = 'Oslo'")
        db.execute("UPDATE facts SET memory_ids = '[]' WHERE value = 'Rome'")
    found = await store.health.diagnose("ns", now=0.0)
    assert (found.facts_without_sources, found.overlapping_facts, found.wrong_facts) == (1, 1, 3)
    revision = await store.changes.revision("ns")
    assert await store.health.repair("ns") == Repaired(facts=3)
    assert await store.changes.revision("ns") != revision
    assert (await store.facts.find_facts("ns"), await store.facts.outdated("ns", list(places))) == sound
    assert (await store.health.diagnose("ns", now=0.0)).wrong_facts == 0
    assert (await store.health.diagnose("other", now=0.0)).wrong_facts == 3


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


async def test_facts_that_nobody_says_are_made_anew(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert("ns", [new("m1"), new("m2")], reinforcement=0.1)
    for memory_id, place in (("m1", "Paris"), ("m2", "Rome")):
        said = Statement(
            subject="User", subject_key="user", attribute="residence", value=place, value_key=place.lower()
        )
        await store.facts.save_statements("ns", [ReadMemory(memory_id, f"content of {memory_id}", (said,))])
    before = await store.facts.find_facts("ns")
    with raw(file) as db:
        db.execute("UPDATE facts SET valid_until = NULL, memory_ids = '[]' WHERE value = 'Paris'")
    found = await store.health.diagnose("ns", now=0.0)
    assert (found.facts_without_sources, found.overlapping_facts, found.wrong_facts) == (1, 1, 1)
    assert await store.health.repair("ns") == Repaired(facts=1)
    assert await store.facts.find_facts("ns") == before
    assert (await store.health.diagnose("ns", now=0.0)).wrong_facts == 0


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
        store._traces._budget = -5.0
        await store.records.delete("ns", [f"m{i}" for i in range(5, 200)])
        on_disk = sum(size(file))
        before, after = await store.health.compact()
        assert before == on_disk
        assert size(file) == (after, 0)
        assert after < before / 5
        monkeypatch.setattr("coda_graphmem.store.embedded.space.CHECKPOINT_WAIT", 50)
        with raw(file) as reader, caplog.at_level(logging.WARNING):
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM memories").fetchone()
            before, after = await store.health.compact()
            assert "write-ahead log is in use elsewhere" in caplog.text
            assert after == sum(size(file)) > size(file)[0]
        assert await store.records.live_count("ns") == 5
    check_consistency(file)
