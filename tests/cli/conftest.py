"""Runs commands in this process, where the models are loaded once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coda_graphmem.cli.app import app

TURNS: list[dict[str, Any]] = [
    {"text": "Our tent went mouldy. Margit from the choir is lending us hers.", "conversation_id": "trip"},
    {"text": "Which campsite is open at Easter?", "conversation_id": "trip", "speaker": "Assistant"},
    {"text": "The one near the oyster beds opens on the 28th.", "conversation_id": "trip", "speaker": "Nora"},
    {"text": "Margit goes through a jar of ginger marmalade a week.", "conversation_id": "baking"},
    {"text": "Beat 200 g butter with 180 g sugar, then fold in the almonds.", "conversation_id": "baking"},
    {"text": "The boiler lost its pressure again this morning.", "conversation_id": "house"},
    {"text": "A plumber replaced the relief valve on the boiler.", "conversation_id": "house"},
]
TYPES = ["episodic", "episodic", "episodic", "preference", "procedural", "episodic", "episodic"]

#: Two pairs: one says the same, the other differs in a number.
SAME = [
    {"text": "I prefer meetings in the morning.", "type": "preference", "memory_id": "a"},
    {"text": "I like to have my meetings in the morning.", "type": "preference", "memory_id": "b"},
    {"text": "The rent is 1200 euros a month.", "type": "semantic", "memory_id": "c"},
    {"text": "The rent is 1300 euros a month.", "type": "semantic", "memory_id": "d"},
]


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


def listed(run: Run, *arguments: str) -> Any:
    """All memories, without what the time of the call decides."""
    return [{**item, "decay_factor": None} for item in run("list", "--json", "--limit", "100", *arguments).json]


def listed_ids(run: Run, *arguments: str) -> list[str]:
    """Ids of memories, as ``list`` shows them."""
    return [item["memory_id"] for item in run("list", *arguments, "--json").json]


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEO4J_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def run() -> Run:
    def run(*arguments: str, stdin: str | None = None, code: int | None = 0) -> Result:
        done = CliRunner().invoke(app, arguments, input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        result = Result(done.exit_code, done.stdout, done.stderr)
        assert code is None or result.code == code, result
        return result

    return run


def write_jsonl(path: Path, objects: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in objects), encoding="utf-8")
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A file with a few turns, two days apart from the first of March 2026."""
    turns = [
        {
            **turn,
            "timestamp": 1772323200 + 2 * 86400 * i,
            "type": kind,
            "memory_id": f"m{i}",
            "importance_score": i / 10,
        }
        for i, (turn, kind) in enumerate(zip(TURNS, TYPES, strict=True))
    ]
    return write_jsonl(tmp_path / "talk.jsonl", turns)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where stores are kept as an import has left them, for tests that begin with the same one."""
    return tmp_path_factory.mktemp("imported")


def import_once(run: Run, path: Path, imported: Path) -> Run:
    """Have a store that holds what is in a file: it is imported by the first test, and copied by the others."""
    kept = imported / path.stem
    if kept.exists():
        shutil.copytree(kept, "data")
    else:
        run("import", str(path))
        shutil.copytree("data", kept)
    return run


@pytest.fixture
def filled(run: Run, talk: Path, imported: Path) -> Run:
    """The commands, over a store that holds the talk."""
    return import_once(run, talk, imported)


@pytest.fixture
def alike(run: Run, tmp_path: Path, imported: Path) -> Run:
    """The commands, over a store that holds two pairs: one that may be merged, one that a guard keeps apart."""
    return import_once(run, write_jsonl(tmp_path / "alike.jsonl", SAME), imported)
