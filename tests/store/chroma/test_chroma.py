"""Vectors in Chroma: the same answers as in the embedded store, and one truth after every failure."""

from __future__ import annotations

import builtins
import logging
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coda_graphmem.config import MemoryConfig, VectorStoreConfig
from coda_graphmem.errors import StoreUnavailableError, VectorStoreError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.chroma.collection import Collection
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.embedded.rows import encode
from coda_graphmem.store.embedded.vector_index import decode
from coda_graphmem.store.protocol import Bounds, Candidate, MemoryChanges
from tests.conftest import open_memory
from tests.store.chroma.conftest import MakeStore, Server, make_chroma
from tests.store.embedded.conftest import check_consistency
from tests.store.factory import DIMENSION, MODEL, new, unit
from tests.store.parts.build import merge_one

pytestmark = pytest.mark.slow

ALL = MemoryFilter()
ROOT = Path(__file__).parents[3]


def ids(candidates: list[Candidate]) -> list[str]:
    return [c.memory_id for c in candidates]


def in_chroma(store: EmbeddedStore) -> int:
    return store._database.index._collection.count()


async def test_naming_chroma_beside_its_folder_is_enough(folder: Path) -> None:
    config = MemoryConfig(vector_store=VectorStoreConfig(store_type="chroma", persist_directory=str(folder)))
    async with open_memory(config) as memory:
        stored = await memory.store_memory("Anna has a dog")
        assert [m.memory_id for m in await memory.retrieve_memories("dog", mode="vector", min_relevance=0.0)] == [
            stored
        ]
        assert in_chroma(memory.services.resources.store) == 1  # type: ignore[arg-type]


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
async def test_what_chroma_makes_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        one = make_chroma(tmp_path / "a" / "b")
        await one.open()
        await one.vectors.bind_model(MODEL, DIMENSION)
        await one.records.insert("ns", [new(f"m{i}") for i in range(3)], reinforcement=0.1)
        await one.close()
        assert modes(tmp_path) == {0o600, 0o700}
        # What its owner has opened to others stays so.
        open_to_others(tmp_path / "a" / "b" / "chroma")
        await one.open()
        await one.close()
        assert modes(tmp_path) == {0o600, 0o700, 0o755, 0o644}
    finally:
        os.umask(before)


def modes(folder: Path) -> set[int]:
    """The modes of all that is below a folder."""
    return {path.stat().st_mode & 0o777 for path in folder.rglob("*")}


def open_to_others(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "chroma.sqlite3").chmod(0o644)


