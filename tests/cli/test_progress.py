"""Whoever waits is told what for, on standard error only."""

from __future__ import annotations

import asyncio
import io
import re

import pytest
from rich.console import Console

from coda_graphmem.cli import progress
from coda_graphmem.cli.progress import bar, waiting


def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal that remembers what is drawn on it."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "stderr", lambda: console)
    return drawn


async def test_a_wait_is_named_only_when_it_lasts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with waiting("Quick"):
        pass
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    async with waiting("Slow"):
        await asyncio.sleep(0.05)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Slow …\n")


async def test_a_wait_on_a_terminal_is_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    async with waiting("Slow"):
        await asyncio.sleep(0.05)
    assert "Slow …" in drawn.getvalue()
    assert drawn.getvalue().endswith("\x1b[2K")


async def test_an_error_passes_through_a_wait() -> None:
    with pytest.raises(ZeroDivisionError):
        async with waiting("Slow"):
            raise ZeroDivisionError


class Watch:
    """Time that goes when it is told to, in place of the module ``time``."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_without_a_terminal_progress_is_lines_with_rate_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = Watch()
    monkeypatch.setattr(progress, "time", watch)
    with bar("Importing") as step:
        for done in (200, 600, 1200, 2000):
            watch.now += 2.0
            step(done, 2000)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Importing …",
        "Importing: 600 of 2,000, 200 a second, 0:00:07 left",
        "Importing: 2,000 of 2,000, 300 a second",
    ]


def test_on_a_terminal_progress_is_a_bar_with_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = terminal(monkeypatch)
    watch = Watch()
    monkeypatch.setattr(progress, "time", watch)
    with bar("Importing") as step:
        step(200, 2000)
        watch.now += 4.0
        step(1200, 2000)
    assert "Importing" in drawn.getvalue()
    plain = re.sub(r"\x1b\[[\d;?]*\w", "", drawn.getvalue())
    assert re.search(r"1200/2000 250 a second \d:\d\d:\d\d \d:\d\d:\d\d", plain)
