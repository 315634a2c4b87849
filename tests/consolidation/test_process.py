"""Many texts are read in a process of its own, which never outlives its run or its parent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryType
from coda_graphmem.children import folders_of
from coda_graphmem.consolidation.process import ReadingProcess, ReadingProcessError
from coda_graphmem.consolidation.readings import Reader
from coda_graphmem.consolidation.texts import Texts
from coda_graphmem.models import Memory
from tests.conftest import open_memory
from tests.fakes import Clock

pytestmark = pytest.mark.slow

CONTENTS = ["Anna: I like plums.", "Tom called Maria at 5 pm.", "The rent is €20."]
MEMORIES = [
    Memory(
        memory_id=f"m{i}", content=content, memory_type=MemoryType.SEMANTIC, timestamp=0.0, importance_score=0.5,
        metadata={"speaker": "Anna"},
    )
    for i, content in enumerate(CONTENTS)
]  # fmt: skip


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"


def is_gone(pid: int, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(pid)


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    one = ReadingProcess()
    yield one
    one.close()


def test_it_reads_as_this_process_does(process: ReadingProcess, reader: Reader) -> None:
    speakers = ["Anna", None, None]
    for _ in range(2):
        assert process.read(CONTENTS, speakers) == reader.read(CONTENTS, speakers)


def test_what_was_ended_says_so() -> None:
    one = ReadingProcess()
    assert is_alive(one.pid)
    one.close()
    assert not is_alive(one.pid)
    with pytest.raises(ReadingProcessError):
        one.read(CONTENTS, [None] * 3)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_it_needs_no_guard_in_the_program_and_dies_with_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal\n"
        "from coda_graphmem.consolidation.process import ReadingProcess\n"
        "print(ReadingProcess().pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False
    )
    [pid] = done.stdout.split()
    assert is_gone(int(pid))


#: Modules that Python or what reads texts looks for, some of which are not installed.
LOOKED_FOR = ("sitecustomize", "usercustomize", "spacy", "thinc", "numpy", "pickle", "cupy", "torch", "coda_graphmem")


def test_it_runs_nothing_of_the_folder_a_program_works_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOOKED_FOR:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'a').write({name!r})")
    monkeypatch.chdir(tmp_path)
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "sitecustomize.py"))
    monkeypatch.setenv("PYTHONINSPECT", "1")
    monkeypatch.setattr(sys, "path", [*sys.path, "", str(tmp_path)])
    one = ReadingProcess()
    # It answers, though by then it could not without its packages.
    assert len(one.read(["Tom rows."], [None])) == 1
    assert not (tmp_path / "mark").exists()
    if Path("/proc/self").exists():
        assert Path(f"/proc/{one.pid}/cwd").resolve() != tmp_path
    one.close()


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_packages_are_found_where_nobody_else_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("own", "open", "here"):
        (tmp_path / name / f"package_{name}").mkdir(parents=True)
        (tmp_path / name / f"package_{name}" / "__init__.py").write_text("")
        monkeypatch.syspath_prepend(str(tmp_path / name))
    (tmp_path / "here" / "module_here.py").write_text("")
    (tmp_path / "open").chmod(0o777)
    monkeypatch.chdir(tmp_path / "here")
    names = ("package_own", "package_open", "package_here", "module_here", "no_such_package")
    assert folders_of(names) == [str(tmp_path / "own")]


async def test_few_texts_are_read_here(reader: Reader) -> None:
    async with Texts(reader, many=3) as texts:
        assert list(await texts.read(MEMORIES)) == ["m0", "m1", "m2"]
        assert texts.pid is None


async def test_many_texts_are_read_there_and_what_ends_early_is_gone_on_without(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    async with Texts(reader, many=1) as texts:
        first = await texts.read(MEMORIES[:2])
        assert texts.pid is not None
        os.kill(texts.pid, 9)
        second = await texts.read(MEMORIES)
        assert texts.pid is None
    async with Texts(reader) as plain:
        assert await plain.read(MEMORIES) == second
    assert second == first | {"m2": second["m2"]}
    [record] = caplog.records
    assert "status -9" in record.message


async def test_where_it_cannot_start_texts_are_read_here(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for executable, frozen in (("", False), ("/nowhere/python", False), ("/bin/sh", False), (sys.executable, True)):
        monkeypatch.setattr(sys, "executable", executable)
        monkeypatch.setattr(sys, "frozen", frozen, raising=False)
        async with Texts(reader, many=0) as texts:
            assert len(await texts.read(MEMORIES)) == 3
    assert ["searches wait for them" in record.message for record in caplog.records] == [True] * 4


async def test_a_reading_that_is_stopped_ends_it_at_once(reader: Reader) -> None:
    async with Texts(reader, many=0) as texts:
        reading = asyncio.create_task(texts.read(MEMORIES))
        await asyncio.sleep(0)
        pid = texts.pid
        assert pid is not None
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert not is_alive(pid)


async def test_a_consolidation_has_many_texts_read_there(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    class Noted(ReadingProcess):
        def __init__(self) -> None:
            super().__init__()
            started.append(self.pid)

    monkeypatch.setattr("coda_graphmem.consolidation.texts.ReadingProcess", Noted)
    config = MemoryConfig(similarity_threshold=0.6, vector_store={"persist_directory": tmp_path / "memory"})
    async with open_memory(config, clock) as memory:
        for content in ("I like ripe plums.", "I love ripe plums.", "I bought three plums.", "I bought five plums."):
            await memory.store_memory(content, MemoryType.PREFERENCE)
        here = await memory.consolidate_memories(dry_run=True)
        assert started == []
        monkeypatch.setitem(Texts.__init__.__kwdefaults__, "many", 1)
        there = await memory.consolidate_memories(dry_run=True)
        assert (there.proposals, there.refused) == (here.proposals, here.refused)
        assert (there.consolidated_count, there.refused_by_guard) == (2, {"numbers": 1})
        [pid] = started
        assert not is_alive(pid)
