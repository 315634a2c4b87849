"""What a store makes is its owner's alone, and nothing that was planted is followed or waited for."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError, VectorStoreError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges
from tests.store.embedded.conftest import MakeStore
from tests.store.factory import new

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, links and modes as POSIX has them")

ALL = MemoryFilter()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def set_mode(path: Path, value: int) -> None:
    path.chmod(value)


def below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.fixture
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_usual_umask")
async def test_what_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    store = EmbeddedStore(MemoryConfig(vector_store={"persist_directory": tmp_path / "a" / "b"}))
    await store.open()
    await store.records.insert("ns", [new("m1")], reinforcement=0.1)
    made = below(tmp_path)
    assert [path.name for path in made if path.is_file()] == [f"coda_memories.sqlite3{e}" for e in ("", "-shm", "-wal")]
    assert {mode(path) for path in made} == {0o600, 0o700}
    await store.close()


@pytest.mark.usefixtures("_usual_umask")
async def test_what_is_there_keeps_its_mode(folder: Path, file: Path, opened: MakeStore) -> None:
    plant(folder, "directory")
    async with opened():
        pass
    assert (mode(folder), mode(file)) == (0o755, 0o600)
    set_mode(file, 0o640)
    async with opened():
        assert (mode(folder), mode(file)) == (0o755, 0o640)


def plant(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(os.path.relpath(path))
    else:
        path.symlink_to("/dev/null" if kind == "device" else path.name)


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
@pytest.mark.parametrize("kind", ["pipe", "directory", "socket", "device", "circle"])
async def test_what_is_no_file_is_refused_at_once(
    file: Path, kind: str, ending: str, opened: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parents[1])  # Sockets have short names.
    plant(file.with_name(file.name + ending), kind)
    for _ in range(2):
        with pytest.raises(VectorStoreError) as caught:
            async with opened():
                pass
        assert caught.value.remedy
        assert kind == "circle" or f"is a {kind}" in str(caught.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="makes links of another user")
@pytest.mark.parametrize("planted", ["file", "folder"])
async def test_links_of_somebody_else_are_refused(folder: Path, file: Path, opened: MakeStore, planted: str) -> None:
    link, target = (file, folder.parent / "victim") if planted == "file" else (folder, folder.parent / "others")
    (folder if planted == "file" else target).mkdir()
    link.symlink_to(target)
    os.chown(link, 1234, 1234, follow_symlinks=False)
    with pytest.raises(VectorStoreError, match="somebody else"):
        async with opened():
            pass
    assert not (folder.parent / "victim").exists()


async def test_a_frozen_store_sees_one_moment_and_writes_nothing(store: EmbeddedStore) -> None:
    await store.records.insert("ns", [new("m1", "before", entities=["e"]), new("m2")], reinforcement=0.1)
    async with store.frozen() as frozen:
        assert frozen is not None
        await store.records.update("ns", "m1", MemoryChanges(updated_at=1.0, content="after"))
        await store.records.delete("ns", ["m2"])
        await store.records.insert("other", [new("m3")], reinforcement=0.1)
        for _ in range(2):
            found = await frozen.records.get("ns", ["m1", "m2"], with_embedding=True)
            assert [(memory.memory_id, memory.content) for memory in found] == [
                ("m1", "before"),
                ("m2", found[1].content),
            ]
            assert found[0].embedding is not None
            assert await frozen.records.namespaces() == ["ns"]
        assert await frozen.info() == await store.info()
        with pytest.raises(NotInitializedError):
            await frozen.records.delete("ns", ["m1"])
    assert [memory.content for memory in await store.records.find("ns", ALL, now=0.0)] == ["after"]
    with pytest.raises(NotInitializedError):
        await frozen.records.live_count("ns")
