"""What `make test-outside` runs is known without any framework, and what it prints says what failed and why."""

from __future__ import annotations

import pytest

from tests.integrations.test_calls import ADAPTERS
from tests_outside.__main__ import known, main, table
from tests_outside.ecosystem import Outcome
from tests_outside.python_tests import PythonTests


def test_every_ecosystem_is_found_and_pins_what_it_installs() -> None:
    there = known()
    assert {"adapters", "anthropic", "langchain", "langgraph", "langgraph-neo4j", "openai-agents"} <= there.keys()
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
    outcome = Outcome(3, ["a.py::test"], {"no network": 2}, {"about files": 4}, "pip ended", "some==1")
    lines = table({"some": outcome}).splitlines()
    assert lines[1].split() == ["some", "3", "1", "2", "4", "some==1"]
    assert [line.strip() for line in lines[2:]] == [
        "!! pip ended", "failed: a.py::test", "2 skipped: no network", "4 left out: about files",
    ]  # fmt: skip
