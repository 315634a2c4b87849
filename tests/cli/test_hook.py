"""``hook`` as it is read when it is not written as assistants write it; `tests.hooks` has what it does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.hooks import client, command
from coda_graphmem.hooks.queue import read_notes
from coda_graphmem.hooks.state import StateFolder
from tests.cli.conftest import Run

TOLD = json.dumps({"session_id": "s1", "transcript_path": "/t.jsonl"})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where no daemon is started."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(client, "start_daemon", lambda *_: None)
    return tmp_path


def noted(*options: str) -> list[Any]:
    return [note and (note.namespace, note.is_shortened) for _, note in read_notes(StateFolder(options).notes)]


@pytest.mark.usefixtures("home")
def test_options_may_stand_before_it_and_mean_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = str(tmp_path / "there")
    run("--dir", "there", "--namespace", "ours", "hook", "PreCompact", stdin=TOLD)
    assert noted("--dir", place) == [("ours", True)]
    with (tmp_path / "told").open("w+") as told:
        told.write(TOLD)
        told.seek(0)
        monkeypatch.setattr(sys, "stdin", told)
        with pytest.raises(SystemExit) as done:
            command.run(["Stop", "--namespace", "ours", "--dir", "there"])
    assert done.value.code == 0
    assert noted("--dir", place) == [("ours", True), ("ours", False)]
    run("--store", "neo4j", "--namespace", "theirs", "hook", "Stop", stdin=TOLD)
    assert noted("--store", "neo4j") == [("theirs", False)]
    monkeypatch.setenv("CODA_GRAPHMEM_NAMESPACE", "all")
    run("hook", "Stop", stdin=TOLD)
    assert noted() == [("all", False)]


@pytest.mark.usefixtures("home")
def test_what_is_wrong_is_told(run: Run) -> None:
    assert "There is no event" in run("hook", "Stopped", stdin=TOLD, code=1).err
    assert "no JSON object" in run("hook", "Stop", stdin="", code=1).err
    assert "Missing argument" in run("hook", code=2).err
    assert "--agent" in run("--agent", "x", "hook", "Stop", stdin=TOLD, code=1).err
    # What is written in another way is read like other commands.
    for arguments in ([], ["--help"], ["Stop", "--dir"], ["Stop", "--verbose"], ["Stop", "--dir", "a", "--dir", "b"]):
        command.run(arguments)
