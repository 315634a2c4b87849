"""The file of near vectors: what it finds, what it is never trusted with, and what it forgets."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from coda_graphmem.children import ChildError
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.embedded.proximity_build import build, building, file_of, growing
from coda_graphmem.store.embedded.proximity_file import ProximityFile, rounded
from coda_graphmem.store.embedded.proximity_view import ProximityView
from coda_graphmem.store.embedded.rows import encode
from coda_graphmem.store.embedded.vector_index import decode
from coda_graphmem.store.protocol import MemoryChanges
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.factory import DIMENSION, MODEL, new, unit

COUNT = 4_000
ALL = MemoryFilter()
INDEXED = {"exact_up_to": 100}
#: Vectors as they are kept, in half precision.
_KEPT = decode([(i, encode(unit(i), half=True)) for i in range(COUNT)], DIMENSION)[1]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of many memories and their file, to be copied."""
    folder = tmp_path_factory.mktemp("filled") / "memory"
    settings = {"persist_directory": folder, **INDEXED}

    async def fill() -> None:
        store = EmbeddedStore(MemoryConfig(vector_store=settings))
        await store.open()
        await store.vectors.bind_model(MODEL, DIMENSION)
        for start in range(0, COUNT, 1_000):
            rows = [new(f"m{i}", importance_score=(i % 100) / 100) for i in range(start, start + 1_000)]
            await store.records.insert("ns", rows, reinforcement=0.1)
        await store.close()

    asyncio.run(fill())
    assert build(folder / "coda_memories.sqlite3", 1) == COUNT
    return folder


@pytest.fixture
async def store(folder: Path, opened: MakeStore, filled: Path) -> AsyncIterator[EmbeddedStore]:
    """A copy of that, open."""
    shutil.copytree(filled, folder)
    async with opened(vector_store={"persist_directory": folder, **INDEXED}) as one:
        yield one


async def found(store: EmbeddedStore, seed: int, limit: int = 10, where: MemoryFilter = ALL) -> list[str]:
    return [one.memory_id for one in await store.search.search_vector("ns", unit(seed), limit, where)]


def exact(seed: int, limit: int, step: int = 1, without: frozenset[int] = frozenset()) -> list[str]:
    ids = [i for i in range(0, COUNT, step) if i not in without]
    scores = _KEPT[ids] @ unit(seed)
    return [f"m{ids[i]}" for i in np.argsort(-scores)[:limit]]


async def has_file(store: EmbeddedStore) -> bool:
    return isinstance(await store._database.read(lambda c: store._database.index.view(c, "ns")), ProximityView)


def holds(path: Path, seed: int) -> bool:
    return rounded(_KEPT[seed][None, :])[0].tobytes() in path.read_bytes()


async def test_it_finds_what_a_comparison_with_all_finds(store: EmbeddedStore, file: Path) -> None:
    assert await has_file(store)
    if os.name == "posix":
        assert stat.S_IMODE(file_of(file, 1).stat().st_mode) == 0o600
    hits = 0
    for seed in range(9_000, 9_020):
        hits += len({*await found(store, seed, 50)} & {*exact(seed, 50)})
    assert hits >= 0.99 * 20 * 50
    # A filter that keeps one in a hundred: each of those is compared.
    rare = MemoryFilter(min_importance=0.0, max_importance=0.0)
    assert await found(store, 9_000, 40, rare) == exact(9_000, 40, step=100)
    # One that keeps nearly all, and a search for nearly all.
    most = MemoryFilter(max_importance=0.985)
    kept = [one for one in exact(9_001, 20) if int(one[1:]) % 100 != 99][:10]
    assert await found(store, 9_001, 10, most) == kept
    many = {one for one in exact(9_002, COUNT) if int(one[1:]) % 100 != 99}
    assert {*await found(store, 9_002, COUNT, most)} == many
    cosines = await store.search.similarities("ns", ["m7", "m8", "none"], unit(7))
    assert cosines["m7"] == pytest.approx(1.0, abs=1e-3)
    assert cosines.keys() == {"m7", "m8"}
    nearest = await store.search.nearest("ns", ["m7"], limit=3, min_similarity=-1.0)
    assert [one for one, _ in nearest["m7"]] == exact(7, 4)[1:]


async def test_what_came_changed_or_went_since_is_seen_at_once(store: EmbeddedStore, file: Path) -> None:
    path = file_of(file, 1)
    assert holds(path, 5)
    assert holds(path, 6)
    await store.records.insert("ns", [new("m5000")], reinforcement=0.1)
    await store.records.update("ns", "m5", MemoryChanges(updated_at=1.0, content="other", embedding=unit(5_001)))
    await store.records.delete("ns", ["m6"])
    await store.records.archive("ns", ["m7"], 3_000.0)
    assert await has_file(store)
    assert await found(store, 5_000, 1) == ["m5000"]
    assert await found(store, 5_001, 1) == ["m5"]
    for seed, gone in ((5, "m5"), (6, "m6"), (7, "m7")):
        assert gone not in await found(store, seed, 20)
    # No byte is left of what was removed, or said otherwise before.
    assert not holds(path, 5)
    assert not holds(path, 6)
    assert not await store._database.read(store._database.index.is_behind)
    # What was added to it has all of that.
    assert build(file, 1) == 2
    assert not holds(path, 6)
    assert await found(store, 5_000, 1) == ["m5000"]
    # Without m6 and m7, and with m5 once.
    assert ProximityFile(path).count == COUNT - 1
    await store.records.forget("ns", None)
    assert not path.exists()


