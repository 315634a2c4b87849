"""What goes out as JSON lines comes back as it was: every field, link and merge, after interruptions too."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryStats, MemoryStorageError, MemoryType, ValidationError
from coda_graphmem.facts.reader import FactReader, Words
from coda_graphmem.memories import pages as memory_pages
from coda_graphmem.models import LinkKind, MemoryFilter, MergedMemory, Statement
from coda_graphmem.store.embedded.transfer import EmbeddedTransfer
from coda_graphmem.store.protocol import MemoryStore, Merge, ReadMemory
from coda_graphmem.transfer import restore
from tests.fakes import Clock, NameExtractor, WordEmbedder
from tests.graphs.build import HOSTILE, link
from tests.servers import Server
from tests.store.factory import new, says
from tests.store.parts.build import merge_one

EVERYTHING = MemoryFilter(lifetime="any", archived=None)


def manager(folder: Path, *, embedder: WordEmbedder | None = None, **settings: Any) -> MemoryManager:
    config = MemoryConfig(vector_store={"persist_directory": folder}, **settings)
    embedder = embedder or WordEmbedder()
    return MemoryManager(config, embedder=embedder, extractor=NameExtractor(), clock=Clock())


def store_of(memory: MemoryManager) -> MemoryStore:
    return memory.services.resources.store


async def fill(memory: MemoryManager) -> None:
    """One of everything a store can keep of memories."""
    metadata = {"speaker": "Ann", "n": 1.5, "deep": {"list": [1, None, "é"]}}
    entries: list[dict[str, Any]] = [
        {"content": "Ann met Tom in Berlin", "conversation_id": "c", "metadata": metadata, "timestamp": 100.25},
        {"content": f"Then Rex came. {HOSTILE}", "conversation_id": "c", "timestamp": 200.5},
        {"content": "Maria likes Rome", "type": "preference", "importance_score": 1 / 3},
        {"content": "maria likes rome", "type": "preference"},
        *({"content": f"Tom was in Paris on day {i}", "timestamp": 300.0 + i} for i in range(12)),
    ]
    ids = await memory.store_memories_batch([{**entry, "memory_id": f"m{i}"} for i, entry in enumerate(entries[:3])])
    ids += await memory.store_memories_batch(
        [{**entry, "memory_id": f"m{i}"} if i != 3 else entry for i, entry in enumerate(entries[3:], start=3)]
    )
    await memory.store_short_term_memory("soon over", "c", 30)
    store, name = store_of(memory), memory.namespace
    await store.records.archive(name, ["m9"], 5000.5)
    await store.records.record_access(name, {"m0": 3, "m2": 1}, 6000.25)
    await store.changes.save_decay(name, ["m0", "m2", "m9"], [0.5, 1 / 7, 0.25])
    links = [
        link("m0", "m1", guard="numbers", reason="3 | 4", run_id="r1"),
        link("m10", "m0", LinkKind.POSSIBLY_OUTDATED_BY),
        link("m4", "m14"),
    ]
    await store.links.save_links(name, links)
    originals = await store.records.get(name, ["m5", "m6"])
    merged = MergedMemory(
        source_ids=["m5", "m6"],
        kept_id="m5",
        content="Tom was in Paris twice",
        memory_type=MemoryType.EPISODIC,
        timestamp=400.0,
        first_timestamp=300.0,
        importance_score=0.75,
        access_count=0,
        last_accessed=None,
        reinforcement_count=1,
        conversation_id=None,
        metadata={"consolidated": {"count": 2}},
        entities=originals[0].entities,
    )
    versions = {memory.memory_id: memory.updated_at for memory in originals}
    merge = Merge("merged", merged, None, versions)
    assert await store.merges.merge(name, [merge], run_id="run-1", at=7000.5) == [True]


async def snapshot(memory: MemoryManager) -> dict[str, Any]:
    """All that can be seen of a namespace."""
    store, name = store_of(memory), memory.namespace
    found = await store.records.find(name, EVERYTHING, order="oldest", now=0.0, with_embedding=True)
    ids = [item.memory_id for item in found]
    return {
        "memories": [item.model_copy(update={"namespace": ""}) for item in found],
        "arrival": [(row.memory.memory_id, row.dedup_key, row.run_id) for row in await all_rows(store, name)],
        "links": await store.links.find_links(name, ids),
        "merges": await store.merges.find_merges(name),
        "entities": await store.graph.list_entities(name, limit=1000),
        "inventory": await store.transfer.inventory(name),
        "stats": _plain(await memory.get_memory_stats()),
    }


def _plain(stats: MemoryStats) -> MemoryStats:
    """Without the size on disk, and with a mean that does not depend on the order of its terms."""
    return stats.model_copy(
        update={"storage_bytes": None, "avg_importance_score": round(stats.avg_importance_score, 12)}
    )


async def test_facts_and_what_they_come_from_come_back(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        store, name = store_of(source), source.namespace
        rows = [new(f"m{i}", f"word{i}", dedup_key=f"k{i}", to_read=i == 5) for i in range(1, 8)]
        await store.records.insert(name, [*rows, new("again", "word1", dedup_key="k1")], reinforcement=0.1)
        places = {"m1": "Paris", "m2": "Rome", "m3": "Oslo"}
        said = [ReadMemory(one, f"word{one[1]}", (says("residence", place),)) for one, place in places.items()]
        await store.facts.save_statements(name, said)
        await source.update_memory("m4", f"first {HOSTILE}", actor="somebody")
        await source.update_memory("m4", "second")
        await store.records.archive(name, ["m4"], 5000.5)
        await store.facts.set_standing(name, "m6", "superseded", at=4.0, superseded_by="m7", actor="somebody", now=7.0)
        await source.retract_memory("m3", at=1e9)
        await source.export_memories(path)
        report = await target.import_memories(path)
        assert report.new == 7
        second = tmp_path / "again.jsonl"
        await target.export_memories(second)
        assert _undated(second) == _undated(path)
        copy = store_of(target)
        ids = [f"m{i}" for i in range(1, 8)]
        assert await copy.facts.find_facts(name) == await store.facts.find_facts(name) != []
        over = await store.facts.outdated(name, ids)
        assert {one.memory_id for one in over} >= {"m1", "m3", "m6"}
        assert await copy.facts.outdated(name, ids) == over
        for memory_id in ids:
            assert await copy.facts.versions(name, memory_id) == await store.facts.versions(name, memory_id)
        assert len(await copy.facts.versions(name, "m4")) == 4
        assert await copy.records.get(name, ids) == await store.records.get(name, ids)


def _undated(path: Path) -> list[str]:
    """The lines without the time of the export."""
    return [line for line in path.read_text().splitlines() if "exported_at" not in line]


async def test_what_a_file_of_version_1_says_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def statements_of(_: FactReader, said: Sequence[Words]) -> list[list[Statement]]:
        read.extend(words.text for words in said)
        return [[says("residence", "Rome")] for _ in said]

    monkeypatch.setattr(FactReader, "statements_of", statements_of)
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        texts = ["I live in Rome", "My home is in Rome", "Nothing to tell"]
        rows = [new(f"m{i}", text, timestamp=float(i)) for i, text in enumerate(texts)]
        await store_of(source).records.insert(source.namespace, rows, reinforcement=0.1)
        await merge_one(store_of(source), source.namespace, "x", ["m0", "m1"], content="My home is in Rome")
        await source.export_memories(path)
        path.write_text(path.read_text().replace('"version":4', '"version":1', 1))
        await target.import_memories(path)
        [fact] = await target.get_facts()
        assert (fact.value, fact.memory_ids, sorted(read)) == ("Rome", ["x"], texts[:2])


async def all_rows(store: MemoryStore, name: str) -> list[Any]:
    return await store.transfer.export_memories(name, after=0, limit=10_000)


async def test_everything_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_pages, "PAGE", 4)
    monkeypatch.setattr(restore, "BATCH", 3)
    path = tmp_path / "all.jsonl"
    seen: list[tuple[int, int]] = []
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        written = await source.export_memories(path, progress=lambda done, total: seen.append((done, total)))
        assert (written.format, written.memories, written.links, written.namespaces) == ("jsonl", 17, 3, ["default"])
        assert written.bytes == path.stat().st_size
        assert seen[-1] == (17, 17)
        report = await target.import_memories(path, progress=lambda done, total: seen.append((done, total)))
        assert (report.memories, report.new, report.links, report.embedded) == (17, 17, 3, 0)
        assert seen[-1] == (17, 17)
        expected = await snapshot(source)
        assert await snapshot(target) == expected
        assert expected["inventory"].merged == 2
        assert len(expected["links"]) == 3
        again = await target.import_memories(path)
        assert (again.new, again.links) == (0, 0)
        assert await snapshot(target) == expected
        second = tmp_path / "again.jsonl"
        await target.export_memories(second)
        assert second.read_text() == path.read_text()
        # What was merged can still be taken apart, and repetitions still find what they repeat.
        for memory in (source, target):
            undone = await store_of(memory).merges.undo_merge("default", "merged")
            assert undone is not None
            assert undone.restored_ids == ["m5", "m6"]
            assert await memory.store_memory("MARIA likes Rome", MemoryType.PREFERENCE) == "m2"
            assert [found.memory_id for found in await memory.retrieve_memories("Tom in Paris", limit=3)]
        assert await snapshot(target) == await snapshot(source)


async def test_over_neo4j_and_back(tmp_path: Path, neo4j_server: Server) -> None:
    """The middle store is another one, and yet nothing is lost on the way there and back."""
    name = f"export-{uuid.uuid4().hex}"
    first, second = io.BytesIO(), io.BytesIO()
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        await source.export_memories(first, "jsonl")
        middle = MemoryManager(
            MemoryConfig(vector_store_type="neo4j", neo4j=neo4j_server.config(), namespace=name),
            embedder=WordEmbedder(),
            extractor=NameExtractor(),
            clock=Clock(),
        )
        async with middle:
            try:
                report = await middle.import_memories(first)
                assert (report.new, report.links, report.embedded) == (17, 3, 0)
                assert without_vectors(await snapshot(middle)) == without_vectors(await snapshot(source))
                await middle.export_memories(second, "jsonl")
            finally:
                await middle.forget(everything=True)
        await target.import_memories(second)
        assert await snapshot(target) == await snapshot(source)


def without_vectors(seen: dict[str, Any]) -> dict[str, Any]:
    """The same, with vectors rounded, as one store may keep them more precisely than another."""
    memories = [
        item.model_copy(update={"embedding": None if item.embedding is None else [round(x, 3) for x in item.embedding]})
        for item in seen["memories"]
    ]
    return {**seen, "memories": memories}


async def test_memories_go_into_the_namespace_that_takes_them(tmp_path: Path) -> None:
    file = io.BytesIO()
    async with manager(tmp_path / "one") as memory:
        await fill(memory.for_namespace("alice"))
        await memory.for_namespace("alice").export_memories(file, "jsonl")
        report = await memory.for_namespace("bob").import_memories(file)
        assert report.namespaces == ["bob"]
        one, two = [await snapshot(memory.for_namespace(name)) for name in ("alice", "bob")]
        assert one == two
        assert await memory.list_namespaces() == ["alice", "bob"]


async def test_all_namespaces_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        for name in ("a", "b"):
            await source.for_namespace(name).store_memory(f"Tom is in {name}", memory_id="same")
        written = await source.export_memories(path, every_namespace=True)
        assert (written.namespaces, written.memories) == (["a", "b"], 2)
        with pytest.raises(ValidationError, match="holds 2 namespaces"):
            await target.import_memories(path)
        assert await target.list_namespaces() == []
        report = await target.import_memories(path, every_namespace=True)
        assert report.namespaces == ["a", "b"]
        for name in ("a", "b"):
            found = await target.for_namespace(name).get_memory("same")
            assert found is not None
            assert found.content == f"Tom is in {name}"


async def test_an_empty_namespace_is_a_whole_file(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as memory:
        for every in (False, True):
            await memory.export_memories(tmp_path / "a.jsonl", every_namespace=every)
            report = await memory.import_memories(str(tmp_path / "a.jsonl"), every_namespace=every)
            assert (report.memories, report.namespaces) == (0, ["default"])


async def test_vectors_of_another_model_are_made_anew(tmp_path: Path) -> None:
    path, bare = tmp_path / "all.jsonl", tmp_path / "bare.jsonl"
    other = WordEmbedder("other", 24)
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two", embedder=other) as target:
        await fill(source)
        await source.export_memories(path)
        report = await target.import_memories(path)
        assert report.embedded == report.new == 17
        assert (await store_of(target).info()).embedding_model == "other"
        found = await target.get_memory("m0", with_embedding=True)
        assert found is not None
        assert found.embedding is not None
        assert found.embedding == pytest.approx(other.embed([found.content])[0].tolist(), abs=1e-3)
        await source.export_memories(bare, with_embeddings=False)
        assert "embedding" not in bare.read_text().split("\n", 2)[1]
        assert bare.stat().st_size < path.stat().st_size
    async with manager(tmp_path / "three") as target:
        assert (await target.import_memories(bare)).embedded == 17
        again = await target.get_memory("m0", with_embedding=True)
        assert again is not None
        assert again.embedding is not None
        assert len(again.embedding) == 48


async def test_without_semantic_search_vectors_are_kept_for_later(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source:
        await source.store_memory("Tom is in Rome", memory_id="m")
        await source.export_memories(path)
    async with manager(tmp_path / "two", enable_semantic_search=False) as target:
        assert (await target.import_memories(path)).embedded == 0
        assert (await store_of(target).info()).embedding_model == "words"
    async with manager(tmp_path / "two") as target:
        assert [found.memory_id for found in await target.retrieve_memories("Tom", mode="vector")] == ["m"]


async def test_a_target_that_has_some_already_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        await source.export_memories(path)
        await target.store_memory("My own words", memory_id="m0")
        report = await target.import_memories(path)
        assert (report.memories, report.new) == (17, 16)
        own = await target.get_memory("m0")
        assert own is not None
        assert own.content == "My own words"


async def test_an_import_that_broke_off_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore, "BATCH", 5)
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        await source.export_memories(path)
        keep, calls = EmbeddedTransfer.import_memories, itertools.count(1)

        async def failing(self: EmbeddedTransfer, *args: Any) -> int:
            if next(calls) == 3:
                raise MemoryStorageError("disk full")
            return await keep(self, *args)

        monkeypatch.setattr(EmbeddedTransfer, "import_memories", failing)
        with pytest.raises(MemoryStorageError):
            await target.import_memories(path)
        assert (await store_of(target).transfer.inventory("default")).memories == 10
        report = await target.import_memories(path)
        assert (report.new, report.links) == (7, 3)
        assert await snapshot(target) == await snapshot(source)


def overwrite(path: Path, text: str) -> None:
    path.write_text(text)


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


async def damaged(path: Path, target: MemoryManager, text: str) -> ValidationError:
    overwrite(path, text)
    with pytest.raises(ValidationError) as caught:
        await target.import_memories(path)
    assert await target.count() == 0
    assert caught.value.remedy
    return caught.value


async def test_a_damaged_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as target:
        await fill(source)
        await source.export_memories(path)
        lines = path.read_text().splitlines(keepends=True)
        cases = {
            "".join(lines[:-1]): "all.jsonl",
            "".join(lines[:4] + lines[5:]): f"all.jsonl, line {len(lines) - 1}",
            "".join(lines[1:]): "all.jsonl, line 1",
            "".join([*lines[:5], "{}\n", *lines[6:]]): "all.jsonl, line 6, memory_id",
            "".join([*lines[:5], lines[5][:50] + "\n", *lines[6:]]): "all.jsonl, line 6",
            "".join(lines[:5] + lines): "all.jsonl, line 6",
            lines[0].replace('"sections":1', '"sections":2') + "".join(lines[1:]): "all.jsonl",
            "": "all.jsonl",
        }
        for text, field in cases.items():
            assert (await damaged(path, target, text)).field == field
        path.write_bytes(lines[0].encode() + b"\xff\n")
        with pytest.raises(ValidationError, match=r"line 1: or one soon after it is not UTF-8"):
            await target.import_memories(path)
        with pytest.raises(ValidationError, match="cannot be read"):
            await target.import_memories(tmp_path / "missing.jsonl")


_CHILD = """
import asyncio, sys
from pathlib import Path
from coda_graphmem.facts.reader import FactReader, Words
from coda_graphmem.facts.values import value_key
from coda_graphmem.memories import pages as memory_pages
from coda_graphmem.transfer import restore
from tests.transfer.test_round_trip import manager
memory_pages.PAGE = restore.BATCH = 5
async def main():
    async with manager(Path(sys.argv[1])) as memory:
        tell = lambda done, total: print(done, flush=True)
        await getattr(memory, sys.argv[2] + "_memories")(sys.argv[3], progress=tell)
