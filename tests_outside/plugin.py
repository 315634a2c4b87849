"""A plugin of pytest that leaves out what an ecosystem leaves out, and writes down what became of the rest."""

from __future__ import annotations

import importlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest

_ECOSYSTEM = importlib.import_module(os.environ["OUTSIDE_ECOSYSTEM"]).ECOSYSTEM

_passed = 0
_failed: list[str] = []
_skipped: Counter[str] = Counter()
_left_out: Counter[str] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests, each for a reason. A name that no test has would hide that their tests have changed."""
    found: set[str] = set()
    kept: list[pytest.Item] = []
    gone: list[pytest.Item] = []
    for item in items:
        function = getattr(item, "originalname", item.name)
        owner = getattr(item, "cls", None)
        names = {function, f"{owner.__name__}.{function}" if owner else function} & _ECOSYSTEM.left_out.keys()
        found |= names
        if names:
            _left_out[_ECOSYSTEM.left_out[min(names)]] += 1
        (gone if names else kept).append(item)
    if unknown := _ECOSYSTEM.left_out.keys() - found:
        raise pytest.UsageError(f"left out, but not there: {', '.join(sorted(unknown))}")
    items[:] = kept
    config.hook.pytest_deselected(items=gone)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what became of a test; one whose end fails has failed, though it passed."""
    global _passed  # noqa: PLW0603 - one run a process
    if report.failed:
        _failed.append(report.nodeid)
    elif report.skipped:
        told = report.longrepr
        _skipped[str(told[2] if isinstance(told, tuple) else told).removeprefix("Skipped: ")] += 1
    elif report.when == "call":
        _passed += 1


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be read is a failure."""
    if report.failed:
        _failed.append(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write it down."""
    outcome = {"passed": _passed, "failed": _failed, "skipped": _skipped, "left_out": _left_out}
    Path(os.environ["OUTSIDE_REPORT"]).write_text(json.dumps(outcome), encoding="utf-8")
