"""What `make test-outside` runs is known without any framework, and what it prints says what failed and why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.test_calls import ADAPTERS
from tests_outside import __main__ as outside
from tests_outside.__main__ import known, main, table
from tests_outside.ecosystem import Outcome
from tests_outside.ecosystems.mcp import Protocol
from tests_outside.mcp.conformance import _account
from tests_outside.python_tests import PythonTests


def test_every_ecosystem_is_found_and_pins_what_it_installs() -> None:
    there = known()
    assert {
        "adapters",
        "anthropic",
        "langchain",
        "langgraph",
        "langgraph-neo4j",
        "mcp",
        "openai-agents",
        "rest",
    } <= there.keys()
    for name, ecosystem in there.items():
        if isinstance(ecosystem, PythonTests):
            assert all("==" in package for package in ecosystem.packages), name
            assert all(reason.strip() for reason in ecosystem.left_out.values())
    installed = {package.partition("==")[0] for package in there["adapters"].packages}  # type: ignore[attr-defined]
    assert installed == {package for _, package in ADAPTERS.values()}


def test_a_name_that_none_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["langchain", "nothing"]) == 2
    assert "No such ecosystem: nothing." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "good"),
    [
        (Outcome(passed=1), True),
        (Outcome(), False),
        (Outcome(passed=1, failed=["x"]), False),
        (Outcome(passed=1, trouble="x"), False),
    ],
)
def test_only_tests_that_ran_and_passed_are_good(outcome: Outcome, good: bool) -> None:
    assert outcome.is_good is good


def test_the_table_says_what_failed_and_what_was_left_out() -> None:
    outcome = Outcome(3, ["a.py::test"], {"no network": 2}, {"about files": 4}, "pip ended", "some==1", 61.6)
    lines = table({"some": outcome}).splitlines()
    assert lines[1].split() == ["some", "3", "1", "2", "4", "62", "some==1"]
    assert [line.strip() for line in lines[2:]] == [
        "!! pip ended", "failed: a.py::test", "2 skipped: no network", "4 left out: about files",
    ]  # fmt: skip


class Unreachable:
    """Tests that cannot be fetched."""

    name = "unreachable"

    def run(self, place: Path) -> Outcome:
        subprocess.run([sys.executable, "-c", "import sys; sys.exit(3)"], check=True)
        return Outcome(passed=1)


class Unavailable:
    """Tests whose tool is not installed."""

    name = "unavailable"

    def run(self, place: Path) -> Outcome:
        raise FileNotFoundError("npm is not installed")


def test_what_cannot_be_fetched_fails_and_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(outside, "ROOT", tmp_path)
    parts = {one.name: one for one in (Unreachable(), Unavailable())}
    monkeypatch.setattr(outside, "known", lambda: {**parts, "together": Protocol(*parts.values())})
    assert main([]) == 1
    told = capsys.readouterr().out
    assert "sys.exit(3) ended with 3" in told
    assert "!! FileNotFoundError: npm is not installed" in told
    assert "ended with 3; unavailable: FileNotFoundError: npm is not installed" in told


def test_parts_are_counted_together() -> None:
    whole = Outcome(1, ["a"], {"x": 1}, {}, "", "one==1")
    whole.add(Outcome(2, ["b"], {"x": 2}, {"y": 1}, "late", "two==2"))
    assert whole == Outcome(3, ["a", "b"], {"x": 3}, {"y": 1}, "late", "one==1, two==2")


def test_a_scenario_that_is_neither_run_nor_left_out_is_a_failure() -> None:
    outcome = Outcome()
    _account(["ping", "tools-call-image", "new-one"], {"ping", "gone"}, "2025-11-25", outcome)
    assert outcome.failed == [
        "conformance: 2025-11-25 gone: there is no such scenario",
        "conformance: 2025-11-25 new-one: is neither run nor left out",
    ]
    assert sum(outcome.left_out.values()) == 1