asyncio.run(main())
"""


def killed(*arguments: str, after: int) -> None:
    """Run a call in a process of its own and kill it once it has told so many numbers."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        for _ in range(after):
            assert child.stdout.readline().strip()
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -9


async def test_kill_9_during_import_and_export(tmp_path: Path) -> None:
    path, other = tmp_path / "all.jsonl", tmp_path / "other.jsonl"
    async with manager(tmp_path / "one") as source:
        await source.store_memories_batch(
            [{"content": f"Tom on day {i}", "memory_id": f"m{i}", "timestamp": float(i)} for i in range(300)]
        )
        await store_of(source).links.save_links("default", [link("m1", "m299")])
        await source.export_memories(path)
        expected = await snapshot(source)
    killed(str(tmp_path / "two"), "import", str(path), after=20)
    async with manager(tmp_path / "two") as target:
        there = (await store_of(target).transfer.inventory("default")).memories
        assert 0 < there < 300
        report = await target.import_memories(path)
        assert report.new == 300 - there
        assert await snapshot(target) == expected
    path_before = path.read_text()
    killed(str(tmp_path / "two"), "export", str(path), after=20)
    assert path.read_text() == path_before
    async with manager(tmp_path / "two") as target:
        await target.export_memories(path)
        await target.export_memories(other)
    assert path.read_text() == other.read_text() == path_before
    assert names_in(tmp_path) == {"one", "two", "all.jsonl", "other.jsonl"}