async def test_the_same_answers_as_the_embedded_store(store: EmbeddedStore, tmp_path: Path) -> None:
    embedded = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": tmp_path / "embedded"}))
    await embedded.open()
    await embedded.vectors.bind_model(MODEL, DIMENSION)
    rows = [
        new(
            f"m{i}",
            f"shared word{i % 7}",
            entities=[f"e{i % 11}"],
            conversation_id=f"c{i % 5}",
            importance_score=i / 200,
        )
        for i in range(200)
    ]
    rows += [new("twin1", "same", embedding=unit(5)), new("twin0", "same", embedding=unit(5))]
    for one in (store, embedded):
        await one.records.insert("ns", rows, reinforcement=0.1)
        await one.records.insert("other", [new(f"m{i}", embedding=unit(3)) for i in range(30)], reinforcement=0.1)
        await one.records.insert("ns", [new("s1", expires_at=1e9), new("s2", expires_at=1e9)], reinforcement=0.1)
        await one.records.update("ns", "m7", MemoryChanges(content="x", embedding=unit(9000), updated_at=1.0))
        await one.records.archive("ns", ["m8"], 1.0)
        await one.records.delete("ns", ["m9"])
        await one.records.promote("ns", "s1", dedup_key=None, at=1.0)
    for where in (ALL, MemoryFilter(conversation_id="c1"), MemoryFilter(min_importance=0.9), MemoryFilter(until=1.0)):
        for query in (unit(3), unit(5), unit(9000), unit(77777)):
            for limit in (1, 10, 500):
                expected = await embedded.search.search_vector("ns", query, limit, where)
                found = await store.search.search_vector("ns", query, limit, where)
                # Products of other shapes are summed in another order, which may show in the last decimal.
                assert [one.similarity for one in found] == pytest.approx(
                    [one.similarity for one in expected], abs=2e-6
                )
                assert [one._replace(similarity=0.0) for one in found] == [
                    one._replace(similarity=0.0) for one in expected
                ]
        arguments = ("ns", ["word3", "shared"], 10, where)
        assert (await store.search.search_text(*arguments)).found == (
            await embedded.search.search_text(*arguments)
        ).found
    wanted = ["m7", "m8", "m9", "s1", "s2", "m3"]
    assert await store.search.candidates("ns", wanted, unit(4)) == await embedded.search.candidates(
        "ns", wanted, unit(4)
    )
    assert await store.search.similarities("ns", wanted, unit(4)) == await embedded.search.similarities(
        "ns", wanted, unit(4)
    )
    walk = {"bounds": Bounds(), "depth": 2, "where": ALL}
    assert await store.graph.neighbourhood("ns", ["m1"], ["e3"], **walk) == await embedded.graph.neighbourhood(
        "ns", ["m1"], ["e3"], **walk
    )
    wanted = ["m7", "m8", "s2"]
    ours, theirs = [await one.records.get("ns", wanted, with_embedding=True) for one in (store, embedded)]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.embedding == pytest.approx(other.embedding, abs=1e-6)
        assert mine.model_copy(update={"embedding": None}) == other.model_copy(update={"embedding": None})
    assert await store.records.delete("ns", ["m1", "m8"]) == await embedded.records.delete("ns", ["m1", "m8"])
    assert await store.records.forget("other", None) == await embedded.records.forget("other", None)
    assert await store.search.search_vector("other", unit(3), 5, ALL) == []
    assert (await store.info()).location.endswith(".sqlite3")
    await embedded.close()


@pytest.mark.parametrize("metric", ["cosine", "l2", "ip"])
async def test_all_metrics_find_the_same(opened: MakeStore, metric: str) -> None:
    rows = [new(f"m{i:03}") for i in range(300)]
    query = unit(4711)
    cosines = {row.memory_id: float(row.embedding @ query) for row in rows}
    async with opened(distance_metric=metric) as store:
        await store.records.insert("ns", rows, reinforcement=0.1)
        found = await store.search.search_vector("ns", query, 10, ALL)
        assert store._database.index._collection._collection.configuration["hnsw"]["space"] == metric
    assert ids(found) == sorted(cosines, key=lambda i: -cosines[i])[:10]
    assert [c.similarity for c in found] == pytest.approx([cosines[c.memory_id] for c in found], abs=1e-3)
    with pytest.raises(VectorStoreError) as caught:
        async with opened(distance_metric="l2" if metric == "ip" else "ip"):
            pass
    assert caught.value.field == "vector_store.distance_metric"


async def test_a_small_tenant_beside_a_large_one(store: EmbeddedStore) -> None:
    query = unit(1)
    large = [new(f"m{i}", embedding=query + 0.01 * unit(i + 100)) for i in range(1500)]
    await store.records.insert("large", large, reinforcement=0.1)
    await store.records.insert(
        "small", [new(f"m{i}", "text", embedding=-unit(i)) for i in range(50)], reinforcement=0.1
    )
    assert len(await store.search.search_vector("small", query, 50, ALL)) == 50
    few = MemoryFilter(since=1000.0 + 1480)
    assert ids(await store.search.search_vector("large", -query, 20, few)) != []
    assert len(await store.search.search_vector("large", -query, 20, few)) == 20
    # More matches than ids that fit into a statement.
    assert len(await store.search.search_vector("large", -query, 1200, MemoryFilter(since=1100.0))) == 1200


