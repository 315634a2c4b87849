"""``kill -9`` at every moment of the commands that take long: run again, they end as if nothing had happened.

Imports and exports are killed in ``transfer/test_round_trip``.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import services
from tests.cli import crashes
from tests.cli.conftest import Run, listed, write_jsonl
from tests.store.embedded.conftest import check_consistency, raw

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")]

FILE = "coda_memories.sqlite3"
#: Nine memories are more than one batch of anything.
SMALL = {"VECTOR_STORE__BATCH_SIZE": "3", "VECTOR_STORE__MAX_BATCH_SIZE": "3", "BATCH_SIZE": "3"}


@pytest.fixture
def here(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands, with a store of two namespaces in ``data`` and a model that costs nothing."""
    for name, value in {**SMALL, "EMBEDDING_MODEL": "words"}.items():
        monkeypatch.setenv(f"CODA_GRAPHMEM_{name}", value)
    monkeypatch.setattr(services, "shared_embedder", crashes.stand_in)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name, numbers in {"default": range(7), "two": range(7, 9)}.items():
        rows = [{"text": f"Tom rowed on day {i}.", "memory_id": f"m{i}", "timestamp": float(i)} for i in numbers]
        run("import", str(write_jsonl(tmp_path / name, rows)), "-n", name, "--dir", "data")
    return run


def killed_at(moment: int, *arguments: str) -> bool:
    """Run a command in a process of its own that dies at a moment; false where it came to its end before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.cli.crashes"])
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=crashes.run_until, args=(theirs, arguments, moment, Path.cwd(), dict(os.environ)))
    child.start()
    theirs.close()
    child.join(60)
    if child.exitcode == -signal.SIGKILL:
        return True
    assert child.exitcode == 0
    assert ours.recv() >= 4, "The command writes in fewer steps than it is to be killed in."
    return False


def killed_at_every_moment(again: Callable[[], None], check: Callable[[], None], *arguments: str) -> int:
    """Kill a command before its first write, its second and so on; then look, run it again, and begin anew."""
    shutil.copytree(".", "../before")
    moment = 1
    while killed_at(moment, *arguments):
        check()
        again()
        for path in Path.cwd().iterdir():
            shutil.rmtree(path)
        shutil.copytree("../before", ".", dirs_exist_ok=True)
        moment += 1
    return moment - 1


def content(folder: str) -> Any:
    """All that a file says of memories, without row ids, which differ in a copy."""
    with raw(Path(folder) / FILE) as db:
        rows = db.execute(
            "SELECT n.name, m.memory_id, m.content, m.timestamp, m.importance_score, m.created_at, m.updated_at, "
            "v.data, (SELECT group_concat(e.key) FROM mentions AS x JOIN entities AS e ON e.id = x.entity "
            "WHERE x.memory = m.id) "
            "FROM memories AS m JOIN namespaces AS n ON n.id = m.namespace_id JOIN vectors AS v ON v.memory = m.id "
            "ORDER BY n.name, m.memory_id"
        ).fetchall()
        model = db.execute("SELECT key, value FROM meta WHERE key LIKE '%model%' OR key LIKE '%dimension%' ORDER BY 1")
        return rows, model.fetchall()


def test_reembed(here: Run) -> None:
    old = content("data")
    shutil.copytree("data", "../reembedded")
    here("reembed", "--model", "other", "--dir", "../reembedded")
    new = content("../reembedded")
    assert len(new[0]) == 9
    assert new != old

    def check() -> None:
        # All vectors are of one model, whenever it was killed, and searches go on.
        check_consistency(Path("data") / FILE)
        assert content("data")[0] == old[0]
        assert here("search", "Tom rowed", "-r", "0", "-l", "20", "--dir", "data", "--json").json

    def again() -> None:
        here("reembed", "--model", "other", "--dir", "data")
        assert content("data") == new
        with raw(Path("data") / FILE) as db:
            assert db.execute("SELECT count(*) FROM staged_vectors").fetchone() == (0,)
        check_consistency(Path("data") / FILE)

    assert killed_at_every_moment(again, check, "reembed", "--model", "other", "--dir", "data") >= 5


def test_backup(here: Run) -> None:
    whole = content("data")

    def check() -> None:
        assert not Path("saved").exists()
        if Path("saved.part").exists():
            assert "not finished" in here("restore", "saved.part", "--dir", "elsewhere", code=1).err

    def again() -> None:
        here("backup", "saved", "--dir", "data")
        assert {path.name for path in Path.cwd().iterdir()} == {"data", "saved"}
        assert {path.name for path in Path("saved").iterdir()} == {FILE}
        check_consistency(Path("saved") / FILE)
        assert content("saved") == content("data") == whole

    arguments = ("backup", "saved", "--dir", "data")
    assert killed_at_every_moment(again, check, *arguments) >= 5
    shutil.rmtree("saved")
    assert killed_at(0, *arguments)
    check()
    again()
    shutil.rmtree("saved")
    assert killed_at(-1, *arguments)
    assert content("saved") == whole


@pytest.mark.parametrize("command", ["restore", "copy"])
def test_restore_and_copy(here: Run, command: str) -> None:
    whole, arguments = content("data"), ("restore", "data", "--dir", "there")
    if command == "copy":
        arguments = ("copy", "--from", "embedded", "--to", "embedded", "--dir", "data", "--to-dir", "there")

    def check() -> None:
        listed(here, "--dir", "there")
        check_consistency(Path("there") / FILE)

    def again() -> None:
        assert here(*arguments, "--json").json["complete"]
        assert content("there") == content("data") == whole
        check_consistency(Path("there") / FILE)

    assert killed_at_every_moment(again, check, *arguments) >= 5
