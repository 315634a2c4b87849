"""Deleting and forgetting: complete, and with a true receipt."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.models import DeletionReceipt, MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore, records
from coda_graphmem.store.embedded.records import EmbeddedRecords
from coda_graphmem.store.protocol import MemoryChanges, NewMemory, ReadMemory, RetrievalTotals
from tests.store.embedded.conftest import MakeStore, check_consistency, raw
from tests.store.factory import new, says, unit
from tests.store.parts.build import link, merge_one, run

ALL = MemoryFilter()
ANY = MemoryFilter(lifetime="any", archived=None)


def holds(file: Path, text: str) -> bool:
    """Whether any file of the store holds a text, in any case."""
    needle = text.lower().encode()
    return any(needle in part.read_bytes().lower() for part in file.parent.iterdir())


async def test_a_deletion_takes_everything_along_and_counts_it(store: EmbeddedStore, file: Path) -> None:
    rows = [
        new("m1", entities=["only1", "shared"], conversation_id="c"),
        new("m2", entities=["only2", "shared"], conversation_id="c"),
        new("m3", entities=["shared"], conversation_id="c"),
        new("m4", entities=["only4"], conversation_id="d"),
        new("m5", embedding=None),
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)
    receipt = await store.records.delete("ns", ["m2", "nothing"])
    assert receipt == DeletionReceipt(memories=1, vectors=1, text_rows=1, mentions=2, links=2, entities=1)
    receipt = await store.records.delete("ns", ["m4", "m5", "m4"])
    assert receipt == DeletionReceipt(memories=2, vectors=1, text_rows=2, mentions=1, entities=1, conversations=1)
    assert [(e.key, e.mention_count) for e in await store.graph.list_entities("ns", limit=9)] == [
        ("shared", 2),
        ("only1", 1),
    ]
    assert await store.records.live_count("ns") == 2
    receipt = await store.records.delete("ns", ["m1", "m3"])
    assert receipt == DeletionReceipt(
        memories=2, vectors=2, text_rows=2, mentions=3, links=1, entities=2, conversations=1
    )
    assert await store.records.delete("ns", ["m1"]) == DeletionReceipt()
    assert (await store.search.search_text("ns", ["content"], 9, ALL)).found == []
    assert await store.search.search_vector("ns", unit(1), 9, ALL) == []
    check_consistency(file)


async def test_an_entity_of_an_archived_memory_stays(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1", entities=["e"]), new("m2", entities=["e"])], reinforcement=0.1)
    await store.records.archive("ns", ["m1"], 1.0)
    assert (await store.records.delete("ns", ["m2"])).entities == 0
    assert [e.mention_count for e in await store.graph.find_entities("ns", ["e"])] == [0]
    assert (await store.records.delete("ns", ["m1"])).entities == 1


async def test_an_id_is_free_after_its_deletion(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1", "old", embedding=unit(50))], reinforcement=0.1)
    assert (await store.search.search_vector("ns", unit(50), 1, ALL))[0].similarity == pytest.approx(1.0, abs=1e-3)
    await store.records.delete("ns", ["m1"])
    await store.records.insert("ns", [new("m1", "new", embedding=unit(51))], reinforcement=0.1)
    (found,) = await store.search.search_vector("ns", unit(51), 9, ALL)
    assert (found.memory_id, found.similarity) == ("m1", pytest.approx(1.0, abs=1e-3))


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (ALL, ["m2", "s1"]),
        (MemoryFilter(conversation_id="c"), ["m1", "m2", "s1"]),
        (MemoryFilter(lifetime="short_term"), ["m0", "m1", "m2"]),
        (MemoryFilter(archived=True), ["m0", "m1", "s1"]),
        (MemoryFilter(lifetime="any", archived=None, conversation_id="c"), ["m1"]),
        (MemoryFilter(metadata={"k": 1}), ["m0", "m2", "s1"]),
        (None, []),
    ],
)
async def test_forgetting_by_filter(
    store: EmbeddedStore, file: Path, where: MemoryFilter | None, left: list[str]
) -> None:
    rows = [
        new("m0", conversation_id="c"),
        new("m1", metadata={"k": 1}),
        new("m2", conversation_id="c"),
        new("s1", expires_at=5.0, conversation_id="c"),
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.archive("ns", ["m2"], 1.0)
    receipt = await store.records.forget("ns", where)
    assert receipt.memories == 4 - len(left)
    assert sorted(m.memory_id for m in await store.records.find("ns", ANY, now=0.0)) == left
    check_consistency(file)


async def test_no_byte_of_what_was_forgotten_is_left(store: EmbeddedStore, file: Path) -> None:
    long = " ".join(f"filler{i}" for i in range(2000))
    for start in range(0, 60, 5):
        rows = [
            new(
                f"secretid{i}",
                f"xyzzyword{i} " + (long if i % 7 == 0 else "with a few words more") + " quuxending",
                entities=[f"plughentity{i}"],
                metadata={"frobkey": f"frobvalue{i}"},
                conversation_id="wobbleconversation",
                dedup_key=f"dedupsecret{i}",
            )
            for i in range(start, start + 5)
        ]
        await store.records.insert("ns", rows, reinforcement=0.1)
        await store.records.insert(
            "ns", [new(f"kept{start}", "plain words that stay", entities=["stays"])], reinforcement=0.1
        )
    for i in range(0, 60, 2):
        [memory] = await store.records.get("ns", [f"secretid{i}"])
        said = [says("residence", f"snarfplace{i % 7}"), says("likes", f"snarfthing{i}", subject=f"Gruntfolk{i}")]
        await store.facts.save_statements("ns", [ReadMemory(memory.memory_id, memory.content, tuple(said))])
        changes = MemoryChanges(
            content=None if i % 4 else f"wibbleword{i}", metadata={"wibblekey": i}, updated_at=1.0, actor="mumbleactor"
        )
        await store.records.update("ns", memory.memory_id, changes)
        standing = ("retracted", None) if i % 3 else ("superseded", f"secretid{i + 1}")
        await store.facts.set_standing(
            "ns", memory.memory_id, standing[0], at=2.0, superseded_by=standing[1], actor="mumbleactor", now=2.0
        )
    assert await store.facts.find_facts("ns")
    await store.facts.set_standing(
        "ns", "kept0", "superseded", at=2.0, superseded_by="secretid1", actor="caller", now=2.0
    )
    await store.records.delete("ns", [f"secretid{i}" for i in range(0, 60, 3)])
    secrets = ["xyzzyword", "quuxending", "plughentity", "frobkey", "frobvalue", "wobble", "secretid", "dedupsecret"]
    secrets += ["snarf", "gruntfolk", "wibble", "mumble"]
    assert all(holds(file, text) for text in secrets)
    await store.records.forget("ns", MemoryFilter(conversation_id="wobbleconversation"))
    assert [text for text in secrets if holds(file, text)] == []
    assert holds(file, "stays")
    assert await store.records.live_count("ns") == 12
    assert await store.facts.find_facts("ns") == await store.facts.subjects("ns") == []
    [kept] = await store.records.get("ns", ["kept0"])
    assert (kept.standing, kept.superseded_by) == (None, None)
    check_consistency(file)


async def test_what_was_deleted_before_is_gone_after_forgetting_too(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert(
        "ns", [new(f"m{i}", f"xyzzy{i} text", entities=[f"plugh{i}"]) for i in range(30)], reinforcement=0.1
    )
    await store.records.insert("other", [new("m1", "unrelated")], reinforcement=0.1)
    await store.records.delete("ns", [f"m{i}" for i in range(30)])
    await store.records.forget("other", None)
    assert not holds(file, "xyzzy")
    assert not holds(file, "plugh")
    assert await store.records.namespaces() == []


async def test_a_namespace_forgotten_as_a_whole_leaves_no_name(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert("sometenantname", [new("m1")], reinforcement=0.1)
    await store.records.forget("sometenantname", None)
    assert not holds(file, "sometenantname")


@pytest.mark.parametrize("call", ["forget", "delete", "expire"])
async def test_a_reader_elsewhere_delays_the_log_and_it_is_said_and_tried_again(
    opened: MakeStore, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr("coda_graphmem.store.embedded.space.CHECKPOINT_WAIT", 50)
    async with opened() as store:
        rows = [new("m1", "xyzzy", conversation_id="c", expires_at=5.0 if call == "expire" else None), new("m2")]
        await store.records.insert("ns", rows, reinforcement=0.1)
        with raw(file) as reader, caplog.at_level(logging.WARNING):
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM memories").fetchone()
            if call == "expire":
                assert await store.records.expire("ns", 9.0) == 1
            else:
                receipt = await (
                    store.records.delete("ns", ["m1"])
                    if call == "delete"
                    else store.records.forget("ns", MemoryFilter(conversation_id="c"))
                )
                assert (receipt.memories, receipt.pending) == (1, ["log"])
            assert "write-ahead log is in use elsewhere" in caplog.text
            assert (await store.health.diagnose("ns", now=9.0)).traces == ["log"]
            assert holds(file, "xyzzy")
        assert (await store.health.diagnose("ns", now=9.0)).traces == []
        assert not holds(file, "xyzzy")


async def test_what_is_left_after_a_crash_is_cleaned_by_whoever_comes_next(opened: MakeStore, file: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new("m1", "xyzzy"), new("m2", "stays")], reinforcement=0.1)
        # Killed between the commit and the cleaning.
        store._traces.clean_soon = store._traces.retry = lambda: asyncio.sleep(0, [])  # type: ignore[method-assign]
        await store.records.delete("ns", ["m1"])
        assert await store._database.read(store._traces.left) == ["file"]
    async with opened() as store:
        assert await store.records.expire(None, 1.0) == 0
        assert not holds(file, "xyzzy")
        assert holds(file, "stays")


async def test_many_removals_are_cleaned_shortly_after_the_last(opened: MakeStore, file: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new(f"m{i}", f"xyzzy{i}") for i in range(30)], reinforcement=0.1)
        store._traces._budget = -0.01
        for i in range(29):
            assert (await store.records.delete("ns", [f"m{i}"])).pending == []
        assert holds(file, "xyzzy1 ") or holds(file, "xyzzy2")
        deadline = time.monotonic() + 10
        while [i for i in range(29) if holds(file, f"xyzzy{i}") and i != 2]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert holds(file, "xyzzy29")


async def tell(store: EmbeddedStore, chosen: random.Random, rows: Sequence[NewMemory]) -> None:
    """Let some memories say things, whose words are as secret as the memories."""
    read = []
    for row in rows:
        tag = row.memory_id.partition("id")[0]
        said = [
            says(name, f"{tag}v{chosen.randrange(9)}", subject=chosen.choice(["User", f"{tag}s{chosen.randrange(9)}"]))
            for name in chosen.sample(["residence", "likes", "employer", f"{tag} colour"], chosen.randrange(4))
        ]
        read.append(ReadMemory(row.memory_id, row.content, tuple(said)))
    await store.facts.save_statements("ns", read)


@pytest.mark.parametrize("seed", [3, 9, 18])
async def test_rows_that_moved_between_pages_leave_no_copies(store: EmbeddedStore, file: Path, seed: int) -> None:
    chosen = random.Random(seed)
    ids: list[str] = []
    for _ in range(40):
        rows = []
        for _ in range(chosen.randrange(1, 8)):
            tag = chosen.choice(["zqsecret", "plainkept"])
            words = " ".join(f"{tag}w{chosen.randrange(3000)}" for _ in range(chosen.choice([1, 5, 50, 600])))
            keys = [f"{tag}e{key}" for key in {chosen.randrange(60) for _ in range(4)}]
            metadata = {f"{tag}k": tag * chosen.choice([1, 100])}
            rows.append(new(f"{tag}id{len(ids)}", words, entities=keys, metadata=metadata, timestamp=chosen.random()))
            ids.append(rows[-1].memory_id)
        await store.records.insert("ns", rows, reinforcement=0.1)
        await tell(store, chosen, rows)
        changed = chosen.choice(ids)
        changes = MemoryChanges(content=f"{changed.partition('id')[0]} changed", entities=(), updated_at=1.0)
        await store.records.update("ns", changed, changes)
        one, other = chosen.choice(ids), chosen.choice(ids)
        await store.facts.set_standing(
            "ns", one, "superseded", at=1.0, superseded_by=other if other != one else None, actor="caller", now=1.0
        )
        await store.records.archive("ns", [chosen.choice(ids)], 1.0)
    await store.records.delete("ns", [one for one in ids if one.startswith("zqsecret")])
    await store.records.insert("other", [new("m1")], reinforcement=0.1)
    await store.records.forget("other", None)
    assert not holds(file, "zqsecret")
    assert holds(file, "plainkept")
    assert (await store.health.diagnose("ns", now=0.0)).wrong_facts == 0
    assert await store.facts.find_facts("ns")
    check_consistency(file)


async def test_too_little_room_is_said_and_tried_again(
    store: EmbeddedStore, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.records.insert("ns", [new("m1", "xyzzy"), new("m2", "plugh"), new("m3")], reinforcement=0.1)
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100_000))
        assert (await store.records.delete("ns", ["m1"])).pending == ["file"]
        assert (await store.records.forget("ns", MemoryFilter(metadata={"k": 1}))).pending == ["file"]
        assert "traces stay in the file" in caplog.text
        assert (await store.health.diagnose("ns", now=0.0)).traces == ["file"]
    assert (await store.health.diagnose("ns", now=0.0)).traces == []
    assert not holds(file, "xyzzy")


async def test_a_writer_elsewhere_delays_the_cleaning(
    store: EmbeddedStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.store.embedded.traces._SHORTLY", 50)
    await store.records.insert("ns", [new("m1", "xyzzy")], reinforcement=0.1)
    store._traces._budget = -5.0
    await store.records.delete("ns", ["m1"])
    with raw(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        await store._traces.retry()
        holder.execute("ROLLBACK")
    assert (await store.records.forget("ns", None)).pending == []
    assert not holds(file, "xyzzy")


async def test_a_large_file_is_not_written_anew_for_one_memory(
    store: EmbeddedStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.records.insert("ns", [new("m1", "xyzzy"), new("m2")], reinforcement=0.1)
    monkeypatch.setattr("coda_graphmem.store.embedded.traces.LARGEST", 1)
    assert (await store.records.delete("ns", ["m1"])).pending == ["file"]
    assert (await store.health.diagnose("ns", now=0.0)).traces == ["file"]
    await store.health.compact()
    assert (await store.health.diagnose("ns", now=0.0)).traces == []
    assert not holds(file, "xyzzy")


async def test_no_byte_of_links_merges_settings_and_runs_is_left_after_forgetting(
    store: EmbeddedStore, file: Path
) -> None:
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


async def test_what_is_over_goes_in_parts_and_a_stop_keeps_those_that_went(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_EXPIRED", 2)
    rows = [new(f"m{i}", expires_at=5.0, lifetime="long_term" if i % 2 else "short_term") for i in range(5)]
    await store.records.insert("ns", [*rows, new("stays")], reinforcement=0.1)
    end = EmbeddedRecords._end
    parts: list[int] = []

    def failing(self: EmbeddedRecords, connection: Any, owner: Any, memory_ids: Sequence[str]) -> Any:
        parts.append(len(memory_ids))
        if len(parts) == 2:
            raise MemoryStorageError("stopped")
        return end(self, connection, owner, memory_ids)

    monkeypatch.setattr(EmbeddedRecords, "_end", failing)
    with pytest.raises(MemoryStorageError):
        await store.records.expire(None, 10.0)
    assert len(await store.records.get("ns", [row.memory_id for row in rows])) == 3
    assert await store.records.expire("ns", 10.0) == 3
    assert parts == [2, 2, 2, 1]
    assert [one.memory_id for one in await store.records.get("ns", ["m0", "m1", "m2", "m3", "m4", "stays"])] == [
        "stays"
    ]
