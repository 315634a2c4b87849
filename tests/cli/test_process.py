"""The command as the shell sees it: exit codes, streams, Ctrl-C, and what a start loads."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from tests.cli.conftest import write_jsonl

pytestmark = pytest.mark.slow

COMMAND = str(Path(sys.executable).parent / "coda-graphmem")
TURNS = 400


def call(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


def test_version_and_help() -> None:
    done = call("--version")
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "coda-graphmem", "")
    assert "import" in call("--help").stdout


def test_streams_and_exit_codes() -> None:
    added = call("add", "-", "--json", stdin="Nora rows on Sundays.")
    assert added.returncode == 0, added.stderr
    memory_id = json.loads(added.stdout)["memory_id"]
    found = call("search", "rowing", "--json", "-r", "0")
    assert found.returncode == 0
    assert [item["memory_id"] for item in json.loads(found.stdout)] == [memory_id]
    people = call("search", "rowing", "-r", "0")
    assert "\x1b" not in people.stdout
    failed = call("show", "nothing")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: there is no memory nothing")
    assert "Traceback" not in failed.stderr
    assert call("show").returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
def test_output_that_goes_nowhere_is_told_on_one_line() -> None:
    call("add", "Nora rows.")
    told = "Error: standard output cannot be used (No space left on device)."
    if Path("/dev/full").exists():
        for arguments in (["list"], ["stats", "--json"], ["export", "-", "-f", "jsonl"]):
            with Path("/dev/full").open("w") as full:
                done = subprocess.run(
                    [COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
                )
            assert (done.returncode, done.stderr.splitlines()[-1][: len(told)]) == (1, told)
            assert "Traceback" not in done.stderr
    # Who has read enough closes the pipe, which is nobody's fault and not worth a word; services have no output at all.
    for shell in (f"{COMMAND} export - -f jsonl | true", f"{COMMAND} list >&-"):
        done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        assert "Error" not in done.stderr
        assert "Traceback" not in done.stderr


def test_verbose_logs_and_says_where_an_error_comes_from() -> None:
    done = call("show", "nothing", "--verbose")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "coda_memories.sqlite3").write_text("this is no database, whatever its name says" * 100)
    for path in folder.iterdir():
        failed = call("search", "x", "--dir", str(folder))
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        assert path.name in failed.stderr


def test_no_module_comes_from_the_folder_a_command_is_run_in(tmp_path: Path) -> None:
    for name in ("spacy", "typer", "numpy", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from here')")
    code = (
        "import sys; from coda_graphmem import cli\n"
        "sys.path[:0] = ['', sys.argv[1]]; sys.argv[1:] = ['--version']; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_wrong_settings_in_the_environment() -> None:
    failed = call("stats", CODA_GRAPHMEM_NAMESPCAE="x")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: CODA_GRAPHMEM_NAMESPCAE")


def test_a_search_loads_neither_torch_nor_spacy() -> None:
    call("add", "Nora rows.")
    script = (
        "import sys; from coda_graphmem.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'torch', 'spacy', 'neo4j', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "search", "rowing", "-r", "0"], capture_output=True, text=True, check=True
    )
    assert "Nora rows" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a POSIX signal here")
def test_an_import_stopped_by_ctrl_c_is_continued(tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "long.jsonl", [{"text": f"Turn {i} about the weather in Lisbon"} for i in range(TURNS)]
    )
    folder = tmp_path / "memory"
    environment = {**os.environ, "CODA_GRAPHMEM_BATCH_SIZE": "5"}
    process = subprocess.Popen(
        [COMMAND, "import", str(path), "--dir", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    asyncio.run(some_are_stored(folder))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert f"of {TURNS} memories are stored" in err
    assert "Stopped." in err
    assert "Traceback" not in err
    stored = int(err.split(f" of {TURNS} ")[0].split()[-1])
    # The first batch may be in the store and not yet be counted.
    assert stored < TURNS
    again = call("import", str(path), "--dir", str(folder), "--json")
    assert again.returncode == 0, again.stderr
    result = json.loads(again.stdout)
    assert result["memories"] == TURNS
    assert 0 < result["new"] <= TURNS - stored
    assert json.loads(call("stats", "--dir", str(folder), "--json").stdout)["total_memories"] == TURNS


async def some_are_stored(folder: Path) -> None:
    """Wait until the other process has stored its first batch."""
    give_up = time.monotonic() + 60
    async with MemoryManager(MemoryConfig(vector_store={"persist_directory": folder})) as memory:
        while not await memory.count():
            assert time.monotonic() < give_up
            await asyncio.sleep(0.02)
