"""``demo``: the first thing somebody types."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem.demo import QUESTIONS
from tests.cli.conftest import Run

pytestmark = pytest.mark.slow


def test_it_answers_its_questions_and_says_what_to_type_next(run: Run) -> None:
    told = run("demo").out
    for question in QUESTIONS:
        assert question.text in told
        assert question.answer is None or question.answer in told
    assert "over Margit, also in “Note to self: Margit from the choir" in told
    assert "Without the graph, “ginger marmalade” is not among the first 10." in told
    assert "Nothing relevant was found" in told
    assert "What to type next" in told
    assert Path("data/demo").is_dir()


def test_what_it_tells_to_type_works(run: Run) -> None:
    told = run("demo").out
    lines = [line.split("coda-graphmem", 1)[1] for line in told.splitlines() if "--namespace demo" in line]
    assert len(lines) == 3
    import shlex

    for line in lines:
        assert run(*shlex.split(line)).out


def test_it_may_be_run_again_and_elsewhere(run: Run, tmp_path: Path) -> None:
    run("demo", "--dir", str(tmp_path / "there"), "-n", "mine")
    again = run("demo", "--dir", str(tmp_path / "there"), "-n", "mine").out
    assert "stored in" in again
    assert not Path("data").exists()
    assert run("stats", "--dir", str(tmp_path / "there"), "--all", "--json").json.keys() == {"mine"}


def test_an_address_of_neo4j_alone_does_not_move_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    assert "What to type next" in run("demo").out