async def test_a_process_that_died_before_it_overwrote_is_made_up_for(
    store: EmbeddedStore, file: Path, opened: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(file, 1)
    monkeypatch.setattr("coda_graphmem.store.embedded.proximity.ProximityFiles.clean", lambda *_: False)
    receipt = await store.records.delete("ns", ["m9"])
    assert "vectors" in receipt.pending
    assert holds(path, 9)
    assert "m9" not in await found(store, 9, 5)
    monkeypatch.undo()
    async with opened(vector_store={"persist_directory": file.parent, **INDEXED}) as other:
        assert not holds(path, 9)
        assert await has_file(other)


@pytest.mark.parametrize("harm", ["short", "ids", "end", "foreign"])
async def test_what_is_torn_damaged_or_foreign_is_thrown_away(
    store: EmbeddedStore, file: Path, opened: MakeStore, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = file_of(file, 1)
    data = bytearray(path.read_bytes())
    await store.close()
    match harm:
        case "short":
            data = data[: len(data) // 2]
        case "ids":
            data[8 * COUNT + 5_000] ^= 255
        case "end":
            data[-60] ^= 255
        case _:
            with raw(file) as db:
                db.execute("UPDATE meta SET value = 'another' WHERE key = 'proximity_store'")
    path.write_bytes(data)
    async with opened(vector_store={"persist_directory": file.parent, **INDEXED}) as other:
        assert not await has_file(other)
        assert await found(other, 9_000, 10) == exact(9_000, 10)
        diagnosis = await other.health.diagnose("ns", now=0.0)
        assert diagnosis.vectors_to_index == COUNT
        if harm != "ids":
            return
        # Once is enough, as a child does it.
        assert await other.health.index_vectors("ns") == COUNT
        assert await has_file(other)
        assert (await other.health.diagnose("ns", now=0.0)).vectors_to_index == 0


async def test_an_older_store_that_is_put_back_does_not_get_the_newer_file(
    store: EmbeddedStore, file: Path, opened: MakeStore, filled: Path
) -> None:
    await store.records.delete("ns", ["m3"])
    path = file_of(file, 1)
    newer = path.read_bytes()
    await store.close()
    shutil.copyfile(filled / file.name, file)
    path.write_bytes(newer)
    async with opened(vector_store={"persist_directory": file.parent, **INDEXED}) as other:
        assert not path.exists()
        assert (await found(other, 3, 1)) == ["m3"]


async def test_one_builder_works_at_a_time_and_what_a_killed_one_left_goes(store: EmbeddedStore, file: Path) -> None:
    path = file_of(file, 1)
    path.unlink()
    growing(path).write_bytes(rounded(unit(1)[None, :])[0].tobytes())
    with building(path), pytest.raises(BlockingIOError):
        build(file, 1)
    assert build(file, 1) == COUNT
    assert not growing(path).exists()
    assert build(file, 1) == 0
    assert await has_file(store)


async def test_a_removal_overwrites_while_another_process_makes_the_file(
    store: EmbeddedStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = file_of(file, 1)
    growing(path).write_bytes(b"half")
    with building(path):
        await store.records.delete("ns", ["m8"])
        assert not holds(path, 8)
        assert growing(path).read_bytes() == b"half"
    assert not caplog.records
    # What was being made is thrown away once nobody makes it any more.
    await store.records.delete("ns", ["m9"])
    assert not growing(path).exists()


async def test_a_search_that_misses_the_file_has_it_made(
    store: EmbeddedStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(file, 1)
    path.unlink()
    await store.close()
    monkeypatch.setattr("coda_graphmem.store.embedded.proximity._DELAY", 0.0)
    await store.open()
    assert await found(store, 9_000, 10) == exact(9_000, 10)
    while not path.exists():  # noqa: ASYNC110 - a child makes it, and the test's own limit ends this
        await asyncio.sleep(0.05)
    assert await has_file(store)


async def test_where_no_child_can_be_started_it_is_made_here_and_one_that_fails_is_an_error(
    store: EmbeddedStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(file, 1)
    path.unlink()
    start = "coda_graphmem.store.embedded.proximity.start_child"

    def end_at_once(*_: object, **__: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-S", "-c", "raise SystemExit(7)"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def refuse(*_: object, **__: object) -> None:
        raise ChildError("frozen")

    monkeypatch.setattr(start, end_at_once)
    with pytest.raises(MemoryStorageError, match="status 7"):
        await store.health.index_vectors("ns")
    monkeypatch.setattr(start, refuse)
    with building(path):
        assert await store.health.index_vectors("ns") == 0
    assert await store.health.index_vectors("ns") == COUNT
    assert await has_file(store)


async def test_few_memories_and_a_high_limit_need_no_file(store: EmbeddedStore, file: Path, opened: MakeStore) -> None:
    await store.close()
    async with opened(vector_store={"persist_directory": file.parent, "exact_up_to": COUNT}) as other:
        assert not await has_file(other)
        assert await other.health.index_vectors("ns") == 0
        assert file_of(file, 1).is_file()
    async with opened(vector_store={"persist_directory": file.parent, "exact_up_to": 10 * COUNT}) as other:
        assert await other.health.index_vectors("ns") == 0
        assert not file_of(file, 1).is_file()


async def test_other_vectors_for_all_need_another_file(store: EmbeddedStore, file: Path) -> None:
    assert await store.vectors.pending_reembed("other", DIMENSION, 1)
    await store.vectors.save_reembedded([("ns", f"m{i}", f"content of m{i}", unit(i + 1)) for i in range(COUNT)])
    await store.vectors.finish_reembed()
    assert not file_of(file, 1).exists()
    assert await found(store, 1, 1) == ["m0"]