async def test_what_chroma_misses_is_found_exactly(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.records.insert("ns", [new(f"m{i}") for i in range(30)], reinforcement=0.1)
    expected = ids(await store.search.search_vector("ns", unit(3), 10, ALL))
    whole = Collection.query

    def poor(self: Collection, *arguments: Any) -> tuple[list[int], np.ndarray]:
        found, rows = whole(self, *arguments)
        return found[5:], rows[5:]

    monkeypatch.setattr(Collection, "query", poor)
    # Still enough come back, so what is missed is what an approximate index may miss.
    assert "m3" not in ids(await store.search.search_vector("ns", unit(3), 10, ALL))
    # Not enough come back, so everything is looked at.
    assert len(await store.search.search_vector("ns", unit(3), 29, ALL)) == 29
    assert ids(await store.search.search_vector("ns", unit(3), 29, ALL))[:10] == expected


async def test_neighbours_are_exact_and_gathered_in_parts(
    opened: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": tmp_path / "embedded"}))
    await embedded.open()
    await embedded.vectors.bind_model(MODEL, DIMENSION)
    wanted = [f"m{i}" for i in range(60)]
    found = []
    async with opened() as store:
        for one in (store, embedded):
            rows = [new(memory_id, embedding=unit(i) if i % 9 else None) for i, memory_id in enumerate(wanted)]
            await one.records.insert("ns", rows, reinforcement=0.1)
            await one.records.archive("ns", ["m4", "m40"], 3000.0)
            found.append(await one.search.nearest("ns", wanted, limit=5, min_similarity=-0.1))
        assert found[0].keys() == found[1].keys()
        for memory_id, neighbours in found[0].items():
            assert [other for other, _ in neighbours] == [other for other, _ in found[1][memory_id]]
            # Chroma keeps vectors in a rounding of its own.
            assert dict(neighbours) == pytest.approx(dict(found[1][memory_id]), abs=2e-6)
        # Parts of one memory each, of which some have no vector.
        monkeypatch.setattr("coda_graphmem.store.chroma.index.MAX_IDS", 1)
        assert await store.search.nearest("ns", wanted, limit=5, min_similarity=-0.1) == found[0]
    await embedded.close()


async def test_a_merge_before_chroma_took_the_vectors(
    opened: MakeStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(self: Collection, *arguments: Any) -> None:
        raise StoreUnavailableError("Chroma cannot be reached.")

    async with opened() as store:
        with monkeypatch.context() as down:
            down.setattr(Collection, "put", unreachable)
            await store.records.insert("ns", [new("m1"), new("m2")], reinforcement=0.1)
            await merge_one(store, "ns", "merged", ["m1", "m2"], kept="m2")
        kept, merged = await store.records.get("ns", ["m2", "merged"], with_embedding=True)
        assert kept.embedding == merged.embedding
        assert ids(await store.search.search_vector("ns", unit(2), 9, ALL)) == ["merged"]
        assert (await store.health.diagnose("ns", now=0.0)).without_vector == 0
        store._database.index._collection.drop([3])
        assert (await store.health.diagnose("ns", now=0.0)).without_vector == 1
    check_consistency(folder / "coda_memories.sqlite3")


async def test_forgetting_reaches_chroma(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new(f"m{i}") for i in range(5)], reinforcement=0.1)
    await store.records.insert("other", [new("m1")], reinforcement=0.1)
    assert in_chroma(store) == 6
    assert (await store.records.delete("ns", ["m1"])).vectors == 1
    assert in_chroma(store) == 5
    assert (await store.records.forget("ns", None)).vectors == 4
    assert in_chroma(store) == 1


async def test_reembedding_to_another_length(opened: MakeStore, place: dict[str, Any], folder: Path) -> None:
    async with opened(**place) as store:
        await store.records.insert("ns", [new(f"m{i}") for i in range(5)], reinforcement=0.1)
        await store.records.archive("ns", ["m4"], 1.0)
        rows = await store.vectors.pending_reembed("other", 8, 99)
        await store.vectors.save_reembedded([(ns, mid, text, unit(int(mid[1:]) + 50, 8)) for ns, mid, text in rows])
        assert ids(await store.search.search_vector("ns", unit(2), 1, ALL)) == ["m2"]
        await store.vectors.finish_reembed()
        assert ids(await store.search.search_vector("ns", unit(52, 8), 1, ALL)) == ["m2"]
        await store.records.insert("ns", [new("m9", embedding=unit(9, 8))], reinforcement=0.1)
        assert in_chroma(store) == 6
    async with opened(**place, bind=False) as store:
        await store.vectors.bind_model("other", 8)
        assert len(await store.search.search_vector("ns", unit(52, 8), 9, ALL)) == 5
        # Empty, the store takes any model; the collection has to follow.
        await store.records.forget("ns", None)
        await store.vectors.bind_model("third", 4)
        await store.records.insert("ns", [new("m1", embedding=unit(1, 4))], reinforcement=0.1)
        assert ids(await store.search.search_vector("ns", unit(1, 4), 9, ALL)) == ["m1"]
    check_consistency(folder / f"{place.get('collection_name', 'coda_memories')}.sqlite3")


async def test_batches_are_as_large_as_the_settings_say(opened: MakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    whole = Collection._call

    def noting(self: Collection, method: str, **arguments: Any) -> Any:
        if method == "upsert":
            sizes.append(len(arguments["ids"]))
        return whole(self, method, **arguments)

    monkeypatch.setattr(Collection, "_call", noting)
    async with opened(batch_size=4, max_batch_size=10) as store:
        await store.records.insert("ns", [new(f"m{i}") for i in range(25)], reinforcement=0.1)
        assert len(await store.search.search_vector("ns", unit(1), 99, ALL)) == 25
    assert sizes == [4, 4, 2, 4, 4, 2, 4, 1]


async def test_a_server_that_is_down(opened: MakeStore, own_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    settings = {"chroma_host": "127.0.0.1", "chroma_port": own_server.port}
    async with opened(**settings) as store:
        await store.records.insert("ns", [new("m1", "first")], reinforcement=0.1)
        own_server.stop()
        # A write is kept: the file is what counts. A search that needs vectors says what is wrong.
        with caplog.at_level(logging.WARNING):
            await store.records.insert("ns", [new("m2", "second secret words")], reinforcement=0.1)
        assert "yet to take" in caplog.text
        assert "secret" not in caplog.text
        await store.records.delete("ns", ["m1"])
        assert ids((await store.search.search_text("ns", ["second"], 5, ALL)).found) == ["m2"]
        with pytest.raises(StoreUnavailableError) as caught:
            await store.search.search_vector("ns", unit(2), 5, ALL)
        assert caught.value.field == "vector_store.chroma_host"
        assert "chroma run" in str(caught.value)
        own_server.start()
        assert ids(await store.search.search_vector("ns", unit(2), 5, ALL)) == ["m2"]
        assert in_chroma(store) == 1
    own_server.stop()
    with pytest.raises(StoreUnavailableError):
        async with opened(**settings):
            pass


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_process_killed_between_file_and_chroma(opened: MakeStore, folder: Path, moment: str) -> None:
    """Killed once the file has committed, before Chroma has heard of it or after, but before that is noted."""
    program = f"""
        import asyncio, os, signal, sys
        from pathlib import Path
        from coda_graphmem.store.chroma import index, outbox
        from tests.store.chroma.conftest import make_chroma
        from tests.store.factory import new, unit, MODEL, DIMENSION
        from coda_graphmem.store.protocol import MemoryChanges

        # Chroma's files are not written anew, so that it is clear which delivery is which.
        index._FEW = -1

        async def main():
            store = make_chroma(Path({str(folder)!r}))
            await store.open()
            await store.vectors.bind_model(MODEL, DIMENSION)
            await store.records.insert("ns", [new(f"m{{i}}") for i in range(5)], reinforcement=0.1)
            whole = outbox._deliver
            def die(*arguments):
                if {moment!r} == "after":
                    whole(*arguments)
                os.kill(os.getpid(), signal.SIGKILL)
            left = [3]
            def deliver(*arguments):
                left[0] -= 1
                if not left[0]:
                    die(*arguments)
                whole(*arguments)
            outbox._deliver = deliver
            await store.records.delete("ns", ["m0"])
            await store.records.archive("ns", ["m1"], 1.0)
            await store.records.insert("ns", [new("m7")], reinforcement=0.1)
        asyncio.run(main())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, check=False, env=_environment())  # noqa: ASYNC221
    assert done.returncode == -signal.SIGKILL
    async with opened() as store:
        assert sorted(ids(await store.search.search_vector("ns", unit(7), 9, ALL))) == ["m2", "m3", "m4", "m7"]
        assert ids(await store.search.search_vector("ns", unit(7), 1, ALL)) == ["m7"]
        assert in_chroma(store) == 5


def traces(folder: Path, *needles: bytes) -> list[bytes]:
    """What any file of a store holds."""
    parts = [part.read_bytes() for part in folder.rglob("*") if part.is_file()]
    return [needle for needle in needles if any(needle in part for part in parts)]


async def test_chromas_files_hold_nothing_of_what_is_gone(opened: MakeStore, folder: Path) -> None:
    async with opened() as store:
        rows = [new(f"{'xyzzy' if i % 2 else 'stays'}{i}", "text", embedding=unit(i)) for i in range(8)]
        await store.records.insert("ns", rows, reinforcement=0.1)
        put = decode([(i, encode(unit(i), half=True)) for i in (1, 2)], DIMENSION)[1]
        gone, kept = (row.tobytes()[:64] for row in put)
        needles = (b"xyzzy", b"stays", gone, kept)
        assert traces(folder, *needles) == list(needles)
        assert (await store.records.delete("ns", [row.memory_id for row in rows[1::2]])).pending == []
        # What stays is written as Chroma gave it, which rounds.
        assert traces(folder, b"xyzzy", b"stays", gone) == [b"stays"]
        assert in_chroma(store) == 4
        assert len(list((folder / "chroma").glob("*-*-*-*-*"))) == 1
        assert ids(await store.search.search_vector("ns", unit(2), 1, ALL)) == ["stays2"]
    async with opened() as store:
        assert ids(await store.search.search_vector("ns", unit(4), 9, ALL))[0] == "stays4"


async def test_room_for_vectors_to_come_holds_nothing(opened: MakeStore, folder: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new("a", "text", embedding=unit(1))], reinforcement=0.1)
    [room] = (folder / "chroma").glob("*/data_level0.bin")
    size = room.stat().st_size
    assert not any(room.read_bytes())
    # As if Chroma had written what its memory was used for before.
    room.write_bytes(b"xyzzy".ljust(size, b"."))
    async with opened() as store:
        assert ids(await store.search.search_vector("ns", unit(1), 1, ALL)) == ["a"]
        await store.records.insert("ns", [new("b", "text", embedding=unit(2))], reinforcement=0.1)
    assert room.read_bytes() == bytes(size)
    async with opened() as store:
        assert ids(await store.search.search_vector("ns", unit(2), 1, ALL)) == ["b"]


async def test_a_process_killed_while_it_cleans_chromas_files_loses_no_vector(opened: MakeStore, folder: Path) -> None:
    program = f"""
        import asyncio, os, signal
        from pathlib import Path
        from coda_graphmem.store.chroma.collection import Collection
        from tests.store.chroma.conftest import make_chroma
        from tests.store.factory import new, MODEL, DIMENSION

        async def main():
            store = make_chroma(Path({str(folder)!r}))
            await store.open()
            await store.vectors.bind_model(MODEL, DIMENSION)
            await store.records.insert("ns", [new(f"xyzzy{{i}}") for i in range(5)], reinforcement=0.1)
            clear = Collection.clear
            def die(self):
                clear(self)
                os.kill(os.getpid(), signal.SIGKILL)
            Collection.clear = die
            await store.records.delete("ns", ["xyzzy0"])
        asyncio.run(main())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, check=False, env=_environment())  # noqa: ASYNC221
    assert done.returncode == -signal.SIGKILL
    async with opened() as store:
        found = ids(await store.search.search_vector("ns", unit(7), 9, ALL))
        assert sorted(found) == ["xyzzy1", "xyzzy2", "xyzzy3", "xyzzy4"]
        assert (await store.health.diagnose("ns", now=0.0)).traces == []
        assert traces(folder, b"xyzzy0") == []


async def test_a_local_collection_stands_one_process(opened: MakeStore, folder: Path) -> None:
    program = f"""
        import asyncio
        from pathlib import Path
        from coda_graphmem.errors import StoreUnavailableError
        from tests.store.chroma.conftest import make_chroma

        async def main():
            store = make_chroma(Path({str(folder)!r}))
            try:
                await store.open()
            except StoreUnavailableError as error:
                print(error)
            else:
                print("open")
                await store.close()
        asyncio.run(main())
    """

    def elsewhere() -> str:
        command = [sys.executable, "-c", textwrap.dedent(program)]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=_environment()).stdout

    async with opened() as store, opened() as second:
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
        assert ids(await second.search.search_vector("ns", unit(1), 5, ALL)) == ["m1"]
        await second.close()
        assert "open in another process" in elsewhere()
    assert elsewhere() == "open\n"


async def test_two_stores_on_one_server_see_one_another(opened: MakeStore, place: dict[str, Any]) -> None:
    async with opened(**place) as one, opened(**place) as other:
        for i in range(4):
            await one.records.insert("ns", [new(f"m{i}")], reinforcement=0.1)
            assert ids(await other.search.search_vector("ns", unit(i), 1, ALL)) == [f"m{i}"]
        await other.records.delete("ns", ["m2"])
        assert "m2" not in ids(await one.search.search_vector("ns", unit(2), 9, ALL))


async def test_a_collection_belongs_to_one_file(tmp_path: Path, server: Server) -> None:
    settings = {"chroma_host": "127.0.0.1", "chroma_port": server.port, "collection_name": "test-shared-name"}
    first = make_chroma(tmp_path / "one", **settings)
    await first.open()
    await first.close()
    second = make_chroma(tmp_path / "two", **settings)
    with pytest.raises(VectorStoreError) as caught:
        await second.open()
    assert caught.value.field == "vector_store.collection_name"
    await second.close()


async def test_a_lost_collection_is_noticed_and_can_be_made_anew(
    opened: MakeStore, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    name = "test-lost"
    settings = {"chroma_host": "127.0.0.1", "chroma_port": server.port, "collection_name": name}
    async with opened(**settings) as store:
        await store.records.insert("ns", [new("m1"), new("m2")], reinforcement=0.1)
        store._database.index._collection._client.delete_collection(name)
    with caplog.at_level(logging.WARNING):
        async with opened(**settings) as store:
            assert "lost the vectors of 2 memories" in caplog.text
            assert await store.search.search_vector("ns", unit(1), 5, ALL) == []
            rows = await store.vectors.pending_reembed(MODEL, DIMENSION, 9)
            await store.vectors.save_reembedded([(ns, mid, text, unit(int(mid[1:]))) for ns, mid, text in rows])
            await store.vectors.finish_reembed()
            assert ids(await store.search.search_vector("ns", unit(1), 5, ALL)) == ["m1", "m2"]


async def test_a_file_is_not_opened_without_its_vectors(opened: MakeStore, folder: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    embedded = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": folder}))
    with pytest.raises(VectorStoreError) as caught:
        await embedded.open()
    assert caught.value.field == "vector_store_type"
    async with opened() as store:
        assert ids(await store.search.search_vector("ns", unit(1), 5, ALL)) == ["m1"]


async def test_the_missing_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "chromadb":
            raise ImportError(name)
        return whole(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    store = make_chroma(folder)
    with pytest.raises(VectorStoreError, match=r"coda-graphmem\[chroma\]"):
        await store.open()
    await store.close()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