async def test_paging_bounds_what_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[int] = []
    export = EmbeddedTransfer.export_memories

    async def counting(self: EmbeddedTransfer, namespace: str, *, after: int, limit: int) -> list[Any]:
        rows = await export(self, namespace, after=after, limit=limit)
        pages.append(len(rows))
        return rows

    monkeypatch.setattr(EmbeddedTransfer, "export_memories", counting)
    monkeypatch.setattr(memory_pages, "PAGE", 7)
    async with manager(tmp_path / "one") as memory:
        await fill(memory)
        await memory.export_memories(tmp_path / "a.jsonl")
    assert pages == [7, 7, 3, 0]
    assert len(json.loads((tmp_path / "a.jsonl").read_text().splitlines()[-1])) == 3


async def test_a_line_without_end_is_refused_and_a_pipe_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with manager(tmp_path / "a") as source, manager(tmp_path / "b") as target:
        await fill(source)
        file = io.BytesIO()
        await source.export_memories(file, "jsonl")
        monkeypatch.setattr(restore, "LONGEST_LINE", 4_000)
        lines = file.getvalue().splitlines(keepends=True)
        endless = io.BytesIO(lines[0] + lines[1] + b"x" * 10_000)
        with pytest.raises(ValidationError, match="line 3: is longer than any") as caught:
            await target.import_memories(endless)
        assert "xxx" not in str(caught.value)
        if hasattr(os, "mkfifo"):
            os.mkfifo(tmp_path / "pipe")
            writing = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(file.getvalue()))
            writing.start()
            report = await target.import_memories(tmp_path / "pipe")
            writing.join(10)
            assert report.new == report.memories > 10
            for place, kind in (("/dev/zero", "a device"), (str(tmp_path), "a directory")):
                with pytest.raises(ValidationError, match=f"is {kind}"):
                    await target.import_memories(place)


async def test_an_export_of_an_embedded_store_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with manager(tmp_path / "a") as memory:
        for i in range(9):
            await memory.store_memory(f"Tom rowed on day {i}", memory_id=f"m{i}", timestamp=float(i))
        monkeypatch.setattr(memory_pages, "PAGE", 2)
        plain = EmbeddedTransfer.export_memories

        async def updating(self: EmbeddedTransfer, namespace: str, *, after: int, limit: int) -> Any:
            rows = await plain(self, namespace, after=after, limit=limit)
            if rows and after < 6:
                await store_of(memory).records.delete(namespace, [f"m{8 - after // 2}"])
                await memory.update_memory("m7" if after else "m6", content=f"Other words {after}")
            return rows

        monkeypatch.setattr(EmbeddedTransfer, "export_memories", updating)
        for form in ("jsonl", "cypher"):
            file = io.BytesIO()
            count = (await memory.export_memories(file, form)).memories  # type: ignore[arg-type]
            assert file.getvalue().count(b"Tom rowed") + file.getvalue().count(b"Other words") == count
            if form == "jsonl":
                assert (count, file.getvalue().count(b"Other words")) == (9, 0)
