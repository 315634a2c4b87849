"""Hooks as an assistant starts them: processes of their own, that answer in time or not at all."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hooks.lines import append, said

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="processes of POSIX")]

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from coda_graphmem.cli import main; main()"]


class Home:
    """A folder of somebody who uses hooks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.project = path / "shop"
        self.project.mkdir()
        self._environment = {
            **os.environ, "HOME": str(path), "PYTHONPATH": str(ROOT), "CLAUDE_PROJECT_DIR": str(self.project)
        }  # fmt: skip

    def hook(self, event: str, *options: str, **told: Any) -> tuple[subprocess.CompletedProcess[str], float]:
        """What a hook does, and how many seconds it takes."""
        started = time.perf_counter()
        done = subprocess.run(
            [*PROGRAM, "hook", event, *options],
            input=json.dumps({"session_id": "s1", "hook_event_name": event, **told}),
            env=self._environment, cwd=self.project, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done, time.perf_counter() - started

    def context(self, event: str, **told: Any) -> str:
        """What a hook adds to a conversation; empty for nothing."""
        done, _ = self.hook(event, **told)
        assert (done.returncode, done.stderr) == (0, "")
        if not done.stdout:
            return ""
        answer = json.loads(done.stdout)["hookSpecificOutput"]
        assert answer["hookEventName"] == event
        return str(answer["additionalContext"])

    @property
    def folder(self) -> Path:
        """Of the daemon."""
        [folder] = (self.path / ".coda-graphmem" / "hooks").iterdir()
        return folder

    def daemons(self) -> list[int]:
        """Their process ids."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                is_one = b"coda_graphmem.cli.daemon" in (process / "cmdline").read_bytes()
                if is_one and (process / "cwd").readlink() == self.folder:
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def kill(self) -> None:
        for process in self.daemons():
            os.kill(process, signal.SIGKILL)
        eventually(lambda: not self.daemons())


def eventually(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "It does not come."
        time.sleep(0.05)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.kill()


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes in /proc")
def test_a_session_is_kept_and_recalled(home: Home) -> None:
    # There is no daemon: the hook ends in time all the same. A machine that does much else may take its time.
    done, seconds = home.hook("SessionStart", source="startup")
    assert (done.returncode, done.stderr) == (0, "")
    assert seconds < 5
    path = append(home.path / "t.jsonl", said(1, "Plums ripen in August."))
    done, seconds = home.hook("Stop", transcript_path=str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert seconds < 5
    eventually(lambda: not any((home.folder / "notes").iterdir()))
    eventually(lambda: home.context("UserPromptSubmit", session_id="s2", prompt="When do plums ripen?"))
    assert "Plums ripen" in home.context("UserPromptSubmit", session_id="s3", prompt="When do plums ripen?")
    assert home.context("UserPromptSubmit", session_id="s3", prompt="When do plums ripen?") == ""
    assert home.context("UserPromptSubmit", session_id="s2", prompt="zzz") == ""
    assert len(home.daemons()) == 1
    assert (home.folder / "log").read_text() == ""
    if os.name == "posix":
        assert {path.stat().st_mode & 0o077 for path in home.folder.rglob("*")} == {0}

    # What was noted is kept by the daemon that runs next, when one is killed.
    home.kill()
    append(path, said(2, "Rex barks at night."))
    home.hook("SessionEnd", transcript_path=str(path))
    home.kill()
    assert len(list((home.folder / "notes").iterdir())) == 1
    home.hook("PreCompact", transcript_path=str(path))
    eventually(lambda: not any((home.folder / "notes").iterdir()))
    with sqlite3.connect(home.path / ".coda-graphmem" / "coda_memories.sqlite3") as file:
        held = file.execute("SELECT content FROM memories WHERE memory_id LIKE 'claude-code%' ORDER BY 1").fetchall()
    assert held == [("Plums ripen in August.",), ("Rex barks at night.",)]


def test_what_an_assistant_waits_for_loads_python_alone() -> None:
    code = "import coda_graphmem.hooks.command, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().split())
    heavy = {"pydantic", "typer", "numpy", "asyncio", "logging", "coda_graphmem.manager", "coda_graphmem.config"}
    assert not loaded & heavy


def test_a_failure_is_one_line_and_no_obstacle(home: Home) -> None:
    for event, told, why in (
        ("Stopped", {}, "There is no event"),
        ("Stop", {"hook_event_name": "SessionEnd"}, "is of 'SessionEnd'"),
        ("Stop", {"session_id": ""}, "session_id is missing"),
    ):
        done, _ = home.hook(event, **told)
        # 2 would stop the assistant.
        assert (done.returncode, done.stdout) == (1, "")
        assert why in done.stderr
        assert done.stderr.count("\n") == 1
    (home.path / ".coda-graphmem").write_text("")
    done, _ = home.hook("Stop", transcript_path="/t.jsonl")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    (home.path / ".coda-graphmem").unlink()
